/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "generator.h"

#define MBPS	    10000
#define BURST	    64
#define IMAGE_BYTES 64
#define MAC_BYTES   6
#define ETYPE_AT    12
#define IP_AT	    14
#define IP_BYTES    20
#define UDP_AT	    (IP_AT + IP_BYTES)
#define NUMBER_AT   44
#define TIME_AT	    52

uint64_t
generator_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void
put16(uint8_t *at, uint16_t value)
{
	value = htobe16(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t
ip_checksum(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (unsigned int i = 0; i < IP_BYTES; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

/** UDP between two addresses of those set aside for tests (RFC 2544), without a checksum. */
static void
make_image(uint8_t *frame, const uint8_t *dst)
{
	static const uint8_t src[MAC_BYTES] = { 0x02, 0, 0, 0, 0xbe, 0x01 };
	uint8_t *ip = frame + IP_AT;

	memset(frame, 0, IMAGE_BYTES);
	memcpy(frame, dst, MAC_BYTES);
	memcpy(frame + MAC_BYTES, src, MAC_BYTES);
	put16(frame + ETYPE_AT, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, GENERATOR_BYTES - IP_AT);
	ip[8] = 64;
	ip[9] = 17;
	memcpy(ip + 12, (const uint8_t[]){ 198, 18, 0, 1, 198, 19, 0, 1 }, 8);
	put16(ip + 10, ip_checksum(ip));
	put16(frame + UDP_AT, 1024);
	put16(frame + UDP_AT + 2, 9);
	put16(frame + UDP_AT + 4, GENERATOR_BYTES - UDP_AT);
}

/* A device that is slower than its load is a little late all the time. To catch up would be a load
 * that nobody asked for, and no fault of the application's.
 */
static void
forgive(struct generator *gen)
{
	uint64_t late_ns = pacer_late_ns(&gen->pacer, gen->asked_ns);

	if (late_ns <= GENERATOR_AWAY_NS)
		return;
	pacer_shift(&gen->pacer, late_ns);
	gen->late_ns += late_ns;
}

static unsigned int
generator_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct generator *gen = (struct generator *)wire;
	uint64_t due_ns[BURST];

	gen->asked_ns = gen->now_ns();
	if (!gen->on || gen->held)
		return 0;
	forgive(gen);
	nb = pacer_due(&gen->pacer, gen->asked_ns, due_ns, nb < BURST ? nb : BURST);
	for (unsigned int i = 0; i < nb; i++) {
		uint8_t *image = gen->image + i * IMAGE_BYTES;

		memcpy(image + NUMBER_AT, &gen->sent, sizeof(gen->sent));
		memcpy(image + TIME_AT, &due_ns[i], sizeof(due_ns[i]));
		gen->sent++;
		frame[i] = (struct wire_frame){ .data = image, .len = GENERATOR_BYTES };
	}
	return nb;
}

static void
judge(struct generator *gen, const struct wire_frame *frame, uint64_t now_ns)
{
	uint64_t number, due_ns, took_ns;

	if (frame->len != GENERATOR_BYTES)
		goto wrong;
	memcpy(&number, frame->data + NUMBER_AT, sizeof(number));
	memcpy(&due_ns, frame->data + TIME_AT, sizeof(due_ns));
	if (number < gen->expected || number >= gen->sent || due_ns > now_ns)
		goto wrong;
	gen->received++;
	gen->missing += number - gen->expected;
	gen->expected = number + 1;
	took_ns = now_ns - due_ns;
	histogram_add(&gen->raw, took_ns);
	if (due_ns >= gen->excluded_until_ns && !gen->held)
		histogram_add(&gen->latency, took_ns);
	return;

wrong:
	gen->wrong++;
}

static unsigned int
generator_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct generator *gen = (struct generator *)wire;
	uint64_t now_ns = gen->now_ns();

	/* Each round asks for frames before it sends some: the device was away in between. */
	if (now_ns - gen->asked_ns > GENERATOR_AWAY_NS)
		gen->excluded_until_ns = now_ns;
	for (unsigned int i = 0; i < nb; i++)
		judge(gen, &frame[i], now_ns);
	return nb;
}

static int
generator_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
generator_free(struct wire *wire)
{
	struct generator *gen = (struct generator *)wire;

	free(gen->image);
	free(gen);
}

struct generator *
generator_create(const uint8_t dst[6])
{
	static const struct wire_ops ops = {
		.name = "generator",
		.send = generator_send,
		.recv = generator_recv,
		.fd = generator_fd,
		.free = generator_free,
	};
	struct generator *gen = calloc(1, sizeof(*gen));

	if (gen == NULL)
		return NULL;
	gen->image = aligned_alloc(IMAGE_BYTES, BURST * IMAGE_BYTES);
	if (gen->image == NULL) {
		free(gen);
		return NULL;
	}
	for (unsigned int i = 0; i < BURST; i++)
		make_image(gen->image + i * IMAGE_BYTES, dst);
	gen->wire = (struct wire){ .ops = &ops, .mbps = MBPS };
	gen->now_ns = generator_clock_ns;
	return gen;
}
