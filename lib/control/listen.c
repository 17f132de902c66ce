/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listen.h"

#define BACKLOG 16

/* Who may do what is decided by who asks (access.h): anybody may ask. */
#define SOCKET_MODE 0666

int
socket_address(const char *path, struct sockaddr_un *address)
{
	if (strlen(path) >= sizeof(address->sun_path))
		return -ENAMETOOLONG;
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	return 0;
}

/* Somebody listens there, or it is a full queue, which only a listener has. */
static bool
is_answered(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool answered;

	if (fd < 0)
		return false;
	answered = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		   errno == EAGAIN;
	close(fd);
	return answered;
}

/* What is in the way goes, if it is a socket that nobody answers on. */
static int
clear_path(const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(address->sun_path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EEXIST;
	if (is_answered(address))
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int
make_directory(const char *path)
{
	char copy[CONFIG_PATH_BYTES + 1];

	snprintf(copy, sizeof(copy), "%s", path);
	return mkdir(dirname(copy), 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int
set_owner(const char *path, gid_t group)
{
	if (chown(path, -1, group) < 0 || chmod(path, SOCKET_MODE) < 0)
		return -errno;
	return 0;
}

/* From bind() to listen() nobody can connect, so the mode is right before anyone does. */
static int
bind_and_listen(int fd, const struct sockaddr_un *address, gid_t group,
		char error[CONTROL_ERROR_BYTES])
{
	const char *path = address->sun_path;
	int rc;

	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		rc = -errno;
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(-rc));
		return rc;
	}
	rc = set_owner(path, group);
	if (rc < 0) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: cannot give it to its group: %s", path,
			 strerror(-rc));
		goto remove_socket;
	}
	if (listen(fd, BACKLOG) == 0)
		return 0;
	rc = -errno;
	snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(-rc));
remove_socket:
	(void)unlink(path);
	return rc;
}

int
listen_on(const char *path, gid_t group, char error[CONTROL_ERROR_BYTES])
{
	struct sockaddr_un address;
	int fd, rc = socket_address(path, &address);

	if (rc == 0)
		rc = make_directory(path);
	if (rc == 0)
		rc = clear_path(&address);
	if (rc < 0) {
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path,
			 rc == -EADDRINUSE ? "another sluiced answers there" : strerror(-rc));
		return rc;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		rc = -errno;
		snprintf(error, CONTROL_ERROR_BYTES, "%s: %s", path, strerror(-rc));
		return rc;
	}
	rc = bind_and_listen(fd, &address, group, error);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}
