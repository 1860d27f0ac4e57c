/**
 * Base64 and hexadecimal, strict. Written here because the engines in use do not all have `Uint8Array.fromBase64`, and the SDK's `base64`
 * module answers malformed text with zero bytes instead of an error.
 */
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX = "0123456789abcdef";

/** Padding is optional; white space, other alphabets and left-over bits give undefined. */
export function bytesFromBase64(text: string): Uint8Array | undefined {
  const match = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(text);
  const body = match?.[1];
  if (body === undefined || body.length % 4 === 1) return undefined;
  if (match?.[2] !== "" && text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let position = 0;
  for (const character of body) {
    bits = ((bits << 6) | BASE64.indexOf(character)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[position++] = (bits >> count) & 0xff;
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}

/** Either case; an odd number of digits or another character gives undefined. */
export function bytesFromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}

/** Lower case. */
export function hexFromBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += `${HEX[byte >> 4] ?? ""}${HEX[byte & 15] ?? ""}`;
  return text;
}
