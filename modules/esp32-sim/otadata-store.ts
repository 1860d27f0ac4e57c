import { ESP_ERR } from "./esp-err.js";
import type { FlashDevice } from "./flash-device.js";
import { SECTOR_SIZE } from "./flash-device.js";
import { eraseFlash, writeFlash } from "./flash-driver.js";
import { decodeOtaEntry, encodeOtaEntry, OTA_ENTRY_SIZE, type OtaEntries, type OtaEntry } from "./otadata.js";
import type { Partition } from "./partition-table.js";

/** Both entries as flash has them now. */
export function readOtaEntries(flash: FlashDevice, otadata: Partition): OtaEntries {
  return [
    decodeOtaEntry(flash.read(otadata.offset, OTA_ENTRY_SIZE)),
    decodeOtaEntry(flash.read(otadata.offset + SECTOR_SIZE, OTA_ENTRY_SIZE)),
  ];
}

/**
 * The one way entries are rewritten: erase the sector, write 32 bytes at its start, no read-back. Returns an ESP-IDF
 * number.
 */
export function rewriteOtaEntry(flash: FlashDevice, otadata: Partition, index: 0 | 1, entry: OtaEntry): number {
  const erased = eraseOtaEntry(flash, otadata, index);
  if (erased !== ESP_ERR.ESP_OK) return erased;
  return writeFlash(flash, otadata.offset + index * SECTOR_SIZE, encodeOtaEntry(entry));
}

export function eraseOtaEntry(flash: FlashDevice, otadata: Partition, index: 0 | 1): number {
  return eraseFlash(flash, otadata.offset + index * SECTOR_SIZE, SECTOR_SIZE);
}
