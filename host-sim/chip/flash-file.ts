import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { makePrivateFile } from "local-aws-iot/files";
import type { ByteStore } from "../../modules/esp32-sim/index.js";

/**
 * A raw flash image in a file. Reads come from memory; every write goes to the file before it returns, so that the file
 * is right after the process was killed at any moment. (The operating system may still hold it: a crash of the whole
 * machine is not covered.) Only its owner reads it, since a firmware may have a key in it.
 */
export class FlashFile implements ByteStore {
  readonly #bytes: Uint8Array;
  readonly #file: number;
  #closed = false;

  /**
   * Opens `path`. When the file is missing or empty it is made of `initial`, which then is required.
   * @throws Error when the size is not that of a flash chip: a power of two from 1 to 16 MiB.
   */
  constructor(path: string, initial?: Uint8Array) {
    if (initial !== undefined || existsSync(path)) makePrivateFile(path);
    this.#file = openSync(path, "r+");
    const size = fstatSync(this.#file).size;
    if (size === 0 && initial !== undefined) {
      this.#bytes = initial.slice();
      ftruncateSync(this.#file, initial.length);
      writeAll(this.#file, this.#bytes, 0);
    } else {
      this.#bytes = new Uint8Array(size);
      let at = 0;
      while (at < size) {
        const count = readSync(this.#file, this.#bytes, at, size - at, at);
        if (count === 0) break;
        at += count;
      }
    }
    if (!isChipSize(this.#bytes.length)) {
      closeSync(this.#file);
      throw new Error(`${path} has ${this.#bytes.length} bytes: not a flash image (1, 2, 4, 8 or 16 MiB)`);
    }
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    writeAll(this.#file, bytes, offset);
    this.#bytes.set(bytes, offset);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
  }
}

function writeAll(file: number, bytes: Uint8Array, offset: number): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(file, bytes, at, bytes.length - at, offset + at);
}

function isChipSize(size: number): boolean {
  const MIB = 1 << 20;
  return size >= MIB && size <= 16 * MIB && (size & (size - 1)) === 0;
}
