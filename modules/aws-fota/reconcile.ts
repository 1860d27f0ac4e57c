import type { AwsJobsErrorCode, JobExecution, JobExecutionState, JobStatus } from "../aws-jobs/index.js";
import type { AgentErrorCode } from "./errors.js";

/** How the execution stands, seen from the device that works on it. */
export type ExecutionView =
  | { readonly kind: "alive"; readonly versionNumber: number; readonly status: "QUEUED" | "IN_PROGRESS" }
  | { readonly kind: "over"; readonly code: AgentErrorCode }
  /** Older than what is known already: a late or repeated message. */
  | { readonly kind: "stale" };

const OVER: Readonly<Record<Exclude<JobStatus, "QUEUED" | "IN_PROGRESS">, AgentErrorCode>> = Object.freeze({
  SUCCEEDED: "job-ended",
  FAILED: "job-ended",
  REJECTED: "job-ended",
  TIMED_OUT: "job-timed-out",
  CANCELED: "job-canceled",
  REMOVED: "job-removed",
});

export function viewOfState({
  status,
  versionNumber,
}: Pick<JobExecutionState, "status" | "versionNumber">): ExecutionView {
  if (status === "QUEUED" || status === "IN_PROGRESS") return { kind: "alive", versionNumber, status };
  return { kind: "over", code: OVER[status] };
}

/** `queuedAt`: undefined in a record of an older firmware. */
export type ExecutionIdentity = { readonly executionNumber: number; readonly queuedAt?: number | undefined };

/**
 * `execution` has our job id. Whether it is a later run: a retry, or a job that was deleted and created again under the
 * same name.
 */
export function isLaterRun(
  ours: ExecutionIdentity,
  { executionNumber, queuedAt, status }: Pick<JobExecution, "status" | "executionNumber" | "queuedAt">,
): boolean {
  if (executionNumber !== ours.executionNumber) return executionNumber > ours.executionNumber;
  return status === "QUEUED" && ours.queuedAt !== undefined && queuedAt > ours.queuedAt;
}

/** `execution` has our job id. After a later run has begun ours has ended. */
export function viewOfExecution(
  ours: ExecutionIdentity & { readonly versionNumber: number | undefined },
  execution: Pick<JobExecution, "status" | "versionNumber" | "executionNumber" | "queuedAt">,
): ExecutionView {
  if (isLaterRun(ours, execution)) return { kind: "over", code: "job-replaced" };
  if (execution.executionNumber < ours.executionNumber) return { kind: "stale" };
  const view = viewOfState(execution);
  // An end is for ever, however late the message; anything else may have been overtaken.
  const isOld = ours.versionNumber !== undefined && execution.versionNumber < ours.versionNumber;
  return view.kind === "alive" && isOld ? { kind: "stale" } : view;
}

/** What to do about an update that failed (design rule R3). */
export type Reconciliation =
  /** Send again with this version. */
  | { readonly kind: "resend"; readonly versionNumber: number }
  /** Ask the service how the execution stands. */
  | { readonly kind: "look" }
  /** The execution has ended. */
  | { readonly kind: "over"; readonly code: AgentErrorCode }
  /** Send again after a pause. */
  | { readonly kind: "later" }
  /** Send again when the connection is back. */
  | { readonly kind: "wait" }
  /** The service will never take it. */
  | { readonly kind: "give-up" };

const MAX_RESENDS = 3;

const PLAIN: Readonly<
  Partial<Record<AwsJobsErrorCode, Reconciliation["kind"] & ("look" | "later" | "wait" | "give-up")>>
> = Object.freeze({
  InvalidTopic: "give-up",
  InvalidJson: "give-up",
  InvalidRequest: "give-up",
  "payload-too-large": "give-up",
  "invalid-argument": "give-up",
  disconnected: "wait",
  ResourceNotFound: "look", // the service is eventually consistent: look before believing
  "malformed-response": "look",
});

/** @param resends how often this update was sent again at once, without a pause */
export function reconcileRejection(
  error: { readonly code: AwsJobsErrorCode; readonly executionState?: JobExecutionState | undefined },
  resends: number,
): Reconciliation {
  const view = error.executionState === undefined ? undefined : viewOfState(error.executionState);
  if (error.code === "TerminalStateReached") return view?.kind === "over" ? view : { kind: "over", code: "job-ended" };
  if (error.code === "VersionMismatch" || error.code === "InvalidStateTransition") {
    if (view?.kind === "over") return view;
    if (resends >= MAX_RESENDS) return { kind: "give-up" };
    if (error.code === "VersionMismatch" && view?.kind === "alive")
      return { kind: "resend", versionNumber: view.versionNumber };
    return { kind: "look" };
  }
  const kind = PLAIN[error.code] ?? "later";
  return kind === "look" && resends >= MAX_RESENDS ? { kind: "later" } : { kind };
}
