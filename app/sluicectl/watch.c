/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the daemon writes to its audit log, as it happens. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl.h"

/* What has come and is not a whole line yet. */
struct input {
	char text[16 * 1024]; /* far longer than any line */
	size_t bytes;
};

static const char *
text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text == NULL ? "" : text;
}

/* "set-vlan (add vlan 20): VLAN added" */
static void
print_verdict(const json_t *event)
{
	const char *args = text_of(event, "args");
	bool is_request = json_object_get(event, "word0") != NULL;
	bool is_refused = is_request && json_is_false(json_object_get(event, "ok"));

	printf("%s%s%s%s%s: %s\n", text_of(event, "request"), args[0] == '\0' ? "" : " (", args,
	       args[0] == '\0' ? "" : ")", is_refused ? " refused" : "", text_of(event, "reason"));
}

static void
print_event(const json_t *event)
{
	const json_t *lost = json_object_get(event, "lost"), *vf = json_object_get(event, "vf");
	const json_t *left_out = json_object_get(event, "left_out");

	if (lost != NULL) {
		printf("%" PRIu64 " events lost: they came faster than they were read\n",
		       (uint64_t)json_integer_value(lost));
		return;
	}
	printf("%s %s", text_of(event, "time"), text_of(event, "port"));
	if (vf != NULL)
		printf(" vf %d", (int)json_integer_value(vf));
	printf(": ");
	if (left_out != NULL)
		printf("%" PRIu64 " more, not shown\n", (uint64_t)json_integer_value(left_out));
	else
		print_verdict(event);
}

/* @return whether it is one */
static bool
print_line(const struct ctl *ctl, const char *line, size_t bytes)
{
	json_t *event;

	if (ctl->json) {
		printf("%.*s\n", (int)bytes, line);
		return true;
	}
	event = json_loadb(line, bytes, 0, NULL);
	if (event == NULL)
		return false;
	print_event(event);
	json_decref(event);
	return true;
}

static int
print_lines(const struct ctl *ctl, struct input *input)
{
	size_t at = 0;
	char *end;

	while ((end = memchr(input->text + at, '\n', input->bytes - at)) != NULL) {
		size_t bytes = end - (input->text + at);

		if (!print_line(ctl, input->text + at, bytes))
			goto no_event;
		at += bytes + 1;
	}
	input->bytes -= at;
	memmove(input->text, input->text + at, input->bytes);
	if (input->bytes == sizeof(input->text))
		goto no_event;
	if (fflush(stdout) == 0)
		return EX_OK;
	(void)ctl_refuse("standard output: %s", strerror(errno));
	return EX_IOERR;

no_event:
	(void)ctl_refuse("%s: sluiced's events are of another version", ctl->socket);
	return EX_PROTOCOL;
}

/* @param ended  set when there is nothing more to come */
static int
receive(const struct ctl *ctl, int fd, struct input *input, bool *ended)
{
	ssize_t nb = recv(fd, input->text + input->bytes, sizeof(input->text) - input->bytes, 0);

	if (nb < 0 && (errno == EAGAIN || errno == EINTR))
		return EX_OK;
	if (nb <= 0) {
		*ended = true;
		(void)ctl_refuse("sluiced has ended");
		return EX_UNAVAILABLE;
	}
	input->bytes += nb;
	return print_lines(ctl, input);
}

static int
watch(const struct ctl *ctl, int fd, int end_fd)
{
	static struct input input; /* large */
	struct pollfd fds[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = end_fd, .events = POLLIN },
	};
	bool ended = false;
	int rc = EX_OK;

	while (rc == EX_OK && !ended) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return ctl_refuse("poll: %s", strerror(errno));
		if (fds[0].revents != 0)
			rc = receive(ctl, fd, &input, &ended);
		if (fds[1].revents != 0)
			ended = true;
	}
	return rc;
}

int
watch_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	int rc = ctl_request_of(ctl, CONTROL_WATCH, argc, argv, &request), end_fd, fd;

	if (rc != EX_OK)
		return rc;
	/* First: who ends us before there is anything to see ends us as cleanly. */
	end_fd = ctl_until_ended();
	if (end_fd < 0) {
		(void)ctl_refuse("signalfd: %s", strerror(-end_fd));
		return EX_OSERR;
	}
	rc = ctl_open(ctl, &request, &fd);
	if (rc == EX_OK) {
		rc = watch(ctl, fd, end_fd);
		close(fd);
	}
	close(end_fd);
	return rc;
}
