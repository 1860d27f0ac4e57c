import { isIP } from "node:net";
import { isAbsolute, join, relative, sep } from "node:path";
import { isThingName } from "../aws/names.js";
import { deviceCredentials, rootCertificate } from "./device-credentials.js";
import { endpointKind, endpointProblem } from "./endpoint.js";
import { ProvisionError } from "./provision-error.js";

/** What provisioning is made of. */
export type ProvisionOptions = {
  readonly thingName: string;
  /** Host name of the account's `iot:Data-ATS` endpoint, or of another broker. */
  readonly endpoint: string;
  /** MQTT port. Default: the firmware's, 8883; on 443 the firmware offers the protocol that AWS IoT demands there. */
  readonly port?: number | undefined;
  /** IPv4 addresses of DNS servers besides those of DHCP. */
  readonly dnsServers?: readonly string[] | undefined;
  /** Host names of time servers. Default: the firmware's. */
  readonly timeServers?: readonly string[] | undefined;
  /** The device's certificate, PEM. */
  readonly certificatePem: string;
  /** Its RSA key, PEM, PKCS#1 or PKCS#8. */
  readonly keyPem: string;
  /** A root to trust besides Amazon's, PEM: for a broker of one's own. */
  readonly rootPem?: string | undefined;
  /** Folder the files are meant for, absolute. */
  readonly out: string;
  /** Folder of the sample firmware's `manifest.json`, absolute. */
  readonly project: string;
  /** The manifest of another application that is to carry the identity, absolute. Default: the sample's. */
  readonly manifest?: string | undefined;
  /** Folder the printed line is run in. Default: the project's. */
  readonly cwd?: string | undefined;
  /** Target of the printed line. Default `esp32`. */
  readonly platform?: string | undefined;
  readonly now?: Date | undefined;
  /** How messages call the input files. */
  readonly names?: { readonly certificate: string; readonly key: string; readonly root: string } | undefined;
};

/** A file to be written. */
export type ProvisionedFile = { readonly name: string; readonly bytes: Uint8Array; readonly secret: boolean };

/** What provisioning makes. */
export type Provisioned = {
  /** To be written into `out`; `secret` ones readable by their owner only. */
  readonly files: readonly ProvisionedFile[];
  /** Builds the firmware with them and flashes it. */
  readonly mcconfigLine: string;
  /** What is allowed and may be meant otherwise, a line each. */
  readonly warnings: readonly string[];
};

/** Name of the manifest that the build starts from. */
export const MANIFEST_FILE = "manifest.json";
/** Resource names the firmware looks for. */
export const CERTIFICATE_FILE = "device-certificate.der";
export const KEY_FILE = "device-key.der";
/** What AWS gave, for other programs: not part of the build. */
export const CERTIFICATE_PEM = "certificate.pem.crt";
export const KEY_PEM = "private.pem.key";
/** Resource with the further root, where there is one. */
export const ROOT_FILE = "root-ca.der";

const MQTT_PORT = 8883;
const HTTPS_PORT = 443;
/** Platforms of mcconfig that run on this computer. */
const SIMULATORS: readonly string[] = ["lin", "mac", "win"];

const NAMES = { certificate: "the certificate", key: "the key", root: "the root certificate" };

/**
 * Makes what the firmware's build wants out of what AWS gives. Touches no file.
 * @throws ProvisionError with one line that says what is wrong
 */
export function provision(options: ProvisionOptions): Provisioned {
  const { thingName, endpoint, port, out, project, now = new Date(), names = NAMES } = options;
  if (!isThingName(thingName)) {
    throw new ProvisionError("the thing name must have 1 to 128 letters, digits, ':', '_' or '-'");
  }
  checkEndpoint(endpoint);
  const [dnsServers, timeServers] = [options.dnsServers ?? [], options.timeServers ?? []];
  for (const server of dnsServers)
    if (isIP(server) !== 4) throw new ProvisionError(`${server} is not an IPv4 address of a DNS server`);
  for (const server of timeServers)
    if (!isHostName(server)) throw new ProvisionError(`${server} is not the host name of a time server`);
  const credentials = deviceCredentials(options.certificatePem, options.keyPem, now, names);
  const files: ProvisionedFile[] = [
    { name: CERTIFICATE_FILE, bytes: credentials.certificate, secret: false },
    { name: KEY_FILE, bytes: credentials.key, secret: true },
  ];
  if (options.rootPem !== undefined) {
    files.push({ name: ROOT_FILE, bytes: rootCertificate(options.rootPem, now, names.root), secret: false });
  }
  const application = options.manifest ?? join(project, MANIFEST_FILE);
  const platform = options.platform ?? "esp32";
  const manifest = {
    include: [manifestPath(relativePath(out, application))],
    config: {
      endpoint,
      ...(port === undefined ? {} : { port }),
      thingName,
      ...(dnsServers.length === 0 ? {} : { dnsServers: dnsServers.join(" ") }),
      ...(timeServers.length === 0 ? {} : { sntp: timeServers.join(" ") }),
      ...(isOwnMachine(endpoint) ? { allowedHosts: endpoint } : {}),
      // Where the SDK and the simulated chip keep their files: this folder is its owner's alone, and of this device.
      ...(SIMULATORS.includes(platform) ? { file: { root: `${out}${sep}` } } : {}),
    },
    data: { "*": files.map(({ name }) => `./${name.replace(/\.der$/, "")}`) },
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  files.push({ name: MANIFEST_FILE, bytes: new TextEncoder().encode(text), secret: false });
  const line = mcconfigLine(platform, options.cwd ?? project, out);
  return { files, mcconfigLine: line, warnings: warningsOf(options) };
}

/** @throws ProvisionError for what no device can speak MQTT to */
function checkEndpoint(endpoint: string): void {
  if (!isHostName(endpoint)) throw new ProvisionError(`${endpoint} is not a host name (without scheme, port and path)`);
  const problem = endpointProblem(endpoint);
  if (problem !== "")
    throw new ProvisionError(`${endpoint} ${problem}; ask for aws iot describe-endpoint --endpoint-type iot:Data-ATS`);
}

function warningsOf({ endpoint, port, rootPem }: ProvisionOptions): string[] {
  const warnings: string[] = [];
  const isOwn = isOwnMachine(endpoint) || rootPem !== undefined;
  if (endpointKind(endpoint) === "custom" && !isOwn)
    warnings.push(
      `${endpoint} is no name of AWS: as a custom domain it needs a chain to one of the firmware's roots, or --ca`,
    );
  if (port !== undefined && port !== MQTT_PORT && port !== HTTPS_PORT && endpointKind(endpoint) === "data-ats")
    warnings.push(`AWS IoT listens for MQTT on ports ${MQTT_PORT} and ${HTTPS_PORT}, not on ${port}`);
  return warnings;
}

/**
 * This computer, or one that has no name: a cloud of one's own, from where the firmware takes images only if they are
 * listed.
 */
function isOwnMachine(endpoint: string): boolean {
  return endpoint === "localhost" || endpoint.endsWith(".localhost") || isIP(endpoint) !== 0;
}

/** Whether a manifest was written by an earlier run and may be replaced. */
export function isProvisionedManifest(text: string): boolean {
  try {
    const manifest: unknown = JSON.parse(text);
    return JSON.stringify(manifest).includes(`"./${CERTIFICATE_FILE.replace(/\.der$/, "")}"`);
  } catch {
    return false;
  }
}

function isHostName(text: string): boolean {
  return text.length <= 253 && /^(?!-)[a-zA-Z0-9-]+(?<!-)(?:\.(?!-)[a-zA-Z0-9-]+(?<!-))*$/.test(text);
}

function mcconfigLine(platform: string, cwd: string, out: string): string {
  const path = shellWord(manifestPath(relativePath(cwd, join(out, MANIFEST_FILE))));
  const wifi = platform.startsWith("esp32") ? ' ssid="NETWORK" password="PASSWORD"' : "";
  return `mcconfig -d -m -p ${platform} ${path}${wifi}`;
}

function relativePath(from: string, to: string): string {
  return relative(from, to);
}

/** Manifests and shells want "/" and a leading dot, except for a path on another drive. */
function manifestPath(path: string): string {
  if (isAbsolute(path)) return path;
  const portable = path.split(sep).join("/");
  return portable.startsWith(".") ? portable : `./${portable}`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
