/** Files that commands read and write: what goes wrong with one is the caller's mistake, and the line names it. */
import { readFileSync, writeFileSync } from "node:fs";
import { reasonOf, UsageError } from "../command-line/index.js";

/** @throws UsageError that names the option and the file */
export function readInput(file: string, option: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch {
    throw new UsageError(`--${option}: ${file} cannot be read`);
  }
}

/** Writes the file that `--out` names. @throws UsageError that names it */
export function writeOutput(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw cannotWrite(`--out ${file}`, error);
  }
}

/** The mistake of a caller whose file or folder cannot be written. */
export function cannotWrite(what: string, error: unknown): UsageError {
  return new UsageError(`${what} cannot be written: ${codeOf(error)}`);
}

/** The system's short code of an error, or what it says. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : reasonOf(error);
}
