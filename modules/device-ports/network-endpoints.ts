import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import MQTTClient from "embedded:network/mqtt/client";
import displacedModules from "ssl/strict";
import type { NetworkEndpoint, ResolverPort } from "../foundation/endpoint.js";
import type { MachineMemory } from "../foundation/machine-memory.js";
import { chainResolver, nameServers } from "../foundation/name-servers.js";
import { guardTcp, guardTls, type TcpClass, type TlsClass, type TlsOptions } from "../guarded-tcp/index.js";
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
   * IPv4 addresses of DNS servers that are asked after those of DHCP and before public ones (1.1.1.1, 8.8.8.8). Names
   * such as `localhost` and dotted addresses need none.
   */
  readonly dnsServers?: readonly string[];
  /** DNS servers that DHCP offers on the present connection. */
  offeredServers?(): readonly string[];
  /**
   * ALPN protocol of the MQTT connection. Default: `x-amzn-mqtt-ca` on port 443, where AWS IoT demands it, and none on
   * others. [AWS IoT: Device communication protocols]
   */
  readonly mqttProtocol?: string;
  /** What the virtual machine has: with too little no TLS connection is made. */
  readonly memory?: MachineMemory | undefined;
  /** Told each exception that a network class threw in a callback: all TLS failures arrive this way. */
  onException(error: unknown): void;
};

const MQTT_PROTOCOL = "x-amzn-mqtt-ca";
const HTTPS_PORT = 443;

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
  const { identity, mqttProtocol, dnsServers = [], offeredServers = () => [] } = options;
  const servers = () => nameServers(offeredServers(), dnsServers);
  const dns = { io: chainResolver(Resolver as unknown as ResolverPort["io"], servers), socket: { io: UDP } };
  const guard = { timer, onException: options.onException };
  const tcp = { io: guardTcp(TCP as unknown as TcpClass, guard) };
  // TLS is guarded as well: it handles the later records of a segment in a timer of its own.
  const strictSocket = requireStrictTls(TLSSocket as unknown as TlsClass, displacedModules());
  const tlsSocket = guardTls(requireStack(strictSocket, options.memory), guard);
  const tls = (secure: object) => ({ io: tlsSocket, TCP: tcp, secure });
  const endpoints = {
    mqtt: {
      io: MQTTClient,
      dns,
      socket: {
        ...tls({ clientCertificates: [identity.certificate], clientKey: identity.key }),
        io: withProtocol(tlsSocket, mqttProtocol),
      },
    },
    http: { dns, socket: tcp },
    https: { dns, socket: tls({ applicationLayerProtocolNegotiation: "http/1.1" }) },
  };
  return endpoints as unknown as Endpoints;
}

/** Names the protocol that is spoken behind TLS. The port is known when a connection is made. */
function withProtocol(TLS: TlsClass, given: string | undefined): TlsClass {
  return class extends TLS {
    constructor(options: TlsOptions & { readonly port?: number; readonly secure?: object }) {
      const protocol = given ?? (options.port === HTTPS_PORT ? MQTT_PROTOCOL : undefined);
      const secure = { ...options.secure, applicationLayerProtocolNegotiation: protocol };
      super(protocol === undefined ? options : { ...options, secure });
    }
  };
}
