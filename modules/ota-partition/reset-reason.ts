/**
 * Why a chip began anew, as `BootControl.resetReason()` says it. Stored and sent: never rename one. [ESP-IDF
 * esp_reset_reason_t]
 */
export type ResetReason =
  | "power-on" // on these chips also the reset pin
  | "external"
  | "software"
  | "panic"
  | "int-watchdog"
  | "task-watchdog"
  | "watchdog" // any other, the bootloader's among them
  | "deep-sleep"
  | "brownout"
  | "sdio"
  | "usb"
  | "jtag"
  | "efuse" // the eFuse could not be read rightly
  | "power-glitch"
  | "cpu-lockup" // an exception within an exception
  | "unknown";

/** What ended the program that ran before: the supply, the program itself, or something that says neither. */
export type ResetCause = "power" | "crash" | "other";

/** Brown-out and glitch are the supply's; a watchdog that bites is a program that hung. */
export const RESET_CAUSES: Readonly<Record<ResetReason, ResetCause>> = Object.freeze({
  "power-on": "power",
  external: "other",
  software: "other",
  panic: "crash",
  "int-watchdog": "crash",
  "task-watchdog": "crash",
  watchdog: "crash",
  "deep-sleep": "other",
  brownout: "power",
  sdio: "other",
  usb: "other",
  jtag: "other",
  efuse: "other",
  "power-glitch": "power",
  "cpu-lockup": "crash",
  unknown: "other",
});

function isResetReason(text: string): text is ResetReason {
  return Object.hasOwn(RESET_CAUSES, text);
}

/** The word of `fota_boot.c`; "unknown" for any other text. */
export function resetReasonOf(text: string): ResetReason {
  return isResetReason(text) ? text : "unknown";
}
