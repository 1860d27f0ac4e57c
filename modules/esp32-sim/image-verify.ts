import { type AppDescriptor, readDescriptor } from "./app-descriptor.js";
import { equalBytes, readU16, readU32 } from "./bytes.js";
import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { ESP_ERR } from "./esp-err.js";
import {
  CHECKSUM_START,
  DESCRIPTOR_LENGTH,
  DIGEST_LENGTH,
  IMAGE_HEADER_LENGTH,
  IMAGE_MAGIC,
  isLoaded,
  isMapped,
  loadConflict,
  MAX_FLASH_ADDRESS,
  MAX_SEGMENTS,
  MMU_PAGE,
  SEGMENT_HEADER_LENGTH,
} from "./image-layout.js";

const READ_CHUNK = 4096;

/**
 * Where an image is read from: offset 0 is the start of its partition, `size` the partition's bytes. Reads beyond
 * `size` are allowed to succeed, as in flash.
 */
export type ImageSource = { size: number; read(offset: number, length: number): Uint8Array };

/** Who verifies, and for which chip. */
export type VerifyOptions = {
  Digest: DigestConstructor;
  /** "app": esp_image_verify. "bootloader": loading, which also checks where RAM segments go. */
  mode: "app" | "bootloader";
  /**
   * CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS: the header, checksum and digest are not looked at. Later versions than v6.0
   * check magic byte and number of segments all the same. Default false.
   */
  skipValidate?: boolean;
  /** Chip revision, major * 100 + minor. Default 301. */
  chipRevision?: number;
  /** Default 0, the ESP32. */
  chipId?: number;
};

/**
 * Result of a verification. `error` is 0 or ESP-IDF's number, `reason` says which check failed. Offsets count from the
 * image's start, `length` is the image's without anything after it.
 */
export type ImageReport = {
  error: number;
  reason?: string;
  length: number;
  entry: number;
  segments: readonly { address: number; offset: number; length: number }[];
  descriptor?: AppDescriptor;
  digest?: Uint8Array;
};

type Progress = { length: number; entry: number; segments: { address: number; offset: number; length: number }[] } & {
  descriptor?: AppDescriptor;
  digest?: Uint8Array;
};
type Refusal = { error: number; reason: string };

/**
 * Verifies an image in the order of checks of ESP-IDF v6.0. Later versions refuse a first segment that is too short for
 * a descriptor. [esp_image_verify, bootloader_load_image]
 * @throws Esp32SimError "assertion" where the bootloader ends with a reset
 */
export function verifyImage(source: ImageSource, options: VerifyOptions): ImageReport {
  const progress: Progress = { length: 0, entry: 0, segments: [] };
  let refusal: Refusal | undefined;
  try {
    refusal = verifySteps(source, options, progress);
  } catch (error) {
    // An image whose lengths lead outside the chip; a power cut of the board is no such error and passes.
    if (!(error instanceof Esp32SimError) || error.code === "assertion") throw error;
    refusal = { error: ESP_ERR.ESP_ERR_IMAGE_FLASH_FAIL, reason: error.message };
  }
  return refusal ? { ...progress, ...refusal } : { ...progress, error: ESP_ERR.ESP_OK };
}

function verifySteps(source: ImageSource, options: VerifyOptions, progress: Progress): Refusal | undefined {
  if (source.size > MAX_FLASH_ADDRESS) {
    return { error: ESP_ERR.ESP_ERR_INVALID_ARG, reason: "partition is larger than 16 MiB" };
  }
  const header = source.read(0, IMAGE_HEADER_LENGTH).slice();
  const hasDigest = header[23] !== 0;
  const checked = !options.skipValidate;
  const sum = new RunningSums(checked && hasDigest ? new options.Digest("SHA256") : undefined);
  sum.digest(header);
  progress.entry = readU32(header, 4);
  const bad = checked ? checkHeader(header, options) : undefined;
  if (bad) return bad;
  const count = header[1] ?? 0;
  let at = IMAGE_HEADER_LENGTH;
  for (let index = 0; index < count; index += 1) {
    const segmentHeader = source.read(at, SEGMENT_HEADER_LENGTH).slice();
    const segment = { address: readU32(segmentHeader, 0), offset: at + 8, length: readU32(segmentHeader, 4) };
    const badSegment = checkSegment(index, segment, options);
    if (badSegment) return badSegment;
    sum.digest(segmentHeader);
    progress.segments.push(segment);
    if (index === 0) {
      const descriptor = readDescriptor(source.read(segment.offset, DESCRIPTOR_LENGTH));
      if (descriptor) progress.descriptor = descriptor;
    }
    if (checked) sum.segmentData(source, segment.offset, segment.length);
    at = segment.offset + segment.length;
  }
  return verifyEnd(source, progress, at, { checked, hasDigest, sum });
}

function verifyEnd(
  source: ImageSource,
  progress: Progress,
  end: number,
  { checked, hasDigest, sum }: { checked: boolean; hasDigest: boolean; sum: RunningSums },
): Refusal | undefined {
  const hashed = (Math.floor(end / 16) + 1) * 16;
  const tail = source.read(end, hashed - end).slice();
  sum.digest(tail);
  progress.length = hashed;
  if (checked && tail[tail.length - 1] !== sum.checksum) return invalid("checksum differs");
  const stored = hasDigest ? source.read(hashed, DIGEST_LENGTH).slice() : undefined;
  if (stored) {
    progress.length += DIGEST_LENGTH;
    progress.digest = stored;
  }
  if (progress.length > source.size) return invalid("image is larger than its partition");
  if (checked && stored && !equalBytes(sum.closeDigest(), stored)) return invalid("appended SHA-256 differs");
  return undefined;
}

function invalid(reason: string): Refusal {
  return { error: ESP_ERR.ESP_ERR_IMAGE_INVALID, reason };
}

function checkHeader(header: Uint8Array, options: VerifyOptions): Refusal | undefined {
  if (header[0] !== IMAGE_MAGIC) return invalid("magic byte is not 0xE9");
  const revision = options.chipRevision ?? 301;
  const minimum = readU16(header, 15);
  const maximum = readU16(header, 17);
  const mismatch = (reason: string): Refusal => ({ error: ESP_ERR.ESP_FAIL, reason });
  if (readU16(header, 12) !== (options.chipId ?? 0)) return mismatch("image is for another chip");
  if (minimum > revision) return mismatch("image needs a newer chip revision");
  if (maximum !== 0 && maximum !== 0xffff && maximum < revision) return mismatch("image needs an older chip revision");
  return (header[1] ?? 0) > MAX_SEGMENTS ? invalid("more than 16 segments") : undefined;
}

function checkSegment(
  index: number,
  segment: { address: number; offset: number; length: number },
  options: VerifyOptions,
): Refusal | undefined {
  const { address, offset, length } = segment;
  if (length % 4 !== 0 || length >= MAX_FLASH_ADDRESS) return invalid(`segment ${index} has a bad length`);
  if (isMapped(address) && (offset - address) % MMU_PAGE !== 0) {
    return invalid(`segment ${index} does not stand at its address modulo 64 KiB`);
  }
  if (options.mode === "bootloader" && isLoaded(address)) {
    const conflict = loadConflict(address, length);
    if (conflict) return invalid(conflict);
  }
  return undefined;
}

/** XOR over segment data and SHA-256 over everything, in one pass and small pieces. */
class RunningSums {
  #digest: InstanceType<DigestConstructor> | undefined;
  checksum = CHECKSUM_START;

  constructor(digest: InstanceType<DigestConstructor> | undefined) {
    this.#digest = digest;
  }

  digest(bytes: Uint8Array): void {
    this.#digest?.write(bytes);
  }

  segmentData(source: ImageSource, offset: number, length: number): void {
    for (let done = 0; done < length; done += READ_CHUNK) {
      const bytes = source.read(offset + done, Math.min(READ_CHUNK, length - done));
      this.checksum ^= xorOf(bytes);
      this.#digest?.write(bytes);
    }
  }

  closeDigest(): Uint8Array {
    return this.#digest ? new Uint8Array(this.#digest.close()) : new Uint8Array(0);
  }
}

/** XOR of all bytes, by words where the memory allows: this loop runs over whole images at each simulated boot. */
function xorOf(bytes: Uint8Array): number {
  let sum = 0;
  let at = 0;
  if (bytes.byteOffset % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    for (let index = 0; index < words.length; index += 1) sum ^= words[index] ?? 0;
    sum ^= sum >>> 16;
    sum ^= sum >>> 8;
    at = words.length * 4;
  }
  for (; at < bytes.length; at += 1) sum ^= bytes[at] ?? 0;
  return sum & 0xff;
}
