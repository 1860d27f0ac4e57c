/**
 * Result numbers of ESP-IDF calls, by their ESP-IDF names. [ESP-IDF esp_err.h, esp_ota_ops.h, esp_image_format.h,
 * esp_flash_err.h]
 */
export const ESP_ERR = Object.freeze({
  ESP_OK: 0,
  ESP_FAIL: -1,
  ESP_ERR_NO_MEM: 0x101,
  ESP_ERR_INVALID_ARG: 0x102,
  ESP_ERR_INVALID_STATE: 0x103,
  ESP_ERR_INVALID_SIZE: 0x104,
  ESP_ERR_NOT_FOUND: 0x105,
  ESP_ERR_NOT_SUPPORTED: 0x106,
  ESP_ERR_TIMEOUT: 0x107,
  ESP_ERR_INVALID_RESPONSE: 0x108,
  ESP_ERR_INVALID_CRC: 0x109,
  ESP_ERR_INVALID_VERSION: 0x10a,
  ESP_ERR_INVALID_MAC: 0x10b,
  ESP_ERR_NOT_FINISHED: 0x10c,
  ESP_ERR_NOT_ALLOWED: 0x10d,
  ESP_ERR_OTA_PARTITION_CONFLICT: 0x1501,
  ESP_ERR_OTA_SELECT_INFO_INVALID: 0x1502,
  ESP_ERR_OTA_VALIDATE_FAILED: 0x1503,
  ESP_ERR_OTA_SMALL_SEC_VER: 0x1504,
  ESP_ERR_OTA_ROLLBACK_FAILED: 0x1505,
  ESP_ERR_OTA_ROLLBACK_INVALID_STATE: 0x1506,
  ESP_ERR_IMAGE_FLASH_FAIL: 0x2001,
  ESP_ERR_IMAGE_INVALID: 0x2002,
  ESP_ERR_FLASH_OP_FAIL: 0x6001,
  ESP_ERR_FLASH_OP_TIMEOUT: 0x6002,
});

/** The ESP-IDF name of a result number, or the number in hexadecimal when it has none here. */
export function espErrorName(error: number): string {
  for (const [name, value] of Object.entries(ESP_ERR)) if (value === error) return name;
  return `0x${(error >>> 0).toString(16)}`;
}
