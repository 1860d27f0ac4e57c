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
  /** More is there, and the sink has no space for it now. */
  | "full"
  /** `stop` was called meanwhile. */
  | "stopped";

/**
 * Moves a response's bytes to the sink: into its own space, or through one buffer that lives as long as the download.
 */
export class BodyPump {
  readonly #sink: FotaDownloadSink;
  readonly #bufferLength: number;
  #buffer: Uint8Array | undefined;
  #skip = 0;
  #left = 0;
  #stopped = false;

  constructor(sink: FotaDownloadSink, bufferLength: number) {
    this.#sink = sink;
    this.#bufferLength = bufferLength;
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

  /**
   * @param onRead told each count of bytes read
   * @param onWritten told each count of bytes the sink took
   * @throws whatever the sink throws
   */
  pump(source: ByteSource, onRead: (count: number) => void, onWritten: (count: number) => void): PumpResult {
    while (!this.#stopped) {
      if (this.#left === 0) return source.available > 0 ? "excess" : "complete";
      if (source.available === 0) return "drained";
      const space = this.space();
      if (space === undefined) return "full";
      const target = this.#left >= space.length ? space : space.subarray(0, this.#left);
      const count = source.read(target);
      if (count === 0) return "drained";
      this.#left -= count;
      onRead(count);
      this.handOn(count === target.length ? target : target.subarray(0, count), source.available > 0, onWritten);
    }
    return "stopped";
  }

  private space(): Uint8Array | undefined {
    const sink = this.#sink;
    if (sink.space !== undefined) return sink.space();
    this.#buffer ??= new Uint8Array(this.#bufferLength);
    return this.#buffer;
  }

  private handOn(bytes: Uint8Array, more: boolean, onWritten: (count: number) => void): void {
    const from = Math.min(this.#skip, bytes.length);
    this.#skip -= from;
    if (from === bytes.length || this.#stopped) return;
    this.#sink.write(from === 0 ? bytes : bytes.subarray(from), more);
    onWritten(bytes.length - from);
  }
}
