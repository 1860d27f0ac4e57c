/* Flash in memory for measure.ts, as its driver has it: no JavaScript runs for a byte. And the time of this thread. */
#include <stdint.h>
#include <string.h>
#include <time.h>

int32_t cpu_microseconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int32_t)((used.tv_sec * 1000000LL + used.tv_nsec / 1000) & 0x7fffffff);
}

void flash_read(uint8_t *target, int32_t at, uint8_t *flash, int32_t offset, int32_t length)
{
	memcpy(target + at, flash + offset, (size_t)length);
}

/* 0: the bytes are those at `offset`. */
int32_t flash_compare(uint8_t *bytes, int32_t at, uint8_t *flash, int32_t offset, int32_t length)
{
	return memcmp(bytes + at, flash + offset, (size_t)length);
}
