/**
 * Switches of the Jobs service. Where AWS documents a number, the default is that number; where AWS leaves a point open
 * (see "open" below), the default is the behaviour seen most often and the switch selects the other one.
 */
export interface JobsOptions {
  /** Milliseconds between CreateJob (or a thing's joining a group) and the first executions. */
  readonly rolloutDelayMs: number;
  /** Milliseconds a job stays DELETION_IN_PROGRESS. */
  readonly deletionDelayMs: number;
  /**
   * Milliseconds a time-out comes later than `approximateSecondsBeforeTimedOut` says; AWS allows itself up to 60000.
   */
  readonly timeoutLagMs: number;
  /** GetPending, DescribeJobExecution: calls a second and account; 0 is no limit. */
  readonly dataPlaneReadsPerSecond: number;
  /** StartNext, UpdateJobExecution: calls a second and account; 0 is no limit. */
  readonly dataPlaneWritesPerSecond: number;
  /** Entries in GetPending and in `notify`, IN_PROGRESS ones first. */
  readonly pendingListLimit: number;
  /** Longest value in `statusDetails`: 1024 by the API's text, 128 by the older quota page. */
  readonly statusDetailsValueLength: number;
  /** Open: longest `clientToken` over MQTT; 0 is no limit. */
  readonly clientTokenLength: number;
  /** Open: the code of an update of an execution that is terminal. */
  readonly terminalUpdateCode: "TerminalStateReached" | "InvalidStateTransition";
  /** Open: whether `TerminalStateReached` carries `executionState`. */
  readonly terminalCarriesState: boolean;
  /** Open: whether the terminal check comes before the `expectedVersion` check. */
  readonly terminalBeforeVersion: boolean;
  /** Open: whether QUEUED may go to SUCCEEDED or FAILED without IN_PROGRESS. */
  readonly queuedMayFinish: boolean;
  /** Open: whether cancel, time-out and removal increment `versionNumber`. */
  readonly serviceBumpsVersion: boolean;
  /** Open: `versionNumber` of the execution that a retry creates: 1, or the old execution's number plus 1. */
  readonly retryVersion: "restart" | "continue";
  /**
   * Open: whether start-next with `stepTimeoutInMinutes` restarts the step timer of an execution already IN_PROGRESS.
   */
  readonly startNextRestartsStepTimer: boolean;
  /**
   * Open: what the threshold percentage of an abort criterion refers to: executions handed out, or executions that
   * ended.
   */
  readonly abortPercentageOf: "notified" | "finished";
  /** Open: which placeholders are replaced; v1 and v2 are treated alike. */
  readonly placeholders: "both" | "v1" | "v2";
  /**
   * Open: a placeholder in the document of a job without `presignedUrlConfig`: refuse the job, or deliver the text as
   * it is.
   */
  readonly placeholderWithoutRole: "reject" | "verbatim";
  /** Open: where the rejection of a request to no operation is published: `<its topic>/rejected`, or nowhere. */
  readonly invalidTopicReply: "topic-rejected" | "none";
}

/** The options where nothing else is said; `docs/local-aws.md` has the table. */
export const DEFAULT_JOBS_OPTIONS: JobsOptions = Object.freeze({
  rolloutDelayMs: 100,
  deletionDelayMs: 500,
  timeoutLagMs: 0,
  dataPlaneReadsPerSecond: 200,
  dataPlaneWritesPerSecond: 200,
  pendingListLimit: 10,
  statusDetailsValueLength: 1024,
  clientTokenLength: 64,
  terminalUpdateCode: "TerminalStateReached",
  terminalCarriesState: false,
  terminalBeforeVersion: true,
  queuedMayFinish: true,
  serviceBumpsVersion: true,
  retryVersion: "restart",
  startNextRestartsStepTimer: false,
  abortPercentageOf: "notified",
  placeholders: "both",
  placeholderWithoutRole: "reject",
  invalidTopicReply: "topic-rejected",
});
