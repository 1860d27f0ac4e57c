/*
 * ESP-IDF's bootloader, from its choice of a slot to the start of an image. `boot` prints the flash offset of the image
 * that starts, "assertion" or "nothing".
 */
#define BOOTLOADER_BUILD 1
#include "host.h"
#include "esp_flash_partitions.h"
#include "esp_app_desc.h"
#include "esp_app_format.h"
#include "esp_image_format.h"
#include "bootloader_util.h"

#define FACTORY_INDEX (-1)
#define TEST_APP_INDEX (-2)
#define INVALID_INDEX (-99)
#define MAX_OTA_SLOTS 16
typedef struct {
	esp_partition_pos_t ota_info, factory, test, ota[MAX_OTA_SLOTS];
	uint32_t app_count, selected_subtype;
} bootloader_state_t;
typedef enum { ESP_IMAGE_BOOTLOADER, ESP_IMAGE_APPLICATION } esp_image_type;
bool bootloader_common_ota_select_invalid(const esp_ota_select_entry_t *s);
uint32_t bootloader_common_ota_select_crc(const esp_ota_select_entry_t *s);
int bootloader_common_get_active_otadata(esp_ota_select_entry_t *two_otadata);
int bootloader_common_select_otadata(const esp_ota_select_entry_t *two, bool *valid, bool max);
esp_err_t bootloader_common_check_chip_validity(const esp_image_header_t *image, esp_image_type type);

#include "bootloader_common_loader.c"
#undef ALIGN_UP
#define TAG image_tag
#include "esp_image_format.c"
#undef TAG
#define TAG utility_tag

static bool ota_has_initial_contents;
static void load_image(const esp_image_metadata_t *image)
{
	printf("0x%x\n", image->start_addr);
	longjmp(reset_point, APP_STARTS);
}
static void bootloader_reset(void)
{
	longjmp(reset_point, RESET_NOTHING_BOOTS);
}
static bool check_anti_rollback(const esp_partition_pos_t *partition)
{
	(void)partition;
	return true;
}
#include "bootloader_utility_part.c"

static void map(uintptr_t address, size_t length)
{
	void *got = mmap((void *)address, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (got != (void *)address)
		exit(3);
}

int main(void)
{
	static char line[0x100000], word[16], a[32], b[0x100000];
	bootloader_state_t state = {.ota_info = {0xd000, 0x2000}, .ota = {{0x10000, 0x10000}, {0x20000, 0x10000}}, .app_count = 2};
	/* Where segments are loaded. */
	map(0x3ff80000, 0x150000);
	map(0x50000000, 0x2000);
	while (fgets(line, sizeof(line), stdin)) {
		a[0] = b[0] = 0;
		if (sscanf(line, "%15s %31s %1048575s", word, a, b) < 1 || common_line(word, a, b))
			continue;
		if (strcmp(word, "boot"))
			return 2;
		int end = setjmp(reset_point);
		if (end == RESET_ASSERTION)
			printf("assertion\n");
		else if (end == RESET_NOTHING_BOOTS)
			printf("nothing\n");
		else if (end == 0)
			bootloader_utility_load_boot_image(&state, bootloader_utility_get_selected_boot_partition(&state));
	}
	return 0;
}
