import { parseArgs } from "node:util";
import { UsageError } from "../../command-line.js";

export { UsageError };

/** The values of `--name value` options; every option may be given several times. Error: {@link UsageError}. */
export function readOptions(argv: readonly string[], names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const options = Object.fromEntries(names.map((name) => [name, { type: "string", multiple: true }] as const));
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    const found = new Map<string, readonly string[]>();
    for (const [name, value] of Object.entries(values)) {
      if (Array.isArray(value)) found.set(name, value.map(String));
    }
    return found;
  } catch (error) {
    const [line = "bad arguments"] = (error instanceof Error ? error.message : "bad arguments").split(/[.\n]/);
    throw new UsageError(`${line} (known: ${names.map((name) => `--${name}`).join(", ")})`);
  }
}

/** The one value of an option, undefined when it was not given. */
export function single(options: ReadonlyMap<string, readonly string[]>, name: string): string | undefined {
  const values = options.get(name) ?? [];
  if (values.length > 1) throw new UsageError(`--${name} was given ${values.length} times`);
  if (values[0] === "") throw new UsageError(`--${name} is empty`);
  return values[0];
}

export function required(options: ReadonlyMap<string, readonly string[]>, name: string): string {
  const value = single(options, name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

export function optionalPort(options: ReadonlyMap<string, readonly string[]>, name: string): number | undefined {
  const value = single(options, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new UsageError(`--${name} must be a port, 0...65535`);
  return Number(value);
}

/** The lines a command writes; replaced in tests. */
export interface CommandOutput {
  out(line: string): void;
  err(line: string): void;
}

export const processOutput: CommandOutput = Object.freeze({
  out: (line: string) => void process.stdout.write(`${line}\n`),
  err: (line: string) => void process.stderr.write(`${line}\n`),
});

/** Runs a command: a mistake of the user gives one line on stderr and exit code 2, any other failure one line and 1. */
export async function runCommand(name: string, output: CommandOutput, body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    const [line = "failed"] = (error instanceof Error ? error.message : "failed").split("\n");
    output.err(`${name}: ${line}`);
    return error instanceof UsageError ? 2 : 1;
  }
}
