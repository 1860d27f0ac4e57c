import type { CancelTimer, CloudClock } from "../context/context.js";
import type { FaultDirection, FaultPlan } from "./fault-plan.js";

/** A packet held back for reordering goes out after this time when no other follows it. */
const MAX_HOLD_MS = 1000;

export interface FaultLaneOptions {
  readonly clock: CloudClock;
  readonly plan: FaultPlan | undefined;
  readonly direction: FaultDirection;
  clientId(): string;
  pass(bytes: Uint8Array): void;
  close(): void;
}

/** One direction of one connection: carries out what the plan decides for each packet. */
export class FaultLane {
  readonly #options: FaultLaneOptions;
  readonly #timers = new Set<CancelTimer>();
  #held: Uint8Array | undefined;
  #bytes = 0;
  #closed = false;

  constructor(options: FaultLaneOptions) {
    this.#options = options;
  }

  /** Takes one whole packet. */
  push(bytes: Uint8Array, packet: string, topic?: string): void {
    if (this.#closed) return;
    const { plan, direction } = this.#options;
    const seen = { direction, clientId: this.#options.clientId(), packet, topic };
    const decision = plan?.decide({ ...seen, byteLength: bytes.byteLength, bytesBefore: this.#bytes }) ?? {
      kind: "pass",
    };
    switch (decision.kind) {
      case "pass":
        this.#pass(bytes);
        break;
      case "drop":
        break;
      case "duplicate":
        this.#pass(bytes);
        this.#pass(bytes);
        break;
      case "corrupt":
        this.#pass(corrupted(bytes, decision.offset));
        break;
      case "delay":
        this.#later(decision.ms, () => this.#pass(bytes));
        break;
      case "reorder":
        this.#held = bytes;
        this.#later(MAX_HOLD_MS, () => this.#release());
        break;
      case "close":
        this.#options.close();
        break;
      case "close-after-bytes":
        this.#pass(bytes.subarray(0, Math.max(0, decision.bytes - this.#bytes)));
        this.#options.close();
        break;
    }
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #pass(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#bytes += bytes.byteLength;
    if (bytes.byteLength > 0) this.#options.pass(bytes);
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#pass(held);
  }

  #later(ms: number, callback: () => void): void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      callback();
    });
    this.#timers.add(cancel);
  }
}

function corrupted(bytes: Uint8Array, offset = bytes.byteLength - 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const index = Math.min(Math.max(0, offset), copy.byteLength - 1);
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
}
