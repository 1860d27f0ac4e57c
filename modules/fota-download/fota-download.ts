import { backoffDelay } from "../foundation/backoff.js";
import type { TimerId } from "../foundation/timer-port.js";
import { BodyPump } from "./body-pump.js";
import { Content } from "./content.js";
import { Effort } from "./effort.js";
import { FotaDownloadError } from "./errors.js";
import { type ContentVerdict, Exchange, type Outcome } from "./exchange.js";
import {
  type FotaDownloadOptions,
  type FotaDownloadSettings,
  type FotaDownloadStats,
  settingsFrom,
} from "./fota-download-options.js";
import { planRange } from "./range-plan.js";
import { decideRetry } from "./retry-plan.js";
import { Route, type RouteProblem } from "./route.js";
import { WatchTimer } from "./watch-timer.js";
import type { WatchVerdict } from "./watchdog.js";

type Failure = Pick<Extract<Outcome, { kind: "failed" }>, "code" | "detail"> &
  Partial<Extract<Outcome, { kind: "failed" }>>;

/**
 * Downloads one file over HTTP with ranges into a sink, through failures of every kind.
 *
 * The offset advances only by bytes the sink took (design rule R4). Connections, retries, redirects, time-outs and
 * changed content are dealt with inside; the caller sees bytes, `onRestart` when they begin again at 0, and at last one
 * of `onDone` and `onError`. No callback runs inside a method call, none throws into native code, and after `close()`
 * none is called.
 *
 * Memory: one buffer of `bufferLength`, unless the sink has `space`, whatever the length of the content.
 */
export class FotaDownload {
  readonly #options: FotaDownloadOptions;
  readonly #settings: FotaDownloadSettings;
  readonly #pump: BodyPump;
  readonly #effort: Effort;
  readonly #route: Route;
  readonly #content: Content;
  readonly #counted = { retries: 0, bytes: 0 };
  #state: "new" | "running" | "over" = "new";
  /** The server cannot deal with ranges. */
  #whole = false;
  #exchange: Exchange | undefined;
  #watch: WatchTimer | undefined;
  #stepTimer: TimerId | undefined;

  /** @throws FotaDownloadError "bad-option" */
  constructor(options: FotaDownloadOptions) {
    this.#settings = settingsFrom(options);
    this.#options = options;
    this.#pump = new BodyPump(options.sink, this.#settings.bufferLength);
    this.#route = new Route(options, this.#settings);
    const { offset, size, maxSize } = this.#settings;
    this.#content = new Content({ offset, size, maxSize, etag: options.etag });
    this.#effort = new Effort(this.#settings, this.#settings.offset);
  }

  /** Everything below was accepted by the sink. */
  get offset(): number {
    return this.#content.offset;
  }

  /** Counters so far. */
  get stats(): FotaDownloadStats {
    const { requests, connections } = this.#route;
    return { ...this.#counted, requests, connections };
  }

  /**
   * Begins. Also a URL that cannot be used is reported by `onError`, later.
   * @throws FotaDownloadError "closed" when started or closed before
   */
  start(): void {
    if (this.#state !== "new") throw new FotaDownloadError("closed", "a download starts once");
    this.#state = "running";
    const { timer, clock } = this.#options;
    this.#watch = new WatchTimer(timer, clock, this.#settings, (verdict) => this.guard(() => this.expired(verdict)));
    this.later(0, () => this.open());
  }

  /** The sink has space again. May be called at any moment, but for the sink's own `write`. */
  resume(): void {
    this.guard(() => this.#exchange?.resume());
  }

  /**
   * Ends the download at once and for good; no callback is called any more. May be called at any moment, also twice.
   */
  close(): void {
    this.#state = "over";
    this.#pump.stop();
    this.#options.timer.clear(this.#stepTimer);
    this.#stepTimer = undefined;
    this.#watch?.stop();
    this.drop();
  }

  private open(): void {
    const problem = this.#route.open();
    const { size = 0, maxSize } = this.#settings;
    if (problem !== undefined) this.fail(problem);
    else if (size > maxSize) this.fail({ code: "too-large", detail: `${size} bytes, limit ${maxSize}` });
    else this.next();
  }

  /** The step after a response: the next range, or the end. */
  private next(): void {
    if (this.#content.isComplete) this.finish();
    else this.send();
  }

  private send(): void {
    const route = this.#route;
    if (route.isDirect && route.hasExpired) {
      this.fail({ code: "url-expired", detail: "its time is over" });
      return;
    }
    const connection = route.connect();
    const watch = this.#watch;
    if (connection === undefined || watch === undefined) return;
    const { offset, size, tag, known } = this.#content;
    this.#exchange = new Exchange({
      connection,
      watch,
      pump: this.#pump,
      now: () => this.#options.clock.now(),
      target: route.target,
      asked: planRange({ offset, size, rangeLength: this.#settings.rangeLength, etag: tag.etag, whole: this.#whole }),
      known,
      guard: (step) => this.guard(step),
      onContent: (content) => this.takeContent(content),
      onRead: (count) => this.read(count),
      onWritten: (count) => this.written(count),
      onOutcome: (outcome) => this.concluded(outcome),
    });
    this.#exchange.start();
  }

  private takeContent(content: ContentVerdict): boolean {
    if (content.restart && !this.restart("whole content sent, not proven the same", content.size)) return false;
    this.#effort.answered();
    this.#content.describe(content.size, content.etag);
    const { offset, tag } = this.#content;
    this.#options.onHeaders?.({ size: content.size, offset, ...tag });
    return this.#state === "running";
  }

  private read(count: number): void {
    this.#counted.bytes += count;
    this.#watch?.received(count);
  }

  private written(count: number): void {
    const content = this.#content;
    content.advance(count);
    this.#effort.reached(content.offset);
    this.#watch?.received(0);
    // The sink may have closed the download.
    if (this.#state === "running") this.#options.onProgress?.(content.offset, content.size ?? 0);
  }

  private expired(verdict: WatchVerdict): void {
    this.#exchange?.expired(verdict);
  }

  private concluded(outcome: Outcome): void {
    switch (outcome.kind) {
      case "ended":
        this.next();
        break;
      case "complete":
        this.#content.describe(outcome.size, this.#content.tag.etag);
        this.finish();
        break;
      case "changed":
        if (this.restart(outcome.detail)) this.startOver(outcome.detail);
        break;
      case "redirect":
        this.redirect(outcome.location, outcome.status);
        break;
      case "failed":
        this.failed(outcome);
    }
  }

  private failed(failure: Extract<Outcome, { kind: "failed" }>): void {
    this.#whole ||= failure.wholeNext;
    if (failure.code === "access-denied" && this.#route.hasExpired) {
      this.fail({ ...failure, code: "url-expired" });
    } else if (failure.crossedClose && this.#effort.takeFreshRetry()) {
      this.#counted.retries += 1;
      this.again(() => this.next());
    } else {
      this.fail(failure);
    }
  }

  private redirect(location: string, status: number): void {
    const problem: RouteProblem | undefined = this.#effort.redirected()
      ? this.#route.redirect(location)
      : { code: "redirect", detail: `more than ${this.#settings.maxRedirects} redirects` };
    if (problem !== undefined) this.fail({ ...problem, status });
    else this.again(() => this.send());
  }

  /** Starts over at byte 0, if that is still allowed. `size`: of the content, at least. */
  private restart(detail: string, size = Math.max(this.#content.size ?? 0, this.#content.offset)): boolean {
    const { onRestart, trace } = this.#options;
    const { receivedBefore } = this.#settings;
    const received = (receivedBefore ?? 0) + this.#counted.bytes;
    const proven = receivedBefore === undefined ? undefined : { received, size };
    if (onRestart === undefined || !this.#effort.restarted(proven)) {
      this.fail({ code: "content-changed", detail: `${detail}, ${received} bytes received` });
      return false;
    }
    trace?.(`fota-download: ${detail}, starting again at 0`);
    this.#content.restart();
    onRestart();
    return this.#state === "running";
  }

  /** The content is begun anew. That is a failure like any other: it counts, and the next request waits. */
  private startOver(detail: string): void {
    const attempts = this.#effort.failed();
    if (attempts >= this.#settings.maxAttempts) {
      this.fail({ code: "content-changed", detail });
      return;
    }
    this.#counted.retries += 1;
    this.again(() => this.next(), backoffDelay(this.#settings, attempts - 1, this.#options.random()));
  }

  /** Goes on with a new connection, on a later turn: the present one may be in the middle of a callback. */
  private again(step: () => void, delayMs = 0): void {
    this.drop();
    this.#watch?.enter("idle");
    this.later(delayMs, step);
  }

  /** The present request is lost; decides whether there is another. */
  private fail(failure: Failure): void {
    this.drop();
    const { code, status, retryAfterMs } = failure;
    const { gotOn } = this.#effort;
    const attempts = this.#effort.failed();
    const decision = decideRetry(code, { ...this.#settings, attempts, gotOn, retryAfterMs }, this.#options.random());
    const { name } = this.#route;
    const detail = name === "" ? failure.detail : `${failure.detail} (${name})`;
    if (decision.kind !== "retry") {
      this.end(finalError(decision.kind, { code, detail, status, attempts }));
      return;
    }
    this.#options.trace?.(`fota-download: ${code}: ${detail}; attempt ${attempts + 1} in ${decision.delayMs} ms`);
    this.#counted.retries += 1;
    this.#options.onRetry?.(code, this.#content.offset);
    this.#route.reset();
    this.#watch?.enter("idle");
    this.later(decision.delayMs, () => this.next());
  }

  private finish(): void {
    const { size = 0, tag } = this.#content;
    const result = { ...this.stats, size, ...tag };
    this.conclude(() => this.#options.onDone(result));
  }

  private end(error: FotaDownloadError): void {
    this.conclude(() => this.#options.onError(error));
  }

  private conclude(tell: () => void): void {
    if (this.#state !== "running") return;
    this.close();
    // On a turn of its own, with an empty stack: this one is deep within TCP, TLS and HTTP.
    this.#stepTimer = this.#options.timer.set(() => {
      this.#stepTimer = undefined;
      try {
        tell();
      } catch (error) {
        this.#options.trace?.(`fota-download: callback threw ${error instanceof Error ? error.message : "something"}`);
      }
    }, 0);
  }

  /** Runs a step; nothing that the sink or a callback throws leaves towards native code. */
  private guard(step: () => void): void {
    if (this.#state !== "running") return;
    try {
      step();
    } catch (error) {
      if (error instanceof FotaDownloadError) this.end(error);
      else this.end(new FotaDownloadError("sink-failed", "a callback threw", { cause: error }));
    }
  }

  private later(delayMs: number, step: () => void): void {
    if (this.#state !== "running") return;
    this.#options.timer.clear(this.#stepTimer);
    this.#stepTimer = this.#options.timer.set(() => {
      this.#stepTimer = undefined;
      this.guard(step);
    }, delayMs);
  }

  private drop(): void {
    this.#exchange?.abandon();
    this.#exchange = undefined;
    this.#route.drop();
  }
}

function finalError(
  kind: "fail" | "exhausted",
  { code, detail, status, attempts }: Pick<Failure, "code" | "detail" | "status"> & { readonly attempts: number },
): FotaDownloadError {
  if (kind === "fail") return new FotaDownloadError(code, detail, { status });
  const text = `${attempts} attempts without progress, last ${code}: ${detail}`;
  return new FotaDownloadError("retries-exhausted", text, { reason: code, status });
}
