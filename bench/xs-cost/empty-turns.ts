/**
 * Turns of the simulated SDK's timer that do nothing: what one costs there and not on a device, whose timers are
 * native.
 */

import Resource from "Resource";
import { devicePorts } from "device-ports/index";
import config from "mc/config";
import { bringUpNetwork } from "network-link";

const { turns } = config;
if (typeof turns !== "number") throw new Error("the board has no configuration");
let left = turns;

const identity = { certificate: fileNamed("device-certificate.der"), key: fileNamed("device-key.der") };
const { timer } = devicePorts({ identity });

function turn(): void {
  left -= 1;
  if (left > 0) timer.set(turn, 0);
  else trace("loaded\n");
}

function fileNamed(name: string): Uint8Array {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
}

bringUpNetwork({
  ssid: "bench",
  password: "",
  sntp: ["pool.ntp.org"],
  trace: () => {},
  onReady: () => {
    trace("loading\n");
    timer.set(turn, 0);
  },
});
