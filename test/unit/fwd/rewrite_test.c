/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cmocka_all.h"

#include <string.h>

#include "rewrite.h"

#define NB 4

/* Addresses are told apart by their last byte; the group's first byte has the group bit. */
#define MAC(first, last) { { (first), 0, 0, 0, 0, (last) } }
#define RX_OWN MAC(0x02, 0x0a)
#define TX_OWN MAC(0x02, 0x0b)
#define HOP MAC(0x02, 0x0c)
#define STRANGER MAC(0x02, 0x01)
#define OTHER MAC(0x02, 0x02)
#define GROUP MAC(0x01, 0x03)

struct frame {
	struct rte_mbuf m;
	struct rte_ether_hdr eth;
};

static const struct {
	const char *what;
	enum mac_mode mode;
	bool has_hop;
	struct rte_ether_hdr in, out;
	bool refused;
} cases[] = {
	{ "none keeps both", MAC_NONE, false, { OTHER, STRANGER, 0 }, { OTHER, STRANGER, 0 } },
	{ "none lets our own pass", MAC_NONE, false, { OTHER, RX_OWN, 0 }, { OTHER, RX_OWN, 0 } },
	{ "swap exchanges", MAC_SWAP, false, { OTHER, STRANGER, 0 }, { STRANGER, OTHER, 0 } },
	{ "swap: no group as source", MAC_SWAP, false, { GROUP, STRANGER, 0 },
	  { STRANGER, TX_OWN, 0 } },
	{ "rewrite with a hop", MAC_REWRITE, true, { RX_OWN, STRANGER, 0 }, { HOP, TX_OWN, 0 } },
	{ "rewrite without", MAC_REWRITE, false, { OTHER, STRANGER, 0 }, { OTHER, TX_OWN, 0 } },
	{ "rewrite keeps a group", MAC_REWRITE, true, { GROUP, STRANGER, 0 },
	  { GROUP, TX_OWN, 0 } },
	{ "sent by the receiving port", MAC_REWRITE, true, { GROUP, RX_OWN, 0 },
	  { GROUP, RX_OWN, 0 }, true },
	{ "sent by the other one", MAC_REWRITE, true, { GROUP, TX_OWN, 0 }, { GROUP, TX_OWN, 0 },
	  true },
};

static void
frame_set(struct frame *frame, const struct rte_ether_hdr *eth)
{
	memset(frame, 0, sizeof(*frame));
	frame->eth = *eth;
	frame->m.buf_addr = &frame->eth;
	frame->m.data_len = sizeof(frame->eth);
	frame->m.pkt_len = sizeof(frame->eth);
}

static void
each_mode_edits_as_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mac_edit edit = {
			.rx_own = RX_OWN,
			.tx_own = TX_OWN,
			.next_hop = { HOP, cases[i].has_hop },
		};
		struct frame frame;
		struct rte_mbuf *m = &frame.m;
		uint16_t kept;

		frame_set(&frame, &cases[i].in);
		kept = mac_edit_for(cases[i].mode)(&edit, &m, 1);
		if (kept != !cases[i].refused ||
		    memcmp(&frame.eth, &cases[i].out, sizeof(frame.eth)) != 0)
			fail_msg("%s", cases[i].what);
	}
}

/* Every pattern of own and strange frames in a burst: the strange ones keep their order, and no
 * frame is lost or doubled.
 */
static void
refused_frames_go_to_the_end(void **state)
{
	static const struct rte_ether_hdr strange = { OTHER, STRANGER, 0 };
	static const struct rte_ether_hdr ours = { OTHER, RX_OWN, 0 };
	struct mac_edit edit = { .rx_own = RX_OWN, .tx_own = TX_OWN };

	(void)state;
	for (unsigned int pattern = 0; pattern < 1 << NB; pattern++) {
		struct frame frames[NB];
		struct rte_mbuf *m[NB];
		unsigned int seen = 0;
		uint16_t kept;

		for (int i = 0; i < NB; i++) {
			frame_set(&frames[i], (pattern & 1 << i) != 0 ? &ours : &strange);
			m[i] = &frames[i].m;
		}
		kept = mac_edit_for(MAC_REWRITE)(&edit, m, NB);
		assert_int_equal(kept, NB - __builtin_popcount(pattern));
		for (int i = 0; i < NB; i++) {
			int which = (int)((struct frame *)m[i] - frames);

			seen |= 1 << which;
			assert_int_equal((pattern & 1 << which) == 0, i < kept);
			if (i > 0 && i < kept)
				assert_true(m[i] > m[i - 1]);
		}
		assert_int_equal(seen, (1 << NB) - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mode_edits_as_it_says),
		cmocka_unit_test(refused_frames_go_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
