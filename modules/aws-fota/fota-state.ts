/** What the agent is doing. Stored, traced and told to the application: never rename one. */
export type FotaState =
  /** No update is under way. */
  | "idle"
  /** The record holds an update that a restart interrupted; it goes on once the service says that it still wants it. */
  | "resuming"
  /** A job is there; policy and the application are asked. */
  | "deciding"
  /** The application wants to wait. The job stays QUEUED, or is kept alive when it is IN_PROGRESS already. */
  | "deferred"
  /** IN_PROGRESS is sent and not yet accepted. */
  | "starting"
  | "downloading"
  /**
   * The presigned URL is of no use any more, or the network is away: nothing is loaded until a document with a fresh
   * URL comes.
   */
  | "renewing"
  | "verifying"
  /** The image is proven and the boot flag is being set. */
  | "installing"
  /** The boot flag is set; the application decides when to restart. */
  | "installed"
  /** First boot of the new image: its self-test runs. */
  | "testing"
  /** The self-test passed; the image is being marked valid. */
  | "confirming"
  /** The image failed its first boot; the old one is being brought back. */
  | "rejecting"
  /** A terminal status is stored and not yet acknowledged. */
  | "reporting";

/** What happens to the agent, as the table of states knows it. */
export type FotaEvent =
  /** The service has a job for us. */
  | "offered"
  /** The record holds an update that is not finished. */
  | "resume-found"
  /** The service has the job that the record says was under way before the restart. */
  | "resumed"
  /** The service has no job for us. */
  | "nothing-pending"
  | "accepted"
  /** The application's answer to an offer. */
  | "deferred"
  /** `defer()`: the application lets an update wait that it had accepted. */
  | "paused"
  /** The delay of a deferral is over before the job was begun. */
  | "ask-again"
  /** `accept()`, or the delay of a deferral is over after the job was begun. */
  | "go-on"
  /** A terminal FAILED or REJECTED was decided. */
  | "failed"
  /** `cancel()`: FAILED was decided by the application. */
  | "canceled"
  /** Canceled, deleted, removed, timed out or replaced by the service. */
  | "job-over"
  | "started"
  | "downloaded"
  | "url-wanted"
  | "url-renewed"
  /** The document came again and asks for another image: FAILED was decided. */
  | "document-changed"
  /** The bytes in the slot are not the image although a resumed download said so: load them once more. */
  | "reload"
  | "verified"
  | "boot-flag-set"
  /** The record and the boot state show that the boot flag is set and no restart has happened since. */
  | "boot-flag-found"
  /** `restart()` */
  | "restart"
  /** The running image waits for its self-test. */
  | "first-boot"
  /** The running image failed its self-test before this start, and its rejection was lost. */
  | "rejection-found"
  /** The record and the boot state show how an update ended before the restart. */
  | "outcome-known"
  | "self-test-passed"
  | "self-test-failed"
  /** Mark-valid returned. */
  | "confirmed"
  /** Mark-valid returned for an image that no job of ours installed. */
  | "confirmed-without-job"
  | "mark-valid-failed"
  /** There is no image to go back to: the failed one goes on. */
  | "rollback-impossible"
  | "rollback-impossible-without-job"
  /** The service acknowledged the terminal status, or will never take it. */
  | "settled";

/** What the agent does after a transition, in order. */
export type FotaEffect =
  | "ask"
  | "wait"
  | "store"
  | "store-or-fail"
  | "send-start"
  | "download"
  | "ask-url"
  | "renew"
  | "verify"
  | "set-boot"
  | "unset-boot"
  | "announce"
  | "restart"
  | "self-test"
  | "mark-valid"
  | "roll-back"
  | "send-terminal"
  | "stop"
  | "forget"
  | "ask-next"
  | "tell-idle";

/** What an event does in a state: the next state, and what is done on the way, in this order. */
export type FotaTransition = { readonly next: FotaState; readonly effects: readonly FotaEffect[] };
type Row = Readonly<Partial<Record<FotaEvent, FotaTransition>>>;

function to(next: FotaState, ...effects: FotaEffect[]): FotaTransition {
  return Object.freeze({ next, effects: Object.freeze(effects) });
}

/** How a job ends that has not touched otadata, and how one does whose boot flag may be set. */
const ENDS = Object.freeze({
  failed: to("reporting", "stop", "store", "send-terminal"),
  "job-over": to("idle", "stop", "forget", "ask-next"),
});
const ENDS_CANCELABLE = Object.freeze({ ...ENDS, canceled: ENDS.failed });
const ENDS_WITH_BOOT_FLAG = Object.freeze({
  failed: to("reporting", "stop", "unset-boot", "store", "send-terminal"),
  "job-over": to("idle", "stop", "unset-boot", "forget", "ask-next"),
});

/**
 * The life of an update. "store" stands before the effect it protects (design rule R6), "stop" before whatever ends a
 * download; a pair that is missing is refused. `docs/states.md` prints this table, and a test compares the two.
 */
export const TRANSITIONS: Readonly<Record<FotaState, Row>> = Object.freeze({
  idle: Object.freeze({
    offered: to("deciding", "ask"),
    "nothing-pending": to("idle", "forget", "tell-idle"),
    "resume-found": to("resuming", "store"),
    "boot-flag-found": to("installed", "announce"),
    "first-boot": to("testing", "store", "self-test"),
    "rejection-found": to("rejecting", "store", "roll-back"),
    "outcome-known": to("reporting", "store", "send-terminal"),
  }),
  resuming: Object.freeze({
    resumed: to("starting", "send-start"),
    offered: to("deciding", "ask"),
    "nothing-pending": to("idle", "forget", "tell-idle"),
    "outcome-known": to("reporting", "store", "send-terminal"),
    canceled: to("reporting", "store", "send-terminal"),
  }),
  deciding: Object.freeze({
    accepted: to("starting", "store-or-fail", "send-start"),
    deferred: to("deferred", "wait"),
    ...ENDS,
  }),
  deferred: Object.freeze({
    "ask-again": to("deciding", "stop", "ask"),
    "go-on": to("starting", "stop", "store-or-fail", "send-start"),
    ...ENDS_CANCELABLE,
  }),
  starting: Object.freeze({
    started: to("downloading", "download"),
    paused: to("deferred", "stop", "wait"),
    ...ENDS_CANCELABLE,
  }),
  downloading: Object.freeze({
    downloaded: to("verifying", "stop", "store", "verify"),
    "url-wanted": to("renewing", "ask-url"),
    paused: to("deferred", "stop", "wait"),
    "document-changed": ENDS.failed,
    ...ENDS_CANCELABLE,
  }),
  renewing: Object.freeze({
    "url-renewed": to("downloading", "renew"),
    paused: to("deferred", "stop", "wait"),
    "document-changed": ENDS.failed,
    ...ENDS_CANCELABLE,
  }),
  verifying: Object.freeze({
    verified: to("installing", "stop", "store-or-fail", "set-boot"),
    reload: to("downloading", "stop", "store", "download"),
    ...ENDS_CANCELABLE,
  }),
  installing: Object.freeze({
    "boot-flag-set": to("installed", "announce"),
    ...ENDS_WITH_BOOT_FLAG,
  }),
  installed: Object.freeze({
    restart: to("installed", "restart"),
    ...ENDS_WITH_BOOT_FLAG,
    canceled: ENDS_WITH_BOOT_FLAG.failed,
  }),
  testing: Object.freeze({
    "self-test-passed": to("confirming", "stop", "mark-valid"),
    "self-test-failed": to("rejecting", "stop", "store", "roll-back"),
  }),
  confirming: Object.freeze({
    confirmed: to("reporting", "store", "send-terminal"),
    "confirmed-without-job": to("idle", "forget", "ask-next"),
    "mark-valid-failed": to("rejecting", "store", "roll-back"),
  }),
  rejecting: Object.freeze({
    "rollback-impossible": to("reporting", "send-terminal"),
    "rollback-impossible-without-job": to("idle", "forget", "ask-next"),
  }),
  reporting: Object.freeze({
    settled: to("idle", "stop", "forget", "ask-next"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
});

/** What else hangs on a state. */
export type StateTraits = {
  /** `state` in the job's statusDetails, where it is not the state's own name. */
  readonly reportedAs?: string;
  /** The step timer of the job is renewed. */
  readonly keepsAlive?: true;
  /** When the service returns something else than our execution, it is asked whether it still wants ours. */
  readonly followsService?: true;
};

const FOLLOWS: StateTraits = Object.freeze({ followsService: true });
const FOLLOWS_ALIVE: StateTraits = Object.freeze({ followsService: true, keepsAlive: true });

/**
 * From the first boot on the image decides, whatever the service wants, and a terminal status is sent in any case. What
 * only this device's parts tell apart is one state to the operator.
 */
export const TRAITS: Readonly<Record<FotaState, StateTraits>> = Object.freeze({
  idle: Object.freeze({}),
  resuming: Object.freeze({}),
  deciding: FOLLOWS,
  deferred: FOLLOWS_ALIVE,
  starting: FOLLOWS,
  downloading: FOLLOWS_ALIVE,
  renewing: Object.freeze({ ...FOLLOWS_ALIVE, reportedAs: "downloading" }),
  verifying: FOLLOWS_ALIVE,
  installing: Object.freeze({ ...FOLLOWS, reportedAs: "verifying" }),
  installed: FOLLOWS_ALIVE,
  testing: Object.freeze({ keepsAlive: true }),
  confirming: Object.freeze({ reportedAs: "testing" }),
  rejecting: Object.freeze({ reportedAs: "testing" }),
  reporting: Object.freeze({}),
});

/**
 * The transition for an event, or undefined when the state does not know it: the caller reports "unexpected-event" and
 * stays.
 */
export function transition(state: FotaState, event: FotaEvent): FotaTransition | undefined {
  const row: Row = TRANSITIONS[state];
  return Object.hasOwn(row, event) ? row[event] : undefined;
}
