import { createHash, type Hash } from "node:crypto";

/** The SDK's Digest over Node's hashes. */
export class NodeDigest {
  #hash: Hash;

  constructor(algorithm: string) {
    this.#hash = createHash(algorithm.toLowerCase());
  }

  write(data: Uint8Array): void {
    this.#hash.update(data);
  }

  close(): ArrayBuffer {
    const bytes = new Uint8Array(this.#hash.digest());
    return bytes.buffer;
  }
}
