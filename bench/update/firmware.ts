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
import { SlotWriter } from "ota-partition/index";

const { endpoint, thingName, rangeLength, eraseAhead } = config;
if (typeof endpoint !== "string" || typeof thingName !== "string") throw new Error("the board has no configuration");

const identity = { certificate: fileNamed("device-certificate.der"), key: fileNamed("device-key.der") };
const ports = devicePorts({ identity, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port: 8883, id: thingName });
const fota = new AwsFota({
  ...ports,
  session,
  thingName,
  ...(typeof rangeLength === "number" ? { download: { rangeLength } } : {}),
  ...(typeof eraseAhead === "number"
    ? { parts: { writer: (options) => new SlotWriter({ ...options, eraseAhead }) } }
    : {}),
  onInstalled: () => fota.restart(),
});

fota.open();
bringUpNetwork({ ssid: "bench", password: "", sntp: "pool.ntp.org", trace: log, onReady: () => session.open() });

function fileNamed(name: string): Uint8Array {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
}

function log(text: string): void {
  trace(`${text}\n`);
}
