import { definedMembers } from "../context/fields.js";
import type { ExecutionRecord } from "./records.js";

/**
 * Executions as devices see them: times in whole seconds, empty `statusDetails` left out. [AWS IoT Jobs: device data
 * types]
 */
export type DeviceExecution = {
  readonly jobId: string;
  readonly status: string;
  readonly statusDetails?: Readonly<Record<string, string>>;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  readonly versionNumber: number;
  readonly executionNumber: number;
  readonly approximateSecondsBeforeTimedOut?: number;
};

export type DeviceSummary = Pick<
  DeviceExecution,
  "jobId" | "queuedAt" | "startedAt" | "lastUpdatedAt" | "versionNumber" | "executionNumber"
>;

export type ExecutionState = Pick<DeviceExecution, "status" | "statusDetails" | "versionNumber">;

export function deviceExecution(execution: ExecutionRecord, now: number): DeviceExecution {
  const state = executionState(execution);
  return { ...deviceSummary(execution), ...state, ...remaining(execution, now) };
}

export function deviceSummary(execution: ExecutionRecord): DeviceSummary {
  return definedMembers({
    jobId: execution.jobId,
    queuedAt: wholeSeconds(execution.queuedAt),
    startedAt: execution.startedAt === undefined ? undefined : wholeSeconds(execution.startedAt),
    lastUpdatedAt: wholeSeconds(execution.lastUpdatedAt),
    versionNumber: execution.versionNumber,
    executionNumber: execution.executionNumber,
  });
}

export function executionState(execution: ExecutionRecord): ExecutionState {
  const { status, statusDetails, versionNumber } = execution;
  return Object.keys(statusDetails).length === 0 ? { status, versionNumber } : { status, statusDetails, versionNumber };
}

/** Present only while a timer runs. */
export function remaining(
  execution: ExecutionRecord,
  now: number,
): { readonly approximateSecondsBeforeTimedOut?: number } {
  const deadline = executionDeadline(execution);
  if (deadline === undefined) return {};
  return { approximateSecondsBeforeTimedOut: Math.max(0, Math.ceil((deadline - now) / 1000)) };
}

/** The earlier of the in-progress and the step deadline; timers run IN_PROGRESS only. */
export function executionDeadline(execution: ExecutionRecord): number | undefined {
  if (execution.status !== "IN_PROGRESS") return undefined;
  const deadlines = [execution.inProgressDeadline, execution.stepDeadline].filter((at) => at !== undefined);
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000);
}
