import { writeU16, writeU32 } from "./bytes.js";
import { type DigestConstructor, digestOf } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import {
  CHECKSUM_START,
  DIGEST_LENGTH,
  IMAGE_HEADER_LENGTH,
  IMAGE_MAGIC,
  isMapped,
  MMU_PAGE,
  SEGMENT_HEADER_LENGTH,
} from "./image-layout.js";

/** A segment to be: where it is loaded to, and its bytes. */
export type SegmentSource = { address: number; data: Uint8Array };

/** Header fields of an image. The defaults are those of an ESP32 build for 4 MB at 40 MHz DIO. */
export type ImageHeaderOptions = {
  /** Address execution starts at. Default 0x40081000. */
  entry?: number;
  /** 0 is the ESP32. */
  chipId?: number;
  /** Chip revisions, major * 100 + minor; 65535 is "no limit". */
  minRevision?: number;
  maxRevision?: number;
  spiMode?: number;
  /** Low nibble speed, high nibble flash size. Default 0x20. */
  spiSpeedSize?: number;
  /** Append a SHA-256 and say so in the header. Default true. */
  appendDigest?: boolean;
};

/** What an image is built of. */
export type ImageOptions = ImageHeaderOptions & {
  segments: readonly SegmentSource[];
  Digest: DigestConstructor;
  /** Wrong values for tests of refusal: what the header claims, the checksum byte, the mapping rule not applied. */
  segmentCount?: number;
  checksum?: number;
  ignoreMapping?: boolean;
};

/**
 * An application image. A mapped segment whose place in the file does not suit its address is preceded by a padding
 * segment.
 * @throws Esp32SimError "image-option" when a segment's length is not a multiple of 4 or no padding segment can fit
 */
export function buildImage(options: ImageOptions): Uint8Array {
  const segments = options.ignoreMapping ? options.segments : withPadding(options.segments);
  const end = segments.reduce((sum, { data }) => sum + SEGMENT_HEADER_LENGTH + data.length, IMAGE_HEADER_LENGTH);
  const hashed = (Math.floor(end / 16) + 1) * 16;
  const appendDigest = options.appendDigest ?? true;
  const image = new Uint8Array(hashed + (appendDigest ? DIGEST_LENGTH : 0));
  writeHeader(image, options, options.segmentCount ?? segments.length, appendDigest);
  let at = IMAGE_HEADER_LENGTH;
  let checksum = CHECKSUM_START;
  for (const { address, data } of segments) {
    writeU32(image, at, address);
    writeU32(image, at + 4, data.length);
    image.set(data, at + SEGMENT_HEADER_LENGTH);
    at += SEGMENT_HEADER_LENGTH + data.length;
    for (const byte of data) checksum ^= byte;
  }
  image[hashed - 1] = options.checksum ?? checksum;
  if (appendDigest) image.set(digestOf(options.Digest, "SHA256", image.subarray(0, hashed)), hashed);
  return image;
}

function writeHeader(image: Uint8Array, options: ImageHeaderOptions, count: number, appendDigest: boolean): void {
  image[0] = IMAGE_MAGIC;
  image[1] = count;
  image[2] = options.spiMode ?? 2;
  image[3] = options.spiSpeedSize ?? 0x20;
  writeU32(image, 4, options.entry ?? 0x40081000);
  image[8] = 0xee;
  writeU16(image, 12, options.chipId ?? 0);
  writeU16(image, 15, options.minRevision ?? 0);
  writeU16(image, 17, options.maxRevision ?? 0xffff);
  image[23] = appendDigest ? 1 : 0;
}

function withPadding(segments: readonly SegmentSource[]): SegmentSource[] {
  const result: SegmentSource[] = [];
  let at = IMAGE_HEADER_LENGTH;
  for (const segment of segments) {
    if (segment.data.length % 4 !== 0) {
      throw new Esp32SimError("image-option", `a segment of ${segment.data.length} bytes is not whole words`);
    }
    if (isMapped(segment.address) && (at + SEGMENT_HEADER_LENGTH - segment.address) % MMU_PAGE !== 0) {
      // Two headers stand between here and the data: the padding's own and the segment's.
      const data = at + 2 * SEGMENT_HEADER_LENGTH;
      const gap = (((segment.address - data) % MMU_PAGE) + MMU_PAGE) % MMU_PAGE;
      if (gap % 4 !== 0) throw new Esp32SimError("image-option", "a mapped segment's address is not a multiple of 4");
      result.push({ address: 0, data: new Uint8Array(gap) });
      at = data + gap - SEGMENT_HEADER_LENGTH;
    }
    result.push(segment);
    at += SEGMENT_HEADER_LENGTH + segment.data.length;
  }
  return result;
}
