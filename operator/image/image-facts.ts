import { createHash } from "node:crypto";
import { FotaError } from "../failure/index.js";
import { chipName } from "./chips.js";

/**
 * An ESP-IDF application image: a header of 24 bytes, segments of 8 bytes and their data, a checksum in the last byte
 * of a block of 16, and the SHA-256 of all that. The first segment begins with the application descriptor. [ESP-IDF:
 * esp_image_header_t, esp_image_segment_header_t, esp_app_desc_t]
 */
const HEADER_BYTES = 24;
const SEGMENT_HEADER_BYTES = 8;
const DESCRIPTOR_BYTES = 256;
const IMAGE_MAGIC = 0xe9;
const DESCRIPTOR_MAGIC = 0xabcd5432;
const MAX_SEGMENTS = 16;
const CHECKSUM_SEED = 0xef;
const BLOCK_BYTES = 16;
const DIGEST_BYTES = 32;
const NO_MAX_REVISION = 0xffff;

/** What an image says about itself. */
export type ImageFacts = {
  readonly version: string;
  readonly project: string;
  /** As ESP-IDF's tools call it, for example `esp32`. */
  readonly chip: string;
  readonly size: number;
  /** SHA-256 of the whole file, lower-case hexadecimal: `sha256` of a job document. */
  readonly sha256: string;
  readonly idfVersion: string;
  /** As the compiler wrote them; empty where the build leaves them out. */
  readonly built: string;
  readonly secureVersion: number;
  /** Revisions of the chip, as `1.0`; no `max` is any. */
  readonly revisions: { readonly min: string; readonly max?: string };
  readonly segments: number;
};

/** Why a device would refuse an image; the codes are the device's own. */
export type ImageCode =
  | "image-too-small"
  | "image-magic"
  | "image-no-segments"
  | "image-structure"
  | "image-no-descriptor"
  | "image-no-digest"
  | "image-truncated"
  | "image-checksum"
  | "image-digest";

/**
 * Reads an image and checks it as a device does before it installs one.
 * @param name how messages call it
 * @throws FotaError "image-refused", with the device's code in its text
 */
export function readImageFacts(bytes: Uint8Array, name: string): ImageFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const least = HEADER_BYTES + SEGMENT_HEADER_BYTES + DESCRIPTOR_BYTES;
  if (bytes.length < least) throw refused(name, "image-too-small", `${bytes.length} bytes are no image`);
  if (view.getUint8(0) !== IMAGE_MAGIC)
    throw refused(name, "image-magic", "it is no application image of an ESP32; publish the .bin of the application");
  const segments = view.getUint8(1);
  if (segments === 0 || segments > MAX_SEGMENTS)
    throw refused(name, "image-no-segments", `it claims ${segments} segments`);
  const firstLength = view.getUint32(HEADER_BYTES + 4, true);
  if (firstLength < DESCRIPTOR_BYTES || firstLength % 4 !== 0)
    throw refused(name, "image-structure", `its first segment has ${firstLength} bytes`);
  const descriptor = HEADER_BYTES + SEGMENT_HEADER_BYTES;
  if (view.getUint32(descriptor, true) !== DESCRIPTOR_MAGIC)
    throw refused(name, "image-no-descriptor", "it has no application descriptor, and so no version");
  if (view.getUint8(23) === 0)
    throw refused(name, "image-no-digest", "it was built without the SHA-256 at its end, ESP-IDF's default");
  checkContent(bytes, view, segments, name);
  const text = (offset: number, length: number) =>
    printable(bytes.subarray(descriptor + offset, descriptor + offset + length));
  const max = view.getUint16(17, true);
  return {
    version: text(16, 32),
    project: text(48, 32),
    chip: chipName(view.getUint16(12, true)),
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    idfVersion: text(112, 32),
    built: `${text(96, 16)} ${text(80, 16)}`.trim(),
    secureVersion: view.getUint32(descriptor + 4, true),
    revisions: {
      min: revision(view.getUint16(15, true)),
      ...(max === 0 || max === NO_MAX_REVISION ? {} : { max: revision(max) }),
    },
    segments,
  };
}

function checkContent(bytes: Uint8Array, view: DataView, segments: number, name: string): void {
  let offset = HEADER_BYTES;
  let checksum = CHECKSUM_SEED;
  for (let index = 0; index < segments; index += 1) {
    if (offset + SEGMENT_HEADER_BYTES > bytes.length)
      throw refused(name, "image-truncated", "it ends before its last segment");
    const length = view.getUint32(offset + 4, true);
    offset += SEGMENT_HEADER_BYTES;
    if (offset + length > bytes.length) throw refused(name, "image-truncated", "it ends within a segment");
    for (const byte of bytes.subarray(offset, offset + length)) checksum ^= byte;
    offset += length;
  }
  const end = (Math.floor(offset / BLOCK_BYTES) + 1) * BLOCK_BYTES;
  if (end + DIGEST_BYTES > bytes.length) throw refused(name, "image-truncated", "it ends before its digest");
  if (bytes[end - 1] !== checksum) throw refused(name, "image-checksum", "a byte in it is not what was built");
  const digest = createHash("sha256").update(bytes.subarray(0, end)).digest();
  if (!digest.equals(bytes.subarray(end, end + DIGEST_BYTES)))
    throw refused(name, "image-digest", "its SHA-256 at the end is not that of the image");
}

function refused(name: string, code: ImageCode, text: string): FotaError {
  return new FotaError("image-refused", `${name}: ${text} (${code})`);
}

/** Up to the first zero; these texts reach terminals, topics and names of objects. */
function printable(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return [...(end < 0 ? bytes : bytes.subarray(0, end))]
    .map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "?"))
    .join("");
}

function revision(value: number): string {
  return `${Math.floor(value / 100)}.${value % 100}`;
}
