/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "frame_make.h"
#include "port_rig.h"

#define RING 128

static struct made made, whole;

static struct tx_context
context_of(const struct made *frame, enum l4 l4)
{
	struct tx_context context = {
		.mac_len = (uint8_t)frame->l3_at,
		.ip_len = (uint16_t)(frame->l4_at - frame->l3_at),
		.l4_len = (uint8_t)(frame->payload_at - frame->l4_at),
		.ipv4 = frame->data[frame->l3_at] >> 4 == 4,
		.l4_type = l4 == MAKE_TCP ? 1 : l4 == MAKE_SCTP ? 2 : 0,
	};

	return context;
}

static uint8_t *
l4_field(struct made *frame, enum l4 l4)
{
	return frame->data + frame->l4_at + (l4 == MAKE_TCP ? 16 : l4 == MAKE_SCTP ? 8 : 6);
}

/* The frame as software hands it over must become the frame with right checksums. */
static void
check_insertion(struct rig *rig, struct tx_ring *tx, const struct make *make)
{
	struct make bare = *make;
	struct tx_context context;
	unsigned int before = rig->wire->nb_sent;

	frame_make(make, &whole);
	bare.no_sums = true;
	frame_make(&bare, &made);
	if (make->l4 != MAKE_SCTP)
		put16(l4_field(&made, make->l4), pseudo_sum(&made, true));
	context = context_of(&made, make->l4);
	tx_put_context(tx, &context, 1);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | TXD_RS,
	       (make->ipv6 ? 0 : STA_IXSM) | STA_TXSM | 1u << 4 | made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, before + 1);
	assert_int_equal(rig->wire->sent[before].len, whole.len);
	assert_memory_equal(rig->wire->sent[before].data, whole.data, whole.len);
	assert_true(frame_sums_are_right(rig->wire->sent[before].data, whole.len));
}

static void
test_checksums(void **state)
{
	static const enum l4 l4s[] = { MAKE_UDP, MAKE_TCP, MAKE_SCTP };
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	for (unsigned int i = 0; i < 24; i++) {
		struct make make = {
			.l4 = l4s[i % 3], .ipv6 = i / 3 % 2 != 0, .tagged = i / 6 % 2 != 0,
			.ip_options = i / 6 % 2 != 0, .payload = 61 + 100 * i, .sport = 7,
		};

		check_insertion(rig, tx, &make);
	}
	assert_int_equal(rig->nic->odd.bad_descriptors, 0);
}

/* A UDP sum that comes out as 0 is sent as all ones. */
static void
test_udp_sum_of_zero(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	struct make make = { .l4 = MAKE_UDP, .payload = 100, .no_sums = true };
	struct tx_context context;
	uint16_t sum;

	frame_make(&make, &made);
	put16(l4_field(&made, MAKE_UDP), pseudo_sum(&made, true));
	sum = plain_sum(0, made.data + made.l4_at, 108);
	put16(made.data + made.payload_at, get16(made.data + made.payload_at) + 0xffff - sum);
	assert_int_equal(plain_sum(0, made.data + made.l4_at, 108), 0xffff);
	context = context_of(&made, MAKE_UDP);
	tx_put_context(tx, &context, 0);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, STA_TXSM | made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 1);
	assert_int_equal(get16(rig->wire->sent[0].data + made.l4_at + 6), 0xffff);
}

static void
test_offsets_outside(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	struct tx_context context = { .mac_len = 127, .ip_len = 511, .ipv4 = true, .l4_type = 1 };

	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 100 }, &made);
	tx_put_context(tx, &context, 0);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, STA_TXSM | made.len << 14);
	tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, STA_IXSM | made.len << 14);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->nic->odd.bad_descriptors, 2);
	assert_int_equal(rig->wire->nb_sent, 0);
}

/* Put a frame to be segmented, over several descriptors if it is long. */
static void
put_segmented(struct tx_ring *tx, const struct make *make, uint16_t mss, uint16_t tag)
{
	struct make bare = *make;
	struct tx_context context;
	uint32_t header, at = 0, sta, cmd = TXD_DATA | TXD_TSE | (tag != 0 ? TXD_VLE : 0);

	bare.no_sums = true;
	frame_make(&bare, &made);
	put16(l4_field(&made, make->l4), pseudo_sum(&made, false));
	if (make->ipv6)
		put16(made.data + made.l3_at + 4, 0);
	else
		put16(made.data + made.l3_at + 2, 0);
	header = made.payload_at;
	context = context_of(&made, make->l4);
	context.mss = mss;
	context.vlan = tag;
	tx_put_context(tx, &context, 0);
	sta = (make->ipv6 ? 0 : STA_IXSM) | STA_TXSM | (made.len - header) << 14;
	while (at < made.len) {
		uint32_t part = at == 0 ? header : made.len - at;

		part = part > 5000 ? 5000 : part;
		tx_put(tx, made.data + at, part,
		       cmd | (at + part == made.len ? TXD_EOP | TXD_RS : 0), sta);
		at += part;
	}
	tx_bell(tx);
}

/* One segment against the frame it was cut from, which is in made. */
static void
check_segment(const struct kept_frame *sent, const struct make *make, uint32_t shift,
	      uint32_t *done, uint32_t mss)
{
	const uint8_t *data = sent->data;
	uint32_t header = made.payload_at + shift, left = make->payload - *done;
	uint32_t part = left < mss ? left : mss;
	const uint8_t *ip = data + made.l3_at + shift, *l4 = data + made.l4_at + shift;

	assert_int_equal(sent->len, header + part < 60 ? 60 : header + part);
	assert_true(frame_sums_are_right(data, sent->len));
	assert_memory_equal(data + header, made.data + made.payload_at + *done, part);
	if (make->ipv6) {
		assert_int_equal(get16(ip + 4), part + made.payload_at - made.l4_at);
	} else {
		assert_int_equal(get16(ip + 2), part + made.payload_at - made.l3_at);
		assert_int_equal(get16(ip + 4), 0x1234 + *done / mss);
	}
	if (make->l4 == MAKE_TCP) {
		bool first = *done == 0, last = part == left;

		assert_int_equal(get32(l4 + 4), 0x0102ff00 + *done);
		assert_int_equal(l4[13], 0x10 | (first ? 0x80 : 0) | (last ? 0x09 : 0));
	} else {
		assert_int_equal(get16(l4 + 4), part + 8);
	}
	*done += part;
}

static void
test_segmentation(void **state)
{
	static const struct {
		struct make make;
		uint16_t mss, tag;
	} cases[] = {
		{ { .l4 = MAKE_TCP, .payload = 10000 }, 1460, 0 },
		{ { .l4 = MAKE_TCP, .payload = 14600 }, 1460, 0 },
		{ { .l4 = MAKE_TCP, .payload = 1000 }, 1460, 0 },
		{ { .l4 = MAKE_TCP, .payload = 65000, .ipv6 = true }, 1440, 0 },
		{ { .l4 = MAKE_UDP, .payload = 9001 }, 1472, 0 },
		{ { .l4 = MAKE_UDP, .payload = 5001, .ipv6 = true }, 1000, 0 },
		{ { .l4 = MAKE_TCP, .payload = 300 }, 1, 0 },
		{ { .l4 = MAKE_TCP, .payload = 7777, .tagged = true, .tci = 5 }, 1448, 0 },
		{ { .l4 = MAKE_TCP, .payload = 7777 }, 1460, 0x2064 },
	};
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct make *make = &cases[i].make;
		uint32_t mss = cases[i].mss, done = 0, nb = (make->payload + mss - 1) / mss;
		uint32_t shift = cases[i].tag != 0 ? 4 : 0, at;

		rig->wire->nb_sent = 0;
		put_segmented(tx, make, cases[i].mss, cases[i].tag);
		at = tx->next == 0 ? RING - 1 : tx->next - 1;
		rig_poll(rig);
		assert_true(tx_done(tx, at));
		nb = nb > RIG_KEPT ? RIG_KEPT : nb;
		assert_int_equal(rig->wire->nb_sent, nb);
		for (uint32_t k = 0; k < nb; k++)
			check_segment(&rig->wire->sent[k], make, shift, &done, mss);
		if (shift != 0)
			assert_int_equal(get32(rig->wire->sent[0].data + 12), 0x81002064);
	}
	assert_int_equal(rig->nic->odd.bad_descriptors, 0);
}

static void
test_segmentation_refused(void **state)
{
	static const struct tx_context contexts[] = {
		{ .mac_len = 14, .ip_len = 20, .l4_len = 20, .ipv4 = true, .l4_type = 1 },
		{ .mac_len = 14, .ip_len = 20, .l4_len = 20, .ipv4 = true, .l4_type = 3,
		  .mss = 1000 },
		{ .mac_len = 14, .ip_len = 20, .l4_len = 8, .ipv4 = true, .l4_type = 1,
		  .mss = 1000 },
		{ .mac_len = 14, .ip_len = 20, .l4_len = 20, .l4_type = 1, .mss = 1000 },
		{ .mac_len = 127, .ip_len = 511, .l4_len = 255, .ipv4 = true, .l4_type = 1,
		  .mss = 16000 },
	};
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	frame_make(&(struct make){ .l4 = MAKE_TCP, .payload = 2000 }, &made);
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		uint32_t header = contexts[i].mac_len + contexts[i].ip_len + contexts[i].l4_len;

		tx_put_context(tx, &contexts[i], 0);
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_TSE | TXD_EOP,
		       (made.len - header) << 14);
		tx_bell(tx);
		rig_poll(rig);
		assert_int_equal(rig->nic->odd.bad_descriptors, i + 1);
	}
	assert_int_equal(rig->wire->nb_sent, 0);
}

static void
test_padding(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 18 }, &made);
	tx_frame(tx, made.data, 42);
	memset(tx->buffers + 42, 0xff, 20);
	tx_bell(tx);
	rig_poll(rig);
	rig->nic->port.pad_tx = false;
	tx_frame(tx, made.data, 42);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 2);
	assert_int_equal(rig->wire->sent[0].len, 60);
	for (unsigned int i = 42; i < 60; i++)
		assert_int_equal(rig->wire->sent[0].data[i], 0);
	assert_int_equal(rig->wire->sent[1].len, 42);
}

static void
test_vlan_insertion(void **state)
{
	static const struct tx_context context = { .mac_len = 14, .l4_type = 3, .vlan = 0xa123 };
	struct rig *rig = *state;
	struct tx_ring *tx;
	const struct kept_frame *sent;

	rig_virtualise(rig, 2);
	tx = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	sent = rig->wire->sent;
	frame_make(&(struct make){ .dst = rig_mac(40), .l4 = MAKE_UDP, .payload = 99 }, &made);
	tx_put_context(tx, &context, 0);
	for (unsigned int i = 0; i < 3; i++) {
		static const enum vlan_insert insert[] = {
			VLAN_BY_DESCRIPTOR, VLAN_DEFAULT, VLAN_NEVER,
		};

		rig->nic->pool[0].vlan_insert = insert[i];
		rig->nic->pool[0].default_tag = 0x4007;
		nic_changed(rig->nic);
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | TXD_VLE, made.len << 14);
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP, made.len << 14);
		tx_bell(tx);
		rig_poll(rig);
	}
	assert_int_equal(rig->wire->nb_sent, 6);
	assert_int_equal(get32(sent[0].data + 12), 0x8100a123);
	assert_memory_equal(sent[0].data, made.data, 12);
	assert_memory_equal(sent[0].data + 16, made.data + 12, made.len - 12);
	assert_int_equal(sent[0].len, made.len + 4);
	assert_int_equal(sent[1].len, made.len);
	assert_int_equal(get32(sent[2].data + 12), 0x81004007);
	assert_int_equal(get32(sent[3].data + 12), 0x81004007);
	assert_int_equal(sent[4].len, made.len);
	assert_int_equal(sent[5].len, made.len);
}

static void
test_legacy(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	const struct kept_frame *sent = rig->wire->sent;
	struct make make = { .l4 = MAKE_TCP, .payload = 101 };
	uint32_t cso, css;

	frame_make(&make, &whole);
	make.no_sums = true;
	frame_make(&make, &made);
	memcpy(made.data + made.l3_at + 10, whole.data + made.l3_at + 10, 2);
	put16(l4_field(&made, MAKE_TCP), pseudo_sum(&made, true));
	cso = made.l4_at + 16;
	css = made.l4_at;
	tx_put(tx, made.data, 60, 0, 0);
	tx_put(tx, made.data + 60, made.len - 60,
	       TXD_EOP | TXD_IC | TXD_RS | TXD_VLE | cso << 16, 0x3009u << 16 | css << 8);
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 1);
	assert_true(tx_done(tx, 1));
	assert_int_equal(get32(sent[0].data + 12), 0x81003009);
	assert_memory_equal(sent[0].data + 16, whole.data + 12, whole.len - 12);
}

/* More of what must be copied than the NIC has room for at once. */
static void
test_many_tagged(void **state)
{
	static const struct tx_context context = { .mac_len = 14, .l4_type = 3, .vlan = 3 };
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 9000 - 42 }, &made);
	tx_put_context(tx, &context, 0);
	for (unsigned int i = 0; i < 100; i++) {
		made.data[made.payload_at] = (uint8_t)i;
		tx_put(tx, made.data, made.len, TXD_DATA | TXD_EOP | TXD_VLE | TXD_RS,
		       made.len << 14);
	}
	tx_bell(tx);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 100);
	for (unsigned int i = 0; i < 100; i++) {
		made.data[made.payload_at] = (uint8_t)i;
		assert_int_equal(rig->wire->sent[i].len, made.len + 4);
		assert_memory_equal(rig->wire->sent[i].data + 16, made.data + 12, made.len - 12);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(test_checksums, rig_setup),
		RIG_TEST(test_udp_sum_of_zero, rig_setup),
		RIG_TEST(test_offsets_outside, rig_setup),
		RIG_TEST(test_segmentation, rig_setup),
		RIG_TEST(test_segmentation_refused, rig_setup),
		RIG_TEST(test_padding, rig_setup),
		RIG_TEST(test_vlan_insertion, rig_setup),
		RIG_TEST(test_legacy, rig_setup),
		RIG_TEST(test_many_tagged, rig_setup),
	};

	return cmocka_run_group_tests_name("offloads", tests, NULL, NULL);
}
