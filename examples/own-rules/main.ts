import { AwsFota } from "aws-fota/index";
import { readDeviceConfig } from "device-config";
import { devicePorts } from "device-ports/index";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";
import { Oven } from "./oven.js";

const ASK_AGAIN_MS = 2_000;

const log = (text: string) => trace(`${text}\n`);
const { fault, keep, endpoint, port, thingName, identity, network, fota: fotaConfig } = readDeviceConfig(log);
const ports = devicePorts({ identity, dnsServers: network.dnsServers, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName });
const oven = new Oven();

const fota = new AwsFota({
  ...ports,
  ...fotaConfig,
  session,
  thingName,

  /** The cloud offers; the application decides. The operator's `force` is heard here, too. */
  onJob({ from, to = "a new version", force }) {
    log(`oven: ${to} is offered to ${from}, ${oven.isBaking ? "while baking" : "the oven is cold"}`);
    return oven.isBaking && !force ? { deferMs: ASK_AGAIN_MS } : "accept";
  },

  /** An image without a setting or without its sensor is worth nothing: it goes back, whatever the cloud thinks. */
  selfTest(done, note) {
    if (fault !== undefined) return done(false, fault);
    note("sensor asked");
    oven.readTemperature((degrees) => {
      if (degrees === undefined) done(false, "the sensor does not answer");
      else done(true);
    });
  },

  /** It may have begun to bake while the image was loaded. */
  onInstalled: () => oven.whenCold(() => fota.restart()),
  onConfirmed({ version }) {
    log(`oven: ${version} is here to stay`);
    keep();
  },
  onRolledBack: ({ code, detail }) => log(`oven: the new firmware was taken back, ${code}: ${detail}`),
});

oven.open();
fota.open();
if (fault === undefined) {
  // The settings that came with this firmware stay; those of one on trial only when it is confirmed.
  if (fota.state !== "testing") keep();
  bringUpNetwork({ ...network, trace: log, onReady: () => session.open() });
} else log(`not started: ${fault}`);
