/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Which registers lead queues to vectors and arm these, on registers in plain memory. */
#include <errno.h>

#include "cases.h"

#include "queue_interrupts.h"

#define BAR_BYTES 0x20000
#define QUEUES	  16

/** A port of @p queues Rx queues, the first of which is the function's queue @p first. */
struct rig {
	struct port port;
	struct rte_eth_dev_data data;
	struct rte_eth_dev dev;
};

static uint8_t bar[BAR_BYTES];

static void
open_rig(struct rig *rig, const struct family *family, uint16_t first, uint16_t queues,
	 uint16_t nb_vfs)
{
	memset(bar, 0, sizeof(bar));
	*rig = (struct rig){ .port.io.bar = bar };
	port_share_family(&rig->port, family);
	rig->port.first_queue = first;
	rig->dev.data = &rig->data;
	rig->data.dev_private = &rig->port;
	rig->data.nb_rx_queues = queues;
	rig->data.dev_conf.intr_conf.rxq = 1;
	assert_int_equal(rx_interrupts_init(&rig->port, "test", nb_vfs, 0), 0);
}

static uint32_t
word(uint32_t offset)
{
	return *(uint32_t *)&bar[offset];
}

/* 82576 sheet, 6.2, 6.3, 6.6; 82599 sheet, 6.1, 6.2, 6.4. */
static void
test_registers(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint16_t first, queues, nb_vfs, id;	/**< id: the queue that is looked at */
		uint32_t ivar, ivar_word, arm, arm_bit;
	} cases[] = {
		{ "82576 PF, queue 0", &family_82576_pf, 0, 1, 0, 0,
		  0x1700, 0x00000081, 0x1524, 1 << 1 },
		{ "82576 PF behind 7 VFs: queues 7 and 15", &family_82576_pf, 7, 2, 7, 1,
		  0x171c, 0x00820081, 0x1524, 1 << 2 },
		{ "I350 PF behind 3 VFs: queue 3", &family_i350_pf, 3, 1, 3, 0,
		  0x1704, 0x00810000, 0x1524, 1 << 1 },
		{ "82576 VF, second queue", &family_82576_vf, 0, 2, 0, 1,
		  0x1700, 0x00820081, 0x1524, 1 << 2 },
		{ "82599 PF, queue 40: the second register", &family_82599_pf, 0, 64, 0, 40,
		  0x0950, 0x00aa00a9, 0x0aa4, 1 << 9 },
		{ "82599 PF, queue 63: shares the first one's", &family_82599_pf, 0, 64, 0, 63,
		  0x097c, 0x008100bf, 0x0aa0, 1 << 1 },
		{ "82599 PF behind 63 VFs: queue 127", &family_82599_pf, 126, 2, 63, 1,
		  0x09fc, 0x00820081, 0x0aa0, 1 << 2 },
		{ "82599 VF, queue 3: shares the second one's", &family_82599_vf, 0, 4, 0, 3,
		  0x0124, 0x00820081, 0x0108, 1 << 2 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		const char *what = cases[i].what;
		struct rig rig;

		open_rig(&rig, cases[i].family, cases[i].first, cases[i].queues,
			 cases[i].nb_vfs);
		rx_interrupts_start(&rig.dev);
		failed += differs(what, cases[i].ivar_word, word(cases[i].ivar));
		failed += differs(what, 0, word(cases[i].arm));
		rxq_interrupt_enable(&rig.dev, cases[i].id);
		failed += differs(what, cases[i].arm_bit, word(cases[i].arm));
		rx_interrupts_stop(&rig.dev);
		failed += differs(what, 0, word(cases[i].ivar));
	}
	assert_int_equal(failed, 0);
}

static void
test_vectors(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint16_t nb_vfs, queues, expect;
	} cases[] = {
		{ "as many as queues", &family_82576_pf, 0, 2, 2 },
		{ "no more than the table has", &family_82576_pf, 0, QUEUES, 9 },
		{ "5 VFs leave as many", &family_82576_pf, 5, QUEUES, 9 },
		{ "6 VFs leave fewer", &family_82576_pf, 6, QUEUES, 6 },
		{ "7 VFs leave 3", &family_82576_pf, 7, QUEUES, 3 },
		{ "I350 with 7 VFs", &family_i350_pf, 7, QUEUES, 3 },
		{ "82599's VFs take none", &family_82599_pf, 63, 128, 63 },
		{ "a VF has 2", &family_82599_vf, 0, 8, 2 },
		{ "no queue, no vector", &family_82599_vf, 0, 0, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rig rig;

		open_rig(&rig, cases[i].family, 0, cases[i].queues, cases[i].nb_vfs);
		failed += differs(cases[i].what, cases[i].expect, nb_rx_vectors(&rig.dev));
	}
	assert_int_equal(failed, 0);
}

/* 82599 sheet, 6.3: the unit is ten times as long at 100 Mb/s. 82576 sheet, 6.4: it is not. */
static void
test_link_speed(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint32_t mbps, offset, expect;
	} cases[] = {
		{ "X540 at 10 Gb/s", &family_x540_pf, 10000, 0x0824, 100000 / 2048 << 3 },
		{ "X540 at 1 Gb/s", &family_x540_pf, 1000, 0x0824, 100000 / 2048 << 3 },
		{ "X540 at 100 Mb/s", &family_x540_pf, 100, 0x0824, 100000 / 20480 << 3 },
		{ "X540 without link", &family_x540_pf, 0, 0x0824, 100000 / 2048 << 3 },
		{ "82576 at 100 Mb/s", &family_82576_pf, 100, 0x1684, 100 << 2 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rig rig;

		open_rig(&rig, cases[i].family, 0, 1, 0);
		rig.port.itr_ns[1] = 100000;
		rig.data.dev_link.link_speed = cases[i].mbps;
		moderation_write(&rig.dev, 1, false);
		failed += differs(cases[i].what, cases[i].expect, word(cases[i].offset));
		moderation_write(&rig.dev, 1, true);
		failed += differs(cases[i].what, cases[i].expect | UINT32_C(1) << 31,
				  word(cases[i].offset));
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_link_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
