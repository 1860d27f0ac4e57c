import { FotaPatchError } from "./errors.js";
import {
  BASE_PART_LENGTH,
  BASE_PART_START,
  FAULT_SURPLUS,
  FIRST_FAULT,
  FRAME_DONE,
  FRAME_LENGTH,
  type FrameDecoder,
  faultText,
  HAS_PIECE,
  NEEDS_BASE,
  PIECE_LENGTH,
} from "./frame-step.js";
import { MAX_IMAGE_LENGTH, PATCH_HEADER_LENGTH, type PatchHeader, readPatchHeader } from "./patch-header.js";
import { ScriptFrameDecoder } from "./script-frame-decoder.js";

/** The image that the patch is made for. It is only read, and never beyond its size. */
export type PatchBase = {
  /** Bytes of the image, not of its slot. */
  readonly size: number;
  /** Fills `target` with what lies at `byteOffset`. What it throws comes out as the cause of "base-read-failed". */
  read(target: Uint8Array, byteOffset: number): void;
};

/** Where the image goes. */
export type PatchSink = {
  /**
   * The next bytes of the image, at most 4096 and fewer only at its end. They are valid during the call alone. What it
   * throws comes out of the decoder as it is.
   */
  write(bytes: Uint8Array): unknown;
};

/** A frame's edge: a decoder can begin here. */
export type PatchFrame = {
  /** Bytes of the image before it, a multiple of 65,536 but at the image's end. */
  readonly imageOffset: number;
  /** Bytes of the patch before it. */
  readonly patchOffset: number;
};

/** What a decoder is made of. */
export type PatchDecoderOptions = {
  /** Absent for a patch that needs none: a compressed image. */
  readonly base?: PatchBase | undefined;
  /** Bytes of the image, as whoever offered the patch says. */
  readonly imageSize: number;
  readonly sink: PatchSink;
  /** Where to begin in the image, an edge as `frame` gave it. Default 0: the patch's header comes first. */
  readonly offset?: number;
  /** Where in the patch the first byte lies that will be written. Default 0, and 0 where `offset` is. */
  readonly patchOffset?: number;
  /** What the patch says about itself, before anything else happens. May throw to refuse it. */
  readonly onHeader?: ((header: PatchHeader) => void) | undefined;
  /** What decodes the frames. Default: JavaScript. */
  readonly frames?: FrameDecoder;
};

/**
 * Makes an image out of a patch, whose bytes come in any pieces, and the image that it is made for. After any exception
 * it takes no more bytes; another one goes on at `frame`. Its buffers are made once: some 12 KiB.
 */
export class PatchDecoder {
  #options: PatchDecoderOptions;
  #frames: FrameDecoder;
  #piece: Uint8Array;
  #basePart: Uint8Array;
  #header: Uint8Array | undefined;
  #headerFill = 0;
  #baseSize: number;
  /** The edge before the bytes that come next. */
  #imageOffset: number;
  #patchOffset: number;
  /** Bytes of the patch taken so far. */
  #taken: number;
  #isHungry = true;
  #closed = false;

  /** @throws FotaPatchError "bad-option" */
  constructor(options: PatchDecoderOptions) {
    const { base, imageSize, offset = 0, patchOffset = 0, frames = new ScriptFrameDecoder() } = options;
    const isEdge = offset % FRAME_LENGTH === 0 || offset === imageSize;
    if (!isCount(imageSize) || imageSize === 0 || !isCount(offset) || offset > imageSize || !isEdge) {
      throw new FotaPatchError("bad-option", `an image of ${imageSize} bytes cannot go on at ${offset}`);
    }
    if (!Number.isInteger(patchOffset) || patchOffset < 0 || (offset === 0) !== patchOffset < PATCH_HEADER_LENGTH) {
      throw new FotaPatchError("bad-option", `image offset ${offset} does not go with patch offset ${patchOffset}`);
    }
    if (base !== undefined && !isCount(base.size)) throw new FotaPatchError("bad-option", `base of ${base.size} bytes`);
    this.#options = options;
    this.#frames = frames;
    this.#baseSize = base?.size ?? 0;
    this.#piece = frames.room.subarray(0, PIECE_LENGTH);
    const partLength = Math.min(BASE_PART_LENGTH, this.#baseSize);
    this.#basePart = frames.room.subarray(BASE_PART_START, BASE_PART_START + partLength);
    this.#imageOffset = offset;
    this.#patchOffset = patchOffset;
    this.#taken = patchOffset;
    if (offset === 0) this.#header = new Uint8Array(PATCH_HEADER_LENGTH);
    else this.beginFrame();
  }

  /** The last edge at which all of the image before it is with the sink. */
  get frame(): PatchFrame {
    return { imageOffset: this.#imageOffset, patchOffset: this.#patchOffset };
  }

  /** The image is complete. */
  get isComplete(): boolean {
    return this.#imageOffset === this.#options.imageSize;
  }

  /** It has nothing more to do with the bytes that it took. */
  get isHungry(): boolean {
    return this.#isHungry;
  }

  /**
   * Takes the next bytes, all of them. Blocks until all that they bring is with the sink, which may be far more than
   * they are.
   * @throws FotaPatchError "patch-invalid", "patch-unsupported", "patch-size", "base-mismatch", "base-read-failed",
   * "closed"; what the sink and `onHeader` throw
   */
  write(bytes: Uint8Array): void {
    let at = 0;
    do at = this.writeSome(bytes, at);
    while (at < bytes.length || !this.#isHungry);
  }

  /**
   * As `write`, but returns after a piece went to the sink, or sooner: call it again with the same bytes from what it
   * returned, until that is their length and `isHungry` holds.
   */
  writeSome(bytes: Uint8Array, from: number): number {
    if (this.#closed) throw new FotaPatchError("closed", "patch decoder is closed");
    try {
      return this.#header === undefined ? this.decode(bytes, from) : this.collectHeader(bytes, from);
    } catch (error) {
      this.#closed = true;
      throw error;
    }
  }

  /** The patch has ended. @throws FotaPatchError "patch-truncated", "closed" */
  finish(): void {
    if (this.#closed) throw new FotaPatchError("closed", "patch decoder is closed");
    this.#closed = true;
    if (this.isComplete && this.#isHungry) return;
    const { imageSize } = this.#options;
    throw new FotaPatchError(
      "patch-truncated",
      `ended after ${this.#taken} bytes, at ${this.#imageOffset} of ${imageSize}`,
    );
  }

  private collectHeader(bytes: Uint8Array, from: number): number {
    const header = this.#header;
    if (header === undefined) return from;
    const count = Math.min(bytes.length - from, PATCH_HEADER_LENGTH - this.#headerFill);
    header.set(bytes.subarray(from, from + count), this.#headerFill);
    this.#headerFill += count;
    this.#taken += count;
    if (this.#headerFill === PATCH_HEADER_LENGTH) {
      this.#header = undefined;
      this.judge(readPatchHeader(header));
      this.#patchOffset = this.#taken;
      this.beginFrame();
    }
    return from + count;
  }

  private judge(header: PatchHeader): void {
    const { base, imageSize, onHeader } = this.#options;
    if (header.imageSize !== imageSize) {
      throw new FotaPatchError("patch-size", `gives ${header.imageSize} bytes, not ${imageSize}`);
    }
    if (header.baseSize > 0 && header.baseSize !== base?.size) {
      throw new FotaPatchError("base-mismatch", `made for ${header.baseSize} bytes, not ${base?.size ?? 0}`);
    }
    onHeader?.(header);
    if (header.baseSize === 0) this.#baseSize = 0;
  }

  private beginFrame(): void {
    const length = Math.min(FRAME_LENGTH, this.#options.imageSize - this.#imageOffset);
    this.#frames.begin(this.#imageOffset, length, this.#baseSize);
  }

  private decode(bytes: Uint8Array, from: number): number {
    const { base, imageSize, sink } = this.#options;
    const frames = this.#frames;
    if (this.#imageOffset === imageSize) {
      if (from < bytes.length) throw invalid(FAULT_SURPLUS);
      return from;
    }
    const step = frames.decode(bytes, from, bytes.length);
    const { at } = frames;
    this.#taken += at - from;
    this.#isHungry = step === 0;
    if (step >= FIRST_FAULT) throw invalid(step);
    if (step === HAS_PIECE) {
      const { pieceLength } = frames;
      sink.write(pieceLength === PIECE_LENGTH ? this.#piece : this.#piece.subarray(0, pieceLength));
    } else if (step === NEEDS_BASE && base !== undefined) {
      this.readBase(base, frames.baseOffset);
    } else if (step === FRAME_DONE) {
      this.endFrame();
    }
    return at;
  }

  private readBase(base: PatchBase, offset: number): void {
    try {
      base.read(this.#basePart, offset);
    } catch (cause) {
      throw new FotaPatchError("base-read-failed", cause instanceof Error ? cause.message : "base", { cause });
    }
  }

  private endFrame(): void {
    const { imageSize } = this.#options;
    const { kept } = this.#frames;
    this.#imageOffset = Math.min(this.#imageOffset + FRAME_LENGTH, imageSize);
    this.#patchOffset = this.#taken - kept;
    this.#isHungry = this.#imageOffset === imageSize;
    if (!this.isComplete) this.beginFrame();
    else if (kept > 0) throw invalid(FAULT_SURPLUS);
  }
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= MAX_IMAGE_LENGTH;

function invalid(step: number): FotaPatchError {
  return new FotaPatchError("patch-invalid", faultText(step));
}
