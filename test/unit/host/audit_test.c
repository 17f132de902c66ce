/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The log of verdicts as JSON, as it is written, limited and moved away. */

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

static struct vf_service service = { .nb_vfs = 3 };
static struct port the_port = { .iov.pci = "0000:01:00.0", .service = &service };
static struct port *const port = &the_port;
static uint64_t clock_ms = 1000;

uint64_t
now_ms(void)
{
	return clock_ms;
}

void
log_line(enum config_log_level level, const char *format, ...)
{
	(void)level;
	(void)format;
}

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_audit_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
