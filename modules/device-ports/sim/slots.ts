import { machineCreation, preparePrivateFiles } from "device-ports/process";
import type { BootControl, SlotFlash, SlotReader } from "ota-partition/index";
import type { SimDevice } from "ota-partition/sim/index";
import { powerOn } from "./sim-board.js";
import { stateFolder } from "./state-folder.js";

// When this module is loaded, and not when the chip is switched on: an application may store a setting before it asks
// for its ports.
preparePrivateFiles(stateFolder());

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

export function openRunning(): SlotReader {
  slots.device ??= powerOn();
  return slots.device.openSlot("running");
}
