import Resource from "Resource";
import config from "mc/config";

/** What the firmware is told at build time (`"config"` of the manifest, or `name=value` on the `mcconfig` line). */
export type DeviceConfig = {
  /** Host name of the account's `iot:Data-ATS` endpoint. */
  readonly endpoint: string;
  readonly port: number;
  readonly thingName: string;
  readonly network: {
    readonly ssid: string;
    readonly password: string;
    /** SNTP server: TLS needs the time of day. */
    readonly sntp: string;
  };
  readonly fota: {
    /** Self-test deadline of a new image, milliseconds from its start. */
    readonly selfTestTimeoutMs: number;
    /** Accept job documents that point to plain `http`. */
    readonly allowHttp: boolean;
    /** Code signing key, DER SubjectPublicKeyInfo; with it only images with a good `sig-sha256-ecdsa` are installed. */
    readonly publicKey?: Uint8Array;
  };
};

const MQTT_TLS_PORT = 8883;
const DEFAULT_SELF_TEST_TIMEOUT_MS = 300_000;
const DEFAULT_SNTP_SERVER = "pool.ntp.org";

const CERTIFICATE = "device-certificate.der";
const KEY = "device-key.der";
const CODE_SIGNING_KEY = "code-signing-key.der";

/** The configuration is in ROM and frozen: it is copied leaf by leaf. Values on the `mcconfig` line arrive as strings. */
function text(name: string, fallback?: string): string {
  const value = config[name] ?? fallback;
  if (typeof value === "string" && value.length > 0) return value;
  if (typeof value === "number") return String(value);
  throw new Error(`config: "${name}" is missing; see docs/device.md`);
}

function integer(name: string, fallback: number): number {
  const value = Number(config[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0) throw new Error(`config: "${name}" is not a whole number`);
  return value;
}

function flag(name: string): boolean {
  const value = config[name];
  return value === true || value === "true" || value === 1 || value === "1";
}

function bytes(name: string): Uint8Array {
  const resource = new Resource(name);
  return new Uint8Array(resource.slice(0, resource.byteLength));
}

/** @throws Error naming the first setting that is missing or malformed. */
export function readDeviceConfig(): DeviceConfig {
  return {
    endpoint: text("endpoint"),
    port: integer("port", MQTT_TLS_PORT),
    thingName: text("thingName"),
    network: {
      ssid: String(config["ssid"] ?? ""),
      password: String(config["password"] ?? ""),
      sntp: text("sntp", DEFAULT_SNTP_SERVER),
    },
    fota: {
      selfTestTimeoutMs: integer("selfTestTimeoutMs", DEFAULT_SELF_TEST_TIMEOUT_MS),
      allowHttp: flag("allowHttp"),
      ...(Resource.exists(CODE_SIGNING_KEY) ? { publicKey: bytes(CODE_SIGNING_KEY) } : {}),
    },
  };
}

/** The certificate and key that `npm run provision` put into the firmware. Stay in flash; never copied to memory here. */
export function readIdentity(): { certificate: object; key: object } {
  for (const name of [CERTIFICATE, KEY])
    if (!Resource.exists(name)) throw new Error(`"${name}" is not in the firmware; see docs/device.md, "Provision"`);
  return { certificate: new Resource(CERTIFICATE), key: new Resource(KEY) };
}
