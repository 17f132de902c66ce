/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * tcp-rr: one request at a time over a TCP connection, and how long each answer takes.
 *
 *	tcp-rr serve PORT		answers who connects, one after the other; does not end
 *	tcp-rr ask ADDRESS PORT MS	prints a JSON object of what it has measured
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "histogram.h"

#define BYTES	 64
#define NS_PER_S UINT64_C(1000000000)
#define PORT_MAX 65535
#define MS_MAX	 600000

static uint64_t
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static unsigned long
number(const char *name, const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < 1 || value > max)
		errx(EX_USAGE, "%s %s (allowed: 1 to %lu)", name, text, max);
	return value;
}

static struct sockaddr_in
address(const char *ip, const char *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)number("PORT", port, PORT_MAX)),
	};

	if (inet_pton(AF_INET, ip, &at.sin_addr) != 1)
		errx(EX_USAGE, "ADDRESS %s (allowed: an IPv4 address)", ip);
	return at;
}

static int
new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0)
		err(EX_OSERR, "a socket");
	return fd;
}

static void
send_at_once(int fd)
{
	int yes = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) != 0)
		err(EX_OSERR, "TCP_NODELAY");
}

/** All of a message. @return whether there was one */
static bool
take(int fd, unsigned char message[BYTES])
{
	size_t have = 0;

	while (have < BYTES) {
		ssize_t got = read(fd, message + have, BYTES - have);

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static bool
give(int fd, const unsigned char message[BYTES])
{
	return send(fd, message, BYTES, MSG_NOSIGNAL) == BYTES;
}

static noreturn void
serve(const char *port)
{
	struct sockaddr_in at = address("0.0.0.0", port);
	unsigned char message[BYTES];
	int fd = new_socket(), client;

	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1) != 0)
		err(EX_UNAVAILABLE, "port %s", port);
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		send_at_once(client);
		while (take(client, message) && give(client, message))
			;
		close(client);
	}
	err(EX_OSERR, "accept");
}

static void
print(const struct histogram *waited, uint64_t ns)
{
	printf("{\"answers\": %lu, \"a_second\": %.1f, \"p50_us\": %.1f, \"p95_us\": %.1f, "
	       "\"p99_us\": %.1f}\n", waited->count,
	       (double)waited->count * (double)NS_PER_S / (double)ns,
	       (double)histogram_quantile(waited, 0.5) / 1e3,
	       (double)histogram_quantile(waited, 0.95) / 1e3,
	       (double)histogram_quantile(waited, 0.99) / 1e3);
}

static void
ask(const char *ip, const char *port, const char *ms)
{
	struct sockaddr_in at = address(ip, port);
	uint64_t for_ns = number("MS", ms, MS_MAX) * NS_PER_S / 1000, begin_ns, now_ns;
	unsigned char request[BYTES] = { 0 }, answer[BYTES];
	static struct histogram waited;
	int fd = new_socket();

	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		err(EX_UNAVAILABLE, "%s port %s", ip, port);
	send_at_once(fd);
	begin_ns = now_ns = clock_ns();
	for (uint32_t i = 1; now_ns - begin_ns < for_ns; i++) {
		uint64_t sent_ns = now_ns;

		memcpy(request, &i, sizeof(i));
		if (!give(fd, request) || !take(fd, answer))
			errx(EX_SOFTWARE, "request %u is not answered", i);
		if (memcmp(request, answer, BYTES) != 0)
			errx(EX_SOFTWARE, "request %u has another one's answer", i);
		now_ns = clock_ns();
		histogram_add(&waited, now_ns - sent_ns);
	}
	close(fd);
	print(&waited, now_ns - begin_ns);
}

int
main(int argc, char *argv[])
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	else if (argc == 5 && strcmp(argv[1], "ask") == 0)
		ask(argv[2], argv[3], argv[4]);
	else
		errx(EX_USAGE, "usage: tcp-rr serve PORT | ask ADDRESS PORT MS");
	return EX_OK;
}
