import type { SlotFlash } from "./boot-control.js";
import { OtaPartitionError } from "./errors.js";
import { IMAGE_INFO_LENGTH, type ImageInfo, type ImageTarget, readImageInfo } from "./image-header.js";
import { eraseGoal, nextErase, SECTOR_LENGTH } from "./write-plan.js";
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
};

/**
 * Writes an image into a slot through a buffer of one sector, erasing ahead. After any exception, and after `close`, it
 * takes no more bytes; a new writer goes on at `written`, or at what `writtenPart` finds.
 */
export class SlotWriter {
  #options: SlotWriterOptions;
  #slotSize: number;
  /** A sector's, from the first byte on: before, a TLS handshake needs the room. */
  #buffer = new Uint8Array(0);
  #buffered = 0;
  #written: number;
  #erasedTo: number;
  #blankTail = 0;
  #doubtful: number;
  #judged = false;
  #closed = false;

  /**
   * Touches nothing but `flash.status()`.
   * @throws OtaPartitionError "bad-option", "image-too-small", "image-too-large", "flash-read-failed"
   */
  constructor(options: SlotWriterOptions) {
    const { flash, size, limit, offset = 0, erasedTo = offset } = options;
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
    if (offset > size) throw new OtaPartitionError("bad-option", `offset ${offset} is beyond the image`);
    this.#options = options;
    this.#slotSize = status.size;
    this.#written = offset;
    this.#erasedTo = Math.max(offset, erasedTo);
    this.#doubtful = erasedTo > offset ? DOUBTFUL_SECTORS : 0;
  }

  /** Bytes of the image accepted, those in the buffer included. */
  get position(): number {
    return this.#written + this.#buffered;
  }

  /** Bytes of the image in flash. */
  get written(): number {
    return this.#written;
  }

  /** Bytes at the end of what is written that read as if nothing was: `writtenPart` cannot find them. */
  get blankTail(): number {
    return this.#blankTail;
  }

  /**
   * Takes the next bytes, all of them, and returns their number. Blocks while flash erases and writes.
   * @throws OtaPartitionError "flash-erase-failed", "flash-write-failed", "flash-read-failed", "image-too-large",
   * "closed" or what `readImageInfo` throws; what `onImage` throws
   */
  write(bytes: Uint8Array): number {
    this.checkOpen();
    if (this.position + bytes.length > this.#options.size) {
      this.#closed = true;
      this.#buffered = 0;
      throw new OtaPartitionError("image-too-large", `more than the ${this.#options.size} bytes announced`);
    }
    this.orClose(() => {
      let at = 0;
      while (at < bytes.length) {
        const part = bytes.subarray(at, at + SECTOR_LENGTH - this.#buffered);
        if (this.#buffer.length === 0) this.#buffer = new Uint8Array(SECTOR_LENGTH);
        this.#buffer.set(part, this.#buffered);
        this.#buffered += part.length;
        at += part.length;
        this.judge();
        if (this.#buffered === SECTOR_LENGTH) this.flush();
      }
    });
    return bytes.length;
  }

  /**
   * Brings the last, partial sector to flash.
   * @throws OtaPartitionError as `write`, and "image-truncated" when bytes are missing
   */
  finish(): void {
    this.checkOpen();
    this.orClose(() => {
      if (this.position !== this.#options.size) {
        throw new OtaPartitionError("image-truncated", `${this.position} of ${this.#options.size} bytes were written`);
      }
      this.judge();
      if (this.#buffered > 0) this.flush();
    });
    this.#closed = true;
  }

  /** Drops what is in the buffer. Any number of times. */
  close(): void {
    this.#closed = true;
    this.#buffered = 0;
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
    if (this.#judged || (this.#written === 0 && this.#buffered < IMAGE_INFO_LENGTH)) return;
    this.#judged = true;
    let head = this.#buffer;
    if (this.#written > 0) {
      head = new Uint8Array(IMAGE_INFO_LENGTH);
      guard("flash-read-failed", () => this.#options.flash.read(head, 0));
    }
    const info = readImageInfo(head, this.#options);
    this.#options.onImage?.(info);
  }

  private flush(): void {
    const { flash } = this.#options;
    const at = this.#written;
    const end = at + this.#buffered;
    if (end > this.#erasedTo) this.eraseAhead(end);
    else if (this.#doubtful > 0) this.erase(at, at + SECTOR_LENGTH);
    this.#doubtful = Math.max(0, this.#doubtful - 1);
    const bytes = this.#buffer.subarray(0, this.#buffered);
    guard("flash-write-failed", () => flash.write(bytes, at));
    this.#blankTail = isBlank(bytes) ? this.#blankTail + bytes.length : 0;
    this.#written = end;
    this.#buffered = 0;
  }

  private eraseAhead(end: number): void {
    const { flash, size, onErased } = this.#options;
    const from = this.#erasedTo;
    const plan = { needed: eraseGoal(end, size), imageSize: size, slotSize: this.#slotSize };
    for (;;) {
      const range = nextErase({ ...plan, erasedTo: this.#erasedTo });
      if (range === undefined) break;
      this.erase(range.start, range.end);
      this.#erasedTo = range.end;
    }
    if (onErased === undefined) return;
    const readable = guard("flash-read-failed", () => readsBlank(flash, from));
    onErased.call(this.#options, this.#erasedTo, this.#written, readable);
  }

  private erase(start: number, end: number): void {
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
