/** The numbers of the format; what each means stands in docs/patch-format.md. */

export const MAGIC = Object.freeze([0x46, 0x4f, 0x54, 0x50]); // "FOTP"
export const FORMAT_VERSION = 1;
export const HEADER_LENGTH = 80;
/** Bytes of the result that one frame gives. */
export const FRAME_LENGTH = 65_536;
/** Neither an image nor a base is longer: the largest flash of these chips. */
export const MAX_IMAGE_LENGTH = 16_777_216;
/** A distance in a frame's deflate stream is at most 2 to the power of this. */
export const WINDOW_BITS = 12;
/** Neither the compressed nor the plain operations of a frame are longer. */
export const MAX_FRAME_BYTES = 131_072;

export interface PatchHeader {
  /** Bytes of the image that the patch gives. */
  readonly imageSize: number;
  readonly imageSha256: Uint8Array;
  /** Bytes of the image that it is made for; 0: it needs none. */
  readonly baseSize: number;
  /** Zeros when it needs none. */
  readonly baseSha256: Uint8Array;
}

export class PatchError extends Error {
  override readonly name = "PatchError";
}

export function headerBytes({ imageSize, imageSha256, baseSize, baseSha256 }: PatchHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint8(4, FORMAT_VERSION);
  view.setUint32(8, imageSize, true);
  view.setUint32(12, baseSize, true);
  bytes.set(imageSha256, 16);
  bytes.set(baseSha256, 48);
  return bytes;
}

/** @throws PatchError when the bytes are no header of this version */
export function readHeader(bytes: Uint8Array): PatchHeader {
  if (bytes.length < HEADER_LENGTH || MAGIC.some((code, at) => bytes[at] !== code))
    throw new PatchError("this is no patch: it does not begin as one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_LENGTH);
  if (view.getUint8(4) !== FORMAT_VERSION) throw new PatchError(`format version ${view.getUint8(4)} is not known`);
  if (view.getUint8(5) !== 0 || view.getUint16(6, true) !== 0) throw new PatchError("it has flags that are not known");
  const [imageSize, baseSize] = [view.getUint32(8, true), view.getUint32(12, true)];
  const [imageSha256, baseSha256] = [bytes.slice(16, 48), bytes.slice(48, 80)];
  if (imageSize === 0 || imageSize > MAX_IMAGE_LENGTH || baseSize > MAX_IMAGE_LENGTH)
    throw new PatchError(`an image of ${imageSize} bytes from one of ${baseSize} is not possible`);
  if (baseSize === 0 && baseSha256.some((byte) => byte !== 0)) throw new PatchError("a base of no bytes has a digest");
  return { imageSize, imageSha256, baseSize, baseSha256 };
}
