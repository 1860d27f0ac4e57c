/** The device's decoder over images in memory, as strict as flash is: nothing outside the base is ever read. */
import assert from "node:assert/strict";
import { PatchDecoder, type PatchDecoderOptions, type PatchFrame } from "../../modules/fota-patch/index.js";

export type Rebuild = Partial<Omit<PatchDecoderOptions, "base" | "sink">> & {
  readonly base?: Uint8Array | undefined;
  readonly patch: Uint8Array;
  readonly imageSize: number;
  /** Bytes of the patch at a time. Default: all. */
  readonly chunk?: number;
  /** Bytes of the patch after which it is left without `finish`. */
  readonly stopAt?: number;
};

export interface Rebuilt {
  /** What came, from `offset` on. */
  readonly image: Uint8Array;
  /** Every edge that `frame` gave after a chunk. */
  readonly edges: readonly PatchFrame[];
  /** Lengths of the pieces, in order. */
  readonly pieces: readonly number[];
}

/** Where the bytes of an image come from when a part of it is read. */
export function memoryBase(image: Uint8Array): { size: number; read(target: Uint8Array, byteOffset: number): void } {
  return {
    size: image.length,
    read: (target, byteOffset) => {
      assert.ok(Number.isInteger(byteOffset) && byteOffset >= 0 && byteOffset + target.length <= image.length);
      target.set(image.subarray(byteOffset, byteOffset + target.length));
    },
  };
}

/** @throws what the decoder throws */
export function rebuild({ base, patch, imageSize, chunk = patch.length || 1, stopAt, ...options }: Rebuild): Rebuilt {
  const image = new Uint8Array(imageSize - (options.offset ?? 0));
  const pieces: number[] = [];
  let at = 0;
  const decoder = new PatchDecoder({
    ...options,
    imageSize,
    base: base === undefined ? undefined : memoryBase(base),
    sink: {
      write: (bytes) => {
        assert.ok(bytes.length > 0 && bytes.length <= 4096 && at + bytes.length <= image.length, "a piece too many");
        image.set(bytes, at);
        at += bytes.length;
        pieces.push(bytes.length);
        // What is valid during the call only is gone after it.
        return bytes.fill(0xee);
      },
    },
  });
  const edges: PatchFrame[] = [decoder.frame];
  const bytes = patch.subarray(options.patchOffset ?? 0, stopAt);
  for (let from = 0; from < bytes.length; from += chunk) {
    decoder.write(bytes.subarray(from, from + chunk));
    const { frame } = decoder;
    if (frame.patchOffset !== edges.at(-1)?.patchOffset) edges.push(frame);
  }
  if (stopAt === undefined) decoder.finish();
  return { image: image.subarray(0, at), edges, pieces };
}
