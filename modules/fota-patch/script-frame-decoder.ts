import { FrameInflater, STREAM_DONE } from "./frame-inflater.js";
import {
  FAULT_SHORT,
  FAULT_SURPLUS,
  FAULT_TOO_LONG,
  FIRST_FAULT,
  FRAME_DONE,
  type FrameDecoder,
  MAX_FRAME_BYTES,
  NEEDS_BYTES,
  ROOM_LENGTH,
} from "./frame-step.js";
import { ImageBuilder } from "./image-builder.js";

/** Decodes frames in JavaScript: the reference, and what runs where there is no native decoder. */
export class ScriptFrameDecoder implements FrameDecoder {
  readonly room = new Uint8Array(ROOM_LENGTH);
  #inflater = new FrameInflater(this.room);
  #builder = new ImageBuilder(this.room);
  #isStreamDone = false;
  /** What is wrong behind all that was unpacked. That is used first: the verdict does not hang on how bytes come in. */
  #fault = 0;
  /** Bytes of the patch that this frame took. */
  #taken = 0;

  get pieceLength(): number {
    return this.#builder.pieceLength;
  }

  get baseOffset(): number {
    return this.#builder.baseOffset;
  }

  get kept(): number {
    return this.#inflater.kept;
  }

  get at(): number {
    return this.#inflater.at;
  }

  begin(imageOffset: number, length: number, baseSize: number): void {
    this.#isStreamDone = false;
    this.#fault = 0;
    this.#taken = this.#inflater.kept;
    this.#inflater.begin();
    this.#builder.begin(imageOffset, length, baseSize);
  }

  decode(bytes: Uint8Array, from: number, to: number): number {
    const inflater = this.#inflater;
    const builder = this.#builder;
    inflater.at = from;
    for (;;) {
      const built = builder.run(inflater.produced);
      if (built !== NEEDS_BYTES) return built;
      if (builder.isDone && builder.consumed < inflater.produced) return FAULT_SURPLUS;
      if (this.#fault !== 0) return this.#fault;
      if (this.#isStreamDone) return builder.isDone ? FRAME_DONE : FAULT_SHORT;
      const before = inflater.at;
      const result = inflater.run(bytes, before, to, builder.consumed);
      this.#taken += inflater.at - before;
      if (result >= FIRST_FAULT) this.#fault = result;
      else if (this.#taken - inflater.kept > MAX_FRAME_BYTES) this.#fault = FAULT_TOO_LONG;
      else if (result === STREAM_DONE) this.#isStreamDone = true;
      else if (result === NEEDS_BYTES && builder.consumed === inflater.produced) return NEEDS_BYTES;
    }
  }
}
