import type { TimerId } from "../foundation/timer-port.js";
import { BodyPump } from "./body-pump.js";
import { Connection } from "./connection.js";
import { Effort } from "./effort.js";
import { FotaDownloadError } from "./errors.js";
import { type ContentVerdict, Exchange, type Outcome } from "./exchange.js";
import {
  type FotaDownloadOptions,
  type FotaDownloadSettings,
  type FotaDownloadStats,
  settingsFrom,
} from "./fota-download-options.js";
import type { HttpEndpoint } from "./http-port.js";
import { hasExpired, type PresignedLifetime, presignedLifetime } from "./presigned-url.js";
import { needsNewConnection, planRange } from "./range-plan.js";
import type { KnownContent } from "./response-check.js";
import { decideRetry } from "./retry-plan.js";
import { type DownloadUrl, parseUrl, redactUrl, resolveLocation } from "./url.js";
import { WatchTimer } from "./watch-timer.js";
import type { WatchVerdict } from "./watchdog.js";

type Failure = Pick<Extract<Outcome, { kind: "failed" }>, "code" | "detail"> &
  Partial<Extract<Outcome, { kind: "failed" }>>;

/**
 * Downloads one file over HTTP with ranges into a sink, through failures of every kind.
 *
 * The offset advances only by bytes the sink took (design rule R4). Connections, retries, redirects, time-outs and changed content
 * are dealt with inside; the caller sees bytes, `onRestart` when they begin again at 0, and at last one of `onDone` and `onError`.
 * No callback runs inside a method call, none throws into native code, and after `close()` none is called.
 *
 * Memory: one buffer of 4 KiB, whatever the length of the content.
 */
export class FotaDownload {
  readonly #options: FotaDownloadOptions;
  readonly #settings: FotaDownloadSettings;
  readonly #pump: BodyPump;
  readonly #effort: Effort;
  readonly #stats: FotaDownloadStats = { requests: 0, connections: 0, retries: 0, bytes: 0 };
  readonly #createdAt: number;
  #state: "new" | "running" | "over" = "new";
  #url: DownloadUrl | undefined;
  #lifetime: PresignedLifetime | undefined;
  /** Where requests go: the URL, or where it redirected to. */
  #target: DownloadUrl | undefined;
  #offset: number;
  #size: number | undefined;
  #etag: string | undefined;
  #connection: Connection | undefined;
  #exchange: Exchange | undefined;
  #watch: WatchTimer | undefined;
  #stepTimer: TimerId | undefined;
  #resumeTimer: TimerId | undefined;
  #paused = false;

  /** @throws FotaDownloadError "bad-option" */
  constructor(options: FotaDownloadOptions) {
    this.#settings = settingsFrom(options);
    this.#options = options;
    this.#pump = new BodyPump(options.sink);
    this.#createdAt = options.clock.ticks();
    this.#offset = this.#settings.offset;
    this.#effort = new Effort(this.#settings, this.#offset);
    this.#size = this.#settings.size;
    this.#etag = options.etag;
  }

  /** Everything below was accepted by the sink. */
  get offset(): number {
    return this.#offset;
  }

  /** Counters so far. */
  get stats(): FotaDownloadStats {
    return { ...this.#stats };
  }

  /**
   * Begins. Also a URL that cannot be used is reported by `onError`, later.
   * @throws FotaDownloadError "closed" when started or closed before
   */
  start(): void {
    if (this.#state !== "new") throw new FotaDownloadError("closed", "a download starts once");
    this.#state = "running";
    const { timer, clock } = this.#options;
    this.#watch = new WatchTimer(timer, clock, this.#settings, (verdict) => this.#guard(() => this.#expired(verdict)));
    this.#later(0, () => this.#open());
  }

  /** Goes on after the sink took less than it was offered. Without effect otherwise. */
  resume(): void {
    if (this.#state !== "running" || this.#resumeTimer !== undefined) return;
    this.#resumeTimer = this.#options.timer.set(() => {
      this.#resumeTimer = undefined;
      this.#guard(() => this.#resumed());
    }, 0);
  }

  /** Ends the download at once and for good; no callback is called any more. May be called at any moment, also twice. */
  close(): void {
    this.#state = "over";
    this.#pump.stop();
    this.#options.timer.clear(this.#resumeTimer);
    this.#options.timer.clear(this.#stepTimer);
    this.#resumeTimer = this.#stepTimer = undefined;
    this.#watch?.stop();
    this.#drop();
  }

  #open(): void {
    const { url, allowHttp } = this.#options;
    this.#url = parseUrl(url);
    this.#lifetime = presignedLifetime(this.#url.target);
    if (this.#url.scheme === "http" && allowHttp !== true) {
      this.#fail({ code: "insecure-url", detail: "http is not allowed" });
    } else if (this.#endpoint(this.#url) === undefined) {
      this.#fail({ code: "bad-url", detail: `no way to make ${this.#url.scheme} connections` });
    } else if (this.#size !== undefined && this.#size > this.#settings.maxSize) {
      this.#fail({ code: "too-large", detail: `${this.#size} bytes, limit ${this.#settings.maxSize}` });
    } else {
      this.#next();
    }
  }

  /** The step after a response: the next range, or the end. */
  #next(): void {
    if (this.#size !== undefined && this.#offset >= this.#size) this.#finish(this.#size);
    else if (this.#url !== undefined) this.#send(this.#target ?? this.#url);
  }

  #send(url: DownloadUrl): void {
    if (url === this.#url && this.#urlExpired()) {
      this.#fail({ code: "url-expired", detail: "its time is over" });
      return;
    }
    const connection = this.#connectTo(url);
    const watch = this.#watch;
    if (connection === undefined || watch === undefined) return;
    this.#target = url;
    this.#stats.requests += 1;
    const { rangeLength } = this.#settings;
    const exchange = new Exchange({
      connection,
      watch,
      pump: this.#pump,
      now: () => this.#options.clock.now(),
      target: url.target,
      asked: planRange({ offset: this.#offset, size: this.#size, rangeLength, etag: this.#etag }),
      known: this.#known(),
      guard: (step) => this.#guard(step),
      onContent: (content) => this.#takeContent(content),
      onRead: (count) => this.#read(count),
      onAccepted: (count) => this.#accepted(count),
      onPaused: () => {
        this.#paused = true;
      },
      onOutcome: (outcome) => this.#concluded(outcome),
    });
    this.#exchange = exchange;
    exchange.start();
  }

  /** The present connection when it can take another request to the same server, otherwise a new one. */
  #connectTo(url: DownloadUrl): Connection | undefined {
    const current = this.#connection;
    const closing = this.#exchange?.closeAnnounced ?? false;
    const limit = this.#settings.requestsPerConnection;
    if (current?.usable && url === this.#target && !needsNewConnection(current.requests, limit, closing))
      return current;
    this.#drop();
    const endpoint = this.#endpoint(url);
    if (endpoint === undefined) return undefined;
    this.#stats.connections += 1;
    this.#connection = new Connection(endpoint, url, this.#options.timer);
    return this.#connection;
  }

  #takeContent(content: ContentVerdict): boolean {
    if (content.restart && !this.#restart("whole content sent, not proven the same")) return false;
    this.#effort.answered();
    this.#size = content.size;
    this.#etag = content.etag;
    const { size, etag } = content;
    this.#options.onHeaders?.({ size, offset: this.#offset, ...(etag === undefined ? {} : { etag }) });
    return this.#state === "running";
  }

  #read(count: number): void {
    this.#stats.bytes += count;
    this.#watch?.received(count);
  }

  #accepted(count: number): void {
    this.#offset += count;
    this.#effort.reached(this.#offset);
    this.#watch?.received(0);
    this.#options.onProgress?.(this.#offset, this.#size ?? 0);
  }

  #resumed(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#exchange !== undefined) this.#exchange.resume();
    else if (this.#stepTimer === undefined) this.#next();
  }

  #expired(verdict: WatchVerdict): void {
    if (verdict !== "total-timeout" && this.#exchange !== undefined) this.#exchange.expired(verdict);
    else this.#fail({ code: "total-timeout", detail: "not done within the time allowed" });
  }

  #concluded(outcome: Outcome): void {
    switch (outcome.kind) {
      case "ended":
        this.#next();
        break;
      case "complete":
        this.#size = outcome.size;
        this.#finish(outcome.size);
        break;
      case "changed":
        if (this.#restart(outcome.detail)) this.#again(() => this.#next());
        break;
      case "redirect":
        this.#redirect(outcome.location, outcome.status);
        break;
      case "failed":
        this.#failed(outcome);
    }
  }

  #failed(failure: Extract<Outcome, { kind: "failed" }>): void {
    if (failure.code === "access-denied" && this.#urlExpired()) {
      this.#fail({ ...failure, code: "url-expired" });
    } else if (failure.crossedClose && this.#effort.takeFreshRetry()) {
      this.#stats.retries += 1;
      this.#again(() => this.#next());
    } else {
      this.#fail(failure);
    }
  }

  #redirect(location: string, status: number): void {
    const from = this.#target;
    const to = from === undefined ? undefined : locationFrom(from, location);
    let problem = "";
    if (!this.#effort.redirected()) problem = `more than ${this.#settings.maxRedirects} redirects`;
    else if (to === undefined) problem = "Location cannot be used";
    else if (from?.scheme === "https" && to.scheme === "http") problem = "from https to http";
    else if (this.#endpoint(to) === undefined) problem = `no way to make ${to.scheme} connections`;
    if (problem !== "" || to === undefined) this.#fail({ code: "redirect", detail: problem, status });
    else this.#again(() => this.#send(to));
  }

  /** Starts over at byte 0, if that is still allowed. */
  #restart(detail: string): boolean {
    const { onRestart, trace } = this.#options;
    if (onRestart === undefined || !this.#effort.restarted()) {
      this.#fail({ code: "content-changed", detail });
      return false;
    }
    trace?.(`fota-download: ${detail}, starting again at 0`);
    this.#offset = 0;
    this.#etag = undefined;
    this.#size = this.#settings.size;
    onRestart();
    return this.#state === "running";
  }

  /** Goes on with a new connection, on a later turn: the present one may be in the middle of a callback. */
  #again(step: () => void): void {
    this.#drop();
    this.#watch?.enter("idle");
    this.#later(0, step);
  }

  /** The present request is lost; decides whether there is another. */
  #fail(failure: Failure): void {
    this.#drop();
    const { code, status, retryAfterMs } = failure;
    const attempts = this.#effort.failed();
    const decision = decideRetry(code, { ...this.#settings, attempts, retryAfterMs }, this.#options.random());
    const server = this.#target ?? this.#url;
    const detail = server === undefined ? failure.detail : `${failure.detail} (${redactUrl(server)})`;
    if (decision.kind === "fail") {
      this.#end(new FotaDownloadError(code, detail, { status }));
    } else if (decision.kind === "exhausted") {
      const text = `${attempts} attempts without progress, last ${code}: ${detail}`;
      this.#end(new FotaDownloadError("retries-exhausted", text, { reason: code, status }));
    } else {
      this.#options.trace?.(`fota-download: ${code}: ${detail}; attempt ${attempts + 1} in ${decision.delayMs} ms`);
      this.#stats.retries += 1;
      this.#target = undefined;
      this.#watch?.enter("idle");
      // While the sink is behind there is nothing to ask for: resume() goes on.
      this.#later(decision.delayMs, () => {
        if (!this.#paused) this.#next();
      });
    }
  }

  #finish(size: number): void {
    const etag = this.#etag;
    const result = { ...this.#stats, size, ...(etag === undefined ? {} : { etag }) };
    this.#conclude(() => this.#options.onDone(result));
  }

  #end(error: FotaDownloadError): void {
    this.#conclude(() => this.#options.onError(error));
  }

  #conclude(tell: () => void): void {
    if (this.#state !== "running") return;
    this.close();
    try {
      tell();
    } catch (error) {
      this.#options.trace?.(`fota-download: callback threw ${error instanceof Error ? error.message : "something"}`);
    }
  }

  /** Runs a step; nothing that the sink or a callback throws leaves towards native code. */
  #guard(step: () => void): void {
    if (this.#state !== "running") return;
    try {
      step();
    } catch (error) {
      if (error instanceof FotaDownloadError) this.#end(error);
      else this.#end(new FotaDownloadError("sink-failed", "a callback threw", { cause: error }));
    }
  }

  #later(delayMs: number, step: () => void): void {
    if (this.#state !== "running") return;
    this.#options.timer.clear(this.#stepTimer);
    this.#stepTimer = this.#options.timer.set(() => {
      this.#stepTimer = undefined;
      this.#guard(step);
    }, delayMs);
  }

  #drop(): void {
    this.#exchange?.abandon();
    this.#exchange = undefined;
    this.#connection?.close();
    this.#connection = undefined;
  }

  #endpoint(url: DownloadUrl): HttpEndpoint | undefined {
    return url.scheme === "https" ? this.#options.https : this.#options.http;
  }

  #known(): KnownContent {
    const { size, maxSize } = this.#settings;
    return { size: this.#size, sizeDemanded: size !== undefined, etag: this.#etag, maxSize };
  }

  #urlExpired(): boolean {
    const { clock } = this.#options;
    const age = this.#settings.urlAge + clock.ticks() - this.#createdAt;
    return this.#lifetime !== undefined && hasExpired(this.#lifetime, age, clock.now());
  }
}

function locationFrom(from: DownloadUrl, location: string): DownloadUrl | undefined {
  try {
    return resolveLocation(from, location);
  } catch {
    return undefined;
  }
}
