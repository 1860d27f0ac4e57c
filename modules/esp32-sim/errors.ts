/**
 * Why esp32-sim refused a call. These are mistakes of the caller or of its input; what ESP-IDF itself would answer is a
 * number, see `esp-err.ts`.
 */
export type Esp32SimErrorCode =
  | "flash-range" // offset or length outside the flash, or an erase that is not whole sectors
  | "flash-failed" // a simulated driver error (ESP_ERR_FLASH_OP_FAIL)
  | "flash-timeout" // a simulated driver error (ESP_ERR_FLASH_OP_TIMEOUT)
  | "partition-csv" // a line of a partition table source that gen_esp32part refuses
  | "partition-table" // records that do not fit a table
  | "image-option" // an image that cannot be built as asked
  | "size-too-small" // the requested image size cannot hold the bundle
  | "not-booted" // the application API was used while no application runs
  | "assertion"; // ESP-IDF's code would abort the application here

/** The only error class esp32-sim throws by itself. What a `FlashDevice` throws passes through unchanged. */
export class Esp32SimError extends Error {
  // A field, not an assignment: preload makes Error's own name read-only.
  override readonly name: string = "Esp32SimError";
  readonly code: Esp32SimErrorCode;

  constructor(code: Esp32SimErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Thrown by a `FlashDevice` to simulate a flash driver that reports failure: becomes 0x6001 or 0x6002 in the API, a log
 * line in the bootloader.
 */
export class FlashFault extends Esp32SimError {
  override readonly name = "FlashFault";
  override readonly code: "flash-failed" | "flash-timeout";

  constructor(code: "flash-failed" | "flash-timeout" = "flash-failed") {
    super(code, `simulated flash driver error: ${code}`);
    this.code = code;
  }
}
