/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame_make.h"
#include "port_rig.h"

#define IPV4	0x010
#define IPV4_O	0x020
#define IPV6	0x040
#define IPV6_E	0x080
#define TCP	0x100
#define UDP	0x200
#define SCTP	0x400

/* "Verifying the RSS Hash Calculation", Microsoft. */
static const uint8_t microsoft_key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct {
	uint8_t src[4], dst[4];
	uint16_t sport, dport;
	uint32_t with_ports, without;
} ipv4_vectors[] = {
	{ { 66, 9, 149, 187 }, { 161, 142, 100, 80 }, 2794, 1766, 0x51ccc178, 0x323e8fc2 },
	{ { 199, 92, 111, 2 }, { 65, 69, 140, 83 }, 14230, 4739, 0xc626b0ea, 0xd718262a },
	{ { 24, 19, 198, 95 }, { 12, 22, 207, 184 }, 12898, 38024, 0x5c2b394a, 0xd2d0a5de },
	{ { 38, 27, 205, 30 }, { 209, 142, 163, 6 }, 48228, 2217, 0xafc7327f, 0x82989176 },
	{ { 153, 39, 163, 191 }, { 202, 188, 127, 2 }, 44251, 1303, 0x10e828a2, 0x5d1809c5 },
};

static const struct {
	uint8_t src[16], dst[16];
	uint16_t sport, dport;
	uint32_t with_ports, without;
} ipv6_vectors[] = {
	{ { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0x1f, 0xff, [15] = 7 },
	  { 0x3f, 0xfe, 0x25, 0x01, 0x02, 0, 0, 3, [15] = 1 }, 2794, 1766, 0x40207d3d,
	  0x2cc18cd5 },
	{ { 0x3f, 0xfe, 0x05, 0x01, 0, 8, 0, 0, 0x02, 0x60, 0x97, 0xff, 0xfe, 0x40, 0xef, 0xab },
	  { 0xff, 0x02, [15] = 1 }, 14230, 4739, 0xdde51bbf, 0x0f0c461c },
	{ { 0x3f, 0xfe, 0x19, 0, 0x45, 0x45, 0, 3, 0x02, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf },
	  { 0xfe, 0x80, [8] = 0x02, 0, 0xf8, 0xff, 0xfe, 0x21, 0x67, 0xcf }, 44251, 38024,
	  0x02d1feef, 0x4b61e985 },
};

static struct made made;

static int
setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig->nic->rss.enabled = true;
	rig->nic->rss.types = 0x3fe;
	memcpy(rig->nic->rss.key, microsoft_key, sizeof(microsoft_key));
	nic_changed(rig->nic);
	*state = rig;
	return 0;
}

static struct classified
look(struct rig *rig, const struct rss *rss)
{
	struct classified result;

	classify(rig->nic, rss, made.data, made.len, &result);
	return result;
}

static void
test_toeplitz(void **state)
{
	uint8_t input[36];

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		memcpy(input, ipv4_vectors[i].src, 4);
		memcpy(input + 4, ipv4_vectors[i].dst, 4);
		input[8] = (uint8_t)(ipv4_vectors[i].sport >> 8);
		input[9] = (uint8_t)ipv4_vectors[i].sport;
		input[10] = (uint8_t)(ipv4_vectors[i].dport >> 8);
		input[11] = (uint8_t)ipv4_vectors[i].dport;
		assert_int_equal(rss_toeplitz(microsoft_key, input, 12),
				 ipv4_vectors[i].with_ports);
		assert_int_equal(rss_toeplitz(microsoft_key, input, 8), ipv4_vectors[i].without);
	}
}

static void
test_hash_ipv4(void **state)
{
	struct rig *rig = *state;

	for (unsigned int i = 0; i < 10; i++) {
		bool tcp = i < 5;
		unsigned int v = i % 5;
		struct classified seen;

		frame_make(&(struct make){ .l4 = tcp ? MAKE_TCP : MAKE_UDP, .payload = 50,
					   .sport = ipv4_vectors[v].sport,
					   .dport = ipv4_vectors[v].dport }, &made);
		memcpy(made.data + made.l3_at + 12, ipv4_vectors[v].src, 4);
		memcpy(made.data + made.l3_at + 16, ipv4_vectors[v].dst, 4);
		seen = look(rig, &rig->nic->rss);
		assert_int_equal(seen.rss_type, tcp ? 1 : 7);
		assert_int_equal(seen.hash, ipv4_vectors[v].with_ports);
		/* A fragment has no ports. */
		made.data[made.l3_at + 6] = 0x20;
		seen = look(rig, &rig->nic->rss);
		assert_int_equal(seen.rss_type, 2);
		assert_int_equal(seen.hash, ipv4_vectors[v].without);
		assert_int_equal(seen.packet_type, IPV4);
	}
}

static void
test_hash_ipv6(void **state)
{
	struct rig *rig = *state;

	for (unsigned int i = 0; i < 6; i++) {
		bool tcp = i < 3;
		unsigned int v = i % 3;
		struct classified seen;

		rig->nic->rss.types = 0x3fe;
		frame_make(&(struct make){ .ipv6 = true, .l4 = tcp ? MAKE_TCP : MAKE_UDP,
					   .payload = 50, .sport = ipv6_vectors[v].sport,
					   .dport = ipv6_vectors[v].dport }, &made);
		memcpy(made.data + made.l3_at + 8, ipv6_vectors[v].src, 16);
		memcpy(made.data + made.l3_at + 24, ipv6_vectors[v].dst, 16);
		seen = look(rig, &rig->nic->rss);
		assert_int_equal(seen.rss_type, tcp ? 3 : 8);
		assert_int_equal(seen.hash, ipv6_vectors[v].with_ports);
		rig->nic->rss.types = 1 << 5;
		seen = look(rig, &rig->nic->rss);
		assert_int_equal(seen.rss_type, 5);
		assert_int_equal(seen.hash, ipv6_vectors[v].without);
	}
}

/* The model must notice a new key, whether or not it was told. */
static void
test_new_key(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 32);
	static struct received first, second;

	rx_give(rx, 31);
	rig_address(rig, 0, rig_mac(0), 0);
	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 50 }, &made);
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	rig->nic->rss.key[0] ^= 0x80;
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	assert_true(rx_take(rx, &first) && rx_take(rx, &second));
	assert_int_equal(first.hash,
			 rss_toeplitz(microsoft_key, made.data + made.l3_at + 12, 12));
	/* 198 starts with a one: the first window of the key counts. */
	assert_int_equal(first.hash ^ second.hash, 0x80000000);
}

static void
test_queues_by_hash(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx[4];
	static struct received got;

	rig->nic->rss.reta_size = 128;
	for (unsigned int i = 0; i < 128; i++)
		rig->nic->rss.reta[i] = (uint8_t)(i * 7 % 4);
	rig_address(rig, 0, rig_mac(0), 0);
	for (unsigned int q = 0; q < 4; q++) {
		rx[q] = rig_rx(rig, q, &rig->nic->pf, 64);
		rx_give(rx[q], 63);
	}
	for (uint16_t flow = 0; flow < 100; flow++) {
		uint32_t hash;

		frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 50, .sport = flow }, &made);
		hash = rss_toeplitz(microsoft_key, made.data + made.l3_at + 12, 12);
		rig_arrives(rig, made.data, made.len);
		rig_poll(rig);
		assert_true(rx_take(rx[(hash & 127) * 7 % 4], &got));
		assert_int_equal(got.hash, hash);
		assert_int_equal(got.info & 15, 7);
	}
	for (unsigned int q = 0; q < 4; q++)
		assert_true(rx[q]->q->packets > 5);
}

static const struct {
	const char *what;
	struct make make;
	uint16_t type;
	uint32_t status;
} types[] = {
	{ "UDP", { .l4 = MAKE_UDP }, IPV4 | UDP, RXD_IPCS | RXD_L4CS | RXD_UDPCS },
	{ "TCP", { .l4 = MAKE_TCP }, IPV4 | TCP, RXD_IPCS | RXD_L4CS },
	{ "SCTP", { .l4 = MAKE_SCTP }, IPV4 | SCTP, RXD_IPCS | RXD_L4CS },
	{ "no L4", { .l4 = MAKE_NONE }, IPV4, RXD_IPCS },
	{ "options", { .l4 = MAKE_TCP, .ip_options = true }, IPV4 | IPV4_O | TCP,
	  RXD_IPCS | RXD_L4CS },
	{ "a tag", { .l4 = MAKE_UDP, .tagged = true, .tci = 9 }, IPV4 | UDP,
	  RXD_IPCS | RXD_L4CS | RXD_UDPCS },
	{ "IPv6 UDP", { .l4 = MAKE_UDP, .ipv6 = true }, IPV6 | UDP, RXD_L4CS | RXD_UDPCS },
	{ "IPv6 TCP", { .l4 = MAKE_TCP, .ipv6 = true }, IPV6 | TCP, RXD_L4CS },
	{ "IPv6 SCTP", { .l4 = MAKE_SCTP, .ipv6 = true }, IPV6 | SCTP, RXD_L4CS },
	{ "IPv6", { .l4 = MAKE_NONE, .ipv6 = true }, IPV6, 0 },
};

static void
test_types_and_verdicts(void **state)
{
	struct rig *rig = *state;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (uint32_t payload = 0; payload < 90; payload++) {
			struct make make = types[i].make;
			struct classified seen;

			make.payload = payload;
			frame_make(&make, &made);
			seen = look(rig, NULL);
			if (seen.packet_type != types[i].type || seen.status != types[i].status ||
			    seen.rss_type != 0)
				fail_msg("%s, %u bytes: type %#x, status %#x", types[i].what,
					 payload, seen.packet_type, seen.status);
			made.data[made.payload_at - 1] ^= 4;
			if ((types[i].status & RXD_L4CS) != 0)
				assert_int_equal(look(rig, NULL).status,
						 types[i].status | RIG_ERROR_L4);
			if ((types[i].status & RXD_IPCS) == 0)
				continue;
			made.data[made.l3_at + 8] ^= 1;
			assert_true((look(rig, NULL).status & RIG_ERROR_IP) != 0);
		}
	}
}

static void
test_not_checked(void **state)
{
	struct rig *rig = *state;
	struct classified seen;

	/* UDP's checksum of 0 is none. */
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 50, .no_sums = true }, &made);
	seen = look(rig, NULL);
	assert_int_equal(seen.status, RXD_IPCS | RIG_ERROR_IP);
	/* More announced than there is. */
	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 50 }, &made);
	made.len -= 10;
	assert_int_equal(look(rig, NULL).status, RXD_IPCS);
	rig->nic->port.check_ip = rig->nic->port.check_l4 = false;
	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 50 }, &made);
	seen = look(rig, NULL);
	assert_int_equal(seen.status, 0);
	assert_int_equal(seen.packet_type, IPV4 | TCP);
}

/* What was made is packed into IPv4. */
static void
wrap_in_ipv4(void)
{
	uint8_t *ip = made.data + made.l3_at;
	uint32_t bytes = made.len - made.l3_at + 20;
	uint16_t sum;

	memmove(ip + 20, ip, made.len - made.l3_at);
	memset(ip, 0, 20);
	ip[-2] = 0x08;
	ip[-1] = 0x00;
	ip[0] = 0x45;
	ip[2] = (uint8_t)(bytes >> 8);
	ip[3] = (uint8_t)bytes;
	ip[8] = 64;
	ip[9] = 41;
	sum = (uint16_t)~plain_sum(0, ip, 20);
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	made.len += 20;
}

/* Both versions' bits, and the inner payload's; the sum and the hash are of the outer header. */
static void
test_tunnel(void **state)
{
	static const struct {
		enum l4 l4;
		uint16_t type;
	} inner[] = { { MAKE_UDP, UDP }, { MAKE_TCP, TCP }, { MAKE_SCTP, SCTP }, { MAKE_NONE, 0 } };
	struct rig *rig = *state;
	struct classified seen;

	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		frame_make(&(struct make){ .l4 = inner[i].l4, .ipv6 = true, .payload = 80 }, &made);
		wrap_in_ipv4();
		seen = look(rig, &rig->nic->rss);
		assert_int_equal(seen.packet_type, IPV4 | IPV6 | inner[i].type);
		assert_int_equal(seen.status, RXD_IPCS);
		assert_int_equal(seen.rss_type, 2);
	}
	/* What follows in a fragment is not looked at, nor what is no IPv6. */
	made.data[made.l3_at + 6] = 0x20;
	assert_int_equal(look(rig, NULL).packet_type, IPV4);
	made.data[made.l3_at + 6] = 0;
	made.data[made.l3_at + 20] = 0x45;
	assert_int_equal(look(rig, NULL).packet_type, IPV4);
}

/* RXCSUM.PCSD is off: IP identification and a fragment's sum where the hash would be. */
static void
test_fragment_checksum(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, 32);
	static struct received got;
	uint8_t *ip = made.data + 14;

	rx_give(rx, 31);
	rig_address(rig, 0, rig_mac(0), 0);
	rig->nic->port.fragment_checksum = true;
	nic_changed(rig->nic);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 101 }, &made);
	rig_arrives(rig, made.data, made.len);
	rig_arrives(rig, made.data, made.len);
	ip[6] = 0x20;
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	for (unsigned int i = 0; i < 2; i++) {
		assert_true(rx_take(rx, &got));
		assert_int_equal(got.info, IPV4 | UDP);
		assert_int_equal(got.hash, 0x1234);
		assert_int_equal(got.status & RIG_IP_ID, RIG_IP_ID);
	}
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.info, IPV4);
	assert_int_equal(got.status & RIG_IP_ID, RIG_IP_ID);
	assert_int_equal(got.hash & 0xffff, 0x1234);
	/* As it lies in memory. */
	assert_int_equal(got.hash >> 24 | (got.hash >> 8 & 0xff00), plain_sum(0, ip + 20, 109));
	/* IPv6 has none to tell; nor is one told where the hash is. */
	frame_make(&(struct make){ .l4 = MAKE_UDP, .ipv6 = true, .payload = 101 }, &made);
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.status & RIG_IP_ID, 0);
	rig->nic->port.fragment_checksum = false;
	nic_changed(rig->nic);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 101 }, &made);
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	assert_true(rx_take(rx, &got));
	assert_int_equal(got.status & RIG_IP_ID, 0);
}

/* Any bytes at all: no verdict matters, but nothing outside is read (the sanitizers watch). */
static void
test_garbage(void **state)
{
	struct rig *rig = *state;
	uint32_t seed = 1;

	rig->nic->filters.double_vlan = true;
	rig->nic->filters.outer_vlan_etype = 0x88a8;
	for (unsigned int round = 0; round < 20000; round++) {
		uint32_t len = 14 + seed % 120;
		uint8_t *copy = test_malloc(len);
		struct classified seen;

		frame_make(&(struct make){ .l4 = round % 2 ? MAKE_TCP : MAKE_SCTP,
					   .ipv6 = round % 3 == 0, .payload = 90,
					   .tagged = round % 5 == 0 }, &made);
		for (unsigned int i = 0; i < 4; i++) {
			seed = seed * 1103515245 + 12345;
			made.data[12 + (seed >> 8) % 100] = (uint8_t)(seed >> 20);
		}
		memcpy(copy, made.data, len);
		classify(rig->nic, &rig->nic->rss, copy, len, &seen);
		assert_true(seen.rss_type < 10);
		test_free(copy);
	}
}

static void
test_etype_filter(void **state)
{
	struct rig *rig = *state;

	rig->nic->filters.etype[3] = (struct etype_filter){ .enabled = true, .etype = 0x88f7 };
	nic_changed(rig->nic);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 50 }, &made);
	made.data[12] = 0x88;
	made.data[13] = 0xf7;
	rig_poll(rig);
	rx_queue_deliver(rig->nic, &rig->nic->rxq[0],
			 &(struct frame){ .data = made.data, .len = made.len, .source_pool = -1 });
	assert_int_equal(look(rig, &rig->nic->rss).packet_type, 1 << 15 | 3 << 4);
	assert_int_equal(look(rig, &rig->nic->rss).rss_type, 0);
}

static void
test_extension_headers(void **state)
{
	struct rig *rig = *state;
	struct classified seen;
	uint8_t *ip;

	frame_make(&(struct make){ .l4 = MAKE_TCP, .ipv6 = true, .payload = 100 }, &made);
	ip = made.data + made.l3_at;
	/* Destination options of 24 bytes with a home address in front of TCP. */
	memmove(ip + 64, ip + 40, 120);
	made.len += 24;
	ip[5] += 24;
	ip[6] = 60;
	memcpy(ip + 40, (const uint8_t[]){ 6, 2, 1, 2, 0, 0, 0xc9, 16 }, 8);
	memset(ip + 48, 0x5a, 16);
	seen = look(rig, &rig->nic->rss);
	assert_int_equal(seen.packet_type, IPV6 | IPV6_E | TCP);
	assert_int_equal(seen.rss_type, 6);
	rig->nic->rss.types = 1 << 5;
	assert_int_equal(look(rig, &rig->nic->rss).rss_type, 5);
	assert_int_not_equal(look(rig, &rig->nic->rss).hash, seen.hash);
	/* A fragment's ports are not looked at. */
	rig->nic->rss.types = 0x3fe;
	ip[6] = 44;
	memcpy(ip + 40, (const uint8_t[]){ 6, 0, 0, 8, 0, 0, 0, 1 }, 8);
	seen = look(rig, &rig->nic->rss);
	assert_int_equal(seen.packet_type, IPV6 | IPV6_E);
	assert_int_equal(seen.rss_type, 4);
	assert_int_equal(seen.status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_toeplitz),
		RIG_TEST(test_hash_ipv4, setup),
		RIG_TEST(test_hash_ipv6, setup),
		RIG_TEST(test_new_key, setup),
		RIG_TEST(test_queues_by_hash, setup),
		RIG_TEST(test_types_and_verdicts, setup),
		RIG_TEST(test_not_checked, setup),
		RIG_TEST(test_tunnel, setup),
		RIG_TEST(test_fragment_checksum, setup),
		RIG_TEST(test_garbage, setup),
		RIG_TEST(test_etype_filter, setup),
		RIG_TEST(test_extension_headers, setup),
	};

	return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
