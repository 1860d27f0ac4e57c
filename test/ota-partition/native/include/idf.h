/* Declarations of the ESP-IDF functions fota_boot.c calls, as far as it uses them. Names and numbers are ESP-IDF's; the code behind them is sim_idf.c. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_INVALID_ARG 0x102
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_SUPPORTED 0x106
#define ESP_ERR_OTA_PARTITION_CONFLICT 0x1501
#define OTA_WITH_SEQUENTIAL_WRITES 0xfffffffe

typedef struct {
	uint32_t address;
	uint32_t size;
	char label[17];
} esp_partition_t;

typedef struct {
	char version[32];
	char project_name[32];
} esp_app_desc_t;

typedef uint32_t esp_ota_handle_t;

typedef enum {
	ESP_OTA_IMG_NEW = 0,
	ESP_OTA_IMG_PENDING_VERIFY = 1,
	ESP_OTA_IMG_VALID = 2,
	ESP_OTA_IMG_INVALID = 3,
	ESP_OTA_IMG_ABORTED = 4,
	ESP_OTA_IMG_UNDEFINED = 0xFFFFFFFF
} esp_ota_img_states_t;

typedef enum {
	ESP_RST_UNKNOWN,
	ESP_RST_POWERON,
	ESP_RST_EXT,
	ESP_RST_SW,
	ESP_RST_PANIC,
	ESP_RST_INT_WDT,
	ESP_RST_TASK_WDT,
	ESP_RST_WDT,
	ESP_RST_DEEPSLEEP,
	ESP_RST_BROWNOUT,
	ESP_RST_SDIO,
	ESP_RST_USB,
	ESP_RST_JTAG,
	ESP_RST_EFUSE,
	ESP_RST_PWR_GLITCH,
	ESP_RST_CPU_LOCKUP
} esp_reset_reason_t;

typedef struct {
	int model;
	uint32_t features;
	uint16_t revision;
	uint8_t cores;
} esp_chip_info_t;

const esp_partition_t *esp_ota_get_running_partition(void);
const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from);
const esp_partition_t *esp_ota_get_boot_partition(void);
esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size, esp_ota_handle_t *out_handle);
esp_err_t esp_ota_abort(esp_ota_handle_t handle);
esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition);
esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *ota_state);
esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition, esp_app_desc_t *app_desc);
esp_err_t esp_ota_mark_app_valid_cancel_rollback(void);
esp_err_t esp_ota_mark_app_invalid_rollback(void);
esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void);
esp_reset_reason_t esp_reset_reason(void);
void esp_chip_info(esp_chip_info_t *out_info);
uint32_t esp_get_minimum_free_heap_size(void);
void esp_restart(void);
