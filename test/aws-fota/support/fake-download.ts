import { FotaDownloadError, type FotaDownloadOptions } from "../../../modules/fota-download/index.js";
import { BLOCK, SIZE } from "./documents.js";

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

  resume(): void {}

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
      this.options.sink.write(new Uint8Array(length), false);
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
