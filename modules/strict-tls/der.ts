import { TlsRefusal } from "./errors.js";

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;

/** Longer values do not occur in a handshake message, whose length has three bytes. */
const MAX_LENGTH_BYTES = 3;

export type DerElement = {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
};

export function malformed(what: string): TlsRefusal {
  return new TlsRefusal("certificate", `malformed: ${what}`);
}

/**
 * Reads the elements of one DER value one after the other. [X.690, 10] Only what DER allows: definite lengths in their
 * shortest form, and every element inside of the one around it. Nothing is copied.
 * @throws TlsRefusal `certificate` from every method
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** The tag of the next element, `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#position];
  }

  next(): DerElement {
    const start = this.#position;
    const tag = this.nextTag ?? 0;
    const from = this.skip();
    const to = this.#position;
    return { tag, content: this.#bytes.subarray(from, to), whole: this.#bytes.subarray(start, to) };
  }

  /**
   * Passes over the next element, and answers where its content begins. Allocates nothing: most elements are nobody's
   * business.
   */
  skip(): number {
    const bytes = this.#bytes;
    let from = this.#position + 2;
    const tag = bytes[from - 2];
    const first = bytes[from - 1];
    if (tag === undefined || first === undefined) throw malformed("truncated");
    if ((tag & 0x1f) === 0x1f) throw malformed("tag");
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > MAX_LENGTH_BYTES) throw malformed("length");
      length = 0;
      for (const end = from + count; from < end; from++) length = length * 256 + (bytes[from] ?? 0);
      if (length < 0x80 || length < 256 ** (count - 1)) throw malformed("length");
    }
    const to = from + length;
    if (to > bytes.length) throw malformed("length");
    this.#position = to;
    return from;
  }

  /** The content of the next element, which must have this tag. */
  read(tag: number, what: string): Uint8Array {
    if (this.nextTag !== tag) throw malformed(what);
    const from = this.skip();
    return this.#bytes.subarray(from, this.#position);
  }

  /** The same, or `undefined` when the next element has another tag. */
  optional(tag: number): Uint8Array | undefined {
    return this.nextTag === tag ? this.read(tag, "element") : undefined;
  }

  /** Tag, length and content of the next element, which must have this tag. */
  whole(tag: number, what: string): Uint8Array {
    if (this.nextTag !== tag) throw malformed(what);
    const start = this.#position;
    this.skip();
    return this.#bytes.subarray(start, this.#position);
  }

  /** A reader for the content of the next element, a SEQUENCE. */
  sequence(what: string): DerReader {
    return new DerReader(this.read(SEQUENCE, what));
  }

  /** Nothing may follow. */
  end(what: string): void {
    if (!this.atEnd) throw malformed(what);
  }
}

/** The only element of `bytes`. */
export function onlyElement(bytes: Uint8Array, tag: number, what: string): Uint8Array {
  const reader = new DerReader(bytes);
  const content = reader.read(tag, what);
  reader.end(what);
  return content;
}

/** The bytes of a BIT STRING whose length is a whole number of bytes, as those of keys and signatures are. */
export function wholeBits(content: Uint8Array, what: string): Uint8Array {
  if (content[0] !== 0) throw malformed(what);
  return content.subarray(1);
}

/** The bytes of an INTEGER that is not negative, in its shortest form, without the zero that keeps it positive. */
export function unsigned(content: Uint8Array, what: string): Uint8Array {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) throw malformed(what);
  if (first !== 0 || content.length === 1) return content;
  if (second === undefined || second < 0x80) throw malformed(what);
  return content.subarray(1);
}

/** An object identifier as text that can be compared: its bytes, with commas. */
export function identifierOf(content: Uint8Array): string {
  return content.join();
}
