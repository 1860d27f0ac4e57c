/** What the reporter is doing about one execution. At most one request is unanswered. */
export type ReporterState =
  /** No connection on which a request would be answered. */
  | "offline"
  /** Nothing is unanswered. */
  | "free"
  /** An update was sent. */
  | "sending"
  /** The service was asked how the execution stands: what it says decides about the updates that wait. */
  | "looking"
  /** The service wants to be left alone for a while. */
  | "pausing";

export type ReporterEvent =
  /** Connected, subscribed, and `$next` was answered on this connection. */
  | "ready"
  | "lost"
  | "send"
  | "look"
  /** The request has an answer that settles it. */
  | "answered"
  /** The request is to be made again later. */
  | "put-off"
  | "pause-over"
  /** The execution is none of ours any more. */
  | "released";

/** "next": makes the next request that waits; "put-back": what was under way waits again. */
export type ReporterEffect = "next" | "put-back" | "pause" | "end-pause";
export type ReporterTransition = { readonly next: ReporterState; readonly effects: readonly ReporterEffect[] };
type Row = Readonly<Partial<Record<ReporterEvent, ReporterTransition>>>;

function to(next: ReporterState, ...effects: ReporterEffect[]): ReporterTransition {
  return Object.freeze({ next, effects: Object.freeze(effects) });
}

const UNANSWERED: Row = Object.freeze({
  answered: to("free", "next"),
  "put-off": to("pausing", "pause"),
  // A request that a lost connection left without an answer may have been taken or not: it is made again.
  lost: to("offline", "put-back"),
  released: to("free"),
});

/** A pair that is missing changes nothing. `docs/states.md` prints this table, and a test compares the two. */
export const REPORTER_TRANSITIONS: Readonly<Record<ReporterState, Row>> = Object.freeze({
  offline: Object.freeze({ ready: to("free", "next") }),
  free: Object.freeze({ send: to("sending"), look: to("looking"), ready: to("free", "next"), lost: to("offline") }),
  sending: UNANSWERED,
  looking: UNANSWERED,
  pausing: Object.freeze({
    "pause-over": to("free", "next"),
    ready: to("free", "end-pause", "next"),
    lost: to("offline", "end-pause"),
    released: to("free", "end-pause"),
  }),
});
