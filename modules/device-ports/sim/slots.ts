import Resource from "Resource";
import { Digest } from "crypt";
import { endProcess, machineCreation, preparePrivateFiles, prepareProcess } from "device-ports/process";
import { File } from "file";
import config from "mc/config";
import type { BootControl, SlotFlash } from "ota-partition/index";
import { formatSimDevice, openSimDevice, partitionsFromCsv, type SimDevice } from "ota-partition/sim/index";
import { FileStore } from "./file-store.js";
import { openStore } from "./open-store.js";
import { stateFolder } from "./state-folder.js";

/** The chip of the default partition table. */
const FLASH_SIZE = 4 * 1024 * 1024;

/** Where the reset's cause waits for the next start; see {@link takeResetReason}. */
const resetReason = () => openStore("simulator", "reset-reason");

function text(value: unknown, fallback: string): string {
  return typeof value === "string" && value !== "" ? value : fallback;
}

// When this module is loaded, and not when the chip is switched on: an application may store a setting before it asks
// for its ports.
preparePrivateFiles(stateFolder());

function flashPath(): string {
  return text(config.flashFile, `${stateFolder()}moddable-aws-fota.flash`);
}

function partitions() {
  const table = new Resource("partitions.csv");
  const bytes = new Uint8Array(table.slice(0, table.byteLength));
  let csv = "";
  for (const byte of bytes) csv += String.fromCharCode(byte);
  return partitionsFromCsv(csv, { flashSize: FLASH_SIZE });
}

/**
 * Makes the file of a freshly flashed chip. It has another name until it is complete: a start that was interrupted
 * makes it again.
 */
function formatFlash(path: string): void {
  const unfinished = `${path}.new`;
  File.delete(unfinished);
  const store = new FileStore(unfinished, FLASH_SIZE);
  formatSimDevice({ store, Digest: DigestPort, partitions: partitions(), version: text(config.version, "0.0.0") });
  store.close();
  File.rename(unfinished, path);
}

/** The SDK's digest takes views too; its typings know buffers only. */
const DigestPort = Digest as unknown as Parameters<typeof openSimDevice>[0]["Digest"];

/**
 * A restart by the firmware leaves a note, so that the next start is told from one by hand, which counts as power-on.
 */
function takeResetReason(): string {
  const note = resetReason();
  const reason = text(note.read(), "power-on");
  note.remove();
  return reason;
}

function powerOn(): SimDevice {
  prepareProcess();
  const path = flashPath();
  if (!File.exists(path)) formatFlash(path);
  return openSimDevice({
    store: new FileStore(path, FLASH_SIZE),
    Digest: DigestPort,
    resetReason: takeResetReason(),
    restart() {
      resetReason().write("software");
      trace("restart: the simulator ends here; start it again for the reboot\n");
      endProcess();
    },
  });
}

/** The simulated device, made at the first use: its bootloader runs once for each start of the simulator. */
type Slots = { device: SimDevice | undefined };
const slots: Slots = { device: undefined };

/** For `machineMemory`. */
export function creation(): ((which: number) => number) | undefined {
  return machineCreation();
}

export function openBoot(): BootControl {
  slots.device ??= powerOn();
  return slots.device.boot;
}

export function openInactiveSlot(): SlotFlash {
  slots.device ??= powerOn();
  return slots.device.openSlot();
}
