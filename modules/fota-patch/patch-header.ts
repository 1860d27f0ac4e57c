import { FotaPatchError } from "./errors.js";

/** Bytes of a patch before its first frame. */
export const PATCH_HEADER_LENGTH = 80;
/** Neither an image nor a base is longer: the largest flash of these chips. */
export const MAX_IMAGE_LENGTH = 16_777_216;

const MAGIC = 0x464f5450; // "FOTP"
const VERSION = 1;
const DIGEST_LENGTH = 32;

/** What a patch says about itself. */
export type PatchHeader = {
  /** Bytes of the image that it gives. */
  readonly imageSize: number;
  readonly imageSha256: Uint8Array;
  /** Bytes of the image that it is made for. 0: it needs none. */
  readonly baseSize: number;
  /** Zeros when it needs none. */
  readonly baseSha256: Uint8Array;
};

/**
 * Reads the first {@link PATCH_HEADER_LENGTH} bytes of a patch; more may follow them.
 * @throws FotaPatchError "patch-invalid", "patch-unsupported", "patch-truncated" when there are fewer
 */
export function readPatchHeader(bytes: Uint8Array): PatchHeader {
  if (bytes.length < PATCH_HEADER_LENGTH) {
    throw new FotaPatchError("patch-truncated", `${bytes.length} bytes hold no header of a patch`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, PATCH_HEADER_LENGTH);
  if (view.getUint32(0) !== MAGIC) throw new FotaPatchError("patch-invalid", "it does not begin as a patch");
  const version = view.getUint8(4);
  if (version !== VERSION) throw new FotaPatchError("patch-unsupported", `format version ${version}`);
  if (view.getUint8(5) !== 0 || view.getUint16(6, true) !== 0) {
    throw new FotaPatchError("patch-unsupported", "it has flags that are not known");
  }
  const imageSize = view.getUint32(8, true);
  const baseSize = view.getUint32(12, true);
  if (imageSize === 0 || imageSize > MAX_IMAGE_LENGTH || baseSize > MAX_IMAGE_LENGTH) {
    throw new FotaPatchError("patch-invalid", `an image of ${imageSize} bytes out of one of ${baseSize}`);
  }
  const imageSha256 = bytes.slice(16, 16 + DIGEST_LENGTH);
  const baseSha256 = bytes.slice(16 + DIGEST_LENGTH, PATCH_HEADER_LENGTH);
  if (baseSize === 0 && baseSha256.some((byte) => byte !== 0)) {
    throw new FotaPatchError("patch-invalid", "it needs no base, and has the digest of one");
  }
  return { imageSize, imageSha256, baseSize, baseSha256 };
}
