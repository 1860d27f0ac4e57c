import type { MqttSessionError } from "./errors.js";
import type { PacketIds } from "./packet-ids.js";

/** A message on its way out. */
export type OutgoingMessage = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly onDone: ((error?: MqttSessionError) => void) | undefined;
  /** 0 until it is written for the first time; the same for every repetition. */
  readonly id: number;
  /** How often it was written, at least in part. Above 0 the next time carries DUP. */
  readonly attempts: number;
};

type Entry = {
  -readonly [Key in keyof OutgoingMessage]: OutgoingMessage[Key];
} & {
  phase: "ready" | "writing" | "sent";
  /** Ticks since it was sent. */
  age: number;
  /** Repetitions on the present connection. */
  repeats: number;
};

export type AckVerdict = "wait" | "repeat" | "give-up";

/**
 * Ticks after which a packet is repeated. A tick is a quarter of the ack time-out; 5 and not 4, because a packet may be
 * sent just before a tick.
 */
export const ACK_TICKS = 5;
/** Unanswered repetitions on one connection after which the connection is taken for dead. */
const MAX_REPEATS = 1;

/** Decides what happens to a packet that waits for its acknowledgement, at each tick. */
export function tickVerdict(item: { age: number; repeats: number }): AckVerdict {
  item.age += 1;
  if (item.age < ACK_TICKS) return "wait";
  if (item.repeats >= MAX_REPEATS) return "give-up";
  item.age = 0;
  item.repeats += 1;
  return "repeat";
}

/**
 * Messages in the order in which they were published, until they are written (QoS 0) or acknowledged (QoS 1).
 * [MQTT-4.6.0-1] Repetitions go out in that order too.
 */
export class Outbox {
  readonly #limit: number;
  readonly #maxAttempts: number;
  readonly #ids: PacketIds;
  #entries: Entry[] = [];

  constructor(options: { readonly limit: number; readonly maxAttempts: number; readonly ids: PacketIds }) {
    this.#limit = options.limit;
    this.#maxAttempts = options.maxAttempts;
    this.#ids = options.ids;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** True while a PUBACK is awaited. */
  get awaiting(): boolean {
    return this.#entries.some((entry) => entry.phase === "sent");
  }

  /** The topic of the message whose PUBACK is awaited longest. */
  get oldestAwaited(): string | undefined {
    return this.#entries.find((entry) => entry.phase === "sent")?.topic;
  }

  /** @returns `undefined` when `limit` messages already wait */
  add(message: Pick<OutgoingMessage, "topic" | "payload" | "qos" | "onDone">): OutgoingMessage | undefined {
    if (this.#entries.length >= this.#limit) return undefined;
    const entry: Entry = { ...message, id: 0, attempts: 0, phase: "ready", age: 0, repeats: 0 };
    this.#entries.push(entry);
    return entry;
  }

  /** The message to be written next. */
  next(): OutgoingMessage | undefined {
    const entry = this.#entries.find(({ phase }) => phase === "ready");
    if (entry !== undefined && entry.qos === 1 && entry.id === 0) entry.id = this.#ids.take();
    return entry;
  }

  /** The first bytes of `message` have been written. */
  begun(message: OutgoingMessage): void {
    const entry = this.entry(message);
    if (entry === undefined) return;
    entry.phase = "writing";
    entry.attempts += 1;
  }

  /** The last bytes have been written. @returns true when that was all there is to do (QoS 0) */
  written(message: OutgoingMessage): boolean {
    const entry = this.entry(message);
    if (entry === undefined) return false;
    entry.phase = "sent";
    entry.age = 0;
    if (entry.qos === 0) this.cancel(entry);
    return entry.qos === 0;
  }

  /** PUBACK arrived. @returns the message it completes; `undefined` for an unknown or late one */
  acknowledge(id: number): OutgoingMessage | undefined {
    // Valid also while a repetition is still being written: it acknowledges the copy that was sent before.
    const entry = this.#entries.find(
      (candidate) => candidate.qos === 1 && candidate.id === id && candidate.attempts > 0,
    );
    if (entry !== undefined) this.cancel(entry);
    return entry;
  }

  /** Forgets the message. It is not sent again; bytes already on their way stay there. */
  cancel(message: OutgoingMessage): void {
    if (this.entry(message) === undefined) return;
    this.#entries = this.#entries.filter((entry) => entry !== message);
    this.#ids.release(message.id);
  }

  /** A quarter of the ack time-out passed. @returns "give-up" when the connection has to be replaced */
  tick(): AckVerdict {
    let result: AckVerdict = "wait";
    for (const entry of this.#entries) {
      if (entry.phase !== "sent") continue;
      const verdict = tickVerdict(entry);
      if (verdict === "give-up") return "give-up";
      if (verdict === "wait") continue;
      entry.phase = "ready";
      result = "repeat";
    }
    return result;
  }

  /**
   * The connection is gone: QoS 1 messages are ready to be sent again.
   * @returns messages that end here: QoS 0 cut in mid-write, QoS 1 sent too often
   */
  connectionLost(): OutgoingMessage[] {
    const ended = this.#entries.filter((entry) => {
      if (entry.phase === "writing" && entry.qos === 0) return true;
      return entry.qos === 1 && entry.attempts >= this.#maxAttempts;
    });
    for (const entry of ended) this.cancel(entry);
    for (const entry of this.#entries) {
      entry.phase = "ready";
      entry.age = 0;
      entry.repeats = 0;
    }
    return ended;
  }

  clear(): void {
    for (const entry of this.#entries) this.#ids.release(entry.id);
    this.#entries = [];
  }

  private entry(message: OutgoingMessage): Entry | undefined {
    return this.#entries.find((entry) => entry === message);
  }
}
