import { isWaiting } from "../../jobs/index.js";
import type { ShownFailure, ShownJob } from "../shown/index.js";
import { cleanText, timeOf } from "./clean-text.js";
import { adviceOn, codeOf } from "./endings.js";
import { type Followed, type JobFollow, totalOf } from "./job-follow.js";

/** The rate of a roll-out is that of the last minutes. */
const RATE_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
const OVER = new Set(["SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT"]);

/** A roll-out as the page shows it; `undefined` before it was looked at. */
export function shownJob({ job, jobId, version, executions }: JobFollow, now: number): ShownJob | undefined {
  if (job === undefined) return undefined;
  const { status, counts, reason, createdAt, completedAt } = job;
  const all = [...executions.values()];
  const perMinute = rateOf(all, timeOf(createdAt), now);
  const total = totalOf(job);
  const waiting = isWaiting(job);
  const over = counts.SUCCEEDED + counts.FAILED + counts.REJECTED + counts.TIMED_OUT;
  const left = status === "IN_PROGRESS" ? Math.max(counts.QUEUED + counts.IN_PROGRESS, total - over) : 0;
  return {
    jobId,
    status,
    version,
    total,
    counts,
    perMinute,
    minutesLeft: left === 0 || perMinute === 0 ? null : left / perMinute,
    waiting,
    reason: cleanText(reason),
    createdAt: timeOf(createdAt),
    completedAt: timeOf(completedAt),
    failures: failuresOf(all),
  };
}

/** Devices that ended, for each minute of the last ones. */
function rateOf(executions: readonly Followed[], since: number, now: number): number {
  const span = Math.min(RATE_MS, Math.max(MINUTE_MS, now - since));
  const ended = executions.filter(({ status, lastUpdatedAt }) => OVER.has(status) && now - lastUpdatedAt < span);
  return ended.length / (span / MINUTE_MS);
}

/** Failures by code, the most frequent first. */
export function failuresOf(executions: readonly Followed[]): readonly ShownFailure[] {
  const counts = new Map<string, number>();
  for (const { status, details } of executions) {
    if (status === "SUCCEEDED" || !OVER.has(status)) continue;
    const code = codeOf(status, details.code);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([code, devices]) => {
      const { happened = "", todo = "", retry = "" } = adviceOn(code) ?? {};
      return { code, devices, happened, todo, retry };
    });
}
