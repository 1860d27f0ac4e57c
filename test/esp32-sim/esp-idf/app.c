/*
 * ESP-IDF's calls of a running application. `runs SLOT` says which slot the code runs from; `call NAME [ARGUMENTS]`
 * prints the result as a number.
 */
#include "host.h"
#include "esp_flash_partitions.h"
#include "esp_app_desc.h"
#include "esp_app_format.h"
#include "esp_image_format.h"

typedef enum { ESP_PARTITION_TYPE_APP, ESP_PARTITION_TYPE_DATA, ESP_PARTITION_TYPE_BOOTLOADER, ESP_PARTITION_TYPE_PARTITION_TABLE } esp_partition_type_t;
typedef int esp_partition_subtype_t;
enum {
	ESP_PARTITION_SUBTYPE_APP_FACTORY = 0,
	ESP_PARTITION_SUBTYPE_APP_OTA_MIN = 0x10,
	ESP_PARTITION_SUBTYPE_APP_OTA_0 = 0x10,
	ESP_PARTITION_SUBTYPE_APP_OTA_MAX = 0x20,
	ESP_PARTITION_SUBTYPE_APP_TEST = 0x20,
	ESP_PARTITION_SUBTYPE_DATA_OTA = 0,
	ESP_PARTITION_SUBTYPE_ANY = 0xff,
};
typedef struct {
	void *flash_chip;
	esp_partition_type_t type;
	esp_partition_subtype_t subtype;
	uint32_t address, size, erase_size;
	char label[17];
	bool encrypted, readonly;
} esp_partition_t;
typedef const esp_partition_t *esp_partition_iterator_t;
typedef int esp_partition_mmap_handle_t;
typedef uint32_t esp_ota_handle_t;
typedef enum { ESP_IMAGE_BOOTLOADER, ESP_IMAGE_APPLICATION } esp_image_type;
typedef struct { int magic_byte; } esp_bootloader_desc_t;
#define ESP_BOOTLOADER_DESC_MAGIC_BYTE 80
#define ESP_PARTITION_MMAP_DATA 0
#define OTA_SIZE_UNKNOWN 0xffffffff
#define OTA_WITH_SEQUENTIAL_WRITES 0xfffffffe
#define SPI_FLASH_CACHE2PHYS_FAIL 0xffffffff
#define SPI_FLASH_SEC_SIZE 0x1000

static const esp_partition_t table[] = {
	{NULL, ESP_PARTITION_TYPE_DATA, 2, 0x9000, 0x4000, 0x1000, "nvs", false, false},
	{NULL, ESP_PARTITION_TYPE_DATA, 0, 0xd000, 0x2000, 0x1000, "otadata", false, false},
	{NULL, ESP_PARTITION_TYPE_APP, 0x10, 0x10000, 0x10000, 0x1000, "ota_0", false, false},
	{NULL, ESP_PARTITION_TYPE_APP, 0x11, 0x20000, 0x10000, 0x1000, "ota_1", false, false},
};
#define ROWS 4
static void *esp_flash_default_chip = NULL;
static uint32_t code_at;
static size_t spi_flash_cache2phys(const void *cached) { (void)cached; return code_at; }

static const esp_partition_t *esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label)
{
	(void)label;
	for (int i = 0; i < ROWS; i++)
		if (table[i].type == type && (subtype == ESP_PARTITION_SUBTYPE_ANY || table[i].subtype == subtype))
			return &table[i];
	return NULL;
}
static const esp_partition_t *esp_partition_verify(const esp_partition_t *partition)
{
	for (int i = 0; i < ROWS; i++)
		if (&table[i] == partition)
			return partition;
	return NULL;
}
static esp_partition_iterator_t esp_partition_find(esp_partition_type_t type, esp_partition_subtype_t subtype, const char *label)
{
	return esp_partition_find_first(type, subtype, label);
}
static const esp_partition_t *esp_partition_get(esp_partition_iterator_t it) { return it; }
static esp_partition_iterator_t esp_partition_next(esp_partition_iterator_t it)
{
	for (int i = (int)(it - table) + 1; i < ROWS; i++)
		if (table[i].type == it->type)
			return &table[i];
	return NULL;
}
static void esp_partition_iterator_release(esp_partition_iterator_t it) { (void)it; }
static esp_err_t esp_flash_read(void *chip, void *to, uint32_t from, uint32_t size)
{
	(void)chip;
	return bootloader_flash_read(from, to, size, true);
}
static esp_err_t esp_flash_write(void *chip, const void *from, uint32_t to, uint32_t size)
{
	(void)chip;
	return bootloader_flash_write(to, from, size, true);
}
static esp_err_t esp_flash_erase_region(void *chip, uint32_t from, uint32_t size)
{
	(void)chip;
	memset(flash + from, 0xff, size);
	return ESP_OK;
}
static void esp_flash_set_dangerous_write_protection(void *chip, bool on) { (void)chip; (void)on; }
static esp_err_t esp_partition_table_verify_none(void) { return ESP_OK; }
esp_err_t esp_partition_table_verify(const esp_partition_info_t *t, bool log_errors, int *count)
{
	(void)t; (void)log_errors; (void)count;
	return esp_partition_table_verify_none();
}
static esp_err_t esp_partition_mmap(const esp_partition_t *p, size_t offset, size_t size, int memory, const void **out, esp_partition_mmap_handle_t *handle)
{
	(void)size; (void)memory; (void)handle;
	*out = flash + p->address + offset;
	return ESP_OK;
}
static void esp_partition_munmap(esp_partition_mmap_handle_t handle) { (void)handle; }
static void esp_restart(void) { longjmp(reset_point, APP_RESTARTS); }
static esp_err_t esp_partition_copy(const esp_partition_t *to, uint32_t a, const esp_partition_t *from, uint32_t b, size_t size)
{
	(void)to; (void)a; (void)from; (void)b; (void)size;
	return ESP_FAIL;
}
bool bootloader_common_ota_select_invalid(const esp_ota_select_entry_t *s);
bool bootloader_common_ota_select_valid(const esp_ota_select_entry_t *s);
uint32_t bootloader_common_ota_select_crc(const esp_ota_select_entry_t *s);
int bootloader_common_get_active_otadata(esp_ota_select_entry_t *two_otadata);
int bootloader_common_select_otadata(const esp_ota_select_entry_t *two, bool *valid, bool max);
esp_err_t bootloader_common_check_chip_validity(const esp_image_header_t *image, esp_image_type type);
uint8_t esp_ota_get_app_partition_count(void);
esp_err_t esp_ota_invalidate_inactive_ota_data_slot(void);
esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *state);
const esp_partition_t *esp_ota_get_running_partition(void);

#include "partition_part.c"
#include "bootloader_common_loader.c"
#undef ALIGN_UP
#define TAG image_tag
#include "esp_image_format.c"
#undef TAG
#undef ALIGN_UP
#undef HASH_LEN
#define TAG ota_tag
#include "esp_ota_ops.c"

static const esp_partition_t *named(const char *name)
{
	for (int i = 0; i < ROWS; i++)
		if (!strcmp(table[i].label, name))
			return &table[i];
	return NULL;
}

static long call(const char *name, const char *slot, unsigned long x, unsigned long y)
{
	static esp_ota_handle_t handle;
	static uint8_t bytes[0x20000] = {0xe9};
	const esp_partition_t *partition = named(slot);
	esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
	if (!strcmp(name, "begin"))
		return esp_ota_begin(partition, x, &handle);
	if (!strcmp(name, "resume"))
		return esp_ota_resume(partition, x, y, &handle);
	if (!strcmp(name, "write"))
		return esp_ota_write(x ? handle : 999, bytes, y);
	if (!strcmp(name, "write-at"))
		return esp_ota_write_with_offset(x ? handle : 999, bytes, 4, y);
	if (!strcmp(name, "end"))
		return esp_ota_end(handle);
	if (!strcmp(name, "abort"))
		return esp_ota_abort(handle);
	if (!strcmp(name, "erase"))
		return esp_partition_erase_range(partition, x, y);
	if (!strcmp(name, "set-boot"))
		return esp_ota_set_boot_partition(partition);
	if (!strcmp(name, "mark-valid"))
		return esp_ota_mark_app_valid_cancel_rollback();
	if (!strcmp(name, "mark-invalid"))
		return esp_ota_mark_app_invalid_rollback();
	if (!strcmp(name, "possible"))
		return esp_ota_check_rollback_is_possible();
	if (!strcmp(name, "invalidate"))
		return esp_ota_invalidate_inactive_ota_data_slot();
	if (!strcmp(name, "erase-last"))
		return esp_ota_erase_last_boot_app_partition();
	if (!strcmp(name, "boot"))
		return esp_ota_get_boot_partition() ? (long)esp_ota_get_boot_partition()->address : -1;
	if (!strcmp(name, "next"))
		return (long)esp_ota_get_next_update_partition(NULL)->address;
	if (!strcmp(name, "last-invalid"))
		return esp_ota_get_last_invalid_partition() ? (long)esp_ota_get_last_invalid_partition()->address : -1;
	if (!strcmp(name, "state")) {
		esp_err_t error = esp_ota_get_state_partition(partition, &state);
		return error ? -error : (long)(uint32_t)state + 1;
	}
	exit(2);
}

int main(void)
{
	static char line[0x100000], word[16], a[32], b[0x100000], c[32], d[32];
	while (fgets(line, sizeof(line), stdin)) {
		a[0] = b[0] = c[0] = d[0] = 0;
		if (sscanf(line, "%15s %31s %1048575s %31s %31s", word, a, b, c, d) < 1 || common_line(word, a, b))
			continue;
		if (!strcmp(word, "runs"))
			code_at = named(a)->address + 0x100;
		else {
			int end = setjmp(reset_point);
			if (end)
				printf("ends %d\n", end);
			else
				printf("%ld\n", call(a, b, strtoul(c, NULL, 0), strtoul(d, NULL, 0)));
		}
	}
	return 0;
}
