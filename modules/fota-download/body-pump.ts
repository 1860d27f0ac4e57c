import { FotaDownloadError } from "./errors.js";
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
  /** The sink took less than it was offered. */
  | "paused"
  /** Every byte of the response was handed on. */
  | "complete"
  /** The response goes on beyond its announced length. */
  | "excess"
  /** `stop` was called meanwhile. */
  | "stopped";

const BUFFER_LENGTH = 4096; // a flash erase unit, and what the slot writer collects anyway

/**
 * Moves a response's bytes to the sink through one buffer that lives as long as the download. What the sink did not take stays in
 * the buffer, and nothing is read while it does: TCP's window passes the pause on to the server.
 */
export class BodyPump {
  readonly #sink: FotaDownloadSink;
  readonly #buffer = new Uint8Array(BUFFER_LENGTH);
  #from = 0;
  #to = 0;
  #skip = 0;
  #left = 0;
  #stopped = false;

  constructor(sink: FotaDownloadSink) {
    this.#sink = sink;
  }

  /** A response of `length` body bytes begins, of which the first `skip` are dropped. */
  begin(length: number, skip: number): void {
    this.#from = 0;
    this.#to = 0;
    this.#left = length;
    this.#skip = skip;
  }

  /** Body bytes of the response that were not read yet. */
  get left(): number {
    return this.#left;
  }

  /** Bytes read, but not yet taken by the sink. */
  get held(): number {
    return this.#to - this.#from;
  }

  stop(): void {
    this.#stopped = true;
  }

  /**
   * @param onRead told each count of bytes read
   * @param onAccepted told each count of bytes the sink took
   * @throws whatever the sink throws; FotaDownloadError "sink-failed" for a count that cannot be
   */
  pump(source: ByteSource, onRead: (count: number) => void, onAccepted: (count: number) => void): PumpResult {
    while (!this.#stopped) {
      if (this.#from < this.#to) {
        const accepted = this.#offer();
        if (accepted > 0) onAccepted(accepted);
        if (this.#stopped) break;
        if (this.#from < this.#to) return "paused";
      }
      if (this.#left === 0) return source.available > 0 ? "excess" : "complete";
      if (source.available === 0) return "drained";
      const count = this.#fill(source);
      if (count === 0) return "drained";
      onRead(count);
    }
    return "stopped";
  }

  #fill(source: ByteSource): number {
    const whole = this.#left >= BUFFER_LENGTH;
    const count = source.read(whole ? this.#buffer : this.#buffer.subarray(0, this.#left));
    this.#left -= count;
    this.#from = Math.min(this.#skip, count);
    this.#skip -= this.#from;
    this.#to = count;
    return count;
  }

  #offer(): number {
    const offered = this.#to - this.#from;
    const whole = offered === BUFFER_LENGTH;
    const accepted = this.#sink.write(whole ? this.#buffer : this.#buffer.subarray(this.#from, this.#to));
    if (!Number.isInteger(accepted) || accepted < 0 || accepted > offered) {
      throw new FotaDownloadError("sink-failed", `sink took ${accepted} of ${offered} bytes`);
    }
    this.#from += accepted;
    return accepted;
  }
}
