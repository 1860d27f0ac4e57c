import { AwsFota } from "aws-fota/index";
import { readDeviceConfig } from "device-config";
import { devicePorts } from "device-ports/index";
import config from "mc/config";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import { startTelemetry } from "./telemetry.js";

const DEFAULT_INTERVAL_MS = 60_000;

const log = (text: string) => trace(`${text}\n`);
const { fault, keep, endpoint, port, thingName, identity, network, fota: fotaConfig } = readDeviceConfig(log);
const ports = devicePorts({ identity, dnsServers: network.dnsServers, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName });
const fota = new AwsFota({
  ...ports,
  ...fotaConfig,
  session,
  thingName,
  onInstalled: () => fota.restart(),
  onConfirmed: keep,
  // A firmware that lacks a setting is of no use: on trial it goes back.
  ...(fault !== undefined && { selfTest: (done) => done(false, fault) }),
});

const lamp = { on: false };

function start(): void {
  // The settings that came with this firmware stay; those of one on trial only when it is confirmed.
  if (fota.state !== "testing") keep();
  startTelemetry({
    session,
    thingName,
    intervalMs: Number(config.telemetryMs ?? DEFAULT_INTERVAL_MS),
    read: () => ({ on: lamp.on, update: fota.state }),
    onCommand(text) {
      lamp.on = text === "on";
      log(`lamp: ${lamp.on ? "on" : "off"}`);
    },
    trace: log,
  });
  bringUpNetwork({ ...network, trace: log, onReady: () => session.open() });
}

fota.open();
if (fault === undefined) start();
else log(`not started: ${fault}`);
