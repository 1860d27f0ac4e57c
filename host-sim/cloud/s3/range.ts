import { S3Error } from "./errors.js";

/** What a Range header asks of an object of `size` bytes; `end` is exclusive. */
export type RangeAnswer =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

/**
 * One range of bytes is honoured; anything S3 does not understand (other unit, several ranges, bad syntax) gives the
 * whole object.
 */
export function rangeOf(header: string | undefined, size: number): RangeAnswer {
  const match = /^bytes=(\d*)-(\d*)$/.exec((header ?? "").trim());
  if (match === null) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return { kind: "whole" };
    const count = Math.min(Number(last), size);
    return count === 0 ? { kind: "unsatisfiable" } : { kind: "part", start: size - count, end: size };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return { kind: "whole" };
  if (start >= size) return { kind: "unsatisfiable" };
  return { kind: "part", start, end: last === "" ? size : Math.min(Number(last) + 1, size) };
}

/**
 * The extent of one part.
 *
 * @param parts bytes of each part; an object that came whole is one
 * @throws S3Error `InvalidArgument` for what is no part number, `InvalidPartNumber` for one beyond the last
 */
export function partOf(text: string, parts: readonly number[]): RangeAnswer {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 10_000) {
    throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
  }
  if (number > parts.length) throw new S3Error("InvalidPartNumber", "The requested partnumber is not satisfiable");
  const start = parts.slice(0, number - 1).reduce((sum, size) => sum + size, 0);
  const end = start + (parts[number - 1] ?? 0);
  // An empty part has no range that could be written.
  return start === end ? { kind: "whole" } : { kind: "part", start, end };
}
