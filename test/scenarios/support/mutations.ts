import { createHash } from "node:crypto";

const DIGEST_LENGTH = 32;

/** The appended SHA-256 fits again: what is wrong with the image, the hash does not show. */
export function resealed(image: Uint8Array): Uint8Array {
  const body = image.slice(0, image.length - DIGEST_LENGTH);
  const copy = image.slice();
  copy.set(createHash("sha256").update(body).digest(), body.length);
  return copy;
}

/** A copy with other bytes at a place; a negative place counts from the end. */
export function patched(image: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  const copy = image.slice();
  copy.set(bytes, at < 0 ? image.length + at : at);
  return copy;
}

export function flipped(image: Uint8Array, at: number, mask = 1): Uint8Array {
  const place = at < 0 ? image.length + at : at;
  return patched(image, place, (image[place] ?? 0) ^ mask);
}

const whole = (random: () => number, limit: number) => Math.floor(random() * limit);

/**
 * One damage that happens to files: a bit, a run of erased flash, a swap, an end that is missing, something appended.
 */
export function damaged(image: Uint8Array, random: () => number): Uint8Array {
  const at = whole(random, image.length - 64);
  switch (whole(random, 5)) {
    case 0:
      return flipped(image, at, 1 << whole(random, 8));
    case 1:
      return patched(image, at, ...[...image.subarray(at, at + 64)].map((byte) => byte ^ 0x5a));
    case 2:
      return image.slice(0, Math.max(1, at));
    case 3: {
      const copy = image.slice();
      copy.set([...image.subarray(at, at + 32)].reverse(), at);
      copy[at] = (copy[at] ?? 0) ^ 0x80;
      return copy;
    }
    default: {
      // The first 64 KiB are those of nothing.
      const copy = image.slice();
      copy.fill(0xff, 0, Math.min(65_536, at + 1));
      return copy;
    }
  }
}

const HOSTILE: readonly unknown[] = Object.freeze<unknown[]>([
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  4_294_967_296,
  "",
  " ",
  "\u0000\uffff",
  "x".repeat(5_000),
  "https://",
  `https://files.example.net/${"x".repeat(4_100)}`,
  "https://user:secret@files.example.net:99999/a b",
  "http://files.example.net/image.bin",
  "file:///etc/passwd",
  "%s%n\r\nX-Injected: 1",
  [],
  [[[[[[]]]]]],
  {},
  { url: {} },
  { protocol: "https:", host: "files.example.net/..", path: "//" },
  { toString: "no function", constructor: null },
]);

/** The document with one member replaced by something hostile, missing, or nested where none belongs. */
export function hostileDocument(
  document: Readonly<Record<string, unknown>>,
  random: () => number,
): Record<string, unknown> {
  const keys = [...Object.keys(document), "sha256", "sig-sha256-ecdsa", "force", "project", "afr_ota", "codesign"];
  const key = keys[whole(random, keys.length)] ?? "size";
  const value = HOSTILE[whole(random, HOSTILE.length)];
  const nested = document[key];
  if (typeof nested === "object" && nested !== null && random() < 0.5) {
    const inner = Object.keys(nested)[0] ?? "url";
    return { ...document, [key]: { ...nested, [inner]: value } };
  }
  return { ...document, [key]: random() < 0.1 ? undefined : value };
}

/** Text with a few characters cut, doubled or replaced: mostly no JSON any more, sometimes another one. */
export function mangled(text: string, random: () => number): string {
  const at = whole(random, text.length);
  switch (whole(random, 5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + whole(random, 8));
    case 2:
      return text.slice(0, at) + String.fromCharCode(whole(random, 256)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + "[{".repeat(whole(random, 200)) + text.slice(at);
    default:
      return text.replaceAll(/\d+/g, (digits) => (random() < 0.2 ? `-${digits}e9` : digits));
  }
}
