import { type Fields, fieldsIn, isCount, isFields } from "../reading/index.js";

/**
 * What the tool keeps about a job in its description, so that nobody has to keep anything elsewhere: AWS stores it with
 * the job, and every tool and every page reads it from there.
 */
export type JobNote = {
  readonly version: string;
  /** How many things it was meant for when it was made. */
  readonly things: number;
  readonly canary?: CanaryNote | undefined;
  /** The job that this one goes on with, or takes back. */
  readonly after?: { readonly job: string; readonly how: "resume" | "retry" | "rollback" } | undefined;
};

/** The first devices of a roll-out, and what has to hold before the rest gets it. */
export type CanaryNote = {
  /** How many things are first. */
  readonly things: number;
  /** Thing groups that get it then. */
  readonly rest: readonly string[];
  /** Minutes that each of the first must have been SUCCEEDED, and be connected. */
  readonly soak: number;
  /** Per cent of the first that may fail. */
  readonly fail: number;
};

/** Longest description. [AWS IoT: CreateJob] */
const MAX_LENGTH = 2028;
const VERSION = 1;

/** The description of a job; `undefined` when it is longer than AWS takes. */
export function writeNote(note: JobNote): string | undefined {
  const text = JSON.stringify({ fota: VERSION, ...note });
  return text.length > MAX_LENGTH ? undefined : text;
}

/** `undefined` for the description of a job that this tool did not make. */
export function readNote(description: string | undefined): JobNote | undefined {
  const value = fieldsIn(description ?? "");
  if (value?.fota !== VERSION) return undefined;
  const { version, things, canary, after } = value;
  if (typeof version !== "string" || !isCount(things)) return undefined;
  const first = isFields(canary) ? readCanary(canary) : undefined;
  const before = isFields(after) ? readAfter(after) : undefined;
  return {
    version,
    things,
    ...(first === undefined ? {} : { canary: first }),
    ...(before === undefined ? {} : { after: before }),
  };
}

function readCanary({ things, rest, soak, fail }: Fields): CanaryNote | undefined {
  if (!isCount(things) || !isCount(soak) || typeof fail !== "number" || !Array.isArray(rest)) return undefined;
  const groups = rest.filter((group) => typeof group === "string");
  return { things, rest: groups, soak, fail };
}

function readAfter({ job, how }: Fields): JobNote["after"] {
  if (typeof job !== "string" || (how !== "resume" && how !== "retry" && how !== "rollback")) return undefined;
  return { job, how };
}
