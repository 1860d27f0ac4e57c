/**
 * Base64, strict. Written here because the engines in use do not all have `Uint8Array.fromBase64`, and the SDK's
 * `base64` module answers malformed text with zero bytes instead of an error.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Padding is optional; white space, other alphabets and left-over bits give `undefined`. */
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
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[position++] = (bits >> count) & 0xff;
    }
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : undefined;
}

/** With padding. */
export function base64FromBytes(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += at + 1 < bytes.byteLength ? ALPHABET.charAt((group >> 6) & 63) : "=";
    text += at + 2 < bytes.byteLength ? ALPHABET.charAt(group & 63) : "=";
  }
  return text;
}
