import type { FotaDownloadError } from "../fota-download/index.js";
import type { TimerId, TimerPort } from "./ports.js";

const MAX_RENEWALS = 1; // fresh URLs without a byte gained since
const ASK_AGAIN_MS = 60_000;
const MAX_ANSWERS = 10; // without a URL that can be used

/** How a download goes on that stopped before its end. */
export type Continuation =
  /** The service is asked for a document with a fresh URL. */
  | "renew"
  /** The whole network is away: connecting asks for the job, and its document carries a fresh URL. */
  | "reconnect"
  | "fail";

/** @param renewals fresh URLs asked for since the last byte was gained */
export function continuationAfter(
  error: Pick<FotaDownloadError, "needsNewUrl" | "repeatable">,
  connected: boolean,
  renewals: number,
): Continuation {
  if (error.needsNewUrl && renewals < MAX_RENEWALS) return "renew";
  return error.repeatable && !connected ? "reconnect" : "fail";
}

export type UrlRenewalOptions = {
  readonly timer: TimerPort;
  readonly isConnected: () => boolean;
  /** Ask the service for our execution with its document. */
  readonly ask: () => void;
  /** The service answered often enough without a URL that can be used. */
  readonly onGivenUp: (cause: FotaDownloadError) => void;
};

/** Whether and when one download asks for a fresh URL. */
export class UrlRenewal {
  #options: UrlRenewalOptions;
  #renewals = 0;
  #renewedAt = 0;
  #wanted: { readonly cause: FotaDownloadError; readonly askNow: boolean } | undefined;
  #timer: TimerId | undefined;

  constructor(options: UrlRenewalOptions) {
    this.#options = options;
  }

  /** The download stopped at byte `position`. After "renew" and "reconnect" comes `begin()`. */
  judge(cause: FotaDownloadError, position: number): Continuation {
    if (position > this.#renewedAt) this.#renewals = 0;
    const found = continuationAfter(cause, this.#options.isConnected(), this.#renewals);
    if (found === "renew") {
      this.#renewals += 1;
      this.#renewedAt = position;
    }
    this.#wanted = found === "fail" ? undefined : { cause, askNow: found === "renew" };
    return found;
  }

  /**
   * Asks, and asks again until `stop()`: an answer may be an old one, hold no document, or be lost with the connection.
   */
  begin(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    this.wait(wanted.cause, 0);
    if (wanted.askNow) this.#options.ask();
  }

  stop(): void {
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
    this.#wanted = undefined;
  }

  private wait(cause: FotaDownloadError, answers: number): void {
    const { timer, isConnected, ask, onGivenUp } = this.#options;
    this.#timer = timer.set(() => {
      const count = isConnected() ? answers + 1 : answers;
      if (count === MAX_ANSWERS) {
        this.stop();
        onGivenUp(cause);
        return;
      }
      this.wait(cause, count);
      ask();
    }, ASK_AGAIN_MS);
  }
}
