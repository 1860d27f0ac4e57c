/** What a command tells of itself: the page that `--help` prints, and the names of its options. */

/** One option of a command. */
export type OptionManual = {
  readonly type: "string" | "boolean";
  readonly multiple?: true;
  /** What stands for the value, as in `--out DIR`. Default: TEXT. */
  readonly value?: string;
  /** What it is for, with its default. */
  readonly does: string;
};

export type OptionManuals = Readonly<Record<string, OptionManual>>;

/** One command. */
export type Manual = {
  /** The npm script. */
  readonly name: string;
  /** One sentence. */
  readonly does: string;
  /** Arguments beside the options, as in `IMAGE`. */
  readonly takes?: string;
  readonly options: OptionManuals;
  /** The arguments of one call that makes sense. */
  readonly example: string;
  /** What each exit code means, where it is not what it means everywhere: 1 a failure, 2 a mistake of the caller. */
  readonly exits: Readonly<Record<number, string>>;
};

/** Scripts that npm runs without `run`. */
const SHORT = ["start", "test"];

export const USAGE_EXIT = 2;
const COMMON_EXITS: Readonly<Record<number, string>> = Object.freeze({
  1: "it failed, and a line says why",
  [USAGE_EXIT]: "a mistake of the caller; nothing was done",
});

/** How the command is called, without arguments. */
export function callOf({ name }: Pick<Manual, "name">): string {
  return SHORT.includes(name) ? `npm ${name}` : `npm run ${name}`;
}

/** Exit codes with their meaning, in order. */
export function exitsOf({ exits }: Pick<Manual, "exits">): readonly (readonly [code: number, meaning: string])[] {
  return Object.entries({ ...COMMON_EXITS, ...exits })
    .map(([code, meaning]): [number, string] => [Number(code), meaning])
    .sort(([one], [other]) => one - other);
}

/** The page of a command. */
export function helpLines(manual: Manual): string[] {
  const { does, takes, options, example } = manual;
  const rows = Object.entries(options).map(([name, { type, value = "TEXT", multiple, does: what }]) => ({
    head: `--${name}${type === "boolean" ? "" : ` ${value}`}${multiple === true ? " ..." : ""}`,
    what,
  }));
  rows.push({ head: "--help", what: "this page" });
  const width = Math.max(...rows.map(({ head }) => head.length));
  const args = example === "" ? "" : ` -- ${example}`;
  return [
    does,
    "",
    `usage: ${callOf(manual)} -- [OPTION ...]${takes === undefined ? "" : ` ${takes}`}`,
    "",
    ...rows.map(({ head, what }) => `  ${head.padEnd(width)}  ${what}`),
    "",
    `example: ${callOf(manual)}${args}`,
    "",
    "exit codes:",
    ...exitsOf(manual).map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`),
  ];
}

/** Whether the page is asked for, wherever among the arguments. */
export function isHelpAsked(argv: readonly string[]): boolean {
  return argv.includes("--help") || argv.includes("-h");
}
