import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { SlotReader } from "./boot-control.js";
import { OtaPartitionError } from "./errors.js";
import type { DigestSink } from "./image-check.js";
import { SECTOR_LENGTH } from "./write-plan.js";

/** Bytes read and hashed before other work gets its turn: a few milliseconds on an ESP32. */
const BYTES_PER_TURN = 16384;

/** What is read, and who is told. */
export type SlotDigestOptions = {
  /** Stays the caller's: `close` does not close it. */
  flash: SlotReader;
  /** Bytes from the slot's first on, 1 to the slot's size. */
  size: number;
  Digest: new (algorithm: string) => DigestSink;
  timer: TimerPort;
  /** SHA-256. On a later turn, not after `close`. */
  onDone(sha256: Uint8Array): void;
  /** In place of `onDone`. */
  onError(error: OtaPartitionError): void;
};

/** Takes the SHA-256 of the beginning of a slot, some bytes a turn: which file was installed there. */
export class SlotDigest {
  #options: SlotDigestOptions;
  #digest: DigestSink;
  #buffer = new Uint8Array(SECTOR_LENGTH);
  #offset = 0;
  #timer: TimerId | undefined;

  /** @throws OtaPartitionError "bad-option" */
  constructor(options: SlotDigestOptions) {
    const { size, Digest } = options;
    if (!Number.isInteger(size) || size <= 0) throw new OtaPartitionError("bad-option", `size ${size}`);
    this.#options = options;
    this.#digest = new Digest("SHA256");
  }

  /** Once. */
  start(): void {
    this.#timer = this.#options.timer.set(() => this.turn(), 0);
  }

  /** Stops and silences. Any number of times. */
  close(): void {
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  private turn(): void {
    const { size, onDone, onError } = this.#options;
    try {
      const until = Math.min(size, this.#offset + BYTES_PER_TURN);
      while (this.#offset < until) this.readOn(Math.min(SECTOR_LENGTH, until - this.#offset));
    } catch (cause) {
      this.close();
      const text = cause instanceof Error ? cause.message : "flash-read-failed";
      onError.call(this.#options, new OtaPartitionError("flash-read-failed", text, { cause }));
      return;
    }
    if (this.#offset < size) this.start();
    else {
      this.#timer = undefined;
      onDone.call(this.#options, new Uint8Array(this.#digest.close()));
    }
  }

  private readOn(count: number): void {
    const part = count === SECTOR_LENGTH ? this.#buffer : this.#buffer.subarray(0, count);
    this.#options.flash.read(part, this.#offset);
    this.#digest.write(part);
    this.#offset += count;
  }
}
