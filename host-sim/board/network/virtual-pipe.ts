/**
 * One direction of a virtual connection: cuts bytes into chunks, sends them in segments as far as the receiver's window
 * lets it, and lets a fault decide about each chunk that arrives.
 */
import type { CancelTimer } from "../clock.js";
import type { VirtualClock } from "../virtual-clock.js";
import { SendWindow } from "./send-window.js";
import type { Chunk, ChunkFate, Link, SentSegment } from "./virtual-types.js";

export interface PipeEnds {
  readonly clock: VirtualClock;
  readonly link: () => Link;
  readonly maxChunk: number;
  /** Bytes that go with each chunk besides its own: of a TLS record. */
  readonly overhead: number;
  /** Bytes that may be on the way or unread. */
  readonly window: number;
  /** The receiver is the board, which hears of nothing while it is busy. Otherwise it is a computer. */
  readonly toBoard: boolean;
  readonly onSent: (segment: Pick<SentSegment, "length" | "sent" | "due">) => void;
  readonly describe: (index: number, offset: number, bytes: Uint8Array) => Chunk;
  readonly fateOf: (chunk: Chunk) => ChunkFate | undefined;
  /** Whether the receiver takes what has arrived; if not, it stays in the window. */
  readonly takes: () => boolean;
  /** What is taken is read at once. Otherwise {@link VirtualPipe.read} tells of it. */
  readonly readsAtOnce: boolean;
  readonly deliver: (bytes: Uint8Array) => void;
  /** The sender ended, after all its bytes. */
  readonly ended: () => void;
  readonly reset: () => void;
  /** Nothing waits any more. */
  readonly drained: () => void;
}

interface Segment {
  /** When it reaches the receiver. */
  readonly due: number;
  /** On the wire. */
  readonly length: number;
  /** The chunks that are complete with it. */
  readonly chunks: Uint8Array[];
  readonly isEnd: boolean;
}

/** What the receiver sees as one piece, and how much of it is to be sent yet, on the wire. */
interface Frame {
  readonly bytes: Uint8Array;
  left: number;
}

/** Ethernet's, less the headers of IP and TCP, as the SDK sets lwIP. */
const SEGMENT = 1436;

/** Where nothing takes time, smaller pieces would say nothing. */
function segmentAt(bytesPerSecond: number): number {
  return Number.isFinite(bytesPerSecond) ? SEGMENT : Number.POSITIVE_INFINITY;
}

export class VirtualPipe {
  readonly #ends: PipeEnds;
  readonly #window: SendWindow;
  #frames: Frame[] = [];
  /** Of all frames, on the wire. */
  #toSend = 0;
  #underWay: Segment[] = [];
  /** In the receiver's window, and not taken. */
  #arrived: Segment[] = [];
  #lastDue = 0;
  #waiting = 0;
  #index = 0;
  #offset = 0;
  #ending = false;
  #stopped = false;
  #moving: CancelTimer | undefined;
  /** A delay that a fault added to the chunk in front. */
  #delay: CancelTimer | undefined;
  #delayed = false;
  #taking = false;

  constructor(ends: PipeEnds) {
    this.#ends = ends;
    this.#window = new SendWindow(ends.window);
  }

  /** Bytes that were not delivered yet. */
  get waiting(): number {
    return this.#waiting;
  }

  send(bytes: Uint8Array): void {
    if (this.#stopped || this.#ending || bytes.byteLength === 0) return;
    this.#frame(bytes.slice());
    this.#waiting += bytes.byteLength;
    this.#transmit();
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#transmit();
  }

  /** Nothing moves any more. */
  stop(): void {
    this.#stopped = true;
    this.#moving?.();
    this.#delay?.();
    this.#frames = [];
    this.#toSend = 0;
    this.#underWay = [];
    this.#arrived = [];
    this.#waiting = 0;
  }

  /** The receiver read so many bytes: their room in the window is told to the sender. */
  read(count: number): void {
    this.#window.open(count, this.#ends.clock.exact + this.#ends.link().latencyMs);
    this.#transmit();
  }

  /** To be called when the receiver takes bytes again. */
  resume(): void {
    if (this.#stopped || this.#taking || this.#delay !== undefined) return;
    this.#taking = true;
    while (!this.#stopped && this.#delay === undefined && this.#ends.takes()) {
      const segment = this.#arrived[0];
      if (segment === undefined) break;
      this.#take(segment);
    }
    this.#taking = false;
  }

  /** Sends what the window lets through, now or as soon as the sender hears of the room. */
  #transmit(): void {
    const { clock, link } = this.#ends;
    while (!this.#stopped && this.#toSend > 0) {
      const { latencyMs, bytesPerSecond } = link();
      const room = this.#window.take(this.#wanted(), clock.exact, bytesPerSecond);
      if (room === undefined) break;
      const due = room.sent + latencyMs;
      this.#ends.onSent({ length: room.length, sent: room.sent, due });
      this.#depart({ due, length: room.length, chunks: this.#pack(room.length) });
    }
    if (this.#ending && !this.#stopped && this.#toSend === 0 && this.#underWay.at(-1)?.isEnd !== true)
      this.#depart({ due: clock.exact + link().latencyMs, length: 0, chunks: [], isEnd: true });
  }

  /** With TLS a frame is a record. */
  #frame(bytes: Uint8Array): void {
    const { link, maxChunk, overhead } = this.#ends;
    const most = Math.min(link().chunkBytes, maxChunk);
    for (let at = 0; at < bytes.byteLength; at += most) {
      const part = bytes.subarray(at, at + most);
      this.#frames.push({ bytes: part, left: part.byteLength + overhead });
      this.#toSend += part.byteLength + overhead;
    }
  }

  /** Length of the next segment. Without records the receiver sees each one as it is. */
  #wanted(): number {
    const { link, readsAtOnce } = this.#ends;
    const whole = readsAtOnce ? this.#toSend : (this.#frames[0]?.left ?? 0);
    return Math.min(whole, segmentAt(link().bytesPerSecond));
  }

  /** So many bytes of the frames go. Returns those that are complete with them. */
  #pack(length: number): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    this.#toSend -= length;
    for (let left = length; left > 0; ) {
      const [frame] = this.#frames;
      if (frame === undefined) break;
      const part = Math.min(frame.left, left);
      if (!this.#ends.readsAtOnce) {
        const at = frame.bytes.byteLength - frame.left;
        chunks.push(frame.bytes.subarray(at, at + part));
      } else if (part === frame.left) chunks.push(frame.bytes);
      frame.left -= part;
      left -= part;
      if (frame.left === 0) this.#frames.shift();
    }
    return chunks;
  }

  #depart(segment: Omit<Segment, "isEnd"> & { readonly isEnd?: boolean }): void {
    this.#lastDue = Math.max(this.#lastDue, segment.due);
    this.#underWay.push({ isEnd: false, ...segment, due: this.#lastDue });
    this.#schedule();
  }

  #schedule(): void {
    const first = this.#underWay[0];
    if (this.#moving !== undefined || first === undefined) return;
    const { clock, toBoard } = this.#ends;
    const arrive = () => {
      this.#moving = undefined;
      const segment = this.#underWay.shift();
      if (segment !== undefined) this.#arrived.push(segment);
      this.#schedule();
      this.resume();
    };
    this.#moving = toBoard ? clock.at(first.due, arrive) : clock.elsewhere(first.due, arrive);
  }

  #take(segment: Segment): void {
    const { readsAtOnce, ended } = this.#ends;
    if (segment.isEnd) {
      this.stop();
      ended();
      return;
    }
    const [chunk] = segment.chunks;
    if (chunk !== undefined) {
      if (!this.#admit(chunk)) return;
      segment.chunks.shift();
    }
    if (segment.chunks.length > 0) return;
    this.#arrived.shift();
    if (readsAtOnce) this.read(segment.length);
    if (chunk !== undefined && this.#waiting === 0) this.#ends.drained();
  }

  /** A whole chunk is there. False: it stays, or it was the last. */
  #admit(chunk: Uint8Array): boolean {
    const { clock, describe, deliver, ended, reset, fateOf } = this.#ends;
    const fate = this.#delayed ? "deliver" : (fateOf(describe(this.#index, this.#offset, chunk)) ?? "deliver");
    if (typeof fate === "object" && "delayMs" in fate) {
      this.#delayed = true;
      this.#delay = clock.after(fate.delayMs, () => {
        this.#delay = undefined;
        this.resume();
      });
      return false;
    }
    this.#delayed = false;
    if (fate === "stall" || fate === "half-close") {
      this.stop();
      if (fate === "half-close") ended();
      return false;
    }
    if (fate === "reset") {
      reset();
      return false;
    }
    this.#index += 1;
    this.#offset += chunk.byteLength;
    this.#waiting -= chunk.byteLength;
    if (fate !== "drop") deliver(typeof fate === "object" ? fate.bytes : chunk);
    // Without TLS a lost or changed chunk gives the room back that it took.
    if (!this.#ends.readsAtOnce) this.#settle(chunk.byteLength, fate);
    return !this.#stopped;
  }

  #settle(length: number, fate: ChunkFate): void {
    const visible = fate === "drop" ? 0 : typeof fate === "object" && "bytes" in fate ? fate.bytes.byteLength : length;
    if (visible !== length) this.#window.open(length - visible, this.#ends.clock.exact);
  }
}
