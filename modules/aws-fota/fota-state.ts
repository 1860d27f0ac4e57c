/** What the agent is doing. Stored and traced: never rename one. */
export type FotaState =
  | "idle"
  /** A job is there; policy and the application are asked. */
  | "deciding"
  /** The application wants to wait. The job stays QUEUED, or is kept alive when it is IN_PROGRESS already. */
  | "deferred"
  /** IN_PROGRESS is sent and not yet accepted. */
  | "starting"
  | "downloading"
  | "verifying"
  /** The boot flag is set; the application decides when to restart. */
  | "installed"
  /** First boot of the new image. */
  | "testing"
  /** A terminal status is stored and not yet acknowledged. */
  | "reporting";

/** What happens to the agent, as the table of states knows it. */
export type FotaEvent =
  /** The service has a job for us, or a deferred one is to be asked about again. */
  | "offered"
  /** The service has the job that the record says was under way before the restart. */
  | "resumed"
  | "accepted"
  | "deferred"
  /** A terminal FAILED or REJECTED was decided. */
  | "failed"
  /** Canceled, deleted, removed, timed out or replaced by the service. */
  | "job-over"
  | "started"
  | "downloaded"
  /** The bytes in the slot are not the image although a resumed download said so: load them once more. */
  | "reload"
  | "verified"
  /** The record and the boot state show that the boot flag is set and no restart has happened since. */
  | "boot-flag-found"
  /** The running image waits for its self-test. */
  | "first-boot"
  /** The record and the boot state show how an update ended before the restart. */
  | "outcome-known"
  | "self-test-passed"
  | "self-test-failed"
  /** Mark-valid returned. */
  | "confirmed"
  /** Mark-valid returned for an image that no job of ours installed. */
  | "confirmed-without-job"
  /** There is no image to go back to: the failed one goes on. */
  | "rollback-impossible"
  | "rollback-impossible-without-job"
  /** The service acknowledged the terminal status, or shows that the execution has ended otherwise. */
  | "settled";

/** What the agent does after a transition, in order. */
export type FotaEffect =
  | "ask"
  | "wait"
  | "store"
  | "send-start"
  | "download"
  | "verify"
  | "set-boot"
  | "unset-boot"
  | "announce"
  | "self-test"
  | "mark-valid"
  | "roll-back"
  | "send-terminal"
  | "stop"
  | "forget"
  | "ask-next";

/** What an event does in a state: the next state, and what is done on the way, in this order. */
export type FotaTransition = { readonly next: FotaState; readonly effects: readonly FotaEffect[] };
type Row = Readonly<Partial<Record<FotaEvent, FotaTransition>>>;

function to(next: FotaState, ...effects: FotaEffect[]): FotaTransition {
  return Object.freeze({ next, effects: Object.freeze(effects) });
}

/**
 * The life of an update. "store" stands before the effect it protects (design rule R6), "stop" before whatever ends a download; a pair that is
 * missing is refused. `docs/states.md` prints this table, and a test compares the two.
 */
export const TRANSITIONS: Readonly<Record<FotaState, Row>> = Object.freeze({
  idle: Object.freeze({
    offered: to("deciding", "ask"),
    resumed: to("starting", "send-start"),
    "boot-flag-found": to("installed", "announce"),
    "first-boot": to("testing", "store", "self-test"),
    "outcome-known": to("reporting", "store", "send-terminal"),
  }),
  deciding: Object.freeze({
    accepted: to("starting", "store", "send-start"),
    deferred: to("deferred", "wait"),
    failed: to("reporting", "store", "send-terminal"),
    "job-over": to("idle", "forget", "ask-next"),
  }),
  deferred: Object.freeze({
    offered: to("deciding", "stop", "ask"),
    accepted: to("starting", "stop", "store", "send-start"),
    failed: to("reporting", "stop", "store", "send-terminal"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
  starting: Object.freeze({
    started: to("downloading", "download"),
    deferred: to("deferred", "stop", "wait"),
    failed: to("reporting", "stop", "store", "send-terminal"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
  downloading: Object.freeze({
    downloaded: to("verifying", "stop", "store", "verify"),
    deferred: to("deferred", "stop", "wait"),
    failed: to("reporting", "stop", "store", "send-terminal"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
  verifying: Object.freeze({
    verified: to("installed", "stop", "store", "set-boot", "announce"),
    reload: to("downloading", "stop", "store", "download"),
    failed: to("reporting", "stop", "store", "send-terminal"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
  installed: Object.freeze({
    failed: to("reporting", "stop", "unset-boot", "store", "send-terminal"),
    "job-over": to("idle", "stop", "unset-boot", "forget", "ask-next"),
  }),
  testing: Object.freeze({
    "self-test-passed": to("testing", "mark-valid"),
    "self-test-failed": to("testing", "store", "roll-back"),
    confirmed: to("reporting", "stop", "store", "send-terminal"),
    "confirmed-without-job": to("idle", "stop", "forget", "ask-next"),
    "rollback-impossible": to("reporting", "stop", "send-terminal"),
    "rollback-impossible-without-job": to("idle", "stop", "forget", "ask-next"),
  }),
  reporting: Object.freeze({
    settled: to("idle", "stop", "forget", "ask-next"),
    "job-over": to("idle", "stop", "forget", "ask-next"),
  }),
});

/** The transition for an event, or undefined when the state does not know it: the caller reports "unexpected-event" and stays. */
export function transition(state: FotaState, event: FotaEvent): FotaTransition | undefined {
  const row: Row = TRANSITIONS[state];
  return Object.hasOwn(row, event) ? row[event] : undefined;
}
