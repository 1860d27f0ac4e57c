/**
 * Hexadecimal text, strict. Written here because the engines in use do not all have `Uint8Array.fromHex`; NVS takes
 * strings on every platform and byte buffers only on some.
 */

const DIGITS = "0123456789abcdef";

/** Either case; `undefined` when the number of digits is odd or another character occurs. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** Lower case. */
export function hexFromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return text;
}
