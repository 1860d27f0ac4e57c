import { DEFAULT_KEY_ID, manifestLine, writeKeyFiles } from "fota-operator/signing";
import {
  type CommandOutput,
  type Manual,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  requiredText,
  runCommand,
  usageWhenThrown,
} from "../command-line/index.js";

const KEYGEN: Manual = {
  name: "keygen",
  does: "Makes a key that signs images. A key that is there is never replaced.",
  options: {
    out: { type: "string", value: "DIR", does: "where ID.private.pem, ID.der and ID.public.pem are written" },
    id: { type: "string", value: "ID", does: `its name (default ${DEFAULT_KEY_ID})` },
  },
  example: "--out keys",
  exits: { 0: "the key is there" },
};

/**
 * Writes `ID.private.pem`, readable by its owner only, `ID.der` for the firmware and `ID.public.pem` for whoever
 * verifies elsewhere, and prints the manifest's line.
 * @returns the exit code, see {@link KEYGEN}
 */
export function runKeygen(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(KEYGEN, argv, output, async () => {
    const values = parseOptions(argv, KEYGEN.options);
    const out = requiredText(values, "out");
    const id = optionalText(values, "id") ?? DEFAULT_KEY_ID;
    const { secret, der } = usageWhenThrown(() => writeKeyFiles(out, id));
    output.out(`${secret}: keep it secret; it signs the images (npm run publish, npm run sign)`);
    output.out(`${der}: belongs into the firmware; for its manifest:`);
    output.out(manifestLine(out, id));
    return 0;
  });
}
