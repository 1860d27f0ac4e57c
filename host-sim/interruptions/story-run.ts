import type { CutPlan } from "../board/steps.js";
import type { SeenStep } from "./plan.js";
import type { Story } from "./story.js";
import type { TerminalUpdate } from "./wiretap.js";

/** A cut that happened, and what the board was doing. */
export type CutMade = SeenStep & {
  readonly where: CutPlan["where"];
  /** A new image was on trial, or the bootloader was rewriting its entry: losing the power there costs the trial. */
  readonly onTrial: boolean;
};

/** The moment at which an execution had ended at the service. */
export type Ending = {
  readonly jobId: string;
  readonly status: string;
  /** Version of the image that ran, or had run last when the board was off. */
  readonly version: string;
  /** Whether that image had been accepted for good: a reset would not take it back. */
  readonly settled: boolean;
};

/** What the service and the board look like when everything has come to rest. */
export type Rest = {
  readonly version: string | undefined;
  /** Version that the next boot starts. */
  readonly nextVersion: string | undefined;
  readonly record: string | undefined;
  readonly timers: number;
  readonly sockets: number;
  readonly connections: number;
  readonly state: string;
};

/** Everything seen in one run. {@link violationsOf} judges it. */
export type StoryRun = {
  readonly story: Story;
  readonly steps: readonly SeenStep[];
  readonly cuts: readonly CutMade[];
  readonly endings: readonly Ending[];
  readonly terminal: readonly TerminalUpdate[];
  /** Present when every execution ended and the board came to rest within the time limit. */
  readonly rest: Rest | undefined;
  /** What was wrong the moment it happened: sentences, each beginning with the invariant's name. */
  readonly seen: readonly string[];
  readonly httpBytes: number;
  readonly httpRequests: number;
  /** Bytes of flash erased in slots; otadata erases; stores of the record. */
  readonly slotBytesErased: number;
  readonly otadataErases: number;
  readonly recordStores: number;
  readonly boots: number;
  readonly virtualMs: number;
};
