import Resource from "Resource";
import { Digest } from "crypt";
import { endProcess, prepareProcess } from "device-ports/process";
import { File } from "file";
import config from "mc/config";
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

/** Runs the bootloader: once for each start of the simulator. */
export function powerOn(): SimDevice {
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
