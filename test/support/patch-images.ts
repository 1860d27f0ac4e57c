/** Images for patches: like code in that parts repeat, and that a change moves and alters what comes behind it. */
import { randomIndex } from "./random-index.js";

/** Words out of a vocabulary, some of them with a number in them. */
export function codeLike(length: number, seed = 1): Uint8Array {
  const below = randomIndex(seed);
  const image = new Uint8Array(length);
  for (let at = 0; at + 4 <= length; at += 4) {
    image[at] = [0x93, 0x13, 0xb7, 0x6f, 0x83, 0x23][below(6)] ?? 0;
    image[at + 1] = below(24) * 5;
    image[at + 2] = below(4) === 0 ? below(256) : 0x05;
    image[at + 3] = below(8);
  }
  return image;
}

/** As the next build of it: `inserted` bytes at `at`, and every so-and-so-manyth word behind changed by as much. */
export function nextBuild(image: Uint8Array, at: number, inserted: number, every = 40): Uint8Array {
  const next = new Uint8Array(image.length + inserted);
  next.set(image.subarray(0, at));
  next.set(codeLike(inserted, at + 7), at);
  next.set(image.subarray(at), at + inserted);
  for (let word = at + inserted; word < next.length; word += every * 4)
    next[word] = ((next[word] ?? 0) + inserted) & 0xff;
  return next;
}
