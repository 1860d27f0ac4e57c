import { usage } from "../failure/index.js";
import type { JobSettings, Schedule } from "../jobs/index.js";
import type { OptionManual, Options } from "./command.js";

/** [AWS IoT Jobs: scheduling, maintenance windows] */
const MINUTE_MS = 60_000;
const LEAST_AHEAD_MS = 30 * MINUTE_MS;
const MOST_AHEAD_MS = 365 * 24 * 60 * MINUTE_MS;
const MOST_WINDOW_MINUTES = 1430;

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
    ...(window === undefined ? {} : { schedule: schedule(window, new Date()) }),
  };
}

function schedule(text: string, now: Date): Schedule {
  const [, cron, minutes] = /^(cron\(.+\))\/(\d+)$/.exec(text) ?? [];
  if (cron !== undefined) {
    if (Number(minutes) < 1 || Number(minutes) > MOST_WINDOW_MINUTES)
      throw usage(`--window ${text}: a window has 1 to ${MOST_WINDOW_MINUTES} minutes`);
    return { cron, minutes: Number(minutes) };
  }
  const [start = "", end, ...more] = text.split("/");
  const times = [start, ...(end === undefined ? [] : [end])].map((time) => new Date(time));
  if (more.length > 0 || times.some((time) => Number.isNaN(time.getTime())))
    throw usage(`--window ${text}: START, START/END (as 2026-11-30T22:00Z), or cron(...)/MINUTES`);
  let before = now;
  for (const time of times) {
    const ahead = time.getTime() - before.getTime();
    if (ahead < LEAST_AHEAD_MS || ahead > MOST_AHEAD_MS)
      throw usage(`--window ${text}: AWS takes a start 30 minutes to a year ahead, and an end as long after it`);
    before = time;
  }
  const [from = "", to] = times.map((time) => time.toISOString().slice(0, 16));
  return to === undefined ? { start: from } : { start: from, end: to };
}
