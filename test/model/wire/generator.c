/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Numbered frames at any rate, and a verdict on those that come back.
 *
 * All frames are made beforehand, a ring of images with the flows in turn; a frame costs no more
 * than the eight bytes of its number. The number stands there twice, the second time inverted: the
 * two cancel out in the UDP checksum, which therefore is right for every number.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "generator.h"
#include "kinds.h"

#define ETHER_BYTES 14
#define VLAN_BYTES  4
#define IP_BYTES    20
#define UDP_BYTES   8
#define MAC_BYTES   6
#define HEADERS_BYTES (ETHER_BYTES + IP_BYTES + UDP_BYTES)
#define ETHER_VLAN  0x8100
#define ETHER_IPV4  0x0800
#define FRAME_MIN   60
#define FRAME_MAX   9000
#define FLOWS_MAX   4096
#define NUMBER_AT   4		/* in the payload; before it are magic and flow */
#define PAYLOAD_MIN 12
#define MAGIC	    0x51ce
#define IMAGE_SKEW  2		/* puts an untagged frame's number on a multiple of 8 */

/* 198.18.0.0/15 and the discard port: set aside for tests of network devices (RFC 2544). */
#define SOURCE_NET  UINT32_C(0xc6120001)
#define TARGET	    UINT32_C(0xc6130001)
#define SOURCE_PORT 1024
#define TARGET_PORT 9

#define SEEN_BITS   (1u << 20)	/* how far back a number is told to be new or a duplicate */
#define CATCH_UP_NS 10000000	/* what was not fetched longer than this ago is not made up for */

struct generator {
	struct wire wire;
	uint64_t size, rate, count, flows, vlan;
	uint8_t dst[MAC_BYTES], src[MAC_BYTES];
	uint64_t (*now_ns)(void);

	uint8_t *memory;
	uint8_t *image;			/* in it, IMAGE_SKEW behind a cache line's start */
	uint32_t image_bytes;		/* from one to the next */
	unsigned int nb_images, next_image;
	uint32_t number_at;		/* in a frame */
	uint64_t next;			/* number of the next frame */
	bool pacing;
	double paid_until_ns;		/* the time since then is good for frames */

	struct wire_gen_stats stats;
	uint64_t came;			/* numbers below it may have come back */
	uint64_t *flow_came;		/* same for each flow */
	uint64_t *seen;
};

static uint64_t
monotonic_ns(void)
{
	return wire_clock_ns(CLOCK_MONOTONIC);
}

static void
put16(uint8_t *at, uint16_t value)
{
	value = htobe16(value);
	memcpy(at, &value, sizeof(value));
}

static void
put32(uint8_t *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof(value));
}

static uint16_t
get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return be16toh(value);
}

static uint32_t
sum16(const uint8_t *data, uint32_t bytes, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i + 1 < bytes; i += 2)
		sum += get16(data + i);
	return bytes % 2 == 0 ? sum : sum + ((uint32_t)data[bytes - 1] << 8);
}

static uint16_t
fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

/* --- Making frames --- */

static void
put_number(uint8_t *at, uint32_t number)
{
	uint64_t both = htobe64((uint64_t)number << 32 | (uint32_t)~number);

	memcpy(at, &both, sizeof(both));
}

static uint8_t
filler(uint32_t i)
{
	return (uint8_t)(i * 37 + 11);
}

static void
make_udp(uint8_t *udp, uint32_t udp_bytes, uint16_t flow, uint32_t addresses)
{
	uint8_t *payload = udp + UDP_BYTES;
	uint16_t checksum;
	uint32_t i;

	put16(udp, (uint16_t)(SOURCE_PORT + flow));
	put16(udp + 2, TARGET_PORT);
	put16(udp + 4, (uint16_t)udp_bytes);
	put16(udp + 6, 0);
	put16(payload, MAGIC);
	put16(payload + 2, flow);
	put_number(payload + NUMBER_AT, 0);
	for (i = PAYLOAD_MIN; i < udp_bytes - UDP_BYTES; i++)
		payload[i] = filler(i);
	checksum = (uint16_t)~fold(sum16(udp, udp_bytes, addresses + 17 + udp_bytes));
	put16(udp + 6, checksum == 0 ? 0xffff : checksum);
}

static void
make_image(const struct generator *gen, uint8_t *frame, uint16_t flow)
{
	uint8_t *at = frame + 2 * MAC_BYTES, *ip;
	uint32_t ip_bytes;

	memcpy(frame, gen->dst, MAC_BYTES);
	memcpy(frame + MAC_BYTES, gen->src, MAC_BYTES);
	if (gen->vlan != 0) {
		put16(at, ETHER_VLAN);
		put16(at + 2, (uint16_t)gen->vlan);
		at += VLAN_BYTES;
	}
	put16(at, ETHER_IPV4);
	ip = at + 2;
	ip_bytes = (uint32_t)gen->size - (uint32_t)(ip - frame);
	memset(ip, 0, IP_BYTES);
	ip[0] = 0x45;
	put16(ip + 2, (uint16_t)ip_bytes);
	ip[8] = 64;	/* time to live */
	ip[9] = 17;	/* UDP */
	put32(ip + 12, SOURCE_NET + flow);
	put32(ip + 16, TARGET);
	put16(ip + 10, (uint16_t)~fold(sum16(ip, IP_BYTES, 0)));
	make_udp(ip + IP_BYTES, ip_bytes - IP_BYTES, flow, sum16(ip + 12, 8, 0));
}

/*
 * How many frames may go out now. A time when nobody asked is good for what CATCH_UP_NS bring, and
 * for one at least: the rest is forgotten, or it would become one long burst.
 */
static unsigned int
allowed(struct generator *gen, unsigned int nb)
{
	double frame_ns, now_ns, due;

	if (nb > gen->nb_images)
		nb = gen->nb_images;
	if (gen->count != 0 && nb > gen->count - gen->next)
		nb = (unsigned int)(gen->count - gen->next);
	if (gen->rate == 0 || nb == 0)
		return nb;

	now_ns = (double)gen->now_ns();
	frame_ns = 1e9 / (double)gen->rate;
	if (!gen->pacing) {
		gen->pacing = true;
		gen->paid_until_ns = now_ns;
	}
	if (gen->paid_until_ns < now_ns - frame_ns - CATCH_UP_NS)
		gen->paid_until_ns = now_ns - frame_ns - CATCH_UP_NS;
	due = (now_ns - gen->paid_until_ns) / frame_ns;
	if (due < nb)
		nb = due < 0 ? 0 : (unsigned int)due;
	gen->paid_until_ns += nb * frame_ns;
	return nb;
}

static unsigned int
gen_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct generator *gen = (struct generator *)wire;
	unsigned int i;

	nb = allowed(gen, nb);
	for (i = 0; i < nb; i++) {
		uint8_t *image = gen->image + (size_t)gen->next_image * gen->image_bytes;

		if (++gen->next_image == gen->nb_images)
			gen->next_image = 0;
		put_number(image + gen->number_at, (uint32_t)gen->next++);
		frame[i].data = image;
		frame[i].len = (uint32_t)gen->size;
	}
	wire->received_frames += nb;
	wire->received_bytes += nb * gen->size;
	return nb;
}

/* --- Judging frames --- */

/* The payload of one of our frames, or NULL. @p bytes: 0 if the length is not right. */
static const uint8_t *
find_payload(const struct generator *gen, const struct wire_frame *frame, uint32_t *bytes)
{
	const uint8_t *ip = frame->data + ETHER_BYTES;
	uint32_t len = frame->len, expected;

	if (len < HEADERS_BYTES + PAYLOAD_MIN)
		return NULL;
	/* A tag may have come or gone on the way. */
	if (get16(ip - 2) == ETHER_VLAN && len >= HEADERS_BYTES + PAYLOAD_MIN + VLAN_BYTES) {
		ip += VLAN_BYTES;
		len -= VLAN_BYTES;
	}
	if (get16(ip - 2) != ETHER_IPV4 || ip[0] != 0x45 ||
	    get16(ip + IP_BYTES + UDP_BYTES) != MAGIC)
		return NULL;
	*bytes = (uint32_t)gen->size - gen->number_at + NUMBER_AT;
	expected = HEADERS_BYTES + *bytes;
	/* What a tag left behind may be too short for a frame, and then was filled up. */
	if (len < expected || (len > expected && len > FRAME_MIN))
		*bytes = 0;
	return ip + IP_BYTES + UDP_BYTES;
}

/* A right checksum makes the sum all ones, in either order of bytes. */
static bool
is_ip_header(const uint8_t *ip)
{
	uint32_t word[IP_BYTES / 4];
	uint64_t sum = 0;
	size_t i;

	memcpy(word, ip, sizeof(word));
	for (i = 0; i < IP_BYTES / 4; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	return fold((uint32_t)sum) == 0xffff;
}

/* Is it whole? Addresses and time to live may change on the way; a checksum says if rightly. */
static bool
is_whole(const struct generator *gen, const uint8_t *payload, uint32_t bytes)
{
	const uint8_t *ip = payload - UDP_BYTES - IP_BYTES;
	const uint8_t *model = gen->image + gen->number_at - NUMBER_AT;

	return bytes != 0 && is_ip_header(ip) &&
	       get16(ip + 2) == IP_BYTES + UDP_BYTES + bytes &&
	       get16(ip + IP_BYTES + 4) == UDP_BYTES + bytes &&
	       memcmp(payload + PAYLOAD_MIN, model + PAYLOAD_MIN, bytes - PAYLOAD_MIN) == 0;
}

/* Images come in turn, and so do the flows in them. */
static uint16_t
flow_of(const struct generator *gen, uint64_t number)
{
	/* A division takes longer than all the rest of the verdict: most flows need none. */
	if ((gen->flows & (gen->flows - 1)) == 0)
		return (uint16_t)(number & (gen->flows - 1));
	return (uint16_t)(number % gen->flows);
}

/* The number of a frame that was made and belongs to the flow, or UINT64_MAX. */
static uint64_t
read_number(const struct generator *gen, const uint8_t *payload, uint16_t flow)
{
	uint64_t both, number, last = gen->next - 1;

	memcpy(&both, payload + NUMBER_AT, sizeof(both));
	both = be64toh(both);
	if ((uint32_t)(both >> 32) != (uint32_t)~both)
		return UINT64_MAX;
	/* The upper half is not in the frame: that of the last one made that ends so. */
	number = last - (uint32_t)(last - (both >> 32));
	if (number >= gen->next || flow_of(gen, number) != flow)
		return UINT64_MAX;
	return number;
}

/* All numbers up to @p number may come now; those that the window leaves behind cannot any more. */
static void
advance(struct generator *gen, uint64_t number)
{
	uint64_t nb = number + 1 - gen->came;
	uint64_t i;

	gen->stats.missing += nb - 1;
	if (nb > SEEN_BITS) {
		memset(gen->seen, 0, SEEN_BITS / 8);
	} else {
		for (i = gen->came; i <= number; i++)
			gen->seen[i % SEEN_BITS / 64] &= ~(UINT64_C(1) << i % 64);
	}
	gen->came = number + 1;
}

static void
judge(struct generator *gen, const struct wire_frame *frame)
{
	uint64_t number = UINT64_MAX, *word, bit;
	const uint8_t *payload;
	uint16_t flow = 0;
	uint32_t bytes = 0;

	payload = find_payload(gen, frame, &bytes);
	if (payload == NULL) {
		gen->stats.foreign++;
		return;
	}
	if (is_whole(gen, payload, bytes)) {
		flow = get16(payload + 2);
		number = read_number(gen, payload, flow);
	}
	if (number == UINT64_MAX) {
		gen->stats.corrupt++;
		return;
	}
	word = &gen->seen[number % SEEN_BITS / 64];
	bit = UINT64_C(1) << number % 64;
	if (number >= gen->came) {
		advance(gen, number);
	} else if (gen->came - number > SEEN_BITS || (*word & bit) != 0) {
		gen->stats.duplicates++;
		return;
	} else {
		gen->stats.missing--;
	}
	*word |= bit;
	gen->stats.good++;
	if (number < gen->flow_came[flow])
		gen->stats.reordered++;
	else
		gen->flow_came[flow] = number + 1;
}

static unsigned int
gen_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct generator *gen = (struct generator *)wire;
	unsigned int i;

	for (i = 0; i < nb; i++)
		judge(gen, &frame[i]);
	return wire_sent(wire, frame, nb, nb);
}

static int
gen_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
gen_free(struct wire *wire)
{
	struct generator *gen = (struct generator *)wire;

	free(gen->memory);
	free(gen->flow_came);
	free(gen->seen);
	free(gen);
}

static const struct wire_ops gen_ops = {
	.name = "gen",
	.send = gen_send,
	.recv = gen_recv,
	.fd = gen_fd,
	.free = gen_free,
};

const struct wire_gen_stats *
wire_gen_stats(const struct wire *wire)
{
	return wire->ops == &gen_ops ? &((const struct generator *)wire)->stats : NULL;
}

void
wire_gen_set_clock(struct wire *wire, uint64_t (*now_ns)(void))
{
	struct generator *gen = (struct generator *)wire;

	gen->now_ns = now_ns;
	gen->pacing = false;
}

/* Whole rounds of all flows, and at least a burst. */
static bool
make_images(struct generator *gen)
{
	unsigned int i;

	gen->nb_images = (unsigned int)((WIRE_BURST + gen->flows - 1) / gen->flows * gen->flows);
	gen->image_bytes = (uint32_t)((gen->size + IMAGE_SKEW + 63) & ~UINT64_C(63));
	gen->number_at = HEADERS_BYTES + NUMBER_AT;
	if (gen->vlan != 0)
		gen->number_at += VLAN_BYTES;
	gen->memory = aligned_alloc(64, (size_t)gen->nb_images * gen->image_bytes);
	gen->flow_came = calloc(gen->flows, sizeof(*gen->flow_came));
	gen->seen = calloc(SEEN_BITS / 64, sizeof(*gen->seen));
	if (gen->memory == NULL || gen->flow_came == NULL || gen->seen == NULL)
		return false;
	gen->image = gen->memory + IMAGE_SKEW;
	for (i = 0; i < gen->nb_images; i++)
		make_image(gen, gen->image + (size_t)i * gen->image_bytes,
			   (uint16_t)(i % gen->flows));
	return true;
}

static int
parse(const struct wire_spec *spec, struct generator *gen)
{
	const struct wire_option options[] = {
		{ "size", WIRE_NUMBER, &gen->size, FRAME_MIN, FRAME_MAX },
		{ "rate", WIRE_NUMBER, &gen->rate, 0, 1000000000 },
		{ "count", WIRE_NUMBER, &gen->count, 0, UINT64_MAX },
		{ "dst", WIRE_MAC, gen->dst },
		{ "src", WIRE_MAC, gen->src },
		{ "flows", WIRE_NUMBER, &gen->flows, 1, FLOWS_MAX },
		{ "vlan", WIRE_NUMBER, &gen->vlan, 1, 4094 },
	};

	return wire_options(spec, options, sizeof(options) / sizeof(options[0]));
}

struct wire *
wire_gen_create(const struct wire_spec *spec)
{
	struct generator *gen = calloc(1, sizeof(*gen));

	if (gen == NULL) {
		wire_fail(spec, "no memory");
		return NULL;
	}
	gen->wire.ops = &gen_ops;
	gen->wire.mbps = WIRE_MBPS;
	gen->now_ns = monotonic_ns;
	gen->size = FRAME_MIN;
	gen->flows = 1;
	memset(gen->dst, 0xff, MAC_BYTES);
	memcpy(gen->src, (const uint8_t[MAC_BYTES]){ 0x02, 0, 0, 0, 0xce, 0x01 }, MAC_BYTES);
	if (parse(spec, gen) < 0)
		goto free_gen;
	if (!make_images(gen)) {
		wire_fail(spec, "no memory for %llu flows of %llu bytes",
			  (unsigned long long)gen->flows, (unsigned long long)gen->size);
		goto free_gen;
	}
	return &gen->wire;

free_gen:
	gen_free(&gen->wire);
	return NULL;
}
