/** Patches read on a computer, with zlib: another reading than the device's, of the same page. */
import { type InflateRaw, inflateRawSync } from "node:zlib";
import {
  FRAME_LENGTH,
  HEADER_LENGTH,
  MAX_FRAME_BYTES,
  PatchError,
  type PatchHeader,
  readHeader,
  WINDOW_BITS,
} from "./format.js";

/** What one frame is made of. */
export interface PatchFrame {
  /** Where it begins in the patch, and its bytes there. */
  readonly patchOffset: number;
  readonly length: number;
  /** Where it begins in the image, and its bytes there. */
  readonly imageOffset: number;
  readonly imageLength: number;
  /** Bytes of the image that are those of the base, that are made out of the base, and that are new. */
  readonly unchanged: number;
  readonly changed: number;
  readonly fresh: number;
}

export interface Inspection {
  readonly header: PatchHeader;
  readonly frames: readonly PatchFrame[];
}

/** @throws PatchError when it is no valid patch */
export function inspectPatch(patch: Uint8Array): Inspection {
  const header = readHeader(patch);
  return { header, frames: [...walked(patch, header, () => {})] };
}

/** The image that a patch gives. @throws PatchError when the patch is not valid, or not for this base */
export function applyPatch({ from, patch }: { from?: Uint8Array | undefined; patch: Uint8Array }): Uint8Array {
  const header = readHeader(patch);
  if (header.baseSize > 0 && header.baseSize !== from?.length)
    throw new PatchError(`it is made for ${header.baseSize} bytes, not ${from?.length ?? 0}`);
  const image = new Uint8Array(header.imageSize);
  const base = from ?? new Uint8Array(0);
  let at = 0;
  for (const _ of walked(patch, header, (bytes, source) => {
    for (const byte of bytes) image[at++] = source === undefined ? byte : (base[source++] ?? 0) + byte;
  }));
  return image;
}

/** Bytes to add to those of the base from `source` on, or bytes as they are. */
type Give = (bytes: Uint8Array, source?: number) => void;

function* walked(patch: Uint8Array, { imageSize, baseSize }: PatchHeader, give: Give): Generator<PatchFrame> {
  let patchOffset = HEADER_LENGTH;
  for (let imageOffset = 0; imageOffset < imageSize; imageOffset += FRAME_LENGTH) {
    const imageLength = Math.min(FRAME_LENGTH, imageSize - imageOffset);
    const { plain, length } = inflated(patch.subarray(patchOffset));
    const counts = new FrameReader(plain, baseSize, give).read(imageOffset, imageLength);
    yield { patchOffset, length, imageOffset, imageLength, ...counts };
    patchOffset += length;
  }
  if (patchOffset < patch.length) throw new PatchError("bytes follow the last frame");
}

function inflated(bytes: Uint8Array): { plain: Uint8Array; length: number } {
  try {
    // With `info` the result is another than the declaration of zlib's types says.
    const result: unknown = inflateRawSync(bytes.subarray(0, MAX_FRAME_BYTES), {
      windowBits: WINDOW_BITS,
      maxOutputLength: MAX_FRAME_BYTES,
      info: true,
    });
    if (!isInfo(result)) throw new PatchError("zlib said nothing of the bytes it used");
    return { plain: new Uint8Array(result.buffer), length: result.engine.bytesWritten };
  } catch (error) {
    throw new PatchError(`a frame cannot be unpacked: ${error instanceof Error ? error.message : error}`);
  }
}

function isInfo(value: unknown): value is { buffer: Buffer; engine: InflateRaw } {
  return typeof value === "object" && value !== null && "buffer" in value && "engine" in value;
}

class FrameReader {
  readonly #bytes: Uint8Array;
  readonly #baseSize: number;
  readonly #give: Give;
  #at = 0;

  constructor(bytes: Uint8Array, baseSize: number, give: Give) {
    this.#bytes = bytes;
    this.#baseSize = baseSize;
    this.#give = give;
  }

  read(imageOffset: number, imageLength: number): Pick<PatchFrame, "unchanged" | "changed" | "fresh"> {
    const counts = { unchanged: 0, changed: 0, fresh: 0 };
    let source = imageOffset;
    for (let left = imageLength; left > 0; ) {
      const part = this.number();
      const length = this.atMost(part >>> 1, left, 1);
      left -= length;
      if (part % 2 === 1) {
        counts.fresh += length;
        this.#give(this.take(length));
        continue;
      }
      const shift = this.number();
      source += shift % 2 === 0 ? shift / 2 : -(shift + 1) / 2;
      if (source < 0 || source + length > this.#baseSize) throw new PatchError("a part lies outside the base");
      for (let rest = length; rest > 0; ) {
        const changed = this.atMost(this.number(), rest, 0);
        this.#give(this.take(changed), source);
        const unchanged = changed === rest ? 0 : this.atMost(this.number(), rest - changed, 1);
        this.#give(new Uint8Array(unchanged), source + changed);
        counts.changed += changed;
        counts.unchanged += unchanged;
        source += changed + unchanged;
        rest -= changed + unchanged;
      }
    }
    if (this.#at < this.#bytes.length) throw new PatchError("a frame goes on behind its end");
    return counts;
  }

  private number(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const [byte = 0] = this.take(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new PatchError("a number has more than four bytes");
  }

  private atMost(count: number, most: number, least: number): number {
    if (count < least || count > most) throw new PatchError(`a count of ${count}, where ${most} are left`);
    return count;
  }

  private take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new PatchError("a frame ends too early");
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
}
