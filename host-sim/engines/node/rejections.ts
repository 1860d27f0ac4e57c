import { promiseHooks } from "node:v8";

/**
 * Finds promises of a guest that were rejected and that nobody handles, synchronously at the end of a turn. Node's own
 * event comes only when its event loop turns, which is too late for a board on a virtual clock.
 */
export class RejectionWatch {
  readonly #isGuestPromise: (promise: object) => boolean;
  readonly #handled = new WeakSet<object>();
  #settled = new Set<object>();
  /** The last thing that happened, if it was that `parent` got its first handler, `promise`. */
  #last: { readonly promise: object; readonly parent: object } | undefined;

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

  onInit(promise: object, parent: object): void {
    this.#last = this.#handled.has(parent) ? undefined : { promise, parent };
    this.#handled.add(parent);
  }

  onSettled(promise: object): void {
    // `await value` makes a promise for the value whose parent is the promise of the async function; settled at once,
    // it is no handler of that one.
    if (this.#last?.promise === promise) this.#handled.delete(this.#last.parent);
    this.#last = undefined;
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
    init: (promise: object, parent: object | undefined) => {
      if (parent !== undefined) current?.onInit(promise, parent);
    },
    settled: (promise: object) => current?.onSettled(promise),
  });
}
