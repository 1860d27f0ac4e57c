import fc from "fast-check";
import type { FuzzInput, FuzzTarget } from "./fuzz-target.js";

export type FuzzFailure = {
  /** Shrunk as far as it goes. */
  readonly input: FuzzInput;
  readonly error: unknown;
};

export type FuzzResult = {
  readonly cases: number;
  /** How often each verdict was reached. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly failure: FuzzFailure | undefined;
  /** Time of the processor, for making the cases as well. */
  readonly milliseconds: number;
  /** The case that took most of the processor. */
  readonly slowest: { readonly milliseconds: number; readonly length: number };
};

/** Runs `cases` cases of a target. The same seed makes the same cases. */
export function fuzz(
  target: FuzzTarget,
  { seed, cases }: { readonly seed: number; readonly cases: number },
): FuzzResult {
  const verdicts = new Map<string, number>();
  let slowest = { milliseconds: 0, length: 0 };
  const start = process.cpuUsage();
  const property = fc.property(target.inputs, (input) => {
    const before = process.cpuUsage();
    const verdict = target.check(input);
    const milliseconds = millisecondsSince(before);
    if (milliseconds > slowest.milliseconds) slowest = { milliseconds, length: input.data.length };
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  });
  const details = fc.check(property, { seed, numRuns: cases, endOnFailure: false });
  const [input] = details.counterexample ?? [];
  const failure =
    details.failed && input !== undefined ? { input, error: details.errorInstance ?? "a case failed" } : undefined;
  if (details.failed && failure === undefined) throw new Error(`${target.name}: the generator itself failed`);
  return { cases: details.numRuns, verdicts, failure, milliseconds: millisecondsSince(start), slowest };
}

function millisecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
