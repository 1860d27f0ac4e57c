import type { ImageTarget, RunningSlot } from "../ota-partition/index.js";
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
};

/** States in which an image that was just installed runs although nothing watches it. */
const UNWATCHED: readonly ImageState[] = Object.freeze(["UNDEFINED", "NEW"]);

/** @throws what BootControl throws: a device without a second slot cannot be updated */
function readDeviceFacts(boot: FotaPorts["boot"]): DeviceFacts {
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

/** What an image has to suit, as writer and verifier take it. */
export function imageTarget({ chipId, chipRevision, secureVersion }: RunningSlot): ImageTarget {
  return {
    ...(chipId === undefined ? {} : { chipId }),
    ...(chipRevision === undefined ? {} : { chipRevision }),
    ...(secureVersion === undefined ? {} : { secureVersion }),
  };
}

/** The number in "ota_0"; undefined for another label. */
function slotNumber(label: string): number | undefined {
  const match = /^ota_(\d{1,2})$/.exec(label);
  return match === null ? undefined : Number(match[1]);
}

/** What is known of the chip since this start, and the trial of the running image. */
export class Device {
  #boot: FotaPorts["boot"];
  #facts: DeviceFacts | undefined;
  #onTrial = false;

  constructor(boot: FotaPorts["boot"]) {
    this.#boot = boot;
  }

  /** Undefined when the boot state cannot be read: nothing can be installed then. */
  get facts(): DeviceFacts | undefined {
    return this.#facts;
  }

  /** Number of the slot that is written; undefined when it has none or cannot be told. */
  get slot(): number | undefined {
    return this.#facts === undefined ? undefined : slotNumber(this.#facts.slot.label);
  }

  /** @throws what `BootControl` throws */
  read(): void {
    this.#facts = readDeviceFacts(this.#boot);
  }

  /** From here on the running image is one on its first boot, until `endTrial()`. */
  beginTrial(): void {
    this.#onTrial = true;
  }

  endTrial(): void {
    this.#onTrial = false;
  }

  /** Whether the bootloader would bring the old image back if the running one crashed or hung. */
  get isWatched(): boolean {
    const facts = this.#facts;
    if (facts === undefined) return true;
    return facts.rollback && !(this.#onTrial && UNWATCHED.includes(facts.running.state));
  }

  /**
   * Ends the probation. An image that nothing watches has none: its otadata entry is left alone. @throws what
   * `BootControl` throws
   */
  markValid(): void {
    const facts = this.#facts;
    if (facts?.running.state !== "PENDING_VERIFY") return;
    this.#boot.markValid();
    this.#facts = { ...facts, running: { ...facts.running, state: "VALID" } };
  }
}
