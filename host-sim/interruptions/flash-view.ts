import {
  activeEntry,
  decodeOtaEntry,
  type FlashMemory,
  type OtaEntries,
  type Partition,
  SECTOR_SIZE,
  slotOfSeq,
} from "../../modules/esp32-sim/index.js";
import { devicePartitions } from "../chip/partitions.js";
import type { KnownImage } from "./story.js";

/** A board's flash looked at from outside, powered or not. */
export class FlashView {
  readonly #flash: FlashMemory;
  readonly #images: readonly KnownImage[];
  readonly #otadata: Partition;
  readonly #slots: readonly Partition[];

  /** `images`: all that exist; nothing else may ever run. */
  constructor(flash: FlashMemory, images: readonly KnownImage[]) {
    const partitions = devicePartitions();
    const otadata = partitions.find(({ label }) => label === "otadata");
    if (otadata === undefined) throw new Error("the partition table has no otadata");
    this.#flash = flash;
    this.#images = images;
    this.#otadata = otadata;
    this.#slots = partitions.filter(({ type }) => type === 0);
  }

  get entries(): OtaEntries {
    const at = this.#otadata.offset;
    return [
      decodeOtaEntry(this.#flash.read(at, SECTOR_SIZE)),
      decodeOtaEntry(this.#flash.read(at + SECTOR_SIZE, SECTOR_SIZE)),
    ];
  }

  /** The slot that otadata selects, with the state of its entry; undefined when no entry is usable. */
  get selected(): { readonly label: string; readonly state: number } | undefined {
    const { entries } = this;
    const index = activeEntry(entries);
    if (index === -1) return undefined;
    const { seq, state } = entries[index];
    return { label: this.#slots[slotOfSeq(seq, this.#slots.length)]?.label ?? "", state };
  }

  /** The image that a slot holds whole, byte for byte. */
  imageIn(label: string): KnownImage | undefined {
    const slot = this.#slots.find((partition) => partition.label === label);
    if (slot === undefined) return undefined;
    return this.#images.find(({ bytes }) => Buffer.compare(this.#flash.read(slot.offset, bytes.length), bytes) === 0);
  }

  isOtadata(address: number): boolean {
    return address >= this.#otadata.offset && address < this.#otadata.offset + this.#otadata.size;
  }
}

/** Flash address in the detail of a flash step. */
export function addressOf(detail: string): number | undefined {
  const match = /^(?:erase|write) 0x([0-9a-f]+)\+/.exec(detail);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16);
}
