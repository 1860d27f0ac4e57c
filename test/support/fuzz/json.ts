/** JSON that is almost what a parser expects. */
import fc from "fast-check";
import { mutatedText } from "./mutations.js";

/** Values that take the place of a member. */
const hostileValues: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  1e300,
  4_294_967_296,
  Number.MAX_SAFE_INTEGER + 2,
  "",
  " ",
  "\u0000\uffff",
  "\ud800",
  "x".repeat(5_000),
  "https://",
  `https://files.example.net/${"x".repeat(4_100)}`,
  "https://user:secret@files.example.net:99999/a b",
  "%s%n\r\nX-Injected: 1",
  [],
  [null],
  [[[[[[]]]]]],
  {},
  { url: {} },
  { length: 3, 0: "a" },
  { toString: "no function", valueOf: null, constructor: null },
);
/** Names of members that objects have already. */
const ODD_KEYS = ["__proto__", "constructor", "toString", "hasOwnProperty", "then", "", "length"] as const;

type Path = readonly number[];

/** The members of an object or array, named by their place. */
function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** A copy in which the value at `path` (each step taken modulo what is there) went through `change`. */
function changedAt(value: unknown, [step, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (step === undefined || !isContainer(value)) return change(value);
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length === 0) return change(value);
  const place = step % entries.length;
  const copied = entries.map(([key, member], index): [string, unknown] => [
    key,
    index === place ? changedAt(member, rest, change) : member,
  ]);
  return Array.isArray(value) ? copied.map(([, member]) => member) : Object.fromEntries(copied);
}

type ValueEdit = (value: unknown) => unknown;

function valueEdits(keys: readonly string[]): fc.Arbitrary<ValueEdit> {
  const path = fc.array(fc.nat(40), { minLength: 1, maxLength: 4 });
  const key = fc.constantFrom(...ODD_KEYS, ...keys);
  return fc.oneof(
    fc.record({ path, by: hostileValues }).map(
      ({ path: at, by }): ValueEdit =>
        (value) =>
          changedAt(value, at, () => by),
    ),
    // Without the member: JSON leaves it out.
    path.map(
      (at): ValueEdit =>
        (value) =>
          changedAt(value, at, () => undefined),
    ),
    fc.record({ path: fc.array(fc.nat(40), { maxLength: 3 }), key, by: hostileValues }).map(
      ({ path: at, key: name, by }): ValueEdit =>
        (value) =>
          changedAt(value, at, (member) =>
            isContainer(member) && !Array.isArray(member)
              ? Object.fromEntries([...Object.entries(member), [name, by]])
              : member,
          ),
    ),
    path.map(
      (at): ValueEdit =>
        (value) =>
          changedAt(value, at, (member) => [member]),
    ),
    path.map(
      (at): ValueEdit =>
        (value) =>
          changedAt(value, at, (member) => [member, member]),
    ),
    path.map(
      (at): ValueEdit =>
        (value) =>
          changedAt(value, at, (member) => JSON.stringify(member) ?? ""),
    ),
    path.map(
      (at): ValueEdit =>
        (value) =>
          changedAt(value, at, (member) => (isContainer(member) ? "[object Object]" : String(member))),
    ),
  );
}

/**
 * Texts of `valid` values, with members replaced, missing, added, wrapped or turned into text; and in some of them the
 * text itself is damaged.
 *
 * @param keys names that the parser knows, for members where they do not belong
 */
export function mutatedJson(valid: fc.Arbitrary<unknown>, keys: readonly string[]): fc.Arbitrary<string> {
  const text = fc
    .tuple(valid, fc.array(valueEdits(keys), { maxLength: 3 }))
    .map(([value, edits]) => JSON.stringify(edits.reduce((edited, edit) => edit(edited), value)) ?? "");
  return fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: mutatedText(text, { most: 3 }) },
    { weight: 1, arbitrary: fc.nat(4000).map((depth) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`) },
  );
}

/** The value of a JSON text, or `undefined` for what is none. */
export function jsonOf(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
