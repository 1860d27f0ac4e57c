import {
  type AwsJobsError,
  type ExecutionDone,
  isThingName,
  type JobExecution,
  type JobsSession,
  type UpdateOptions,
  type UpdateResult,
} from "../aws-jobs/index.js";
import { isPackageName } from "../fleet-report/index.js";
import { type AllowedHosts, type FotaDownloadOptions, parseAllowedHosts } from "../fota-download/index.js";
import { asFotaError, FotaError } from "./errors.js";
import type { FotaState } from "./fota-state.js";
import type { Parts } from "./parts.js";
import type { FotaPorts } from "./ports.js";
import { type SigningKey, type Trust, trustFrom } from "./signing-keys.js";
import type { Bill } from "./status-details.js";

/** An update as the application sees it. */
export type FotaOffer = {
  readonly jobId: string;
  readonly executionNumber: number;
  /** Version that runs. */
  readonly from: string;
  /** Version offered; undefined when only the image itself will tell. */
  readonly to: string | undefined;
  /** Bytes of the image; undefined when the document does not say. */
  readonly size: number | undefined;
  /** The operator insists. */
  readonly force: boolean;
};

/** `deferMs`: ask again after that many milliseconds. */
export type FotaDecision = "accept" | "refuse" | { readonly deferMs: number };

/** A job of another kind (design rule R13) with what is needed to work on it. The library leaves it alone. */
export type OtherJob = {
  readonly execution: JobExecution;
  /** The document's `operation`, when it has one. */
  readonly operation: string | undefined;
  update(options: UpdateOptions, onDone: (error: AwsJobsError | undefined, result?: UpdateResult) => void): void;
  describe(onDone: ExecutionDone): void;
};

/** Why and how far the image that was rolled back came. */
export type RollbackInfo = {
  readonly jobId: string;
  readonly code: string;
  readonly detail: string;
  /** `BootControl.resetReason()` of this start. */
  readonly resetReason: string;
  readonly selfTest: string | undefined;
};

/** How the downloader is tuned; its own defaults hold for what is missing. */
export type DownloadTuning = Pick<
  FotaDownloadOptions,
  | "rangeLength"
  | "bufferLength"
  | "requestsPerConnection"
  | "responseTimeoutMs"
  | "idleTimeoutMs"
  | "minimumProgress"
  | "minimumProgressMs"
  | "maxAttempts"
  | "backoff"
  | "maxRedirects"
>;

/** Sets of options for a purpose. "small": as little memory as possible, at the price of time. */
export type FotaProfile = "small";

/**
 * Ranges of one flash sector, so that no TLS record of the server is longer than that and its headers: by default it
 * may have 16 KiB, and be in memory twice. docs/footprint.md has what it saves and what it costs.
 */
const SMALL_DOWNLOAD: DownloadTuning = Object.freeze({ rangeLength: 4096, bufferLength: 1024 });

/**
 * Every callback runs on a turn of its own or at the end of the agent's work; what it throws becomes an
 * "application-error".
 */
export type FotaCallbacks = {
  /** An update is offered. Without this hook every one that passes the policy is accepted. */
  onJob?: ((offer: FotaOffer) => FotaDecision) | undefined;
  /** A job that is not for this library, once for each execution seen. */
  onOtherJob?: ((job: OtherJob) => void) | undefined;
  /**
   * The application's own self-test, called at the first boot of a new image, before the network is up. Call `done`
   * once; `note` says how far it came (stored, at most 8 notes). Passing also needs an answer from AWS IoT Jobs.
   */
  selfTest?: ((done: (ok: boolean, detail?: string) => void, note: (text: string) => void) => void) | undefined;
  /** The service accepted IN_PROGRESS; the download begins or goes on. */
  onStart?: ((offer: FotaOffer) => void) | undefined;
  /**
   * A part of the slot is about to be erased: nothing else runs on the board meanwhile, tens of milliseconds for each
   * 64 KiB. What must not be late, a motor or a radio slot, is brought to rest here. `byteOffset` and `byteLength`
   * count from the slot's first byte, multiples of 4096.
   */
  onErase?: ((byteOffset: number, byteLength: number) => void) | undefined;
  /** Bytes written and bytes of the image; at most one call for each 4096 bytes. */
  onProgress?: ((written: number, size: number) => void) | undefined;
  /** The image is verified and the boot flag is set: call `restart()` when it suits. */
  onInstalled?: ((offer: FotaOffer) => void) | undefined;
  /**
   * The running image passed its self-test and was marked valid. `jobId` is undefined when no job of this library
   * installed it.
   */
  onConfirmed?:
    | ((info: { readonly version: string; readonly jobId: string | undefined; readonly bill: Bill }) => void)
    | undefined;
  /** The old image runs again. */
  onRolledBack?: ((info: RollbackInfo) => void) | undefined;
  /** Nothing is under way and the service has no job for this library. */
  onIdle?: (() => void) | undefined;
  onError?: ((error: FotaError) => void) | undefined;
  onStateChanged?: ((state: FotaState, previous: FotaState) => void) | undefined;
};

/** What the agent is made of, what it tells the application, and how the application wants it to decide. */
export type AwsFotaOptions = FotaPorts &
  FotaCallbacks & {
    /** Shared with the application, which opens and closes it. */
    readonly session: JobsSession;
    readonly thingName: string;
    /**
     * Keys that may sign images, at most 4, each with an id of its own. An image without a good signature of one of
     * them is refused. Default: none, and every image is refused unless `allowUnsigned` is set.
     */
    readonly publicKeys?: readonly SigningKey[] | undefined;
    /**
     * Install images without a signature, too. Default false. A signature that is there must be good all the same, if
     * there is a key to check it with. Firmware that says so is not installed over one that enforces signatures
     * ("signing-key-missing"), except by cable.
     */
    readonly allowUnsigned?: boolean | undefined;
    /** Project name that images must have. Default: that of the running image. An empty text: any. */
    readonly project?: string | undefined;
    /** Accept URLs without TLS. Default false. */
    readonly allowHttp?: boolean | undefined;
    /**
     * Servers that images may come from, by the job document or by a redirect: host names, "*." in front for any one
     * label, or IPv4 addresses. Nothing else may be asked then. Default: all but this device itself and the addresses
     * of local networks.
     */
    readonly allowedHosts?: readonly string[] | undefined;
    /** Install the version that is running. Default false. */
    readonly allowSameVersion?: boolean | undefined;
    /** Install an older version, or one whose order to the running one cannot be told. Default false. */
    readonly allowDowngrade?: boolean | undefined;
    /**
     * The same, but only for a document with `force`: the operator can take the fleet back without a new firmware.
     * Default false.
     */
    readonly allowForcedDowngrade?: boolean | undefined;
    /**
     * Days from its build, by the date in the image, after which an image is not installed any more: a device that was
     * away for long is not given an image that was signed and withdrawn meanwhile. 1 to 36500. The clock has to be set.
     * Default: none, an image never expires.
     */
    readonly maxImageAgeDays?: number | undefined;
    /** From `open()` to the end of the self-test, ms, 1000 to 3600000. Default 300000. */
    readonly selfTestTimeoutMs?: number | undefined;
    /**
     * How often one image is started on trial when the power goes before it is confirmed, 1 to 10. Default 3. A crash,
     * a hang and a failed self-test are final at once. Counted before each trial, also when it left no trace.
     */
    readonly maxTrials?: number | undefined;
    /** Least time between two progress updates to the service, ms, at least 1000. Default 30000. */
    readonly reportIntervalMs?: number | undefined;
    /** Step timer asked for with each update, minutes, 1 to 10080. Default: none, the job's own time-out holds. */
    readonly stepTimeoutInMinutes?: number | undefined;
    /**
     * How often the step timer is renewed while nothing else is reported, ms. Default: a third of
     * `stepTimeoutInMinutes`.
     */
    readonly heartbeatMs?: number | undefined;
    /** Bytes between two stores of the download's progress, a multiple of 65536. Default 65536. */
    readonly storeIntervalBytes?: number | undefined;
    /**
     * Tells the fleet, in a shadow of the thing, what runs and how the last update ended: once after a start and when
     * it changes. With `package` in the reserved shadow `$package` of AWS's software package catalog, under that name;
     * else in the shadow `fota`. The policy has to allow publishing to it. Default: nothing is reported.
     */
    readonly fleetReport?: { readonly package?: string | undefined } | undefined;
    /** Default: none, made for speed. What `download` says goes before it. */
    readonly profile?: FotaProfile | undefined;
    readonly download?: DownloadTuning | undefined;
    /** The lower modules; replaced in tests only. */
    readonly parts?: Partial<Parts> | undefined;
  };

/** The options that have a default, filled in and checked. */
export type FotaSettings = {
  readonly trust: Trust;
  readonly allowHttp: boolean;
  readonly allowedHosts: AllowedHosts;
  readonly allowSameVersion: boolean;
  readonly allowDowngrade: boolean;
  readonly allowForcedDowngrade: boolean;
  readonly maxImageAgeDays: number | undefined;
  readonly selfTestTimeoutMs: number;
  readonly maxTrials: number;
  readonly reportIntervalMs: number;
  readonly stepTimeoutInMinutes: number | undefined;
  readonly heartbeatMs: number;
  readonly storeIntervalBytes: number;
  readonly fleetReport: { readonly package: string | undefined } | undefined;
  readonly download: DownloadTuning;
};

const BLOCK_LENGTH = 65536;
const MINUTE_MS = 60_000;
const MAX_AGE_DAYS = 36_500;
/** Two losses of power within some seconds each are bad luck; more of them are the image's doing, or the supply's. */
const DEFAULT_TRIALS = 3;
const MAX_TIMER_MS = 2_147_483_647;

function within(name: string, value: number | undefined, fallback: number, least: number, most: number): number {
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new FotaError("bad-option", `${name} is not an integer from ${least} to ${most}`);
  }
  return value;
}

function hostsFrom(list: AwsFotaOptions["allowedHosts"]): AllowedHosts {
  try {
    return parseAllowedHosts(list);
  } catch (cause) {
    throw asFotaError(cause, "bad-option");
  }
}

function tuningFrom({ profile, download }: AwsFotaOptions): DownloadTuning {
  if (profile !== undefined && profile !== "small") throw new FotaError("bad-option", 'profile is not "small"');
  return profile === undefined ? (download ?? {}) : { ...SMALL_DOWNLOAD, ...download };
}

function fleetReportFrom(wanted: AwsFotaOptions["fleetReport"]): FotaSettings["fleetReport"] {
  if (wanted === undefined) return undefined;
  const name = wanted.package;
  if (name !== undefined && !isPackageName(name))
    throw new FotaError("bad-option", 'fleetReport.package is not 1 to 128 letters, digits, "_", "." or "-"');
  return { package: name };
}

/** @throws FotaError "bad-option" */
export function settingsFrom(options: AwsFotaOptions): FotaSettings {
  const trust = trustFrom(options.publicKeys ?? [], options.allowUnsigned === true);
  if (!isThingName(options.thingName)) throw new FotaError("bad-option", "thingName is not a thing name");
  const step =
    options.stepTimeoutInMinutes === undefined
      ? undefined
      : within("stepTimeoutInMinutes", options.stepTimeoutInMinutes, 0, 1, 10080);
  const storeIntervalBytes = within(
    "storeIntervalBytes",
    options.storeIntervalBytes,
    BLOCK_LENGTH,
    BLOCK_LENGTH,
    2 ** 30,
  );
  if (storeIntervalBytes % BLOCK_LENGTH !== 0)
    throw new FotaError("bad-option", "storeIntervalBytes is not a multiple of 65536");
  return {
    trust,
    allowHttp: options.allowHttp === true,
    allowedHosts: hostsFrom(options.allowedHosts),
    allowSameVersion: options.allowSameVersion === true,
    allowDowngrade: options.allowDowngrade === true,
    allowForcedDowngrade: options.allowForcedDowngrade === true,
    maxImageAgeDays:
      options.maxImageAgeDays === undefined
        ? undefined
        : within("maxImageAgeDays", options.maxImageAgeDays, 0, 1, MAX_AGE_DAYS),
    selfTestTimeoutMs: within("selfTestTimeoutMs", options.selfTestTimeoutMs, 300_000, 1000, 3_600_000),
    maxTrials: within("maxTrials", options.maxTrials, DEFAULT_TRIALS, 1, 10),
    reportIntervalMs: within("reportIntervalMs", options.reportIntervalMs, 30_000, 1000, MAX_TIMER_MS),
    stepTimeoutInMinutes: step,
    heartbeatMs: within("heartbeatMs", options.heartbeatMs, ((step ?? 3) * MINUTE_MS) / 3, 1000, MAX_TIMER_MS),
    storeIntervalBytes,
    fleetReport: fleetReportFrom(options.fleetReport),
    download: tuningFrom(options),
  };
}
