/** What the page shows, as it is sent to it. Times are milliseconds since 1970, 0 for never. */

/** A reason why a device does not have what it should. */
export type Stuck = {
  readonly why: "no-progress" | "not-begun" | "failed" | "refused" | "timed-out" | "silent";
  readonly since: number;
  /** In words. */
  readonly text: string;
  readonly todo: string;
};

/** A row of the list of devices. Texts are the device's own, without control characters. */
export type ShownDevice = {
  readonly thing: string;
  readonly version: string;
  readonly project: string;
  readonly slot: string;
  /** Of its latest job: an AWS IoT job execution status, or "". */
  readonly status: string;
  readonly jobId: string;
  readonly state: string;
  readonly progress: string;
  readonly code: string;
  readonly heardAt: number;
  /** `null` where nothing tells. */
  readonly connected: boolean | null;
  readonly stuck: Stuck | null;
};

/** Devices that ended with one code. */
export type ShownFailure = {
  readonly code: string;
  readonly devices: number;
  readonly happened: string;
  readonly todo: string;
  readonly retry: string;
};

/** Executions of a job by status. */
export type ShownCounts = Readonly<Record<string, number>>;

/** A roll-out. */
export type ShownJob = {
  readonly jobId: string;
  readonly status: string;
  readonly version: string;
  /** Things that it is for now. */
  readonly total: number;
  readonly counts: ShownCounts;
  /** Devices that ended in the last minutes, for each minute. */
  readonly perMinute: number;
  /** Minutes to the end at that rate; `null` when nothing moves, or nothing is left. */
  readonly minutesLeft: number | null;
  /** Canaries that the rest waits for. */
  readonly waiting: boolean;
  /** Why it was stopped. */
  readonly reason: string;
  readonly createdAt: number;
  readonly completedAt: number;
  readonly failures: readonly ShownFailure[];
};

export type ShownVersion = { readonly version: string; readonly project: string; readonly devices: number };

/** How many devices ran which version, at some times. */
export type ShownHistory = {
  readonly at: readonly number[];
  /** One line for each version; as many counts as there are times. */
  readonly lines: readonly { readonly version: string; readonly counts: readonly number[] }[];
};

/** Something that AWS refused, in words. */
export type Trouble = { readonly message: string; readonly mend: readonly string[] };

/** The fleet but its devices. */
export type ShownFleet = {
  readonly at: number;
  readonly devices: number;
  /** Devices that nothing is known of yet: they are asked for little by little. */
  readonly unread: number;
  /** `index`: fleet indexing is on. Otherwise each device costs requests of its own. */
  readonly source: "index" | "devices";
  readonly versions: readonly ShownVersion[];
  readonly history: ShownHistory;
  readonly jobs: readonly ShownJob[];
  readonly failures: readonly ShownFailure[];
  /** Requests to AWS since the page's server runs, and in the last minute. */
  readonly calls: number;
  readonly callsLastMinute: number;
  readonly trouble: Trouble | null;
};

/** What the page has to know of the server before anything else. */
export type Hello = {
  readonly write: boolean;
  readonly region: string;
  /** A local AWS. */
  readonly local: boolean;
  readonly group: string;
  /** Milliseconds between two looks at the jobs. */
  readonly everyMs: number;
};

/** A state that a device was seen in. */
export type SeenState = {
  readonly at: number;
  readonly status: string;
  readonly state: string;
  readonly progress: string;
};

/** A job on the device. */
export type ShownExecution = {
  readonly jobId: string;
  readonly status: string;
  readonly queuedAt: number;
  readonly startedAt: number;
  readonly lastUpdatedAt: number;
  readonly from: string;
  readonly to: string;
  readonly code: string;
  readonly detail: string;
  readonly todo: string;
  /** Why it started, and what its self-test said. */
  readonly reset: string;
  readonly selfTest: string;
  /** What it cost: names and figures as the device reports them. */
  readonly bill: readonly (readonly [name: string, figure: string])[];
  /** The device's journal of a failure. */
  readonly journal: string;
  readonly seen: readonly SeenState[];
};

/** A time, where there may be a text as well. */
export type Moment = { readonly at: number };

/** A device by itself. */
export type ShownDeviceView = {
  readonly thing: string;
  /** Facts with a name, and who told them. */
  readonly facts: readonly (readonly [name: string, value: string | Moment])[];
  readonly source: string;
  readonly executions: readonly ShownExecution[];
};

/** A part of a simulated board's flash. */
export type ShownPartition = {
  readonly label: string;
  readonly offset: number;
  readonly size: number;
  /** What is in it, for a slot. */
  readonly contents: string;
  readonly running: boolean;
  /** A letter for each {@link ShownBoard.blockBytes}: `e` erased, `d` data, `x` being erased, `w` being written. */
  readonly blocks: string;
};

/** A simulated board as it is at the moment. */
export type ShownBoard = {
  readonly thing: string;
  readonly at: number;
  readonly state: string;
  readonly version: string;
  readonly partitions: readonly ShownPartition[];
  readonly blockBytes: number;
  readonly otadata: readonly string[];
  /** Bytes written to the slots, since the board was made. */
  readonly bytesWritten: number;
  readonly bytesErased: number;
  readonly bytesReceived: number;
  readonly boots: number;
  /** The last lines of its log. */
  readonly log: readonly string[];
};

/** Whoever runs simulated boards. */
export type BoardFeed = {
  boards(): readonly ShownBoard[];
  /** @returns ends it */
  subscribe(listener: (board: ShownBoard) => void): () => void;
};

/** Actions of the tool that the page offers. */
export const ACTION_KINDS = ["pause", "resume", "cancel", "retry", "release", "rollback"] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** What is asked for. */
export type ActionWish = {
  readonly kind: ActionKind;
  readonly jobId: string;
  /** Version to go back to, for `rollback`. */
  readonly to: string;
  /** `cancel`: also devices that are at it. `retry`: also those that another attempt cannot help. */
  readonly force: boolean;
};

/** What would be done; it is done when `plan` is sent back. */
export type ActionPlan = { readonly plan: string; readonly lines: readonly string[] };

/** A refusal, in words. */
export type Refusal = { readonly error: string; readonly message: string; readonly mend: readonly string[] };

/** Events of the stream, by name. */
export type StreamEvents = {
  readonly hello: Hello;
  readonly fleet: ShownFleet;
  readonly devices: {
    readonly all: boolean;
    readonly devices: readonly ShownDevice[];
    readonly gone: readonly string[];
  };
  readonly board: ShownBoard;
  /** Nothing happened: the server is there. */
  readonly ping: Record<string, never>;
};

/** Milliseconds between two events at the most: a page that hears nothing for three times as long is stale. */
export const HEARTBEAT_MS = 2000;
