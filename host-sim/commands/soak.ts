import {
  type CommandOutput,
  type Manual,
  optionalInteger,
  optionalText,
  PROCESS_OUTPUT,
  parseOptions,
  type Running,
  runCommand,
  UsageError,
} from "../command-line/index.js";
import { boardLines } from "../console/board-log.js";
import { reportLines, soak, type UpdateReport } from "../soak/index.js";
import { chooseEngine } from "./engine-choice.js";

const DEFAULT_UPDATES = 500;
const MAX_UPDATES = 100_000;
/** Lines of progress. */
const LINES = 20;

const SOAK: Manual = {
  name: "soak",
  does: "Runs updates back to back on one board with power cuts, network, HTTP, MQTT and cloud faults and cancels drawn from a seed.",
  options: {
    updates: { type: "string", value: "N", does: `how many (default ${DEFAULT_UPDATES})` },
    seed: { type: "string", value: "S", does: "what the faults are drawn from (default 1)" },
    engine: { type: "string", value: "node|xs", does: "default node: XS starts a process for each boot" },
    tell: { type: "string", value: "K", does: "print what the board says during update K" },
    json: { type: "boolean", does: "the last line is one JSON object" },
  },
  example: "--updates 100 --seed 7",
  exits: { 0: "every promise was kept", 1: "one was not" },
};

/** @returns the exit code, see {@link SOAK} */
export function runSoak(argv: readonly string[], output: CommandOutput = PROCESS_OUTPUT): Promise<number> {
  return runCommand(SOAK, argv, output, (running) => runUpdates(argv, output, running));
}

async function runUpdates(argv: readonly string[], output: CommandOutput, { doing }: Running): Promise<number> {
  const values = parseOptions(argv, SOAK.options);
  const updates = optionalInteger(values, "updates", { min: 1, max: MAX_UPDATES }) ?? DEFAULT_UPDATES;
  const seed = optionalInteger(values, "seed", { min: 0, max: 0xffff_ffff }) ?? 1;
  const tell = optionalInteger(values, "tell", { min: 1, max: MAX_UPDATES });
  if (tell !== undefined && tell > updates) throw new UsageError(`--tell ${tell}: there are ${updates} updates`);
  const write = (line: string): void => output.out(line);
  const engine = chooseEngine(optionalText(values, "engine") ?? "node", write);

  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  const counts = new Map<string, number>();
  let done = 0;
  const onUpdate = (report: UpdateReport): void => {
    done += 1;
    doing(`update ${done + 1} of ${updates}`);
    const status = report.status ?? "never ended";
    counts.set(status, (counts.get(status) ?? 0) + 1);
    for (const text of report.violations) write(`broken: update ${report.number} (${report.kind}): ${text}`);
    if (done === tell) write(`update ${done} (${report.kind}): ${status} ${report.code ?? ""}, ${report.version} runs`);
    if (done % Math.ceil(updates / LINES) !== 0) return;
    const so = [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
    write(`${String(done).padStart(String(updates).length)} of ${updates}, ${seconds()} s: ${so}`);
  };
  write(`soak: ${updates} updates, seed ${seed}, ${engine === "xs" ? "XS" : "Node's engine"}`);
  const summary = await soak({
    updates,
    seed,
    engine,
    onUpdate,
    onEvent: (event, board) => {
      if (done + 1 === tell) for (const line of boardLines(event, board)) write(`  ${line}`);
    },
  });
  for (const line of reportLines(summary)) write(line);
  write(`${seconds()} s`);
  if (values.json === true) write(JSON.stringify({ seed, engine, ...summary }));
  return summary.violations.length === 0 && summary.updates === updates ? 0 : 1;
}
