/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define IDLE_US   100
#define FULL_US   100000 /* before a full queue is tried again */
#define US_PER_MS 1000
#define US_PER_S  1000000

struct traffic {
	const struct args *args;
	struct frame_io *io;
	struct judge judge;
	uint64_t tried, sent; /* the difference found no memory or no room */
};

static volatile sig_atomic_t told_to_end;

static void
on_signal(int signal)
{
	(void)signal;
	told_to_end = 1;
}

void
traffic_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int
traffic_open_status(int rc)
{
	return rc == -EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

static void
send_frame(struct traffic *traffic, const uint8_t *data, size_t bytes)
{
	traffic->tried++;
	traffic->io->ops->send(traffic->io, data, bytes);
}

static void
judge_handler(void *arg, uint8_t *data, size_t bytes, int vlan)
{
	struct traffic *traffic = arg;

	judge_frame(&traffic->judge, data, bytes, vlan);
}

/* Our own echo comes back where a switch hands broadcasts to their sender: once is enough. */
static void
echo_handler(void *arg, uint8_t *data, size_t bytes, int vlan)
{
	struct traffic *traffic = arg;

	judge_frame(&traffic->judge, data, bytes, vlan);
	if (!frame_is_ours(data, bytes) ||
	    memcmp(data + MAC_BYTES, traffic->io->send_mac, MAC_BYTES) == 0)
		return;
	frame_swap_macs(data);
	/* A group cannot be a source. */
	if ((data[MAC_BYTES] & 1) != 0)
		memcpy(data + MAC_BYTES, traffic->io->send_mac, MAC_BYTES);
	send_frame(traffic, data, bytes);
}

static bool
listens(const struct traffic *traffic)
{
	return traffic->args->mode != MODE_SEND;
}

/* Take in what arrives until a moment, at least once; an ordinary pause if nobody listens. */
static void
listen_until(struct traffic *traffic, int64_t until_us)
{
	int64_t left_us;

	do {
		uint32_t nb = 0;

		if (listens(traffic))
			nb = traffic->io->ops->receive(traffic->io, judge_handler, traffic);
		left_us = until_us - now_us();
		if (nb == 0 && left_us > 0)
			usleep(listens(traffic) && left_us > IDLE_US ? IDLE_US : left_us);
	} while (!told_to_end && left_us > 0);
}

/* How many left, the first ones. */
static uint32_t
try_burst(struct traffic *traffic, const struct frame_spec *spec, uint32_t first, uint32_t end)
{
	uint8_t data[FRAME_BUFFER_BYTES];
	uint32_t nb;

	for (uint32_t sequence = first; sequence < end; sequence++) {
		size_t bytes = frame_build(spec, sequence, data);

		if (traffic->io->ops->send(traffic->io, data, bytes) < 0)
			break;
	}
	nb = traffic->io->ops->flush(traffic->io);
	traffic->sent += nb;
	return nb;
}

/* False: none of it left, and what is called patience is over. */
static bool
send_burst(struct traffic *traffic, const struct frame_spec *spec, uint32_t first, uint32_t end)
{
	int64_t end_us = now_us() + (int64_t)traffic->args->patience_s * US_PER_S;
	uint32_t next = first;

	traffic->tried += end - first;
	for (;;) {
		next += try_burst(traffic, spec, next, end);
		if (next == end || told_to_end || now_us() >= end_us)
			return next > first;
		listen_until(traffic, now_us() + FULL_US);
	}
}

static void
send_all(struct traffic *traffic)
{
	const struct args *args = traffic->args;
	struct frame_spec spec = {
		.run = args->run,
		.min_bytes = args->min_bytes,
		.max_bytes = args->max_bytes,
		.vlan = args->vlan,
	};

	memcpy(spec.dst, args->dst.given ? args->dst.byte : traffic->io->receive_mac, MAC_BYTES);
	memcpy(spec.src, args->src.given ? args->src.byte : traffic->io->send_mac, MAC_BYTES);
	for (uint32_t first = 0; first < args->count && !told_to_end; first += args->burst) {
		uint32_t left = args->count - first;

		if (!send_burst(traffic, &spec, first,
				first + (left < args->burst ? left : args->burst)))
			return;
		listen_until(traffic, now_us() + args->gap_us);
	}
}

static void
receive_all(struct traffic *traffic)
{
	int64_t end_us = now_us() + (int64_t)traffic->args->timeout_s * US_PER_S;

	while (!told_to_end && judge_missing(&traffic->judge) > 0 && now_us() < end_us) {
		if (traffic->io->ops->receive(traffic->io, judge_handler, traffic) == 0)
			usleep(IDLE_US);
	}
	listen_until(traffic, now_us() + (int64_t)traffic->args->linger_ms * US_PER_MS);
}

static void
echo_all(struct traffic *traffic)
{
	int64_t end_us = now_us() + (int64_t)traffic->args->timeout_s * US_PER_S;

	while (!told_to_end && traffic->sent < traffic->args->count && now_us() < end_us) {
		uint32_t nb = traffic->io->ops->receive(traffic->io, echo_handler, traffic);

		traffic->sent += traffic->io->ops->flush(traffic->io);
		if (nb == 0)
			usleep(IDLE_US);
	}
}

struct result {
	const char *name;
	uint64_t value;
};

static void
print_result(const struct traffic *traffic)
{
	const struct judge *judge = &traffic->judge;
	const struct result results[] = {
		{ "sent", traffic->sent },
		{ "unsent", traffic->tried - traffic->sent },
		{ "received", judge->received },
		{ "unique", judge->unique },
		{ "missing", listens(traffic) ? judge_missing(judge) : 0 },
		{ "duplicate", judge->duplicate },
		{ "corrupt", judge->corrupt },
		{ "foreign", judge->foreign },
		{ "reordered", judge->reordered },
		{ "tagged", judge->tagged },
	};
	bool json = traffic->args->json;

	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
		printf(json ? "%s\"%s\": %" PRIu64 : "%s%s %" PRIu64,
		       i > 0  ? ", "
		       : json ? "{"
			      : "",
		       results[i].name, results[i].value);
	puts(json ? "}" : "");
	fflush(stdout);
}

static bool
is_met(const struct traffic *traffic)
{
	const struct judge *judge = &traffic->judge;
	uint32_t mode = traffic->args->mode;

	if (mode != MODE_RECEIVE && traffic->sent < traffic->args->count)
		return false;
	/* What an echo leaves out is missed by the one who started it. */
	if ((mode == MODE_RECEIVE || mode == MODE_BOTH) && judge_missing(judge) > 0)
		return false;
	return judge->corrupt == 0;
}

static void
run_mode(struct traffic *traffic)
{
	switch (traffic->args->mode) {
	case MODE_SEND:
		send_all(traffic);
		break;
	case MODE_RECEIVE:
		receive_all(traffic);
		break;
	case MODE_BOTH:
		send_all(traffic);
		receive_all(traffic);
		break;
	case MODE_ECHO:
		echo_all(traffic);
		break;
	}
}

/* Tests wait for this line, and learn where to send to. */
static void
print_ready(const struct frame_io *io)
{
	const uint8_t *mac = io->receive_mac;

	fprintf(stderr, "READY %02x:%02x:%02x:%02x:%02x:%02x\n", mac[0], mac[1], mac[2], mac[3],
		mac[4], mac[5]);
}

int
traffic_run(const struct args *args, struct frame_io *io)
{
	struct traffic traffic = { .args = args, .io = io };
	int status;

	if (judge_open(&traffic.judge, args->run, args->count, args->vlan) < 0)
		return EX_OSERR;
	print_ready(io);
	run_mode(&traffic);
	print_result(&traffic);
	status = is_met(&traffic) ? EXIT_SUCCESS : EXIT_FAILURE;
	judge_close(&traffic.judge);
	return status;
}
