#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

/* `config.file.root` of this folder's manifest, without the slash. */
#define DEFAULT_FOLDER "/tmp/moddable-aws-fota"

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

/* Files that the simulator makes from now on are its user's alone: the preferences hold the device's key. */
int32_t simulator_private_files(void)
{
	umask(077);
	return 0;
}

/* Returns 0, or -1 when the default folder cannot be made, or is another user's, who could read what is put into it. */
int32_t simulator_default_folder(void)
{
	struct stat found;
	if (mkdir(DEFAULT_FOLDER, 0700) && (EEXIST != errno))
		return -1;
	if (lstat(DEFAULT_FOLDER, &found) || !S_ISDIR(found.st_mode) || (found.st_uid != getuid()))
		return -1;
	return (found.st_mode & 077) ? chmod(DEFAULT_FOLDER, 0700) : 0;
}
