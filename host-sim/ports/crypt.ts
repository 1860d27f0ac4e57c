/**
 * SDK `crypt`: digests. Written to after `close()` it does not throw but answers something meaningless, as on the
 * device.
 */
import { copyOf } from "./bytes.js";
import { asBytes, callHost, callNumber } from "./host.js";
import { bytesOf } from "./resource.js";
import { encodeUtf8 } from "./utf8.js";

const BLOCK_SIZES: Readonly<Record<string, number>> = Object.freeze({ SHA384: 128, SHA512: 128 });
const OUTPUT_SIZES: Readonly<Record<string, number>> = Object.freeze({
  MD5: 16,
  SHA1: 20,
  SHA224: 28,
  SHA256: 32,
  SHA384: 48,
  SHA512: 64,
});

export class Digest {
  readonly #algorithm: string;
  #id: number;

  constructor(algorithm: string) {
    this.#algorithm = algorithm;
    this.#id = Digest.#open(algorithm);
  }

  static #open(algorithm: string): number {
    const id = Object.hasOwn(OUTPUT_SIZES, algorithm) ? callNumber("digest.open", algorithm) : 0;
    if (id === 0) throw new Error("crypt: unsupported digest");
    return id;
  }

  get blockSize(): number {
    return BLOCK_SIZES[this.#algorithm] ?? 64;
  }

  get outputSize(): number {
    return OUTPUT_SIZES[this.#algorithm] ?? 0;
  }

  write(data: unknown): void {
    const bytes = typeof data === "string" ? encodeUtf8(data) : bytesOf(data);
    if (this.#id !== 0) callHost("digest.write", this.#id, bytes);
  }

  update(data: unknown): void {
    this.write(data);
  }

  /** With `more` the digest of what was written so far; writing may go on. */
  close(more?: boolean): ArrayBuffer {
    if (this.#id === 0) return new ArrayBuffer(this.outputSize);
    const result = asBytes(callHost("digest.close", this.#id, more === true));
    if (more !== true) this.#id = 0;
    return copyOf(result);
  }

  reset(): void {
    if (this.#id !== 0) callHost("digest.close", this.#id, false);
    this.#id = Digest.#open(this.#algorithm);
  }

  process(...data: readonly unknown[]): ArrayBuffer {
    this.reset();
    for (const part of data) this.write(part);
    return this.close();
  }
}

export default Object.freeze({ Digest });
