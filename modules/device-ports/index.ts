/**
 * The SDK's classes gathered as the ports that `mqtt-session` and `aws-fota` take. Spread the result into their
 * options:
 *
 *     const ports = devicePorts({ identity, trace });
 *     const session = new MqttSession({ ...ports, host, id: thingName });
 *     const fota = new AwsFota({ ...ports, session, thingName, publicKeys });
 *
 * @module
 */
import { Digest } from "crypt";
import { dhcpServers } from "device-ports/dhcp-servers";
import { openStore } from "device-ports/open-store";
import { creation, openBoot, openInactiveSlot, openRunning } from "device-ports/slots";
import { identityFault } from "../strict-tls/index.js";
import { createClock } from "./clock.js";
import { bytesOfDer } from "./der-buffer.js";
import { machineMemory } from "./machine-memory.js";
import { createEndpoints, type DeviceIdentity, type NetworkOptions } from "./network-endpoints.js";
import { registerRootCertificates } from "./root-certificates.js";
import { timer } from "./timer.js";
import { verifyP256 } from "./verify-p256.js";

export type { TextStore } from "../foundation/text-store.js";
export type { DeviceIdentity, Endpoints } from "./network-endpoints.js";

/** What differs from device to device and from application to application. */
export type DevicePortsOptions = Omit<NetworkOptions, "memory" | "offeredServers" | "onException"> & {
  readonly identity: DeviceIdentity;
  /** Receives one line for each event worth reading, without secrets. Default: nothing is traced. */
  readonly trace?: (text: string) => void;
};

/** The SDK's digest as it is: its typings leave out views. */
type DigestClass = new (
  algorithm: string,
) => { write(data: Uint8Array | ArrayBuffer | string): void; close(): ArrayBuffer };

/** Where the update's record is kept: NVS namespace and key. */
const STORE_DOMAIN = "aws-fota";
const STORE_KEY = "record";
/** And its journal. */
const JOURNAL_KEY = "journal";
/** And how often the device started. */
const BOOTS_KEY = "boots";

/**
 * Call once at start: registers the root certificates and, in the desktop simulators, boots the simulated flash.
 * On the ESP32 it fails to build, not to run, when the firmware lacks a native part.
 */
export function devicePorts(options: DevicePortsOptions) {
  const trace = options.trace ?? (() => {});
  registerRootCertificates(trace);
  const { certificate, key } = options.identity;
  const fault = identityFault(bytesOfDer(certificate), bytesOfDer(key));
  if (fault !== undefined) trace(`network: the device's identity is of no use: ${fault}`);
  const memory = machineMemory(creation());
  return {
    ...createEndpoints({
      ...options,
      memory,
      offeredServers: dhcpServers,
      onException: (error) => trace(`network: ${error instanceof Error ? error.message : String(error)}`),
    }),
    timer,
    clock: createClock(),
    random: Math.random,
    trace,
    store: openStore(STORE_DOMAIN, STORE_KEY),
    journal: openStore(STORE_DOMAIN, JOURNAL_KEY),
    openBoots,
    boot: openBoot(),
    openSlot: openInactiveSlot,
    openRunning,
    Digest: Digest as unknown as DigestClass,
    verifyP256,
    memory,
  };
}

function openBoots() {
  return openStore(STORE_DOMAIN, BOOTS_KEY);
}

/** What {@link devicePorts} gives. */
export type DevicePorts = ReturnType<typeof devicePorts>;
