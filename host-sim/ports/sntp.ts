/**
 * SDK `sntp`: asks a time server; sets nothing by itself. Five tries, five seconds apart, each announced by `retry`.
 */
import { callHost, onHostEvent } from "./host.js";
import Timer, { type TimerId } from "./timer.js";

type SNTPCallback = (message: number, value?: number | string) => unknown;

const TRIES = 5;
const TRY_MS = 5000;

const requests = new Map<number, SNTP>();
let lastId = 0;
let received: (sntp: SNTP, seconds: number) => void;
let refused: (sntp: SNTP, reason: string) => void;

class SNTP {
  static readonly time = 1;
  static readonly retry = 2;
  static readonly error = -1;

  readonly #id = ++lastId;
  readonly #callback: SNTPCallback;
  #host: string;
  #tries = TRIES;
  #timer: TimerId | undefined;

  static {
    received = (sntp, seconds) => {
      sntp.close();
      sntp.#callback(SNTP.time, seconds);
    };
    refused = (sntp, reason) => sntp.#fail(reason);
  }

  constructor(options: { readonly host: string }, callback: SNTPCallback) {
    this.#callback = callback;
    this.#host = options.host;
    requests.set(this.#id, this);
    this.#start();
  }

  close(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
    if (requests.delete(this.#id)) callHost("sntp.cancel", this.#id);
  }

  #start(): void {
    this.#tries = TRIES;
    this.#timer = Timer.repeat(() => this.#again(), TRY_MS);
    callHost("sntp.request", this.#id, this.#host);
  }

  #again(): void {
    if (--this.#tries === 0) {
      this.#fail("no response from SNTP server");
      return;
    }
    callHost("sntp.request", this.#id, this.#host);
    this.#callback(SNTP.retry);
  }

  /** A host name returned by the callback is tried next. */
  #fail(reason: string): void {
    Timer.clear(this.#timer);
    const next = this.#callback(SNTP.error, reason);
    if (typeof next !== "string") {
      this.close();
      return;
    }
    this.#host = next;
    this.#start();
  }
}

onHostEvent("sntp.time", (id, args) => {
  const request = requests.get(id);
  if (request !== undefined) received(request, Number(args[0]));
});

onHostEvent("sntp.error", (id, args) => {
  const request = requests.get(id);
  if (request !== undefined) refused(request, String(args[0] ?? "error"));
});

export default SNTP;
