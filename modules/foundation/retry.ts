/** What may be tried again after an error. Every module's `errors.ts` gives each of its codes one such row. */
export type Retry = {
  /** The same request may succeed when it is sent again. */
  readonly repeatable: boolean;
  /** A new execution of the job may succeed. */
  readonly retryable: boolean;
};
