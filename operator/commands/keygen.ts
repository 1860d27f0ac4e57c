import { DEFAULT_KEY_ID, manifestLine, writeKeyFiles } from "../signing/index.js";
import type { FotaCommand } from "./command.js";
import { EXIT } from "./exits.js";

export const KEYGEN: FotaCommand = {
  name: "keygen",
  does: "Makes a key that signs images. A key that is there is never replaced.",
  options: [
    { flags: "--out <DIR>", does: "where ID.private.pem, ID.der and ID.public.pem are written" },
    { flags: "--id <ID>", does: `its name (default ${DEFAULT_KEY_ID})` },
  ],
  example: "--out keys",
  exits: { [EXIT.done]: "the key is there" },
  asks: false,
  async run(call) {
    const { options } = call;
    const dir = options.required("out");
    const id = options.text("id") ?? DEFAULT_KEY_ID;
    const { secret, der, pem } = writeKeyFiles(dir, id);
    call.result({ id, secret, der, pem }, [
      `${secret}: keep it secret; it signs the images (${call.tool} publish, ${call.tool} sign)`,
      `${der}: belongs into the firmware; for its manifest:`,
      manifestLine(dir, id),
    ]);
    return EXIT.done;
  },
};
