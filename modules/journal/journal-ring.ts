import { decodeEvent, encodeEvent, type JournalEvent, type JournalKind, journalWord } from "./journal-event.js";

/** First line of the text. */
const FORMAT = "journal 1";
/** Events that are kept; the oldest give way. */
export const MAX_JOURNAL_EVENTS = 48;
/** Characters of the text, half of what an NVS string may have. */
export const MAX_JOURNAL_LENGTH = 2000;

/** The last events in their order, and their text. Decides nothing about when that is stored. */
export class JournalRing {
  #events: JournalEvent[] = [];

  get events(): readonly JournalEvent[] {
    return this.#events;
  }

  /** The same event again only counts up: a connection that comes and goes must not drive out everything else. */
  add(at: number, kind: JournalKind, ...given: readonly (string | number)[]): void {
    const words = given.map(journalWord);
    const last = this.#events.at(-1);
    if (last !== undefined && kind !== "boot" && isSame(last, kind, words)) {
      this.#events = [...this.#events.slice(0, -1), { ...last, times: last.times + 1 }];
      return;
    }
    this.#events.push({ at: Math.max(0, Math.floor(at)), kind, words, times: 1 });
    if (this.#events.length > MAX_JOURNAL_EVENTS) this.#events.shift();
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

function isSame(event: JournalEvent, kind: JournalKind, words: readonly string[]): boolean {
  return event.kind === kind && event.words.join(" ") === words.join(" ");
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
