import type { StatusCounts } from "./job-store.js";
import { type AbortCriterion, type ExecutionStatus, TERMINAL_STATUSES } from "./records.js";

const FAILURES: readonly ExecutionStatus[] = Object.freeze(["FAILED", "REJECTED", "TIMED_OUT"]);

/** The first criterion that the executions of a job fulfil, undefined while the job may go on. */
export function abortCriterionMet(
  criteria: readonly AbortCriterion[],
  counts: StatusCounts,
  percentageOf: "notified" | "finished",
): AbortCriterion | undefined {
  const base = percentageOf === "finished" ? sum(counts, TERMINAL_STATUSES) : total(counts);
  return criteria.find((criterion) => {
    const failed = sum(counts, criterion.failureType === "ALL" ? FAILURES : [criterion.failureType]);
    if (failed === 0 || base < criterion.minNumberOfExecutedThings) return false;
    return (failed / base) * 100 >= criterion.thresholdPercentage;
  });
}

function sum(counts: StatusCounts, statuses: readonly ExecutionStatus[]): number {
  return statuses.reduce((number, status) => number + (counts[status] ?? 0), 0);
}

function total(counts: StatusCounts): number {
  return Object.values(counts).reduce((number, count) => number + (count ?? 0), 0);
}
