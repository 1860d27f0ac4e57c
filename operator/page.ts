import { EXIT, EXIT_TEXTS, type FotaCommand } from "./commands/index.js";

/** Exit codes of one command with their meaning, in order. */
export function exitsOf({ exits, asks }: FotaCommand): readonly (readonly [code: number, meaning: string])[] {
  const common = [EXIT.failed, EXIT.usage, ...(asks ? [EXIT.aws, EXIT.interrupted] : [])];
  const texts: Record<number, string> = Object.fromEntries(common.map((code) => [code, EXIT_TEXTS[code] ?? ""]));
  return Object.entries({ ...texts, ...exits })
    .map(([code, meaning]): [number, string] => [Number(code), meaning])
    .sort(([one], [other]) => one - other);
}

/** The page of a command. */
export function commandPage(command: FotaCommand, tool: string): string[] {
  const { name, does, takes, options, example } = command;
  const rows = [
    ...options.map(({ flags, does: what }) => ({ head: flags.replace(/<(.*)>/, "$1"), what })),
    { head: "--json", what: "JSON in the place of text" },
    { head: "--help", what: "this page" },
  ];
  const call = `${tool} ${name}`;
  return [
    does,
    "",
    `usage: ${call} [OPTION ...]${takes === undefined ? "" : ` ${takes.replace(/[<>]/g, "").toUpperCase()}`}`,
    "",
    ...lined(rows),
    "",
    `example: ${call} ${example}`.trimEnd(),
    "",
    ...exitLines(exitsOf(command)),
  ];
}

/** The page of the tool. */
export function toolPage(commands: readonly FotaCommand[], tool: string): string[] {
  return [
    "Signs, publishes, watches, stops, retries and takes back the updates of a fleet, on AWS and on the local one.",
    "",
    `usage: ${tool} COMMAND [OPTION ...]`,
    "",
    ...lined(commands.map(({ name, does }) => ({ head: name, what: does }))),
    "",
    `example: ${tool} watch fota-1-0-2-0123456789ab`,
    "",
    ...exitLines(Object.entries(EXIT_TEXTS).map(([code, text]) => [Number(code), text])),
  ];
}

function lined(rows: readonly { readonly head: string; readonly what: string }[]): string[] {
  const width = Math.max(...rows.map(({ head }) => head.length));
  return rows.map(({ head, what }) => `  ${head.padEnd(width)}  ${what}`);
}

function exitLines(exits: readonly (readonly [number, string])[]): string[] {
  return ["exit codes:", ...exits.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`)];
}
