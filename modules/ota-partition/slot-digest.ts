import type { TimerPort } from "../foundation/timer-port.js";
import type { SlotReader } from "./boot-control.js";
import { OtaPartitionError } from "./errors.js";
import type { DigestSink } from "./image-check.js";
import { SlotPass } from "./slot-pass.js";

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
  #pass: SlotPass;

  /** @throws OtaPartitionError "bad-option" */
  constructor(options: SlotDigestOptions) {
    const { flash, size, timer, Digest } = options;
    if (!Number.isInteger(size) || size <= 0) throw new OtaPartitionError("bad-option", `size ${size}`);
    const digest = new Digest("SHA256");
    this.#pass = new SlotPass({
      flash,
      size,
      timer,
      take: (bytes) => digest.write(bytes),
      onEnd: () => options.onDone(new Uint8Array(digest.close())),
      onFailed: (cause) => {
        const text = cause instanceof Error ? cause.message : "flash-read-failed";
        options.onError(new OtaPartitionError("flash-read-failed", text, { cause }));
      },
    });
  }

  /** Once. */
  start(): void {
    this.#pass.start();
  }

  /** Stops and silences. Any number of times. */
  close(): void {
    this.#pass.close();
  }
}
