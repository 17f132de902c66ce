/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the subcommands share: where they aim, and how they ask the daemon. */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "client.h"
#include "ctl.h"

#define TIMEOUT_MS     20000
#define TIMEOUT_VFS_MS 60000 /* the kernel takes its time to make VFs, and drivers theirs */

int
ctl_refuse(const char *format, ...)
{
	va_list args;

	fputs("sluicectl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EX_USAGE;
}

int
ctl_print_json(json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	json_decref(object);
	if (text == NULL)
		return EX_OSERR;
	puts(text);
	free(text);
	return EX_OK;
}

static int
set_port(struct control_request *request, const char *text)
{
	struct reader reader = { .path = "port" };
	json_t *value = json_string(text);
	int rc = value == NULL ? -EINVAL : read_pci(&reader, value, request->pci);

	json_decref(value);
	if (rc < 0)
		return ctl_refuse("%s", reader.failed ? reader.error : "port: not valid UTF-8");
	return EX_OK;
}

static int
set_vf(struct control_request *request, const char *text)
{
	char *end;
	long vf = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || vf < 0 || vf >= CONFIG_VFS_MAX)
		return ctl_refuse("vf: %s is not in 0..%d", text, CONFIG_VFS_MAX - 1);
	request->vf = vf;
	return EX_OK;
}

int
ctl_request(const struct ctl *ctl, enum control_cmd cmd, struct control_request *request)
{
	int rc = EX_OK;

	*request = (struct control_request){ .cmd = cmd, .vf = CONTROL_VF_NONE };
	if (ctl->port != NULL)
		rc = set_port(request, ctl->port);
	if (rc == EX_OK && ctl->vf != NULL)
		rc = set_vf(request, ctl->vf);
	return rc;
}

int
ctl_take_port(struct control_request *request, int *argc, char ***argv)
{
	int rc;

	if (request->pci[0] != '\0')
		return ctl_refuse("%s: not expected here", (*argv)[0]);
	rc = set_port(request, (*argv)[0]);
	++*argv;
	--*argc;
	return rc;
}

int
ctl_target(struct control_request *request, int *argc, char ***argv)
{
	int rc;

	if (request->vf != CONTROL_VF_NONE) /* by --vf */
		return EX_OK;
	if (*argc > 0 && strcmp((*argv)[0], "vf") != 0) {
		rc = ctl_take_port(request, argc, argv);
		if (rc != EX_OK)
			return rc;
	}
	if (*argc == 0)
		return EX_OK;
	if (strcmp((*argv)[0], "vf") != 0)
		return ctl_refuse("%s: not expected here", (*argv)[0]);
	if (*argc == 1)
		return ctl_refuse("vf: which one?");
	rc = set_vf(request, (*argv)[1]);
	*argv += 2;
	*argc -= 2;
	return rc;
}

int
ctl_request_of(const struct ctl *ctl, enum control_cmd cmd, int argc, char **argv,
	       struct control_request *request)
{
	int rc = ctl_request(ctl, cmd, request);

	argc--;
	argv++;
	if (rc == EX_OK)
		rc = ctl_target(request, &argc, &argv);
	if (rc == EX_OK && argc > 0)
		rc = ctl_refuse("%s: not expected here", argv[0]);
	return rc;
}

static int
exit_code_of(int rc)
{
	switch (rc) {
	case -EACCES:
	case -EPERM:
		return EX_NOPERM;
	case -EPROTO:
		return EX_PROTOCOL;
	default:
		return EX_UNAVAILABLE;
	}
}

/* What kind of exchange: control_call() or control_open(). */
typedef int exchange_t(const char *path, const char *request, unsigned int timeout_ms, char **reply,
		       char error[CONTROL_ERROR_BYTES]);

/* @param fd  what the exchange returns */
static int
ask(const struct ctl *ctl, const struct control_request *request, exchange_t *exchange,
    bool is_told, int *fd, struct control_reply *reply)
{
	char error[CONTROL_ERROR_BYTES], *answer = NULL;
	unsigned int timeout_ms = request->cmd == CONTROL_VFS ? TIMEOUT_VFS_MS : TIMEOUT_MS;
	char *line = control_request_encode(request);
	int rc;

	*fd = line == NULL ? -ENOMEM : exchange(ctl->socket, line, timeout_ms, &answer, error);
	free(line);
	if (*fd < 0) {
		(void)ctl_refuse("%s", *fd == -ENOMEM ? "out of memory" : error);
		return exit_code_of(*fd);
	}
	rc = control_reply_decode(answer, strlen(answer), reply);
	if (rc == 0 && ctl->json && (is_told || !reply->ok))
		puts(answer);
	free(answer);
	if (rc < 0) {
		(void)ctl_refuse("%s: what answers there is no sluiced", ctl->socket);
		return EX_PROTOCOL;
	}
	if (reply->ok)
		return EX_OK;
	if (!ctl->json)
		(void)ctl_refuse("%s", reply->error);
	json_decref(reply->object);
	return reply->code;
}

int
ctl_ask(const struct ctl *ctl, const struct control_request *request, struct control_reply *reply)
{
	int none;

	return ask(ctl, request, control_call, true, &none, reply);
}

int
ctl_open(const struct ctl *ctl, const struct control_request *request, int *fd)
{
	struct control_reply reply;
	int rc = ask(ctl, request, control_open, false, fd, &reply);

	if (rc == EX_OK)
		json_decref(reply.object);
	else if (*fd >= 0)
		close(*fd);
	return rc;
}

pid_t
ctl_daemon_pid(const struct ctl *ctl)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer = { .pid = -1 };
	socklen_t length = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	strncpy(address.sun_path, ctl->socket, sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		peer.pid = -1;
	close(fd);
	return peer.pid;
}

int
ctl_until_ended(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
