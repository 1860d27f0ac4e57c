/**
 * A pattern of a policy after its variables were replaced: literal texts between `*` (any text) and `?` (any one
 * character).
 */
export type Pattern = readonly (string | typeof ANY_TEXT | typeof ANY_CHARACTER)[];

const ANY_TEXT: unique symbol = Symbol("*");
const ANY_CHARACTER: unique symbol = Symbol("?");
const ESCAPES: ReadonlyMap<string, string> = new Map(["*", "?", "$"].map((character) => [character, character]));

/**
 * Splits a text of a policy into literals and wildcards and replaces `${...}`. A variable's value is literal: a thing
 * named with a wildcard character gains nothing by it. Undefined when a variable has no value, which makes the text
 * match nothing.
 */
export function compilePattern(text: string, variable: (name: string) => string | undefined): Pattern | undefined {
  const parts: (string | typeof ANY_TEXT | typeof ANY_CHARACTER)[] = [];
  const lastEnd = text.lastIndexOf("}");
  for (let at = 0; at < text.length; ) {
    if (text.startsWith("${", at) && at < lastEnd) {
      const end = text.indexOf("}", at);
      const name = text.slice(at + 2, end).trim();
      const value = ESCAPES.get(name) ?? variable(name);
      if (value === undefined) return undefined;
      parts.push(value);
      at = end + 1;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    parts.push(character === "*" ? ANY_TEXT : character === "?" ? ANY_CHARACTER : character);
    at += character.length;
  }
  return parts;
}

/** The text of a pattern whose wildcards stand for themselves, as in `StringEquals`. */
export function literalText(pattern: Pattern): string {
  return pattern.map((part) => (typeof part === "string" ? part : part === ANY_TEXT ? "*" : "?")).join("");
}

type Unit = string | typeof ANY_CHARACTER;

/** Counts what a match costs: characters that were compared with a place of the pattern. */
export interface MatchCost {
  comparisons: number;
}

/**
 * Whether the whole `text` fits the pattern. `+`, `#` and `/` are ordinary characters here, unlike in MQTT filters.
 *
 * What stands between two `*` is put at its first place behind what came before: a later place never fits where the
 * first does not, so nothing is tried twice. The places are found as Knuth, Morris and Pratt do it, in time linear in
 * both texts; only what has a `?` in it is compared place by place, at most its length for each character of the text.
 */
export function matchesPattern(pattern: Pattern, text: string, cost: MatchCost = { comparisons: 0 }): boolean {
  const given = Array.from(text);
  const [head = [], ...rest] = segmentsOf(pattern);
  if (!fitsAt(head, given, 0, cost)) return false;
  const tail = rest.pop();
  if (tail === undefined) return given.length === head.length;
  const end = given.length - tail.length;
  let at = head.length;
  for (const segment of rest) {
    const place = placeOf(segment, given, at, end, cost);
    if (place === undefined) return false;
    at = place + segment.length;
  }
  return at <= end && fitsAt(tail, given, end, cost);
}

/** What stands before, between and behind the `*`, character by character. */
function segmentsOf(pattern: Pattern): readonly (readonly Unit[])[] {
  const segments: Unit[][] = [[]];
  for (const part of pattern) {
    if (part === ANY_TEXT) segments.push([]);
    else if (part === ANY_CHARACTER) segments.at(-1)?.push(part);
    else for (const character of part) segments.at(-1)?.push(character);
  }
  return segments;
}

function fitsAt(segment: readonly Unit[], given: readonly string[], at: number, cost: MatchCost): boolean {
  if (at + segment.length > given.length) return false;
  return segment.every((unit, index) => {
    cost.comparisons += 1;
    return unit === ANY_CHARACTER || unit === given[at + index];
  });
}

/** The first place of `segment` at or behind `from` that ends at or before `end`. */
function placeOf(
  segment: readonly Unit[],
  given: readonly string[],
  from: number,
  end: number,
  cost: MatchCost,
): number | undefined {
  if (segment.includes(ANY_CHARACTER)) {
    for (let at = from; at + segment.length <= end; at += 1) if (fitsAt(segment, given, at, cost)) return at;
    return undefined;
  }
  const falls = fallsOf(segment, cost);
  let matched = 0;
  for (let at = from; matched < segment.length; at += 1) {
    if (at >= end) return undefined;
    while (matched > 0 && !isSame(segment[matched], given[at], cost)) matched = falls[matched - 1] ?? 0;
    if (isSame(segment[matched], given[at], cost)) matched += 1;
    if (matched === segment.length) return at + 1 - matched;
  }
  return from;
}

/** For each place of `segment`, the length of the longest beginning that also ends there. */
function fallsOf(segment: readonly Unit[], cost: MatchCost): readonly number[] {
  const falls = [0];
  let matched = 0;
  for (let at = 1; at < segment.length; at += 1) {
    while (matched > 0 && !isSame(segment[matched], segment[at], cost)) matched = falls[matched - 1] ?? 0;
    if (isSame(segment[matched], segment[at], cost)) matched += 1;
    falls.push(matched);
  }
  return falls;
}

function isSame(one: Unit | undefined, other: Unit | undefined, cost: MatchCost): boolean {
  cost.comparisons += 1;
  return one === other;
}
