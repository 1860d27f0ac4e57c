import { parseArgs } from "node:util";

/** A mistake in how the command was called: one line for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = ReadonlyMap<string, readonly string[]>;

/** The values of `--name value` options, each of which may be given several times. @throws UsageError */
export function readOptions(argv: readonly string[], names: readonly string[]): Options {
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

/**
 * The one value of an option, undefined when it was not given. @throws UsageError when it was given twice or is empty
 */
export function single(options: Options, name: string): string | undefined {
  const values = options.get(name) ?? [];
  if (values.length > 1) throw new UsageError(`--${name} was given ${values.length} times`);
  if (values[0] === "") throw new UsageError(`--${name} is empty`);
  return values[0];
}

/** A TCP port, 0 for a free one; undefined when the option was not given. @throws UsageError */
export function optionalPort(options: Options, name: string): number | undefined {
  const value = single(options, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new UsageError(`--${name} must be a port, 0...65535`);
  return Number(value);
}
