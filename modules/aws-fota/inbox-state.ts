/** What the inbox is doing about `$next`. */
export type InboxState =
  /** Not connected, or not subscribed yet. */
  | "offline"
  /** `$next` was asked. */
  | "asking"
  /** The same, and what is asked became old meanwhile: it is asked again. */
  | "asking-again"
  /** The question failed; it is repeated after a pause. */
  | "pausing"
  /** `$next` was answered; notifications say what changes. */
  | "listening";

export type InboxEvent =
  | "connected"
  | "lost"
  /** The agent wants to know. */
  | "ask"
  | "answered"
  | "failed"
  /** The request ended with its connection; the next connection asks. */
  | "cut-off"
  | "pause-over"
  | "closed";

export type InboxEffect = "tell-connected" | "tell-lost" | "ask" | "deliver" | "pause" | "end-pause";
export type InboxTransition = { readonly next: InboxState; readonly effects: readonly InboxEffect[] };
type Row = Readonly<Partial<Record<InboxEvent, InboxTransition>>>;

function to(next: InboxState, ...effects: InboxEffect[]): InboxTransition {
  return Object.freeze({ next, effects: Object.freeze(effects) });
}

/** A new connection may come without the end of the last one having been told. */
const CONNECTED: Row = Object.freeze({
  connected: to("asking", "end-pause", "tell-connected", "ask"),
  lost: to("offline", "end-pause", "tell-lost"),
  closed: to("offline", "end-pause"),
});

/** A pair that is missing changes nothing. `docs/states.md` prints this table, and a test compares the two. */
export const INBOX_TRANSITIONS: Readonly<Record<InboxState, Row>> = Object.freeze({
  offline: Object.freeze({ connected: CONNECTED.connected ?? to("asking") }),
  asking: Object.freeze({
    ...CONNECTED,
    ask: to("asking-again"),
    answered: to("listening", "deliver"),
    failed: to("pausing", "pause"),
    "cut-off": to("listening"),
  }),
  "asking-again": Object.freeze({
    ...CONNECTED,
    answered: to("asking", "ask"),
    failed: to("pausing", "pause"),
    "cut-off": to("listening"),
  }),
  pausing: Object.freeze({ ...CONNECTED, ask: to("asking", "end-pause", "ask"), "pause-over": to("asking", "ask") }),
  listening: Object.freeze({ ...CONNECTED, ask: to("asking", "ask") }),
});
