const OBJECT_IDENTIFIER = 6;
/** Of the attribute types of X.520, whose identifiers are 2.5.4.N. */
const COMMON_NAME = 3;
const ORGANIZATION = 10;
const MAX_LENGTH = 40;

/**
 * Who a Name in DER is, for a message: its common name or else its organization. The attribute is looked for without
 * reading the rest: whatever the bytes are, the result is a short text in ASCII. [RFC 5280, 4.1.2.4]
 */
export function nameIn(name: Uint8Array): string {
  return attributeOf(name, COMMON_NAME) ?? attributeOf(name, ORGANIZATION) ?? "nobody";
}

function attributeOf(name: Uint8Array, type: number): string | undefined {
  const identifier = [OBJECT_IDENTIFIER, 3, 0x55, 4, type];
  for (let at = 0; at + 7 < name.length; at++) {
    if (!identifier.every((byte, index) => name[at + index] === byte)) continue;
    const length = Math.min(name[at + 6] ?? 0, MAX_LENGTH);
    return printable(name.subarray(at + 7, at + 7 + length));
  }
  return undefined;
}

/** ASCII of text that came from outside, spaces included; everything else becomes "?". */
export function printable(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, MAX_LENGTH))
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?";
  return text;
}
