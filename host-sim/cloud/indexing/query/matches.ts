import type { Bound, GlobPart, QueryNode, TermPattern } from "./node.js";

/** A value in the index. */
export type IndexValue = string | number | boolean;

/** What the index knows of a thing: the values of each field. */
export type IndexFields = ReadonlyMap<string, readonly IndexValue[]>;

/** Whether a thing fits a query. Pure. */
export function matchesQuery(node: QueryNode, fields: IndexFields): boolean {
  switch (node.kind) {
    case "all":
      return true;
    case "and":
      return node.nodes.every((one) => matchesQuery(one, fields));
    case "or":
      return node.nodes.some((one) => matchesQuery(one, fields));
    case "not":
      return !matchesQuery(node.node, fields);
    case "term":
      return valuesOf(fields, node.field).some((value) => fits(node.pattern, value));
    case "range":
      return valuesOf(fields, node.field).some((value) => isWithin(value, node.from, node.to));
  }
}

function valuesOf(fields: IndexFields, field: string | undefined): readonly IndexValue[] {
  return field === undefined ? [...fields.values()].flat() : (fields.get(field) ?? []);
}

function fits(pattern: TermPattern, value: IndexValue): boolean {
  if (typeof value === "number" && isNumber(textOf(pattern))) return value === Number(textOf(pattern));
  const words = wordsOf(value);
  if (pattern.kind === "phrase") {
    return words.some((_, start) => pattern.words.every((word, index) => word === words[start + index]));
  }
  const [only] = pattern.parts;
  // `field:*`: whatever has a word. An empty text has none.
  if (pattern.parts.length === 1 && only?.kind === "any") return words.length > 0;
  return words.some((word) => fitsGlob(pattern.parts, word));
}

function wordsOf(value: IndexValue): readonly string[] {
  return typeof value === "string"
    ? value
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== "")
    : [String(value)];
}

/** The text of a pattern without wildcards, else nothing. */
function textOf(pattern: TermPattern): string {
  if (pattern.kind === "phrase") return pattern.words.join(" ");
  const [only] = pattern.parts;
  return pattern.parts.length === 1 && only?.kind === "text" ? only.text : "";
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && !Number.isNaN(Number(text));
}

type Wildcard = Exclude<GlobPart, { readonly kind: "text" }>;

function fitsGlob(parts: readonly GlobPart[], word: string): boolean {
  const units = parts.flatMap((part): (string | Wildcard)[] => (part.kind === "text" ? [...part.text] : [part]));
  const characters = [...word];
  // Where the last `*` stands, and to which character it reaches: only that has to be tried anew.
  let [at, reached, star, mark] = [0, 0, -1, 0];
  while (reached < characters.length) {
    const unit = units[at];
    if (unit !== undefined && (unit === characters[reached] || (typeof unit === "object" && unit.kind === "one"))) {
      at += 1;
      reached += 1;
    } else if (typeof unit === "object" && unit.kind === "any") {
      [star, mark] = [at, reached];
      at += 1;
    } else if (star >= 0) {
      mark += 1;
      [at, reached] = [star + 1, mark];
    } else return false;
  }
  return units.slice(at).every((unit) => typeof unit === "object" && unit.kind === "any");
}

/** Numbers are compared as numbers, texts by their characters. A text is in no range of numbers, and a flag in none. */
function isWithin(value: IndexValue, from: Bound | undefined, to: Bound | undefined): boolean {
  if (typeof value === "boolean") return false;
  return (
    (from === undefined || isAbove(value, from)) &&
    (to === undefined || isBelow(value, to)) &&
    comparable(value, from, to)
  );
}

function comparable(value: IndexValue, ...bounds: readonly (Bound | undefined)[]): boolean {
  if (typeof value === "string") return true;
  return bounds.every((bound) => bound === undefined || isNumber(bound.value));
}

function isAbove(value: string | number, { value: bound, inclusive }: Bound): boolean {
  if (typeof value === "number") return inclusive ? value >= Number(bound) : value > Number(bound);
  const text = value.toLowerCase();
  return inclusive ? text >= bound : text > bound;
}

function isBelow(value: string | number, { value: bound, inclusive }: Bound): boolean {
  if (typeof value === "number") return inclusive ? value <= Number(bound) : value < Number(bound);
  const text = value.toLowerCase();
  return inclusive ? text <= bound : text < bound;
}
