import { OtaPartitionError } from "./errors.js";

/**
 * Image bytes that are enough to know chip, version and project: header, first segment's header, descriptor. [ESP-IDF
 * esp_image_header_t, esp_app_desc_t]
 */
export const IMAGE_INFO_LENGTH = 288;
export const IMAGE_HEADER_LENGTH = 24;
export const SEGMENT_HEADER_LENGTH = 8;
export const MAX_SEGMENTS = 16;
const IMAGE_MAGIC = 0xe9;
const DESCRIPTOR_MAGIC = 0xabcd5432;
const DESCRIPTOR_OFFSET = 32;
const DESCRIPTOR_LENGTH = 256;
const NO_REVISION_LIMIT = 0xffff;

/** What an image says about itself. Revisions are major * 100 + minor. */
export type ImageInfo = {
  version: string;
  project: string;
  idfVersion: string;
  /** Build time and date as the compiler wrote them. */
  time: string;
  date: string;
  secureVersion: number;
  chipId: number;
  minRevision: number;
  maxRevision: number;
  segments: number;
  entry: number;
};

/** The chip the image has to suit. */
export type ImageTarget = {
  /** Default 0: ESP32. */
  chipId?: number;
  /** Chip revision, major * 100 + minor. Default: not checked. */
  chipRevision?: number;
  /** Lowest secure version that the bootloader starts. Default 0: any. */
  secureVersion?: number;
};

/**
 * Reads and judges the first `IMAGE_INFO_LENGTH` bytes of an image, so that a wrong one is refused before anything is
 * erased. Stricter than ESP-IDF, which accepts images without digest, descriptor or segments.
 * @throws OtaPartitionError "image-too-small", "image-magic", "image-chip", "image-revision", "image-no-segments",
 * "image-no-digest", "image-structure", "image-no-descriptor", "secure-version"
 */
export function readImageInfo(bytes: Uint8Array, target: ImageTarget = {}): ImageInfo {
  if (bytes.length < IMAGE_INFO_LENGTH) {
    throw new OtaPartitionError("image-too-small", `an image has at least ${IMAGE_INFO_LENGTH} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint8(0);
  if (magic !== IMAGE_MAGIC) {
    throw new OtaPartitionError("image-magic", `image begins with 0x${magic.toString(16)}, not 0xe9`);
  }
  const info: ImageInfo = {
    version: readText(bytes, 0x30, 32),
    project: readText(bytes, 0x50, 32),
    time: readText(bytes, 0x70, 16),
    date: readText(bytes, 0x80, 16),
    idfVersion: readText(bytes, 0x90, 32),
    secureVersion: view.getUint32(0x24, true),
    chipId: view.getUint16(12, true),
    minRevision: view.getUint16(15, true),
    maxRevision: view.getUint16(17, true),
    segments: view.getUint8(1),
    entry: view.getUint32(4, true),
  };
  checkTarget(info, target);
  if (info.segments === 0 || info.segments > MAX_SEGMENTS) {
    throw new OtaPartitionError("image-no-segments", `image claims ${info.segments} segments`);
  }
  if (view.getUint8(23) === 0) throw new OtaPartitionError("image-no-digest", "image carries no SHA-256");
  const firstLength = view.getUint32(IMAGE_HEADER_LENGTH + 4, true);
  if (firstLength < DESCRIPTOR_LENGTH || firstLength % 4 !== 0) {
    throw new OtaPartitionError("image-structure", `first segment has ${firstLength} bytes`);
  }
  if (view.getUint32(DESCRIPTOR_OFFSET, true) !== DESCRIPTOR_MAGIC) {
    throw new OtaPartitionError("image-no-descriptor", "first segment does not begin with an application descriptor");
  }
  const { secureVersion = 0 } = target;
  if (info.secureVersion < secureVersion) {
    throw new OtaPartitionError(
      "secure-version",
      `image has ${info.secureVersion}, the chip starts ${secureVersion} on`,
    );
  }
  return info;
}

function checkTarget(info: ImageInfo, target: ImageTarget): void {
  const chipId = target.chipId ?? 0;
  if (info.chipId !== chipId) {
    throw new OtaPartitionError("image-chip", `image is for chip ${info.chipId}, this is chip ${chipId}`);
  }
  const revision = target.chipRevision;
  if (revision === undefined) return;
  if (info.minRevision > revision) {
    throw new OtaPartitionError("image-revision", `image needs revision ${info.minRevision}, the chip has ${revision}`);
  }
  const limited = info.maxRevision !== 0 && info.maxRevision !== NO_REVISION_LIMIT;
  if (limited && info.maxRevision < revision) {
    throw new OtaPartitionError(
      "image-revision",
      `image ends at revision ${info.maxRevision}, the chip has ${revision}`,
    );
  }
}

/** Printable ASCII up to the first zero; anything else becomes "?", since these texts reach traces and JSON. */
function readText(bytes: Uint8Array, offset: number, length: number): string {
  let text = "";
  for (let index = offset; index < offset + length; index += 1) {
    const code = bytes[index] ?? 0;
    if (code === 0) break;
    text += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "?";
  }
  return text;
}
