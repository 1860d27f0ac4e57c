#include <signal.h>
#include <stdint.h>
#include <unistd.h>

/* Returns 0, or -1 when the signal's disposition could not be changed. */
int32_t simulator_ignore_sigpipe(void)
{
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
}

/* Does not return. No exit handlers: the simulator's would wait for its window. */
int32_t simulator_exit(void)
{
	_exit(0);
	return 0;
}
