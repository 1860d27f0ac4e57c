import { parseArgs } from "node:util";
import type { OptionManuals } from "./manual.js";
import { nearestWord } from "./nearest.js";

/** A mistake in how a command was called, or in a file it was given: one line for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What {@link parseOptions} read. */
export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/**
 * Parses `--name value` options strictly: unknown options, missing values, stray arguments, and a second value of an
 * option that the table does not call `multiple` are {@link UsageError}s.
 */
export function parseOptions(argv: readonly string[], options: OptionManuals): OptionValues {
  return valuesOf(parsed(argv, options, false).values, options);
}

/** The same for a command that takes arguments beside its options, wherever they stand. @throws UsageError */
export function parseOptionsAndArguments(
  argv: readonly string[],
  options: OptionManuals,
): { readonly values: OptionValues; readonly positionals: readonly string[] } {
  const { values, positionals } = parsed(argv, options, true);
  return { values: valuesOf(values, options), positionals };
}

/**
 * The same for a command that takes one file beside its options, wherever it stands. `name` is what messages call it.
 * @throws UsageError
 */
export function parseOptionsAndFile(
  argv: readonly string[],
  options: OptionManuals,
  name: string,
): { readonly values: OptionValues; readonly file: string } {
  const { values, positionals } = parseOptionsAndArguments(argv, options);
  const [file, ...more] = positionals;
  if (file === undefined || file === "") throw new UsageError(`${name} is missing`);
  if (more.length > 0) throw new UsageError(`one ${name}, not ${positionals.length}`);
  return { values, file };
}

function valuesOf(found: Readonly<Record<string, unknown>>, options: OptionManuals): OptionValues {
  const values: Record<string, OptionValues[string]> = {};
  for (const [name, given] of Object.entries(found)) {
    if (!Array.isArray(given)) continue;
    if (options[name]?.multiple === true) values[name] = given.map(String);
    else if (given.length > 1) throw new UsageError(`--${name} was given ${given.length} times`);
    else values[name] = given[0];
  }
  return values;
}

function parsed(argv: readonly string[], options: OptionManuals, allowPositionals: boolean) {
  const asked = Object.fromEntries(
    Object.entries(options).map(([name, { type }]) => [name, { type, multiple: true }] as const),
  );
  try {
    return parseArgs({ args: [...argv], options: asked, strict: true, allowPositionals });
  } catch (error) {
    const text = (error instanceof Error ? error.message : String(error)).split(/\.\s|\n/)[0] ?? "bad arguments";
    throw new UsageError(`${text}${suggestion(text, [...Object.keys(options), "help"])}`);
  }
}

/** Behind Node's message about an option that there is not. */
function suggestion(text: string, names: readonly string[]): string {
  const unknown = /^Unknown option '--?([^'=]+)/.exec(text)?.[1];
  if (unknown === undefined) return "";
  const nearest = nearestWord(unknown, names);
  return nearest === undefined ? "; --help names the options" : `; did you mean --${nearest}?`;
}

/** The value of an option that must be there. @throws UsageError */
export function requiredText(values: OptionValues, name: string): string {
  const value = values[name];
  if (typeof value !== "string" || value === "") throw new UsageError(`--${name} is missing`);
  return value;
}

/** The value of an option, `undefined` when it was not given. @throws UsageError when it is empty */
export function optionalText(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  if (value === "") throw new UsageError(`--${name} is empty`);
  return typeof value === "string" ? value : undefined;
}

/** All values of an option that may be repeated, `undefined` when it was not given. */
export function repeatedText(values: OptionValues, name: string): readonly string[] | undefined {
  const value = values[name];
  return typeof value === "object" ? value : undefined;
}

/** A whole number from `min` to `max`, `undefined` when the option was not given. @throws UsageError */
export function optionalInteger(
  values: OptionValues,
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

/** A version as the application descriptor holds it: 1 to 31 printable ASCII characters. @throws UsageError */
export function versionText(values: OptionValues, name = "version"): string {
  const version = requiredText(values, name);
  if (!/^[\x21-\x7e]{1,31}$/.test(version))
    throw new UsageError(`--${name}: not a version of 1 to 31 printable characters without spaces`);
  return version;
}
