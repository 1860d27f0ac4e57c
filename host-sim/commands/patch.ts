import { resolve } from "node:path";
import { HEADER_LENGTH, makePatch, PatchError, readPatch } from "fota-operator/patch";
import { FotaPatchError, PatchDecoder } from "../../modules/fota-patch/index.js";
import {
  type CommandOutput,
  type Manual,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  requiredText,
  runCommand,
  UsageError,
} from "../command-line/index.js";
import { readInput, writeOutput } from "./files.js";

const PATCH: Manual = {
  name: "patch",
  does: "Makes the patch that turns one image into another, checks it with the device's own decoder, and says what it saves.",
  options: {
    from: { type: "string", value: "FILE", does: "the image that the devices run; without it the image is compressed" },
    to: { type: "string", value: "FILE", does: "the image that they shall run" },
    out: { type: "string", value: "FILE", does: "where the patch goes" },
  },
  example: "--from build-1.0.1.bin --to build-1.0.2.bin --out 1.0.1-1.0.2.patch",
  exits: { 0: "the patch is written" },
};

/**
 * Nothing is written that does not give the image again, or that is as long as the image.
 * @returns the exit code, see {@link PATCH}
 */
export function runPatch(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(PATCH, argv, output, async () => {
    const values = parseOptions(argv, PATCH.options);
    const toFile = requiredText(values, "to");
    const out = requiredText(values, "out");
    const fromFile = optionalText(values, "from");
    if ([fromFile, toFile].some((file) => file !== undefined && resolve(file) === resolve(out)))
      throw new UsageError("--out names one of the images, which the patch would replace");
    const to = imageIn(toFile, "to");
    const from = fromFile === undefined ? undefined : imageIn(fromFile, "from");
    if (from !== undefined && Buffer.compare(from, to) === 0)
      throw new UsageError("--from and --to hold the same image: there is nothing to update");
    const started = performance.now();
    const patch = made(from, to);
    const seconds = (performance.now() - started) / 1000;
    if (patch.length >= to.length)
      throw new Error(
        `a patch would have ${patch.length} bytes, as many as the image: is it encrypted, or compressed?`,
      );
    check(from, to, patch);
    writeOutput(out, patch);
    const share = ((100 * patch.length) / to.length).toFixed(2);
    output.out(`${out}: ${patch.length} bytes, ${share} % of ${to.length}, made in ${seconds.toFixed(1)} s`);
    output.out(from === undefined ? "it needs no base" : `it is for the image of ${from.length} bytes in ${fromFile}`);
    return 0;
  });
}

/** @throws UsageError that names option and file */
function imageIn(file: string, option: string): Uint8Array {
  const image = readInput(file, option);
  if (image.length === 0) throw new UsageError(`--${option}: ${file} is empty`);
  if (isPatch(image)) throw new UsageError(`--${option}: ${file} is a patch itself, not an image`);
  return image;
}

function isPatch(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_LENGTH) return false;
  try {
    readPatch(bytes);
    return true;
  } catch {
    return false;
  }
}

/** @throws UsageError when there can be no patch */
function made(from: Uint8Array | undefined, to: Uint8Array): Uint8Array {
  try {
    return makePatch({ from, to });
  } catch (error) {
    if (error instanceof PatchError) throw new UsageError(error.message);
    throw error;
  }
}

/** @throws Error when the device would not get the image */
function check(from: Uint8Array | undefined, to: Uint8Array, patch: Uint8Array): void {
  let at = 0;
  let isSame = true;
  const decoder = new PatchDecoder({
    base: from && {
      size: from.length,
      read: (target, byteOffset) => target.set(from.subarray(byteOffset, byteOffset + target.length)),
    },
    imageSize: to.length,
    sink: {
      write: (bytes) => {
        isSame &&= Buffer.compare(bytes, to.subarray(at, at + bytes.length)) === 0;
        at += bytes.length;
      },
    },
  });
  try {
    decoder.write(patch);
    decoder.finish();
  } catch (error) {
    if (error instanceof FotaPatchError) throw new Error(`the patch was not written: ${error.message}`);
    throw error;
  }
  if (!isSame) throw new Error("the patch was not written: it gives another image");
}
