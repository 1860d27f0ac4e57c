import type { SlotWriterOptions } from "../../../modules/ota-partition/index.js";
import { BLOCK, verifiedImage } from "./documents.js";
import { tinyImage } from "./fake-board.js";

/** Checksum and digest: without them the bootloader takes no image. */
const TAIL = 48;

/**
 * The writer of a download whose bytes do not matter: in their place a tiny image goes into the slot, so that the
 * bootloader has something to start. Its end comes with the last byte of the download, and not before.
 */
export class FakeWriter {
  position: number;
  #judged = false;
  readonly #bytes: Uint8Array;

  constructor(
    readonly options: SlotWriterOptions,
    readonly image: { version: string; project: string },
  ) {
    this.position = options.offset ?? 0;
    this.#bytes = tinyImage(image.version, image.project);
  }

  get written(): number {
    return this.position;
  }

  get resumePoint(): number {
    return Math.floor(this.position / BLOCK) * BLOCK;
  }

  write(bytes: Uint8Array): number {
    if (!this.#judged) {
      this.#judged = true;
      this.options.onImage?.(verifiedImage(this.image));
    }
    const { position } = this;
    if (position % BLOCK === 0) this.options.flash.eraseBlock(position / 4096, position / 4096 + 16);
    this.position += bytes.length;
    const end = this.#bytes.length - TAIL;
    this.#program(Math.min(position, end), Math.min(this.position, end));
    if (this.position >= this.options.size) this.#program(end, this.#bytes.length);
    return bytes.length;
  }

  finish(): void {}

  close(): void {}

  #program(start: number, end: number): void {
    if (end > start) this.options.flash.write(this.#bytes.subarray(start, end), start);
  }
}
