import { constants, createHash, type X509Certificate } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { CloudContext } from "../context/context.js";
import type { MessageBus } from "../context/message-bus.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { JobsService, Registry } from "../jobs/index.js";
import type { PresenceBook } from "../presence/presence-book.js";
import type { ShadowService } from "../shadows/service.js";
import { openAedesSessions } from "./aedes-sessions.js";
import { MqttHub } from "./hub.js";
import { type BrokerOptions, DEFAULT_BROKER_OPTIONS } from "./options.js";

/** MQTT with client certificates on port 443. [AWS IoT: Device communication protocols] */
const ALPN_MQTT = "x-amzn-mqtt-ca";

/** Time for the last packets to leave when the broker closes; then what is left of the connections is cut. */
const CLOSE_GRACE_MS = 500;

/** Bytes that wait for a client to read them; with more it is disconnected. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

export interface BrokerSettings {
  readonly context: CloudContext;
  readonly registry: Registry;
  readonly jobs: JobsService;
  readonly shadows: ShadowService;
  readonly presence: PresenceBook;
  readonly bus: MessageBus;
  /** PEM. `cert` may be a chain. Clients may come with any certificate; the registry says which are known. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string };
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Address to listen on; by default 127.0.0.1. */
  readonly host?: string;
  readonly faults?: FaultPlan;
  readonly options?: Partial<BrokerOptions>;
}

export interface Broker {
  readonly port: number;
  /** Connections open now. */
  readonly connectionCount: number;
  /** Publishes to all subscribers, as an application in the cloud would. */
  publish(topic: string, payload: string): void;
  /** Closes the connection of a client, as maintenance at AWS does. */
  kick(clientId: string): void;
  /** Closes all connections and refuses new ones until {@link comeBack}. */
  goAway(): void;
  comeBack(): void;
  close(): Promise<void>;
}

/** Starts the MQTT endpoint of the local AWS: TLS 1.2 and 1.3, client certificates, MQTT 3.1.1 and 5. */
export async function startBroker(settings: BrokerSettings): Promise<Broker> {
  const { context, tls } = settings;
  const options = { ...DEFAULT_BROKER_OPTIONS, ...settings.options };
  const isNotification = (topic: string) => /\/jobs\/notify(?:-next)?$/.test(topic);
  const queueOffline = (topic: string) => options.queueNotifications || !isNotification(topic);
  const sessions = await openAedesSessions(context, queueOffline);
  const { registry, jobs, shadows, presence, bus, faults } = settings;
  const hub = new MqttHub({ context, registry, jobs, shadows, presence, bus, faults, sessions, options });
  const server = createServer({
    cert: tls.cert,
    key: tls.key,
    ca: tls.ca,
    minVersion: "TLSv1.2",
    // As on AWS; and a resumed session would not show its client certificate.
    secureOptions: constants.SSL_OP_NO_TICKET,
    ALPNProtocols: [ALPN_MQTT],
    requestCert: true,
    // Self-made certificates may be registered without their authority: the registry decides, not the chain.
    rejectUnauthorized: false,
    handshakeTimeout: options.connectTimeoutMs,
  });
  server.maxConnections = options.maxConnections;
  // Once for each time that it is full: whoever fills it may not fill the log as well.
  let full = false;
  server.on("drop", () => {
    if (!full) context.log(`mqtt: ${options.maxConnections} connections are open, more are closed at once`);
    full = true;
  });
  const transports = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    transports.add(socket);
    socket.once("close", () => {
      transports.delete(socket);
      full = false;
    });
  });
  server.on("secureConnection", (socket) => serve(hub, socket, options));
  server.on("tlsClientError", (error) => context.log(`mqtt: TLS handshake failed: ${error.message}`));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port ?? 0, settings.host ?? "127.0.0.1", resolve);
  });
  return {
    port: portOf(server.address()),
    get connectionCount() {
      return hub.connectionCount;
    },
    publish: (topic, payload) => hub.publish(topic, payload),
    kick: (clientId) => hub.kick(clientId),
    goAway: () => hub.goAway(),
    comeBack: () => hub.comeBack(),
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => {
          for (const socket of transports) socket.destroy();
        }, CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        hub.close(() => {});
      }),
  };
}

function serve(hub: MqttHub, socket: TLSSocket, options: BrokerOptions): void {
  // A reset by the client is no news, its "close" follows.
  socket.on("error", () => {});
  socket.setNoDelay(true);
  const certificate = socket.getPeerX509Certificate();
  const refused = refusalOf(certificate, socket.servername, hub.context.clock.now(), options);
  if (certificate === undefined || refused !== undefined) {
    hub.context.log(`mqtt: TLS connection refused: ${refused}`);
    socket.destroy();
    return;
  }
  const transport = {
    write: (bytes: Uint8Array) => {
      if (socket.destroyed) return;
      socket.write(bytes);
      if (socket.writableLength <= MAX_UNSENT_BYTES) return;
      hub.context.log("mqtt: a client that does not read is disconnected");
      socket.destroy();
    },
    close: () => socket.destroySoon(),
    ...(socket.remoteAddress === undefined ? {} : { address: socket.remoteAddress }),
  };
  const connection = hub.accept(transport, createHash("sha256").update(certificate.raw).digest("hex"));
  if (connection === undefined) return;
  socket.on("data", (bytes) => connection.receive(bytes));
  socket.on("close", () => hub.forget(connection));
}

/** Why a TLS connection is refused whose handshake went well. */
function refusalOf(
  certificate: X509Certificate | undefined,
  serverName: string | false | null | undefined,
  now: number,
  options: BrokerOptions,
): string | undefined {
  if (certificate === undefined) return "no client certificate";
  if (options.requireServerName && (typeof serverName !== "string" || serverName === "")) return "no server name";
  // A date that cannot be read fits no time.
  if (!(now >= Date.parse(certificate.validFrom))) return "the client certificate is not yet valid";
  return now <= Date.parse(certificate.validTo) ? undefined : "the client certificate has expired";
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the broker has no port");
  return address.port;
}
