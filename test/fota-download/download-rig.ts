import { seededRandom } from "../../host-sim/board/random.js";
import {
  FotaDownload,
  type FotaDownloadError,
  type FotaDownloadHeaders,
  type FotaDownloadOptions,
  type FotaDownloadResult,
} from "../../modules/fota-download/index.js";
import { DownloadNetwork } from "../support/download-network.js";
import { type FakeHandler, pattern } from "../support/fake-http-server.js";

export const URL = "https://firmware.example/rel/app.bin?X-Amz-Signature=secret";
export const ETAG = '"9b2cf535f27731c974343645a3985328"';

/** A download over host-sim's HTTP client on a network in memory with virtual time; keeps what happened. */
export class DownloadRig {
  readonly network: DownloadNetwork;
  readonly timer: DownloadNetwork["timer"];
  readonly events: string[] = [];
  readonly headers: FotaDownloadHeaders[] = [];
  readonly traces: string[] = [];
  received: Uint8Array = new Uint8Array(0);
  result: FotaDownloadResult | undefined;
  error: FotaDownloadError | undefined;
  /** Milliseconds since 1970 at virtual time 0. */
  wallClock = Date.UTC(2026, 0, 1);
  /** Overrides how much the sink takes. */
  accept: (bytes: Uint8Array) => number = (bytes) => bytes.length;
  download: FotaDownload;

  constructor(handler: FakeHandler, options: Partial<FotaDownloadOptions> = {}) {
    this.network = new DownloadNetwork(handler);
    this.timer = this.network.timer;
    this.received = new Uint8Array(0);
    const start = options.offset ?? 0;
    this.download = new FotaDownload({
      http: this.network.http,
      https: this.network.https,
      timer: this.timer,
      clock: { ticks: () => this.timer.now, now: () => this.wallClock + this.timer.now },
      random: seededRandom(1),
      trace: (text) => this.traces.push(text),
      url: URL,
      sink: {
        write: (bytes) => {
          const accepted = this.accept(bytes);
          this.#keep(bytes.subarray(0, Math.max(0, accepted)));
          return accepted;
        },
      },
      onHeaders: (headers) => {
        this.events.push(`headers ${headers.offset}/${headers.size}`);
        this.headers.push(headers);
      },
      onRestart: () => {
        this.events.push("restart");
        this.received = new Uint8Array(0);
      },
      onDone: (result) => {
        this.events.push("done");
        this.result = result;
      },
      onError: (error) => {
        this.events.push(`error ${error.code}`);
        this.error = error;
      },
      ...options,
    });
    if (start > 0) this.received = pattern(start, 0);
  }

  /** Starts the download and lets virtual time pass. */
  run(ms = 7_200_000): this {
    this.download.start();
    this.timer.advance(ms);
    return this;
  }

  /** `range` headers in the order sent. */
  get ranges(): string[] {
    return this.network.requests.map((request) => request.headers.get("range") ?? "none");
  }

  #keep(bytes: Uint8Array): void {
    const all = new Uint8Array(this.received.length + bytes.length);
    all.set(this.received);
    all.set(bytes, this.received.length);
    this.received = all;
  }
}
