/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The audit log: one JSON object a line, appended by one write() each; and the same lines for those
 * who watch.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon.h"

/* Two threads write here; only the main one opens. The descriptor's number never changes. */
static int audit_fd = -1;
static char audit_path[CONFIG_PATH_BYTES];
static bool has_failed; /* said once, until it goes again */

int
audit_json_open(const char *path)
{
	int fd, rc = 0;

	if (path[0] == '\0' && audit_fd < 0)
		return 0;
	if (path[0] == '\0')
		path = "/dev/null";
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
	if (fd < 0) {
		rc = -errno;
		log_line(CONFIG_LOG_ERROR, "audit_log: %s: %s%s%s", path, strerror(errno),
			 audit_fd < 0 ? "" : "; it stays ", audit_path);
		return rc;
	}
	snprintf(audit_path, sizeof(audit_path), "%s", path);
	if (audit_fd < 0) {
		audit_fd = fd;
		return 0;
	}
	/* At once, so that no line is lost in between. */
	if (dup3(fd, audit_fd, O_CLOEXEC) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static bool
is_wanted(void)
{
	return audit_fd >= 0 || events_are_wanted();
}

static json_t *
line_of(const struct port *port, int vf)
{
	json_t *object;
	char date[32], text[48];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof(text), "%s.%03ldZ", date, now.tv_nsec / 1000000);
	object = json_pack("{s:s, s:s}", "time", text, "port", port->iov.pci);
	if (vf != CONTROL_VF_NONE)
		(void)json_object_set_new(object, "vf", json_integer(vf));
	return object;
}

static void
write_line(const struct port *port, int vf, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT), *line = NULL;
	int bytes = text == NULL ? -1 : asprintf(&line, "%s\n", text);
	bool failed = bytes < 0 || (audit_fd >= 0 && write(audit_fd, line, bytes) != bytes);

	if (bytes >= 0)
		events_publish(port->iov.pci, vf, line, bytes);
	if (failed && !has_failed)
		log_line(CONFIG_LOG_ERROR, "audit_log: lines are lost: %s", strerror(errno));
	has_failed = failed;
	if (bytes >= 0)
		free(line);
	free(text);
	json_decref(object);
}

static void
tell(const struct port *port, int vf, json_t *object, bool ok, const char *reason)
{
	(void)json_object_set_new(object, "ok", json_boolean(ok));
	(void)json_object_set_new(object, "reason", json_string(reason));
	write_line(port, vf, object);
}

void
audit_json_verdict(const struct port *port, const struct service_verdict *verdict)
{
	char word0[16], args[SERVICE_ARGS_BYTES];
	json_t *object;

	if (!is_wanted())
		return;
	object = line_of(port, verdict->vf);
	snprintf(word0, sizeof(word0), "0x%08x", verdict->word0);
	(void)json_object_set_new(object, "request", json_string(verdict->request));
	if (verdict->word0 != 0)
		(void)json_object_set_new(object, "word0", json_string(word0));
	service_verdict_args(verdict, args);
	if (args[0] != '\0')
		(void)json_object_set_new(object, "args", json_string(args));
	tell(port, verdict->vf, object, verdict->ok, verdict->reason);
}

void
audit_json_event(const struct port *port, int vf, const char *kind, bool ok, const char *text)
{
	json_t *object;

	if (!is_wanted())
		return;
	object = line_of(port, vf);
	(void)json_object_set_new(object, "request", json_string(kind));
	tell(port, vf, object, ok, text);
}

void
audit_json_left_out(const struct port *port, uint16_t vf, unsigned int nb)
{
	json_t *object;

	if (!is_wanted())
		return;
	object = line_of(port, vf);
	(void)json_object_set_new(object, "left_out", json_integer(nb));
	write_line(port, vf, object);
}
