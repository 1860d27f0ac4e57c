import {
  type CommandOutput,
  type Manual,
  optionalText,
  PROCESS_OUTPUT,
  parseOptionsAndFile,
  requiredText,
  runCommand,
} from "../command-line/index.js";
import { signatureOf } from "../signing/index.js";
import { writeOutput } from "./files.js";
import { readImage, readSigningKey } from "./signing-files.js";

const SIGN: Manual = {
  name: "sign",
  does: "Signs an image: prints what belongs into sig-sha256-ecdsa of a job document, base64 of DER.",
  takes: "IMAGE",
  options: {
    key: { type: "string", value: "FILE", does: "the private key (PEM), as npm run keygen makes it" },
    out: { type: "string", value: "FILE", does: "write the signature there as DER, as openssl dgst -verify wants it" },
  },
  example: "--key keys/code-signing-key.private.pem xs_esp32.bin",
  exits: { 0: "the signature is printed or written" },
};

/**
 * What `openssl dgst -sha256 -sign FILE IMAGE | base64` makes.
 * @returns the exit code, see {@link SIGN}
 */
export function runSign(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(SIGN, argv, output, async () => {
    const { values, file } = parseOptionsAndFile(argv, SIGN.options, "IMAGE");
    const keyFile = requiredText(values, "key");
    const out = optionalText(values, "out");
    const key = readSigningKey(keyFile);
    const signature = signatureOf(readImage(file), key);
    if (out === undefined) output.out(signature);
    else writeOutput(out, Buffer.from(signature, "base64"));
    return 0;
  });
}
