/** A query of the fleet index, taken apart. [AWS IoT: Query syntax] */
export type QueryNode =
  | { readonly kind: "and" | "or"; readonly nodes: readonly QueryNode[] }
  | { readonly kind: "not"; readonly node: QueryNode }
  /** The lone `*`. */
  | { readonly kind: "all" }
  /** A value of the field, or of any field where none is named. */
  | { readonly kind: "term"; readonly field: string | undefined; readonly pattern: TermPattern }
  | {
      readonly kind: "range";
      readonly field: string;
      readonly from: Bound | undefined;
      readonly to: Bound | undefined;
    };

/** A word with its wildcards, or words that follow each other. Lower case: case does not count. */
export type TermPattern =
  | { readonly kind: "glob"; readonly parts: readonly GlobPart[] }
  | { readonly kind: "phrase"; readonly words: readonly string[] };

export type GlobPart = { readonly kind: "text"; readonly text: string } | { readonly kind: "any" | "one" };

export interface Bound {
  /** Lower case. */
  readonly value: string;
  readonly inclusive: boolean;
}
