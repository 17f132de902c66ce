/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * round-trip: numbered frames to a forwarder and back through a network interface of the kernel,
 * at a given pace, and how long each was away. For the guest, where the device is QEMU's.
 *
 *	round-trip NETDEV MAC PPS MS [IDLE_MS [PATIENCE_S]]
 *
 * It is silent for IDLE_MS, sends PPS frames a second to MAC for MS milliseconds, waits for
 * stragglers (for PATIENCE_S at most, or 20 s), and prints a JSON object of what was sent, came
 * back, was damaged or came twice, and of the processor's time that it used itself. A time begins
 * when the kernel is given the frame. Between frames the program sleeps.
 */
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>

#include "histogram.h"
#include "judge.h"
#include "load.h"

#define NS_PER_S     UINT64_C(1000000000)
#define NS_PER_MS    UINT64_C(1000000)
#define MS_PER_S     1000
#define NB_DUE	     64
#define BYTES	     60
#define ROOM_BYTES   (8 << 20)
#define PATIENCE_S   "20"
#define PATIENCE_MAX 600
#define PPS_MAX	     1000000
#define MS_MAX	     600000

struct trip {
	int fd;
	struct frame_spec spec;
	struct judge judge;
	struct histogram away;
	uint64_t *left_ns;	/**< by number */
	uint32_t sent;
	uint64_t unsent;
};

static uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static unsigned long
number(const char *what, const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value > max)
		errx(EX_USAGE, "%s %s: allowed is 0 to %lu", what, text, max);
	return value;
}

static void
read_mac(const char *text, uint8_t *mac)
{
	int end = 0;

	if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
		   &mac[4], &mac[5], &end) != MAC_BYTES || text[end] != '\0')
		errx(EX_USAGE, "%s is no MAC address", text);
}

static void
open_netdev(struct trip *trip, const char *netdev)
{
	static const int room = ROOM_BYTES, on = 1;
	struct ifreq request = { 0 };
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(FRAME_ETHERTYPE),
		.sll_ifindex = (int)if_nametoindex(netdev),
	};

	if (address.sll_ifindex == 0)
		err(EX_UNAVAILABLE, "%s", netdev);
	trip->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (trip->fd < 0)
		err(EX_NOPERM, "packet socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", netdev);
	if (ioctl(trip->fd, SIOCGIFHWADDR, &request) < 0 ||
	    setsockopt(trip->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0 ||
	    setsockopt(trip->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    bind(trip->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		err(EX_UNAVAILABLE, "%s", netdev);
	memcpy(trip->spec.src, request.ifr_hwaddr.sa_data, MAC_BYTES);
}

static void
send_next(struct trip *trip)
{
	uint8_t data[FRAME_BUFFER_BYTES];
	size_t bytes = frame_build(&trip->spec, trip->sent, data);

	trip->left_ns[trip->sent] = clock_ns();
	if (send(trip->fd, data, bytes, 0) == (ssize_t)bytes)
		trip->sent++;
	else
		trip->unsent++;
}

static void
take_in(struct trip *trip)
{
	uint8_t data[FRAME_BUFFER_BYTES];
	ssize_t bytes;

	while ((bytes = recv(trip->fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		uint64_t now_ns = clock_ns();
		uint32_t sequence;

		if (judge_frame(&trip->judge, data, (size_t)bytes, NO_VLAN) != VERDICT_UNIQUE)
			continue;
		sequence = frame_sequence(data, (size_t)bytes);
		histogram_add(&trip->away, now_ns - trip->left_ns[sequence]);
	}
}

static void
listen_until(struct trip *trip, uint64_t until_ns)
{
	struct pollfd readable = { .fd = trip->fd, .events = POLLIN };
	uint64_t now_ns = clock_ns();

	if (now_ns < until_ns) {
		uint64_t left_ns = until_ns - now_ns;
		const struct timespec left = { .tv_sec = (time_t)(left_ns / NS_PER_S),
					       .tv_nsec = (long)(left_ns % NS_PER_S) };

		ppoll(&readable, 1, &left, NULL);
	}
	take_in(trip);
}

/** What is due is sent, however late; what is due then comes at its time again. */
static void
send_all(struct trip *trip, double pps, uint64_t begin_ns, uint64_t end_ns)
{
	const struct load load = { .phase = { { .pps = pps } } };
	uint64_t due_ns[NB_DUE], now_ns;
	struct pacer pacer;

	pacer_start(&pacer, &load, 0, 0, false, begin_ns);
	while ((now_ns = clock_ns()) < end_ns) {
		struct pacer ahead;
		unsigned int nb = pacer_due(&pacer, now_ns, due_ns, NB_DUE);

		for (unsigned int i = 0; i < nb && trip->sent < trip->judge.count; i++)
			send_next(trip);
		ahead = pacer;
		if (pps == 0 || pacer_due(&ahead, end_ns, due_ns, 1) == 0)
			due_ns[0] = end_ns;
		listen_until(trip, due_ns[0]);
	}
}

static uint64_t
cpu_us(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
	       (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void
print(const struct trip *trip, uint64_t ns)
{
	const struct histogram *away = &trip->away;

	printf("{\"seconds\": %.6f, \"sent\": %u, \"unsent\": %lu, \"received\": %lu, "
	       "\"corrupt\": %lu, \"duplicate\": %lu, \"p50_us\": %.1f, \"p95_us\": %.1f, "
	       "\"p99_us\": %.1f, \"max_us\": %.1f, \"cpu_us\": %lu}\n", (double)ns / 1e9,
	       trip->sent, trip->unsent, trip->judge.unique, trip->judge.corrupt,
	       trip->judge.duplicate, (double)histogram_quantile(away, 0.5) / 1e3,
	       (double)histogram_quantile(away, 0.95) / 1e3,
	       (double)histogram_quantile(away, 0.99) / 1e3, (double)away->max / 1e3, cpu_us());
}

int
main(int argc, char *argv[])
{
	static struct trip trip = {
		.spec = { .min_bytes = BYTES, .max_bytes = BYTES, .vlan = NO_VLAN },
	};
	uint64_t pps, ms, idle_ms, called_ns, begin_ns, end_ns, patience_ns;
	uint32_t count;

	if (argc < 5 || argc > 7)
		errx(EX_USAGE, "usage: round-trip NETDEV MAC PPS MS [IDLE_MS [PATIENCE_S]]");
	read_mac(argv[2], trip.spec.dst);
	pps = number("PPS", argv[3], PPS_MAX);
	ms = number("MS", argv[4], MS_MAX);
	idle_ms = number("IDLE_MS", argc > 5 ? argv[5] : "0", MS_MAX);
	patience_ns = number("PATIENCE_S", argc > 6 ? argv[6] : PATIENCE_S, PATIENCE_MAX) *
		      NS_PER_S;
	open_netdev(&trip, argv[1]);
	trip.spec.run = (uint32_t)getpid();
	count = (uint32_t)(pps * ms / MS_PER_S + 1);
	trip.left_ns = calloc(count, sizeof(*trip.left_ns));
	if (trip.left_ns == NULL || judge_open(&trip.judge, trip.spec.run, count, NO_VLAN) < 0)
		err(EX_OSERR, "memory");
	/* Else the kernel sleeps 50 us longer than it is told. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);

	called_ns = clock_ns();
	begin_ns = called_ns + idle_ms * NS_PER_MS;
	end_ns = begin_ns + ms * NS_PER_MS;
	listen_until(&trip, begin_ns);
	send_all(&trip, (double)pps, begin_ns, end_ns);
	while (trip.judge.unique < trip.sent && clock_ns() < end_ns + patience_ns)
		listen_until(&trip, end_ns + patience_ns);
	print(&trip, clock_ns() - called_ns);
	return EX_OK;
}
