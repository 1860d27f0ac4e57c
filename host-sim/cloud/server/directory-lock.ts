import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder, PRIVATE_FILE } from "../files/index.js";

const MAX_ATTEMPTS = 4;

/**
 * Takes `dir` for this process: two clouds on one state would undo each other's changes. A lock left by a killed
 * process is taken over. Returns what releases it. Error: throws when another living process, or this one, holds it.
 */
export function lockDirectory(dir: string): () => void {
  makePrivateFolder(dir);
  const path = join(dir, "cloud.lock");
  for (let attempt = 1; ; attempt += 1) {
    try {
      const file = openSync(path, "wx", PRIVATE_FILE);
      writeSync(file, identityOf(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const owner = textOf(path);
      if (attempt === MAX_ATTEMPTS || (owner !== undefined && isAlive(owner))) {
        throw new Error(`another local cloud uses ${dir} (process ${owner?.split(" ")[0] ?? "unknown"})`);
      }
      rmSync(path, { force: true });
    }
  }
}

/** Process number and, where the system tells it, start time: after a restart another process may have the number. */
function identityOf(pid: number): string {
  const started = textOf(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ")[19];
  return started === undefined ? String(pid) : `${pid} ${started}`;
}

function isAlive(identity: string): boolean {
  const pid = Number(identity.split(" ")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  return identityOf(pid) === identity;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
