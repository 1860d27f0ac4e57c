import { FotaError } from "../failure/index.js";
import { readImageFacts, readSlots, smallestSlot } from "../image/index.js";
import { isSignatureOf, readImageFile, readPublicKeyFile } from "../signing/index.js";
import { bytesText } from "../terminal/index.js";
import type { FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

export const INSPECT: FotaCommand = {
  name: "inspect",
  does: "Says what an image is: version, project, chip, digest, whether it fits and who signed it.",
  takes: "<image>",
  options: [
    { flags: "--partitions <FILE>", does: "a partition table, CSV or binary: does the image fit its slots?" },
    { flags: "--signature <BASE64>", does: "a signature, as sign prints it; needs --trust" },
    { flags: "--trust <FILE>", does: "the public key (PEM or DER) that the signature shall be of" },
  ],
  example: "xs_esp32.bin --partitions partitions.csv",
  exits: { [EXIT.done]: "devices take it", [EXIT.imageRefused]: "devices would refuse it" },
  asks: false,
  async run(call) {
    const bytes = readImageFile(call.only);
    const facts = readImageFacts(bytes, call.only);
    const table = call.options.text("partitions");
    const slots = table === undefined ? [] : readSlots(readImageFile(table), table);
    const fits = table === undefined ? undefined : facts.size <= smallestSlot(slots);
    const signature = call.options.text("signature");
    const signed =
      signature === undefined
        ? undefined
        : isSignatureOf(bytes, signature, { publicKey: readPublicKeyFile(call.options.required("trust")).key });
    const { min, max } = facts.revisions;
    call.result(
      { ...facts, slots, ...(fits === undefined ? {} : { fits }), ...(signed === undefined ? {} : { signed }) },
      [
        `version   ${facts.version}`,
        `project   ${facts.project}`,
        `chip      ${facts.chip}, revision ${min}${max === undefined ? " or later" : ` to ${max}`}`,
        `size      ${facts.size} (${bytesText(facts.size)}), ${facts.segments} segments`,
        `sha256    ${facts.sha256}`,
        `built     ${facts.built === "" ? "no date" : facts.built}, ESP-IDF ${facts.idfVersion}`,
        ...(facts.secureVersion === 0 ? [] : [`secure    version ${facts.secureVersion}`]),
        ...slots.map(({ name, size }) => `${name.padEnd(9)} ${size}, ${size - facts.size} bytes left`),
        ...(signed === undefined
          ? []
          : [`signature ${signed ? "of this image and key" : "NOT of this image and key"}`]),
      ],
    );
    if (fits === false)
      throw new FotaError(
        "image-refused",
        `${call.only} does not fit a slot of ${smallestSlot(slots)} bytes (image-too-large)`,
      );
    if (signed === false)
      throw new FotaError("image-refused", `the signature is not of ${call.only} and that key (signature-invalid)`);
    return EXIT.done;
  },
};
