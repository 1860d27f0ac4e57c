/** SDK `embedded:storage/flash`: partitions as blocks of raw flash, without automatic erase. */
import { copyOf, invalidHostObject, viewOf } from "./bytes.js";
import { asBytes, callHost } from "./host.js";

interface FlashStatus {
  readonly size: number;
  readonly blockLength: number;
  readonly blocks: number;
}

function statusOf(path: string): FlashStatus | undefined {
  const value = callHost("flash.status", path);
  if (typeof value !== "object" || value === null || !("blockLength" in value)) return undefined;
  return { size: Number(value.size), blockLength: Number(value.blockLength), blocks: Number(value.blocks) };
}

class Flash {
  #path: string | undefined;
  readonly #writable: boolean;

  constructor(path: string, writable: boolean) {
    this.#path = path;
    this.#writable = writable;
  }

  status(): FlashStatus {
    const status = statusOf(this.#open());
    if (status === undefined) throw new Error("can't find partition");
    return status;
  }

  /** `target`: a byte length (answer: ArrayBuffer) or a buffer to fill. */
  read(target: unknown, byteOffset: unknown): ArrayBuffer | number {
    const path = this.#open();
    const offset = Number(byteOffset);
    if (typeof target === "object" && target !== null) {
      const into = viewOf(target);
      into.set(asBytes(callHost("flash.read", path, offset, into.byteLength)));
      return into.byteLength;
    }
    return copyOf(asBytes(callHost("flash.read", path, offset, Number(target))));
  }

  write(buffer: unknown, byteOffset: unknown): void {
    callHost("flash.write", this.#changeable(), Number(byteOffset), viewOf(buffer));
  }

  /** In units of `blockLength`; `end` is the first block not erased. */
  eraseBlock(start: unknown, end: unknown = Number(start) + 1): void {
    callHost("flash.erase", this.#changeable(), Number(start), Number(end));
  }

  close(): void {
    this.#path = undefined;
  }

  #open(): string {
    if (this.#path === undefined) throw invalidHostObject("Flash");
    return this.#path;
  }

  #changeable(): string {
    const path = this.#open();
    if (!this.#writable) throw new Error("read-only");
    return path;
  }
}

const flash = Object.freeze({
  open({ path, mode = "r+" }: { readonly path: string; readonly mode?: string }): Flash {
    if (mode !== "r" && mode !== "r+") throw new Error("invalid mode");
    if (statusOf(path) === undefined) throw new Error("can't find partition");
    return new Flash(path, mode === "r+");
  },

  [Symbol.iterator](): Iterator<string> {
    const labels = callHost("flash.labels");
    return (Array.isArray(labels) ? labels.map(String) : [])[Symbol.iterator]();
  },
});

export default flash;
