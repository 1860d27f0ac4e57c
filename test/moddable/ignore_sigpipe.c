#include <signal.h>
#include <stdint.h>

/*
 * The Linux simulator's TCP writes without MSG_NOSIGNAL, and XS restores the default action of SIGPIPE when it connects to the
 * debugger: a write to a connection that the peer reset would end the process. To be called before the first write.
 */
int32_t ignore_sigpipe(void)
{
	signal(SIGPIPE, SIG_IGN);
	return 0;
}
