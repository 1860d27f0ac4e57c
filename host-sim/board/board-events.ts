import type { BootResult, OtaEntry } from "../../modules/esp32-sim/index.js";

/** Why the board began anew, in the words of the firmware's boot control: those that a simulated board can have. */
export type ResetReason =
  | "power-on"
  | "software"
  | "panic"
  | "task-watchdog"
  | "int-watchdog"
  | "brownout"
  | "watchdog"
  | "cpu-lockup"
  | "external"
  | "deep-sleep"
  | "power-glitch"
  | "usb"
  | "jtag";

/** What the board is doing. */
export type BoardState =
  /** No power. */
  | "off"
  /** Between reset and the first line of the program. */
  | "booting"
  | "running"
  /** The bootloader finds nothing that it can start: it resets for ever. */
  | "stuck";

/** A line of the board's life, for who watches it. */
export type BoardEvent =
  | { readonly type: "power-on" }
  | { readonly type: "power-cut" }
  | {
      readonly type: "boot";
      /** Counts from 1. */
      readonly number: number;
      readonly reason: ResetReason;
      readonly result: BootResult;
      /** otadata after the bootloader ran; absent when it is stuck. */
      readonly otadata?: readonly [OtaEntry, OtaEntry];
      /** Version and project in the descriptor of the running slot. */
      readonly version?: string;
      readonly project?: string;
    }
  | { readonly type: "trace"; readonly text: string }
  /** The program ended. `message` is what an exception said. */
  | { readonly type: "reset"; readonly reason: ResetReason; readonly message?: string }
  /** The board stopped booting by itself because `maxBoots` was reached. */
  | { readonly type: "boot-loop"; readonly boots: number };
