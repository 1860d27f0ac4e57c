/** What may be tried again after an error. The `errors.ts` of a module gives each of its codes one such row. */
export type Retry = {
  /** The same request may succeed when it is sent again. */
  readonly repeatable: boolean;
  /** A new execution of the job may succeed. */
  readonly retryable: boolean;
};

/** Neither helps, or the code ends no job. */
export const NEVER: Retry = Object.freeze({ repeatable: false, retryable: false });
export const SAME_REQUEST: Retry = Object.freeze({ repeatable: true, retryable: false });
export const NEW_EXECUTION: Retry = Object.freeze({ repeatable: false, retryable: true });
export const EITHER: Retry = Object.freeze({ repeatable: true, retryable: true });
