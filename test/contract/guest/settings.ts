/** Where the peers listen; the host that runs the programs says so in `mc/config`. */
import config from "mc/config";

function port(name: string): number {
  return Number(config[name]);
}

export const ports = {
  tcp: port("tcpPort"),
  closed: port("closedPort"),
  mqtt: port("mqttPort"),
  http: port("httpPort"),
  tls: port("tlsPort"),
  tlsOtherName: port("tlsOtherNamePort"),
  tlsOtherRoot: port("tlsOtherRootPort"),
  tlsExpired: port("tlsExpiredPort"),
  tlsProtocol: port("tlsProtocolPort"),
  strict: port("strictPort"),
};

/** DNS servers on this computer, none where it does not let one listen. */
export const dnsServers: readonly string[] = ["127.0.0.54", "127.0.0.55"].slice(0, port("dnsServers"));

/** Programs whose names begin with one of these are run, or all. */
export const group: string | undefined = typeof config.group === "string" ? config.group : undefined;

/** Bytes of the TCP buffers: those of Moddable's Linux simulator. */
export const WINDOW = 1536;
export const LOCAL = "127.0.0.1";
