import type { FotaDownloadSink } from "./fota-download-options.js";

/** Bytes of a response as they are there to be read. */
export type ByteSource = {
  readonly available: number;
  /** Fills `target` from its start; returns the count. */
  read(target: Uint8Array): number;
};

export type PumpResult =
  /** All that is there was handed on; more is to come. */
  | "drained"
  /** Every byte of the response was handed on. */
  | "complete"
  /** The response goes on beyond its announced length. */
  | "excess"
  /** `stop` was called meanwhile. */
  | "stopped"
  /** `hold` was called: nothing is read before `release`. */
  | "held";

/** Moves a response's bytes to the sink through one buffer that lives as long as the download. */
export class BodyPump {
  readonly #sink: FotaDownloadSink;
  readonly #buffer: Uint8Array;
  #skip = 0;
  #left = 0;
  #stopped = false;
  #held = false;

  constructor(sink: FotaDownloadSink, bufferLength: number) {
    this.#sink = sink;
    this.#buffer = new Uint8Array(bufferLength);
  }

  /** A response of `length` body bytes begins, of which the first `skip` are dropped. */
  begin(length: number, skip: number): void {
    this.#left = length;
    this.#skip = skip;
  }

  /** Body bytes of the response that were not read yet. */
  get left(): number {
    return this.#left;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Lasts over the end of a response until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /**
   * @param onRead told each count of bytes read
   * @param onWritten told each count of bytes the sink took
   * @throws whatever the sink throws
   */
  pump(source: ByteSource, onRead: (count: number) => void, onWritten: (count: number) => void): PumpResult {
    while (!this.#stopped) {
      if (this.#held) return "held";
      if (this.#left === 0) return source.available > 0 ? "excess" : "complete";
      if (source.available === 0) return "drained";
      const whole = this.#left >= this.#buffer.length;
      const count = source.read(whole ? this.#buffer : this.#buffer.subarray(0, this.#left));
      if (count === 0) return "drained";
      this.#left -= count;
      onRead(count);
      this.handOn(count, onWritten);
    }
    return "stopped";
  }

  private handOn(count: number, onWritten: (count: number) => void): void {
    const from = Math.min(this.#skip, count);
    this.#skip -= from;
    if (from === count || this.#stopped) return;
    this.#sink.write(count - from === this.#buffer.length ? this.#buffer : this.#buffer.subarray(from, count));
    onWritten(count - from);
  }
}
