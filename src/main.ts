/**
 * The sample firmware: composition only. Reads the configuration, builds the library's objects and starts them. The
 * agent is opened before the network, so that the deadline of the self-test runs, and ends the trial of a new image,
 * also when that image never gets a network.
 */
import { AwsFota } from "aws-fota/index";
import { devicePorts } from "device-ports/index";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import { readDeviceConfig } from "./device-config.js";

const log = (text: string) => trace(`${text}\n`);

const { endpoint, port, thingName, identity, network, profile, fota: fotaConfig } = readDeviceConfig();
const ports = devicePorts({ identity, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName, profile });

const fota = new AwsFota({
  ...ports,
  ...fotaConfig,
  profile,
  session,
  thingName,
  onInstalled: () => fota.restart(),
});

fota.open();
bringUpNetwork({ ...network, trace: log, onReady: () => session.open() });
