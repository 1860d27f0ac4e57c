import { decodeEvent, encodeEvent, type JournalEvent, type JournalKind, journalWord } from "./journal-event.js";

/** First line of the text. */
const FORMAT = "journal 1";
/** Events that are kept; the oldest give way. */
export const MAX_JOURNAL_EVENTS = 48;
/** Characters of the text, so that it finds room in the update's record. */
export const MAX_JOURNAL_LENGTH = 1600;

const RECURRING: readonly JournalKind[] = Object.freeze(["link", "retry", "error"]);

/** The last events in their order, and their text. Decides nothing about when that is stored. */
export class JournalRing {
  #events: JournalEvent[] = [];

  get events(): readonly JournalEvent[] {
    return this.#events;
  }

  /**
   * What comes and goes while nothing else gets on, as a connection or a request that fails, only counts up: it must
   * not drive out everything else. The last time decides where it stands.
   */
  add(at: number, kind: JournalKind, ...given: readonly (string | number)[]): void {
    const words = given.map(journalWord);
    const known = RECURRING.includes(kind) ? this.recent(kind, words) : undefined;
    if (known !== undefined) this.#events = this.#events.filter((event) => event !== known);
    this.#events.push({ at: Math.max(0, Math.floor(at)), kind, words, times: (known?.times ?? 0) + 1 });
    if (this.#events.length > MAX_JOURNAL_EVENTS) this.#events.shift();
  }

  /** The same event since the last one that is not of the kinds that recur. */
  private recent(kind: JournalKind, words: readonly string[]): JournalEvent | undefined {
    for (let index = this.#events.length - 1; index >= 0; index--) {
      const event = this.#events[index];
      if (event === undefined || !RECURRING.includes(event.kind)) return undefined;
      if (event.kind === kind && event.words.join(" ") === words.join(" ")) return event;
    }
    return undefined;
  }

  /** A line for each event, the format in front; the oldest are left out when it would be too long. */
  get text(): string {
    const lines = this.#events.map(encodeEvent);
    let length = FORMAT.length + lines.reduce((sum, line) => sum + line.length + 1, 0);
    let first = 0;
    for (; length > MAX_JOURNAL_LENGTH; first++) length -= (lines[first]?.length ?? 0) + 1;
    return [FORMAT, ...lines.slice(first)].join("\n");
  }

  /** Takes over what was stored. False when it is no journal: nothing is taken then. */
  load(text: string): boolean {
    const events = readJournal(text);
    if (events === undefined) return false;
    this.#events = events.slice(-MAX_JOURNAL_EVENTS);
    return true;
  }

  /**
   * The last events in at most `limit` characters: `*power-on up deciding starting downloading ~disconnected@163840`.
   * A star begins a start, `~` a request that failed, `!` an error; states stand by their names.
   */
  brief(limit: number): string {
    let text = "";
    for (const event of [...this.#events].reverse()) {
      const word = briefWord(event);
      if (word === undefined) continue;
      const next = text === "" ? word : `${word} ${text}`;
      if (next.length > limit) break;
      text = next;
    }
    return text;
  }
}

/** The events of a journal's text, oldest first; undefined when it is none. Lines that are none are an error. */
export function readJournal(text: string): JournalEvent[] | undefined {
  const [format, ...lines] = text.trimEnd().split("\n");
  if (format?.trimEnd() !== FORMAT) return undefined;
  const events: JournalEvent[] = [];
  for (const line of lines) {
    const event = decodeEvent(line.trimEnd());
    if (event === undefined) return undefined;
    events.push(event);
  }
  return events;
}

function briefWord({ kind, words: [first = "", second = ""], times }: JournalEvent): string | undefined {
  const often = times > 1 ? `x${times}` : "";
  switch (kind) {
    case "boot":
      return `*${first}`;
    case "retry":
      return `~${first}@${second}${often}`;
    case "error":
      return `!${first}${often}`;
    case "job":
      return undefined;
    default:
      return first + often;
  }
}
