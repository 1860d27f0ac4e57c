import { writeFileSync } from "node:fs";
import { Esp32SimError } from "../../modules/esp32-sim/index.js";
import { compileFirmware, imageOf } from "../image/index.js";
import { trusting } from "../signing/index.js";
import { optionalInteger, parseOptions, repeatedText, requiredText, UsageError, versionText } from "./command-line.js";
import { readPublicKey } from "./signing-files.js";

/** Bytes of a slot in the device build's partition table: what is longer fits no device. */
const MAX_IMAGE_SIZE = 0x1f0000;

/**
 * `npm run image -- --version X --out FILE [--size BYTES] [--trust FILE]... [--allow-unsigned]`: a valid ESP32
 * application image around the firmware bundle. `--trust` is a public key (DER or PEM) whose images the firmware
 * installs; its id is the file's name.
 */
export async function runImage(argv: readonly string[]): Promise<number> {
  const values = parseOptions(argv, {
    version: { type: "string" },
    out: { type: "string" },
    size: { type: "string" },
    trust: { type: "string", multiple: true },
    "allow-unsigned": { type: "boolean" },
  });
  const version = versionText(values);
  const out = requiredText(values, "out");
  const size = optionalInteger(values, "size", { min: 1, max: MAX_IMAGE_SIZE });
  const keys = (repeatedText(values, "trust") ?? []).map(readPublicKey);
  const allowUnsigned = values["allow-unsigned"] === true;
  const firmware = await compileFirmware(allowUnsigned ? { config: { allowUnsigned } } : {});
  const trusted = trusting(firmware, Object.fromEntries(keys.map(({ id, key }) => [id, key])));
  const image = buildOrExplain(trusted, { version, ...(size === undefined ? {} : { size }) });
  try {
    writeFileSync(out, image);
  } catch (error) {
    throw new UsageError(`--out ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  const signers = [...keys.map(({ id }) => `signed by ${id}`), ...(allowUnsigned ? ["without a signature"] : [])];
  const installs =
    signers.length === 0 ? "nothing, as it trusts no key (--trust FILE)" : `images ${signers.join(" or ")}`;
  process.stdout.write(`${out}: version ${version}, ${image.length} bytes, installs ${installs}\n`);
  return 0;
}

function buildOrExplain(...[firmware, options]: Parameters<typeof imageOf>): Uint8Array {
  try {
    return imageOf(firmware, options);
  } catch (error) {
    if (error instanceof Esp32SimError) throw new UsageError(`--size ${options.size}: ${error.message}`);
    throw error;
  }
}
