/** The library's way to bring a file to the slot, and nothing else of it: what it costs on XS. */

import Resource from "Resource";
import { devicePorts } from "device-ports/index";
import { FotaDownload } from "fota-download/index";
import config from "mc/config";
import { bringUpNetwork } from "network-link";
import { SECTOR_LENGTH, SlotWriter } from "ota-partition/index";

const { url, size } = config;
if (typeof url !== "string" || typeof size !== "number") throw new Error("the board has no configuration");
const imageSize = size;

const identity = { certificate: fileNamed("device-certificate.der"), key: fileNamed("device-key.der") };
const ports = devicePorts({ identity });
const { timer } = ports;

function load(): void {
  const writer = new SlotWriter({
    flash: ports.openSlot(),
    size: imageSize,
    limit: imageSize,
    timer,
    bufferLength: 4 * SECTOR_LENGTH,
    onStep: () => (writer.written === imageSize ? trace("loaded\n") : download.resume()),
  });
  const download = new FotaDownload({
    ...ports,
    url: String(url),
    allowHttp: true,
    sink: { write: (bytes, more) => void writer.write(bytes, more), space: () => writer.space },
    onDone: () => {},
    onError: (error) => trace(`failed ${error.code}\n`),
  });
  trace("loading\n");
  download.start();
}

function fileNamed(name: string): Uint8Array {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
}

bringUpNetwork({ ssid: "bench", password: "", sntp: ["pool.ntp.org"], trace: () => {}, onReady: load });
