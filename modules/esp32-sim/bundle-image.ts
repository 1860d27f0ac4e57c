import { type AppDescriptor, buildDescriptor, type DescriptorOptions, readDescriptor } from "./app-descriptor.js";
import { readU32, writeU32 } from "./bytes.js";
import type { DigestConstructor } from "./digest.js";
import { Esp32SimError } from "./errors.js";
import { buildImage, type ImageHeaderOptions, type SegmentSource } from "./image-build.js";
import {
  DESCRIPTOR_LENGTH,
  DESCRIPTOR_OFFSET,
  DIGEST_LENGTH,
  IMAGE_HEADER_LENGTH,
  IROM,
  MAX_SEGMENTS,
  MMU_PAGE,
  SEGMENT_HEADER_LENGTH,
} from "./image-layout.js";

const BUNDLE_MAGIC = 0x31425746; // "FWB1"
const BUNDLE_HEADER_LENGTH = 8;
const STUB_LENGTH = 256;
const STUB_ADDRESS = 0x40081000;
const DEFAULT_PROJECT = "moddable-aws-fota";

/** What goes into an image that carries a program. */
export type BundleImageOptions = ImageHeaderOptions &
  Partial<Omit<DescriptorOptions, "version">> & {
    /** The program to carry. */
    bundle: Uint8Array;
    /** Version of the application descriptor, at most 31 characters. */
    version: string;
    Digest: DigestConstructor;
    /** Exact size of the result in bytes. Default: as small as the bundle allows. */
    totalSize?: number;
    /** Start of the filler's pseudo-random sequence. Default 1. */
    seed?: number;
  };

/**
 * A valid ESP32 application image around a firmware bundle. Segments: DROM with the descriptor, IRAM with a stub at the
 * entry address, IROM with the bundle, and, when a size is asked for, a padding segment of incompressible bytes, so
 * that neither flash nor network can take a short cut. A size that is not a multiple of 16 is reached with up to 31
 * bytes of 0xFF after the image, as esptool's --pad-to-size does.
 * @throws Esp32SimError "size-too-small", "image-option"
 */
export function buildBundleImage(options: BundleImageOptions): Uint8Array {
  const { bundle, totalSize } = options;
  const segments: SegmentSource[] = [
    { address: 0x3f400020, data: buildDescriptor({ project: DEFAULT_PROJECT, ...options }) },
    { address: STUB_ADDRESS, data: new Uint8Array(STUB_LENGTH) },
  ];
  const bundleAt = IMAGE_HEADER_LENGTH + 3 * SEGMENT_HEADER_LENGTH + DESCRIPTOR_LENGTH + STUB_LENGTH;
  // An address that suits the place in the file needs no padding before it.
  const address = IROM[0] + (bundleAt % MMU_PAGE);
  const data = wrapBundle(bundle);
  if (address + data.length > IROM[1]) throw new Esp32SimError("image-option", "the bundle exceeds the mapped flash");
  segments.push({ address, data });
  if (totalSize === undefined) return buildImage({ entry: STUB_ADDRESS, ...options, segments });

  const end = bundleAt + data.length;
  const digestLength = (options.appendDigest ?? true) ? DIGEST_LENGTH : 0;
  const lengthFor = (segmentsEnd: number): number => (Math.floor(segmentsEnd / 16) + 1) * 16 + digestLength;
  if (lengthFor(end) > totalSize) {
    throw new Esp32SimError("size-too-small", `the bundle needs an image of ${lengthFor(end)} bytes, not ${totalSize}`);
  }
  // The last word boundary at which the segments may end so that checksum and digest end at the wanted size.
  const wantedEnd = Math.floor((totalSize - digestLength) / 16) * 16 - 4;
  const filler = wantedEnd - end - SEGMENT_HEADER_LENGTH;
  if (filler >= 0) segments.push({ address: 0, data: noise(filler, options.seed ?? 1) });
  const image = buildImage({ entry: STUB_ADDRESS, ...options, segments });
  const result = new Uint8Array(totalSize).fill(0xff);
  result.set(image);
  return result;
}

function wrapBundle(bundle: Uint8Array): Uint8Array {
  const data = new Uint8Array(Math.ceil((BUNDLE_HEADER_LENGTH + bundle.length) / 4) * 4);
  writeU32(data, 0, BUNDLE_MAGIC);
  writeU32(data, 4, bundle.length);
  data.set(bundle, BUNDLE_HEADER_LENGTH);
  return data;
}

/** Deterministic bytes no compressor gets hold of: xorshift32 with a multiplication, one word a step. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  for (let at = 0; at < length; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    writeU32(bytes, at, Math.imul(state, 0x85ebca6b) >>> 0);
  }
  return bytes;
}

/** What an image carries. */
export type BundleRecord = { bundle: Uint8Array; version: string; project: string };

/**
 * The bundle in an image, or undefined when the image carries none. `read` takes offsets from the image's start.
 * Nothing is verified again: the bootloader has done it, and a byte that changed since must show in what runs.
 */
export function readBundle(read: (offset: number, length: number) => Uint8Array): BundleRecord | undefined {
  const descriptor: AppDescriptor | undefined = readDescriptor(read(DESCRIPTOR_OFFSET, DESCRIPTOR_LENGTH));
  const count = Math.min(read(0, IMAGE_HEADER_LENGTH)[1] ?? 0, MAX_SEGMENTS);
  let at = IMAGE_HEADER_LENGTH;
  for (let index = 0; index < count; index += 1) {
    const header = read(at, SEGMENT_HEADER_LENGTH + BUNDLE_HEADER_LENGTH);
    const address = readU32(header, 0);
    const length = readU32(header, 4);
    const bundleLength = readU32(header, 12);
    if (address >= IROM[0] && address < IROM[1] && readU32(header, 8) === BUNDLE_MAGIC) {
      if (bundleLength > length - BUNDLE_HEADER_LENGTH) return undefined;
      const bundle = read(at + SEGMENT_HEADER_LENGTH + BUNDLE_HEADER_LENGTH, bundleLength).slice();
      return { bundle, version: descriptor?.version ?? "", project: descriptor?.project ?? "" };
    }
    at += SEGMENT_HEADER_LENGTH + length;
  }
  return undefined;
}
