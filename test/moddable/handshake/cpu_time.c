/* What this thread has computed so far: unlike the time of day it does not count what else the computer does. */
#include <stdint.h>
#include <time.h>

/* In microseconds; wraps after 35 minutes. */
int32_t cpu_microseconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (int32_t)((used.tv_sec * 1000000LL + used.tv_nsec / 1000) & 0x7fffffff);
}
