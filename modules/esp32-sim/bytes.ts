/** Little-endian fields and zero-terminated texts of flash structures. Offsets are relative to the array given. */

export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8);
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return (readU16(bytes, offset) | (readU16(bytes, offset + 2) << 16)) >>> 0;
}

export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value & 0xff;
  bytes[offset + 1] = (value >>> 8) & 0xff;
}

export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  writeU16(bytes, offset, value & 0xffff);
  writeU16(bytes, offset + 2, value >>> 16);
}

/**
 * The text up to the first zero byte or the field's end, one character a byte: descriptor fields are ASCII by
 * convention, not by any check.
 */
export function readText(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  for (let index = offset; index < offset + length; index += 1) {
    const code = bytes[index] ?? 0;
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

/** Stores an ASCII text, cut to the field's length; the rest of the field is left as it is. */
export function writeText(bytes: Uint8Array, offset: number, length: number, text: string): void {
  for (let index = 0; index < Math.min(length, text.length); index += 1) {
    bytes[offset + index] = text.charCodeAt(index) & 0xff;
  }
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

export function isErased(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0xff) return false;
  return true;
}
