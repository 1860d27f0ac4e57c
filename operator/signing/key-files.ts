import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { usage } from "../failure/index.js";
import { isKeyId, KEY_ID_RULE, newSigningKey, privatePem, publicPem } from "./signing-key.js";

/** Id and resource of the key in a firmware that does not say otherwise. */
export const DEFAULT_KEY_ID = "code-signing-key";

/** Where the files of a key are. */
export type KeyFiles = { readonly secret: string; readonly der: string; readonly pem: string };

/**
 * The files of a key in a folder. A manifest's "data" takes every file of one name, whatever its ending: only the DER
 * is called by the id alone.
 */
export function keyFiles(dir: string, id: string): KeyFiles {
  return {
    secret: join(dir, `${id}.private.pem`),
    der: join(dir, `${id}.der`),
    pem: join(dir, `${id}.public.pem`),
  };
}

/**
 * Makes a key and writes `ID.private.pem`, readable by its owner only, `ID.der` for the firmware and `ID.public.pem`
 * for whoever verifies elsewhere. All of them or none; one that is there is never replaced.
 * @throws FotaError "usage"
 */
export function writeKeyFiles(dir: string, id: string): KeyFiles {
  if (!isKeyId(id) || id.startsWith(".")) throw usage(`--id ${id}: ${KEY_ID_RULE}, and no "." in front`);
  const files = keyFiles(dir, id);
  const taken = Object.values(files).find((file) => existsSync(file));
  if (taken !== undefined) throw usage(`${taken} is there already`);
  const key = newSigningKey();
  const contents = [
    { file: files.secret, content: privatePem(key), mode: 0o600 },
    { file: files.der, content: key.publicKey, mode: 0o644 },
    { file: files.pem, content: publicPem(key), mode: 0o644 },
  ];
  const written: string[] = [];
  try {
    mkdirSync(resolve(dir), { recursive: true, mode: 0o700 });
    for (const { file, content, mode } of contents) {
      writeFileSync(file, content, { mode, flag: "wx" });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) rmSync(file, { force: true });
    throw usage(`${resolve(dir)} cannot be written: ${codeOf(error)}`);
  }
  return files;
}

/** What the manifest of a firmware says to carry the key, as seen from the folder in which the command runs. */
export function manifestLine(dir: string, id: string): string {
  const path = join(dir, id);
  const data = JSON.stringify({ "*": [path.startsWith("/") || path.startsWith(".") ? path : `./${path}`] });
  return id === DEFAULT_KEY_ID ? `"data": ${data}` : `"data": ${data}, "config": { "signingKeys": "${id}" }`;
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.message : String(error);
}
