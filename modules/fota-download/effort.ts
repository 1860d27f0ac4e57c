export type EffortLimits = {
  readonly minimumProgress: number;
  readonly maxRedirects: number;
};

/**
 * How often a download may start again from byte 0 whose result nobody proves. Content that changed during two
 * downloads will probably change during a third.
 */
const MAX_RESTARTS = 1;
/**
 * Images that may be received for one, when the result is proven: as many as other failures have attempts. What a
 * server without ranges and a line that breaks cost at most.
 */
export const MAX_IMAGES_RECEIVED = 8;

/** Whether content of `size` bytes may start over after `received` bytes. */
export function mayStartOver(received: number, size: number): boolean {
  return received + size <= MAX_IMAGES_RECEIVED * size;
}

/**
 * Counts attempts, redirects and restarts since the last progress, so that a download which does not get on comes to an
 * end.
 */
export class Effort {
  readonly #limits: EffortLimits;
  #mark: number;
  #attempts = 0;
  #gotOn = false;
  #freshRetryUsed = false;
  #redirects = 0;
  #restarts = 0;

  constructor(limits: EffortLimits, offset: number) {
    this.#limits = limits;
    this.#mark = offset;
  }

  /**
   * The sink has everything below `offset`. Attempts are counted afresh only after real progress: a server that gives
   * a few bytes a connection must not keep the download alive.
   */
  reached(offset: number): void {
    if (offset - this.#mark < this.#limits.minimumProgress) return;
    this.#mark = offset;
    this.#attempts = 0;
    this.#gotOn = true;
    this.#freshRetryUsed = false;
  }

  /** There was real progress since the failure before. */
  get gotOn(): boolean {
    return this.#gotOn;
  }

  /** Counts a failure and returns how many there were in a row. */
  failed(): number {
    this.#redirects = 0;
    this.#gotOn = false;
    this.#attempts += 1;
    return this.#attempts;
  }

  /** True the first time since the last progress. */
  takeFreshRetry(): boolean {
    if (this.#freshRetryUsed) return false;
    this.#freshRetryUsed = true;
    return true;
  }

  /** Counts a redirect; false when it is one too many. */
  redirected(): boolean {
    this.#redirects += 1;
    return this.#redirects <= this.#limits.maxRedirects;
  }

  /** A response with content ends a chain of redirects. */
  answered(): void {
    this.#redirects = 0;
  }

  /**
   * Counts a start from byte 0; false when it is one too many. `proven`: what was received so far of content that the
   * caller proves.
   */
  restarted(proven: { readonly received: number; readonly size: number } | undefined): boolean {
    this.#restarts += 1;
    this.#mark = 0;
    if (proven === undefined) return this.#restarts <= MAX_RESTARTS;
    return mayStartOver(proven.received, proven.size);
  }
}
