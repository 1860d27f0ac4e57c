import { MqttSessionError } from "./errors.js";
import { isFilter, matchesFilter } from "./topic-filter.js";

/** Who wants to know when the connection comes and goes. */
export type SessionObserver = {
  /** CONNACK arrived; subscriptions are on their way but not yet acknowledged. */
  onConnected?(): void;
  /** The connection, or an attempt to make one, failed; the session tries again by itself. */
  onDisconnected?(error: MqttSessionError): void;
  /** Something that ends no connection: a message too long, a refused filter, a callback that threw. */
  onError?(error: MqttSessionError): void;
  /**
   * Messages on topics that match this filter are given to `onMessage`, whether or not anybody subscribed to them: AWS
   * IoT Jobs, for example, sends its answers to the client that asked, even when that client did not subscribe.
   */
  readonly listensTo?: string;
  /** `payload` is shared: read it, or copy it, do not change it. */
  onMessage?(topic: string, payload: Uint8Array): void;
};

/** Ends a subscription, an observation or a publish. Calling it again does nothing. */
export type Registration = { close(): void };

/** A receiver; `open` becomes false when it is closed, which may happen while another one is being called. */
type Listener = { open: boolean };

/** Where the messages of a subscription go, and who is told how it stands. */
export type SubscribeOptions = {
  /** Highest QoS that is wanted; default 1. */
  readonly qos?: 0 | 1;
  /** `payload` is shared with other subscribers of the topic: read it, or copy it, do not change it. */
  onMessage(topic: string, payload: Uint8Array): void;
  /**
   * Called after every SUBACK, also after each reconnect; with `subscribe-refused` when the broker refused the filter.
   */
  onSubscribed?(error?: MqttSessionError): void;
};

export type Subscriber = Listener & { readonly options: SubscribeOptions };

/**
 * Calls the callbacks of the session's users. What a callback throws is caught and reported, and no callback is called
 * after its registration, or the session, was closed.
 */
export class Audience {
  readonly #trace: (text: string) => void;
  #observers: readonly (Listener & { readonly observer: SessionObserver })[] = [];
  #epoch = 0;

  constructor(trace: (text: string) => void) {
    this.#trace = trace;
  }

  /** Throws {@link MqttSessionError} `invalid-topic` when `listensTo` is not a filter. */
  observe(observer: SessionObserver): Registration {
    const { listensTo } = observer;
    if (listensTo !== undefined && !isFilter(listensTo))
      throw new MqttSessionError("invalid-topic", "not a topic filter", listensTo);
    const entry = { observer, open: true };
    this.#observers = [...this.#observers, entry];
    return {
      close: () => {
        entry.open = false;
        this.#observers = this.#observers.filter((candidate) => candidate !== entry);
      },
    };
  }

  listensTo(topic: string): boolean {
    return this.#observers.some(({ observer }) => listens(observer, topic));
  }

  /** Gives a message to the subscribers of its topic, then to the observers that listen to it. */
  deliver(subscribers: readonly Subscriber[], topic: string, payload: Uint8Array): void {
    const epoch = this.#epoch;
    this.tell(subscribers, ({ options }) => options.onMessage(topic, payload));
    if (epoch !== this.#epoch) return;
    const listeners = this.#observers.filter(({ observer }) => listens(observer, topic));
    this.tell(listeners, ({ observer }) => observer.onMessage?.(topic, payload));
  }

  /** Ends the calls that are being made at the moment, because the session was closed. Later ones are made as usual. */
  silence(): void {
    this.#epoch += 1;
  }

  /** Calls `notify` for each listener that is still open. What it throws is reported to the observers. */
  tell<L extends Listener>(listeners: readonly L[], notify: (listener: L) => void): void {
    const epoch = this.#epoch;
    for (const listener of listeners) {
      if (epoch !== this.#epoch) return;
      if (listener.open) this.call(() => notify(listener));
    }
  }

  tellObservers(notify: (observer: SessionObserver) => void): void {
    this.tell(this.#observers, ({ observer }) => notify(observer));
  }

  /** Calls one callback. */
  call(callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      this.report(new MqttSessionError("callback-threw", "a callback threw", undefined, { cause }));
    }
  }

  /** Tells the observers of an error that ends no connection. What they throw is only traced. */
  report(error: MqttSessionError): void {
    this.trace(`${error.code}${error.topic === undefined ? "" : ` ${error.topic}`}`);
    const epoch = this.#epoch;
    for (const { observer } of this.#observers) {
      if (epoch !== this.#epoch) return;
      try {
        observer.onError?.(error);
      } catch {
        this.trace("onError threw");
      }
    }
  }

  trace(text: string): void {
    try {
      this.#trace(`mqtt: ${text}`);
    } catch {
      // A trace function that throws must not end the connection.
    }
  }
}

function listens({ listensTo }: SessionObserver, topic: string): boolean {
  return listensTo !== undefined && matchesFilter(listensTo, topic);
}
