import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { PRIVATE_FILE } from "./private.js";

/**
 * Replaces `path` by `content` such that a reader, or a restart after a kill, sees the old or the new file and nothing
 * between. Its folder has to be there.
 *
 * @param mode of the file, from its creation on; by default one that only its owner reads
 */
export function writeFileAtomically(path: string, content: string | Uint8Array, mode = PRIVATE_FILE): void {
  const part = `${path}.${randomBytes(4).toString("hex")}.part`;
  const file = openSync(part, "wx", mode);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}

/** The file's text, or undefined when there is none. Any other failure throws. */
export function readTextIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
