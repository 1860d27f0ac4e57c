/**
 * Takes apart what the broker sends, byte by byte, except payloads: those the program reads from the socket itself.
 * Pure.
 *
 * Keeps the SDK's defect that a PUBLISH without payload is never finished: the parser then takes no further byte on
 * this connection.
 */
import { Operation } from "./mqtt-packets.js";
import { decodeUtf8 } from "./utf8.js";

export interface ControlMessage {
  readonly operation: number;
  readonly id?: number;
  readonly payload?: number[];
  readonly returnCode?: number;
}

export interface IncomingPublish {
  readonly topic: string;
  readonly QoS: number;
  readonly id: number | undefined;
  readonly byteLength: number;
}

export type Parsed =
  | { readonly kind: "more" }
  | { readonly kind: "control"; readonly message: ControlMessage }
  | { readonly kind: "publish"; readonly publish: IncomingPublish }
  | { readonly kind: "invalid"; readonly reason: string };

const MORE: Parsed = Object.freeze({ kind: "more" });
const MAX_LENGTH_BYTES = 4;

/** Operations without a body are complete at their length byte. */
const WITH_ID: readonly number[] = Object.freeze([
  Operation.PUBACK,
  Operation.PUBREC,
  Operation.PUBREL,
  Operation.PUBCOMP,
  Operation.SUBACK,
  Operation.UNSUBACK,
]);

export class MqttParser {
  #flags = 0;
  #operation = 0;
  #lengthBytes = 0;
  #length = 0;
  #body: number[] = [];
  #step: "first" | "length" | "body" = "first";

  /** `true` after a PUBLISH without payload. */
  wedged = false;

  take(byte: number): Parsed {
    switch (this.#step) {
      case "first":
        this.#flags = byte & 15;
        this.#operation = byte >> 4;
        this.#length = 0;
        this.#lengthBytes = 0;
        this.#body = [];
        this.#step = "length";
        return this.#operation === 0 || this.#operation === 15 ? this.#invalid("invalid operation") : MORE;
      case "length":
        this.#length += (byte & 0x7f) << (7 * this.#lengthBytes++);
        if (byte & 0x80) return this.#lengthBytes === MAX_LENGTH_BYTES ? this.#invalid("bad data") : MORE;
        return this.#start();
      case "body":
        this.#body.push(byte);
        return this.#operation === Operation.PUBLISH ? this.#publish() : this.#control();
    }
  }

  #start(): Parsed {
    if (this.#length === 0) return this.#finish({ operation: this.#operation });
    this.#step = "body";
    if (this.#operation === Operation.CONNACK && this.#length !== 2) return this.#invalid("unexpected length");
    const known = this.#operation === Operation.PUBLISH || this.#operation === Operation.CONNACK;
    return known || WITH_ID.includes(this.#operation) ? MORE : this.#invalid("bad parse state");
  }

  #control(): Parsed {
    if (this.#body.length < this.#length) return MORE;
    const [first = 0, second = 0, ...rest] = this.#body;
    const operation = this.#operation;
    // The session-present bit of a CONNACK is dropped.
    if (operation === Operation.CONNACK) return this.#finish({ operation, returnCode: second });
    const id = (first << 8) | second;
    return this.#finish(operation === Operation.SUBACK ? { operation, id, payload: rest } : { operation, id });
  }

  #publish(): Parsed {
    const body = this.#body;
    if (body.length < 2) return MORE;
    const topicLength = ((body[0] ?? 0) << 8) | (body[1] ?? 0);
    if (topicLength === 0) return this.#invalid("empty topic");
    const QoS = (this.#flags >> 1) & 3;
    const hasId = QoS === 1 || QoS === 2;
    const head = 2 + topicLength + (hasId ? 2 : 0);
    if (body.length < head) return MORE;
    const byteLength = this.#length - head;
    if (byteLength <= 0) {
      this.wedged = true;
      return MORE;
    }
    // A topic that is not UTF-8 throws here, in the middle of a socket's callback.
    const topic = decodeUtf8(Uint8Array.from(body.slice(2, 2 + topicLength)));
    const id = hasId ? ((body[head - 2] ?? 0) << 8) | (body[head - 1] ?? 0) : undefined;
    this.#step = "first";
    return { kind: "publish", publish: { topic, QoS, id, byteLength } };
  }

  #finish(message: ControlMessage): Parsed {
    this.#step = "first";
    return { kind: "control", message };
  }

  #invalid(reason: string): Parsed {
    return { kind: "invalid", reason };
  }
}
