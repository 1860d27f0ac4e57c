import type { HttpConnection, HttpFailure } from "../http-client/index.js";
import type { BodyPump, ByteSource } from "./body-pump.js";
import { ERROR_BODY_LIMIT } from "./error-body.js";
import type { FotaDownloadErrorCode } from "./errors.js";
import { type AskedRange, rangeHeaders } from "./range-plan.js";
import {
  checkRefusal,
  checkResponse,
  type KnownContent,
  type ResponseHeaders,
  type ResponseVerdict,
} from "./response-check.js";
import { retryAfter } from "./retry-plan.js";
import type { WatchTimer } from "./watch-timer.js";
import type { WatchVerdict } from "./watchdog.js";

export type ContentVerdict = Extract<ResponseVerdict, { kind: "content" }>;

/** How a request ended. */
export type Outcome =
  /** Every byte of the response is with the sink. */
  | { readonly kind: "ended" }
  | Extract<ResponseVerdict, { kind: "changed" | "complete" }>
  | { readonly kind: "redirect"; readonly location: string; readonly status: number }
  | {
      readonly kind: "failed";
      readonly code: FotaDownloadErrorCode;
      readonly detail: string;
      readonly status: number | undefined;
      readonly retryAfterMs: number | undefined;
      /**
       * A reused connection ended before any byte of the response: the server closed it, as idle, while the request was
       * on its way.
       */
      readonly crossedClose: boolean;
      /** Further requests are to name no range. */
      readonly wholeNext: boolean;
    };

export type ExchangeOptions = {
  readonly connection: HttpConnection;
  readonly pump: BodyPump;
  readonly watch: WatchTimer;
  readonly now: () => number;
  readonly target: string;
  readonly asked: AskedRange;
  readonly known: KnownContent;
  /** Runs a step of the exchange; what it throws must not leave. */
  guard(step: () => void): void;
  /** Content begins. Returns false when it is not wanted. */
  onContent(content: ContentVerdict): boolean;
  onRead(count: number): void;
  onWritten(count: number): void;
  /** Once, and last. */
  onOutcome(outcome: Outcome): void;
};

const NO_BYTES: ByteSource = Object.freeze({ available: 0, read: () => 0 });

/** One request and its response, from the request line to the last byte in the sink. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #reused: boolean;
  #source: ByteSource;
  #over = false;
  #reusable = false;
  /** Bytes are left unread, for want of space. */
  #isFull = false;
  #status: number | undefined;
  #retryAfterMs: number | undefined;
  #errorBody = "";

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#source = options.connection;
    this.#reused = options.connection.requests > 0;
  }

  start(): void {
    const { connection, pump, watch, guard, target, asked } = this.#options;
    pump.begin(0, 0);
    watch.enter("response");
    connection.request(target, rangeHeaders(asked), {
      onHeaders: (status, headers) => guard(() => this.responded(status, headers)),
      onReadable: () => guard(() => this.readable()),
      onEnd: () => guard(() => this.ended()),
      onFailure: (failure) => guard(() => this.lost(failure)),
    });
  }

  /** The sink has space again. */
  resume(): void {
    if (this.#over || !this.#isFull) return;
    this.#isFull = false;
    this.#options.watch.release();
    this.#options.connection.resume();
  }

  /** A deadline passed. */
  expired(verdict: WatchVerdict): void {
    if (this.#over) return;
    if (verdict !== "phase-over") this.fail(verdict, "not within the time allowed");
    else this.lost({ code: "disconnected", detail: "no end of the response", beforeResponse: false });
  }

  /** Nothing is called any more. */
  abandon(): void {
    this.#over = true;
    this.#source = NO_BYTES;
  }

  private responded(status: number, headers: ResponseHeaders): void {
    if (this.#over) return;
    const { asked, known, now } = this.#options;
    this.#status = status;
    this.#retryAfterMs = retryAfter(headers.get("retry-after"), headers.get("date"), now());
    this.judge(checkResponse(status, headers, asked, known));
  }

  private judge(verdict: ResponseVerdict): void {
    const { pump, watch, onContent } = this.#options;
    switch (verdict.kind) {
      case "content":
        if (!onContent(verdict) || this.#over) return;
        this.#reusable = verdict.reusable;
        pump.begin(verdict.length, verdict.skip);
        watch.enter("body");
        break;
      case "refused":
        watch.enter("error-body");
        break;
      case "redirect":
        this.conclude({ kind: "redirect", location: verdict.location, status: this.#status ?? 0 });
        break;
      case "error":
        this.fail(verdict.code, verdict.detail, { wholeNext: verdict.wholeNext });
        break;
      default:
        this.conclude(verdict);
    }
  }

  private readable(): void {
    if (this.#over) return;
    if (this.#options.watch.phase === "error-body") this.readErrorBody();
    else this.move();
  }

  /** Hands bytes on until there are none or the response is complete. */
  private move(): void {
    const { asked, pump, watch, onRead, onWritten } = this.#options;
    const result = pump.pump(this.#source, onRead, onWritten);
    if (this.#over) return;
    if (result === "full") {
      this.#isFull = true;
      watch.hold();
    }
    if (result === "excess") {
      // After an open range it is the content that is longer than expected, after a bounded one only this response is
      // wrong.
      this.fail(asked.end === undefined ? "size-mismatch" : "bad-response", "body longer than announced");
      return;
    }
    if (result !== "complete") return;
    if (!this.#reusable) this.leave();
    else if (watch.phase !== "end") watch.enter("end");
  }

  /** Every byte was read and the connection is not needed again: what follows does not matter. */
  private leave(): void {
    this.#options.connection.close();
    this.conclude({ kind: "ended" });
  }

  private ended(): void {
    if (this.#over) return;
    const { pump, watch } = this.#options;
    if (watch.phase === "error-body") this.refused();
    else if (pump.left > 0) this.fail("bad-response", "body shorter than announced");
    else this.conclude({ kind: "ended" });
  }

  /** The connection is gone. That is no failure when all bytes were read before. */
  private lost(failure: HttpFailure): void {
    if (this.#over) return;
    const { watch } = this.#options;
    if (watch.phase === "error-body" || watch.phase === "end") {
      this.#source = NO_BYTES;
      this.ended();
      return;
    }
    const crossedClose = this.#reused && failure.beforeResponse && failure.code === "disconnected";
    this.fail(failure.code, failure.detail, { crossedClose });
  }

  private readErrorBody(): void {
    const piece = new Uint8Array(64);
    let enough = false;
    while (this.#source.available > 0 && !enough) {
      const count = this.#source.read(piece);
      if (count === 0) return;
      this.#options.onRead(count);
      this.#errorBody += String.fromCharCode(...piece.subarray(0, count));
      enough = this.#errorBody.length >= ERROR_BODY_LIMIT || this.#errorBody.includes("</Error");
    }
    if (enough) this.refused();
  }

  private refused(): void {
    const { asked, known } = this.#options;
    this.judge(checkRefusal(this.#status ?? 0, this.#errorBody, asked, known));
  }

  private fail(
    code: FotaDownloadErrorCode,
    detail: string,
    { crossedClose = false, wholeNext = false }: { crossedClose?: boolean; wholeNext?: boolean | undefined } = {},
  ): void {
    this.conclude({
      kind: "failed",
      code,
      detail,
      status: this.#status,
      retryAfterMs: this.#retryAfterMs,
      crossedClose,
      wholeNext,
    });
  }

  private conclude(outcome: Outcome): void {
    if (this.#over) return;
    this.abandon();
    this.#options.onOutcome(outcome);
  }
}
