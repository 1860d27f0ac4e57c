import type { IConnectPacket, IPublishPacket } from "mqtt-packet";
import type { CloudContext } from "../context/context.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { Authorizer } from "../policy/authorizer.js";
import type { DisconnectReason, ReasonCode } from "./disconnect-reason.js";
import type { BrokerOptions } from "./options.js";
import type { Sessions } from "./sessions.js";

export type Admission =
  | { readonly kind: "admitted"; readonly clientId: string; readonly authorizer: Authorizer }
  | { readonly kind: "refused"; readonly returnCode?: number; readonly why: string };

export type Will = NonNullable<IConnectPacket["will"]>;

/** A connection as the hub sees it. */
export interface HubClient {
  readonly clientId: string;
  readonly certificateId: string;
  /** The client's IP address, where the transport knows one. */
  readonly address: string | undefined;
  /** A message for this client alone, subject to `iot:Receive`. */
  deliver(topic: string, payload: string): void;
  /** Ends the connection; over MQTT 5 with DISCONNECT and its reason. */
  end(reason: DisconnectReason, code?: ReasonCode): void;
}

/** What a connection needs of that which all connections share. */
export interface ConnectionHub {
  readonly context: CloudContext;
  readonly options: BrokerOptions;
  readonly faults: FaultPlan | undefined;
  readonly sessions: Sessions;
  /** Decides about a CONNECT. */
  admit(client: HubClient, packet: IConnectPacket): Admission;
  /** The connection is its client's now; an earlier one of the same client id ends. */
  takeOver(client: HubClient): void;
  /** CONNACK is out. */
  connected(client: HubClient): void;
  /** An admitted connection is over. */
  disconnected(client: HubClient, reason: DisconnectReason, expirySeconds: number): void;
  /** A PUBLISH that the rules allow. `acknowledge` is called once its effect is durable. */
  publishFrom(client: HubClient, packet: IPublishPacket, acknowledge: () => void): void;
  publishWill(will: Will, authorizer: Authorizer): void;
}

/** The bytes' way to the client. */
export interface ClientTransport {
  write(bytes: Uint8Array): void;
  /** Ends the connection once what was written is out. */
  close(): void;
  readonly address?: string;
}
