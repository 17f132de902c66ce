/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The descriptors that are held, by name, as systemd's store has them. One thread. */

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper.h"

#define FIRST_FD     3 /* SD_LISTEN_FDS_START */
#define DEFAULT_NAME "stored"

static bool
same_file(int a, int b)
{
	pid_t self = getpid();

	return syscall(SYS_kcmp, self, self, KCMP_FILE, (unsigned long)a, (unsigned long)b) == 0;
}

/* LISTEN_FDNAMES is one word, with colons between. */
static bool
name_is_good(const char *name)
{
	for (const char *at = name; *at != '\0'; at++)
		if (*at <= ' ' || *at >= 127 || *at == ':')
			return false;
	return strlen(name) < STORE_NAME_BYTES;
}

int
store_add(struct store *store, const char *name, int fd)
{
	int rc = 0;

	for (unsigned int i = 0; i < store->nb; i++) {
		if (same_file(store->held[i].fd, fd)) {
			close(fd);
			return 0;
		}
	}
	if (!name_is_good(name))
		rc = -EINVAL;
	else if (store->nb == STORE_FDS_MAX)
		rc = -ENOSPC;
	if (rc < 0) {
		close(fd);
		return rc;
	}
	store->held[store->nb].fd = fd;
	snprintf(store->held[store->nb].name, STORE_NAME_BYTES, "%s",
		 name[0] == '\0' ? DEFAULT_NAME : name);
	store->nb++;
	return 0;
}

void
store_remove(struct store *store, const char *name)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < store->nb; i++) {
		if (strcmp(store->held[i].name, name) == 0)
			close(store->held[i].fd);
		else
			store->held[kept++] = store->held[i];
	}
	store->nb = kept;
}

/* First out of each other's way, as the places may be taken by others that are held. */
static int
place_fds(const struct store *store)
{
	int spare[STORE_FDS_MAX];

	for (unsigned int i = 0; i < store->nb; i++) {
		spare[i] = fcntl(store->held[i].fd, F_DUPFD_CLOEXEC, FIRST_FD + STORE_FDS_MAX);
		if (spare[i] < 0)
			return -errno;
	}
	for (unsigned int i = 0; i < store->nb; i++)
		if (dup2(spare[i], FIRST_FD + (int)i) < 0)
			return -errno;
	if (close_range(FIRST_FD + store->nb, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static int
set_variables(const struct store *store)
{
	char names[STORE_FDS_MAX * STORE_NAME_BYTES] = "", number[16];
	size_t used = 0;

	for (unsigned int i = 0; i < store->nb; i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%s", i > 0 ? ":" : "",
				 store->held[i].name);
	snprintf(number, sizeof(number), "%d", getpid());
	if (setenv("LISTEN_PID", number, 1) < 0)
		return -errno;
	snprintf(number, sizeof(number), "%u", store->nb);
	if (setenv("LISTEN_FDS", number, 1) < 0 || setenv("LISTEN_FDNAMES", names, 1) < 0)
		return -errno;
	return 0;
}

/* sd_listen_fds() calls a count of 0 an error, and without the variables it returns 0. */
static void
clear_variables(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
}

int
store_hand_over(const struct store *store)
{
	int rc = 0;

	clear_variables();
	if (store->nb > 0)
		rc = set_variables(store);
	return rc < 0 ? rc : place_fds(store);
}
