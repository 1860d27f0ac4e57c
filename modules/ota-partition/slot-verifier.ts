import type { TimerPort } from "../foundation/timer-port.js";
import type { SlotFlash } from "./boot-control.js";
import { OtaPartitionError } from "./errors.js";
import { type DigestSink, ImageCheck } from "./image-check.js";
import type { ImageInfo, ImageTarget } from "./image-header.js";
import { SlotPass } from "./slot-pass.js";

/** What is in the slot. `sha256` covers all `size` bytes, `imageLength` those the image itself claims. */
export type VerifiedImage = ImageInfo & { imageLength: number; sha256: Uint8Array };

/** What is read back, and who is told. */
export type SlotVerifierOptions = ImageTarget & {
  /** Stays the caller's: `close` does not close it. */
  flash: SlotFlash;
  /** Bytes of the file that was written. */
  size: number;
  Digest: new (algorithm: string) => DigestSink;
  timer: TimerPort;
  onDone(image: VerifiedImage): void;
  /** At most once, and not after `onDone`, unless `onDone` itself threw: then with "callback-failed". */
  onError(error: OtaPartitionError): void;
};

/**
 * Reads a slot back and checks structure, checksum, appended SHA-256, and takes the SHA-256 of the whole file. It
 * judges what is in flash and not what was meant to be, so a resumed download and a failing flash cell are covered too.
 * Exactly one of the callbacks is called, on a later turn; none after `close`.
 */
export class SlotVerifier {
  #options: SlotVerifierOptions;
  #pass: SlotPass;
  #check: ImageCheck;
  #whole: DigestSink;
  #state: "idle" | "running" | "closed" = "idle";

  /** @throws OtaPartitionError "bad-option" */
  constructor(options: SlotVerifierOptions) {
    const { flash, size, timer, Digest } = options;
    if (!Number.isInteger(size) || size <= 0) throw new OtaPartitionError("bad-option", `size ${size}`);
    this.#options = options;
    this.#check = new ImageCheck(new Digest("SHA256"), options);
    this.#whole = new Digest("SHA256");
    this.#pass = new SlotPass({
      flash,
      size,
      timer,
      take: (bytes) => {
        this.#whole.write(bytes);
        this.#check.write(bytes);
      },
      onEnd: () => this.end(),
      onFailed: (error) => this.fail(error, "flash-read-failed"),
    });
  }

  /** Bytes checked so far. */
  get position(): number {
    return this.#pass.position;
  }

  /** @throws OtaPartitionError "closed" when it was started or closed before */
  start(): void {
    if (this.#state !== "idle") throw new OtaPartitionError("closed", "a slot verifier runs once");
    this.#state = "running";
    this.#pass.start();
  }

  /** Stops and silences. Any number of times. */
  close(): void {
    this.#state = "closed";
    this.#pass.close();
  }

  private end(): void {
    let image: VerifiedImage;
    try {
      image = { ...this.#check.end(), sha256: new Uint8Array(this.#whole.close()) };
    } catch (error) {
      this.fail(error, "image-truncated");
      return;
    }
    this.#state = "closed";
    try {
      this.#options.onDone(image);
    } catch (cause) {
      this.#options.onError(new OtaPartitionError("callback-failed", "onDone threw", { cause }));
    }
  }

  private fail(error: unknown, code: "flash-read-failed" | "image-truncated"): void {
    this.close();
    if (error instanceof OtaPartitionError) this.#options.onError(error);
    else
      this.#options.onError(
        new OtaPartitionError(code, error instanceof Error ? error.message : code, { cause: error }),
      );
  }
}
