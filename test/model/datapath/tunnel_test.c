/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file VXLAN and NVGRE, both ways, as the X550 has them (82599 sheet, 4.2 to 4.4, 5.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame_make.h"
#include "port_rig.h"

#define RING	    16
#define VXLAN_PORT  4789
#define ETHERNET    14
#define OUTER_IP    20
#define UDP_VXLAN   16
#define NVGRE	    8

#define TYPE_TUNNEL 0x10000
#define TYPE_VXLAN  0x00800
#define TYPE_IPV4   0x00010
#define TYPE_IPV4_O 0x00020
#define TYPE_IPV6   0x00040
#define TYPE_TCP    0x00100
#define TYPE_UDP    0x00200
#define TYPE_SCTP   0x00400

#define OUTER_CHECKED (1u << 8)
#define OUTER_WRONG   (1u << 26)

/* Tx data descriptor. */
#define TXD_NVGRE      (1u << 16)
#define TXD_OUTER_IXSM (1u << 17)
#define STA_INDEX_1    (1u << 4)

static struct made made, bare;

static int
setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig->family.tunnels = true;
	rig->family.rxd.outer_ip_checked = OUTER_CHECKED;
	rig->family.rxd.error_outer_ip = OUTER_WRONG;
	rig->nic->port.vxlan_port = VXLAN_PORT;
	nic_changed(rig->nic);
	*state = rig;
	return 0;
}

/* Put the frame behind outer headers; @p bytes: of UDP and VXLAN, or of GRE. */
static uint32_t
wrap(struct made *frame, bool nvgre)
{
	uint32_t bytes = nvgre ? NVGRE : UDP_VXLAN, head = ETHERNET + OUTER_IP + bytes;
	uint8_t *ip = frame->data + ETHERNET, *l4 = ip + OUTER_IP;

	memmove(frame->data + head, frame->data, frame->len);
	memset(frame->data + 12, 0, head - 12);
	put16(frame->data + 12, 0x0800);
	ip[0] = 0x45;
	put16(ip + 2, OUTER_IP + bytes + frame->len);
	ip[8] = 64;
	ip[9] = nvgre ? 47 : 17;
	memcpy(ip + 12, (const uint8_t[]){ 10, 0, 0, 1, 10, 0, 0, 2 }, 8);
	if (nvgre) {
		put16(l4, 0x2000);
		put16(l4 + 2, 0x6558);
	} else {
		put16(l4 + 2, VXLAN_PORT);
		put16(l4 + 4, bytes + frame->len);
		l4[8] = 0x08;
	}
	frame->len += head;
	return head;
}

static void
right_outer_sum(struct made *frame)
{
	uint8_t *ip = frame->data + ETHERNET;

	put16(ip + 10, 0);
	put16(ip + 10, (uint16_t)~plain_sum(0, ip, OUTER_IP));
}

static struct classified
look(struct rig *rig)
{
	struct classified result;

	classify(rig->nic, NULL, made.data, made.len, &result);
	return result;
}

static void
test_types_and_sums(void **state)
{
	static const struct {
		struct make make;
		uint32_t type, status;
	} cases[] = {
		{ { .l4 = MAKE_TCP, .payload = 80 }, TYPE_IPV4 | TYPE_TCP, RXD_IPCS | RXD_L4CS },
		{ { .l4 = MAKE_UDP, .payload = 80 }, TYPE_IPV4 | TYPE_UDP,
		  RXD_IPCS | RXD_L4CS | RXD_UDPCS },
		{ { .l4 = MAKE_SCTP, .payload = 80 }, TYPE_IPV4 | TYPE_SCTP, RXD_IPCS | RXD_L4CS },
		{ { .l4 = MAKE_TCP, .payload = 80, .ip_options = true },
		  TYPE_IPV4 | TYPE_IPV4_O | TYPE_TCP, RXD_IPCS | RXD_L4CS },
		{ { .l4 = MAKE_UDP, .payload = 80, .ipv6 = true }, TYPE_IPV6 | TYPE_UDP,
		  RXD_L4CS | RXD_UDPCS },
		{ { .l4 = MAKE_NONE, .payload = 80 }, TYPE_IPV4, RXD_IPCS },
	};
	struct rig *rig = *state;

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		bool nvgre = i % 2 != 0;
		uint32_t kind = TYPE_TUNNEL | (nvgre ? 0 : TYPE_VXLAN), head;
		struct classified seen;

		frame_make(&cases[i / 2].make, &made);
		head = wrap(&made, nvgre);
		right_outer_sum(&made);
		seen = look(rig);
		assert_int_equal(seen.packet_type, kind | cases[i / 2].type);
		assert_int_equal(seen.status, cases[i / 2].status | OUTER_CHECKED);
		/* Each sum has a verdict of its own. */
		made.data[ETHERNET + 10] ^= 0x5a;
		assert_int_equal(look(rig).status,
				 cases[i / 2].status | OUTER_CHECKED | OUTER_WRONG);
		made.data[ETHERNET + 10] ^= 0x5a;
		if (!cases[i / 2].make.ipv6) {
			made.data[head + made.l3_at + 10] ^= 0x5a;
			assert_int_equal(look(rig).status, cases[i / 2].status | OUTER_CHECKED |
					 RIG_ERROR_IP);
			made.data[head + made.l3_at + 10] ^= 0x5a;
		}
		if (cases[i / 2].make.l4 == MAKE_NONE)
			continue;
		made.data[head + made.payload_at] ^= 0x5a;
		assert_int_equal(look(rig).status,
				 cases[i / 2].status | OUTER_CHECKED | RIG_ERROR_L4);
	}
}

/* A frame of any kind may be inside, and need not be IP. */
static void
test_other_contents(void **state)
{
	struct rig *rig = *state;
	uint32_t head;

	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 80 }, &made);
	head = wrap(&made, false);
	right_outer_sum(&made);
	put16(made.data + head + 12, 0x0806);
	assert_int_equal(look(rig).packet_type, TYPE_TUNNEL | TYPE_VXLAN);
	assert_int_equal(look(rig).status, OUTER_CHECKED);
}

static void
expect_no_tunnel(struct rig *rig, uint32_t type)
{
	assert_int_equal(look(rig).packet_type, type);
	assert_int_equal(look(rig).status & (OUTER_CHECKED | OUTER_WRONG), 0);
}

/* What is no tunnel to the device is a packet as any other. */
static void
test_not_looked_into(void **state)
{
	struct rig *rig = *state;
	uint8_t *l4 = made.data + ETHERNET + OUTER_IP;

	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 80 }, &made);
	wrap(&made, false);
	put16(l4 + 2, VXLAN_PORT + 1);
	expect_no_tunnel(rig, TYPE_IPV4 | TYPE_UDP);
	put16(l4 + 2, VXLAN_PORT);
	made.data[ETHERNET + 6] = 0x20;	/* a fragment */
	expect_no_tunnel(rig, TYPE_IPV4);
	made.data[ETHERNET + 6] = 0;
	rig->nic->port.vxlan_port = 0;
	expect_no_tunnel(rig, TYPE_IPV4 | TYPE_UDP);
	put16(l4 + 2, 0);
	expect_no_tunnel(rig, TYPE_IPV4 | TYPE_UDP);
	rig->nic->port.vxlan_port = VXLAN_PORT;
	put16(l4 + 2, VXLAN_PORT);
	made.len = ETHERNET + OUTER_IP + UDP_VXLAN + ETHERNET - 1;
	expect_no_tunnel(rig, TYPE_IPV4 | TYPE_UDP);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 80 }, &made);
	wrap(&made, true);
	put16(l4 + 2, 0x0800);		/* GRE with a packet in it, not a frame */
	expect_no_tunnel(rig, TYPE_IPV4);
	put16(l4 + 2, 0x6558);
	rig->family.tunnels = false;
	expect_no_tunnel(rig, TYPE_IPV4);
}

/* Any bytes: nothing outside the frame is read (the sanitizers watch). */
static void
test_garbage(void **state)
{
	struct rig *rig = *state;
	uint32_t seed = 1;

	for (unsigned int round = 0; round < 20000; round++) {
		uint32_t len = 22 + seed % 120;
		uint8_t *copy = test_malloc(len);
		struct classified seen;

		frame_make(&(struct make){ .l4 = round % 2 ? MAKE_TCP : MAKE_UDP,
					   .ipv6 = round % 3 == 0, .payload = 60 }, &made);
		wrap(&made, round % 5 == 0);
		for (unsigned int i = 0; i < 3; i++) {
			seed = seed * 1103515245 + 12345;
			made.data[14 + (seed >> 8) % 100] = (uint8_t)(seed >> 20);
		}
		memcpy(copy, made.data, len);
		classify(rig->nic, NULL, copy, len, &seen);
		assert_int_equal(seen.packet_type & ~0x1ffffu, 0);
		test_free(copy);
	}
}

/* What software hands over: pseudo-header's sum inside, zeros in the IPv4 headers. */
static void
send(struct rig *rig, const struct make *make, bool nvgre, uint32_t cmd, uint32_t sta)
{
	struct tx_ring *tx = &rig->tx[0];
	struct make without = *make;
	struct tx_context context = {
		.mac_len = ETHERNET, .outer_ip_len = OUTER_IP, .ipv4 = !make->ipv6,
		.l4_type = make->l4 == MAKE_TCP ? 1 : make->l4 == MAKE_SCTP ? 2 : 0,
	};

	without.no_sums = true;
	frame_make(&without, &bare);
	if (make->l4 != MAKE_SCTP)
		put16(bare.data + bare.l4_at + (make->l4 == MAKE_TCP ? 16 : 6),
		      pseudo_sum(&bare, true));
	context.tunnel_len = (uint8_t)((nvgre ? NVGRE : UDP_VXLAN) + bare.l3_at);
	context.ip_len = (uint16_t)(bare.l4_at - bare.l3_at);
	wrap(&bare, nvgre);
	tx_put_context(tx, &context, 1);
	tx_put(tx, bare.data, bare.len, TXD_DATA | TXD_EOP | cmd,
	       sta | STA_INDEX_1 | bare.len << 14);
	tx_bell(tx);
	rig_poll(rig);
}

static void
test_sums_are_inserted(void **state)
{
	static const enum l4 l4s[] = { MAKE_UDP, MAKE_TCP, MAKE_SCTP };
	struct rig *rig = *state;

	rig_tx(rig, 0, &rig->nic->pf, 64);
	for (unsigned int i = 0; i < 12; i++) {
		struct make make = {
			.l4 = l4s[i % 3], .ipv6 = i / 3 % 2 != 0, .ip_options = i / 3 % 2 == 0,
			.payload = 61 + 90 * i, .sport = 7,
		};
		bool nvgre = i / 6 != 0;

		frame_make(&make, &made);
		wrap(&made, nvgre);
		right_outer_sum(&made);
		send(rig, &make, nvgre, TXD_OUTER_IXSM | (nvgre ? TXD_NVGRE : 0),
		     STA_TXSM | (make.ipv6 ? 0 : STA_IXSM));
		assert_int_equal(rig->wire->nb_sent, i + 1);
		assert_int_equal(rig->wire->sent[i].len, made.len);
		assert_memory_equal(rig->wire->sent[i].data, made.data, made.len);
	}
	assert_int_equal(rig->nic->odd.bad_descriptors, 0);
}

/* Each sum alone, and none of them. */
static void
test_what_is_not_asked_stays(void **state)
{
	static const struct {
		uint32_t cmd, sta;
		bool outer, ip, l4;
	} cases[] = {
		{ 0, 0, false, false, false },
		{ TXD_OUTER_IXSM, 0, true, false, false },
		{ 0, STA_IXSM, false, true, false },
		{ 0, STA_TXSM, false, false, true },
	};
	const struct make make = { .l4 = MAKE_TCP, .payload = 99 };
	const struct kept_frame *sent;
	struct rig *rig = *state;

	rig_tx(rig, 0, &rig->nic->pf, 64);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t head;

		frame_make(&make, &made);
		head = wrap(&made, false);
		right_outer_sum(&made);
		send(rig, &make, false, cases[i].cmd, cases[i].sta);
		assert_int_equal(rig->wire->nb_sent, i + 1);
		sent = &rig->wire->sent[i];
		assert_int_equal(memcmp(sent->data + 24, made.data + 24, 2) == 0, cases[i].outer);
		assert_int_equal(memcmp(sent->data + head + 24, made.data + head + 24, 2) == 0,
				 cases[i].ip);
		assert_int_equal(memcmp(sent->data + head + 50, made.data + head + 50, 2) == 0,
				 cases[i].l4);
	}
}

/* Headers beyond the frame's end, an outer sum of no tunnel, and what is not known: segments. */
static void
test_malformed(void **state)
{
	static const struct tx_context bad[] = {
		{ .mac_len = 100, .outer_ip_len = 60, .tunnel_len = 30, .ip_len = 20,
		  .ipv4 = true, .l4_type = 1 },
		{ .mac_len = 14, .outer_ip_len = 16, .tunnel_len = 30, .ip_len = 20, .ipv4 = true,
		  .l4_type = 1 },
		{ .mac_len = 14, .outer_ip_len = 20, .tunnel_len = 255, .ip_len = 20,
		  .ipv4 = true, .l4_type = 1 },
		{ .mac_len = 14, .outer_ip_len = 20, .tunnel_len = 0, .ip_len = 20, .ipv4 = true,
		  .l4_type = 1 },
	};
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, 64);
	struct tx_context segments = {
		.mac_len = 14, .outer_ip_len = 20, .tunnel_len = 30, .ip_len = 20, .ipv4 = true,
		.l4_type = 1, .l4_len = 20, .mss = 64,
	};

	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 40 }, &made);
	wrap(&made, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tx_put_context(tx, &bad[i], 0);
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | TXD_OUTER_IXSM,
		       STA_IXSM | STA_TXSM | made.len << 14);
	}
	tx_put_context(tx, &segments, 0);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | TXD_TSE,
	       STA_IXSM | STA_TXSM | (made.len - 54) << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->nic->odd.bad_descriptors, 5);
	assert_int_equal(rig->wire->nb_sent, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_types_and_sums, setup),
		RIG_TEST(test_other_contents, setup),
		RIG_TEST(test_not_looked_into, setup),
		RIG_TEST(test_garbage, setup),
		RIG_TEST(test_sums_are_inserted, setup),
		RIG_TEST(test_what_is_not_asked_stays, setup),
		RIG_TEST(test_malformed, setup),
	};

	return cmocka_run_group_tests_name("tunnels", tests, NULL, NULL);
}
