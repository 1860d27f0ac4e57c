import { writeFileSync } from "node:fs";
import { usage } from "../failure/index.js";
import { digestOf, readImageFile, readSigningKeyFile, signatureOf } from "../signing/index.js";
import type { FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

export const SIGN: FotaCommand = {
  name: "sign",
  does: "Signs an image: prints what belongs into sig-sha256-ecdsa of a job document, base64 of DER.",
  takes: "<image>",
  options: [
    { flags: "--key <FILE>", does: "the private key (PEM), as keygen makes it" },
    { flags: "--out <FILE>", does: "write the signature there as DER, as openssl dgst -verify wants it" },
  ],
  example: "--key keys/code-signing-key.private.pem xs_esp32.bin",
  exits: { [EXIT.done]: "the signature is printed or written" },
  asks: false,
  async run(call) {
    const key = readSigningKeyFile(call.options.required("key"));
    const out = call.options.text("out");
    const image = readImageFile(call.only);
    const signature = signatureOf(image, key);
    if (out !== undefined) write(out, Buffer.from(signature, "base64"));
    call.result({ image: call.only, sha256: digestOf(image), signature }, out === undefined ? [signature] : []);
    return EXIT.done;
  },
};

function write(file: string, content: Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw usage(`--out ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
