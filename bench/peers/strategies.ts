import { SECTOR } from "../update/models.js";
import { Interrupted, type PeerDevice } from "./peer-device.js";

/** How somebody else brings an image to flash, as its sources say, in plain code over the same models. */
export interface Strategy {
  readonly name: string;
  /** What it is modelled on, and what was decided in its favour. */
  readonly source: string;
  /** All of it runs in callbacks of one event loop. */
  readonly inCallbacks?: boolean;
  run(device: PeerDevice): void;
}

const KIB = 1024;

/** Takes `attempt` again after each interruption, as its strategy says. */
function through(attempt: (interruption: Interrupted["kind"] | undefined) => void): void {
  let interruption: Interrupted["kind"] | undefined;
  for (;;) {
    try {
      attempt(interruption);
      return;
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      interruption = error.kind;
    }
  }
}

/**
 * A body of `count` bytes into flash: read as it comes, collected to `unit` bytes, each sector erased before its first.
 */
function pour(
  device: PeerDevice,
  count: number,
  { from, unit, erase }: { from: number; unit: number; erase: boolean },
) {
  let collected = 0;
  for (let left = count, at = from; left > 0; ) {
    const got = device.read(Math.min(left, unit - collected));
    left -= got;
    collected += got;
    if (collected < unit && left > 0) continue;
    if (erase && at % SECTOR === 0) device.erase(SECTOR);
    device.write(collected);
    at += collected;
    collected = 0;
  }
}

const nordic: Strategy = {
  name: "one 2 KiB range a request",
  source:
    "nrfconnect/sdk-nrf, downloader over the modem's TLS (TLS_RANGE_MAX 2048, connection kept), dfu_target_mcuboot (buffer of 512 bytes, " +
    "sectors erased as they are reached). A dropped connection goes on where it was; after a loss of power it begins anew, " +
    "because the URL is another one",
  run(device) {
    let offset = 0;
    through((interruption) => {
      if (interruption === "power-cut") offset = 0;
      device.restartAt(offset);
      while (offset < device.size) {
        const count = Math.min(2 * KIB, device.size - offset);
        device.request(offset, count);
        pour(device, count, { from: offset, unit: 512, erase: true });
        offset += count;
      }
    });
  },
};

const awsStream: Strategy = {
  name: "4 KiB blocks over MQTT, one in flight",
  source:
    "aws/ota-for-aws-iot-embedded-sdk 3.4.0 (log2 block size 12, one block a request) over the connection that is there already; the port for " +
    "the ESP32 erases the whole length at the beginning. The bitmap of blocks is in memory: a loss of power begins anew",
  run(device) {
    let offset = 0;
    let isOpen = false;
    through((interruption) => {
      if (interruption === "power-cut") {
        offset = 0;
        isOpen = false;
      }
      if (interruption === undefined) device.connectBefore();
      else device.connect(true);
      device.restartAt(offset);
      if (!isOpen) device.eraseRange(device.size);
      isOpen = true;
      while (offset < device.size) {
        const count = Math.min(4 * KIB, device.size - offset);
        device.askBlock(offset, count);
        device.write(count);
        offset += count;
      }
    });
  },
};

const espIdf: Strategy = {
  name: "64 KiB ranges",
  source:
    "espressif/esp-idf, esp_https_ota with partial_http_download (64 KiB, connection kept as in the tree of 6.2), a first request for the size, " +
    "sectors erased as they are reached (bulk_flash_erase off), ota_resumption on and its application storing the offset at each range",
  run(device) {
    let stored = 0;
    through(() => {
      let offset = stored;
      device.restartAt(offset);
      device.request(0, 1);
      device.readAll(1);
      while (offset < device.size) {
        const count = Math.min(64 * KIB, device.size - offset);
        device.request(offset, count);
        pour(device, count, { from: offset, unit: SECTOR, erase: true });
        offset += count;
        stored = offset;
        device.store();
      }
    });
  },
};

const moddable: Strategy = {
  name: "whole file, 4 KiB erases, no resume",
  source:
    "Moddable-OpenSource/moddable, its OTA example: one request, what is readable is written in the callback, esp_ota_write erases sectors as " +
    "they are reached. Whatever interrupts it, it begins anew (here at once, by somebody who asks again)",
  inCallbacks: true,
  run(device) {
    through(() => {
      device.restartAt(0);
      device.connect();
      device.request(0, device.size);
      pour(device, device.size, { from: 0, unit: SECTOR, erase: true });
    });
  },
};

/**
 * Patches as `esp_delta_ota` takes them. `patchBytes`: of the whole patch. What it says of the old image is read out of
 * the running slot, which takes no time here.
 */
export function detools(patchBytes: number): Strategy {
  return {
    name: "patch of detools, begun anew after a cut",
    source:
      "espressif/idf-extra-components, esp_delta_ota with a patch of detools (heatshrink): the patch is read once from its beginning, the new image " +
      "written as it comes out. In its favour only the image's length is erased, by blocks. Whatever interrupts it, it begins anew",
    run(device) {
      through(() => {
        device.restartAt(0);
        device.connect();
        device.eraseRange(device.size);
        device.request(0, patchBytes);
        let read = 0;
        for (let at = 0; at < device.size; at += SECTOR) {
          const length = Math.min(SECTOR, device.size - at);
          const needed = Math.ceil(((at + length) / device.size) * patchBytes);
          if (needed > read) device.readAll(needed - read);
          read = needed;
          device.write(length);
        }
      });
    },
  };
}

/** In the order of the tables. */
export const STRATEGIES: readonly Strategy[] = Object.freeze([nordic, awsStream, espIdf, moddable]);
