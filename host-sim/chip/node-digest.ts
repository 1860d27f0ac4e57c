import { createHash, type Hash } from "node:crypto";

/** Digests of the SDK's `crypt` that Node has too, by the SDK's names. */
const ALGORITHMS: Readonly<Record<string, string>> = Object.freeze({
  MD5: "md5",
  SHA1: "sha1",
  SHA224: "sha224",
  SHA256: "sha256",
  SHA384: "sha384",
  SHA512: "sha512",
});

/** A digest of esp32-sim's shape, over Node's crypto. */
export class NodeDigest {
  readonly #hash: Hash;

  /** @throws Error `crypt: unsupported digest` */
  constructor(algorithm: string) {
    const name = ALGORITHMS[algorithm];
    if (name === undefined) throw new Error("crypt: unsupported digest");
    this.#hash = createHash(name);
  }

  write(data: Uint8Array): void {
    this.#hash.update(data);
  }

  close(): ArrayBuffer {
    return new Uint8Array(this.#hash.digest()).buffer;
  }

  /** The digest so far; more may be written. */
  peek(): Uint8Array {
    return new Uint8Array(this.#hash.copy().digest());
  }
}
