import { eraseGoal, type SlotWriterOptions } from "../../../modules/ota-partition/index.js";
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
  #erasedTo: number;
  readonly #bytes: Uint8Array;

  constructor(
    readonly options: SlotWriterOptions,
    readonly image: { version: string; project: string },
  ) {
    this.position = options.offset ?? 0;
    this.#erasedTo = options.erasedTo ?? this.position;
    this.#bytes = tinyImage(image.version, image.project);
  }

  get written(): number {
    return this.position < this.options.size ? Math.floor(this.position / 4096) * 4096 : this.position;
  }

  readonly blankTail = 0;
  readonly isBusy = false;
  readonly space = new Uint8Array(4096);

  write(bytes: Uint8Array): number {
    if (!this.#judged) {
      this.#judged = true;
      this.options.onImage?.(verifiedImage(this.image));
    }
    const { position } = this;
    if (position + bytes.length > this.#erasedTo) this.#erase(position);
    this.position += bytes.length;
    const end = this.#bytes.length - TAIL;
    this.#program(Math.min(position, end), Math.min(this.position, end));
    if (this.position >= this.options.size) this.#program(end, this.#bytes.length);
    return bytes.length;
  }

  finish(): void {}

  close(): void {}

  #erase(position: number): void {
    const { flash, size, onErased } = this.options;
    const goal = eraseGoal(position + 1, size);
    while (this.#erasedTo < goal) {
      flash.eraseBlock(this.#erasedTo / 4096, this.#erasedTo / 4096 + 16);
      this.#erasedTo += BLOCK;
    }
    onErased?.call(this.options, this.#erasedTo, position, true);
  }

  #program(start: number, end: number): void {
    if (end > start) this.options.flash.write(this.#bytes.subarray(start, end), start);
  }
}
