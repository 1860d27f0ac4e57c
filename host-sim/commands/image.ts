import { Esp32SimError } from "../../modules/esp32-sim/index.js";
import {
  type CommandOutput,
  type Manual,
  optionalInteger,
  PROCESS_OUTPUT,
  parseOptions,
  repeatedText,
  requiredText,
  runCommand,
  UsageError,
  versionText,
} from "../command-line/index.js";
import { compileFirmware, imageOf } from "../image/index.js";
import { trusting } from "../signing/index.js";
import { writeOutput } from "./files.js";
import { readPublicKey } from "./signing-files.js";

/** Bytes of a slot in the device build's partition table: what is longer fits no device. */
const MAX_IMAGE_SIZE = 0x1f0000;

const IMAGE: Manual = {
  name: "image",
  does: "Builds the firmware for the simulated board: a valid ESP32 application image around its bundle.",
  options: {
    version: { type: "string", value: "X", does: "the version in its descriptor" },
    out: { type: "string", value: "FILE", does: "where it is written" },
    size: { type: "string", value: "BYTES", does: `filled up to this length, at most ${MAX_IMAGE_SIZE}` },
    trust: {
      type: "string",
      multiple: true,
      value: "FILE",
      does: "a public key (DER or PEM) whose images it installs; the file's name is the key's id",
    },
    "allow-unsigned": { type: "boolean", does: "it installs images without a signature, too" },
  },
  example: "--version 1.0.2 --out v2.bin --trust keys/code-signing-key.der",
  exits: { 0: "the image is written" },
};

/** @returns the exit code, see {@link IMAGE} */
export function runImage(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(IMAGE, argv, output, async ({ doing }) => {
    const values = parseOptions(argv, IMAGE.options);
    const version = versionText(values);
    const out = requiredText(values, "out");
    const size = optionalInteger(values, "size", { min: 1, max: MAX_IMAGE_SIZE });
    const keys = (repeatedText(values, "trust") ?? []).map(readPublicKey);
    const allowUnsigned = values["allow-unsigned"] === true;
    doing("the firmware is bundled");
    const firmware = await compileFirmware(allowUnsigned ? { config: { allowUnsigned } } : {});
    const trusted = trusting(firmware, Object.fromEntries(keys.map(({ id, key }) => [id, key])));
    const image = buildOrExplain(trusted, { version, ...(size === undefined ? {} : { size }) });
    writeOutput(out, image);
    const signers = [...keys.map(({ id }) => `signed by ${id}`), ...(allowUnsigned ? ["without a signature"] : [])];
    const installs =
      signers.length === 0 ? "nothing, as it trusts no key (--trust FILE)" : `images ${signers.join(" or ")}`;
    output.out(`${out}: version ${version}, ${image.length} bytes, installs ${installs}`);
    return 0;
  });
}

function buildOrExplain(...[firmware, options]: Parameters<typeof imageOf>): Uint8Array {
  try {
    return imageOf(firmware, options);
  } catch (error) {
    if (error instanceof Esp32SimError) throw new UsageError(`--size ${options.size}: ${error.message}`);
    throw error;
  }
}
