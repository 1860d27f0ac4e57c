import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Modes a program may be started with: what a service has, and what a login shell has. */
export const UMASKS: readonly number[] = [0o000, 0o022];

/** Runs `body` with the umask. */
export async function withUmask<T>(umask: number, body: () => T | Promise<T>): Promise<T> {
  const before = process.umask(umask);
  try {
    return await body();
  } finally {
    process.umask(before);
  }
}

/** What others may do something with in `folder`, itself included: paths with their modes in octal. */
export function openToOthers(folder: string): string[] {
  const { mode } = lstatSync(folder);
  const here = (mode & 0o077) === 0 ? [] : [`${folder} ${(mode & 0o777).toString(8)}`];
  if (!lstatSync(folder).isDirectory()) return here;
  return [...here, ...readdirSync(folder).flatMap((name) => openToOthers(join(folder, name)))];
}
