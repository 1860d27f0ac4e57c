import { promiseHooks } from "node:v8";

/**
 * Finds promises of a guest that were rejected and that nobody handles, synchronously at the end of a turn. Node's own event comes only when
 * its event loop turns, which is too late for a board on a virtual clock.
 */
export class RejectionWatch {
  readonly #isGuestPromise: (promise: object) => boolean;
  readonly #handled = new WeakSet<object>();
  #settled = new Set<object>();

  constructor(isGuestPromise: (promise: object) => boolean) {
    this.#isGuestPromise = isGuestPromise;
    installHooks();
  }

  /** Runs `turn` while promises are watched. */
  during(turn: () => void): void {
    const before = current;
    current = this;
    try {
      turn();
    } finally {
      current = before;
    }
  }

  /** Promises settled since the last call that have no handler. Some of them may be fulfilled. */
  suspects(): object[] {
    if (this.#settled.size === 0) return [];
    const suspects = [...this.#settled].filter((promise) => !this.#handled.has(promise));
    this.#settled = new Set();
    return suspects;
  }

  onInit(parent: object): void {
    this.#handled.add(parent);
  }

  onSettled(promise: object): void {
    if (this.#isGuestPromise(promise)) this.#settled.add(promise);
  }
}

let current: RejectionWatch | undefined;
let installed = false;

/** One pair of hooks for the process: they cannot be taken out cheaply, and do nothing outside a turn. */
function installHooks(): void {
  if (installed) return;
  installed = true;
  promiseHooks.createHook({
    // A promise made from another one is that one's handler.
    init: (_promise: object, parent: object | undefined) => {
      if (parent !== undefined) current?.onInit(parent);
    },
    settled: (promise: object) => current?.onSettled(promise),
  });
}
