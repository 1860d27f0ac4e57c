/** One parser under fuzz: what it is fed, and what must hold whatever that is. */
import fc from "fast-check";

/**
 * One case. `salt` decides whatever a case needs beside its data (options, where bytes are cut), so that every case of
 * every target is data and a number, and can be kept in a file.
 */
export type FuzzInput = { readonly data: Uint8Array | string; readonly salt: number };

export type FuzzTarget = {
  readonly name: string;
  /** What it reads and who sends that, for the list of targets. */
  readonly reads: string;
  /**
   * Verdicts that some hundred cases have to bring about, the acceptance of valid input among them: a generator that
   * has stopped to reach the depths of its parser would find nothing for ever.
   */
  readonly reaches: readonly string[];
  /** What one case costs beside the others; a run of a whole shell takes fewer cases. Default 1. */
  readonly cost?: number;
  readonly inputs: fc.Arbitrary<FuzzInput>;
  /**
   * Runs the parser. Throws when an invariant is broken.
   * @returns the verdict in a word or two: a code, or what was accepted
   */
  check(input: FuzzInput): string;
};

type Common = Pick<FuzzTarget, "name" | "reads" | "reaches" | "cost">;

const salts = fc.nat(0x7fffffff);

/** A target that is fed bytes. */
export function bytesTarget({
  data,
  check,
  ...common
}: Common & {
  readonly data: fc.Arbitrary<Uint8Array>;
  readonly check: (bytes: Uint8Array, salt: number) => string;
}): FuzzTarget {
  return {
    ...common,
    inputs: fc.record({ data, salt: salts }),
    check: (input) => {
      if (typeof input.data === "string") throw new TypeError(`${common.name} takes bytes`);
      return check(input.data, input.salt);
    },
  };
}

/** A target that is fed text. */
export function textTarget({
  data,
  check,
  ...common
}: Common & {
  readonly data: fc.Arbitrary<string>;
  readonly check: (text: string, salt: number) => string;
}): FuzzTarget {
  return {
    ...common,
    inputs: fc.record({ data, salt: salts }),
    check: (input) => {
      if (typeof input.data !== "string") throw new TypeError(`${common.name} takes text`);
      return check(input.data, input.salt);
    },
  };
}
