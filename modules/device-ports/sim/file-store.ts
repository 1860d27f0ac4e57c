import { File } from "file";

/** Plain bytes in a file: the simulated flash chip outlives the simulator, as a chip outlives a reset. */
export class FileStore {
  readonly size: number;
  readonly #file: File;

  /** Opens `path`; a missing file is made, empty. `size`: bytes of the chip. */
  constructor(path: string, size: number) {
    this.size = size;
    this.#file = new File(path, true);
  }

  read(offset: number, length: number): Uint8Array {
    this.#file.position = offset;
    return new Uint8Array(this.#file.read(ArrayBuffer, length));
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#file.position = offset;
    // The file takes buffers only, and a view may be a part of its buffer.
    this.#file.write(bytes.slice().buffer);
  }

  close(): void {
    this.#file.close();
  }
}
