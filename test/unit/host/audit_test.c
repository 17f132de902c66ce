/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The log of verdicts as JSON: as it is written, limited and moved away, and watched live. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon.h"
#include "fake_daemon.h"

static struct vf_service service = { .nb_vfs = 3 };
static struct port the_port = { .iov.pci = "0000:01:00.0", .service = &service };
static struct port *const port = &the_port;

/* Line by line, each of them JSON. */
static json_t *
read_audit(FILE *stream)
{
	return json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL);
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void
test_audit_log(void **state)
{
	const struct service_verdict refused = {
		.vf = 2, .request = "set-mac", .word0 = 2, .reason = "it is \"taken\""
	};
	char path[] = "/tmp/sluice-audit-XXXXXX", moved[] = "/tmp/sluice-audit-XXXXXX.1";
	int fd = mkstemp(path), lines = 0;
	json_t *object, *last = NULL;
	FILE *stream;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(audit_json_open("/nowhere/audit.json"), -ENOENT);
	assert_int_equal(audit_json_open(path), 0);
	for (int i = 0; i < 60; i++)
		audit_verdict(port, &refused);
	clock_ms += 1000;
	audit_tick(port);
	/* As logrotate does it. */
	memcpy(moved, path, strlen(path));
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(audit_json_open(path), 0);
	audit_verdict(port, &refused);

	stream = fopen(moved, "r");
	assert_non_null(stream);
	for (object = read_audit(stream); object != NULL; object = read_audit(stream), lines++) {
		if (last == NULL) {
			assert_string_equal(text_of(object, "port"), "0000:01:00.0");
			assert_string_equal(text_of(object, "request"), "set-mac");
			assert_string_equal(text_of(object, "word0"), "0x00000002");
			assert_string_equal(text_of(object, "reason"), "it is \"taken\"");
			assert_int_equal(strlen(text_of(object, "time")), 24);
			assert_true(json_is_false(json_object_get(object, "ok")));
		}
		json_decref(last);
		last = object;
	}
	assert_int_equal(lines, 51);
	assert_int_equal(json_integer_value(json_object_get(last, "vf")), 2);
	assert_int_equal(json_integer_value(json_object_get(last, "left_out")), 10);
	json_decref(last);
	fclose(stream);
	stream = fopen(path, "r");
	assert_non_null(stream);
	object = read_audit(stream);
	assert_non_null(object);
	json_decref(object);
	assert_int_equal(fgetc(stream), '\n');
	assert_int_equal(fgetc(stream), EOF);
	fclose(stream);
	assert_int_equal(audit_json_open(""), 0);
	unlink(path);
	unlink(moved);
}

/* All that is there to be sent, as lines. */
static void
read_stream(struct control_stream *stream, char *text, size_t bytes)
{
	struct iovec pieces[2];
	unsigned int nb;
	size_t used = 0;

	while ((nb = control_stream_peek(stream, pieces)) > 0) {
		size_t sent = 0;

		for (unsigned int i = 0; i < nb; i++) {
			assert_true(used + pieces[i].iov_len < bytes);
			memcpy(text + used, pieces[i].iov_base, pieces[i].iov_len);
			used += pieces[i].iov_len;
			sent += pieces[i].iov_len;
		}
		control_stream_skip(stream, sent);
	}
	text[used] = '\0';
}

static struct control_stream *
watch(const char *pci, int vf)
{
	struct control_request request = { .cmd = CONTROL_WATCH, .vf = vf };
	struct control_stream *stream = NULL;
	char *reply;

	snprintf(request.pci, sizeof(request.pci), "%s", pci);
	reply = events_answer(&request, &stream);
	assert_string_equal(reply, "{\"ok\":true}\n");
	free(reply);
	assert_non_null(stream);
	return stream;
}

static void
stop_watching(struct control_stream *stream)
{
	control_stream_end(stream);
	control_stream_end(stream); /* the server may do it twice */
	control_stream_free(stream);
}

/* Behind the date, which is the clock's. */
static void
expect_line(const char *line, const char *wanted)
{
	const char *behind = strstr(line, "Z\",");

	assert_non_null(behind);
	assert_memory_equal(behind + 3, wanted, strlen(wanted));
}

static void
test_who_watches_is_told_the_same(void **state)
{
	static const struct service_verdict one = {
		.vf = 1, .request = "reset", .word0 = 1, .ok = true, .reason = "ready"
	};
	struct control_stream *all, *of_vf_2, *elsewhere;
	char text[4096], *second;

	(void)state;
	assert_false(events_are_wanted());
	all = watch("", CONTROL_VF_NONE);
	of_vf_2 = watch("0000:01:00.0", 2);
	elsewhere = watch("0000:02:00.0", CONTROL_VF_NONE);
	assert_true(events_are_wanted());
	clock_ms += 1000;
	audit_verdict(port, &one);
	audit_change(port, CONTROL_VF_NONE, "link", "link up");
	audit_malicious(port, 2, 5, 0x40);

	read_stream(all, text, sizeof(text));
	expect_line(text, "\"port\":\"0000:01:00.0\",\"vf\":1,\"request\":\"reset\","
			  "\"word0\":\"0x00000001\",\"ok\":true,\"reason\":\"ready\"}\n");
	second = strchr(text, '\n') + 1;
	expect_line(second, "\"port\":\"0000:01:00.0\",\"request\":\"link\",\"ok\":true,"
			    "\"reason\":\"link up\"}\n");
	read_stream(of_vf_2, text, sizeof(text));
	assert_null(strstr(text, "\"reset\""));
	assert_non_null(strstr(text, "link up"));
	assert_non_null(strstr(text, "queue 5 stopped as malicious (0x00000040)"));
	read_stream(elsewhere, text, sizeof(text));
	assert_string_equal(text, "");
	stop_watching(of_vf_2);
	stop_watching(all);
	stop_watching(elsewhere);
	assert_false(events_are_wanted());
}

static void
test_who_does_not_read_loses_and_is_told(void **state)
{
	struct control_stream *stream = watch("", 0);
	static char text[128 * 1024];
	char *end, *told;
	unsigned int read = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		audit_change(port, 0, "policy", "vlan 10 -> 20");
	read_stream(stream, text, sizeof(text));
	told = strstr(text, "{\"lost\":");
	assert_non_null(told);
	for (end = text; end < told; end = strchr(end, '\n') + 1)
		read++;
	assert_true(read > 100 && read < 5000);
	assert_int_equal(strtoul(told + strlen("{\"lost\":"), &end, 10), 5000 - read);
	assert_string_equal(end, "}\n");
	assert_int_equal(control_stream_lost(stream), 5000 - read);
	/* It goes on from there. */
	audit_change(port, 0, "policy", "vlan 20 -> 10");
	read_stream(stream, text, sizeof(text));
	assert_non_null(strstr(text, "vlan 20 -> 10"));
	assert_null(strstr(text, "lost"));
	stop_watching(stream);
}

static void
test_no_room_to_watch(void **state)
{
	struct control_request request = { .cmd = CONTROL_WATCH, .vf = CONTROL_VF_NONE };
	char *reply = events_answer(&request, NULL);

	(void)state;
	assert_string_equal(reply, "{\"ok\":false,\"code\":75,\"error\":\"too many watch or "
				   "capture already\"}\n");
	free(reply);
	assert_false(events_are_wanted());
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_log),
		cmocka_unit_test(test_who_watches_is_told_the_same),
		cmocka_unit_test(test_who_does_not_read_loses_and_is_told),
		cmocka_unit_test(test_no_room_to_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
