import type { BackoffBounds } from "../foundation/backoff.js";
import type { TimerPort } from "../foundation/timer-port.js";
import { MqttSessionError } from "./errors.js";
import type { MqttEndpoint } from "./mqtt-client-port.js";

/** AWS IoT Core: more unacknowledged QoS 1 publishes than this are refused. [AWS IoT Core quotas] */
const MAX_IN_FLIGHT = 100;
/** Keep-alive travels as 16-bit seconds. [MQTT 3.1.1, 3.1.2.10] */
const MAX_KEEP_ALIVE_MS = 65_535_000;
const DEFAULT_BACKOFF: BackoffBounds = Object.freeze({ baseMs: 1_000, capMs: 120_000 });

/** Which broker, as whom, and with how much patience and memory. */
export type MqttSessionOptions = {
  /** The client class with its DNS and socket options, in the form of the SDK's `device.network.mqtts`. */
  readonly mqtt: MqttEndpoint;
  /** Host name of the broker; also the name that TLS checks. */
  readonly host: string;
  /** Default 8883. */
  readonly port?: number;
  /** MQTT client id. AWS: equal to the thing name when policies use thing variables. */
  readonly id: string;
  /**
   * Clean session; default true. With false the broker keeps subscriptions and QoS 1 messages while the device is away.
   */
  readonly clean?: boolean;
  /** Milliseconds, default 60 000, at least 1 000. AWS IoT raises values below 30 s to 30 s. */
  readonly keepAlive?: number;
  readonly user?: string;
  readonly password?: string | ArrayBuffer;
  /** Published by the broker when the connection ends without DISCONNECT. */
  readonly will?: { readonly topic: string; readonly message: string; readonly QoS?: 0 | 1; readonly retain?: boolean };
  /**
   * "small": as little memory as possible; then `maxMessageBytes` is 8 KiB by default and `maxQueuedPublishes` 8.
   * Default: none.
   */
  readonly profile?: "small" | undefined;
  readonly timer: TimerPort;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Receives one line for each event worth reading; no payloads, no secrets. Default: silent. */
  readonly trace?: (text: string) => void;
  /**
   * Full-jitter back-off between connection attempts: 0 to min(`capMs`, `baseMs` x 2^failures). Default 1 s and 120 s.
   */
  readonly backoff?: Partial<BackoffBounds>;
  /**
   * Pause after an established connection was lost, in ms, to which the back-off is added; default 1 000, which is the
   * least that AWS wants. [AWS IoT Device Advisor: MQTT_ReconnectionAfterSuccessfulConnection]
   */
  readonly reconnectPauseMs?: number;
  /** A connection that lasted this long resets the back-off, in ms; default 30 000. */
  readonly stableAfterMs?: number;
  /**
   * How long to wait for SUBACK and PUBACK before the packet is repeated, in ms; default 20 000. Waits up to a quarter
   * longer.
   */
  readonly ackTimeoutMs?: number;
  /** DNS, TCP, TLS and CONNACK together, in ms; default 60 000. The SDK's client gives TCP and TLS 30 s of it. */
  readonly connectTimeoutMs?: number;
  /**
   * Longest payload that is put together and delivered, in bytes; default 40 KiB. Longer ones are dropped and reported.
   */
  readonly maxMessageBytes?: number;
  /** Publishes that may wait for being written or acknowledged, 1 to 100; default 16. */
  readonly maxQueuedPublishes?: number;
  /** How often one QoS 1 message is sent before it fails with `puback-timeout`; default 8. */
  readonly maxPublishAttempts?: number;
};

/** {@link MqttSessionOptions} with every default filled in. */
export type SessionSettings = {
  readonly port: number;
  readonly clean: boolean;
  readonly keepAlive: number;
  readonly random: () => number;
  readonly trace: (text: string) => void;
  readonly backoff: BackoffBounds;
  readonly reconnectPauseMs: number;
  readonly stableAfterMs: number;
  readonly ackTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxQueuedPublishes: number;
  readonly maxPublishAttempts: number;
};

/** Room for a job document with presigned URLs and statusDetails; AWS allows documents of 32 KB. */
const SMALL = Object.freeze({ maxMessageBytes: 8 * 1024, maxQueuedPublishes: 8 });
const USUAL = Object.freeze({ maxMessageBytes: 40 * 1024, maxQueuedPublishes: 16 });

/** Fills in defaults. Throws {@link MqttSessionError} `invalid-option` for a value out of range. */
export function sessionSettings(options: MqttSessionOptions): SessionSettings {
  if (options.host.length === 0) throw new MqttSessionError("invalid-option", "host is empty");
  const integer = (name: string, value: number, min: number, max = 0x7fffffff) => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw new MqttSessionError("invalid-option", `${name} must be a whole number from ${min} to ${max}`);
    return value;
  };
  const { profile } = options;
  if (profile !== undefined && profile !== "small")
    throw new MqttSessionError("invalid-option", 'profile must be "small"');
  const memory = profile === "small" ? SMALL : USUAL;
  const baseMs = integer("backoff.baseMs", options.backoff?.baseMs ?? DEFAULT_BACKOFF.baseMs, 1);
  return {
    port: integer("port", options.port ?? 8883, 1, 65_535),
    clean: options.clean ?? true,
    keepAlive: integer("keepAlive", options.keepAlive ?? 60_000, 1_000, MAX_KEEP_ALIVE_MS),
    random: options.random ?? Math.random,
    trace: options.trace ?? (() => {}),
    backoff: {
      baseMs,
      capMs: integer("backoff.capMs", options.backoff?.capMs ?? Math.max(DEFAULT_BACKOFF.capMs, baseMs), baseMs),
    },
    reconnectPauseMs: integer("reconnectPauseMs", options.reconnectPauseMs ?? 1_000, 0),
    stableAfterMs: integer("stableAfterMs", options.stableAfterMs ?? 30_000, 0),
    ackTimeoutMs: integer("ackTimeoutMs", options.ackTimeoutMs ?? 20_000, 4),
    connectTimeoutMs: integer("connectTimeoutMs", options.connectTimeoutMs ?? 60_000, 1),
    maxMessageBytes: integer("maxMessageBytes", options.maxMessageBytes ?? memory.maxMessageBytes, 1),
    maxQueuedPublishes: integer(
      "maxQueuedPublishes",
      options.maxQueuedPublishes ?? memory.maxQueuedPublishes,
      1,
      MAX_IN_FLIGHT,
    ),
    maxPublishAttempts: integer("maxPublishAttempts", options.maxPublishAttempts ?? 8, 1),
  };
}
