import { MqttHub } from "../broker/hub.js";
import type { BrokerOptions } from "../broker/options.js";
import type { CloudContext } from "../context/context.js";
import type { MessageBus } from "../context/message-bus.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { JobsService, Registry } from "../jobs/index.js";
import type { PresenceBook } from "../presence/presence-book.js";
import type { ShadowService } from "../shadows/service.js";
import { memorySessions } from "./memory-sessions.js";

export interface MqttServerSettings {
  readonly context: CloudContext;
  readonly registry: Registry;
  readonly jobs: JobsService;
  readonly shadows: ShadowService;
  readonly presence: PresenceBook;
  readonly bus: MessageBus;
  readonly faults?: FaultPlan;
  readonly options?: Partial<BrokerOptions>;
}

/** The server's end of one virtual connection. `write` carries bytes to the device, `close` ends the connection. */
export interface MqttConnection {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** What the network tells about that connection. */
export interface MqttPeer {
  /** Bytes from the device. What they cause is done, and answered through the connection, when the call returns. */
  onData(bytes: Uint8Array): void;
  /** The device closed the connection, or lost it. */
  onClose(): void;
}

/**
 * The MQTT side of the local AWS without sockets: same rules, policies, Jobs routing and faults as the broker, on the
 * context's clock. TLS is the transport's business; what it would have learned is the certificate id.
 */
export class MqttServer {
  readonly #hub: MqttHub;

  constructor(settings: MqttServerSettings) {
    const queue = settings.options?.queueNotifications ?? true;
    const isNotification = (topic: string) => /\/jobs\/notify(?:-next)?$/.test(topic);
    this.#hub = new MqttHub({ ...settings, sessions: memorySessions((topic) => queue || !isNotification(topic)) });
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#hub.connectionCount;
  }

  /**
   * Takes a connection, or closes it at once and returns undefined: unknown or inactive certificate, or the cloud is
   * away.
   */
  accept(connection: MqttConnection, identity: { readonly certificateId: string }): MqttPeer | undefined {
    const client = this.#hub.accept(connection, identity.certificateId);
    if (client === undefined) return undefined;
    const hub = this.#hub;
    return {
      onData: (bytes) => client.receive(bytes),
      onClose: () => hub.forget(client),
    };
  }

  /** Publishes to all subscribers, as an application or a rule in the cloud would. */
  publish(topic: string, payload: string): void {
    this.#hub.publish(topic, payload);
  }

  /** Closes all connections and refuses new ones until {@link comeBack}. */
  goAway(): void {
    this.#hub.goAway();
  }

  comeBack(): void {
    this.#hub.comeBack();
  }

  /** Closes the connection of a client, as maintenance at AWS does. */
  kick(clientId: string): void {
    this.#hub.kick(clientId);
  }

  close(): void {
    this.#hub.close(() => {});
  }
}
