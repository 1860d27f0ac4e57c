import { createLogUpdate } from "log-update";
import { clean } from "./clean.js";

/** Where a command writes: results on standard output, everything else on standard error. */
export interface Screen {
  /** A line of the result. */
  out(line: string): void;
  /** A line beside it. */
  err(line: string): void;
  /** Lines that take the place of those before; on a terminal alone. */
  live(lines: readonly string[]): void;
  /** Keeps what `live` showed, and goes on below it. */
  settle(): void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
}

/** The same screen, on which no device can move the cursor or colour what follows, whatever it is called or says. */
export function cleanScreen(screen: Screen): Screen {
  return {
    isTerminal: screen.isTerminal,
    out: (line) => screen.out(clean(line)),
    err: (line) => screen.err(clean(line)),
    live: (lines) => screen.live(lines.map(clean)),
    settle: () => screen.settle(),
  };
}

/** What a shell reports of a program whose reader has gone, as in `fota status | head -1`. */
const EXIT_NO_READER = 141;

/** This process's own. */
export function processScreen(): Screen {
  const isTerminal = process.stdout.isTTY === true;
  const update = createLogUpdate(process.stdout);
  process.stdout.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT_NO_READER);
  });
  return {
    isTerminal,
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    live: (lines) => {
      if (isTerminal) update(lines.join("\n"));
    },
    settle: () => {
      if (isTerminal) update.done();
    },
  };
}
