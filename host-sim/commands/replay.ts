import { readFileSync } from "node:fs";
import { readJournal } from "../../modules/journal/index.js";
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
import { ReplayError, replay } from "../replay/index.js";
import { chooseEngine } from "./engine-choice.js";

const REPLAY: Manual = {
  name: "replay",
  does: "Runs a simulated board through what a device's journal tells, and prints its states.",
  options: {
    journal: { type: "string", value: "FILE", does: "what `fota.journal()` gave" },
    engine: { type: "string", value: "node|xs", does: "default node" },
    tell: { type: "boolean", does: "print what the board says" },
  },
  example: "--journal board-1.journal",
  exits: { 0: "the board went through the same states", 1: "it went through others" },
};

/** @returns the exit code, see {@link REPLAY}; 2 for a file that is no journal or cannot be replayed */
export function runReplay(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(REPLAY, argv, output, async () => {
    const values = parseOptions(argv, REPLAY.options);
    const file = requiredText(values, "journal");
    const events = readJournal(contentOf(file));
    if (events === undefined) throw new UsageError(`${file} is no journal`);
    const engine = chooseEngine(optionalText(values, "engine") ?? "node", output.out);
    const tell = values.tell === true ? { onTrace: (line: string) => output.out(`  ${line}`) } : {};
    const result = await replay(events, { engine, ...tell }).catch((error: unknown) => {
      throw error instanceof ReplayError ? new UsageError(`${file} cannot be replayed: ${error.message}`) : error;
    });
    for (const [index, states] of result.states.entries())
      output.out(`start ${index + 1}: ${states.join(", ") || "-"}`);
    output.out(result.difference === undefined ? "the same states" : `another life: ${result.difference}`);
    return result.difference === undefined ? 0 : 1;
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
}
