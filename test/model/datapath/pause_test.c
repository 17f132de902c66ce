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

#define RING	 32
#define QUANTA	 1000
#define PAUSE_NS (QUANTA * 512)	/* at 1 Gb/s */

static struct made made;
static struct received got;

static int
setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig->nic->port.link_mbps = 1000;
	rig_address(rig, 0, rig_mac(0), 0);
	frame_make(&(struct make){ .l4 = MAKE_UDP, .payload = 400 }, &made);
	*state = rig;
	return 0;
}

/* A MAC control frame. */
static void
control_arrives(struct rig *rig, uint16_t opcode, uint16_t quanta)
{
	uint8_t data[60] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01, 0x02, [12] = 0x88, 0x08 };

	data[14] = (uint8_t)(opcode >> 8);
	data[15] = (uint8_t)opcode;
	data[16] = (uint8_t)(quanta >> 8);
	data[17] = (uint8_t)quanta;
	rig_arrives(rig, data, sizeof(data));
	rig_poll(rig);
}

static unsigned int
sent_after(struct rig *rig, uint64_t ns)
{
	rig->nic->clock.now_ns += ns;
	rig_poll(rig);
	return rig->wire->nb_sent;
}

static void
test_heeded(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);

	rig->nic->port.rx_pause = true;
	control_arrives(rig, 1, QUANTA);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	assert_int_equal(sent_after(rig, PAUSE_NS - 1), 0);
	assert_true(nic_next_event_ns(rig->nic) <= rig->nic->clock.now_ns + 1);
	assert_int_equal(sent_after(rig, 1), 1);
	/* A time of 0 ends it. */
	control_arrives(rig, 1, QUANTA);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	assert_int_equal(sent_after(rig, 1), 1);
	control_arrives(rig, 1, 0);
	assert_int_equal(sent_after(rig, 0), 2);
	assert_int_equal(rig->nic->stats.rx_xoff, 2);
	assert_int_equal(rig->nic->stats.rx_xon, 1);
	assert_int_equal(rig->nic->stats.rx_pause_unsupported, 0);
}

/* It is a frame like others then; as are other MAC control frames, if the host wants them. */
static void
test_not_heeded(void **state)
{
	struct rig *rig = *state;
	struct tx_ring *tx = rig_tx(rig, 0, &rig->nic->pf, RING);
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);

	rx_give(rx, RING - 1);
	rig->nic->filters.all_multicast = true;
	nic_changed(rig->nic);
	control_arrives(rig, 1, QUANTA);
	assert_true(rx_take(rx, &got));
	assert_int_equal(rig->nic->stats.rx_pause_unsupported, 1);
	tx_frame(tx, made.data, made.len);
	tx_bell(tx);
	assert_int_equal(sent_after(rig, 0), 1);
	control_arrives(rig, 2, QUANTA);
	assert_false(rx_take(rx, &got));
	rig->nic->port.pass_control = true;
	control_arrives(rig, 2, QUANTA);
	assert_true(rx_take(rx, &got));
	rig->nic->port.rx_pause = true;
	control_arrives(rig, 1, QUANTA);
	assert_false(rx_take(rx, &got));
}

static void
expect_pause(struct rig *rig, unsigned int which, uint16_t quanta)
{
	const struct kept_frame *frame = &rig->wire->sent[which];
	static const uint8_t head[] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };
	static const uint8_t type[] = { 0x88, 0x08, 0x00, 0x01 };

	assert_int_equal(rig->wire->nb_sent, which + 1);
	assert_int_equal(frame->len, 60);
	assert_memory_equal(frame->data, head, sizeof(head));
	assert_memory_equal(frame->data + 6, rig->nic->mac, MAC_LEN);
	assert_memory_equal(frame->data + 12, type, sizeof(type));
	assert_int_equal(frame->data[16] << 8 | frame->data[17], quanta);
}

/* A ring without room fills the port's memory: stop, stop again, go on. */
static void
test_sent(void **state)
{
	struct rig *rig = *state;
	struct rx_ring *rx = rig_rx(rig, 0, &rig->nic->pf, RING);
	struct port_state *port = &rig->nic->port;

	rx->q->drop_en = false;
	port->tx_pause = port->send_xon = true;
	port->pause_time = QUANTA;
	port->pause_refresh = QUANTA / 2;
	port->high_water = 2 * (made.len + 4);
	port->low_water = made.len + 4;
	for (unsigned int i = 0; i < 2; i++)
		rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 0);
	rig_arrives(rig, made.data, made.len);
	rig_poll(rig);
	expect_pause(rig, 0, QUANTA);
	assert_int_equal(sent_after(rig, PAUSE_NS / 2 - 1), 1);
	assert_int_equal(sent_after(rig, 1), 2);
	expect_pause(rig, 1, QUANTA);
	/* At the low mark is not below it. */
	rx_give(rx, 2);
	rig_poll(rig);
	assert_int_equal(rig->wire->nb_sent, 2);
	rx_give(rx, 1);
	rig_poll(rig);
	expect_pause(rig, 2, 0);
	assert_int_equal(rig->nic->stats.tx_xoff, 2);
	assert_int_equal(rig->nic->stats.tx_xon, 1);
}

static void
test_reset_forgets(void **state)
{
	struct rig *rig = *state;

	rig->nic->port.rx_pause = true;
	control_arrives(rig, 1, QUANTA);
	assert_int_not_equal(nic_next_event_ns(rig->nic), UINT64_MAX);
	datapath_reset(rig->nic, RESET_PF_SOFTWARE, 0);
	assert_int_equal(nic_next_event_ns(rig->nic), UINT64_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		RIG_TEST(test_heeded, setup),
		RIG_TEST(test_not_heeded, setup),
		RIG_TEST(test_sent, setup),
		RIG_TEST(test_reset_forgets, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
