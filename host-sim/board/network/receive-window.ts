/**
 * Bytes that have arrived for a guest, of which it sees as many as its TCP window holds; over TLS one whole record at a
 * time. Pure.
 */
export class ReceiveWindow {
  readonly #limit: number;
  readonly #byRecord: boolean;
  readonly #hidden: Uint8Array[] = [];
  #hiddenBytes = 0;
  #visible: Uint8Array = new Uint8Array(0);

  constructor(limit: number, byRecord: boolean) {
    this.#limit = limit;
    this.#byRecord = byRecord;
  }

  /** Unread bytes the guest may see. */
  get visible(): Uint8Array {
    return this.#visible;
  }

  /** Unread bytes in all. */
  get length(): number {
    return this.#visible.byteLength + this.#hiddenBytes;
  }

  add(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return;
    this.#hidden.push(chunk);
    this.#hiddenBytes += chunk.byteLength;
  }

  /** Shows what fits. Returns `true` when the guest sees more than before: the moment of an `onReadable`. */
  reveal(): boolean {
    if (this.#byRecord) {
      if (this.#visible.byteLength > 0) return false;
      const record = this.#hidden.shift();
      if (record === undefined) return false;
      this.#hiddenBytes -= record.byteLength;
      this.#visible = record;
      return true;
    }
    const parts: Uint8Array[] = [];
    for (let room = this.#limit - this.#visible.byteLength; room > 0; ) {
      const chunk = this.#hidden.shift();
      if (chunk === undefined) break;
      const part = chunk.subarray(0, room);
      if (part.byteLength < chunk.byteLength) this.#hidden.unshift(chunk.subarray(part.byteLength));
      parts.push(part);
      room -= part.byteLength;
      this.#hiddenBytes -= part.byteLength;
    }
    if (parts.length === 0) return false;
    this.#visible = new Uint8Array(Buffer.concat([this.#visible, ...parts]));
    return true;
  }

  consume(count: number): void {
    if (count < 0 || count > this.#visible.byteLength) throw new Error("invalid");
    this.#visible = this.#visible.subarray(count);
  }
}
