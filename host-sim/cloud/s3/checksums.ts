import { createHash } from "node:crypto";

/** The checksums S3 clients send and ask for; values are base64 of the big-endian number or digest. */
export const CHECKSUM_NAMES = Object.freeze(["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const);
export type ChecksumName = (typeof CHECKSUM_NAMES)[number];

export function checksumOf(name: ChecksumName, parts: readonly Uint8Array[]): string {
  switch (name) {
    case "crc32":
      return crc32(parts, 0xedb88320);
    case "crc32c":
      return crc32(parts, 0x82f63b78);
    case "crc64nvme":
      return crc64(parts);
    case "sha1":
    case "sha256": {
      const hash = createHash(name);
      for (const part of parts) hash.update(part);
      return hash.digest("base64");
    }
  }
}

function crc32(parts: readonly Uint8Array[], polynomial: number): string {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let c = i;
    for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ polynomial : c >>> 1;
    table[i] = c >>> 0;
  }
  let crc = 0xffffffff;
  for (const part of parts) for (const byte of part) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  const out = Buffer.alloc(4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return out.toString("base64");
}

/** CRC-64/NVME on two 32-bit halves: BigInt would take seconds for an image. */
function crc64(parts: readonly Uint8Array[]): string {
  const POLYNOMIAL_HIGH = 0x9a6c9329;
  const POLYNOMIAL_LOW = 0xac4bc9b5;
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let i = 0; i < 256; i += 1) {
    let h = 0;
    let l = i;
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = l & 1;
      l = (l >>> 1) | ((h & 1) << 31);
      h >>>= 1;
      if (odd) {
        h ^= POLYNOMIAL_HIGH;
        l ^= POLYNOMIAL_LOW;
      }
    }
    high[i] = h;
    low[i] = l;
  }
  let h = 0xffffffff;
  let l = 0xffffffff;
  for (const part of parts) {
    for (const byte of part) {
      const index = (l ^ byte) & 0xff;
      l = ((l >>> 8) | (h << 24)) ^ (low[index] ?? 0);
      h = (h >>> 8) ^ (high[index] ?? 0);
    }
  }
  const out = Buffer.alloc(8);
  out.writeUInt32BE((h ^ 0xffffffff) >>> 0, 0);
  out.writeUInt32BE((l ^ 0xffffffff) >>> 0, 4);
  return out.toString("base64");
}
