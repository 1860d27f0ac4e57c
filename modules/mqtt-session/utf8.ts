/**
 * UTF-8 without a global: the SDK has `ArrayBuffer.fromString` and `String.fromArrayBuffer`, Node has `TextEncoder`,
 * the bare XS engine has neither; and malformed input from the network has to be a value here, not an exception.
 */

const REPLACEMENT = 0xfffd;
/** Characters joined at once; more arguments would deepen the small XS stack. */
const JOIN_LENGTH = 64;

/** Number of bytes that {@link encodeUtf8} produces. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += byteCount(codePoint(character));
  return length;
}

/** UTF-8 bytes of `text`; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  let position = 0;
  for (const character of text) {
    const code = codePoint(character);
    const count = byteCount(code);
    if (count === 1) {
      bytes[position++] = code;
      continue;
    }
    bytes[position++] = ((0xf00 >> count) & 0xff & (0xff << (8 - count))) | (code >> (6 * (count - 1)));
    for (let rest = count - 2; rest >= 0; rest--) bytes[position++] = 0x80 | ((code >> (6 * rest)) & 0x3f);
  }
  return bytes;
}

/** The text, or `undefined` when `bytes` is not well-formed UTF-8 (overlong forms and surrogates are refused). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const parts: string[] = [];
  let codes: number[] = [];
  for (let position = 0; position < bytes.length; ) {
    const lead = bytes[position++] ?? 0;
    let code = lead;
    if (lead >= 0x80) {
      const extra =
        lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
      if (extra === 0 || position + extra > bytes.length) return undefined;
      code = lead & (0x3f >> extra);
      for (let index = 0; index < extra; index++) {
        const next = bytes[position++] ?? 0;
        if ((next & 0xc0) !== 0x80) return undefined;
        code = (code << 6) | (next & 0x3f);
      }
      if (byteCount(code) !== extra + 1 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
    }
    codes.push(code);
    if (codes.length === JOIN_LENGTH) {
      parts.push(String.fromCodePoint(...codes));
      codes = [];
    }
  }
  parts.push(String.fromCodePoint(...codes));
  return parts.join("");
}

function codePoint(character: string): number {
  const code = character.codePointAt(0) ?? REPLACEMENT;
  return code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
}

function byteCount(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
