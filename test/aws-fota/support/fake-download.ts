import { FotaDownloadError, type FotaDownloadOptions } from "../../../modules/fota-download/index.js";
import type { SlotWriterOptions } from "../../../modules/ota-partition/index.js";
import { BLOCK, SIZE, verifiedImage } from "./documents.js";
import { tinyImage } from "./fake-board.js";

/** The downloader: the test plays the server. */
export class FakeDownload {
  offset: number;
  stats = { requests: 1, connections: 1, retries: 0, bytes: 0 };
  started = false;
  closed = false;

  constructor(readonly options: FotaDownloadOptions) {
    this.offset = options.offset ?? 0;
  }

  start(): void {
    this.started = true;
  }

  close(): void {
    this.closed = true;
  }

  headers(size = SIZE, etag: string | undefined = '"e1"'): void {
    this.options.onHeaders?.({ size, offset: this.offset, ...(etag === undefined ? {} : { etag }) });
  }

  body(length: number): void {
    if (this.closed) return;
    this.stats.bytes += length;
    try {
      this.options.sink.write(new Uint8Array(length));
      this.offset += length;
    } catch (cause) {
      this.closed = true;
      this.options.onError(new FotaDownloadError("sink-failed", "a callback threw", { cause }));
    }
  }

  /** Headers, all that is missing, the end. */
  complete(): void {
    this.headers();
    while (this.offset < SIZE && !this.closed) this.body(Math.min(BLOCK, SIZE - this.offset));
    if (!this.closed) this.options.onDone({ ...this.stats, size: SIZE, etag: '"e1"' });
  }

  fail(code: ConstructorParameters<typeof FotaDownloadError>[0], reason = code): void {
    this.closed = true;
    this.options.onError(new FotaDownloadError(code, "server", { reason }));
  }
}

/** Checksum and digest: without them the bootloader takes no image. */
const TAIL = 48;

/**
 * The writer of a download whose bytes do not matter: in their place a tiny image goes into the slot, so that the bootloader has something to start.
 * Its end comes with the last byte of the download, and not before.
 */
export class FakeWriter {
  position: number;
  #judged = false;
  readonly #bytes: Uint8Array;

  constructor(
    readonly options: SlotWriterOptions,
    readonly image: { version: string; project: string },
  ) {
    this.position = options.offset ?? 0;
    this.#bytes = tinyImage(image.version, image.project);
  }

  get written(): number {
    return this.position;
  }

  get resumePoint(): number {
    return Math.floor(this.position / BLOCK) * BLOCK;
  }

  write(bytes: Uint8Array): number {
    if (!this.#judged) {
      this.#judged = true;
      this.options.onImage?.(verifiedImage(this.image));
    }
    const { position } = this;
    if (position % BLOCK === 0) this.options.flash.eraseBlock(position / 4096, position / 4096 + 16);
    this.position += bytes.length;
    const end = this.#bytes.length - TAIL;
    this.#program(Math.min(position, end), Math.min(this.position, end));
    if (this.position >= this.options.size) this.#program(end, this.#bytes.length);
    return bytes.length;
  }

  finish(): void {}

  close(): void {}

  #program(start: number, end: number): void {
    if (end > start) this.options.flash.write(this.#bytes.subarray(start, end), start);
  }
}
