import type { ByteStore } from "../../modules/esp32-sim/index.js";

const PAGE = 4096;

/** Flash of one of many boards that were flashed alike: what it has not changed it reads out of the one they share. */
export class SharedFlash implements ByteStore {
  readonly #base: Uint8Array;
  readonly #pages = new Map<number, Uint8Array>();

  constructor(base: Uint8Array) {
    this.#base = base;
  }

  get size(): number {
    return this.#base.length;
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = this.#base.slice(offset, offset + length);
    for (let page = Math.floor(offset / PAGE); page * PAGE < offset + length; page++) {
      const own = this.#pages.get(page);
      if (own === undefined) continue;
      const from = Math.max(offset, page * PAGE);
      const to = Math.min(offset + length, (page + 1) * PAGE);
      bytes.set(own.subarray(from - page * PAGE, to - page * PAGE), from - offset);
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const page = Math.floor((offset + at) / PAGE);
      const start = offset + at - page * PAGE;
      const part = bytes.subarray(at, at + PAGE - start);
      this.#own(page).set(part, start);
      at += part.length;
    }
  }

  #own(page: number): Uint8Array {
    let own = this.#pages.get(page);
    if (own === undefined) {
      own = this.#base.slice(page * PAGE, (page + 1) * PAGE);
      this.#pages.set(page, own);
    }
    return own;
  }
}
