import {
  Audience,
  type Registration,
  type SessionObserver,
  type SubscribeOptions,
  type Subscriber,
} from "./audience.js";
import {
  CONNECTION_TABLE,
  type ConnectionEffect,
  type ConnectionEvent,
  type MqttSessionState,
} from "./connection-state.js";
import { ConnectionTimer } from "./connection-timer.js";
import { MqttSessionError } from "./errors.js";
import { Inbox } from "./inbox.js";
import { type LinkEvents, MqttLink } from "./link.js";
import type { LinkFailure } from "./link-failure.js";
import { LossHistory } from "./loss-history.js";
import { type ControlMessage, PUBACK, SUBACK } from "./mqtt-client-port.js";
import type { IncomingMessage } from "./reassembly.js";
import { type MqttSessionOptions, type SessionSettings, sessionSettings } from "./session-options.js";
import { isFilter, isTopic } from "./topic-filter.js";
import { Turns } from "./turns.js";
import { encodeUtf8 } from "./utf8.js";
import { SessionWriter } from "./writer.js";

/** How a message is sent, and who is told. */
export type PublishOptions = {
  /** Default 1. */
  readonly qos?: 0 | 1;
  /**
   * Called once, on a later turn: after PUBACK (QoS 1) or when written (QoS 0), or with `queue-full`, `puback-timeout`,
   * `connection-lost` (QoS 0 cut in mid-write). Not called after `close()` of the session or of the publish.
   */
  onDone?(error?: MqttSessionError): void;
};

/** What a connection is made with. Picked out, because the options themselves are large and would stay for good. */
type Broker = {
  readonly [Name in "mqtt" | "host" | "id" | "user" | "password" | "will"]: MqttSessionOptions[Name] | undefined;
} & Pick<MqttSessionOptions, "mqtt" | "host" | "id">;

/** [AWS IoT Core quotas] A longer PUBLISH makes the broker close the connection. */
const MAX_PAYLOAD_BYTES = 128 * 1024;

/**
 * One MQTT connection shared by everything in the firmware: a second TLS connection would not fit. It reconnects,
 * subscribes again, resends and routes messages to subscribers. Callbacks are never called from inside a public method;
 * each may call any method. What a callback throws is reported to the observers and goes no further.
 *
 * Timers: at most one for the connection, one for acknowledgements, one for work on the next turn. `close()` clears
 * them.
 */
export class MqttSession {
  readonly #broker: Broker;
  readonly #settings: SessionSettings;
  readonly #audience: Audience;
  readonly #turns: Turns;
  readonly #inbox: Inbox;
  readonly #timer: ConnectionTimer;
  readonly #writer: SessionWriter<Subscriber>;
  readonly #losses = new LossHistory();
  #state: MqttSessionState = "closed";
  #link: MqttLink | undefined;
  #failure: MqttSessionError | undefined;

  /** Throws {@link MqttSessionError} `invalid-option`. Takes no resource before {@link open}. */
  constructor(options: MqttSessionOptions) {
    this.#settings = sessionSettings(options);
    const { mqtt, host, id, user, password, will } = options;
    this.#broker = { mqtt, host, id, user, password, will };
    this.#audience = new Audience(this.#settings.trace);
    this.#turns = new Turns(
      options.timer,
      () => this.flush(),
      (error) => this.#audience.trace(`unexpected: ${String(error)}`),
    );
    this.#inbox = new Inbox(
      this.#turns,
      () => this.#link,
      (error) => this.#audience.report(error),
    );
    this.#timer = new ConnectionTimer({
      settings: this.#settings,
      timer: options.timer,
      run: (body) => this.#turns.run(body),
    });
    this.#writer = new SessionWriter({
      ...this.#settings,
      timer: options.timer,
      onWritten: (message) => this.#audience.call(() => message.onDone?.()),
      onTick: (dead) =>
        this.#turns.run(() => {
          if (dead !== undefined)
            this.fail({ code: dead, message: "a packet stayed unanswered, though it was sent twice" });
        }),
    });
  }

  get state(): MqttSessionState {
    return this.#state;
  }

  /** Connects, and stays connected until {@link close}. Does nothing when open. */
  open(): void {
    this.event("open");
  }

  /**
   * Sends DISCONNECT and closes. Queued publishes are dropped and no callback is called any more; subscribers and
   * observers stay registered for another {@link open}. Calling it again does nothing.
   */
  close(): void {
    this.event("close");
  }

  /** Throws {@link MqttSessionError} `invalid-topic` when `observer.listensTo` is malformed. */
  observe(observer: SessionObserver): Registration {
    return this.#audience.observe(observer);
  }

  /** Throws {@link MqttSessionError} `invalid-topic` for a malformed filter. Possible in every state. */
  subscribe(filter: string, options: SubscribeOptions): Registration {
    if (!isFilter(filter)) throw new MqttSessionError("invalid-topic", "not a topic filter", filter);
    const { subscriptions } = this.#writer;
    const subscriber: Subscriber = { options, open: true };
    if (subscriptions.add(filter, options.qos ?? 1, subscriber))
      this.#turns.later(() => this.#audience.tell([subscriber], () => options.onSubscribed?.()));
    else this.wake();
    return {
      close: () => {
        if (!subscriber.open) return;
        subscriber.open = false;
        subscriptions.remove(filter, subscriber);
        this.wake();
      },
    };
  }

  /**
   * Queues a message; it is sent as soon as there is a connection, and again with DUP and the same packet id until it
   * is acknowledged. Throws {@link MqttSessionError} `invalid-topic`, and `invalid-option` for more than 128 KiB.
   * Closing the returned registration forgets a message that is not acknowledged yet.
   * @param payload a `Uint8Array` must not change until the message is done
   */
  publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Registration {
    if (!isTopic(topic)) throw new MqttSessionError("invalid-topic", "not a topic name", topic);
    const bytes = typeof payload === "string" ? encodeUtf8(payload) : payload;
    if (bytes.length > MAX_PAYLOAD_BYTES) throw new MqttSessionError("invalid-option", "payload is too long", topic);
    const { outbox } = this.#writer;
    const onDone = options.onDone?.bind(options);
    const message = outbox.add({ topic, payload: bytes, qos: options.qos ?? 1, onDone });
    if (message === undefined) {
      const error = new MqttSessionError("queue-full", "too many messages wait to be sent", topic);
      if (onDone === undefined) this.#turns.later(() => this.#audience.report(error));
      else this.#turns.later(() => this.#audience.call(() => onDone(error)));
      return { close() {} };
    }
    this.wake();
    return { close: () => outbox.cancel(message) };
  }

  private event(event: ConnectionEvent): void {
    const step = CONNECTION_TABLE[this.#state][event];
    if (step === undefined) return;
    this.#state = step.next;
    for (const effect of step.effects) this.perform(effect);
  }

  private perform(effect: ConnectionEffect): void {
    switch (effect) {
      case "retry-at-once":
        this.#timer.startAtOnce(() => this.event("retry"));
        break;
      case "retry-later": {
        const pause = this.#timer.startLater(() => this.event("retry"));
        this.#audience.trace(`${this.#failure?.code}: ${this.#failure?.message}; next attempt in ${pause} ms`);
        break;
      }
      case "connect":
        this.connect();
        break;
      case "drop":
        this.drop(false);
        break;
      case "disconnect":
        this.drop(true);
        break;
      case "tell-connected":
        this.tellConnected();
        break;
      case "tell-disconnected":
        this.tellDisconnected();
        break;
      case "silence":
        this.#audience.silence();
        this.#turns.clear();
        this.#writer.outbox.clear();
        this.#timer.stop();
        break;
    }
  }

  private connect(): void {
    const { mqtt, host, id, user, password, will } = this.#broker;
    const { port, clean, keepAlive, maxMessageBytes } = this.#settings;
    this.#timer.awaitConnack(() => {
      if (this.#link !== undefined) this.fail(this.#link.overdue);
    });
    const client = {
      ...{ host, port, id, clean, keepAlive },
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(will === undefined ? {} : { will }),
    };
    this.#link = new MqttLink({ mqtt, maxMessageBytes, client, events: this.linkEvents() });
    this.#link.start();
  }

  private linkEvents(): LinkEvents {
    const { subscriptions } = this.#writer;
    const inbox = this.#inbox;
    return {
      onHeard: () => this.#timer.heard(),
      wants: (topic) => subscriptions.matching(topic).length > 0 || this.#audience.listensTo(topic),
      onAccepted: () => inbox.later(() => this.event("accepted")),
      onWritable: () => this.#turns.wake(),
      onControl: (message) => {
        if (message.operation === PUBACK || message.operation === SUBACK) inbox.bounded(() => this.onControl(message));
      },
      onMessage: (message) => inbox.bounded(() => this.onMessage(message)),
      onTooLong: (topic, byteLength) =>
        inbox.bounded(() =>
          this.#audience.report(new MqttSessionError("message-too-long", `message of ${byteLength} bytes`, topic)),
        ),
      onFailed: (failure, cause) => inbox.later(() => this.fail(this.judged(failure, cause), cause)),
    };
  }

  /** What a loss is called also depends on those before it. */
  private judged(failure: LinkFailure, cause: unknown): LinkFailure {
    if (failure.code === "connection-lost" && cause === undefined)
      return this.#losses.lost({ soon: !this.#timer.stable, unanswered: this.#writer.unanswered });
    this.#losses.forget();
    return failure;
  }

  private onMessage({ topic, payload }: IncomingMessage): void {
    const subscribers = this.#writer.subscriptions.matching(topic);
    this.#audience.deliver(subscribers, topic, payload);
  }

  private fail({ code, message }: LinkFailure, cause?: unknown): void {
    this.#failure = new MqttSessionError(code, message, undefined, cause === undefined ? undefined : { cause });
    this.event("failed");
  }

  private drop(disconnect: boolean): void {
    this.#link?.close(disconnect);
    this.#link = undefined;
    for (const message of this.#writer.connectionLost()) {
      const code = message.qos === 0 ? "connection-lost" : "puback-timeout";
      const error = new MqttSessionError(code, "the message was not acknowledged", message.topic);
      this.#turns.later(() => this.#audience.call(() => message.onDone?.(error)));
    }
  }

  private tellConnected(): void {
    this.#audience.trace("connected");
    this.#timer.watch(() => this.fail({ code: "liveness-timeout", message: "nothing was heard from the broker" }));
    this.#audience.tellObservers((observer) => observer.onConnected?.());
  }

  private tellDisconnected(): void {
    const error = this.#failure;
    if (error !== undefined) this.#audience.tellObservers((observer) => observer.onDisconnected?.(error));
  }

  private onControl({ operation, id = 0, payload = [] }: ControlMessage): void {
    if (operation === PUBACK) {
      const message = this.#writer.outbox.acknowledge(id);
      if (message !== undefined) this.#audience.call(() => message.onDone?.());
    } else if (operation === SUBACK) {
      for (const { filter, granted, subscribers } of this.#writer.subscriptions.acknowledge(id, payload)) {
        const error = granted
          ? undefined
          : new MqttSessionError("subscribe-refused", "the broker refused the filter", filter);
        if (error !== undefined) this.#audience.report(error);
        this.#audience.tell(subscribers, ({ options }) => options.onSubscribed?.(error));
      }
    }
  }

  private wake(): void {
    if (this.#state === "connected") this.#turns.wake();
  }

  private flush(): void {
    this.#inbox.emptied();
    // The conditions are looked at again before each packet: writing one may call a callback that closes the session.
    while (this.#link !== undefined && this.#state === "connected" && this.#writer.writeOne(this.#link));
    this.#writer.watch();
  }
}
