/*
 * What ESP-IDF's own code needs of a chip, on the host: types, a flash in memory, a SHA-256. ESP-IDF's files are
 * included behind this one, without their own include lines; nothing of them is kept in this project.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/queue.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_FAIL (-1)
#define ESP_ERR_NO_MEM 0x101
#define ESP_ERR_INVALID_ARG 0x102
#define ESP_ERR_INVALID_STATE 0x103
#define ESP_ERR_INVALID_SIZE 0x104
#define ESP_ERR_NOT_FOUND 0x105
#define ESP_ERR_NOT_SUPPORTED 0x106
#define ESP_ERR_NOT_ALLOWED 0x10d
#define ESP_ERR_OTA_BASE 0x1500
#define ESP_ERR_OTA_PARTITION_CONFLICT 0x1501
#define ESP_ERR_OTA_SELECT_INFO_INVALID 0x1502
#define ESP_ERR_OTA_VALIDATE_FAILED 0x1503
#define ESP_ERR_OTA_SMALL_SEC_VER 0x1504
#define ESP_ERR_OTA_ROLLBACK_FAILED 0x1505
#define ESP_ERR_OTA_ROLLBACK_INVALID_STATE 0x1506

/* Pointers of the chip have 32 bits, and are signed where the bootloader compares them. */
#define intptr_t int32_t
#define ESP_STATIC_ASSERT(...) struct unused_assertion
#define _Static_assert_of(...)
#define ESP_LOG_ATTR_TAG(name, text) static const char *name __attribute__((unused)) = text
#define ESP_LOG_ATTR_STR(text) text
#define ESP_LOGE(...) ((void)0)
#define ESP_LOGW(...) ((void)0)
#define ESP_LOGI(...) ((void)0)
#define ESP_LOGD(...) ((void)0)
#define ESP_LOGV(...) ((void)0)
#define WORD_ALIGNED_ATTR __attribute__((aligned(4)))
#define FORCE_INLINE_ATTR static inline
#define IRAM_ATTR
#define NOINLINE_ATTR
#define ESP_FAULT_ASSERT(x) ((void)0)
#undef assert
#define assert(x) ((x) ? (void)0 : longjmp(reset_point, RESET_ASSERTION))

#define CONFIG_IDF_TARGET_ESP32 1
#define CONFIG_IDF_FIRMWARE_CHIP_ID 0
#define CONFIG_BOOTLOADER_OFFSET_IN_FLASH 0x1000
#define CONFIG_PARTITION_TABLE_OFFSET 0x8000
#ifdef TEST_ROLLBACK
#define CONFIG_BOOTLOADER_APP_ROLLBACK_ENABLE 1
#endif
#ifdef TEST_SKIP
#define CONFIG_BOOTLOADER_SKIP_VALIDATE_ALWAYS 1
#endif

/* [soc.h of the ESP32] */
#define SOC_DROM_LOW 0x3F400000
#define SOC_DROM_HIGH 0x3F800000
#define SOC_IROM_LOW 0x400D0000
#define SOC_IROM_HIGH 0x40400000
#define SOC_DIRAM_IRAM_LOW 0x400A0000
#define SOC_DIRAM_IRAM_HIGH 0x400C0000
#define SOC_DIRAM_DRAM_LOW 0x3FFE0000
#define SOC_DIRAM_DRAM_HIGH 0x40000000
#define SOC_ROM_STACK_START 0x3ffe3f20
#define SOC_RTC_FAST_MEM_SUPPORTED 1
#define SOC_RTC_SLOW_MEM_SUPPORTED 1
#define SOC_RTC_IRAM_LOW 0x400C0000
#define SOC_RTC_IRAM_HIGH 0x400C2000
#define SOC_RTC_DRAM_LOW 0x3FF80000
#define SOC_RTC_DRAM_HIGH 0x3FF82000
#define SOC_RTC_DATA_LOW 0x50000000
#define SOC_RTC_DATA_HIGH 0x50002000
#define SPI_FLASH_MMU_PAGE_SIZE 0x10000
#define MMAP_ALIGNED_MASK 0xffff
#define FLASH_SECTOR_SIZE 0x1000
#define SPI_SEC_SIZE 0x1000
#define RESET_REASON_CORE_DEEP_SLEEP 5

enum { RESET_ASSERTION = 1, RESET_NOTHING_BOOTS, APP_STARTS, APP_RESTARTS };
static jmp_buf reset_point;

#define FLASH_SIZE 0x100000
static uint8_t flash[FLASH_SIZE];

static int in(const void *p, uint32_t low, uint32_t high)
{
	uint32_t address = (uint32_t)(uintptr_t)p;
	return address >= low && address < high;
}
#define esp_ptr_in_dram(p) in(p, 0x3FFAE000, 0x40000000)
#define esp_ptr_in_iram(p) in(p, 0x40080000, 0x400AA000)
#define esp_ptr_in_diram_dram(p) in(p, SOC_DIRAM_DRAM_LOW, SOC_DIRAM_DRAM_HIGH)
#define esp_ptr_in_diram_iram(p) in(p, SOC_DIRAM_IRAM_LOW, SOC_DIRAM_IRAM_HIGH)
#define esp_ptr_in_rtc_iram_fast(p) in(p, SOC_RTC_IRAM_LOW, SOC_RTC_IRAM_HIGH)
#define esp_ptr_in_rtc_dram_fast(p) in(p, SOC_RTC_DRAM_LOW, SOC_RTC_DRAM_HIGH)
#define esp_ptr_in_rtc_slow(p) in(p, SOC_RTC_DATA_LOW, SOC_RTC_DATA_HIGH)
/* Both addresses of the shared memory run against each other, word by word. [esp_memory_utils.h, SOC_DIRAM_INVERTED] */
#define esp_ptr_diram_dram_to_iram(p) \
	((void *)(uintptr_t)(uint32_t)(SOC_DIRAM_IRAM_LOW + (SOC_DIRAM_DRAM_HIGH - (uint32_t)(uintptr_t)(p)) - 4))
#define esp_ptr_diram_iram_to_dram(p) \
	((void *)(uintptr_t)(uint32_t)(SOC_DIRAM_DRAM_LOW + (SOC_DIRAM_IRAM_HIGH - (uint32_t)(uintptr_t)(p)) - 4))

static inline uint32_t esp_cpu_get_sp(void) { return SOC_ROM_STACK_START; }
static inline bool esp_cpu_dbgr_is_attached(void) { return false; }
static inline int esp_rom_get_reset_reason(int cpu) { (void)cpu; return 1; }
static inline unsigned efuse_hal_chip_revision(void) { return 301; }
static inline bool efuse_hal_get_disable_wafer_version_major(void) { return false; }
#define ESP_CHIP_REV_ABOVE(have, least) ((have) >= (least))
static inline bool esp_flash_encryption_enabled(void) { return false; }
static inline void bootloader_debug_buffer(const void *b, size_t n, const char *t) { (void)b; (void)n; (void)t; }
static inline void bootloader_fill_random(void *buffer, size_t length) { memset(buffer, 0x5a, length); }

static inline uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *bytes, uint32_t length)
{
	crc = ~crc;
	while (length--) {
		crc ^= *bytes++;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320 : 0);
	}
	return ~crc;
}

static inline esp_err_t bootloader_flash_read(size_t from, void *to, size_t size, bool decrypt)
{
	(void)decrypt;
	if (from > FLASH_SIZE || size > FLASH_SIZE - from)
		return ESP_FAIL;
	memcpy(to, flash + from, size);
	return ESP_OK;
}
static inline const void *bootloader_mmap(uint32_t from, uint32_t size)
{
	return from > FLASH_SIZE || size > FLASH_SIZE - from ? NULL : flash + from;
}
static inline void bootloader_munmap(const void *mapping) { (void)mapping; }
static inline uint32_t bootloader_mmap_get_free_pages(void) { return 50; }
static inline esp_err_t bootloader_flash_erase_sector(size_t sector)
{
	memset(flash + sector * FLASH_SECTOR_SIZE, 0xff, FLASH_SECTOR_SIZE);
	return ESP_OK;
}
static inline esp_err_t bootloader_flash_write(size_t to, const void *from, size_t size, bool encrypt)
{
	(void)encrypt;
	for (size_t i = 0; i < size; i++)
		flash[to + i] &= ((const uint8_t *)from)[i];
	return ESP_OK;
}

/* SHA-256. [FIPS 180-4] */
typedef struct { uint32_t state[8]; uint8_t block[64]; uint64_t length; } sha_t;
typedef void *bootloader_sha256_handle_t;
static void sha_block(sha_t *sha)
{
	static const uint32_t K[64] = {
		0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
		0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
		0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
		0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
		0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
		0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
		0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
		0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
#define ROTATED(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
	uint32_t w[64], s[8];
	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)sha->block[4 * i] << 24 | sha->block[4 * i + 1] << 16 | sha->block[4 * i + 2] << 8 | sha->block[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + (ROTATED(w[i - 15], 7) ^ ROTATED(w[i - 15], 18) ^ w[i - 15] >> 3) + w[i - 7] +
			(ROTATED(w[i - 2], 17) ^ ROTATED(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, sha->state, sizeof(s));
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = s[7] + (ROTATED(s[4], 6) ^ ROTATED(s[4], 11) ^ ROTATED(s[4], 25)) + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
		uint32_t t2 = (ROTATED(s[0], 2) ^ ROTATED(s[0], 13) ^ ROTATED(s[0], 22)) + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof(uint32_t));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		sha->state[i] += s[i];
}
static inline bootloader_sha256_handle_t bootloader_sha256_start(void)
{
	static const uint32_t H[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	sha_t *sha = calloc(1, sizeof(*sha));
	memcpy(sha->state, H, sizeof(H));
	return sha;
}
static inline void bootloader_sha256_data(bootloader_sha256_handle_t handle, const void *data, size_t length)
{
	sha_t *sha = handle;
	for (size_t i = 0; i < length; i++) {
		sha->block[sha->length++ % 64] = ((const uint8_t *)data)[i];
		if (sha->length % 64 == 0)
			sha_block(sha);
	}
}
static inline void bootloader_sha256_finish(bootloader_sha256_handle_t handle, uint8_t *digest)
{
	sha_t *sha = handle;
	uint64_t bits = sha->length * 8;
	bootloader_sha256_data(sha, "\x80", 1);
	while (sha->length % 64 != 56)
		bootloader_sha256_data(sha, "", 1);
	uint8_t length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	bootloader_sha256_data(sha, length, 8);
	for (int i = 0; digest && i < 32; i++)
		digest[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
	free(sha);
}

/* Lines of the script: `blank`, `put OFFSET HEX`, `otadata` (prints both entries); the rest is each program's own. */
static int common_line(const char *word, const char *a, const char *b)
{
	if (!strcmp(word, "blank"))
		memset(flash, 0xff, FLASH_SIZE);
	else if (!strcmp(word, "put")) {
		unsigned byte;
		uint32_t at = (uint32_t)strtoul(a, NULL, 0);
		for (; sscanf(b, "%2x", &byte) == 1 && at < FLASH_SIZE; b += 2)
			flash[at++] = (uint8_t)byte;
	}
	else if (!strcmp(word, "otadata")) {
		for (int entry = 0; entry < 2; entry++)
			for (int i = 0; i < 32; i++)
				printf("%02x", flash[0xd000 + entry * 0x1000 + i]);
		printf("\n");
	}
	else
		return 0;
	return 1;
}
