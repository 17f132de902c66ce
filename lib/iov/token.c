/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysfs.h"

#define TOKEN_CHARS (IOV_TOKEN_BYTES - 1)

static bool
is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; form[i] != '\0' && text[i] != '\0'; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return form[i] == '\0' && text[i] == '\0';
}

/* RFC 4122, 4.4: a version 4 UUID. */
static int
make_uuid(char token[IOV_TOKEN_BYTES])
{
	uint8_t b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return -EIO;
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	snprintf(token, IOV_TOKEN_BYTES,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	return 0;
}

static int
write_token(int fd, const char *token)
{
	char line[IOV_TOKEN_BYTES + 1];
	int nb = snprintf(line, sizeof(line), "%s\n", token);
	int rc = write(fd, line, nb) == nb && fsync(fd) == 0 ? 0 : -EIO;

	if (close(fd) < 0)
		rc = -errno;
	return rc;
}

static int
keep_token(const char *path, const char *token)
{
	struct path temporary = sysfs_path("%s.new", path);
	int fd, rc;

	(void)unlink(temporary.text); /* of a crash, and maybe with another mode */
	fd = open(temporary.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	rc = write_token(fd, token);
	if (rc == 0 && rename(temporary.text, path) < 0)
		rc = -errno;
	if (rc < 0)
		(void)unlink(temporary.text);
	return rc;
}

static int
make_token(const char *path, char token[IOV_TOKEN_BYTES], struct iov_problem *problem)
{
	int rc = make_uuid(token);

	if (rc == 0)
		rc = keep_token(path, token);
	if (rc < 0)
		return iov_fail(problem, rc, "cannot make the VF token %s: %s", path,
				strerror(-rc));
	return 0;
}

int
iov_token_load(const char *path, char token[IOV_TOKEN_BYTES], struct iov_problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[TOKEN_CHARS + 2] = "";
	struct stat status;
	ssize_t nb;

	if (fd < 0 && errno == ENOENT)
		return make_token(path, token, problem);
	if (fd < 0 || fstat(fd, &status) < 0) {
		int rc = -errno;

		if (fd >= 0)
			close(fd);
		return iov_fail(problem, rc, "cannot read the VF token %s: %s", path,
				strerror(-rc));
	}
	nb = read(fd, text, sizeof(text) - 1);
	close(fd);
	if ((status.st_mode & 077) != 0)
		return iov_fail(problem, -EINVAL, "others may read the VF token; run: chmod 600 %s",
				path);
	text[strcspn(text, "\n")] = '\0';
	if (nb < 0 || !is_uuid(text))
		return iov_fail(problem, -EINVAL,
				"%s holds no UUID; for a new VF token, run: rm %s", path, path);
	memcpy(token, text, IOV_TOKEN_BYTES);
	return 0;
}
