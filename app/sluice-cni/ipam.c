/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Delegation: the IPAM plugin gets our environment and our standard input. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cni.h"

#define OUTPUT_BYTES_MAX (256 * 1024)
#define PATH_BYTES       4096

static int
find_plugin(struct cni *cni, char path[PATH_BYTES])
{
	char *dirs = strdup(cni->path == NULL ? "" : cni->path), *rest = dirs;
	bool found = false;

	for (const char *dir; !found && (dir = strsep(&rest, ":")) != NULL;)
		if (dir[0] == '/') {
			snprintf(path, PATH_BYTES, "%s/%s", dir, cni->conf.ipam);
			found = access(path, X_OK) == 0;
		}
	free(dirs);
	if (!found)
		return cni_fail(cni, CNI_BAD_CONFIG, "ipam.type: there is no %s in CNI_PATH (%s)",
				cni->conf.ipam, cni->path == NULL ? "missing" : cni->path);
	return 0;
}

/* @return a descriptor from which to read the configuration, or -1 */
static int
open_input(const char *text)
{
	int fd = memfd_create("netconf", MFD_CLOEXEC);

	if (fd >= 0 && (write(fd, text, strlen(text)) != (ssize_t)strlen(text) ||
			lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static _Noreturn void
become(const char *path, const char *command, int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    setenv("CNI_COMMAND", command, 1) < 0)
		_exit(127);
	execl(path, path, (char *)NULL);
	_exit(127);
}

static void
read_all(int fd, char *text)
{
	size_t used = 0;
	ssize_t nb;

	while (used < OUTPUT_BYTES_MAX) {
		nb = read(fd, text + used, OUTPUT_BYTES_MAX - used);
		if (nb == 0 || (nb < 0 && errno != EINTR))
			break;
		used += nb < 0 ? 0 : nb;
	}
	text[used] = '\0';
}

/* @return what waitpid() says, or -1 */
static int
run_plugin(const char *path, const char *command, const char *input, char *output)
{
	int in = open_input(input), out[2] = { -1, -1 }, status = -1;
	pid_t pid = -1;

	if (in >= 0 && pipe(out) == 0)
		pid = fork();
	if (pid == 0) {
		close(out[0]);
		become(path, command, in, out[1]);
	}
	if (out[1] >= 0)
		close(out[1]);
	if (pid > 0) {
		read_all(out[0], output);
		if (waitpid(pid, &status, 0) < 0)
			status = -1;
	}
	if (out[0] >= 0)
		close(out[0]);
	if (in >= 0)
		close(in);
	return status;
}

/* Its error is ours, by its own code. */
static int
pass_on(struct cni *cni, const char *command, const char *output, int status)
{
	json_t *error = json_loads(output, 0, NULL);
	const char *msg = "no error in JSON", *details = "";
	int code = CNI_FAILED;

	if (json_unpack(error, "{s?i, s?s, s?s}", "code", &code, "msg", &msg, "details", &details) <
		    0 ||
	    code <= 0)
		code = CNI_FAILED;
	(void)cni_fail(cni, code, "ipam %s, %s: %s%s%s (status 0x%x)", cni->conf.ipam, command, msg,
		       details[0] == '\0' ? "" : "; ", details, status);
	json_decref(error);
	return code;
}

int
ipam_run(struct cni *cni, const char *command, json_t **result)
{
	char path[PATH_BYTES], *output;
	int rc = find_plugin(cni, path), status;

	if (rc != 0)
		return rc;
	output = malloc(OUTPUT_BYTES_MAX + 1);
	if (output == NULL)
		return cni_fail(cni, CNI_IO, "out of memory");
	output[0] = '\0';
	status = run_plugin(path, command, cni->input, output);
	if (status != 0)
		rc = pass_on(cni, command, output, status);
	if (rc == 0 && result != NULL) {
		*result = json_loads(output, 0, NULL);
		if (!json_is_object(*result)) {
			json_decref(*result);
			*result = NULL;
			rc = cni_fail(cni, CNI_NOT_DECODED, "ipam %s: no result in JSON",
				      cni->conf.ipam);
		}
	}
	free(output);
	return rc;
}
