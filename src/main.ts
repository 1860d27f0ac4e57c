/**
 * The sample firmware: composition only. Reads the configuration, builds the library's objects and starts them. The
 * agent is opened before the network, so that the deadline of the self-test runs, and ends the trial of a new image,
 * also when that image never gets a network.
 *
 * Nothing ends this program with an exception, which would restart the board for ever: what is wrong is traced, and an
 * image on trial that cannot do its work is taken back.
 */
import { AwsFota } from "aws-fota/index";
import { devicePorts } from "device-ports/index";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import { type DeviceConfig, readDeviceConfig } from "./device-config.js";

const log = (text: string) => trace(`${text}\n`);

const { fault, keep, endpoint, port, thingName, identity, network, profile, fota: fotaConfig } = readDeviceConfig(log);
const ports = devicePorts({ identity, dnsServers: network.dnsServers, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName, profile });

/** `wrong`: why this firmware is of no use as it is. */
function createFota(chosen: Partial<DeviceConfig["fota"]>, wrong: string | undefined): AwsFota {
  const fota: AwsFota = new AwsFota({
    ...ports,
    ...chosen,
    profile,
    session,
    thingName,
    onInstalled: () => fota.restart(),
    onConfirmed: keep,
    ...(wrong !== undefined && { selfTest: (done) => done(false, wrong) }),
  });
  return fota;
}

function start(): void {
  let wrong = fault;
  // Options that the library does not take leave an agent with less of them, so that a trial has an end.
  const { publicKeys } = fotaConfig;
  let fota: AwsFota | undefined;
  for (const chosen of [fotaConfig, { publicKeys }, {}]) {
    try {
      fota ??= createFota(chosen, wrong);
    } catch (error) {
      wrong ??= error instanceof Error ? error.message : String(error);
    }
  }
  if (fota === undefined) return;
  fota.open();
  if (wrong !== undefined) {
    log(`the firmware does not go to work, and connects to nobody: ${wrong}`);
    return;
  }
  if (fota.state !== "testing") keep();
  bringUpNetwork({ ...network, trace: log, onReady: () => session.open() });
}

start();
