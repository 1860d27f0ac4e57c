import type { AwsJobsError, UpdateOptions, UpdateResult } from "../aws-jobs/index.js";
import type { StatusDetails } from "./status-details.js";

/**
 * "start": IN_PROGRESS that opens the work; "progress": dropped when it does not get through; "terminal": sent until it
 * is settled.
 */
export type UpdateKind = "start" | "progress" | "terminal";

export type JobUpdate = {
  readonly kind: UpdateKind;
  readonly status: UpdateOptions["status"];
  readonly details: StatusDetails;
  /** Have the document sent along, with fresh URLs. */
  readonly withDocument?: boolean;
  /**
   * `result` is undefined when the service did not take the update and will not. Not called when the job turns out to
   * be over.
   */
  readonly onDone: (result: UpdateResult | undefined, error?: AwsJobsError) => void;
};

/** A question how the execution stands. `document`: have it sent along, with fresh URLs. */
export type Look = { readonly document: boolean };
/** One request to the service. */
export type ReportRequest =
  | { readonly kind: "update"; readonly update: JobUpdate }
  | { readonly kind: "look"; readonly look: Look };

/** What waits to be said or asked about one execution: at most one request of each kind. */
export class ReportQueue {
  #updates: Partial<Record<UpdateKind, JobUpdate>> = {};
  #look: Look | undefined;

  /** An update that waits of the same kind is replaced; a terminal one drops all others. */
  add(update: JobUpdate): void {
    // What opens or ends the work has not failed when a newer one takes its place.
    const replaced = update.kind === "progress" ? this.#updates.progress : undefined;
    if (update.kind === "terminal") this.#updates = {};
    this.#updates[update.kind] = update;
    replaced?.onDone(undefined);
  }

  ask(document: boolean): void {
    this.#look = { document: document || (this.#look?.document ?? false) };
  }

  /** The most urgent request: what the service says comes before what it is told. */
  take(): ReportRequest | undefined {
    const { start, terminal, progress } = this.#updates;
    const look = this.#look;
    const update = start ?? terminal ?? progress;
    if (look !== undefined) {
      this.#look = undefined;
      return { kind: "look", look };
    }
    if (update === undefined) return undefined;
    delete this.#updates[update.kind];
    return { kind: "update", update };
  }

  /**
   * A request that got no answer waits again, unless a newer one took its place. News of the progress would be old by
   * then.
   */
  putBack(request: ReportRequest): void {
    if (request.kind === "look") this.#look ??= request.look;
    else if (request.update.kind === "progress") request.update.onDone(undefined);
    else this.again(request.update);
  }

  /** The update was refused in a form in which it can be sent again at once. */
  again(update: JobUpdate): void {
    this.#updates[update.kind] ??= update;
  }

  /** Progress is only news: without a connection it is dropped. */
  dropProgress(): void {
    const { progress } = this.#updates;
    delete this.#updates.progress;
    progress?.onDone(undefined);
  }

  clear(): void {
    this.#updates = {};
    this.#look = undefined;
  }
}
