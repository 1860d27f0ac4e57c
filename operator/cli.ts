import { Command, CommanderError } from "commander";
import { Call, COMMANDS, EXIT, exitOf, type FotaCommand, Options } from "./commands/index.js";
import { FotaError } from "./failure/index.js";
import { commandPage, toolPage } from "./page.js";
import { cleanScreen, processScreen, type Screen, watchSilence } from "./terminal/index.js";

/**
 * Runs the tool.
 * @param tool how it is called: `fota`, or the npm script
 * @param plainScreen where it writes; default this process's own streams, where somebody waits
 * @returns the exit code
 */
export async function runFota(argv: readonly string[], tool: string, plainScreen?: Screen): Promise<number> {
  // The SDK would say at each call from when on it wants another Node; that is for those who install it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const screen = cleanScreen(plainScreen ?? processScreen());
  const [name = "--help", ...rest] = argv;
  try {
    if (name === "--help" || name === "-h" || name === "help") {
      const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
      for (const line of toolPage(commands, tool)) screen.out(line);
      return EXIT.done;
    }
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (load === undefined) throw unknown(name);
    return await runOne(await load(), rest, { tool, screen, waited: plainScreen === undefined });
  } catch (error) {
    screen.settle();
    if (error instanceof FotaError) {
      screen.err(`fota: ${error.message}`);
      for (const line of error.mend) screen.err(`  ${line}`);
      return exitOf(error.code);
    }
    screen.err(`fota: ${(error instanceof Error ? error.message : String(error)).split("\n")[0]}`);
    return EXIT.failed;
  }
}

type Setting = { readonly tool: string; readonly screen: Screen; readonly waited: boolean };

async function runOne(
  command: FotaCommand,
  argv: readonly string[],
  { tool, screen, waited }: Setting,
): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    for (const line of commandPage(command, tool)) screen.out(line);
    return EXIT.done;
  }
  const { args, values } = parse(command, argv);
  const stop = new AbortController();
  const interrupt = () => {
    // The second one is meant.
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const call = new Call({ args, options: new Options(values), screen, signal: stop.signal, tool });
  // Whoever follows something expects to wait.
  const endSilence = command.follows === true || !waited ? undefined : watchSilence(() => screen.err(call.goingOn));
  try {
    return await command.run(call);
  } finally {
    endSilence?.();
    call.close();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** @throws FotaError "usage" */
function parse(command: FotaCommand, argv: readonly string[]) {
  const parser = new Command(command.name);
  parser
    .exitOverride()
    .helpOption(false)
    .configureOutput({ writeErr: () => {} });
  for (const { flags, does } of [...command.options, { flags: "--json", does: "" }]) parser.option(flags, does);
  if (command.takes !== undefined) parser.argument(command.takes);
  // A command that takes nothing refuses arguments.
  parser.allowExcessArguments(false);
  try {
    parser.parse([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw new FotaError("usage", inWords(error, command));
    throw error;
  }
  const values: Readonly<Record<string, unknown>> = parser.opts();
  return { args: parser.args, values };
}

function inWords({ code, message }: CommanderError, { options }: FotaCommand): string {
  const text = message.replace(/^error: /, "");
  const [first = "", hint = ""] = text.split("\n");
  const option = /^unknown option '([^']+)'/.exec(first)?.[1];
  if (code !== "commander.unknownOption" || option === undefined)
    return hint === "" ? first : `${first} ${hint.toLowerCase()}`;
  const names = [...options.map(({ flags }) => flags.split(" ")[0] ?? ""), "--json", "--help"];
  return `Unknown option '${option}'${nearest(option, names)}`;
}

function unknown(name: string): FotaError {
  const names = Object.keys(COMMANDS);
  if (name.startsWith("-")) return new FotaError("usage", `Unknown option '${name}'${nearest(name, ["--help"])}`);
  return new FotaError("usage", `unknown command "${name}"${nearest(name, names)}`, {
    mend: [`there are: ${names.join(", ")}`],
  });
}

/** The name that two changed letters lead to, at most. */
function nearest(word: string, names: readonly string[]): string {
  const [best] = names
    .map((name) => ({ name, distance: distance(word, name) }))
    .sort((one, other) => one.distance - other.distance);
  return best !== undefined && best.distance <= 2 ? `; did you mean ${best.name}?` : "; --help names what there is";
}

/** Letters to insert, remove or change. (Levenshtein) */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, opposite] of [...other].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === opposite ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
