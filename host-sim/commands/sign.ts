import { writeFileSync } from "node:fs";
import { signatureOf } from "../signing/index.js";
import {
  type CommandOutput,
  optionalText,
  PROCESS_OUTPUT,
  parseOptionsAndFile,
  requiredText,
  runCommand,
  UsageError,
} from "./command-line.js";
import { readImage, readSigningKey } from "./signing-files.js";

/**
 * `npm run sign -- --key FILE [--out FILE] IMAGE`: the signature of an image for `sig-sha256-ecdsa` of a job document,
 * base64 of DER; what `openssl dgst -sha256 -sign FILE IMAGE | base64` makes. Printed, or written as DER with `--out`,
 * as `openssl dgst -verify` wants it.
 */
export function runSign(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand("sign", output, async () => {
    const { values, file } = parseOptionsAndFile(argv, { key: { type: "string" }, out: { type: "string" } }, "IMAGE");
    const keyFile = requiredText(values, "key");
    const out = optionalText(values, "out");
    const key = readSigningKey(keyFile);
    const signature = signatureOf(readImage(file), key);
    if (out === undefined) output.out(signature);
    else writeSignature(out, signature);
    return 0;
  });
}

function writeSignature(out: string, signature: string): void {
  try {
    writeFileSync(out, Buffer.from(signature, "base64"));
  } catch (error) {
    throw new UsageError(`--out ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
