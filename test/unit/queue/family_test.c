/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include "family.h"
#include "port.h"
#include "rxq.h"
#include "txq.h"

#define PF  (&family_82576_pf)
#define VF  (&family_82576_vf)
#define PF_82599 (&family_82599_pf)
#define VF_82599 (&family_82599_vf)

/* The addresses are those of the sheet's tables (3.1 to 3.3), not computed. */
static void
test_queue_registers(void **state)
{
	static const struct {
		const char *what;
		const struct queue_bank *bank;
		uint16_t queue;
		uint32_t reg_in_block, expect;
	} cases[] = {
		{ "PF RDBAL(0)", &family_82576_pf.rxq, 0, RXQ_RDBAL, 0xc000 },
		{ "PF RDT(7)", &family_82576_pf.rxq, 7, RXQ_RDT, 0xc1d8 },
		{ "PF RXDCTL(15)", &family_82576_pf.rxq, 15, RXQ_RXDCTL, 0xc3e8 },
		{ "PF TDBAL(0)", &family_82576_pf.txq, 0, TXQ_TDBAL, 0xe000 },
		{ "PF TDT(8)", &family_82576_pf.txq, 8, TXQ_TDT, 0xe218 },
		{ "PF TDWBAH(15)", &family_82576_pf.txq, 15, TXQ_TDWBAH, 0xe3fc },
		{ "VF RDBAL(0)", &family_82576_vf.rxq, 0, RXQ_RDBAL, 0x2800 },
		{ "VF RDBAH(0)", &family_82576_vf.rxq, 0, RXQ_RDBAH, 0x2804 },
		{ "VF RDLEN(1)", &family_82576_vf.rxq, 1, RXQ_RDLEN, 0x2908 },
		{ "VF RDH(1)", &family_82576_vf.rxq, 1, RXQ_RDH, 0x2910 },
		{ "VF RXDCTL(1)", &family_82576_vf.rxq, 1, RXQ_RXDCTL, 0x2928 },
		{ "VF TDT(0)", &family_82576_vf.txq, 0, TXQ_TDT, 0x3818 },
		{ "VF TXDCTL(1)", &family_82576_vf.txq, 1, TXQ_TXDCTL, 0x3928 },
		{ "VF TDWBAL(0)", &family_82576_vf.txq, 0, TXQ_TDWBAL, 0x3838 },
		/* 82599 sheet, 3.1. */
		{ "82599 PF RDBAL(0)", &family_82599_pf.rxq, 0, RXQ_RDBAL, 0x1000 },
		{ "82599 PF RXDCTL(63)", &family_82599_pf.rxq, 63, RXQ_RXDCTL, 0x1fe8 },
		{ "82599 PF RDBAL(64)", &family_82599_pf.rxq, 64, RXQ_RDBAL, 0xd000 },
		{ "82599 PF RDT(127)", &family_82599_pf.rxq, 127, RXQ_RDT, 0xdfd8 },
		{ "82599 PF TDBAL(0)", &family_82599_pf.txq, 0, TXQ_TDBAL, 0x6000 },
		{ "82599 PF TDT(64)", &family_82599_pf.txq, 64, TXQ_TDT, 0x7018 },
		{ "82599 PF TDWBAH(127)", &family_82599_pf.txq, 127, TXQ_TDWBAH, 0x7ffc },
		{ "82599 VF RDT(7)", &family_82599_vf.rxq, 7, RXQ_RDT, 0x11d8 },
		{ "82599 VF TXDCTL(1)", &family_82599_vf.txq, 1, TXQ_TXDCTL, 0x2068 },
		{ "X540 PF RDH(127)", &family_x540_pf.rxq, 127, RXQ_RDH, 0xdfd0 },
		{ "X540 VF TDH(3)", &family_x540_vf.txq, 3, TXQ_TDH, 0x20d0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct reg reg = queue_reg(cases[i].bank, cases[i].queue, cases[i].reg_in_block);

		failed += differs(cases[i].what, cases[i].expect, reg.offset);
	}
	assert_int_equal(failed, 0);
}

static void
test_second_bank(void **state)
{
	static const struct queue_bank bank = {
		.base = 0x1000, .high_base = 0xd000, .split = 64, .count = 128, .stride = 0x40,
	};

	(void)state;
	assert_int_equal(queue_reg(&bank, 63, RXQ_RDT).offset, 0x1fd8);
	assert_int_equal(queue_reg(&bank, 64, RXQ_RDT).offset, 0xd018);
	assert_int_equal(queue_reg(&bank, 127, RXQ_RDT).offset, 0xdfd8);
}

static void
test_port_queues(void **state)
{
	const struct port pf_of_three = { .family = PF, .first_queue = 3 };
	const struct port vf = { .family = VF };
	const struct port pf_82599_of_63 = { .family = PF_82599, .first_queue = 126 };

	(void)state;
	assert_int_equal(port_hw_queue(&pf_of_three, 0), 3);
	assert_int_equal(port_hw_queue(&pf_of_three, 1), 11);
	assert_int_equal(port_hw_queue(&vf, 0), 0);
	assert_int_equal(port_hw_queue(&vf, 1), 1);
	assert_int_equal(port_hw_queue(&pf_82599_of_63, 1), 127);
}

static void
test_control_words(void **state)
{
	(void)state;
	for (const struct family **row = (const struct family *[]){ PF, VF, NULL }; *row; row++) {
		const struct family *family = *row;

		/* WTHRESH 1 in bits 20:16: anything larger loses write-backs. */
		assert_int_equal(family->rxdctl_thresholds, 0x00010808);
		assert_int_equal(family->txdctl_thresholds, 0x00010108);
		assert_int_equal(field_set(family->srrctl_buffer_kb,
					   family->srrctl_one_buffer | family->srrctl_drop_en, 2),
				 0x82000002);
		assert_int_equal(family->rxd_errors, 0x97000000);
		assert_true(family->max_frame_bytes <= 0x2600);
	}
	assert_true(VF->rx_always_drop);
}

/* 82599 sheet, 3.3, 3.4, 4.2, 4.5. */
static void
test_control_words_82599(void **state)
{
	static const struct family *const rows[] = {
		&family_82599_pf, &family_82599_vf, &family_x540_pf, &family_x540_vf,
	};

	(void)state;
	for (size_t i = 0; i < CASES(rows); i++) {
		const struct family *family = rows[i];

		assert_int_equal(family->rxdctl_thresholds, 0);
		/* PTHRESH + WTHRESH <= 40, and WTHRESH 0 as not every descriptor reports. */
		assert_int_equal(family->txdctl_thresholds, 0x00000120);
		assert_true(family->max_rs_thresh - 1 + family->max_tx_segments <= 40);
		assert_int_equal(field_set(family->srrctl_buffer_kb,
					   family->srrctl_one_buffer | family->srrctl_drop_en, 2),
				 0x12000402);
		assert_int_equal(family->rxq_srrctl, 0x14);
		assert_int_equal(family->rxd_errors, 0x20000000);
		assert_int_equal(family->txd_status, 0x80);
		assert_int_equal(field_get(family->eitr_interval, UINT32_MAX), 0x1ff);
	}
	assert_true(VF_82599->rx_always_drop);
	/* On 82599 the limit's bits must stay 0. */
	assert_int_equal(VF_82599->rxdctl_max_frame | VF_82599->rxdctl_max_frame_enable, 0);
	assert_int_equal(field_set(family_x540_vf.rxdctl_max_frame,
				   family_x540_vf.rxdctl_max_frame_enable, 9728), 0xa600);
	assert_int_equal(PF->txd_status | VF->txd_status, 0);
	assert_int_equal(PF->txd_default_context[2] | VF->txd_default_context[2], 0);
}

static void
test_buffer_size(void **state)
{
	static const struct {
		const char *what;
		uint16_t data_room, kb;
	} cases[] = {
		{ "nothing but headroom", RTE_PKTMBUF_HEADROOM, 0 },
		{ "less than the headroom", RTE_PKTMBUF_HEADROOM - 1, 0 },
		{ "a byte too few", RTE_PKTMBUF_HEADROOM + 1023, 0 },
		{ "the smallest", RTE_PKTMBUF_HEADROOM + 1024, 1 },
		{ "rounded down", RTE_PKTMBUF_HEADROOM + 2047, 1 },
		{ "DPDK's default", RTE_MBUF_DEFAULT_BUF_SIZE, 2 },
		{ "as large as any frame", RTE_PKTMBUF_HEADROOM + 16384, 16 },
		{ "larger is no use", UINT16_MAX, 16 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].kb,
				  rxq_buffer_kb(VF, cases[i].data_room));
	assert_int_equal(failed, 0);
}

/* SRRCTL.RDMTS in Intel's public data sheets. */
static void
test_low_threshold(void **state)
{
	static const struct {
		const char *what;
		const struct family *family;
		uint16_t size, expect;
	} cases[] = {
		{ "82576 PF, the smallest ring", &family_82576_pf, 32, 16 },
		{ "82576 VF: half of it, rounded down", &family_82576_vf, 120, 48 },
		{ "I350 PF", &family_i350_pf, 512, 256 },
		{ "82576 VF, the largest: as many as there can be", &family_82576_vf, 4096, 496 },
		{ "82599 PF: too small a ring", &family_82599_pf, 120, 0 },
		{ "82599 VF: just large enough", &family_82599_vf, 128, 64 },
		{ "X540 VF", &family_x540_vf, 512, 256 },
		{ "X550 PF, the largest", &family_x550_pf, 4096, 448 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++)
		failed += differs(cases[i].what, cases[i].expect,
				  rxq_low_threshold(cases[i].family, cases[i].size));
	assert_int_equal(failed, 0);
}

static void
test_tx_limits(void **state)
{
	static const struct {
		const char *what;
		uint16_t size, rs, free, expect_rs, expect_free, expect_segments;
	} cases[] = {
		{ "defaults", 512, 32, 32, 32, 32, 64 },
		{ "the smallest ring", 32, 32, 32, 8, 16, 24 },
		{ "every descriptor", 32, 1, 1, 1, 1, 31 },
		{ "more than the ring", 128, 4096, 4096, 32, 64, 64 },
		{ "not a power of two", 40, 32, 32, 10, 20, 30 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct txq q = { .size = cases[i].size };

		txq_set_limits(&q, VF, cases[i].rs, cases[i].free);
		failed += differs(cases[i].what, cases[i].expect_rs, q.rs_thresh);
		failed += differs(cases[i].what, cases[i].expect_free, q.free_thresh);
		failed += differs(cases[i].what, cases[i].expect_segments, q.max_segments);
	}
	assert_int_equal(failed, 0);
}

static void
test_ring_arithmetic(void **state)
{
	(void)state;
	assert_int_equal(ring_next(0, 40), 1);
	assert_int_equal(ring_next(39, 40), 0);
	assert_int_equal(ring_run(0, 40, 40), 40);
	assert_int_equal(ring_run(38, 10, 40), 2);
	assert_int_equal(ring_run(38, 1, 40), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queue_registers),
		cmocka_unit_test(test_second_bank),
		cmocka_unit_test(test_port_queues),
		cmocka_unit_test(test_control_words),
		cmocka_unit_test(test_control_words_82599),
		cmocka_unit_test(test_buffer_size),
		cmocka_unit_test(test_low_threshold),
		cmocka_unit_test(test_tx_limits),
		cmocka_unit_test(test_ring_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
