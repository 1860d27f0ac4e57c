import { readText, readU32, writeText, writeU16, writeU32 } from "./bytes.js";
import { DESCRIPTOR_LENGTH, DESCRIPTOR_MAGIC } from "./image-layout.js";

/** What an application says about itself. [ESP-IDF esp_app_desc_t] */
export type AppDescriptor = {
  secureVersion: number;
  version: string;
  project: string;
  time: string;
  date: string;
  idfVersion: string;
};

/**
 * A descriptor's fields; absent texts get the values of the check image in the tests, so that images are reproducible.
 */
export type DescriptorOptions = Partial<AppDescriptor> & {
  version: string;
  project: string;
  elfSha256?: Uint8Array;
  magic?: number;
};

/** The 256 bytes that begin the first segment. Texts longer than their field are cut. */
export function buildDescriptor(options: DescriptorOptions): Uint8Array {
  const bytes = new Uint8Array(DESCRIPTOR_LENGTH);
  writeU32(bytes, 0x00, options.magic ?? DESCRIPTOR_MAGIC);
  writeU32(bytes, 0x04, options.secureVersion ?? 0);
  writeText(bytes, 0x10, 31, options.version);
  writeText(bytes, 0x30, 31, options.project);
  writeText(bytes, 0x50, 15, options.time ?? "00:00:00");
  writeText(bytes, 0x60, 15, options.date ?? "Jan  1 2024");
  writeText(bytes, 0x70, 31, options.idfVersion ?? "v6.0");
  if (options.elfSha256) bytes.set(options.elfSha256.subarray(0, 32), 0x90);
  writeU16(bytes, 0xb0, 0);
  writeU16(bytes, 0xb2, 0);
  bytes[0xb4] = 16;
  return bytes;
}

/** The descriptor in these 256 bytes, or undefined when its magic is missing. */
export function readDescriptor(bytes: Uint8Array): AppDescriptor | undefined {
  if (bytes.length < DESCRIPTOR_LENGTH || readU32(bytes, 0) !== DESCRIPTOR_MAGIC) return undefined;
  return {
    secureVersion: readU32(bytes, 0x04),
    version: readText(bytes, 0x10, 32),
    project: readText(bytes, 0x30, 32),
    time: readText(bytes, 0x50, 16),
    date: readText(bytes, 0x60, 16),
    idfVersion: readText(bytes, 0x70, 32),
  };
}
