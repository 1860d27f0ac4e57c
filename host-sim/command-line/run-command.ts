import { helpLines, isHelpAsked, type Manual, USAGE_EXIT } from "./manual.js";
import { UsageError } from "./options.js";
import { Silence, watchSilence } from "./silence.js";

/** The lines a command writes: on standard output and standard error, or where a test wants them. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

/** This process's standard output and standard error. */
export const PROCESS_OUTPUT: CommandOutput = Object.freeze({
  out: (line: string) => void process.stdout.write(`${line}\n`),
  err: (line: string) => void process.stderr.write(`${line}\n`),
});

/** What a running command says about itself. */
export type Running = {
  /** What it does from now on, for the line that breaks a silence; "" when it waits for its user. */
  doing(what: string): void;
};

/**
 * Runs a command. `--help` prints its page. A mistake of the caller gives one line that begins with its name and exit
 * code 2, any other failure one line and 1. A silence of two seconds is broken by a line that says what is waited for.
 */
export async function runCommand(
  manual: Manual,
  argv: readonly string[],
  output: CommandOutput,
  body: (running: Running) => Promise<number>,
): Promise<number> {
  if (output === PROCESS_OUTPUT) endWithTheReader();
  if (isHelpAsked(argv)) {
    for (const line of helpLines(manual)) output.out(line);
    return 0;
  }
  const silence = new Silence({ say: (line) => output.err(line) });
  silence.doing("working");
  // Elsewhere than on the process's own streams nobody waits.
  const unwatch = output === PROCESS_OUTPUT ? watchSilence(silence) : () => {};
  try {
    return await body({ doing: (what) => silence.doing(what) });
  } catch (error) {
    output.err(`${manual.name}: ${reasonOf(error).split("\n")[0]}`);
    return error instanceof UsageError ? USAGE_EXIT : 1;
  } finally {
    unwatch();
  }
}

/** What a shell reports of a program whose reader has gone, as in `npm run fuzz -- --list | head -1`. */
const EXIT_NO_READER = 141;

function endWithTheReader(): void {
  process.stdout.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT_NO_READER);
  });
}

/** What `body` gives; an error of the given kind that it throws is a mistake of the caller's. @throws UsageError */
export function usageWhenThrown<T>(body: () => T, kind: new (message: string) => Error = Error): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof kind && !(error instanceof UsageError) ? new UsageError(error.message) : error;
  }
}

/** What an error says; the short code of one of the system's. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
