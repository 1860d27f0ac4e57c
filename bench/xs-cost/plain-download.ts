/**
 * How the SDK's examples bring a file to the slot: its HTTP client, whatever is readable written in the callback, each
 * sector erased before it is reached. The peer of our-download.ts, on the same engine and the same ports.
 */

import Resource from "Resource";
import HTTPClient from "embedded:network/http/client";
import { devicePorts } from "device-ports/index";
import config from "mc/config";
import { bringUpNetwork } from "network-link";

const SECTOR = 4096;
const { url, size } = config;
if (typeof url !== "string" || typeof size !== "number") throw new Error("the board has no configuration");
const [, host = "", path = ""] = /^http:\/\/([^/]*)(.*)$/.exec(url) ?? [];
const imageSize = size;

const identity = { certificate: fileNamed("device-certificate.der"), key: fileNamed("device-key.der") };
const ports = devicePorts({ identity });

interface Request {
  read(count: number): ArrayBuffer | undefined;
}

/** The SDK's client as it is: its typings describe another one. */
const Client = HTTPClient as unknown as new (
  options: object,
) => {
  request(options: {
    path: string;
    onReadable(this: Request, count: number): void;
    onDone(error: unknown): void;
  }): void;
};

function load(): void {
  const flash = ports.openSlot();
  let at = 0;
  const client = new Client({ ...ports.http, host, port: 80 });
  trace("loading\n");
  client.request({
    path,
    onReadable(this: Request, count: number) {
      const bytes = this.read(count);
      if (bytes === undefined) return;
      const end = at + bytes.byteLength;
      for (let sector = Math.ceil(at / SECTOR); sector * SECTOR < end; sector += 1)
        flash.eraseBlock(sector, sector + 1);
      flash.write(new Uint8Array(bytes), at);
      at = end;
      if (at === imageSize) trace("loaded\n");
    },
    onDone: (error: unknown) => (error ? trace("failed\n") : undefined),
  });
}

function fileNamed(name: string): Uint8Array {
  const file = new Resource(name);
  return new Uint8Array(file.slice(0, file.byteLength));
}

bringUpNetwork({ ssid: "bench", password: "", sntp: ["pool.ntp.org"], trace: () => {}, onReady: load });
