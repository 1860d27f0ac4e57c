/*
 * A simulated ESP-IDF for fota_boot.c, driven by lines on standard input:
 *   slot <name> <address> <size> <label>      defines a partition
 *   running|next|boot <name or none>          what the three getters return
 *   state <name> <error> <number>             answer of esp_ota_get_state_partition
 *   desc <name> <error> <hex version> <hex project>
 *   result <function> <error>                 answer of a function that returns esp_err_t
 *   reason <number>, revision <number>, fuse <bits>
 *   call <function> [which]                   prints "= <result>" after the ESP-IDF calls it made
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idf.h"

typedef struct {
	char name[16];
	esp_partition_t partition;
	int state_error;
	uint32_t state;
	int desc_error;
	esp_app_desc_t desc;
} slot_t;

static slot_t slots[4];
static int slot_count;
static slot_t *running, *next, *boot;
static struct {
	char name[64];
	int error;
} results[8];
static int result_count;
static int reason, revision, fuse;

int32_t fota_begin(void);
int32_t fota_set_boot(void);
int32_t fota_unset_boot(void);
int32_t fota_mark_valid(void);
int32_t fota_mark_invalid_and_restart(void);
void fota_restart(void);
int32_t fota_rollback_enabled(void);
int32_t fota_chip_id(void);
int32_t fota_chip_revision(void);
int32_t fota_secure_version(void);
int32_t fota_lowest_free_memory(void);
const char *fota_reset_reason(void);
char *fota_label(int32_t which);
int32_t fota_address(int32_t which);
int32_t fota_size(int32_t which);
int32_t fota_state(int32_t which);
char *fota_version(int32_t which);
char *fota_project(int32_t which);

static slot_t *find(const char *name)
{
	for (int i = 0; i < slot_count; i++)
		if (!strcmp(slots[i].name, name))
			return &slots[i];
	return NULL;
}

static slot_t *of(const esp_partition_t *partition)
{
	for (int i = 0; i < slot_count; i++)
		if (&slots[i].partition == partition)
			return &slots[i];
	return NULL;
}

static const char *name_of(const esp_partition_t *partition)
{
	slot_t *slot = of(partition);
	return slot ? slot->name : "NULL";
}

static int result_of(const char *function)
{
	for (int i = 0; i < result_count; i++)
		if (!strcmp(results[i].name, function))
			return results[i].error;
	return ESP_OK;
}

const esp_partition_t *esp_ota_get_running_partition(void) { return running ? &running->partition : NULL; }
const esp_partition_t *esp_ota_get_boot_partition(void) { return boot ? &boot->partition : NULL; }

const esp_partition_t *esp_ota_get_next_update_partition(const esp_partition_t *start_from)
{
	if (start_from)
		printf("esp_ota_get_next_update_partition %s\n", name_of(start_from));
	return next ? &next->partition : NULL;
}

esp_err_t esp_ota_begin(const esp_partition_t *partition, size_t image_size, esp_ota_handle_t *out_handle)
{
	printf("esp_ota_begin %s 0x%lx\n", name_of(partition), (unsigned long)image_size);
	int error = result_of("esp_ota_begin");
	if (!error)
		*out_handle = 77;
	return error;
}

esp_err_t esp_ota_abort(esp_ota_handle_t handle)
{
	printf("esp_ota_abort %u\n", (unsigned)handle);
	return result_of("esp_ota_abort");
}

esp_err_t esp_ota_set_boot_partition(const esp_partition_t *partition)
{
	printf("esp_ota_set_boot_partition %s\n", name_of(partition));
	return result_of("esp_ota_set_boot_partition");
}

esp_err_t esp_ota_get_state_partition(const esp_partition_t *partition, esp_ota_img_states_t *ota_state)
{
	slot_t *slot = of(partition);
	if (!slot || !ota_state)
		return ESP_ERR_INVALID_ARG;
	if (slot->state_error == ESP_OK)
		*ota_state = (esp_ota_img_states_t)slot->state;
	return slot->state_error;
}

esp_err_t esp_ota_get_partition_description(const esp_partition_t *partition, esp_app_desc_t *app_desc)
{
	slot_t *slot = of(partition);
	if (!slot || !app_desc)
		return ESP_ERR_INVALID_ARG;
	if (slot->desc_error == ESP_OK)
		*app_desc = slot->desc;
	return slot->desc_error;
}

esp_err_t esp_ota_mark_app_valid_cancel_rollback(void)
{
	printf("esp_ota_mark_app_valid_cancel_rollback\n");
	return result_of("esp_ota_mark_app_valid_cancel_rollback");
}

esp_err_t esp_ota_mark_app_invalid_rollback(void)
{
	printf("esp_ota_mark_app_invalid_rollback\n");
	return result_of("esp_ota_mark_app_invalid_rollback");
}

esp_err_t esp_ota_mark_app_invalid_rollback_and_reboot(void)
{
	printf("esp_ota_mark_app_invalid_rollback_and_reboot\n");
	return result_of("esp_ota_mark_app_invalid_rollback_and_reboot");
}

esp_reset_reason_t esp_reset_reason(void) { return (esp_reset_reason_t)reason; }
void esp_chip_info(esp_chip_info_t *out_info) { out_info->revision = (uint16_t)revision; }
uint32_t esp_efuse_read_secure_version(void);
uint32_t esp_efuse_read_secure_version(void) { return (uint32_t)fuse; }
uint32_t esp_get_minimum_free_heap_size(void) { return 41234; }
void esp_restart(void) { printf("esp_restart\n"); }

static void print_text(char *text)
{
	printf("= \"%s\"\n", text);
	free(text);
}

static void call(const char *function, int which)
{
	if (!strcmp(function, "fota_begin"))
		printf("= %d\n", (int)fota_begin());
	else if (!strcmp(function, "fota_set_boot"))
		printf("= %d\n", (int)fota_set_boot());
	else if (!strcmp(function, "fota_unset_boot"))
		printf("= %d\n", (int)fota_unset_boot());
	else if (!strcmp(function, "fota_mark_valid"))
		printf("= %d\n", (int)fota_mark_valid());
	else if (!strcmp(function, "fota_mark_invalid_and_restart"))
		printf("= %d\n", (int)fota_mark_invalid_and_restart());
	else if (!strcmp(function, "fota_restart")) {
		fota_restart();
		printf("= undefined\n");
	}
	else if (!strcmp(function, "fota_rollback_enabled"))
		printf("= %d\n", (int)fota_rollback_enabled());
	else if (!strcmp(function, "fota_chip_id"))
		printf("= %d\n", (int)fota_chip_id());
	else if (!strcmp(function, "fota_chip_revision"))
		printf("= %d\n", (int)fota_chip_revision());
	else if (!strcmp(function, "fota_secure_version"))
		printf("= %d\n", (int)fota_secure_version());
	else if (!strcmp(function, "fota_lowest_free_memory"))
		printf("= %d\n", (int)fota_lowest_free_memory());
	else if (!strcmp(function, "fota_reset_reason"))
		printf("= \"%s\"\n", fota_reset_reason());
	else if (!strcmp(function, "fota_label"))
		print_text(fota_label(which));
	else if (!strcmp(function, "fota_address"))
		printf("= %d\n", (int)fota_address(which));
	else if (!strcmp(function, "fota_size"))
		printf("= %d\n", (int)fota_size(which));
	else if (!strcmp(function, "fota_state"))
		printf("= %d\n", (int)fota_state(which));
	else if (!strcmp(function, "fota_version"))
		print_text(fota_version(which));
	else if (!strcmp(function, "fota_project"))
		print_text(fota_project(which));
	else
		exit(2);
}

static void fill_hex(char *field, size_t limit, const char *hex)
{
	unsigned byte;
	memset(field, 0, limit);
	for (size_t i = 0; i < limit && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
		field[i] = (char)byte;
}

int main(void)
{
	char line[256];
	while (fgets(line, sizeof(line), stdin)) {
		char word[64] = "", a[80] = "", b[80] = "", c[80] = "", d[80] = "";
		sscanf(line, "%63s %79s %79s %79s %79s", word, a, b, c, d);
		if (!strcmp(word, "slot")) {
			slot_t *slot = &slots[slot_count++];
			memset(slot, 0, sizeof(*slot));
			snprintf(slot->name, sizeof(slot->name), "%.15s", a);
			slot->partition.address = (uint32_t)strtoul(b, NULL, 0);
			slot->partition.size = (uint32_t)strtoul(c, NULL, 0);
			snprintf(slot->partition.label, sizeof(slot->partition.label), "%.16s", d);
			slot->state_error = ESP_ERR_NOT_FOUND;
			slot->desc_error = ESP_ERR_NOT_FOUND;
		}
		else if (!strcmp(word, "running"))
			running = find(a);
		else if (!strcmp(word, "next"))
			next = find(a);
		else if (!strcmp(word, "boot"))
			boot = find(a);
		else if (!strcmp(word, "state")) {
			find(a)->state_error = (int)strtol(b, NULL, 0);
			find(a)->state = (uint32_t)strtoul(c, NULL, 0);
		}
		else if (!strcmp(word, "desc")) {
			slot_t *slot = find(a);
			slot->desc_error = (int)strtol(b, NULL, 0);
			fill_hex(slot->desc.version, sizeof(slot->desc.version), c);
			fill_hex(slot->desc.project_name, sizeof(slot->desc.project_name), d);
		}
		else if (!strcmp(word, "result")) {
			snprintf(results[result_count].name, sizeof(results[0].name), "%.63s", a);
			results[result_count++].error = (int)strtol(b, NULL, 0);
		}
		else if (!strcmp(word, "reason"))
			reason = atoi(a);
		else if (!strcmp(word, "revision"))
			revision = atoi(a);
		else if (!strcmp(word, "fuse"))
			fuse = atoi(a);
		else if (!strcmp(word, "call"))
			call(a, atoi(b));
	}
	return 0;
}
