import flash from "embedded:storage/flash";
import FFI from "mc/ffi";
import { Esp32BootControl } from "ota-partition/esp32/boot-control";
import { openNextSlot, openRunningSlot } from "ota-partition/esp32/slot-flash";
import type { BootControl, SlotFlash, SlotReader } from "ota-partition/index";
import type { FotaBootFunctions } from "../../ota-partition/esp32/fota-boot-functions.js";

/** For `machineMemory`. */
export function creation(): ((which: number) => number) | undefined {
  return new FFI().virtual_machine_creation;
}

/** Boot flag and image states by the native functions. */
export function openBoot(): BootControl {
  // The functions are own properties that the build generates from the manifest's `ffi` section, in this very form.
  return new Esp32BootControl(new FFI() as unknown as FotaBootFunctions);
}

/** The slot that does not run. @throws Error when the partition table has none */
export function openInactiveSlot(): SlotFlash {
  return openNextSlot(flash as Parameters<typeof openNextSlot>[0]);
}

/** The slot whose code runs. */
export function openRunning(): SlotReader {
  return openRunningSlot(flash as Parameters<typeof openRunningSlot>[0]);
}
