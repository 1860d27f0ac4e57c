/** Damage that keeps most of a valid input and so reaches the depths of a parser; noise ends at its first check. */
import fc from "fast-check";

/** Places of a first header are hit as often as all the rest. */
const places = fc.oneof(fc.nat(48), fc.nat(0xffffff));
const lengths = fc.oneof(fc.nat(8), fc.nat(64), fc.nat(600));
/** Numbers that lengths, counts and offsets go wrong at. */
const NUMBERS = [
  0, 1, 2, 3, 4, 7, 15, 16, 31, 32, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0xffffff, 0x1000000,
  0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
] as const;
const numbers = fc.constantFrom(...NUMBERS);

type Edit<Data> = (data: Data) => Data;

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, at + removed);
  const result = new Uint8Array(bytes.length - (end - at) + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(end), at + inserted.length);
  return result;
}

const within = (at: number, { length }: { readonly length: number }): number => (length === 0 ? 0 : at % length);

function changed(
  bytes: Uint8Array,
  at: number,
  change: (view: DataView, at: number) => void,
  width: number,
): Uint8Array {
  if (bytes.length < width) return bytes;
  const copy = bytes.slice();
  change(new DataView(copy.buffer), at % (bytes.length - width + 1));
  return copy;
}

/** A number in the input, of one, two or four bytes in either order, becomes a hostile one, or is off by a little. */
const fieldEdit: fc.Arbitrary<Edit<Uint8Array>> = fc
  .record({ at: places, width: fc.constantFrom(1, 2, 4), little: fc.boolean(), aligned: fc.boolean() })
  .chain(({ at: place, width, little, aligned }) => {
    const at = aligned ? place - (place % width) : place;
    const get = (view: DataView, where: number) =>
      width === 1 ? view.getUint8(where) : width === 2 ? view.getUint16(where, little) : view.getUint32(where, little);
    const set = (view: DataView, where: number, value: number) =>
      width === 1
        ? view.setUint8(where, value)
        : width === 2
          ? view.setUint16(where, value, little)
          : view.setUint32(where, value, little);
    return fc.oneof(
      numbers.map(
        (value): Edit<Uint8Array> =>
          (bytes) =>
            changed(bytes, at, (view, where) => set(view, where, value), width),
      ),
      fc.constantFrom(-64, -16, -4, -1, 1, 4, 16, 64, 256).map(
        (difference): Edit<Uint8Array> =>
          (bytes) =>
            changed(bytes, at, (view, where) => set(view, where, get(view, where) + difference), width),
      ),
    );
  });

function byteEdits(donor: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Edit<Uint8Array>> {
  return fc.oneof(
    fc.record({ at: places, bit: fc.nat(7) }).map(
      ({ at, bit }): Edit<Uint8Array> =>
        (bytes) => {
          const copy = bytes.slice();
          const place = within(at, bytes);
          if (copy.length > 0) copy[place] = (copy[place] ?? 0) ^ (1 << bit);
          return copy;
        },
    ),
    fieldEdit,
    places.map(
      (at): Edit<Uint8Array> =>
        (bytes) =>
          bytes.slice(0, within(at, bytes)),
    ),
    fc.record({ at: places, count: lengths }).map(
      ({ at, count }): Edit<Uint8Array> =>
        (bytes) =>
          spliced(bytes, within(at, bytes), count, new Uint8Array(0)),
    ),
    fc.record({ from: places, to: places, count: lengths, over: fc.boolean() }).map(
      ({ from, to, count, over }): Edit<Uint8Array> =>
        (bytes) => {
          const start = within(from, bytes);
          const copied = bytes.slice(start, start + count);
          return spliced(bytes, within(to, bytes), over ? copied.length : 0, copied);
        },
    ),
    fc.record({ at: places, from: places, count: lengths, over: fc.boolean(), donor }).map(
      ({ at, from, count, over, donor: other }): Edit<Uint8Array> =>
        (bytes) => {
          const start = within(from, other);
          const piece = other.subarray(start, start + count);
          return spliced(bytes, within(at, bytes), over ? piece.length : 0, piece);
        },
    ),
    fc.record({ at: places, count: lengths, value: fc.constantFrom(0, 0xff, 0x41) }).map(
      ({ at, count, value }): Edit<Uint8Array> =>
        (bytes) =>
          bytes.slice().fill(value, within(at, bytes), within(at, bytes) + count),
    ),
    fc.uint8Array({ minLength: 1, maxLength: 40 }).map(
      (tail): Edit<Uint8Array> =>
        (bytes) =>
          spliced(bytes, bytes.length, 0, tail),
    ),
  );
}

/**
 * Valid inputs, most of them damaged in one to a few places.
 * @param options `donor`: what pieces are spliced in from, `valid` by default; `most`: how many places, 4 by default
 */
export function mutatedBytes(
  valid: fc.Arbitrary<Uint8Array>,
  { donor = valid, most = 4 }: { readonly donor?: fc.Arbitrary<Uint8Array>; readonly most?: number } = {},
): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(valid, fc.array(byteEdits(donor), { maxLength: most }))
    .map(([bytes, edits]) => edits.reduce((edited, edit) => edit(edited), bytes));
}

/** Text that parsers of text stumble over. */
const TOKENS = [
  "",
  " ",
  "\t",
  "\r\n",
  "\n",
  "\0",
  "\u007f",
  "\u00e9",
  "\u2028",
  "\ud800",
  "\u{1f4a9}",
  "%",
  "%00",
  "%2f",
  "%zz",
  "..",
  "//",
  ":",
  ";",
  ",",
  "=",
  "&",
  "?",
  "#",
  "@",
  "+",
  "*",
  "$",
  "}",
  "[",
  "{",
  '"',
  "\\",
  "<",
  ">",
  "-",
  "0",
  "-1",
  "1e9",
  "4294967296",
  "9007199254740993",
  "99999999999999999999",
  "null",
  "true",
  "__proto__",
  "constructor",
  "toString",
  "https://",
  "X-Amz-Signature=secret",
] as const;

function textEdits(tokens: readonly string[]): fc.Arbitrary<Edit<string>> {
  const token = fc.constantFrom(...TOKENS, ...tokens);
  return fc.oneof(
    fc.record({ at: places, token }).map(
      ({ at, token: text }): Edit<string> =>
        (whole) =>
          whole.slice(0, within(at, whole)) + text + whole.slice(within(at, whole)),
    ),
    fc.record({ at: places, token, count: fc.constantFrom(2, 3, 5, 30, 300) }).map(
      ({ at, token: text, count }): Edit<string> =>
        (whole) =>
          whole.slice(0, within(at, whole)) + text.repeat(count) + whole.slice(within(at, whole)),
    ),
    fc.record({ at: places, count: lengths }).map(
      ({ at, count }): Edit<string> =>
        (whole) =>
          whole.slice(0, within(at, whole)) + whole.slice(within(at, whole) + count),
    ),
    fc.record({ from: places, to: places, count: lengths }).map(
      ({ from, to, count }): Edit<string> =>
        (whole) => {
          const start = within(from, whole);
          return whole.slice(0, within(to, whole)) + whole.slice(start, start + count) + whole.slice(within(to, whole));
        },
    ),
    places.map(
      (at): Edit<string> =>
        (whole) =>
          whole.slice(0, within(at, whole)),
    ),
    fc.record({ at: places, code: fc.oneof(fc.nat(0x7f), fc.nat(0xffff)) }).map(
      ({ at, code }): Edit<string> =>
        (whole) =>
          whole.slice(0, within(at, whole)) + String.fromCharCode(code) + whole.slice(within(at, whole) + 1),
    ),
    // Another case of a letter.
    places.map(
      (at): Edit<string> =>
        (whole) => {
          const letter = whole.charAt(within(at, whole));
          const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
          return whole.slice(0, within(at, whole)) + other + whole.slice(within(at, whole) + 1);
        },
    ),
    // One of the numbers in it becomes another.
    fc
      .record({ nth: fc.nat(20), value: fc.oneof(numbers.map(String), fc.constantFrom("-1", "01", "1.5", "", "1e3")) })
      .map(
        ({ nth, value }): Edit<string> =>
          (whole) => {
            let seen = 0;
            const count = whole.match(/\d+/g)?.length ?? 0;
            if (count === 0) return whole;
            return whole.replace(/\d+/g, (digits) => (seen++ === nth % count ? value : digits));
          },
      ),
  );
}

/** Valid texts, most of them damaged in one to a few places. `tokens`: words of the language, put in anywhere. */
export function mutatedText(
  valid: fc.Arbitrary<string>,
  { tokens = [], most = 4 }: { readonly tokens?: readonly string[]; readonly most?: number } = {},
): fc.Arbitrary<string> {
  return fc
    .tuple(valid, fc.array(textEdits(tokens), { maxLength: most }))
    .map(([text, edits]) => edits.reduce((edited, edit) => edit(edited), text));
}
