/** Switches of fleet indexing. */
export interface IndexingOptions {
  /** Milliseconds that the index is BUILDING after it was turned on; on AWS about a minute. */
  readonly buildMs: number;
}

/** The options where nothing else is said; `docs/local-aws.md` has the table. */
export const DEFAULT_INDEXING_OPTIONS: IndexingOptions = Object.freeze({ buildMs: 500 });
