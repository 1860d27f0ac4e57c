/** UTF-8 in both directions; neither engine offers TextEncoder or TextDecoder to the guest. */

export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}

/** Bytes of a sequence by its first byte, with the smallest code it may stand for; 0 = not a first byte. */
function sequence(first: number): { length: number; smallest: number } {
  if (first < 0x80) return { length: 1, smallest: 0 };
  if (first >= 0xc2 && first < 0xe0) return { length: 2, smallest: 0x80 };
  if (first >= 0xe0 && first < 0xf0) return { length: 3, smallest: 0x800 };
  if (first >= 0xf0 && first < 0xf5) return { length: 4, smallest: 0x10000 };
  return { length: 0, smallest: 0 };
}

/** TypeError for bytes that are not UTF-8, as `String.fromArrayBuffer` of the SDK. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; ) {
    const first = bytes[offset] ?? 0;
    const { length, smallest } = sequence(first);
    if (length === 0 || offset + length > bytes.length) throw new TypeError("invalid UTF-8");
    let code = length === 1 ? first : first & (0xff >> (length + 1));
    for (let index = 1; index < length; index++) {
      const next = bytes[offset + index] ?? 0;
      if ((next & 0xc0) !== 0x80) throw new TypeError("invalid UTF-8");
      code = (code << 6) | (next & 63);
    }
    if (code < smallest || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new TypeError("invalid UTF-8");
    text += String.fromCodePoint(code);
    offset += length;
  }
  return text;
}
