import {
  type AllowedHosts,
  type FotaDownloadError,
  type FotaDownloadHeaders,
  mayStartOver,
} from "../fota-download/index.js";
import { SECTOR_LENGTH, type SlotReader, writtenPart } from "../ota-partition/index.js";
import { CountingFlash } from "./counting-flash.js";
import { imageTarget } from "./device.js";
import { asFotaError, FotaError } from "./errors.js";
import { KeptPart } from "./kept-part.js";
import { type LoadedPart, NOTHING_LOADED } from "./loaded-part.js";
import type { DownloadTuning } from "./options.js";
import type { DownloadPart, Parts, WriterPart } from "./parts.js";
import { PatchFeed } from "./patch-feed.js";
import type { ImageInfo } from "./policy.js";
import type { FotaPorts } from "./ports.js";
import type { Cost } from "./status-details.js";
import type { PatchOffer } from "./update-document.js";

const MAX_STORED_ETAG = 128;
const PROGRESS_UNIT = 4096;
const TLS_RECORD = 16_384;

export type DownloadPhaseOptions = {
  readonly ports: FotaPorts;
  readonly parts: Parts;
  readonly tuning: DownloadTuning;
  readonly url: string;
  /** `clock.ticks()` when the document came: the URL ages from there. */
  readonly urlArrived: number;
  readonly allowHttp: boolean;
  readonly allowedHosts: AllowedHosts;
  /** Length of the image by the document. */
  readonly size: number | undefined;
  /** SHA-256 of the image by the document. */
  readonly digest: string | undefined;
  /** What `url` leads to instead of the image; the document says `size` and `digest` then. */
  readonly patch: PatchOffer | undefined;
  /** Bytes of the smaller slot. */
  readonly limit: number;
  /** What an earlier run left. `size` 0: nothing. */
  readonly from: LoadedPart;
  /** A restart interrupted this download: the next one may come soon. */
  readonly resumed: boolean;
  readonly storeIntervalBytes: number;
  /** Digest or signature prove the image: it may be loaded anew more than once. */
  readonly isProvable: boolean;
  /** Bytes that the job has received before. */
  readonly receivedBefore: number;
  readonly judgeHeaders: (headers: {
    readonly size: number;
    readonly etag: string | undefined;
  }) => FotaError | undefined;
  readonly judgeImage: (info: ImageInfo) => FotaError | undefined;
  /** A part of the slot is about to be erased. */
  readonly onErase: (byteOffset: number, byteLength: number) => void;
  /** A request failed and is repeated. */
  readonly onRetry: (code: string, offset: number) => void;
  readonly onProgress: (written: number, size: number) => void;
  /** A further part is on flash and worth storing. */
  readonly onLoaded: (part: LoadedPart) => void;
  readonly onDone: (part: LoadedPart) => void;
  /** The downloader gave up; what is written stays. `renew` goes on with a fresh URL. */
  readonly onInterrupted: (error: FotaDownloadError) => void;
  /** The image or the flash is not what it should be. */
  readonly onFailed: (error: FotaError) => void;
};

/**
 * Brings the image from the server into the slot that is not running: one writer, and one downloader after the other.
 */
export class DownloadPhase {
  #options: DownloadPhaseOptions;
  #flash: CountingFlash | undefined;
  #writer: WriterPart | undefined;
  #download: DownloadPart | undefined;
  #from: LoadedPart;
  #size: number | undefined;
  #etag: string | undefined;
  #kept: KeptPart;
  #running: SlotReader | undefined;
  #feed: PatchFeed | undefined;
  #told = 0;
  /** Every byte came, and some wait for the feed or the flash. */
  #isLoaded = false;
  #before = { bytes: 0, requests: 0, retries: 0 };
  #closed = false;

  constructor(options: DownloadPhaseOptions) {
    this.#options = options;
    this.#from = options.from;
    this.#etag = options.from.etag;
    this.#kept = new KeptPart(options, options.from);
  }

  /** What it has cost so far. */
  get cost(): Cost {
    const { bytes, requests, retries } = this.#download?.stats ?? { bytes: 0, requests: 0, retries: 0 };
    return {
      bytes: this.#before.bytes + bytes,
      requests: this.#before.requests + requests,
      retries: this.#before.retries + retries,
      erases: this.#flash?.erases ?? 0,
    };
  }

  /** Bytes received for the job. */
  private get received(): number {
    return this.#options.receivedBefore + this.cost.bytes;
  }

  /** Bytes accepted by the writer. */
  get position(): number {
    return this.#writer?.position ?? this.#from.offset;
  }

  /** What is on flash at this moment; undefined when this run added nothing to it. */
  get part(): LoadedPart | undefined {
    const writer = this.#writer;
    const size = this.#size;
    if (writer === undefined || size === undefined) return undefined;
    return this.partAt(writer.written, size);
  }

  /** Bytes on flash that a restart at this moment would not find. */
  get atRisk(): number {
    const writer = this.#writer;
    return writer === undefined ? 0 : this.#kept.atRisk(writer.written, writer.blankTail);
  }

  start(): void {
    const { ports, url, urlArrived } = this.#options;
    try {
      // After this the slot cannot be selected, however far writing comes (design rule R9).
      ports.boot.begin();
      this.#flash = new CountingFlash(ports.openSlot(), this.#options.onErase);
      if (this.#options.patch?.base !== undefined) this.#running = ports.openRunning?.();
      this.#from = this.recovered(this.#flash);
    } catch (error) {
      this.fail(asFotaError(error, "install-failed"));
      return;
    }
    this.renew(url, urlArrived);
  }

  /** What was stored, and what reached flash after that. */
  private recovered(flash: CountingFlash): LoadedPart {
    const { from, ports } = this.#options;
    const offset = writtenPart(flash, from.offset, from.erasedTo);
    // They were received after the last store.
    if (from.patch === undefined) this.#before = { ...this.#before, bytes: offset - from.offset };
    if (offset > 0) ports.trace(`aws-fota: ${offset} bytes are on flash, ${from.offset} by the record`);
    return { ...from, offset };
  }

  /** Goes on with another URL of the same image, at the byte after the last accepted one. */
  renew(url: string, urlArrived: number): void {
    if (this.#closed || this.#flash === undefined) return;
    this.endDownload();
    const { ports, parts, tuning, size, patch, limit, allowHttp, allowedHosts } = this.#options;
    const offset = patch === undefined ? this.position : (this.#feed?.next ?? this.#from.patch?.at ?? 0);
    try {
      this.#download = parts.download({
        ...tuning,
        http: ports.http,
        https: ports.https,
        timer: ports.timer,
        clock: ports.clock,
        random: ports.random,
        trace: ports.trace,
        url,
        urlAge: Math.max(0, ports.clock.ticks() - urlArrived),
        allowHttp,
        allowedHosts,
        offset,
        size: patch === undefined ? size : patch.size,
        maxSize: limit,
        ...(this.#options.isProvable ? { receivedBefore: this.received } : {}),
        ...(offset > 0 && this.#etag !== undefined ? { etag: this.#etag } : {}),
        sink: { write: (bytes, more) => this.take(bytes, more), space: () => this.space },
        onHeaders: (headers) => this.takeHeaders(headers, url, urlArrived),
        onRestart: () => this.restart(),
        onRetry: this.#options.onRetry,
        onDone: () => this.loaded(),
        onError: (error) => this.interrupted(error),
      });
      this.#download.start();
    } catch (error) {
      this.fail(asFotaError(error, "internal-error"));
    }
  }

  close(): void {
    this.#closed = true;
    this.endDownload();
    this.#feed?.close();
    this.#writer?.close();
    this.#flash?.close();
    this.#running?.close();
  }

  private endDownload(): void {
    const { bytes, requests, retries } = this.cost;
    this.#before = { bytes, requests, retries };
    this.#download?.close();
    this.#download = undefined;
  }

  private takeHeaders(headers: FotaDownloadHeaders, url: string, urlArrived: number): void {
    const { patch, size: imageSize = 0, judgeHeaders } = this.#options;
    const size = patch === undefined ? headers.size : imageSize;
    const refusal = judgeHeaders({ size, etag: patch === undefined ? headers.etag : undefined });
    if (refusal !== undefined) {
      this.fail(refusal);
      return;
    }
    const expected = this.#size ?? this.#from.size;
    if (patch === undefined && headers.offset > 0 && expected !== 0 && expected !== headers.size) {
      // Without an entity tag only the length shows that the part on flash belongs to other content.
      if (!mayStartOver(this.received, headers.size)) {
        this.fail(new FotaError("content-changed", `${this.received} bytes received`));
        return;
      }
      this.restart();
      this.renew(url, urlArrived);
      return;
    }
    this.#size = size;
    this.#etag = isStorable(headers.etag) ? headers.etag : undefined;
    this.#writer ??= this.openWriter(size);
    if (patch !== undefined) this.#feed ??= this.openFeed(patch, size);
  }

  private openFeed(patch: PatchOffer, imageSize: number): PatchFeed {
    const { ports, parts, digest } = this.#options;
    return new PatchFeed({
      timer: ports.timer,
      parts,
      patch,
      imageSize,
      imageDigest: digest,
      flash: this.#running,
      frames: ports.patchFrames?.(),
      from: this.#from.patch,
      written: this.#from.offset,
      write: (bytes) => this.write(bytes, true),
      hasRoom: () => this.#writer?.isBusy !== true || this.#writer.space !== undefined,
      onReady: () => this.goOn(),
      onFailed: (error) => this.fail(asFotaError(error, "internal-error")),
    });
  }

  private openWriter(size: number): WriterPart | undefined {
    const { ports, parts, limit, judgeImage } = this.#options;
    if (this.#flash === undefined) return undefined;
    return parts.writer({
      flash: this.#flash,
      size,
      limit,
      offset: this.#from.offset,
      erasedTo: this.#from.erasedTo,
      timer: ports.timer,
      // What a patch gives waits for nobody: a sector is enough, its decoder has the memory.
      bufferLength: this.#options.patch === undefined ? bufferOf(this.#options.tuning) : SECTOR_LENGTH,
      onStep: () => this.stepped(),
      onFailure: (error) => this.fail(asFotaError(error, "internal-error")),
      onErased: (erasedTo, written, readable) => {
        if (this.#kept.erased(erasedTo, written, { size, readable })) this.store(written);
      },
      ...imageTarget(ports.boot.running()),
      onImage: (info) => {
        const refusal = judgeImage(info);
        if (refusal !== undefined) throw refusal;
      },
    });
  }

  /** Where the next bytes are put; undefined while those before it are worked on. */
  private get space(): Uint8Array | undefined {
    return this.#feed === undefined ? this.#writer?.space : this.#feed.space;
  }

  private take(bytes: Uint8Array, more: boolean): void {
    if (this.#feed === undefined) this.write(bytes, more);
    else this.#feed.take(bytes);
  }

  private write(bytes: Uint8Array, more: boolean): void {
    const writer = this.#writer;
    const size = this.#size;
    if (writer === undefined || size === undefined) throw new FotaError("internal-error", "body before headers");
    writer.write(bytes, more);
    this.tell(writer, size);
  }

  /** The flash has done a command. */
  private stepped(): void {
    const writer = this.#writer;
    const size = this.#size;
    if (writer === undefined || size === undefined) return;
    this.tell(writer, size);
    if (this.#closed) return; // by what was told
    if (this.#feed?.isBusy === true) this.#feed.proceed();
    else this.goOn();
  }

  /** The feed, or the flash, has done what it had to. */
  private goOn(): void {
    if (!this.#isLoaded) this.#download?.resume();
    else if (this.#feed?.isBusy !== true && this.#writer?.isBusy !== true) this.finish();
  }

  private tell(writer: WriterPart, size: number): void {
    const { written, blankTail } = writer;
    if (written < size && this.#kept.written(written, blankTail)) this.store(written);
    if (written - this.#told >= PROGRESS_UNIT) {
      this.#told = written;
      this.#options.onProgress(written, size);
    }
  }

  private store(offset: number): void {
    this.#options.onLoaded(this.partAt(offset, this.#size ?? 0));
  }

  private partAt(offset: number, size: number): LoadedPart {
    return { offset, erasedTo: this.#kept.erasedTo, size, etag: this.#etag, patch: this.#feed?.applied(offset) };
  }

  /** Nothing of what is on flash counts any more. */
  private restart(): void {
    this.#feed?.close();
    this.#writer?.close();
    this.#feed = this.#writer = undefined;
    this.#from = NOTHING_LOADED;
    this.#size = undefined;
    this.#etag = undefined;
    this.#told = 0;
    this.#isLoaded = false;
    if (this.#kept.restart()) this.#options.onLoaded(NOTHING_LOADED);
  }

  private loaded(): void {
    this.endDownload();
    this.#isLoaded = true;
    this.goOn();
  }

  private finish(): void {
    const writer = this.#writer;
    const size = this.#size;
    try {
      if (writer === undefined || size === undefined) throw new FotaError("internal-error", "end before headers");
      this.#feed?.finish();
      writer.finish();
      this.#options.onProgress(size, size);
      if (this.#closed) return; // by what was told
      // The tag of a patch says nothing of the image.
      const etag = this.#options.patch === undefined ? this.#etag : undefined;
      this.#options.onDone({ offset: size, erasedTo: 0, size, etag, patch: this.#feed?.applied(size) });
    } catch (error) {
      this.fail(asFotaError(error, "internal-error"));
    }
  }

  private interrupted(error: FotaDownloadError): void {
    this.endDownload();
    if (error.code === "sink-failed") this.fail(asFotaError(error, "internal-error"));
    else this.#options.onInterrupted(error);
  }

  private fail(error: FotaError): void {
    if (this.#closed) return;
    this.close();
    this.#options.onFailed(error);
  }
}

/** A whole TLS record, so that the next one can come while this one is written; or what the application gives. */
function bufferOf({ bufferLength = TLS_RECORD }: DownloadTuning): number {
  return Math.ceil(bufferLength / SECTOR_LENGTH) * SECTOR_LENGTH;
}

/** Only a strong entity tag proves the same bytes. [RFC 9110 8.8.1] */
function isStorable(etag: string | undefined): boolean {
  return etag !== undefined && !etag.startsWith("W/") && etag.length <= MAX_STORED_ETAG;
}
