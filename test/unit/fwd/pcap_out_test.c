/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "options.h"
#include "pcap_out.h"

#define BYTES 60

static char file[] = "/tmp/pcap_out_test_XXXXXX";

static int
create_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	if (fd < 0)
		return -1;
	return close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void
what_matches_is_in_the_file(void **state)
{
	static const struct timespec when = { .tv_sec = 1000, .tv_nsec = 123456789 };
	uint8_t arp[BYTES] = { [12] = 0x08, [13] = 0x06 };
	uint8_t ip[BYTES] = { [12] = 0x08, [13] = 0x00, [14] = 0x45 };
	char why[WHY_BYTES], error[PCAP_ERRBUF_SIZE];
	struct pcap_out *out = pcap_out_open(file, "arp", 128, why);
	struct pcap_pkthdr *header;
	const u_char *data;
	pcap_t *in;

	(void)state;
	assert_non_null(out);
	assert_false(pcap_out_write(out, &when, ip, BYTES, BYTES));
	assert_true(pcap_out_write(out, &when, arp, BYTES, 1514));
	assert_true(pcap_out_flush(out));
	pcap_out_close(out);

	in = pcap_open_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error);
	assert_non_null(in);
	assert_int_equal(pcap_datalink(in), DLT_EN10MB);
	assert_int_equal(pcap_next_ex(in, &header, &data), 1);
	assert_int_equal(header->ts.tv_sec, 1000);
	assert_int_equal(header->ts.tv_usec, 123456789);
	assert_int_equal(header->caplen, BYTES);
	assert_int_equal(header->len, 1514);
	assert_memory_equal(data, arp, BYTES);
	assert_int_equal(pcap_next_ex(in, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(in);
}

static void
no_filter_takes_everything(void **state)
{
	static const struct timespec when = { .tv_sec = 1 };
	uint8_t data[BYTES] = { 0 };
	char why[WHY_BYTES];
	struct pcap_out *out = pcap_out_open(file, NULL, 65535, why);

	(void)state;
	assert_non_null(out);
	assert_true(pcap_out_write(out, &when, data, BYTES, BYTES));
	pcap_out_close(out);
}

static void
what_cannot_be_opened_is_named(void **state)
{
	char why[WHY_BYTES];

	(void)state;
	errno = 0;
	assert_null(pcap_out_open(file, "tcp prt 80", 128, why));
	assert_int_equal(errno, EINVAL);
	assert_non_null(strstr(why, "tcp prt 80"));

	assert_null(pcap_out_open("/nonexistent/file", "tcp", 128, why));
	assert_int_equal(errno, EIO);
	assert_non_null(strstr(why, "/nonexistent/file"));
}

static void
a_full_disk_is_noticed(void **state)
{
	static const struct timespec when = { .tv_sec = 1 };
	uint8_t data[BYTES] = { 0 };
	char why[WHY_BYTES];
	struct pcap_out *out = pcap_out_open("/dev/full", NULL, 128, why);

	(void)state;
	assert_non_null(out);
	pcap_out_write(out, &when, data, BYTES, BYTES);
	assert_false(pcap_out_flush(out));
	pcap_out_close(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_matches_is_in_the_file),
		cmocka_unit_test(no_filter_takes_everything),
		cmocka_unit_test(what_cannot_be_opened_is_named),
		cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, create_file, remove_file);
}
