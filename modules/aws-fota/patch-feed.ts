import type { FrameDecoder, PatchBase } from "../fota-patch/index.js";
import { hexFromBytes } from "../foundation/hex.js";
import type { SlotReader } from "../ota-partition/index.js";
import { FotaError } from "./errors.js";
import type { AppliedPatch } from "./loaded-part.js";
import type { Parts, PatchPart } from "./parts.js";
import type { TimerId, TimerPort } from "./ports.js";
import type { PatchOffer } from "./update-document.js";

/** Bytes of the image that are made before other work gets its turn: with the erase of a block under them, 300 ms. */
const BYTES_PER_TURN = 16384;
/** Bytes of the patch that wait: while there are some, the server does. */
const BUFFER_LENGTH = 1024;
const BEGINNING = Object.freeze({ patchOffset: 0, imageOffset: 0 });

export type PatchFeedOptions = {
  readonly timer: TimerPort;
  readonly parts: Pick<Parts, "patch">;
  readonly patch: PatchOffer;
  /** Of the image, by the document. */
  readonly imageSize: number;
  readonly imageDigest: string | undefined;
  /** The running slot; undefined when the patch is against nothing. Stays the caller's. */
  readonly flash: SlotReader | undefined;
  /** What decodes the frames. Undefined: JavaScript. */
  readonly frames?: FrameDecoder | undefined;
  /** Where an earlier run left it, and so many bytes of the image are on flash. Undefined: at the beginning. */
  readonly from: AppliedPatch | undefined;
  readonly written: number;
  /** Takes the image's bytes, those that are on flash left out. */
  readonly write: (bytes: Uint8Array) => void;
  /** False: the flash is behind; `proceed` is called after its next command. */
  readonly hasRoom: () => boolean;
  /** On a turn of its own: it is not busy any more. */
  readonly onReady: () => void;
  /** Something threw on a turn of its own. */
  readonly onFailed: (error: unknown) => void;
};

type Edge = { readonly patchOffset: number; readonly imageOffset: number };

/**
 * Makes the image out of the running one and the bytes of a patch. Some of them may stand for a whole frame of the
 * image, which takes seconds to erase and write: it works in turns, and lets the server wait meanwhile.
 */
export class PatchFeed {
  readonly #options: PatchFeedOptions;
  readonly #decoder: PatchPart;
  readonly #waiting = new Uint8Array(BUFFER_LENGTH);
  #at = 0;
  #end = 0;
  #taken: number;
  #toSkip: number;
  /** Bytes of the image in this turn. */
  #made = 0;
  /** The last edges of frames: what the writer has not on flash yet may be behind the newer one. */
  #edges: readonly [Edge, Edge];
  #turn: TimerId | undefined;

  constructor(options: PatchFeedOptions) {
    const { parts, patch, flash, imageSize, frames, from, written } = options;
    this.#options = options;
    this.#taken = from?.at ?? 0;
    this.#toSkip = written - (from?.from ?? 0);
    const edge = from === undefined ? BEGINNING : { patchOffset: from.at, imageOffset: from.from };
    this.#edges = [edge, edge];
    this.#decoder = parts.patch({
      base: flash === undefined || patch.base === undefined ? undefined : baseIn(flash, patch.base.size),
      imageSize,
      ...(frames !== undefined && { frames }),
      offset: edge.imageOffset,
      patchOffset: edge.patchOffset,
      onHeader: ({ baseSize, baseSha256, imageSha256 }) => {
        if (baseSize > 0 && hexFromBytes(baseSha256) !== patch.base?.digest)
          throw new FotaError("base-mismatch", "made against another file than the document says");
        if (hexFromBytes(imageSha256) !== options.imageDigest)
          throw new FotaError("patch-mismatch", "gives another image than the document says");
      },
      sink: { write: (bytes) => this.give(bytes) },
    });
  }

  /** Byte of the patch to be given next. */
  get next(): number {
    return this.#taken;
  }

  get isBusy(): boolean {
    return this.#at < this.#end || !this.#decoder.isHungry;
  }

  /** What a restart goes on with when `written` bytes of the image are on flash. */
  applied(written: number): AppliedPatch {
    const [older, newer] = this.#edges;
    const { patchOffset, imageOffset } = newer.imageOffset <= written ? newer : older;
    return { base: this.#options.patch.base?.digest ?? "", at: patchOffset, from: imageOffset };
  }

  /** Where the next bytes of the patch are put; undefined while it is busy. */
  get space(): Uint8Array | undefined {
    return this.isBusy ? undefined : this.#waiting;
  }

  /** A part of `space`, and not while it is busy. @throws what the decoder and `write` throw */
  take(bytes: Uint8Array): void {
    // What a server sends again may have been passed over in front of them.
    if (bytes.byteOffset !== this.#waiting.byteOffset) this.#waiting.set(bytes);
    this.#at = 0;
    this.#end = bytes.length;
    this.#taken += bytes.length;
    this.work();
    if (this.isBusy) this.goOn();
  }

  /** The flash has done a command. Never throws. */
  proceed(): void {
    if (this.#turn === undefined && this.isBusy) this.turn();
  }

  /** @throws what the decoder throws when something is missing */
  finish(): void {
    this.#decoder.finish();
  }

  close(): void {
    this.#options.timer.clear(this.#turn);
    this.#turn = undefined;
    this.#at = this.#end = 0;
  }

  private work(): void {
    const decoder = this.#decoder;
    const bytes = this.#end === BUFFER_LENGTH ? this.#waiting : this.#waiting.subarray(0, this.#end);
    this.#made = 0;
    do this.#at = decoder.writeSome(bytes, this.#at);
    while (this.isBusy && this.#made < BYTES_PER_TURN && this.#options.hasRoom());
    const { frame } = decoder;
    const [, newer] = this.#edges;
    if (frame.imageOffset > newer.imageOffset) this.#edges = [newer, frame];
  }

  /** On a turn of its own, or behind the flash. */
  private goOn(): void {
    const { timer, hasRoom } = this.#options;
    if (!hasRoom()) return;
    this.#turn = timer.set(() => {
      this.#turn = undefined;
      this.turn();
    }, 0);
  }

  private turn(): void {
    try {
      this.work();
    } catch (error) {
      this.close();
      this.#options.onFailed(error);
      return;
    }
    if (this.isBusy) this.goOn();
    else this.#options.onReady();
  }

  private give(bytes: Uint8Array): void {
    this.#made += bytes.length;
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    if (skipped < bytes.length) this.#options.write(skipped === 0 ? bytes : bytes.subarray(skipped));
  }
}

/** A driver's method may need its object. */
function baseIn(flash: SlotReader, size: number): PatchBase {
  return { size, read: (target, byteOffset) => flash.read(target, byteOffset) };
}
