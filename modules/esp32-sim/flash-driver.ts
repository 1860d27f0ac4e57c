import { FlashFault } from "./errors.js";
import { ESP_ERR } from "./esp-err.js";
import { BLOCK_SIZE, type FlashDevice, SECTOR_SIZE, WRITE_CHUNK_SIZE } from "./flash-device.js";

/**
 * Erases whole sectors as the ESP-IDF driver does: block commands wherever 64 KiB are aligned and wanted, else sector
 * by sector. Returns an ESP-IDF number.
 */
export function eraseFlash(flash: FlashDevice, offset: number, length: number): number {
  return driverResult(() => {
    let at = offset;
    const end = offset + length;
    while (at < end) {
      const step = at % BLOCK_SIZE === 0 && end - at >= BLOCK_SIZE ? BLOCK_SIZE : SECTOR_SIZE;
      flash.erase(at, step);
      at += step;
    }
  });
}

/** Programs bytes in the driver's chunks. Returns an ESP-IDF number. */
export function writeFlash(flash: FlashDevice, offset: number, bytes: Uint8Array): number {
  return driverResult(() => {
    for (let at = 0; at < bytes.length; at += WRITE_CHUNK_SIZE) {
      flash.write(offset + at, bytes.subarray(at, at + WRITE_CHUNK_SIZE));
    }
  });
}

function driverResult(action: () => void): number {
  try {
    action();
    return ESP_ERR.ESP_OK;
  } catch (error) {
    // A power cut or a mistake of the caller is not a driver error: it ends the simulated program.
    if (!(error instanceof FlashFault)) throw error;
    return error.code === "flash-timeout" ? ESP_ERR.ESP_ERR_FLASH_OP_TIMEOUT : ESP_ERR.ESP_ERR_FLASH_OP_FAIL;
  }
}
