/**
 * Keys of a store are lists of strings. Joined by NUL they sort exactly as the lists do, part by part, and a list of
 * parts is a prefix of another exactly when the joined text is: so both stores order and range alike.
 */

/** Longest key in bytes: what LMDB takes with its default page size. */
export const MAX_KEY_BYTES = 1978;

const SEPARATOR = "\u0000";

/** A key that no store can have: a part contains NUL, or the whole is too long. Names from outside lead here. */
export class UnstorableKeyError extends RangeError {
  override readonly name = "UnstorableKeyError";
}

/** @throws RangeError when there is no part; {@link UnstorableKeyError} */
export function joinKey(parts: readonly string[]): Buffer {
  if (parts.length === 0) throw new RangeError("store key: at least one part is needed");
  for (const part of parts) {
    if (part.includes(SEPARATOR)) throw new UnstorableKeyError("store key: a part contains NUL");
    // Before the text is joined and encoded, which would take time and memory in proportion.
    if (part.length > MAX_KEY_BYTES) throw new UnstorableKeyError(`store key: longer than ${MAX_KEY_BYTES} bytes`);
  }
  const joined = Buffer.from(parts.join(SEPARATOR) + SEPARATOR, "utf8");
  if (joined.byteLength > MAX_KEY_BYTES) throw new UnstorableKeyError(`store key: longer than ${MAX_KEY_BYTES} bytes`);
  return joined;
}

/** The joined key where something may stand; undefined for a key that no store can have, under which nothing does. */
export function findableKey(parts: readonly string[]): Buffer | undefined {
  try {
    return joinKey(parts);
  } catch (error) {
    if (error instanceof UnstorableKeyError) return undefined;
    throw error;
  }
}

export function splitKey(joined: Uint8Array): readonly string[] {
  return Buffer.from(joined.buffer, joined.byteOffset, joined.byteLength - 1)
    .toString("utf8")
    .split(SEPARATOR);
}

/** The first key after all keys that start with `prefix`: the trailing NUL becomes 0x01, which no key can reach. */
export function keyAfter(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix);
  end[end.byteLength - 1] = 1;
  return end;
}
