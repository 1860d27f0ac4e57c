/*
 * Boot flag, image states and restart for the firmware, bound by mc/ffi. Functions that return int32_t give ESP-IDF's
 * esp_err_t: 0 is success, the other numbers are named at each function. Texts are printable ASCII, newly allocated:
 * the FFI glue copies and frees them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The SDK puts the folder of all components on the include path, but not this component's own. */
#include "app_update/include/esp_ota_ops.h"
#include "esp_app_desc.h"
#include "esp_chip_info.h"
#include "esp_err.h"
#include "esp_partition.h"
#include "esp_system.h"
#include "sdkconfig.h"

#ifdef CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK
/* As in esp_efuse.h, which needs a header of the chip that is not on the SDK's include path. */
uint32_t esp_efuse_read_secure_version(void);
#endif

/* Values of the `which` argument. */
#define WHICH_RUNNING 0
#define WHICH_NEXT 1
#define WHICH_BOOT 2

/* Values of fota_state beyond ESP-IDF's 0 to 4. */
#define STATE_UNKNOWN 5
#define STATE_UNDEFINED (-1)
#define STATE_NONE (-2)

/*
 * The slot whose code runs, the slot an update goes to, or the slot otadata selects for the next boot; NULL if there is
 * none.
 */
static const esp_partition_t *find_slot(int32_t which)
{
	if (which == WHICH_RUNNING)
		return esp_ota_get_running_partition();
	if (which == WHICH_NEXT)
		return esp_ota_get_next_update_partition(NULL);
	if (which == WHICH_BOOT)
		return esp_ota_get_boot_partition();
	return NULL;
}

/*
 * A copy of at most `limit` bytes up to the first zero. Bytes that are not printable ASCII become '?': flash may hold
 * anything, XS strings may not.
 */
static char *copy_text(const char *text, size_t limit)
{
	size_t length = strnlen(text, limit);
	char *copy = malloc(length + 1);
	if (!copy)
		return NULL;
	for (size_t i = 0; i < length; i++)
		copy[i] = (text[i] >= 0x20 && text[i] < 0x7f) ? text[i] : '?';
	copy[length] = 0;
	return copy;
}

/*
 * ESP-IDF marks the entry that is active, not the one of the image that runs; they differ when the bootloader refused
 * the selected image.
 */
static int running_is_selected(void)
{
	return find_slot(WHICH_RUNNING) == find_slot(WHICH_BOOT);
}

/*
 * Makes otadata select the running slot by an entry of its own, before the other slot is touched. It does not after a
 * first record that the power cut short, after a fall-back to this slot, or with a boot flag that was never followed.
 * Without it a new image that fails has nothing to return to: ESP-IDF goes back to an entry, not to an image.
 *
 * A boot flag is taken back by its own entry. Where that cannot be done, this slot is set and marked valid: ESP-IDF
 * verifies its image, and a power cut between the two starts it on trial, or leaves no entry, as before. The other slot
 * cannot win then: without an entry the bootloader has tried it before this one, and refused it. An image on trial is
 * left to esp_ota_begin(), which refuses.
 */
static esp_err_t select_running(void)
{
	const esp_partition_t *running = find_slot(WHICH_RUNNING);
	esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
	esp_err_t error = esp_ota_get_state_partition(running, &state);
	if (error == ESP_ERR_NOT_SUPPORTED || (error == ESP_OK && state == ESP_OTA_IMG_PENDING_VERIFY))
		return ESP_OK;
	if (!running_is_selected())
		(void)esp_ota_mark_app_invalid_rollback();
	if (error == ESP_OK && state != ESP_OTA_IMG_INVALID && state != ESP_OTA_IMG_ABORTED && running_is_selected())
		return ESP_OK;
	error = esp_ota_set_boot_partition(running);
	return error == ESP_OK ? esp_ota_mark_app_valid_cancel_rollback() : error;
}

/*
 * Prepares the next update slot. Otadata selects the running slot first. A begin with sequential writes makes every check ESP-IDF has, invalidates the slot's
 * otadata entry when rollback is on and that entry is neither the active one nor the running slot's, and erases nothing
 * of the slot; the handle is not needed, since the slot is written through the partition.
 * Errors: 0x105 no slot or no otadata; 0x1501 the slot is the running one; 0x1506 the running image is unconfirmed;
 * 0x1503 otadata has no entry of the running image, which does not verify; 0x102, 0x101, 0x60xx as ESP-IDF.
 */
int32_t fota_begin(void)
{
	esp_ota_handle_t handle = 0;
	const esp_partition_t *slot = find_slot(WHICH_NEXT);
	if (!slot)
		return ESP_ERR_NOT_FOUND;
	if (slot == find_slot(WHICH_RUNNING))
		return ESP_ERR_OTA_PARTITION_CONFLICT;
	esp_err_t error = select_running();
	if (error != ESP_OK)
		return error;
	error = esp_ota_begin(slot, OTA_WITH_SEQUENTIAL_WRITES, &handle);
	if (error != ESP_OK)
		return error;
	return esp_ota_abort(handle);
}

/*
 * Selects the next update slot for the next boot; ESP-IDF verifies its image first.
 * Errors: 0x105 no slot or no otadata; 0x1501 the slot is the running one; 0x1503 the image is bad; 0x1504 secure
 * version too low; 0x60xx flash.
 */
int32_t fota_set_boot(void)
{
	const esp_partition_t *slot = find_slot(WHICH_NEXT);
	if (!slot)
		return ESP_ERR_NOT_FOUND;
	if (slot == find_slot(WHICH_RUNNING))
		return ESP_ERR_OTA_PARTITION_CONFLICT;
	return esp_ota_set_boot_partition(slot);
}

/*
 * Takes the selection of another slot than the running one back: its otadata entry becomes INVALID, and the next boot
 * starts the running image again. A power cut in the middle leaves that entry unreadable, which does the same. Returns
 * 0 without a write when the running slot is selected.
 * Errors: 0x105 no slot or no otadata; 0x1505 the running image could not be returned to; 0x60xx flash.
 */
int32_t fota_unset_boot(void)
{
	const esp_partition_t *running = find_slot(WHICH_RUNNING);
	if (!running)
		return ESP_ERR_NOT_FOUND;
	if (running == find_slot(WHICH_BOOT))
		return ESP_OK;
	return esp_ota_mark_app_invalid_rollback();
}

/*
 * Ends the probation of the running image: writes VALID when its state is PENDING_VERIFY, or NEW (left so by a
 * bootloader without rollback). Returns 0 without a write when it is VALID or UNDEFINED: nothing waits for a
 * confirmation.
 * Errors: 0x103 when otadata selects another slot or the state is INVALID, ABORTED or unknown; 0x105 no entry; 0x106
 * not an OTA slot; 0x60xx flash.
 */
int32_t fota_mark_valid(void)
{
	esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
	esp_err_t error = esp_ota_get_state_partition(find_slot(WHICH_RUNNING), &state);
	if (error != ESP_OK)
		return error;
	if (!running_is_selected())
		return ESP_ERR_INVALID_STATE;
	if (state == ESP_OTA_IMG_VALID || state == ESP_OTA_IMG_UNDEFINED)
		return ESP_OK;
	if (state != ESP_OTA_IMG_PENDING_VERIFY && state != ESP_OTA_IMG_NEW)
		return ESP_ERR_INVALID_STATE;
	return esp_ota_mark_app_valid_cancel_rollback();
}

/*
 * Marks the running image INVALID and restarts into the other one. Returns only on failure.
 * Errors: 0x103 otadata selects another slot; 0x1505 no other image to return to; 0x105 no otadata; -1 no active entry;
 * 0x60xx flash.
 */
int32_t fota_mark_invalid_and_restart(void)
{
	if (!running_is_selected())
		return ESP_ERR_INVALID_STATE;
	return esp_ota_mark_app_invalid_rollback_and_reboot();
}

/* Restarts the chip. Does not return. */
void fota_restart(void)
{
	esp_restart();
}

/*
 * 1 when the firmware was built with rollback. The bootloader is built with the same setting but may be older than the
 * firmware.
 */
int32_t fota_rollback_enabled(void)
{
#ifdef CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE
	return 1;
#else
	return 0;
#endif
}

/* Chip id an image for this chip carries in its header: 0 for the ESP32. */
int32_t fota_chip_id(void)
{
	return CONFIG_IDF_FIRMWARE_CHIP_ID;
}

/* Chip revision, major * 100 + minor. */
int32_t fota_chip_revision(void)
{
	esp_chip_info_t info;
	memset(&info, 0, sizeof(info));
	esp_chip_info(&info);
	return info.revision;
}

/*
 * Lowest secure version of an image that the bootloader starts: the bits burnt into the eFuse. 0 when the firmware was built without anti-rollback; the
 * bootloader is built with the same setting but may be older than the firmware.
 */
int32_t fota_secure_version(void)
{
#ifdef CONFIG_BOOTLOADER_APP_ANTI_ROLLBACK
	return (int32_t)esp_efuse_read_secure_version();
#else
	return 0;
#endif
}

/* Why the chip last restarted, as one word for each of ESP-IDF's. */
const char *fota_reset_reason(void)
{
	switch (esp_reset_reason()) {
	case ESP_RST_POWERON:
		return "power-on";
	case ESP_RST_EXT:
		return "external";
	case ESP_RST_SW:
		return "software";
	case ESP_RST_PANIC:
		return "panic";
	case ESP_RST_INT_WDT:
		return "int-watchdog";
	case ESP_RST_TASK_WDT:
		return "task-watchdog";
	case ESP_RST_WDT:
		return "watchdog";
	case ESP_RST_DEEPSLEEP:
		return "deep-sleep";
	case ESP_RST_BROWNOUT:
		return "brownout";
	case ESP_RST_SDIO:
		return "sdio";
	case ESP_RST_USB:
		return "usb";
	case ESP_RST_JTAG:
		return "jtag";
	case ESP_RST_EFUSE:
		return "efuse";
	case ESP_RST_PWR_GLITCH:
		return "power-glitch";
	case ESP_RST_CPU_LOCKUP:
		return "cpu-lockup";
	default:
		return "unknown";
	}
}

/* Least free heap since the chip started, bytes. */
int32_t fota_lowest_free_memory(void)
{
	return (int32_t)esp_get_minimum_free_heap_size();
}

/* Label of a slot, "" if there is none. */
char *fota_label(int32_t which)
{
	const esp_partition_t *slot = find_slot(which);
	return slot ? copy_text(slot->label, sizeof(slot->label)) : copy_text("", 0);
}

/* Flash address of a slot in bytes, 0 if there is none. */
int32_t fota_address(int32_t which)
{
	const esp_partition_t *slot = find_slot(which);
	return slot ? (int32_t)slot->address : 0;
}

/* Bytes of a slot, 0 if there is none. */
int32_t fota_size(int32_t which)
{
	const esp_partition_t *slot = find_slot(which);
	return slot ? (int32_t)slot->size : 0;
}

/*
 * State of a slot: 0 NEW, 1 PENDING_VERIFY, 2 VALID, 3 INVALID, 4 ABORTED, 5 a number ESP-IDF does not define, -1
 * UNDEFINED, -2 no entry selects the slot.
 */
int32_t fota_state(int32_t which)
{
	esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
	if (esp_ota_get_state_partition(find_slot(which), &state) != ESP_OK)
		return STATE_NONE;
	if (state == ESP_OTA_IMG_UNDEFINED)
		return STATE_UNDEFINED;
	return (uint32_t)state <= (uint32_t)ESP_OTA_IMG_ABORTED ? (int32_t)state : STATE_UNKNOWN;
}

/* Version in a slot's application descriptor, "" if it holds none. The rest of the image is not looked at. */
char *fota_version(int32_t which)
{
	esp_app_desc_t description;
	if (esp_ota_get_partition_description(find_slot(which), &description) != ESP_OK)
		return copy_text("", 0);
	return copy_text(description.version, sizeof(description.version));
}

/* Project name in a slot's application descriptor, "" if it holds none. */
char *fota_project(int32_t which)
{
	esp_app_desc_t description;
	if (esp_ota_get_partition_description(find_slot(which), &description) != ESP_OK)
		return copy_text("", 0);
	return copy_text(description.project_name, sizeof(description.project_name));
}
