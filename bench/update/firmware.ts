/**
 * The firmware of the update bench: the sample application, tuned by the configuration of the board it runs on. One
 * image serves all measurements, so that they differ in these options only.
 */

import Resource from "Resource";
import { AwsFota } from "aws-fota/index";
import { devicePorts } from "device-ports/index";
import config from "mc/config";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import type { SlotFlash } from "ota-partition/index";

const { endpoint, thingName, rangeLength, sectorErases } = config;
if (typeof endpoint !== "string" || typeof thingName !== "string") throw new Error("the board has no configuration");

const identity = { certificate: fileNamed("device-certificate.der"), key: fileNamed("device-key.der") };
const ports = devicePorts({ identity, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port: 8883, id: thingName });
const fota = new AwsFota({
  ...ports,
  session,
  thingName,
  publicKeys: [{ id: "bench", key: fileNamed("code-signing-key.der") }],
  ...(typeof rangeLength === "number" ? { download: { rangeLength } } : {}),
  ...(sectorErases === true ? { openSlot: () => erasedBySector(ports.openSlot()) } : {}),
  onInstalled: () => fota.restart(),
});

fota.open();
bringUpNetwork({ ssid: "bench", password: "", sntp: ["pool.ntp.org"], trace: log, onReady: () => session.open() });

function fileNamed(name: string): Uint8Array {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
}

/** What the 64 KiB erases are compared with: the same flash, each 4 KiB sector erased by a command of its own. */
function erasedBySector(flash: SlotFlash): SlotFlash {
  return {
    status: () => flash.status(),
    read: (buffer, byteOffset) => flash.read(buffer, byteOffset),
    write: (bytes, byteOffset) => flash.write(bytes, byteOffset),
    eraseBlock(start, end = start + 1) {
      for (let sector = start; sector < end; sector++) flash.eraseBlock(sector, sector + 1);
    },
    close: () => flash.close(),
  };
}

function log(text: string): void {
  trace(`${text}\n`);
}
