import { BLOCK_LENGTH, SECTOR_LENGTH } from "../ota-partition/index.js";
import type { LoadedPart } from "./loaded-part.js";

export type KeptPartOptions = {
  /** A restart interrupted this download: the next one may come soon. */
  readonly resumed: boolean;
  /** Bytes between two stores while nothing interrupts. */
  readonly storeIntervalBytes: number;
};

/**
 * How much of a download a restart would find, and when that is worth a store.
 *
 * A store follows each erase and says how far the slot is blank: what is written there later can be read back, so it
 * needs no store of its own. Two things cannot be read back: sectors of the image that are blank themselves, and
 * anything under flash encryption. For them a download that was interrupted before stores after 4 KiB, then 8, 16 and
 * so on up to the usual interval: five stores more for a start, and any window that writes two sectors is progress.
 */
export class KeptPart {
  readonly #options: KeptPartOptions;
  #stored: number;
  /** End of the erase that was last noted. */
  #noted: number;
  #erasedTo: number;
  #interval = SECTOR_LENGTH;

  constructor(options: KeptPartOptions, { offset, erasedTo }: Pick<LoadedPart, "offset" | "erasedTo">) {
    this.#options = options;
    this.#stored = offset;
    this.#noted = Math.max(offset, erasedTo);
    this.#erasedTo = erasedTo;
  }

  /** Up to here the slot is blank or holds the image; 0 when that cannot be read. */
  get erasedTo(): number {
    return this.#erasedTo;
  }

  /** Bytes on flash that a restart would not find. `blankTail`: those at the end that read as if nothing was there. */
  atRisk(written: number, blankTail: number): number {
    const found = written <= this.#erasedTo ? Math.max(this.#stored, written - blankTail) : this.#stored;
    return Math.max(0, written - found);
  }

  /** The slot was erased up to `end`. True: store `written`, it is noted so. `readable`: blank flash reads as blank. */
  erased(end: number, written: number, { size, readable }: { readonly size: number; readonly readable: boolean }) {
    const { resumed, storeIntervalBytes } = this.#options;
    const gained = Math.min(end, size - 1) - this.#noted;
    const isDue = size > BLOCK_LENGTH && gained >= storeIntervalBytes;
    if (!resumed && !isDue) return false;
    this.#noted = end;
    this.#erasedTo = readable ? end : 0;
    this.#stored = written;
    return true;
  }

  /** So many bytes are on flash. True: store them, they are noted so. */
  written(written: number, blankTail: number): boolean {
    const { resumed, storeIntervalBytes } = this.#options;
    // Where the next sector begins with an erase, that one's note says how far it is.
    if (!resumed || written === this.#noted || this.atRisk(written, blankTail) < this.#interval) return false;
    this.#interval = Math.min(this.#interval * 2, storeIntervalBytes);
    this.#stored = written;
    return true;
  }

  /** Nothing counts any more. True when that has to be stored. */
  restart(): boolean {
    const wasNoted = this.#noted > 0;
    this.#stored = this.#noted = this.#erasedTo = 0;
    return wasNoted;
  }
}
