/** Counts requests and body bytes of one HTTP server's side, by a reading of its own. */
export class HttpLedger {
  /** Complete request heads that arrived. */
  requests = 0;
  /** Body bytes that were sent to the device and not lost on the way, framing aside. */
  bodyBytes = 0;

  /** Answers that are no content. */
  get refusals(): number {
    return [...this.#answers.values()].reduce((sum, { refusals }) => sum + refusals, 0);
  }

  readonly #answers = new Map<number, AnswerStream>();

  request(): void {
    this.requests += 1;
  }

  answer(connection: number, bytes: Uint8Array): void {
    let stream = this.#answers.get(connection);
    if (stream === undefined) {
      stream = new AnswerStream();
      this.#answers.set(connection, stream);
    }
    this.bodyBytes += stream.take(Buffer.from(bytes).toString("latin1"));
  }
}

type Framing = { readonly kind: "length"; left: number } | { readonly kind: "chunked" } | { readonly kind: "close" };

/** What a server says on one connection: heads and bodies, one after the other. */
class AnswerStream {
  #text = "";
  #framing: Framing | undefined;
  refusals = 0;

  /** Returns the body bytes among what came. [RFC 9112 6] */
  take(text: string): number {
    this.#text += text;
    let count = 0;
    for (;;) {
      if (this.#framing === undefined && !this.#head()) return count;
      const { found, more } = this.#body();
      count += found;
      if (!more) return count;
    }
  }

  #head(): boolean {
    const end = this.#text.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const head = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 4);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    if (status >= 100 && status < 200) return this.#head();
    this.refusals += status >= 300 ? 1 : 0;
    const length = /^content-length:[ \t]*(\d+)[ \t]*$/im.exec(head)?.[1];
    if (/^transfer-encoding:.*chunked/im.test(head)) this.#framing = { kind: "chunked" };
    if (this.#framing?.kind === "chunked") return true;
    if (status === 204 || status === 304) this.#framing = { kind: "length", left: 0 };
    else this.#framing = length === undefined ? { kind: "close" } : { kind: "length", left: Number(length) };
    return true;
  }

  #body(): { readonly found: number; readonly more: boolean } {
    const framing = this.#framing;
    if (framing?.kind === "chunked") return this.#chunk();
    const found = framing?.kind === "length" ? Math.min(framing.left, this.#text.length) : this.#text.length;
    this.#text = this.#text.slice(found);
    if (framing?.kind !== "length") return { found, more: false };
    framing.left -= found;
    if (framing.left > 0) return { found, more: false };
    this.#framing = undefined;
    return { found, more: this.#text !== "" };
  }

  #chunkLeft = 0;

  #chunk(): { readonly found: number; readonly more: boolean } {
    if (this.#chunkLeft === 0) {
      const line = /^(?:\r\n)?([0-9a-fA-F]+)[^\r\n]*\r\n/.exec(this.#text);
      if (line === null) return { found: 0, more: false };
      this.#text = this.#text.slice(line[0].length);
      this.#chunkLeft = Number.parseInt(line[1] ?? "0", 16);
      if (this.#chunkLeft > 0) return { found: 0, more: true };
      const end = this.#text.indexOf("\r\n");
      this.#text = end < 0 ? "" : this.#text.slice(end + 2);
      this.#framing = undefined;
      return { found: 0, more: this.#text !== "" };
    }
    const found = Math.min(this.#chunkLeft, this.#text.length);
    this.#text = this.#text.slice(found);
    this.#chunkLeft -= found;
    return { found, more: this.#text !== "" };
  }
}
