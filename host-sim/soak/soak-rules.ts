import type { TerminalUpdate } from "../interruptions/wiretap.js";
import { isBad } from "./soak-images.js";
import type { Kind } from "./soak-plan.js";

/** What is known of an update when it is over. */
export type Judged = {
  readonly kind: Kind;
  /** Version that ran before, and version of the job's image. */
  readonly from: string;
  readonly to: string;
  /** The moment at which the execution ended at the service, with the version that ran, or had run last. */
  readonly atEnd: { readonly status: string; readonly version: string } | undefined;
  readonly status: string | undefined;
  readonly runs: string | undefined;
  /** The board came to rest. */
  readonly atRest: boolean;
  /** Terminal updates that reached the broker. */
  readonly terminal: readonly Pick<TerminalUpdate, "status">[];
};

const ALLOWED: Readonly<Record<Kind, readonly string[]>> = Object.freeze({
  good: ["SUCCEEDED", "FAILED"],
  "crashes-at-start": ["FAILED"],
  "crashes-later": ["FAILED"],
  hangs: ["FAILED"],
  damaged: ["FAILED"],
  "same-version": ["REJECTED"],
  // The operator may come too late.
  canceled: ["CANCELED", "SUCCEEDED", "FAILED"],
});

/**
 * Sentences about what is wrong with how an update ended. Good images may fail where faults outlast every retry; then
 * the old one runs.
 */
export function violationsOf({ kind, from, to, atEnd, status, runs, atRest, terminal }: Judged): string[] {
  if (atEnd === undefined) return [`the job never ended, it is ${status ?? "gone"}`];
  const found: string[] = [];
  if (!atRest) found.push("the board did not come to rest");
  if (!ALLOWED[kind].includes(atEnd.status)) found.push(`the job is ${atEnd.status}`);
  if (status !== atEnd.status) found.push(`the job was ${atEnd.status} and is ${status}`);
  if (atEnd.status === "SUCCEEDED" && atEnd.version !== to) found.push(`SUCCEEDED while ${atEnd.version} ran`);
  const expected =
    atEnd.status === "SUCCEEDED" ? [to] : atEnd.status === "CANCELED" && !isBad(kind) ? [from, to] : [from];
  if (runs === undefined || !expected.includes(runs)) found.push(`${atEnd.status}, and ${runs ?? "nothing"} runs`);
  const sent = [...new Set(terminal.map((update) => update.status))];
  if (sent.length > 1) found.push(`${sent.join(" and ")} were sent`);
  return found;
}
