import { Aws, type AwsChoice, isJobId } from "../aws/index.js";
import { usage } from "../failure/index.js";
import type { Screen } from "../terminal/index.js";

/** One option of a command. */
export type OptionManual = {
  /** As commander reads it: `--to NAME...`. */
  readonly flags: string;
  /** What it is for, with its default. */
  readonly does: string;
};

/** One command. */
export type FotaCommand = {
  readonly name: string;
  /** One sentence. */
  readonly does: string;
  /** Arguments, as commander reads them: `<image>`, `<thing...>`. */
  readonly takes?: string;
  readonly options: readonly OptionManual[];
  /** The arguments of one call that makes sense. */
  readonly example: string;
  /** Exit codes that it has beside 1, 2 and, where it asks AWS, 3 and 130. */
  readonly exits: Readonly<Record<number, string>>;
  /** It asks AWS. */
  readonly asks: boolean;
  /** It goes on until something happens, and may be silent meanwhile. */
  readonly follows?: true;
  run(call: Call): Promise<number>;
};

/** What a running command has. */
export class Call {
  readonly args: readonly string[];
  readonly options: Options;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** How the tool is called, for the lines that name a command. */
  readonly tool: string;
  #aws: Aws | undefined;

  constructor(parts: {
    readonly args: readonly string[];
    readonly options: Options;
    readonly screen: Screen;
    readonly signal: AbortSignal;
    readonly tool: string;
  }) {
    this.args = parts.args;
    this.options = parts.options;
    this.screen = parts.screen;
    this.signal = parts.signal;
    this.tool = parts.tool;
  }

  get isJson(): boolean {
    return this.options.flag("json");
  }

  /** The AWS that the options name. @throws FotaError "usage" */
  get aws(): Aws {
    this.#aws ??= new Aws({ ...this.#choice(), signal: this.signal });
    return this.#aws;
  }

  /** The same, whose requests Ctrl-C does not end: for steps that belong together. */
  unstoppable(): Aws {
    this.#aws ??= new Aws(this.#choice());
    return this.#aws;
  }

  #choice(): AwsChoice {
    return {
      local: this.options.text("local") ?? (process.env.FOTA_LOCAL || undefined),
      profile: this.options.text("profile"),
      region: this.options.text("region"),
    };
  }

  /** The bucket with the images. @throws FotaError "usage" */
  get bucket(): string {
    const bucket = this.options.text("bucket") ?? (process.env.FOTA_BUCKET || undefined);
    if (bucket !== undefined) return bucket;
    if (this.aws.local !== undefined) return "firmware";
    throw usage("--bucket is missing, and FOTA_BUCKET is not set");
  }

  /** The role that AWS IoT signs URLs with. @throws FotaError "usage" */
  get role(): string {
    const role = this.options.text("role") ?? (process.env.FOTA_ROLE || undefined);
    if (role !== undefined) return role;
    if (this.aws.local !== undefined) return "presign";
    throw usage("--role is missing, and FOTA_ROLE is not set");
  }

  /** The one argument of a command that takes one. */
  get only(): string {
    return this.args[0] ?? "";
  }

  /** A line of JSON where it is asked for, else lines for people. */
  result(value: unknown, lines: readonly string[]): void {
    if (this.isJson) this.screen.out(JSON.stringify(value));
    else for (const line of lines) this.screen.out(line);
  }

  /** What it does, for a line that breaks a silence. */
  get goingOn(): string {
    const requests = Object.values(this.#aws?.calls ?? {}).reduce((sum, count) => sum + count, 0);
    return requests === 0 ? "working" : `asking AWS: ${requests} ${requests === 1 ? "request" : "requests"} so far`;
  }

  /** A word about what is going on; nobody's result. */
  say(line: string): void {
    this.screen.err(line);
  }

  close(): void {
    if (this.#aws === undefined) return;
    if (this.options.flag("calls")) this.say(`calls: ${JSON.stringify(this.#aws.calls)}`);
    this.#aws.close();
  }
}

/** Values of options, read strictly. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;
  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** @throws FotaError "usage" when it is empty */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === "") throw usage(`--${dashed(name)} is empty`);
    return typeof value === "string" ? value : undefined;
  }

  /** @throws FotaError "usage" */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw usage(`--${dashed(name)} is missing`);
    return value;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A number from `min` to `max`; with `unit`, one that may end in it: `5%`. @throws FotaError "usage" */
  number(
    name: string,
    { min, max, unit = "", whole = true }: { min: number; max: number; unit?: string; whole?: boolean },
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const bare = unit !== "" && text.endsWith(unit) ? text.slice(0, -unit.length) : text;
    const value = /^\d+(\.\d{1,2})?$/.test(bare) ? Number(bare) : Number.NaN;
    if (!(value >= min && value <= max) || (whole && !Number.isInteger(value)))
      throw usage(`--${dashed(name)} ${text}: not a ${whole ? "whole " : ""}number from ${min} to ${max}`);
    return value;
  }
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Options of every command that asks AWS. */
export const AWS_OPTIONS: readonly OptionManual[] = [
  { flags: "--local <DIR>", does: "the local AWS of this folder (default FOTA_LOCAL, else the real one)" },
  { flags: "--profile <NAME>", does: "a profile of the AWS configuration (default the SDK's order)" },
  { flags: "--region <NAME>", does: "a region (default that of the profile)" },
  { flags: "--calls", does: "say at the end how often AWS was asked for what" },
];

export const BUCKET_OPTION: OptionManual = {
  flags: "--bucket <NAME>",
  does: "the bucket with the images (default FOTA_BUCKET; firmware with --local)",
};
export const ROLE_OPTION: OptionManual = {
  flags: "--role <NAME>",
  does: "name or ARN of the role that signs URLs (default FOTA_ROLE; presign with --local)",
};

export const JOB_OPTION: OptionManual = {
  flags: "--job <ID>",
  does: "the job's id (default one that follows from what it does, and to whom)",
};

/** @throws FotaError "usage" */
export function jobName(options: Options): string | undefined {
  const jobId = options.text("job");
  if (jobId !== undefined && !isJobId(jobId)) throw usage(`--job ${jobId}: 1 to 64 letters, digits, "_" or "-"`);
  return jobId;
}
