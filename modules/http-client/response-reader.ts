import { contentLength, isChunked, listOf } from "./fields.js";

/** What is read next. In "body" the bytes are the caller's, everywhere else {@link ResponseReader.take} wants them. */
export type ReaderState = "status" | "fields" | "body" | "chunk-size" | "chunk-end" | "trailer" | "end";

/** Bytes that are no HTTP/1.1. The message says what is wrong and repeats nothing of them. */
export class HttpGrammarError extends Error {
  override readonly name = "HttpGrammarError";
}

const FRAMING = Object.freeze(["connection", "content-length", "transfer-encoding"]);

/** Of a head, the interim ones before it included, of a chunk's line, of the trailer: many times what proxies send. */
const MAX_HEAD_BYTES = 65_536;
/** Of a line's or a value's text that is kept; what is longer means nothing to this client, and shows by its length. */
const MAX_TEXT_LENGTH = 4097;
const PIECE_LENGTH = 32;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/**
 * Reads responses of HTTP/1.1 byte by byte, so that it does not matter how they were cut. Pure. [RFC 9112]
 *
 * Reads what servers may send, and the deviations that the RFC lets a client forgive; whatever else is no HTTP ends in
 * an {@link HttpGrammarError}. Keeps the fields that are asked for and nothing of all others.
 */
export class ResponseReader {
  readonly #kept: readonly string[];
  readonly #piece = new Uint8Array(PIECE_LENGTH);
  #filled = 0;
  #text = "";
  #state: ReaderState = "status";
  #taken = 0;
  /** The next byte is the first of a line. */
  #fresh = true;
  #carriageReturn = false;
  /** What the bytes of a line go into. */
  #part: "text" | "name" | "value" | "nothing" = "text";
  #name = "";
  #status = 0;
  #headers = new Map<string, string>();
  #bodyLeft = 0;
  #chunked = false;
  #persistent = false;

  /** @param kept names of the header fields to keep, lower case, besides those that say where the body ends */
  constructor(kept: readonly string[]) {
    this.#kept = [...FRAMING, ...kept];
  }

  get state(): ReaderState {
    return this.#state;
  }

  get status(): number {
    return this.#status;
  }

  /** By lower-case name. What came several times is one list, the same value several times is there once. */
  get headers(): Map<string, string> {
    return this.#headers;
  }

  /** Bytes of the body, or of its present chunk, that come next; Infinity when the end of the connection ends it. */
  get bodyLeft(): number {
    return this.#state === "body" ? this.#bodyLeft : 0;
  }

  /** The connection can be asked again after this response, as far as its head says. */
  get persistent(): boolean {
    return this.#persistent;
  }

  /** Another response begins. */
  begin(): void {
    this.startHead();
    this.#taken = 0;
  }

  /** The caller took `count` bytes of the body. */
  bodyTaken(count: number): void {
    this.#bodyLeft -= count;
    if (this.#bodyLeft > 0) return;
    this.#state = this.#chunked ? "chunk-end" : "end";
    this.startLine();
  }

  /**
   * Takes a byte of anything but a body.
   * @returns true when it was the last of the final response's head
   * @throws HttpGrammarError
   */
  take(byte: number): boolean {
    this.#taken += 1;
    if (this.#taken > MAX_HEAD_BYTES) throw new HttpGrammarError("head too long");
    if (byte === LF) {
      this.#carriageReturn = false;
      return this.lineEnds();
    }
    // One that ends no line counts as a space. [RFC 9112 2.2]
    if (this.#carriageReturn) this.add(SPACE);
    this.#carriageReturn = byte === CR;
    if (!this.#carriageReturn) this.add(byte);
    return false;
  }

  private add(byte: number): void {
    if (this.#fresh) {
      this.#fresh = false;
      // A line that begins with a space continues the one before it. [RFC 9112 5.2]
      const isContinued = this.#state === "fields" && (byte === SPACE || byte === TAB);
      if (!isContinued) this.startField();
    }
    if (this.#part === "nothing") return;
    if (this.#part === "name" && byte === COLON) {
      this.#name = this.takeText().toLowerCase();
      this.#part = this.#kept.includes(this.#name) ? "value" : "nothing";
      return;
    }
    if (this.#text.length >= MAX_TEXT_LENGTH) return;
    this.#piece[this.#filled++] = byte;
    if (this.#filled === PIECE_LENGTH) this.flush();
  }

  private flush(): void {
    this.#text += String.fromCharCode(...this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
  }

  private takeText(): string {
    this.flush();
    const text = this.#text.trim();
    this.#text = "";
    return text;
  }

  private startHead(): void {
    this.#state = "status";
    this.#headers = new Map();
    this.startLine();
  }

  private startLine(): void {
    this.#fresh = true;
    this.#part = "text";
    this.#text = "";
    this.#filled = 0;
  }

  private startField(): void {
    if (this.#state === "trailer") this.#part = "nothing";
    if (this.#state !== "fields") return;
    this.storeField();
    this.#part = "name";
  }

  private storeField(): void {
    const value = this.takeText();
    if (this.#part !== "value") return;
    const known = this.#headers.get(this.#name);
    this.#headers.set(this.#name, known === undefined || known === value ? value : `${known}, ${value}`);
  }

  private lineEnds(): boolean {
    const isEmpty = this.#fresh;
    this.#fresh = true;
    switch (this.#state) {
      case "status":
        // Empty lines before it are passed over, as a server passes them over. [RFC 9112 2.2]
        if (!isEmpty) this.readStatus(this.takeText());
        return false;
      case "fields":
        return isEmpty && this.headEnds();
      case "chunk-end":
        if (!isEmpty) throw new HttpGrammarError("a chunk is longer than it says");
        this.startChunk();
        return false;
      case "chunk-size":
        this.readChunkSize(this.takeText());
        return false;
      default:
        if (isEmpty) this.#state = "end";
        return false;
    }
  }

  private readStatus(line: string): void {
    const match = /^HTTP\/1\.(\d) +(\d{3})(?: |$)/i.exec(line);
    if (match === null) throw new HttpGrammarError("no status line");
    this.#status = Number(match[2]);
    if (this.#status < 100 || this.#status === 101) throw new HttpGrammarError(`unexpected status ${this.#status}`);
    this.#persistent = match[1] !== "0";
    this.#state = "fields";
    this.#part = "nothing";
  }

  private headEnds(): boolean {
    this.storeField();
    if (this.#status < 200) {
      this.startHead();
      return false;
    }
    const { headers } = this;
    const options = listOf(headers.get("connection"));
    this.#persistent = (this.#persistent || options.includes("keep-alive")) && !options.includes("close");
    const chunked = isChunked(headers.get("transfer-encoding"));
    const length = contentLength(headers.get("content-length"));
    this.#chunked = false;
    if ([204, 205, 304].includes(this.#status)) this.startBody(0);
    else if (chunked === undefined) this.startBody(length ?? Number.POSITIVE_INFINITY);
    else if (!chunked) this.startBody(Number.POSITIVE_INFINITY);
    else {
      // A length beside chunks is no honest server's: nothing is asked behind it. [RFC 9112 6.3]
      this.#persistent &&= !headers.has("content-length");
      this.#chunked = true;
      this.startChunk();
    }
    return true;
  }

  private startBody(length: number): void {
    this.#bodyLeft = length;
    this.#state = length === 0 ? "end" : "body";
    this.#persistent &&= Number.isFinite(length);
    this.startLine();
  }

  private startChunk(): void {
    this.#state = "chunk-size";
    this.#taken = 0;
    this.startLine();
  }

  private readChunkSize(line: string): void {
    const digits = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (digits === undefined) throw new HttpGrammarError("no length of a chunk");
    this.#bodyLeft = Number.parseInt(digits, 16);
    this.#state = this.#bodyLeft === 0 ? "trailer" : "body";
    this.startLine();
  }
}
