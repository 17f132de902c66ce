/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "switch_rig.h"

const uint8_t broadcast[MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const uint8_t multicast[MAC_LEN] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x05 };
const uint8_t stranger[MAC_LEN] = { 0x02, 0, 0, 0, 0x77, 0x77 };
struct made made;
struct received got;

int
switch_setup(void **state)
{
	struct rig *rig = rig_create(NULL);

	rig_virtualise(rig, POOLS);
	for (unsigned int p = 0; p < POOLS; p++) {
		unsigned int q = p * RIG_QUEUES_PER_POOL;

		rx_give(rig_rx(rig, q, &rig->nic->vf[p], RING), RING - 1);
		rig_tx(rig, q, &rig->nic->vf[p], RING);
	}
	*state = rig;
	return 0;
}

unsigned int
send_made(struct rig *rig, int from)
{
	unsigned int reached = 0, before = rig->wire->nb_sent;

	if (from == WIRE) {
		rig_arrives(rig, made.data, made.len);
	} else {
		struct tx_ring *tx = &rig->tx[from * RIG_QUEUES_PER_POOL];

		tx_frame(tx, made.data, made.len);
		tx_bell(tx);
	}
	rig_poll(rig);
	for (unsigned int p = 0; p < POOLS; p++) {
		struct rx_ring *rx = &rig->rx[p * RIG_QUEUES_PER_POOL];

		while (rx_take(rx, &got)) {
			assert_int_equal((got.status & RIG_LOOPBACK) != 0, from != WIRE);
			assert_int_equal(reached >> p & 1, 0);
			reached |= 1u << p;
			rx_give(rx, 1);
		}
	}
	assert_true(rig->wire->nb_sent - before <= 1);
	if (rig->wire->nb_sent > before)
		reached |= TO_WIRE;
	rig->wire->nb_sent = 0;
	return reached;
}

unsigned int
send_frame(struct rig *rig, int from, const uint8_t *dst, int vid)
{
	frame_make(&(struct make){ .dst = dst, .src = from == WIRE ? stranger : rig_mac(from),
				   .l4 = MAKE_UDP, .payload = 60, .tagged = vid >= 0,
				   .tci = (uint16_t)vid }, &made);
	return send_made(rig, from);
}

void
expect(struct rig *rig, const char *what, int from, const uint8_t *dst, int vid,
       unsigned int wanted)
{
	unsigned int reached = send_frame(rig, from, dst, vid);

	if (reached != wanted)
		fail_msg("%s: from %d vid %d reached %#x, not %#x", what, from, vid, reached,
			 wanted);
}

