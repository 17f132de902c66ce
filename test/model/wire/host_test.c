/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The wires that reach into the machine: capture files, sockets, TAP interfaces.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire.h"

#define BURST 32
#define ETHER_TEST 0x88b5	/* for experiments: nothing else on the machine sends it */

static char folder[] = "/tmp/sluice-wire-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	static const char *const names[] = { "a.pcap", "b.pcap", "s", "plain" };
	char path[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* wire_create() with the test's folder in the place of each %s. */
static struct wire *
try_wire(const char *format, char *error, size_t error_bytes)
{
	char spec[300];

	snprintf(spec, sizeof(spec), format, folder, folder);
	return wire_create(spec, error, error_bytes);
}

static struct wire *
open_wire(const char *format)
{
	char error[200];
	struct wire *wire = try_wire(format, error, sizeof(error));

	if (wire == NULL)
		fail_msg("%s", error);
	return wire;
}

static uint32_t
make_frame(uint8_t *data, uint32_t number)
{
	uint32_t len = 60 + number * 7, i;

	memset(data, 0xff, 6);
	memcpy(data + 6, (const uint8_t[6]){ 2, 0, 0, 0, 0, 1 }, 6);
	data[12] = ETHER_TEST >> 8;
	data[13] = ETHER_TEST & 0xff;
	for (i = 14; i < len; i++)
		data[i] = (uint8_t)(number * 3 + i);
	return len;
}

static void
send_frames(struct wire *wire, uint32_t first, uint32_t end)
{
	uint8_t data[2000];

	for (; first < end; first++) {
		const struct wire_frame frame = { data, make_frame(data, first) };

		assert_int_equal(wire->ops->send(wire, &frame, 1), 1);
	}
}

static void
expect_frame(const struct wire_frame *frame, uint32_t number)
{
	uint8_t data[2000];

	assert_int_equal(frame->len, make_frame(data, number));
	assert_memory_equal(frame->data, data, frame->len);
}

/* --- pcap --- */

static void
what_is_sent_is_in_the_dump_file(void **state)
{
	char reason[PCAP_ERRBUF_SIZE], path[100];
	struct pcap_pkthdr *header;
	const u_char *data;
	struct timespec now;
	struct wire *wire;
	uint32_t number;
	pcap_t *in;

	(void)state;
	wire = open_wire("pcap:tx=%s/a.pcap");
	send_frames(wire, 0, 5);
	assert_int_equal(wire->sent_frames, 5);
	wire_free(wire);

	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(path, sizeof(path), "%s/a.pcap", folder);
	in = pcap_open_offline(path, reason);
	assert_non_null(in);
	for (number = 0; number < 5; number++) {
		assert_int_equal(pcap_next_ex(in, &header, &data), 1);
		assert_true(header->ts.tv_sec >= now.tv_sec - 10 &&
			    header->ts.tv_sec <= now.tv_sec);
		assert_true(header->ts.tv_usec >= 0 && header->ts.tv_usec <= 999999);
		assert_int_equal(header->caplen, header->len);
		expect_frame(&(struct wire_frame){ data, header->len }, number);
	}
	assert_int_equal(pcap_next_ex(in, &header, &data), PCAP_ERROR_BREAK);
	pcap_close(in);
}

static void
a_dump_file_is_readable_before_the_end(void **state)
{
	struct wire *wire = open_wire("pcap:tx=%s/a.pcap");
	struct wire_frame frame;
	struct stat status;
	char path[100];

	(void)state;
	send_frames(wire, 3, 4);
	assert_int_equal(wire->ops->recv(wire, &frame, 1), 0);
	snprintf(path, sizeof(path), "%s/a.pcap", folder);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 24 + 16 + 60 + 3 * 7);
	wire_free(wire);
}

static void
frames_of_a_file_arrive(void **state)
{
	struct wire_frame frame[BURST];
	struct wire *wire = open_wire("pcap:tx=%s/a.pcap");
	unsigned int i;

	(void)state;
	send_frames(wire, 0, 200);
	wire_free(wire);

	wire = open_wire("pcap:rx=%s/a.pcap:tx=%s/b.pcap");
	for (i = 0; i < 200; i++) {
		assert_int_equal(wire->ops->recv(wire, frame, 1), 1);
		expect_frame(&frame[0], i);
	}
	assert_int_equal(wire->ops->recv(wire, frame, BURST), 0);
	assert_int_equal(wire->received_frames, 200);
	wire_free(wire);

	wire = open_wire("pcap:rx=%s/a.pcap:loop");
	for (i = 0; i < 1000; i += BURST) {
		assert_int_equal(wire->ops->recv(wire, frame, BURST), BURST);
		expect_frame(&frame[0], i % 200);
		expect_frame(&frame[BURST - 1], (i + BURST - 1) % 200);
	}
	wire_free(wire);
}

static void
an_empty_file_may_loop(void **state)
{
	struct wire_frame frame;
	struct wire *wire;

	(void)state;
	wire_free(open_wire("pcap:tx=%s/a.pcap"));
	wire = open_wire("pcap:rx=%s/a.pcap:loop");
	assert_int_equal(wire->ops->recv(wire, &frame, 1), 0);
	wire_free(wire);
}

/* A capture file of one frame. */
static void
write_capture(int link_type, uint32_t caplen, uint32_t len)
{
	static const u_char data[20000];
	const struct pcap_pkthdr header = { .caplen = caplen, .len = len };
	pcap_t *dead = pcap_open_dead(link_type, 65535);
	pcap_dumper_t *dump;
	char path[100];

	snprintf(path, sizeof(path), "%s/a.pcap", folder);
	dump = pcap_dump_open(dead, path);
	assert_non_null(dump);
	pcap_dump((u_char *)dump, &header, data);
	pcap_dump_close(dump);
	pcap_close(dead);
}

static void
files_that_cannot_be_played_are_refused(void **state)
{
	static const struct {
		int link_type;
		uint32_t caplen, len;
		const char *error;
	} files[] = {
		{ DLT_RAW, 60, 60, "does not hold Ethernet frames" },
		{ DLT_EN10MB, 96, 1514, "has 96 of 1514 bytes" },
		{ DLT_EN10MB, 16385, 16385, "16385 of 16385 bytes; whole ones of up to 16384" },
	};
	char error[200], path[100];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		write_capture(files[i].link_type, files[i].caplen, files[i].len);
		assert_null(try_wire("pcap:rx=%s/a.pcap", error, sizeof(error)));
		assert_non_null(strstr(error, files[i].error));
	}
	write_capture(DLT_EN10MB, 60, 60);
	snprintf(path, sizeof(path), "%s/a.pcap", folder);
	assert_int_equal(truncate(path, 24 + 16 + 59), 0);
	assert_null(try_wire("pcap:rx=%s/a.pcap", error, sizeof(error)));
	assert_non_null(strstr(error, "truncated"));
}

/* --- socket --- */

/* Poll until frames or @p mbps are there: ends meet, but not at once. */
static unsigned int
wait_for(struct wire *wire, struct wire *other, struct wire_frame *frame, bool carrier)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct wire_frame ignored[BURST];
	unsigned int i, nb;

	for (i = 0; i < 2000; i++) {
		nb = wire->ops->recv(wire, frame, BURST);
		if (nb > 0 || (wire->mbps != 0) == carrier)
			return nb;
		if (other != NULL)
			other->ops->recv(other, ignored, BURST);
		nanosleep(&pause, NULL);
	}
	fail_msg("%s", carrier ? "no carrier" : "still a carrier");
	return 0;
}

static void
meet(struct wire *a, struct wire *b)
{
	struct wire_frame frame[BURST];

	assert_int_equal(wait_for(a, b, frame, true), 0);
	assert_int_equal(wait_for(b, a, frame, true), 0);
}

static void
expect_frames(struct wire *wire, uint32_t first, uint32_t end)
{
	struct wire_frame frame[BURST];
	unsigned int nb = wire->ops->recv(wire, frame, BURST), i;

	assert_int_equal(nb, end - first);
	for (i = 0; i < nb; i++)
		expect_frame(&frame[i], first + i);
}

static void
two_ends_of_a_socket(void **state)
{
	struct wire *a = open_wire("socket:%s/s"), *b = open_wire("socket:%s/s");
	const struct wire_frame stub = { (const uint8_t *)"short", 5 };

	(void)state;
	assert_int_equal(a->mbps, 0);
	assert_int_equal(b->mbps, 0);
	assert_true(a->ops->fd(a) >= 0);
	meet(a, b);
	send_frames(a, 0, 20);
	send_frames(b, 20, 30);
	expect_frames(b, 0, 20);
	expect_frames(a, 20, 30);
	/* No frame is that short: it is not taken, and no greeting either. */
	assert_int_equal(a->ops->send(a, &stub, 1), 0);
	expect_frames(b, 0, 0);
	wire_free(a);
	wire_free(b);
}

static void
a_full_socket_loses_frames(void **state)
{
	struct wire *a = open_wire("socket:%s/s"), *b = open_wire("socket:%s/s");
	static uint8_t data[9000];
	const struct wire_frame frame[2] = { { data, sizeof(data) }, { data, sizeof(data) } };
	unsigned int i;

	(void)state;
	meet(a, b);
	for (i = 0; i < 10000 && a->lost_frames == 0; i++)
		a->ops->send(a, frame, 2);
	assert_int_not_equal(a->lost_frames, 0);
	assert_int_not_equal(a->sent_frames, 0);
	assert_int_not_equal(a->mbps, 0);
	wire_free(a);
	wire_free(b);
}

static void
whichever_end_goes_the_other_waits(void **state)
{
	struct wire *end[2] = { open_wire("socket:%s/s"), open_wire("socket:%s/s") };
	struct wire_frame frame[BURST];
	unsigned int round;

	(void)state;
	for (round = 0; round < 4; round++) {
		unsigned int goes = round % 2;

		meet(end[0], end[1]);
		send_frames(end[goes], round, round + 1);
		wire_free(end[goes]);
		/* What was on its way still arrives. */
		expect_frames(end[1 - goes], round, round + 1);
		wait_for(end[1 - goes], NULL, frame, false);
		end[goes] = open_wire("socket:%s/s");
	}
	meet(end[0], end[1]);
	wire_free(end[0]);
	wire_free(end[1]);
}

static void
a_third_has_no_carrier(void **state)
{
	struct wire *a = open_wire("socket:%s/s"), *b = open_wire("socket:%s/s"), *third;
	const struct timespec pause = { .tv_nsec = 5000000 };
	struct wire_frame frame[BURST];
	unsigned int i;

	(void)state;
	meet(a, b);
	third = open_wire("socket:%s/s");
	for (i = 0; i < 8; i++) {
		assert_int_equal(a->ops->recv(a, frame, BURST), 0);
		assert_int_equal(third->ops->recv(third, frame, BURST), 0);
		assert_int_equal(third->mbps, 0);
		nanosleep(&pause, NULL);
	}
	send_frames(a, 0, 3);
	expect_frames(b, 0, 3);
	/* Its turn comes when a place is free. */
	wire_free(b);
	wait_for(a, NULL, frame, false);
	meet(a, third);
	wire_free(a);
	wire_free(third);
}

static void
a_socket_left_behind_is_replaced(void **state)
{
	struct wire *a, *b;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		char error[200];

		_exit(try_wire("socket:%s/s", error, sizeof(error)) == NULL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	a = open_wire("socket:%s/s");
	b = open_wire("socket:%s/s");
	meet(a, b);
	wire_free(b);
	wire_free(a);
}

static void
another_file_is_not_replaced(void **state)
{
	char error[200], path[100];
	struct stat status;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/plain", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	assert_null(try_wire("socket:%s/plain", error, sizeof(error)));
	assert_non_null(strstr(error, "non-socket"));
	assert_int_equal(stat(path, &status), 0);
}

/* --- tap --- */

#define TAP "sluice-test0"

static int
open_packet_socket(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHER_TEST),
		.sll_ifindex = (int)if_nametoindex(TAP),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETHER_TEST));

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The kernel has things of its own to say on a new interface. */
static bool
recv_test_frame(struct wire *wire, struct wire_frame *frame)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		if (wire->ops->recv(wire, frame, 1) == 0)
			nanosleep(&pause, NULL);
		else if (frame->data[12] == ETHER_TEST >> 8 &&
			 frame->data[13] == (ETHER_TEST & 0xff))
			return true;
	}
	return false;
}

static void
tap_joins_the_kernel(struct wire *wire)
{
	struct wire_frame frame;
	uint8_t data[2000];
	int fd = open_packet_socket();
	ssize_t bytes;

	send_frames(wire, 7, 8);
	bytes = recv(fd, data, sizeof(data), 0);
	expect_frame(&(struct wire_frame){ data, (uint32_t)bytes }, 7);
	assert_int_equal(send(fd, data, make_frame(data, 9), 0), 60 + 9 * 7);
	assert_true(recv_test_frame(wire, &frame));
	expect_frame(&frame, 9);
	assert_int_equal(wire->ops->recv(wire, &frame, 1), 0);
	assert_true(wire->ops->fd(wire) >= 0);
	assert_int_not_equal(wire->mbps, 0);
	close(fd);
}

/* With the right to make one, frames pass both ways; without it the error line says what helps. */
static void
tap_works_or_says_what_is_needed(void **state)
{
	char error[200];
	struct wire *wire = wire_create("tap:" TAP, error, sizeof(error));

	(void)state;
	if (wire != NULL) {
		tap_joins_the_kernel(wire);
		wire_free(wire);
		assert_int_equal(if_nametoindex(TAP), 0);
		return;
	}
	print_message("# tap not tried: %s\n", error);
	assert_non_null(strstr(error, "tap:" TAP));
	assert_null(strchr(error, '\n'));
	if (access("/dev/net/tun", F_OK) < 0)
		assert_non_null(strstr(error, "sudo modprobe tun"));
	else
		assert_non_null(strstr(error, "sudo ip tuntap add dev " TAP " mode tap"));
	/* Root in full has no excuse. */
	assert_false(geteuid() == 0 && access("/dev/net/tun", R_OK | W_OK) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent_is_in_the_dump_file),
		cmocka_unit_test(a_dump_file_is_readable_before_the_end),
		cmocka_unit_test(frames_of_a_file_arrive),
		cmocka_unit_test(an_empty_file_may_loop),
		cmocka_unit_test(files_that_cannot_be_played_are_refused),
		cmocka_unit_test(two_ends_of_a_socket),
		cmocka_unit_test(a_full_socket_loses_frames),
		cmocka_unit_test(whichever_end_goes_the_other_waits),
		cmocka_unit_test(a_third_has_no_carrier),
		cmocka_unit_test(a_socket_left_behind_is_replaced),
		cmocka_unit_test(another_file_is_not_replaced),
		cmocka_unit_test(tap_works_or_says_what_is_needed),
	};

	return cmocka_run_group_tests_name("wire-host", tests, make_folder, remove_folder);
}
