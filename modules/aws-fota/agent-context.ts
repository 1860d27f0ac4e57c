import type { ActiveJob } from "./active-job.js";
import type { CallbackQueue } from "./callbacks.js";
import type { DeviceFacts } from "./device-facts.js";
import { isWatched } from "./device-facts.js";
import { asFotaError, dispositionOf, type FotaError } from "./errors.js";
import type { FotaRecord, RecordPhase, TerminalRecord } from "./fota-record.js";
import type { FotaEvent, FotaState } from "./fota-state.js";
import type { JobInbox } from "./job-inbox.js";
import type { JobReporter } from "./job-reporter.js";
import type { AwsFotaOptions, FotaSettings } from "./options.js";
import type { Parts } from "./parts.js";
import type { DevicePolicy } from "./policy.js";
import type { RecordKeeper } from "./record-keeper.js";
import { type Bill, failureDetails } from "./status-details.js";

/** What the effects of one agent share. Only `AwsFota` changes the state, and only by the table. */
export type AgentContext = {
  readonly options: AwsFotaOptions;
  readonly settings: FotaSettings;
  readonly parts: Parts;
  readonly callbacks: CallbackQueue;
  readonly keeper: RecordKeeper;
  readonly inbox: JobInbox;
  readonly reporter: JobReporter;
  readonly state: () => FotaState;
  readonly dispatch: (event: FotaEvent) => void;
  /** Undefined when the boot state cannot be read: nothing can be installed then. */
  facts: DeviceFacts | undefined;
  /** The running image is on trial, or was until a moment ago. */
  firstBoot: boolean;
  job: ActiveJob | undefined;
  /** Decided, stored with the next store, sent until it is settled. */
  terminal: TerminalRecord | undefined;
  /** Without what a download under way has cost. */
  bill: Bill;
  /** The last execution that ended here. `refused`: the service would not even take our last word. */
  ended: (Pick<ActiveJob, "jobId" | "executionNumber" | "queuedAt"> & { readonly refused: boolean }) | undefined;
};

/** What the record calls a state; those missing change nothing in it. */
const PHASES: Readonly<Partial<Record<FotaState, RecordPhase>>> = Object.freeze({
  starting: "downloading",
  downloading: "downloading",
  verifying: "written",
  installed: "installed",
  testing: "testing",
  reporting: "reporting",
});

/**
 * Ends the job with a code. What the service still has QUEUED is always REJECTED: a device goes to FAILED through IN_PROGRESS only.
 */
export function fail(
  context: AgentContext,
  error: FotaError,
  extra: { readonly selfTest?: string | undefined; readonly reset?: string } = {},
): void {
  const { job, callbacks } = context;
  callbacks.error(error);
  if (job === undefined) return;
  const rejected = job.status === "QUEUED" || dispositionOf(error.code).status === "REJECTED";
  setTerminal(context, rejected ? "REJECTED" : "FAILED", error, extra);
  context.dispatch("failed");
}

export function setTerminal(
  context: AgentContext,
  status: "FAILED" | "REJECTED",
  error: { readonly code: string; readonly detail: string },
  extra: { readonly selfTest?: string | undefined; readonly reset?: string | undefined },
): void {
  const { job, bill } = context;
  if (job === undefined) return;
  const versions = { from: job.record.from, to: job.record.to };
  context.terminal = { status, details: failureDetails(error.code, error.detail, versions, { ...extra, bill }) };
}

/** "off" when nothing would bring the old image back; goes into the job's details. */
export function rollbackNote({ facts, firstBoot }: AgentContext): string | undefined {
  return facts !== undefined && !isWatched(facts, firstBoot) ? "off" : undefined;
}

export function policyOf({ options, settings, keeper }: AgentContext, facts: DeviceFacts): DevicePolicy {
  const project = options.project ?? facts.project;
  return {
    runningVersion: facts.version,
    project: project === "" ? undefined : project,
    limit: facts.limit,
    allowHttp: settings.allowHttp,
    allowSameVersion: settings.allowSameVersion,
    allowDowngrade: settings.allowDowngrade,
    signed: settings.publicKey !== undefined,
    quarantined: keeper.record.quarantined,
  };
}

/** The record for the present state. */
function recordOf({ state, job, terminal, bill, keeper }: AgentContext): FotaRecord {
  const { quarantined } = keeper.record;
  const stores = keeper.record.bill.stores;
  if (job === undefined) return { quarantined, bill: { ...bill, stores } };
  const phase = terminal !== undefined ? "reporting" : (PHASES[state()] ?? "downloading");
  return {
    phase,
    job: job.record,
    ...(terminal === undefined ? {} : { terminal }),
    quarantined,
    bill: { ...bill, stores },
  };
}

/**
 * Stores the present state (design rule R6), with another list of quarantined images when one is given.
 * @throws FotaError "record-store-failed"
 */
export function store(context: AgentContext, quarantined = context.keeper.record.quarantined): void {
  context.keeper.save({ ...recordOf(context), quarantined });
  context.bill = { ...context.bill, stores: context.keeper.record.bill.stores };
}

/** Makes `job` the one that is worked on. `versionNumber`: as the service last gave it. */
export function begin(
  context: AgentContext,
  job: ActiveJob | undefined,
  event?: FotaEvent,
  versionNumber?: number,
): void {
  context.job = job;
  if (job !== undefined) context.reporter.bind(job, versionNumber);
  if (event !== undefined) context.dispatch(event);
}

/** Forgets the job in the store; quarantined images stay. */
export function clearRecord(context: AgentContext): void {
  context.bill = { bytes: 0, requests: 0, erases: 0, stores: 0 };
  try {
    context.keeper.clear();
  } catch (error) {
    context.callbacks.error(asFotaError(error, "internal-error"));
  }
}
