import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import MQTTClient from "embedded:network/mqtt/client";
import displacedModules from "ssl/strict";
import type { NetworkEndpoint } from "../foundation/endpoint.js";
import type { MachineMemory } from "../foundation/machine-memory.js";
import { guardTcp, guardTls, type TcpClass, type TlsClass } from "../guarded-tcp/index.js";
import type { MqttEndpoint } from "../mqtt-session/index.js";
import type { DerBuffer } from "./der-buffer.js";
import { requireStrictTls } from "./strict-socket.js";
import { timer } from "./timer.js";
import { requireStack } from "./tls-stack.js";

/** How the device proves who it is to AWS IoT. */
export type DeviceIdentity = {
  /** The device's certificate, DER. */
  readonly certificate: DerBuffer;
  /** Its RSA private key, PKCS#8 DER (the SDK's TLS cannot use EC keys). */
  readonly key: DerBuffer;
};

export type NetworkOptions = {
  readonly identity: DeviceIdentity;
  /**
   * DNS servers; default: the SDK examples' public resolver 1.1.1.1. Names such as `localhost` and dotted addresses
   * need none.
   */
  readonly dnsServers?: readonly string[];
  /**
   * ALPN protocol of the MQTT connection; needed on port 443 (`x-amzn-mqtt-ca`), not on 8883. Default: none.
   * [AWS IoT: Device communication protocols]
   */
  readonly mqttProtocol?: string;
  /** What the virtual machine has: with too little no TLS connection is made. */
  readonly memory?: MachineMemory | undefined;
  /** Told each exception that a network class threw in a callback: all TLS failures arrive this way. */
  onException(error: unknown): void;
};

const DEFAULT_DNS_SERVERS = Object.freeze(["1.1.1.1"]);

/** MQTT over TLS, and HTTP with and without TLS. */
export type Endpoints = {
  readonly mqtt: MqttEndpoint;
  readonly http: NetworkEndpoint;
  readonly https: NetworkEndpoint;
};

/**
 * The SDK's MQTT client, resolver and sockets, those guarded so that no exception of theirs restarts the device. The
 * SDK's typings describe its classes differently from what they do; the ports describe what they do, and
 * `test/contract` holds both to it, hence the conversion.
 */
export function createEndpoints(options: NetworkOptions): Endpoints {
  const dns = { io: Resolver, servers: [...(options.dnsServers ?? DEFAULT_DNS_SERVERS)], socket: { io: UDP } };
  const guard = { timer, onException: options.onException };
  const tcp = { io: guardTcp(TCP as unknown as TcpClass, guard) };
  // TLS is guarded as well: it handles the later records of a segment in a timer of its own.
  const strictSocket = requireStrictTls(TLSSocket as unknown as TlsClass, displacedModules());
  const tlsSocket = guardTls(requireStack(strictSocket, options.memory), guard);
  const tls = (secure: object) => ({ io: tlsSocket, TCP: tcp, secure });
  const { identity, mqttProtocol } = options;
  const endpoints = {
    mqtt: {
      io: MQTTClient,
      dns,
      socket: tls({
        clientCertificates: [identity.certificate],
        clientKey: identity.key,
        ...(mqttProtocol === undefined ? {} : { applicationLayerProtocolNegotiation: mqttProtocol }),
      }),
    },
    http: { dns, socket: tcp },
    https: { dns, socket: tls({ applicationLayerProtocolNegotiation: "http/1.1" }) },
  };
  return endpoints as unknown as Endpoints;
}
