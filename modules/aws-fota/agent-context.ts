import { MAX_STATUS_VALUE_LENGTH } from "../aws-jobs/index.js";
import type { Journal } from "../journal/index.js";
import type { CallbackQueue } from "./callbacks.js";
import type { Device, DeviceFacts } from "./device.js";
import { asFotaError, dispositionOf, type FotaError } from "./errors.js";
import type { FotaMachine } from "./fota-machine.js";
import type { FotaEvent } from "./fota-state.js";
import type { JobInbox } from "./job-inbox.js";
import type { JobReporter } from "./job-reporter.js";
import type { AwsFotaOptions, FotaSettings } from "./options.js";
import type { Parts } from "./parts.js";
import type { DevicePolicy } from "./policy.js";
import { failureDetails } from "./status-details.js";
import type { UpdateJob } from "./update-job.js";

/** What the effects of one agent share. Each member owns what it holds; nothing here is assigned after construction. */
export type AgentContext = {
  readonly options: AwsFotaOptions;
  readonly settings: FotaSettings;
  readonly parts: Parts;
  readonly callbacks: CallbackQueue;
  readonly journal: Journal;
  readonly machine: Pick<FotaMachine, "state" | "knows" | "dispatch">;
  readonly device: Device;
  readonly job: UpdateJob;
  readonly inbox: JobInbox;
  readonly reporter: JobReporter;
};

/** The post-mortem of a first boot that did not end well. */
export type PostMortem = { readonly selfTest?: string | undefined; readonly reset?: string | undefined };

/** Ends the job with a code, by "failed" unless another event says more. */
export function fail(context: AgentContext, error: FotaError, event: FotaEvent = "failed"): void {
  context.callbacks.error(error);
  if (context.job.current === undefined) return;
  decideFailure(context, error);
  context.machine.dispatch(event);
}

/** What the service still has QUEUED is always REJECTED: a device goes to FAILED through IN_PROGRESS only. */
export function decideFailure({ job, journal }: AgentContext, { code, detail }: Failure, extra: PostMortem = {}): void {
  const { current, bill } = job;
  if (current === undefined) return;
  const rejected = current.status === "QUEUED" || dispositionOf(code).status === "REJECTED";
  const { from, to } = current.record;
  const log = rejected ? "" : journal.brief(MAX_STATUS_VALUE_LENGTH);
  const details = failureDetails(code, detail, { from, to }, { ...extra, log: log === "" ? undefined : log, bill });
  job.decide({ status: rejected ? "REJECTED" : "FAILED", details });
}

type Failure = Pick<FotaError, "code" | "detail">;

/** "off" when nothing would bring the old image back; goes into the job's details. */
export function rollbackNote({ device }: AgentContext): string | undefined {
  return device.isWatched ? undefined : "off";
}

export function policyOf({ options, settings, job }: AgentContext, facts: DeviceFacts): DevicePolicy {
  const project = options.project ?? facts.project;
  return {
    runningVersion: facts.version,
    project: project === "" ? undefined : project,
    limit: facts.limit,
    allowHttp: settings.allowHttp,
    allowedHosts: settings.allowedHosts,
    allowSameVersion: settings.allowSameVersion,
    allowDowngrade: settings.allowDowngrade,
    allowForcedDowngrade: settings.allowForcedDowngrade,
    maxImageAgeDays: settings.maxImageAgeDays,
    now: options.clock.now(),
    trust: settings.trust,
    quarantined: job.quarantined,
  };
}

/** What went wrong with a store, for a caller that goes on all the same. */
export function attempt(store: () => void): FotaError | undefined {
  try {
    store();
    return undefined;
  } catch (error) {
    return asFotaError(error, "internal-error");
  }
}
