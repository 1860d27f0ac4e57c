import type { JournalEvent } from "../../modules/journal/index.js";

/** From one start of the device to the next. */
export type Segment = {
  /** Why the device started. */
  readonly reason: string;
  readonly version: string;
  readonly events: readonly JournalEvent[];
};

/** One attempt of the device to get bytes: what goes wrong with it, and where. */
export type Attempt = { readonly code: string; readonly offset: number };

/** A journal that cannot be replayed. The message says why. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
}

/** The agent's states in a segment, as its trace names them: `downloading (started)`. */
export function statesOf({ events }: Pick<Segment, "events">): string[] {
  return events.flatMap(({ kind, words: [next, event] }) => (kind === "state" ? [`${next} (${event})`] : []));
}

/**
 * The starts of a journal in their order.
 * @throws ReplayError when there is none, when the first is in the middle of an update, and for what only an
 * application does
 */
export function segmentsOf(events: readonly JournalEvent[]): Segment[] {
  const segments: { reason: string; version: string; events: JournalEvent[] }[] = [];
  for (const event of events) {
    const [reason = "", version = ""] = event.words;
    if (event.kind === "boot") segments.push({ reason, version, events: [] });
    else segments.at(-1)?.events.push(event);
  }
  const [first] = segments;
  if (first === undefined) throw new ReplayError("no start is in it");
  const opening = statesOf(first)[0];
  if (opening !== undefined && !opening.startsWith("deciding ("))
    throw new ReplayError(`it begins in the middle of an update, with ${opening}`);
  if (events.some(({ kind }) => kind === "patch"))
    throw new ReplayError("a patch is in it, which the replay does not have");
  for (const state of segments.flatMap(statesOf))
    if (/^deferred |\((?:canceled|paused|go-on|ask-again)\)$/.test(state))
      throw new ReplayError(`${state} is the application's doing, which the replay does not have`);
  return segments;
}

/**
 * What happens to the connections for the image, in the order of the device's attempts. An attempt that is not named
 * here succeeds.
 */
export function attemptsOf(segments: readonly Segment[]): Attempt[] {
  const attempts: Attempt[] = [];
  let state = "";
  for (const { events } of segments) {
    let last: Attempt = { code: "disconnected", offset: 0 };
    let error = "";
    for (const { kind, words, times } of events) {
      const [first = "", second = ""] = words;
      if (kind === "retry") {
        last = { code: first, offset: Number(second) };
        for (let count = 0; count < times; count++) attempts.push(last);
      } else if (kind === "error") error = first;
      else if (kind === "state") {
        const code = error === "retries-exhausted" ? last.code : error;
        if (second === "url-wanted")
          attempts.push({ code: error === "" ? "access-denied" : code, offset: last.offset });
        else if (second === "failed" && state === "downloading") attempts.push({ code, offset: last.offset });
        state = first;
        error = "";
      }
    }
  }
  return attempts;
}

/** How a job ends that the device fails: the code, and the state it was in. */
export type JobEnd = { readonly code: string; readonly state: string };

/** The end of the job whose event is the `index`th of all; undefined when it does not fail. */
export function endOfJob(events: readonly JournalEvent[], index: number): JobEnd | undefined {
  let state = "";
  let error = "";
  for (const { kind, words } of events.slice(index + 1)) {
    const [first = "", second = ""] = words;
    if (kind === "job" && second !== "" && first !== events[index]?.words[0]) return undefined;
    if (kind === "error") error = first;
    if (kind !== "state") continue;
    if (second === "failed" || second === "job-over") return { code: error, state };
    state = first;
    error = "";
  }
  return undefined;
}

/** The first place at which the board's states leave those of the journal; undefined: they are the same. */
export function difference(journal: readonly Segment[], board: readonly (readonly string[])[]): string | undefined {
  for (const [index, segment] of journal.entries()) {
    const found = board[index];
    if (found === undefined) return `start ${index + 1} (${segment.reason}) did not happen`;
    for (const [place, state] of statesOf(segment).entries())
      if (found[place] !== state) return `start ${index + 1}: ${found[place] ?? "nothing"} instead of ${state}`;
  }
  return undefined;
}
