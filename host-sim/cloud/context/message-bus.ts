/** A message that an application in the cloud publishes. */
export interface CloudMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Takes a message to its subscribers, or to the service whose topic it is. */
export type DeliverMessage = (message: CloudMessage) => void;

/** The way from what is no MQTT client to whoever subscribes. The front ends come and go with outages. */
export class MessageBus {
  readonly #deliveries = new Set<DeliverMessage>();

  /** Adds a front end. Returns what removes it. */
  attach(deliver: DeliverMessage): () => void {
    this.#deliveries.add(deliver);
    return () => {
      this.#deliveries.delete(deliver);
    };
  }

  publish(message: CloudMessage): void {
    for (const deliver of this.#deliveries) deliver(message);
  }
}
