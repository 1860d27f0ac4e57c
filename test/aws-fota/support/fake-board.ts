/** What survives a restart of a board: its store, and its flash, out of which the bootloader of esp32-sim starts it. */
import {
  buildBundleImage,
  createFlashImage,
  encodeOtaEntry,
  FlashMemory,
  MemoryStore,
  makeOtaEntry,
  nextSeq,
  OTA_STATE,
  partitionsFromCsv,
  SECTOR_SIZE,
} from "../../../modules/esp32-sim/index.js";
import {
  type BootControl,
  type ImageState,
  OtaPartitionError,
  type SlotFlash,
} from "../../../modules/ota-partition/index.js";
import { openSimDevice, type SimDevice } from "../../../modules/ota-partition/sim/index.js";
import { NodeDigest } from "../../esp32-sim/support/node-digest.js";

/** Slots of four erase blocks: the images of the tests need no more. */
const TABLE = `
otadata, data, ota,   , 0x2000
ota_0,   app,  ota_0, , 0x40000
ota_1,   app,  ota_1, , 0x40000
`;
const PARTITIONS = Object.freeze(partitionsFromCsv(TABLE));
const FLASH_SIZE = 0x90000;
const SLOTS = 2;

export type Slot = 0 | 1;
type Slots<T> = { 0: T; 1: T };

const images = new Map<string, Uint8Array>();
let blankBoard: Uint8Array | undefined;

/** A valid image of some hundred bytes that says who it is. */
export function tinyImage(version: string, project = "blink"): Uint8Array {
  const key = `${project} ${version}`;
  const image =
    images.get(key) ?? buildBundleImage({ bundle: new Uint8Array(0), version, project, Digest: NodeDigest });
  images.set(key, image);
  return image;
}

function flashedByCable(): Uint8Array {
  blankBoard ??= createFlashImage({
    size: FLASH_SIZE,
    partitions: PARTITIONS,
    images: { ota_0: tinyImage("1.0.1") },
    Digest: NodeDigest,
  });
  return blankBoard.slice();
}

function offsetOf(label: string): number {
  return PARTITIONS.find((partition) => partition.label === label)?.offset ?? Number.NaN;
}

/** Two places that are read and written through functions. */
function slots<T>(read: (slot: Slot) => T, write: (slot: Slot, value: T) => void): Slots<T> {
  return {
    get 0() {
      return read(0);
    },
    set 0(value: T) {
      write(0, value);
    },
    get 1() {
      return read(1);
    },
    set 1(value: T) {
      write(1, value);
    },
  };
}

/**
 * A board that starts with 1.0.1 in its first slot. `restart` runs the bootloader. Assigning to `runs`, `states` or
 * `versions` puts the flash into the condition in which a test finds the board, without the story that led there.
 */
export class FakeBoard {
  text: string | undefined;
  stores = 0;
  failStores = false;
  /** Calls of boot control that change something. */
  log: string[] = [];
  failSetBoot = false;
  failMarkValid = false;
  failRollback = false;
  unsetBootFails = false;
  readonly #store = new MemoryStore(flashedByCable());
  readonly #memory = new FlashMemory(this.#store);
  #rollback = true;
  #reset = "power-on";
  #device: SimDevice;

  constructor() {
    this.#device = this.#start();
  }

  /** The program ends here and the bootloader runs. `reset` is a word of `BootControl.resetReason`. */
  restart(reset = "software"): void {
    this.#reset = reset;
    this.#device = this.#start();
  }

  #start(): SimDevice {
    return openSimDevice({
      store: this.#store,
      Digest: NodeDigest,
      // The test restarts the board, when it has looked at what the agent left.
      restart: () => {},
      resetReason: this.#reset,
      rollback: this.#rollback,
    });
  }

  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE of bootloader and application. Assigning starts the board. */
  get rollback(): boolean {
    return this.#rollback;
  }

  set rollback(enabled: boolean) {
    this.#rollback = enabled;
    this.#device = this.#start();
  }

  /** The slot whose code runs. Assigning starts that slot whatever otadata says, and leaves otadata as it was. */
  get runs(): Slot {
    return this.#device.boot.running().label === "ota_0" ? 0 : 1;
  }

  set runs(slot: Slot) {
    const otadata = this.#memory.read(offsetOf("otadata"), 2 * SECTOR_SIZE).slice();
    this.#writeOtadata([{ slot, state: "VALID" }]);
    this.#device = this.#start();
    this.#memory.load(offsetOf("otadata"), otadata);
  }

  get next(): Slot {
    return this.runs === 0 ? 1 : 0;
  }

  /** Image states by slot, as otadata has them. */
  get states(): Slots<ImageState> {
    return slots(
      (slot) => this.#side(slot).state,
      (slot, state) => {
        const [first, second] = [this.states[0], this.states[1]];
        this.states = slot === 0 ? [state, second] : [first, state];
      },
    );
  }

  set states(states: readonly [ImageState, ImageState]) {
    const { runs, next } = this;
    // The slot that was selected last has the larger sequence: the one that runs, unless the boot flag is set.
    const order: readonly Slot[] = states[next] === "NEW" ? [runs, next] : [next, runs];
    this.#writeOtadata(order.map((slot) => ({ slot, state: states[slot] })));
  }

  /**
   * Versions by slot, out of the descriptors in flash. Assigning flashes an image of that version, or blanks the slot.
   */
  get versions(): Slots<string | undefined> {
    return slots(
      (slot) => this.#side(slot).version,
      (slot, version) => this.#flash(slot, version),
    );
  }

  set versions([first, second]: readonly [string, string | undefined]) {
    this.#flash(0, first);
    this.#flash(1, second);
  }

  #side(slot: Slot): { state: ImageState; version?: string } {
    return slot === this.runs ? this.#device.boot.running() : this.#device.boot.next();
  }

  #flash(slot: Slot, version: string | undefined): void {
    const offset = offsetOf(`ota_${slot}`);
    this.#memory.erase(offset, SECTOR_SIZE);
    if (version !== undefined) this.#memory.load(offset, tinyImage(version));
  }

  /** Entries in the order in which their slots were selected. */
  #writeOtadata(entries: readonly { slot: Slot; state: ImageState }[]): void {
    const otadata = offsetOf("otadata");
    this.#memory.erase(otadata, 2 * SECTOR_SIZE);
    let sequence = 0;
    for (const { slot, state } of entries) {
      if (state === "NONE") continue;
      sequence = nextSeq(slot, SLOTS, sequence + 1);
      this.#memory.load(otadata + slot * SECTOR_SIZE, encodeOtaEntry(makeOtaEntry(sequence, OTA_STATE[state])));
    }
  }

  /** The slot that does not run, as flash. */
  openSlot(): SlotFlash {
    return this.#device.openSlot();
  }

  /** Boot control of the running program. It keeps a log, and fails where the board is told to. */
  boot(): BootControl {
    const chip = () => this.#device.boot;
    const perform = (name: string, fails: string | undefined, action: () => void): void => {
      this.log.push(name);
      if (fails !== undefined) throw new Error(fails);
      action();
    };
    return {
      running: () => chip().running(),
      next: () => chip().next(),
      rollbackEnabled: () => chip().rollbackEnabled(),
      resetReason: () => chip().resetReason(),
      begin: () => perform("begin", undefined, () => chip().begin()),
      setBoot: () => perform("setBoot", this.failSetBoot ? "image refused" : undefined, () => chip().setBoot()),
      markValid: () => perform("markValid", this.failMarkValid ? "otadata" : undefined, () => chip().markValid()),
      markInvalidAndRestart: () =>
        perform("markInvalid", this.failRollback ? "no other image" : undefined, () => chip().markInvalidAndRestart()),
      restart: () => perform("restart", undefined, () => chip().restart()),
      unsetBoot: () => {
        if (this.unsetBootFails && this.states[this.next] === "NEW")
          throw new OtaPartitionError("rollback-failed", "no other image");
        perform("unsetBoot", undefined, () => chip().unsetBoot());
      },
    };
  }
}
