import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { usage } from "../failure/index.js";
import { CERTIFICATE_PEM, KEY_PEM, MANIFEST_FILE, type ProvisionedFile } from "../provision/index.js";

const SECRET = 0o600;
const PUBLIC = 0o644;
const CLOSED_FOLDER = 0o700;

/** Whether a device's folder is complete: the manifest, which names the others, comes last. */
export function isComplete(dir: string): boolean {
  return (
    existsSync(join(dir, MANIFEST_FILE)) && existsSync(join(dir, KEY_PEM)) && existsSync(join(dir, CERTIFICATE_PEM))
  );
}

/** Writes a device's files into a folder that is closed to others. All of them or none. @throws FotaError "usage" */
export function writeDeviceFiles(dir: string, files: readonly ProvisionedFile[]): void {
  const written: string[] = [];
  try {
    mkdirSync(dir, { recursive: true, mode: CLOSED_FOLDER });
    chmodSync(dir, CLOSED_FOLDER);
    for (const { name, bytes, secret } of files) {
      const path = join(dir, name);
      const temporary = join(dir, `.${name}.${process.pid}`);
      written.push(temporary);
      writeFileSync(temporary, bytes, { mode: secret ? SECRET : PUBLIC, flag: "wx" });
      renameSync(temporary, path);
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw usage(`${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What was written for a device that was not made after all. */
export function removeDeviceFiles(dir: string, files: readonly ProvisionedFile[]): void {
  for (const { name } of files) rmSync(join(dir, name), { force: true });
}
