import { OtaPartitionError } from "./errors.js";
import {
  IMAGE_HEADER_LENGTH,
  IMAGE_INFO_LENGTH,
  type ImageInfo,
  type ImageTarget,
  readImageInfo,
  SEGMENT_HEADER_LENGTH,
} from "./image-header.js";
import { checkPlace, type SegmentPlaces, segmentPlaces } from "./image-memory.js";

const CHECKSUM_START = 0xef;
const DIGEST_LENGTH = 32;
const MAX_SEGMENT_LENGTH = 0x1000000;
/** Incremental SHA-256, the SDK's Digest. */
export type DigestSink = { write(data: Uint8Array): void; close(): ArrayBuffer };

type Stage = "info" | "segment-header" | "data" | "tail" | "digest" | "after";

/**
 * Checks an image of which it gets the bytes once, in order, in pieces of any length: structure, checksum, appended
 * SHA-256. Keeps less than 300 bytes of it. What follows the image (padding of a signing tool) is not looked at. Every
 * failure is an `OtaPartitionError`.
 */
export class ImageCheck {
  #target: ImageTarget;
  #digest: DigestSink;
  #stage: Stage = "info";
  #field = new Uint8Array(IMAGE_INFO_LENGTH);
  #filled = 0;
  #wanted = IMAGE_INFO_LENGTH;
  #offset = 0;
  #segmentsLeft = 0;
  #dataLeft = 0;
  #checksum = CHECKSUM_START;
  #computed: Uint8Array | undefined;
  #info: ImageInfo | undefined;
  #places: SegmentPlaces | undefined;
  #imageLength = 0;

  /** `digest` is a fresh SHA-256, used up by this check. */
  constructor(digest: DigestSink, target: ImageTarget = {}) {
    this.#digest = digest;
    this.#target = target;
  }

  /** Takes the next bytes. @throws OtaPartitionError as soon as they show that the image is bad */
  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && this.#stage !== "after") {
      at += this.#stage === "data" ? this.takeData(bytes.subarray(at)) : this.takeField(bytes.subarray(at));
    }
  }

  /** The image's own description and length once all bytes passed. @throws OtaPartitionError "image-truncated" */
  end(): ImageInfo & { imageLength: number } {
    if (this.#stage !== "after" || !this.#info) {
      throw new OtaPartitionError("image-truncated", `image ends at ${this.#offset} bytes, inside its ${this.#stage}`);
    }
    return { ...this.#info, imageLength: this.#imageLength };
  }

  private takeField(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#wanted - this.#filled);
    this.#field.set(bytes.subarray(0, count), this.#filled);
    this.#filled += count;
    this.#offset += count;
    if (this.#filled === this.#wanted) this.fieldComplete(this.#field.subarray(0, this.#wanted));
    return count;
  }

  private takeData(bytes: Uint8Array): number {
    const data = bytes.subarray(0, this.#dataLeft);
    this.addData(data);
    this.#offset += data.length;
    this.#dataLeft -= data.length;
    if (this.#dataLeft === 0) this.segmentComplete();
    return data.length;
  }

  private addData(data: Uint8Array): void {
    let sum = this.#checksum;
    for (let index = 0; index < data.length; index += 1) sum ^= data[index] ?? 0;
    this.#checksum = sum;
    this.#digest.write(data);
  }

  private fieldComplete(field: Uint8Array): void {
    if (this.#stage === "info") this.startImage(field);
    else if (this.#stage === "segment-header") this.startSegment(field);
    else if (this.#stage === "tail") this.endTail(field);
    else this.endDigest(field);
  }

  /**
   * The first field holds the image header, the first segment's header and the 256 bytes of data every first segment
   * has.
   */
  private startImage(field: Uint8Array): void {
    const info = readImageInfo(field, this.#target);
    this.#info = info;
    this.#places = segmentPlaces(info.chipId, field);
    this.#segmentsLeft = info.segments;
    const headersEnd = IMAGE_HEADER_LENGTH + SEGMENT_HEADER_LENGTH;
    this.#digest.write(field.subarray(0, IMAGE_HEADER_LENGTH));
    this.startSegment(field.subarray(IMAGE_HEADER_LENGTH, headersEnd), headersEnd);
    const data = field.subarray(headersEnd);
    this.addData(data);
    this.#dataLeft -= data.length;
    if (this.#dataLeft === 0) this.segmentComplete();
  }

  private startSegment(header: Uint8Array, dataOffset = this.#offset): void {
    const view = new DataView(header.buffer, header.byteOffset, SEGMENT_HEADER_LENGTH);
    const address = view.getUint32(0, true);
    const length = view.getUint32(4, true);
    if (length % 4 !== 0 || length >= MAX_SEGMENT_LENGTH) {
      throw new OtaPartitionError("image-structure", `segment at ${dataOffset} claims ${length} bytes`);
    }
    if (this.#places !== undefined) checkPlace(this.#places, address, length, dataOffset);
    this.#digest.write(header);
    this.#stage = "data";
    this.#dataLeft = length;
    if (length === 0) this.segmentComplete();
  }

  private segmentComplete(): void {
    this.#segmentsLeft -= 1;
    if (this.#segmentsLeft > 0) this.expect("segment-header", SEGMENT_HEADER_LENGTH);
    // The checksum is the last byte of a group of 16, and there is always at least that byte.
    else this.expect("tail", 16 - (this.#offset % 16));
  }

  private endTail(tail: Uint8Array): void {
    this.#digest.write(tail);
    if (tail[tail.length - 1] !== this.#checksum) {
      throw new OtaPartitionError("image-checksum", "checksum byte differs from the segments' data");
    }
    this.#computed = new Uint8Array(this.#digest.close());
    this.expect("digest", DIGEST_LENGTH);
  }

  private endDigest(stored: Uint8Array): void {
    const computed = this.#computed;
    for (let index = 0; index < DIGEST_LENGTH; index += 1) {
      if (computed?.[index] !== stored[index]) {
        throw new OtaPartitionError("image-digest", "appended SHA-256 differs from the image");
      }
    }
    this.#imageLength = this.#offset;
    this.#stage = "after";
  }

  private expect(stage: Stage, length: number): void {
    this.#stage = stage;
    this.#wanted = length;
    this.#filled = 0;
  }
}
