import { createHash } from "node:crypto";
import { compressedFrame } from "./compressed-frame.js";
import { stretches } from "./differences.js";
import { headerBytes, MAX_IMAGE_LENGTH, PatchError } from "./format.js";
import { FrameWriter, framesOf } from "./operations.js";

export interface PatchImages {
  /** The image that the device runs. Without it the patch is the new image, compressed. */
  readonly from?: Uint8Array | undefined;
  /** The image that it shall have. */
  readonly to: Uint8Array;
}

const NO_BASE = new Uint8Array(0);

/**
 * The patch that makes `to` out of `from`, as docs/patch-format.md describes it. The same images give the same bytes
 * with the same zlib. Takes about a second for 1 MiB, and some 30 bytes of memory for a byte of the images.
 * @throws PatchError when one of them is empty or longer than 16 MiB
 */
export function makePatch({ from, to }: PatchImages): Uint8Array {
  for (const [name, image] of [
    ["from", from],
    ["to", to],
  ] as const) {
    if (image === undefined) continue;
    if (image.length === 0) throw new PatchError(`"${name}" is empty`);
    if (image.length > MAX_IMAGE_LENGTH) throw new PatchError(`"${name}" is longer than ${MAX_IMAGE_LENGTH} bytes`);
  }
  const base = from ?? NO_BASE;
  const writer = new FrameWriter(base, to);
  const header = headerBytes({
    imageSize: to.length,
    imageSha256: sha256(to),
    baseSize: base.length,
    baseSha256: from === undefined ? new Uint8Array(32) : sha256(from),
  });
  const frames = framesOf(stretches(base, to)).map((parts) => compressedFrame(writer, parts));
  return new Uint8Array(Buffer.concat([header, ...frames]));
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}
