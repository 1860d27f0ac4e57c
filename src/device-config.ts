import Resource from "Resource";
import type { SigningKey } from "aws-fota/index";
import { isThingName } from "aws-jobs/index";
import config from "mc/config";
import { setting, settingFile } from "./settings.js";

/** Everything the sample application is told, from the build's configuration or from NVS; see docs/device.md. */
export type DeviceConfig = {
  /** Host name of the account's `iot:Data-ATS` endpoint. */
  readonly endpoint: string;
  readonly port: number;
  readonly thingName: string;
  readonly identity: {
    /** The device's certificate, DER. */
    readonly certificate: Uint8Array;
    /** Its RSA-2048 key, PKCS#8 DER. */
    readonly key: Uint8Array;
  };
  readonly network: {
    readonly ssid: string;
    readonly password: string;
    /** SNTP server: TLS needs the time of day. */
    readonly sntp: string;
  };
  /** "small": as little memory as possible, at the price of time. For the session and the agent. */
  readonly profile: "small" | undefined;
  readonly fota: {
    /** Self-test deadline of a new image, milliseconds from its start. */
    readonly selfTestTimeoutMs: number;
    /** Accept job documents that point to plain `http`. */
    readonly allowHttp: boolean;
    /** Days from its build after which an image is not installed; default: never. */
    readonly maxImageAgeDays?: number;
    /** Servers that images may come from; default: all but those of local networks. */
    readonly allowedHosts?: readonly string[];
    /**
     * Whose images are installed: resources `ID.der`, DER SubjectPublicKeyInfo. Without any, every image is refused.
     */
    readonly publicKeys: readonly SigningKey[];
    /** Install images that nobody signed. */
    readonly allowUnsigned: boolean;
  };
};

const MQTT_TLS_PORT = 8883;
const DEFAULT_SELF_TEST_TIMEOUT_MS = 300_000;
const DEFAULT_SNTP_SERVER = "pool.ntp.org";

const CERTIFICATE_FILE = "device-certificate.der";
const KEY_FILE = "device-key.der";
/** The one key of a build that does not name its keys; it may be missing. */
const DEFAULT_SIGNING_KEY = "code-signing-key";

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`"${name}" is neither in the firmware nor in NVS; see docs/device.md`);
  return value;
}

function thingName(text: string): string {
  if (!isThingName(text)) throw new Error('config: "thingName" is not 1 to 128 letters, digits, ":", "_" or "-"');
  return text;
}

function integer(name: string, value: unknown): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new Error(`config: "${name}" is not a whole number`);
  return number;
}

function profileOf(value: unknown): "small" | undefined {
  if (value === undefined || value === "") return undefined;
  if (value !== "small") throw new Error('config: "profile" is not "small"');
  return value;
}

/** Values given on the `mcconfig` line arrive as strings. */
const isOn = (value: unknown) => value === true || value === "true" || value === 1 || value === "1";

function signingKey(id: string): SigningKey {
  const name = `${id}.der`;
  if (!Resource.exists(name)) throw new Error(`config: "signingKeys" names ${id}, and the firmware has no ${name}`);
  return { id, key: new Resource(name) };
}

/**
 * Keys belong to the firmware, not to the device: an update may bring others. Never taken from NVS.
 * @param names ids with commas between them
 */
function signingKeys(names: unknown): readonly SigningKey[] {
  if (names !== undefined && names !== "") return String(names).split(",").map(signingKey);
  return Resource.exists(`${DEFAULT_SIGNING_KEY}.der`) ? [signingKey(DEFAULT_SIGNING_KEY)] : [];
}

/** Host names with spaces or commas between them. A list that is overlooked would allow what it forbids. */
function allowedHosts(): { allowedHosts?: readonly string[] } {
  const { allowedHosts: value = "" } = config;
  if (typeof value !== "string") throw new Error('config: "allowedHosts" is not a text of host names');
  const names = (setting("allowedHosts") ?? "").split(/[\s,]+/).filter((name) => name !== "");
  return names.length === 0 ? {} : { allowedHosts: names };
}

/** @throws Error naming the first setting that is missing or malformed. */
export function readDeviceConfig(): DeviceConfig {
  const { selfTestTimeoutMs, allowHttp, maxImageAgeDays: days, signingKeys: keyNames, allowUnsigned } = config;
  return {
    endpoint: required(setting("endpoint"), "endpoint"),
    port: integer("port", setting("port") ?? MQTT_TLS_PORT),
    thingName: thingName(required(setting("thingName"), "thingName")),
    identity: {
      certificate: required(settingFile("certificate", CERTIFICATE_FILE), CERTIFICATE_FILE),
      key: required(settingFile("key", KEY_FILE), KEY_FILE),
    },
    network: {
      ssid: setting("ssid") ?? "",
      password: setting("password") ?? "",
      sntp: setting("sntp") ?? DEFAULT_SNTP_SERVER,
    },
    profile: profileOf(config.profile),
    fota: {
      selfTestTimeoutMs: integer("selfTestTimeoutMs", selfTestTimeoutMs ?? DEFAULT_SELF_TEST_TIMEOUT_MS),
      allowHttp: isOn(allowHttp),
      ...(days === undefined ? {} : { maxImageAgeDays: integer("maxImageAgeDays", days) }),
      ...allowedHosts(),
      publicKeys: signingKeys(keyNames),
      allowUnsigned: isOn(allowUnsigned),
    },
  };
}
