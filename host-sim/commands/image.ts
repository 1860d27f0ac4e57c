import { writeFileSync } from "node:fs";
import { Esp32SimError } from "../../modules/esp32-sim/index.js";
import { buildFirmwareImage } from "../image/index.js";
import { optionalInteger, parseOptions, requiredText, UsageError, versionText } from "./command-line.js";

/** Bytes of a slot in the device build's partition table: what is longer fits no device. */
const MAX_IMAGE_SIZE = 0x1f0000;

/**
 * `npm run image -- --version X --out FILE [--size BYTES]`: a valid ESP32 application image around the firmware bundle.
 */
export async function runImage(argv: readonly string[]): Promise<number> {
  const values = parseOptions(argv, {
    version: { type: "string" },
    out: { type: "string" },
    size: { type: "string" },
  });
  const version = versionText(values);
  const out = requiredText(values, "out");
  const size = optionalInteger(values, "size", { min: 1, max: MAX_IMAGE_SIZE });
  const image = await buildOrExplain({ version, ...(size === undefined ? {} : { size }) });
  try {
    writeFileSync(out, image);
  } catch (error) {
    throw new UsageError(`--out ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  process.stdout.write(`${out}: version ${version}, ${image.length} bytes\n`);
  return 0;
}

async function buildOrExplain(options: Parameters<typeof buildFirmwareImage>[0]): Promise<Uint8Array> {
  try {
    return await buildFirmwareImage(options);
  } catch (error) {
    if (error instanceof Esp32SimError) throw new UsageError(`--size ${options.size}: ${error.message}`);
    throw error;
  }
}
