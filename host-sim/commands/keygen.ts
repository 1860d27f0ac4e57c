import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
import { DEFAULT_KEY_ID, isKeyId, KEY_ID_RULE, newSigningKey, privatePem, publicPem } from "../signing/index.js";
import { cannotWrite } from "./files.js";

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
    if (!isKeyId(id) || id.startsWith(".")) throw new UsageError(`--id ${id}: ${KEY_ID_RULE}, and no "." in front`);
    // A manifest's "data" takes every file of one name, whatever its ending: only the DER is called by the id alone.
    const names = { secret: `${id}.private.pem`, der: `${id}.der`, pem: `${id}.public.pem` };
    const taken = Object.values(names).find((name) => existsSync(join(out, name)));
    if (taken !== undefined) throw new UsageError(`${join(out, taken)} is there already`);
    const key = newSigningKey();
    writeAll(resolve(out), [
      { name: names.secret, content: privatePem(key), mode: 0o600 },
      { name: names.der, content: key.publicKey, mode: 0o644 },
      { name: names.pem, content: publicPem(key), mode: 0o644 },
    ]);
    output.out(`${join(out, names.secret)}: keep it secret; it signs the images (npm run publish, npm run sign)`);
    output.out(`${join(out, names.der)}: belongs into the firmware; for its manifest:`);
    output.out(manifestLine(join(out, id), id));
    return 0;
  });
}

/** As seen from the folder in which the command runs. */
function manifestLine(path: string, id: string): string {
  const data = JSON.stringify({ "*": [path.startsWith("/") || path.startsWith(".") ? path : `./${path}`] });
  return id === DEFAULT_KEY_ID ? `"data": ${data}` : `"data": ${data}, "config": { "signingKeys": "${id}" }`;
}

function writeAll(
  out: string,
  files: readonly { readonly name: string; readonly content: string | Uint8Array; readonly mode: number }[],
): void {
  const written: string[] = [];
  try {
    mkdirSync(out, { recursive: true, mode: 0o700 });
    for (const { name, content, mode } of files) {
      writeFileSync(join(out, name), content, { mode, flag: "wx" });
      written.push(name);
    }
  } catch (error) {
    for (const name of written) rmSync(join(out, name), { force: true });
    throw cannotWrite(out, error);
  }
}
