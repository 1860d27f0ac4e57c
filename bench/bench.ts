/** What `bench/run.ts` runs and what a bench gives back. */

/** Sizes of the benches. A test makes them tiny; the figures in docs/performance.md are those of the defaults. */
export interface BenchOptions {
  /** Simulated things of the load bench. */
  readonly things: number;
  /** `maximumPerMinute` of its job, and of the boards bench's. */
  readonly rate: number;
  /** Whole boards of the boards bench, and processes that share them. */
  readonly boards: number;
  readonly processes: number;
  /** Bytes of the image that an update brings. */
  readonly size: number;
  /** Runs of each measurement of time; the median is reported. */
  readonly repeat: number;
}

export const DEFAULT_OPTIONS: BenchOptions = Object.freeze({
  things: 1000,
  rate: 500,
  boards: 1000,
  processes: 1,
  size: 1_048_576,
  repeat: 5,
});

export type Cell = string | number;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Something that has to hold, whatever the machine's speed. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail?: string;
}

export interface BenchReport {
  readonly tables: readonly Table[];
  readonly checks: readonly Check[];
  /** Lines below the tables: what the figures are of. */
  readonly notes?: readonly string[];
  /** The same figures for programs: JSON values only. */
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface Bench {
  /** One line for the list of benches. */
  readonly summary: string;
  /** `say` takes a line about how far it is. Rejects when it cannot measure; a finding is a failed {@link Check}. */
  run(options: BenchOptions, say: (line: string) => void): Promise<BenchReport>;
}
