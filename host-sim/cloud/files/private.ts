import { chmodSync, closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";

/** Mode of a file that holds a key, a credential or what may contain one. */
export const PRIVATE_FILE = 0o600;
/** Mode of the folder of such files. */
export const PRIVATE_FOLDER = 0o700;

const STICKY = 0o1000;
const OTHERS = 0o077;

/**
 * Makes `folder` one that only its owner enters: from its creation, or from now on when it was there. Parents that are
 * missing are made alike. Error: throws when it is no folder, belongs to somebody else, or is shared by all users, as
 * `/tmp` is.
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER });
  const { mode } = statSync(folder);
  if ((mode & OTHERS) === 0) return;
  if ((mode & STICKY) !== 0) throw new Error(`${folder} is shared by all users: keys need a folder of their own`);
  chmodSync(folder, PRIVATE_FOLDER);
}

/**
 * Makes sure that `path` is a file which only its owner reads and writes, before somebody else opens it who would make
 * it readable by all. What is there stays in it.
 */
export function makePrivateFile(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, PRIVATE_FILE);
  try {
    // Only of a file that was there before can the mode be another.
    if ((fstatSync(file).mode & OTHERS) !== 0) fchmodSync(file, PRIVATE_FILE);
  } finally {
    closeSync(file);
  }
}
