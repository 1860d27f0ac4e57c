/**
 * Puts the fragments of an incoming message together. Memory: the one message being put together, at most `maxBytes`,
 * or a small scratch buffer while a message is dropped. Dropped bytes are read, too: the client's parser goes on only
 * when it has got rid of every byte.
 */

export type IncomingMessage = { readonly topic: string; readonly payload: Uint8Array };

const SCRATCH_BYTES = 256;

export class Reassembly {
  readonly #maxBytes: number;
  #topic = "";
  #buffer: Uint8Array | undefined;
  #position = 0;
  #dropping = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The first fragment of a message of `byteLength` bytes is there. An unfinished earlier message is forgotten.
   * @param wanted false drops the message without taking memory for it
   * @returns why the message is dropped, if it is
   */
  begin(topic: string, byteLength: number, wanted: boolean): "unwanted" | "too-long" | undefined {
    this.reset();
    const reason = !wanted ? "unwanted" : byteLength > this.#maxBytes ? "too-long" : undefined;
    this.#topic = topic;
    this.#dropping = reason !== undefined;
    this.#buffer = new Uint8Array(this.#dropping ? Math.min(SCRATCH_BYTES, byteLength) : byteLength);
    return reason;
  }

  /** Where the next bytes go: at least one and at most `count` bytes long. */
  space(count: number): Uint8Array {
    if (this.#buffer === undefined || (!this.#dropping && this.#position >= this.#buffer.length)) {
      // Bytes of a message whose first fragment was not seen, or more bytes than the first fragment announced.
      this.#dropping = true;
      this.#buffer = new Uint8Array(SCRATCH_BYTES);
    }
    const start = this.#dropping ? 0 : this.#position;
    return this.#buffer.subarray(start, Math.min(this.#buffer.length, start + count));
  }

  /** `count` bytes have been put into what {@link space} returned. */
  filled(count: number): void {
    this.#position += count;
  }

  /** The last fragment has been filled in: the message, unless it is one that is dropped. */
  end(): IncomingMessage | undefined {
    const buffer = this.#buffer;
    const complete = buffer !== undefined && !this.#dropping && this.#position === buffer.length;
    const message = complete ? { topic: this.#topic, payload: buffer } : undefined;
    this.reset();
    return message;
  }

  reset(): void {
    this.#topic = "";
    this.#buffer = undefined;
    this.#position = 0;
    this.#dropping = false;
  }
}
