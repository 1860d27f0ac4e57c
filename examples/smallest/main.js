import Resource from "Resource";
import { AwsFota } from "aws-fota/index";
import { devicePorts } from "device-ports/index";
import config from "mc/config";
import { MqttSession } from "mqtt-session/index";
import { bringUpNetwork } from "network-link";

const { endpoint, port, thingName, allowedHosts, ssid = "", password = "", sntp = "pool.ntp.org" } = config;
const log = (text) => trace(`${text}\n`);

const identity = { certificate: new Resource("device-certificate.der"), key: new Resource("device-key.der") };
const ports = devicePorts({ identity, trace: log });
const session = new MqttSession({ ...ports, host: endpoint, port, id: thingName });
const fota = new AwsFota({
  ...ports,
  session,
  thingName,
  allowedHosts: allowedHosts?.split(" "),
  publicKeys: [{ id: "code-signing-key", key: new Resource("code-signing-key.der") }],
  onInstalled: () => fota.restart(),
});

// Before the network: it ends the trial of a new image also when that image never gets one.
fota.open();
bringUpNetwork({ ssid, password, sntp: sntp.split(" "), trace: log, onReady: () => session.open() });
