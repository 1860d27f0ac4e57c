import { definedMembers } from "../context/fields.js";
import type { ExecutionRecord, ExecutionStatus } from "./records.js";

export type ExecutionChange = {
  readonly status: ExecutionStatus;
  /** Replaces the stored details; absent leaves them. */
  readonly statusDetails?: Readonly<Record<string, string>> | undefined;
  /** Minutes until the step timer ends, -1 removes it; absent leaves it running. */
  readonly stepTimeoutInMinutes?: number | undefined;
  readonly forceCanceled?: boolean | undefined;
};

/**
 * The execution after a change of status, made by its device or by the service. Pure: the caller has checked that the
 * transition is allowed, and stores the result.
 */
export function changedExecution(
  execution: ExecutionRecord,
  change: ExecutionChange,
  at: { readonly now: number; readonly inProgressTimeoutInMinutes: number | undefined; readonly bumpVersion: boolean },
): ExecutionRecord {
  const starts = execution.status === "QUEUED" && change.status === "IN_PROGRESS";
  const minutes = at.inProgressTimeoutInMinutes;
  const { inProgressDeadline, stepDeadline, startedAt, ...rest } = execution;
  return definedMembers({
    ...rest,
    status: change.status,
    statusDetails: change.statusDetails ?? execution.statusDetails,
    versionNumber: execution.versionNumber + (at.bumpVersion ? 1 : 0),
    lastUpdatedAt: at.now,
    startedAt: starts ? at.now : startedAt,
    forceCanceled: change.forceCanceled || execution.forceCanceled || undefined,
    inProgressDeadline: starts && minutes !== undefined ? at.now + minutes * 60_000 : inProgressDeadline,
    stepDeadline: newStepDeadline(stepDeadline, change, at.now),
  });
}

function newStepDeadline(running: number | undefined, change: ExecutionChange, now: number): number | undefined {
  const minutes = change.stepTimeoutInMinutes;
  if (change.status !== "IN_PROGRESS" || minutes === undefined) return running;
  return minutes === -1 ? undefined : now + minutes * 60_000;
}
