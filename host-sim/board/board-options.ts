import type { ByteStore, SecureVersionFuse } from "../../modules/esp32-sim/index.js";
import type { Engine } from "../engines/engine.js";
import type { ConfigValue } from "../image/archive.js";
import type { BoardEvent } from "./board-events.js";
import type { BoardClock } from "./clock.js";
import type { NativeCall } from "./host-calls.js";
import type { KeyValueStore } from "./key-value.js";
import type { NetworkBackend } from "./network-backend.js";
import type { Step } from "./steps.js";

/** What a board is made of. */
export interface BoardOptions {
  readonly engine: Engine;
  /** Text of the guest bundle, see `guestBundle()`. */
  readonly ports: string;
  readonly clock: BoardClock;
  readonly network: NetworkBackend;
  /** The raw flash chip. See `createFlashImage` of esp32-sim for its first contents. */
  readonly flash: ByteStore;
  /** Default: one in memory. */
  readonly store?: KeyValueStore;
  /** Added to, and stronger than, the configuration in the image: what `mcconfig name=value` gives. */
  readonly config?: Readonly<Record<string, ConfigValue>>;
  /** Added to, and stronger than, the resources in the image, such as the device's certificate. */
  readonly resources?: Readonly<Record<string, Uint8Array>>;
  /** Start of the board's random numbers. Default 1 on the virtual clock; on the real one `Math.random`. */
  readonly seed?: number;
  /** The board knows the time of day from the start. Default: it is 1970 after power on. */
  readonly clockSet?: boolean;
  /** Flash commands take their time. Default: on the virtual clock only. */
  readonly flashTiming?: boolean;
  /** Milliseconds that `Timer.delay` may block; 0 = no watchdog. Default 5000. */
  readonly taskWatchdogMs?: number;
  /** CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE. Default `true`. */
  readonly rollback?: boolean;
  /** The bootloader's setting where it differs. */
  readonly bootloaderRollback?: boolean;
  /** CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS. Default `false`. */
  readonly skipValidate?: boolean;
  /**
   * CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK with this eFuse, which stays burnt over resets and power cuts. Default: off.
   */
  readonly antiRollback?: SecureVersionFuse;
  /** Milliseconds from reset to bootloader and program. Default 300. */
  readonly bootMs?: number;
  /** The board stops, powered, after so many boots since power on. Default 100. */
  readonly maxBoots?: number;
  readonly native?: NativeCall;
  readonly onEvent?: (event: BoardEvent) => void;
  readonly onStep?: (step: Step) => void;
}
