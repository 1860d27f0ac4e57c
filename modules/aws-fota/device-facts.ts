import type { FotaPorts } from "./ports.js";
import type { BootSituation, ImageState } from "./reboot-verdict.js";
import { namedVersion, normalizeVersion } from "./version.js";

/** What runs, where an update goes, and how large it may be. */
export type DeviceFacts = BootSituation & {
  readonly version: string;
  readonly project: string;
  /** The slot that is written. */
  readonly slot: { readonly label: string; readonly version: string | undefined };
  /** Bytes of the smaller slot: an image must be able to go into either. */
  readonly limit: number;
  /** The bootloader returns to the old image when the new one fails. */
  readonly rollback: boolean;
  readonly resetReason: string;
};

/** States in which an image that was just installed runs although nothing watches it. */
const UNWATCHED: readonly ImageState[] = Object.freeze(["UNDEFINED", "NEW"]);

/** @throws what BootControl throws: a device without a second slot cannot be updated */
export function readDeviceFacts({ boot }: Pick<FotaPorts, "boot">): DeviceFacts {
  const running = boot.running();
  const next = boot.next();
  const version = namedVersion(running.version);
  return {
    running: { label: running.label, version, state: running.state },
    other: { state: next.state },
    version,
    project: running.project,
    slot: { label: next.label, version: next.version === undefined ? undefined : normalizeVersion(next.version) },
    limit: Math.min(running.size, next.size),
    rollback: boot.rollbackEnabled(),
    resetReason: boot.resetReason(),
  };
}

/** Whether the running image, if it is on its first boot, could be taken back by the bootloader. */
export function isWatched({ rollback, running }: DeviceFacts, firstBoot: boolean): boolean {
  return rollback && !(firstBoot && UNWATCHED.includes(running.state));
}

/** The number in "ota_0"; undefined for another label. */
export function slotNumber(label: string): number | undefined {
  const match = /^ota_(\d{1,2})$/.exec(label);
  return match === null ? undefined : Number(match[1]);
}
