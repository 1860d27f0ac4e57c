import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { SlotFlash } from "./boot-control.js";
import { OtaPartitionError } from "./errors.js";
import { IMAGE_INFO_LENGTH, type ImageInfo, type ImageTarget, readImageInfo } from "./image-header.js";
import { SectorBuffer } from "./sector-buffer.js";
import { eraseEnd, eraseGoal, eraseStep, nextStep, SECTOR_LENGTH } from "./write-plan.js";
import { isBlank, readsBlank } from "./written-part.js";

/**
 * Sectors that a resumed writer erases again, each just before it is written: the first may be half written, and one
 * that reads blank behind it may have been under way as well when the power went.
 */
const DOUBTFUL_SECTORS = 2;

/** Where the image goes, and how much of it is there already. */
export type SlotWriterOptions = ImageTarget & {
  /** The slot that does not run. Stays the caller's: `close` does not close it. */
  flash: SlotFlash;
  /** Bytes of the image. */
  size: number;
  /** Bytes of the smaller slot: an image must be able to go into either. */
  limit: number;
  /** Where to go on, a multiple of 4096 below which everything is in flash. Default 0. */
  offset?: number;
  /**
   * What lies between `offset` and here was erased for this image and may hold a part of it: only what is in doubt is
   * erased again. Default: nothing is known to be blank.
   */
  erasedTo?: number | undefined;
  /**
   * What the image says about itself, before anything is erased. May throw to refuse it; the exception comes out of
   * `write`.
   */
  onImage?(info: ImageInfo): void;
  /**
   * More of the slot was erased, up to `erasedTo`, and nothing is written there yet: `written` bytes are in flash.
   * `readable` is false where erased flash does not read as blank, as with flash encryption. What it throws comes out
   * of `write`.
   */
  onErased?(erasedTo: number, written: number, readable: boolean): void;
  /**
   * Present: `write` only takes bytes, as long as there is `space`, and each command to the flash gets a turn of its
   * own, so that the network is served between two of them. Absent: `write` returns when the flash is done.
   */
  timer?: TimerPort | undefined;
  /** Bytes that may wait for the flash, a multiple of 4096. Default 4096. */
  bufferLength?: number | undefined;
  /** With `timer`: after each command to the flash that had a turn of its own. */
  onStep?(): void;
  /** With `timer`: a command on a turn of its own failed, or `onErased` threw; the writer is closed. */
  onFailure?(error: unknown): void;
};

/**
 * Writes an image into a slot through a buffer of some sectors, erasing ahead. After any exception, and after `close`,
 * it takes no more bytes; a new writer goes on at `written`, or at what `writtenPart` finds.
 */
export class SlotWriter {
  #options: SlotWriterOptions;
  #slotSize: number;
  #buffer: SectorBuffer;
  #written: number;
  #erasedTo: number;
  /** Where the erase under way began and ends; the second is 0 when there is none. */
  #eraseFrom = 0;
  #eraseTo = 0;
  #blankTail = 0;
  /** What lies below may be half written by an earlier run. */
  #doubtTo: number;
  #judged = false;
  #pressed = false;
  /** Bytes came since the last turn. */
  #fresh = false;
  #turn: TimerId | undefined;
  #closed = false;

  /**
   * Touches nothing but `flash.status()`.
   * @throws OtaPartitionError "bad-option", "image-too-small", "image-too-large", "flash-read-failed"
   */
  constructor(options: SlotWriterOptions) {
    const { flash, size, limit, offset = 0, erasedTo = offset, bufferLength = SECTOR_LENGTH } = options;
    const status = guard("flash-read-failed", () => flash.status());
    if (status.blockLength !== SECTOR_LENGTH) {
      throw new OtaPartitionError("bad-option", `flash erases in ${status.blockLength} bytes, not ${SECTOR_LENGTH}`);
    }
    if (!Number.isInteger(size) || !Number.isInteger(offset) || offset < 0 || offset % SECTOR_LENGTH !== 0) {
      throw new OtaPartitionError("bad-option", `size ${size} and offset ${offset} do not make a write`);
    }
    if (size < IMAGE_INFO_LENGTH) throw new OtaPartitionError("image-too-small", `${size} bytes are no image`);
    if (size > Math.min(limit, status.size)) {
      throw new OtaPartitionError("image-too-large", `${size} bytes do not fit ${Math.min(limit, status.size)}`);
    }
    if (!Number.isInteger(erasedTo) || erasedTo % SECTOR_LENGTH !== 0 || erasedTo > status.size) {
      throw new OtaPartitionError("bad-option", `erased to ${erasedTo}`);
    }
    if (!Number.isInteger(bufferLength) || bufferLength <= 0 || bufferLength % SECTOR_LENGTH !== 0) {
      throw new OtaPartitionError("bad-option", `buffer of ${bufferLength} bytes`);
    }
    if (offset > size) throw new OtaPartitionError("bad-option", `offset ${offset} is beyond the image`);
    this.#options = options;
    this.#slotSize = status.size;
    this.#buffer = new SectorBuffer(bufferLength);
    this.#written = offset;
    this.#erasedTo = Math.max(offset, erasedTo);
    this.#doubtTo = Math.min(erasedTo, offset + DOUBTFUL_SECTORS * SECTOR_LENGTH);
  }

  /** Bytes of the image accepted, those in the buffer included. */
  get position(): number {
    return this.#written + this.#buffer.length;
  }

  /** Bytes of the image in flash. */
  get written(): number {
    return this.#written;
  }

  /** Bytes at the end of what is written that read as if nothing was: `writtenPart` cannot find them. */
  get blankTail(): number {
    return this.#blankTail;
  }

  /** A command to the flash waits for its turn. */
  get isBusy(): boolean {
    return this.#turn !== undefined;
  }

  /** Where the next bytes may be put before they go to `write`, which then copies nothing; undefined: no room now. */
  get space(): Uint8Array | undefined {
    return this.#closed || this.#buffer.room === 0 ? undefined : this.#buffer.space();
  }

  /**
   * Takes the next bytes, all of them, and returns their number. Blocks while flash erases and writes, with `timer`
   * only as far as they find no room. `more`: further bytes are there and can be read as soon as there is room.
   * @throws OtaPartitionError "flash-erase-failed", "flash-write-failed", "flash-read-failed", "image-too-large",
   * "closed" or what `readImageInfo` throws; what `onImage` throws
   */
  write(bytes: Uint8Array, more = false): number {
    this.checkOpen();
    if (this.position + bytes.length > this.#options.size) {
      this.close();
      throw new OtaPartitionError("image-too-large", `more than the ${this.#options.size} bytes announced`);
    }
    this.orClose(() => {
      for (let at = 0; at < bytes.length; ) {
        at += this.#buffer.put(at === 0 ? bytes : bytes.subarray(at));
        this.judge();
        if (this.#options.timer === undefined) this.flush(SECTOR_LENGTH);
        else if (this.#buffer.room === 0 && at < bytes.length) this.flush(this.#buffer.length);
      }
    });
    this.#pressed = more;
    this.#fresh = true;
    this.plan();
    return bytes.length;
  }

  /**
   * Brings what is in the buffer to flash, at once.
   * @throws OtaPartitionError as `write`, and "image-truncated" when bytes are missing
   */
  finish(): void {
    this.checkOpen();
    this.orClose(() => {
      if (this.position !== this.#options.size) {
        throw new OtaPartitionError("image-truncated", `${this.position} of ${this.#options.size} bytes were written`);
      }
      this.judge();
      this.flush(1);
    });
    this.close();
  }

  /** Drops what is in the buffer. Any number of times. */
  close(): void {
    this.#closed = true;
    this.#buffer.clear();
    this.#options.timer?.clear(this.#turn);
    this.#turn = undefined;
  }

  private checkOpen(): void {
    if (this.#closed) throw new OtaPartitionError("closed", "slot writer is closed");
  }

  private orClose(action: () => void): void {
    try {
      action();
    } catch (error) {
      // The bytes in the buffer will not be written any more: `position` goes back to what is in flash.
      this.close();
      throw error;
    }
  }

  /**
   * Judges the image once, as soon as its first bytes are there: in the buffer, or in flash when an earlier run wrote
   * them.
   */
  private judge(): void {
    if (this.#judged || (this.#written === 0 && this.#buffer.length < IMAGE_INFO_LENGTH)) return;
    this.#judged = true;
    let head = this.#buffer.front();
    if (this.#written > 0) {
      head = new Uint8Array(IMAGE_INFO_LENGTH);
      guard("flash-read-failed", () => this.#options.flash.read(head, 0));
    }
    const info = readImageInfo(head, this.#options);
    this.#options.onImage?.(info);
  }

  /** Writes, on this turn, as long as at least `least` bytes are in the buffer. */
  private flush(least: number): void {
    while (this.#buffer.length >= least) {
      const end = this.#written + this.#buffer.front().length;
      if (this.isErasing || end > this.#erasedTo) this.erase(end);
      else this.writeSector();
    }
  }

  private get isErasing(): boolean {
    return this.#eraseTo > this.#erasedTo;
  }

  private get next(): "write" | "erase" | undefined {
    if (!this.#judged) return undefined;
    return this.isErasing
      ? "erase"
      : nextStep({
          written: this.#written,
          buffered: this.#buffer.length,
          erasedTo: this.#erasedTo,
          imageSize: this.#options.size,
          pressed: this.#pressed,
        });
  }

  private plan(): void {
    const { timer } = this.#options;
    if (timer === undefined || this.#closed || this.#turn !== undefined || this.next === undefined) return;
    this.#turn = timer.set(() => {
      this.#turn = undefined;
      try {
        this.orClose(() => this.step());
      } catch (error) {
        this.#options.onFailure?.(error);
        return;
      }
      this.plan();
      this.#options.onStep?.();
    }, 0);
  }

  private step(): void {
    // One turn is let pass after bytes came: TLS, on a timer of its own, reads what is there behind them, and so tells
    // the server of the room before the flash keeps the processor.
    const { next } = this;
    if (this.#fresh) this.#fresh = false;
    else if (next === "erase") this.erase(this.#erasedTo + 1);
    else if (next === "write") this.writeSector();
  }

  private writeSector(): void {
    const { flash } = this.#options;
    const at = this.#written;
    const bytes = this.#buffer.front();
    if (at < this.#doubtTo) this.command(at, at + SECTOR_LENGTH);
    guard("flash-write-failed", () => flash.write(bytes, at));
    this.#blankTail = isBlank(bytes) ? this.#blankTail + bytes.length : 0;
    this.#written = at + bytes.length;
    this.#buffer.drop();
  }

  /** One command of an erase that makes all up to `needed` blank, and the word of it after the last. */
  private erase(needed: number): void {
    const { flash, size, onErased } = this.#options;
    if (!this.isErasing) {
      this.#eraseFrom = this.#erasedTo;
      const goal = eraseGoal(Math.min(needed, size), size);
      this.#eraseTo = eraseEnd({ erasedTo: this.#erasedTo, needed: goal, imageSize: size, slotSize: this.#slotSize });
    }
    const { start, end } = eraseStep(this.#erasedTo, this.#eraseTo);
    this.command(start, end);
    this.#erasedTo = end;
    if (end < this.#eraseTo || onErased === undefined) return;
    const readable = guard("flash-read-failed", () => readsBlank(flash, this.#eraseFrom));
    onErased.call(this.#options, end, this.#written, readable);
  }

  private command(start: number, end: number): void {
    const { flash } = this.#options;
    guard("flash-erase-failed", () => flash.eraseBlock(start / SECTOR_LENGTH, end / SECTOR_LENGTH));
  }
}

function guard<T>(code: "flash-read-failed" | "flash-write-failed" | "flash-erase-failed", action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new OtaPartitionError(code, cause instanceof Error ? cause.message : code, { cause });
  }
}
