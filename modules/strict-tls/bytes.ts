/** Whether two arrays hold the same bytes. Not in constant time: nothing secret is compared. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** Big-endian bytes as a number in `size` bytes, or `undefined` when it needs more. */
export function resized(number: Uint8Array, size: number): Uint8Array | undefined {
  let start = 0;
  while (start < number.length && number[start] === 0) start += 1;
  const digits = number.subarray(start);
  if (digits.length > size) return undefined;
  const bytes = new Uint8Array(size);
  bytes.set(digits, size - digits.length);
  return bytes;
}

/** Compares two big-endian numbers of the same length. */
export function isLess(one: Uint8Array, other: Uint8Array): boolean {
  for (let index = 0; index < one.length; index++) {
    const a = one[index] ?? 0;
    const b = other[index] ?? 0;
    if (a !== b) return a < b;
  }
  return false;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Of a whole number of 32-bit words: fewer steps leave less garbage. */
export function bigIntOf(bytes: Uint8Array): bigint {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let at = 0; at < bytes.length; at += 4) value = (value << 32n) | BigInt(words.getUint32(at));
  return value;
}

/**
 * ASCII of bytes that came from outside: everything else becomes "?", so that no text of a certificate can upset a log.
 */
export function asciiOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  return text;
}
