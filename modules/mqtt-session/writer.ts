import type { TimerId, TimerPort } from "../foundation/timer-port.js";
import type { MqttLink } from "./link.js";
import { Outbox, type OutgoingMessage } from "./outbox.js";
import { PacketIds } from "./packet-ids.js";
import { Subscriptions } from "./subscriptions.js";

export type WriterOptions = {
  readonly timer: TimerPort;
  readonly ackTimeoutMs: number;
  readonly maxQueuedPublishes: number;
  readonly maxPublishAttempts: number;
  readonly clean: boolean;
  /** A QoS 0 message has been written. */
  onWritten(message: OutgoingMessage): void;
  /**
   * A quarter of the ack time-out passed while an acknowledgement was awaited; there may be packets to be repeated.
   * With a code when a packet stayed unanswered although it was repeated: then the connection has to be replaced.
   */
  onTick(dead?: "suback-timeout" | "puback-timeout"): void;
};

/** Decides which packet is sent next, and waits for acknowledgements. */
export class SessionWriter<Subscriber> {
  readonly subscriptions: Subscriptions<Subscriber>;
  readonly outbox: Outbox;
  readonly #options: Pick<WriterOptions, "timer" | "ackTimeoutMs" | "onWritten" | "onTick">;
  readonly #ids = new PacketIds();
  #writing: OutgoingMessage | undefined;
  #ackTimer: TimerId | undefined;

  constructor(options: WriterOptions) {
    const { timer, ackTimeoutMs, onWritten, onTick } = options;
    this.#options = { timer, ackTimeoutMs, onWritten, onTick };
    this.subscriptions = new Subscriptions(this.#ids, !options.clean);
    this.outbox = new Outbox({
      limit: options.maxQueuedPublishes,
      maxAttempts: options.maxPublishAttempts,
      ids: this.#ids,
    });
  }

  /** Writes the next packet. @returns false when nothing is left or nothing fits */
  writeOne(link: MqttLink): boolean {
    if (!link.isOpen) return false;
    if (this.#writing !== undefined) {
      if (!link.resume()) return false;
      this.written(this.#writing);
      return true;
    }
    const unwanted = this.subscriptions.nextUnwanted();
    if (unwanted !== undefined) return this.unsubscribe(link, unwanted);
    const batch = this.subscriptions.next(link.writable);
    if (batch !== undefined) {
      if (!link.subscribe(batch)) return false;
      this.subscriptions.written(batch);
      return true;
    }
    const message = this.outbox.next();
    return message !== undefined && this.send(link, message);
  }

  /** The oldest packet that waits for its answer, in words. */
  get unanswered(): string | undefined {
    const filter = this.subscriptions.oldestAwaited;
    if (filter !== undefined) return `SUBSCRIBE ${filter}`;
    const topic = this.outbox.oldestAwaited;
    return topic === undefined ? undefined : `PUBLISH ${topic}`;
  }

  /** Starts or stops waiting for acknowledgements; to be called after writing and after an acknowledgement. */
  watch(): void {
    const { timer, ackTimeoutMs } = this.#options;
    const awaiting = this.subscriptions.awaiting || this.outbox.awaiting;
    if (awaiting === (this.#ackTimer !== undefined)) return;
    timer.clear(this.#ackTimer);
    this.#ackTimer = awaiting ? timer.set(() => this.tick(), ackTimeoutMs / 4) : undefined;
  }

  /** @returns messages that end here without having been delivered */
  connectionLost(): OutgoingMessage[] {
    this.#options.timer.clear(this.#ackTimer);
    this.#ackTimer = undefined;
    this.#writing = undefined;
    this.subscriptions.connectionLost();
    return this.outbox.connectionLost();
  }

  private unsubscribe(link: MqttLink, filter: string): boolean {
    const id = this.#ids.take();
    const sent = link.unsubscribe(id, filter);
    // UNSUBACK is not awaited. The identifier is free at once: it is used again only after all others, long after
    // UNSUBACK.
    this.#ids.release(id);
    if (sent) this.subscriptions.unsubscribed();
    return sent;
  }

  private send(link: MqttLink, message: OutgoingMessage): boolean {
    const result = link.publish(message);
    if (result === "blocked") return false;
    this.outbox.begun(message);
    this.#writing = message;
    if (result === "whole") this.written(message);
    return true;
  }

  private written(message: OutgoingMessage): void {
    this.#writing = undefined;
    if (this.outbox.written(message)) this.#options.onWritten(message);
  }

  private tick(): void {
    this.#ackTimer = undefined;
    if (this.subscriptions.tick() === "give-up") this.#options.onTick("suback-timeout");
    else if (this.outbox.tick() === "give-up") this.#options.onTick("puback-timeout");
    else this.#options.onTick();
  }
}
