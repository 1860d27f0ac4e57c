/**
 * One direction of a virtual connection: cuts bytes into chunks, lets the link delay them and a fault decide about
 * each.
 */
import type { BoardClock, CancelTimer } from "../clock.js";
import type { Chunk, ChunkFate, Link } from "./virtual-types.js";

export interface PipeEnds {
  readonly clock: BoardClock;
  readonly link: () => Link;
  readonly maxChunk: number;
  readonly describe: (index: number, offset: number, bytes: Uint8Array) => Chunk;
  readonly fateOf: (chunk: Chunk) => ChunkFate | undefined;
  /** Bytes the receiver takes now; the pipe waits while it is 0. */
  readonly room: () => number;
  readonly deliver: (bytes: Uint8Array) => void;
  /** The sender ended, after all its bytes. */
  readonly ended: () => void;
  readonly reset: () => void;
  /** Nothing waits any more. */
  readonly drained: () => void;
}

export class VirtualPipe {
  readonly #ends: PipeEnds;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #index = 0;
  #offset = 0;
  #ending = false;
  #stopped = false;
  #moving: CancelTimer | undefined;
  /** A delay that a fault added to the chunk in front. */
  #delayed = false;

  constructor(ends: PipeEnds) {
    this.#ends = ends;
  }

  get waiting(): number {
    return this.#queued;
  }

  send(bytes: Uint8Array): void {
    if (this.#stopped || this.#ending || bytes.byteLength === 0) return;
    this.#queue.push(bytes.slice());
    this.#queued += bytes.byteLength;
    this.pump();
  }

  end(): void {
    this.#ending = true;
    this.pump();
  }

  /** Nothing moves any more. */
  stop(): void {
    this.#stopped = true;
    this.#moving?.();
    this.#queue = [];
    this.#queued = 0;
  }

  /** To be called when the receiver has room again. */
  pump(): void {
    if (this.#stopped || this.#moving !== undefined) return;
    if (this.#queued === 0 && !this.#ending) return;
    if (this.#queued > 0 && this.#ends.room() <= 0) return;
    const { latencyMs, bytesPerSecond } = this.#ends.link();
    this.#after(latencyMs + (this.#next(false).byteLength / bytesPerSecond) * 1000);
  }

  #after(ms: number): void {
    this.#moving = this.#ends.clock.after(ms, () => {
      this.#moving = undefined;
      this.#move();
    });
  }

  /** The chunk in front, as large as link and receiver allow. */
  #next(take: boolean): Uint8Array {
    const limit = Math.min(this.#ends.link().chunkBytes, this.#ends.maxChunk, this.#ends.room());
    const front = this.#queue[0] ?? new Uint8Array(0);
    const chunk = front.subarray(0, limit);
    if (take) {
      this.#queued -= chunk.byteLength;
      if (chunk.byteLength === front.byteLength) this.#queue.shift();
      else this.#queue[0] = front.subarray(chunk.byteLength);
    }
    return chunk;
  }

  #move(): void {
    if (this.#queued === 0) {
      this.stop();
      this.#ends.ended();
      return;
    }
    const preview = this.#next(false);
    if (preview.byteLength === 0) return;
    const fate = this.#delayed
      ? "deliver"
      : (this.#ends.fateOf(this.#ends.describe(this.#index, this.#offset, preview)) ?? "deliver");
    if (typeof fate === "object" && "delayMs" in fate) {
      this.#delayed = true;
      this.#after(fate.delayMs);
      return;
    }
    this.#delayed = false;
    if (fate === "stall") {
      this.stop();
      return;
    }
    if (fate === "half-close") {
      this.stop();
      this.#ends.ended();
      return;
    }
    if (fate === "reset") {
      this.#ends.reset();
      return;
    }
    const chunk = this.#next(true);
    this.#index += 1;
    this.#offset += chunk.byteLength;
    if (fate !== "drop") this.#ends.deliver(typeof fate === "object" ? fate.bytes : chunk);
    if (this.#queued === 0) this.#ends.drained();
    this.pump();
  }
}
