import { TlsRefusal } from "./errors.js";

/**
 * Reads the fields of one handshake message, which are big-endian. [RFC 5246, 4]
 * @throws TlsRefusal `protocol` from every method
 */
export class TlsReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #position = 0;

  /** @param what names the message in refusals */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  get position(): number {
    return this.#position;
  }

  /** A number of one to three bytes. */
  number(size: 1 | 2 | 3): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    return value;
  }

  bytes(count: number): Uint8Array {
    const from = this.#position;
    if (from + count > this.#bytes.length) throw this.malformed();
    this.#position = from + count;
    return this.#bytes.subarray(from, from + count);
  }

  /** A vector: its length in `size` bytes, then its bytes. */
  vector(size: 1 | 2 | 3): Uint8Array {
    return this.bytes(this.number(size));
  }

  end(): void {
    if (!this.atEnd) throw this.malformed();
  }

  private malformed(): TlsRefusal {
    return new TlsRefusal("protocol", `malformed ${this.#what}`);
  }
}

/** The certificates of a Certificate message. [RFC 5246, 7.4.2] */
export function parseCertificateList(body: Uint8Array): Uint8Array[] {
  const message = new TlsReader(body, "certificate list");
  const list = new TlsReader(message.vector(3), "certificate list");
  message.end();
  const certificates: Uint8Array[] = [];
  while (!list.atEnd) certificates.push(list.vector(3));
  return certificates;
}
