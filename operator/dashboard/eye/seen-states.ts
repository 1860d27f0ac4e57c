import type { SeenState } from "../shown/index.js";
import type { Followed } from "./job-follow.js";

const MAX_EXECUTIONS = 5000;
const MAX_STATES = 100;

/** States that devices were seen in: AWS keeps only the last one of each. */
export class SeenStates {
  readonly #states = new Map<string, SeenState[]>();

  /** Notes what a device said, unless it said so before. */
  note({ thing, jobId, executionNumber, status, details, lastUpdatedAt }: Followed): void {
    const key = keyOf(thing, jobId, executionNumber);
    const known = this.#states.get(key) ?? [];
    const { state = "", progress = "" } = details;
    const last = known.at(-1);
    if (last?.status === status && last.state === state && last.progress === progress) return;
    if (known.length === MAX_STATES) known.shift();
    known.push({ at: lastUpdatedAt, status, state, progress });
    this.#states.set(key, known);
    const [oldest] = this.#states.keys();
    if (this.#states.size > MAX_EXECUTIONS && oldest !== undefined) this.#states.delete(oldest);
  }

  of(thing: string, jobId: string, executionNumber: number): readonly SeenState[] {
    return this.#states.get(keyOf(thing, jobId, executionNumber)) ?? [];
  }
}

function keyOf(thing: string, jobId: string, executionNumber: number): string {
  return `${thing} ${jobId} ${executionNumber}`;
}
