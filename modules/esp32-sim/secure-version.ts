import { ESP_ERR } from "./esp-err.js";

/** The eFuse counter of anti-rollback. It only grows. [CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK] */
export interface SecureVersionFuse {
  /** Lowest secure version that may run: the number of bits burnt. */
  level(): number;
  /**
   * Burns bits up to `level`. Returns 0, 0x102 beyond the field's size, -1 for a lower level than burnt.
   * [esp_efuse_update_secure_version]
   */
  raise(level: number): number;
}

/** A fuse in memory with the ESP32's field of 32 bits. */
export class MemoryFuse implements SecureVersionFuse {
  #level: number;
  #bits: number;

  constructor(level = 0, bits = 32) {
    this.#level = level;
    this.#bits = bits;
  }

  level(): number {
    return this.#level;
  }

  raise(level: number): number {
    if (level > this.#bits) return ESP_ERR.ESP_ERR_INVALID_ARG;
    if (level < this.#level) return ESP_ERR.ESP_FAIL;
    this.#level = level;
    return ESP_ERR.ESP_OK;
  }
}
