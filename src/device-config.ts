import Resource from "Resource";
import { isPackageName, type SigningKey } from "aws-fota/index";
import { isThingName } from "aws-jobs/index";
import { endpointProblem } from "foundation/aws-endpoint";
import config from "mc/config";
import { DeviceSettings } from "./settings.js";

/** Everything the sample application is told, from the build's configuration or from NVS; see docs/device.md. */
export type DeviceConfig = {
  /**
   * The first thing that is missing or malformed, and without which the firmware cannot do its work; what stands for it
   * below only keeps the program running. An image on trial fails its self-test with it.
   */
  readonly fault: string | undefined;
  /** Copies the device's own settings to NVS: to be called by a firmware that is here to stay. */
  readonly keep: () => void;
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
    /** Time servers, asked in turn: TLS needs the time of day. */
    readonly sntp: readonly string[];
    /** IPv4 addresses of DNS servers, asked after those of DHCP and before public ones. */
    readonly dnsServers: readonly string[];
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
    /** Tell the fleet what runs, in which shadow; default: not. */
    readonly fleetReport?: { readonly package?: string };
  };
};

const MQTT_TLS_PORT = 8883;
const DEFAULT_SELF_TEST_TIMEOUT_MS = 300_000;
const MAX_IMAGE_AGE_DAYS = 36_500;
const MAX_SELF_TEST_TIMEOUT_MS = 3_600_000;
const DEFAULT_SNTP_SERVERS = "pool.ntp.org time.aws.com time.cloudflare.com";

const CERTIFICATE_FILE = "device-certificate.der";
const KEY_FILE = "device-key.der";
/** The one key of a build that does not name its keys; it may be missing. */
const DEFAULT_SIGNING_KEY = "code-signing-key";

/** Stand for what is missing. `.invalid` is a name that nobody has. [RFC 2606] */
const NO_ENDPOINT = "unconfigured.invalid";
const NO_THING_NAME = "unconfigured";

/** Values given on the `mcconfig` line arrive as strings. */
const isOn = (value: unknown) => value === true || value === "true" || value === 1 || value === "1";

/** Reads settings, tells what is wrong with them, and keeps the first fault. Nothing in here throws. */
class ConfigReader {
  readonly settings: DeviceSettings;
  readonly #say: (text: string) => void;
  #fault: string | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
    this.settings = new DeviceSettings(say);
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  required<T>(value: T | undefined, name: string, otherwise: T): T {
    if (value !== undefined) return value;
    this.wrong(`"${name}" is neither in the firmware nor in NVS; see docs/device.md`);
    return otherwise;
  }

  /** A name that leads to another service is said: what answers there explains nothing. */
  endpoint(): string {
    const name = this.required(this.settings.text("endpoint"), "endpoint", NO_ENDPOINT);
    const problem = endpointProblem(name);
    if (problem !== "") this.#say(`config: the endpoint ${name} ${problem}; see docs/device.md`);
    return name;
  }

  thingName(): string {
    const name = this.required(this.settings.text("thingName"), "thingName", NO_THING_NAME);
    if (isThingName(name)) return name;
    this.wrong('config: "thingName" is not 1 to 128 letters, digits, ":", "_" or "-"');
    return NO_THING_NAME;
  }

  /** A number that is none is said, and the default holds: the firmware can work with it. */
  integer(name: string, value: unknown, otherwise: number, least: number, most: number): number {
    if (value === undefined) return otherwise;
    const number = Number(value);
    if (value !== "" && Number.isInteger(number) && number >= least && number <= most) return number;
    this.#say(`config: "${name}" is not a whole number from ${least} to ${most}; ${otherwise} is used`);
    return otherwise;
  }

  /** One that is none is said, and the usual options hold. */
  profile(value: unknown): "small" | undefined {
    if (value === "small") return value;
    if (value !== undefined && value !== "") this.#say('config: "profile" is not "small"; the usual options are used');
    return undefined;
  }

  /**
   * Keys belong to the firmware, not to the device: an update may bring others. Never taken from NVS.
   * @param names ids with commas between them
   */
  signingKeys(names: unknown): readonly SigningKey[] {
    if (names === undefined || names === "")
      return Resource.exists(`${DEFAULT_SIGNING_KEY}.der`) ? [signingKey(DEFAULT_SIGNING_KEY)] : [];
    const ids = String(names).split(",");
    const missing = ids.find((id) => !Resource.exists(`${id}.der`));
    if (missing === undefined) return ids.map(signingKey);
    this.wrong(`config: "signingKeys" names ${missing}, and the firmware has no ${missing}.der`);
    return [];
  }

  /** Host names with spaces or commas between them. A list that is overlooked would allow what it forbids. */
  allowedHosts(): { allowedHosts?: readonly string[] } {
    const { allowedHosts: value = "" } = config;
    if (typeof value !== "string") this.wrong('config: "allowedHosts" is not a text of host names');
    const names = listOf(this.settings.text("allowedHosts"));
    return names.length === 0 ? {} : { allowedHosts: names };
  }

  /** `true`, or the name of a package of AWS's catalog. What is neither is said, and nothing is reported. */
  fleetReport(value: unknown): { fleetReport?: { package?: string } } {
    if (value === undefined || value === "" || value === false || value === "false" || value === 0) return {};
    if (isOn(value)) return { fleetReport: {} };
    if (typeof value === "string" && isPackageName(value)) return { fleetReport: { package: value } };
    this.#say('config: "fleetReport" is neither true nor the name of a software package; nothing is reported');
    return {};
  }

  private wrong(text: string): void {
    this.#say(text);
    this.#fault ??= text;
  }
}

function signingKey(id: string): SigningKey {
  return { id, key: new Resource(`${id}.der`) };
}

/** What has spaces or commas between it. */
function listOf(text = ""): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== "");
}

/** Never throws. @param say receives one line for each thing that is wrong */
export function readDeviceConfig(say: (text: string) => void): DeviceConfig {
  const { selfTestTimeoutMs, allowHttp, maxImageAgeDays: days, signingKeys, allowUnsigned, fleetReport } = config;
  const reader = new ConfigReader(say);
  const { settings } = reader;
  const read = {
    endpoint: reader.endpoint(),
    port: reader.integer("port", settings.text("port"), MQTT_TLS_PORT, 1, 65_535),
    thingName: reader.thingName(),
    identity: {
      certificate: reader.required(settings.file("certificate", CERTIFICATE_FILE), CERTIFICATE_FILE, new Uint8Array(0)),
      key: reader.required(settings.file("key", KEY_FILE), KEY_FILE, new Uint8Array(0)),
    },
    network: {
      ssid: settings.text("ssid") ?? "",
      password: settings.text("password") ?? "",
      sntp: listOf(settings.text("sntp") ?? DEFAULT_SNTP_SERVERS),
      dnsServers: listOf(settings.text("dnsServers")),
    },
    profile: reader.profile(config.profile),
    fota: {
      selfTestTimeoutMs: reader.integer(
        "selfTestTimeoutMs",
        selfTestTimeoutMs,
        DEFAULT_SELF_TEST_TIMEOUT_MS,
        1000,
        MAX_SELF_TEST_TIMEOUT_MS,
      ),
      allowHttp: isOn(allowHttp),
      ...(days === undefined
        ? {}
        : { maxImageAgeDays: reader.integer("maxImageAgeDays", days, 1, 1, MAX_IMAGE_AGE_DAYS) }),
      ...reader.allowedHosts(),
      publicKeys: reader.signingKeys(signingKeys),
      allowUnsigned: isOn(allowUnsigned),
      ...reader.fleetReport(fleetReport),
    },
  };
  return { ...read, fault: reader.fault, keep: () => settings.keep() };
}
