/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * One daemon for a state directory: a lock on a file in it, which ends with the process however it
 * ends. The main thread's, before anything is changed.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"

static int
read_pid(int fd)
{
	char text[16] = "";
	ssize_t nb = pread(fd, text, sizeof(text) - 1, 0);

	return nb <= 0 ? 0 : atoi(text);
}

static void
write_pid(int fd)
{
	char text[16];
	int nb = snprintf(text, sizeof(text), "%d\n", getpid());

	/* For the eyes of whoever finds the lock taken; the lock is what counts. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, nb, 0) != nb)
		log_line(CONFIG_LOG_DEBUG, "cannot note down the pid: %s", strerror(errno));
}

int
instance_lock(const char *state_dir, int *lock_fd, int *other_pid)
{
	char path[CONFIG_PATH_BYTES + 8];
	int fd, rc;

	*other_pid = 0;
	if (mkdir(state_dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/lock", state_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		write_pid(fd);
		*lock_fd = fd;
		return 0;
	}
	rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
	*other_pid = read_pid(fd);
	close(fd);
	return rc;
}
