import { type ParseArgsConfig, parseArgs } from "node:util";

/** A mistake in how a command was called, or in a file it was given: one line for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export type OptionTable = NonNullable<ParseArgsConfig["options"]>;

/** Parses `--name value` options strictly: unknown options, missing values and stray arguments are {@link UsageError}s. */
export function parseOptions(
  argv: readonly string[],
  options: OptionTable,
): Record<string, string | boolean | undefined> {
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false });
    return values as Record<string, string | boolean | undefined>;
  } catch (error) {
    throw new UsageError(
      (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)[0] ?? "bad arguments",
    );
  }
}

export function requiredText(values: Record<string, string | boolean | undefined>, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new UsageError(`--${name} is missing`);
  return value;
}

export function optionalText(values: Record<string, string | boolean | undefined>, name: string): string | undefined {
  const value = values[name];
  if (value === "") throw new UsageError(`--${name} is empty`);
  return typeof value === "string" ? value : undefined;
}

export function optionalInteger(
  values: Record<string, string | boolean | undefined>,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = optionalText(values, name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new UsageError(`--${name} ${text}: not a whole number from ${min} to ${max}`);
  return value;
}

/** A version as the application descriptor holds it: 1 to 31 printable ASCII characters. */
export function versionText(values: Record<string, string | boolean | undefined>, name = "version"): string {
  const version = requiredText(values, name);
  if (!/^[\x21-\x7e]{1,31}$/.test(version))
    throw new UsageError(`--${name}: not a version of 1 to 31 printable characters without spaces`);
  return version;
}
