/**
 * The SDK's MQTT client ([ECMA-419 MQTT client], `embedded:network/mqtt/client`) as it behaves in SDK 8.2, which is not
 * quite what its typings say: `onControl` gets one argument, `onError` none, SUBSCRIBE takes no data, and a continued
 * PUBLISH takes no options.
 */

/** Control packet numbers. [MQTT 3.1.1, 2.2.1] */
export const CONNACK = 2;
export const PUBACK = 4;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const UNSUBSCRIBE = 10;
export const UNSUBACK = 11;
export const DISCONNECT = 14;

export type ControlMessage = {
  readonly operation: number;
  readonly id?: number;
  /** SUBACK: one return code for each filter. */
  readonly payload?: readonly number[];
};

export type ReadableOptions = {
  /** First fragment only. */
  readonly topic?: string;
  /** First fragment only: length of the whole payload. */
  readonly byteLength?: number;
  readonly QoS?: number;
  readonly more?: boolean;
};

export type WriteOptions = {
  readonly operation?: number;
  readonly id?: number;
  readonly topic?: string;
  readonly QoS?: number;
  readonly duplicate?: boolean;
  readonly byteLength?: number;
  readonly items?: readonly { readonly topic: string; readonly QoS?: number }[];
};

/** What the session uses of the SDK's MQTT client. */
export type MqttClient = {
  /**
   * Returns how many bytes may still be written. Throws `Error("overflow")`, with nothing sent, when a packet does not
   * fit.
   */
  write(data: Uint8Array | null, options?: WriteOptions): number;
  /** Returns the number of bytes put into `buffer`. */
  read(buffer: Uint8Array): unknown;
  close(): void;
};

/** What the SDK's MQTT client takes. */
export type MqttClientOptions = {
  readonly host: string;
  readonly port: number;
  readonly id: string;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly user?: string;
  readonly password?: string | ArrayBuffer;
  readonly will?: object;
  readonly dns: object;
  readonly socket: object;
  onReadable(count: number, options?: ReadableOptions): void;
  onWritable(count: number): void;
  onControl(message: ControlMessage): void;
  onError(): void;
};

/** A client class, with what it needs to find and reach the broker. */
export type MqttEndpoint = {
  readonly io: new (options: MqttClientOptions) => MqttClient;
  readonly dns: object;
  readonly socket: object;
};
