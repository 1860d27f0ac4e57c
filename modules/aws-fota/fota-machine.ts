import type { CallbackQueue } from "./callbacks.js";
import { FotaError } from "./errors.js";
import { type FotaEffect, type FotaEvent, type FotaState, transition } from "./fota-state.js";

export type FotaMachineOptions = {
  readonly callbacks: CallbackQueue;
  /** Runs an action, however it ends. */
  readonly guard: (action: () => void) => void;
  /** False: the effects after it must not happen. */
  readonly perform: (effect: FotaEffect) => boolean;
  readonly onChanged: (next: FotaState, previous: FotaState, event: FotaEvent) => void;
};

/** The state of the agent and the only place that changes it, always by the table. */
export class FotaMachine {
  #options: FotaMachineOptions;
  #state: FotaState = "idle";
  #events: FotaEvent[] = [];
  #busy = false;
  #closed = false;

  constructor(options: FotaMachineOptions) {
    this.#options = options;
  }

  get state(): FotaState {
    return this.#state;
  }

  /** Whether the event leads anywhere in the present state. */
  knows(event: FotaEvent): boolean {
    return transition(this.#state, event) !== undefined;
  }

  /** One event after the other: what an effect causes waits until the effects before it are done. */
  dispatch(event: FotaEvent): void {
    if (this.#closed) return;
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    const { callbacks, guard } = this.#options;
    callbacks.hold(() => {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const taken = next;
        guard(() => this.take(taken));
      }
    });
    this.#busy = false;
    callbacks.flush();
  }

  /** Events and effects that wait are dropped. */
  close(): void {
    this.#closed = true;
    this.#events = [];
  }

  private take(event: FotaEvent): void {
    const { callbacks, perform, onChanged } = this.#options;
    const previous = this.#state;
    const found = transition(previous, event);
    if (found === undefined) {
      callbacks.error(new FotaError("unexpected-event", `${event} while ${previous}`));
      return;
    }
    this.#state = found.next;
    if (found.next !== previous) onChanged(found.next, previous, event);
    for (const effect of found.effects) if (this.#closed || !perform(effect)) return;
  }
}
