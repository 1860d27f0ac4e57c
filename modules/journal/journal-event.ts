/**
 * What a journal remembers. `words` follow the kind:
 * - boot: reset reason, version that runs, its slot, the slot's state
 * - link: "up" or "down", to AWS IoT
 * - job: job id, execution number
 * - state: the agent's next state, the event that led there
 * - patch: "chosen" and its bytes, or the code for which it was given up
 * - retry: code of a request's failure, bytes of the image that were there
 * - error: code
 */
export const JOURNAL_KINDS = Object.freeze(["boot", "link", "job", "state", "patch", "retry", "error"] as const);
/** One of {@link JOURNAL_KINDS}. */
export type JournalKind = (typeof JOURNAL_KINDS)[number];

/** One thing that happened; no URL, no key, no text of a server or an application is ever part of it. */
export type JournalEvent = {
  /** Seconds since the start of the firmware. */
  readonly at: number;
  readonly kind: JournalKind;
  /** Printable, without spaces. */
  readonly words: readonly string[];
  /** How often it happened before anything else went on; the last time counts for `at`. */
  readonly times: number;
};

const MAX_WORD_LENGTH = 64; // a job id
const MAX_WORDS = 4;
const MAX_COUNT = 999_999_999;

/** A word as a journal holds it: what is not printable, a space, or a star in front becomes an underline. */
export function journalWord(text: string | number): string {
  const word = String(text)
    .slice(0, MAX_WORD_LENGTH)
    .replace(/[^\x21-\x7e]|^\*/g, "_");
  return word === "" ? "-" : word;
}

/** One line: `12 state downloading started`, with ` *3` behind it when it happened three times. */
export function encodeEvent({ at, kind, words, times }: JournalEvent): string {
  return [String(at), kind, ...words, ...(times > 1 ? [`*${times}`] : [])].join(" ");
}

/** Undefined when the line is none of a journal. */
export function decodeEvent(line: string): JournalEvent | undefined {
  const [at = "", name = "", ...rest] = line.split(" ");
  const kind = JOURNAL_KINDS.find((known) => known === name);
  const last = rest.at(-1) ?? "";
  const times = last.startsWith("*") ? countOf(last.slice(1)) : 1;
  const words = last.startsWith("*") ? rest.slice(0, -1) : rest;
  const seconds = countOf(at);
  if (kind === undefined || seconds === undefined || times === undefined || times < 1) return undefined;
  if (words.length > MAX_WORDS || !words.every((word) => word !== "" && word === journalWord(word))) return undefined;
  return { at: seconds, kind, words, times };
}

function countOf(text: string): number | undefined {
  if (!/^[0-9]{1,9}$/.test(text)) return undefined;
  return Math.min(Number(text), MAX_COUNT);
}
