import { isOtaSlot } from "../../modules/esp32-sim/index.js";
import type { Board, Step } from "../board/index.js";
import type { Progress } from "./progress.js";

const WRITE = /^write 0x([0-9a-f]+)\+(\d+)$/;

/**
 * Watches the flash for bytes that go into an update slot, and shows them. What is shown is what the chip was told, not
 * what the firmware says. `total` gives the image's length where it is known; otherwise the slot's.
 */
export function watchDownload(board: () => Board | undefined, progress: Progress, total?: () => number | undefined) {
  return (step: Step): void => {
    const match = step.kind === "flash-write" ? WRITE.exec(step.detail) : null;
    if (match === null) return;
    const address = Number.parseInt(match[1] ?? "", 16);
    const slot = board()?.chip.partitions.find(
      (partition) => isOtaSlot(partition) && address >= partition.offset && address < partition.offset + partition.size,
    );
    if (slot === undefined) return;
    progress.update(address - slot.offset + Number(match[2]), total?.() ?? slot.size);
  };
}
