import { usage } from "../failure/index.js";
import type { JobSettings, Schedule } from "../jobs/index.js";
import type { OptionManual, Options } from "./command.js";

/** How a job reaches its devices. */
export const SETTINGS_OPTIONS: readonly OptionManual[] = [
  { flags: "--rollout <R/min>", does: "devices a minute (default AWS's 1000)" },
  { flags: "--stop-at <F%>", does: "AWS stops the job when this share failed" },
  { flags: "--stop-after <N>", does: "executions before that is looked at (default 10, or all)" },
  { flags: "--timeout <MIN>", does: "minutes that a device has (default no end)" },
  { flags: "--retries <N>", does: "attempts more for a device that failed (default 0)" },
  { flags: "--window <WHEN>", does: "START, START/END (ISO 8601), or CRON/MINUTES that repeats" },
];

/** @throws FotaError "usage" */
export function settingsOf(options: Options): JobSettings {
  const window = options.text("window");
  return {
    perMinute: options.number("rollout", { min: 1, max: 1000, unit: "/min" }),
    stopAt: options.number("stopAt", { min: 0.01, max: 100, unit: "%", whole: false }),
    stopAfter: options.number("stopAfter", { min: 1, max: 1_000_000 }),
    timeoutMinutes: options.number("timeout", { min: 1, max: 10080 }),
    retries: options.number("retries", { min: 0, max: 10 }),
    ...(window === undefined ? {} : { schedule: schedule(window) }),
  };
}

/** [AWS IoT Jobs: scheduling] */
function schedule(text: string): Schedule {
  const [, cron, minutes] = /^(cron\(.+\))\/(\d+)$/.exec(text) ?? [];
  if (cron !== undefined) return { cron, minutes: Number(minutes) };
  const [start = "", end, ...more] = text.split("/");
  const times = [start, ...(end === undefined ? [] : [end])];
  if (more.length > 0 || times.some((time) => Number.isNaN(Date.parse(time))))
    throw usage(`--window ${text}: START, START/END (as 2026-11-30T22:00Z), or cron(...)/MINUTES`);
  const [from = "", to] = times.map((time) => new Date(time).toISOString().slice(0, 16));
  return to === undefined ? { start: from } : { start: from, end: to };
}
