/** All far ends of the contract on free ports of this computer. */
import { createServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type ContractCertificates, makeCertificates, type ServerIdentity } from "./certificates.js";
import { startDnsPeers } from "./dns-peer.js";
import { serveHttp } from "./http-peer.js";
import { MqttPeer } from "./mqtt-peer.js";
import { makeStrictPeers } from "./strict-scripts.js";
import { serveTcp, serveTls } from "./tcp-peer.js";
import { Tls12Server } from "./tls12-server.js";

/** What an application of the contract is made of. */
export interface ContractSettings {
  readonly certificates: ContractCertificates;
  readonly config: Readonly<Record<string, number | string>>;
}

export interface Peers extends ContractSettings {
  /** For `mc/config`, as `guest/settings.ts` reads it. */
  readonly config: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
      else reject(new Error("no address"));
    });
  });
}

export async function startPeers(): Promise<Peers> {
  const strict = await makeStrictPeers();
  const made = await makeCertificates();
  const certificates = { ...made, resources: { ...made.resources, ...strict.resources } };
  const tls = (identity: ServerIdentity, protocols?: string[]): Server =>
    createTlsServer(
      {
        ...identity,
        ...(protocols === undefined ? {} : { ALPNProtocols: protocols }),
        ca: certificates.caPem,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.2",
      },
      serveTls,
    ).on("tlsClientError", () => undefined);
  const servers: Readonly<Record<string, Server>> = {
    tcpPort: createServer(serveTcp),
    mqttPort: createServer(new MqttPeer().serve),
    httpPort: createServer(serveHttp),
    tlsPort: tls(certificates.good),
    tlsOtherNamePort: tls(certificates.otherName),
    tlsOtherRootPort: tls(certificates.otherRoot),
    tlsExpiredPort: tls(certificates.expired),
    tlsProtocolPort: tls(certificates.good, ["x-amzn-mqtt-ca"]),
    strictPort: createServer((socket) => void new Tls12Server(socket, strict.scriptFor)),
  };
  const config: Record<string, number> = {};
  for (const [name, server] of Object.entries(servers)) config[name] = await listen(server);
  // A port on which nobody listens: one that was free a moment ago.
  const unused = createServer();
  config.closedPort = await listen(unused);
  unused.close();
  const dns = await startDnsPeers();
  config.dnsServers = dns.length;
  return {
    certificates,
    config,
    close: async () => {
      for (const socket of dns) socket.close();
      await Promise.all(
        Object.values(servers).map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      );
    },
  };
}
