import {
  BLOCK_SIZE,
  type ByteStore,
  type FlashDevice,
  FlashMemory,
  tearErase,
  tearWrite,
} from "../../modules/esp32-sim/index.js";
import type { Counters } from "./counters.js";
import { seededRandom } from "./random.js";
import type { StepCounter } from "./steps.js";

/** Times of a usual 4 MB chip, in milliseconds (Winbond W25Q-JV, typical values). */
const SECTOR_ERASE_MS = 45;
const BLOCK_ERASE_MS = 150;
const PAGE_PROGRAM_MS = 0.4;
const PAGE_SIZE = 256;
/** Share of the bytes that an erase has reached which was cut at its very beginning. */
const SPARSE = 1 / 8;

/** The board's flash chip: every command is a step that can be cut and torn, is counted, and takes its time. */
export class BoardFlash implements FlashDevice {
  /** What the chip holds; using it is no step and takes no time. */
  readonly contents: FlashMemory;
  readonly #steps: StepCounter;
  readonly #counters: Counters;
  readonly #busy: (ms: number) => void;

  /** `busy` lets the time of a command pass. */
  constructor(store: ByteStore, steps: StepCounter, counters: Counters, busy: (ms: number) => void) {
    this.contents = new FlashMemory(store);
    this.#steps = steps;
    this.#counters = counters;
    this.#busy = busy;
  }

  get size(): number {
    return this.contents.size;
  }

  read(offset: number, length: number): Uint8Array {
    return this.contents.read(offset, length);
  }

  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#steps.perform(
      "flash-write",
      `write 0x${offset.toString(16)}+${bytes.length}`,
      () => {
        this.contents.write(offset, bytes);
        this.#counters.flashWrites += 1;
        this.#counters.bytesWritten += bytes.length;
      },
      (seed) => {
        const random = seededRandom(seed);
        tearWrite(this.contents, offset, bytes, Math.floor(random() * bytes.length), random);
      },
    );
    this.#busy(Math.ceil(Math.ceil(bytes.length / PAGE_SIZE) * PAGE_PROGRAM_MS));
  }

  erase(offset: number, length: number): void {
    this.#steps.perform(
      "flash-erase",
      `erase 0x${offset.toString(16)}+${length}`,
      () => {
        this.contents.erase(offset, length);
        this.#counters.bytesErased += length;
        if (length === BLOCK_SIZE) this.#counters.blocksErased += 1;
        else this.#counters.sectorsErased += 1;
      },
      (seed) => {
        const random = seededRandom(seed);
        // A third of the torn states have nothing cleanly erased, and a few bytes in which any bit may have risen: so
        // the state of an otadata entry can change while its number and checksum still read right.
        if (seed % 3 === 0) tearErase(this.contents, offset, length, 0, random, SPARSE);
        else tearErase(this.contents, offset, length, Math.floor(random() * length), random);
      },
    );
    this.#busy(length === BLOCK_SIZE ? BLOCK_ERASE_MS : SECTOR_ERASE_MS);
  }
}
