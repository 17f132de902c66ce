/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "cases.h"

#include "ring_start.h"

#define BAR_BYTES 0x4000

/* A BAR of plain memory: what is written is read back. */
static uint32_t bar[BAR_BYTES / sizeof(uint32_t)];
static const struct mmio io = { .bar = (volatile uint8_t *)bar };

static uint32_t
at(uint32_t offset)
{
	return bar[offset / sizeof(bar[0])];
}

static int
clear_bar(void **state)
{
	(void)state;
	memset(bar, 0, sizeof(bar));
	return 0;
}

/* Head and tail are where the last user left them: a reset of a VF does not touch them. */
static void
test_load_and_enable(void **state)
{
	const struct ring ring = {
		.bank = &family_82576_vf.rxq,
		.queue = 1,
		.address = UINT64_C(0x123456780),
		.bytes = 512 * 16,
		.control = family_82576_vf.rxdctl_thresholds,
	};

	(void)state;
	bar[0x2910 / 4] = 77;
	bar[0x2918 / 4] = 78;
	bar[0x2928 / 4] = QUEUE_ENABLE;
	assert_int_equal(ring_load(&io, &ring), 0);
	assert_int_equal(at(0x2900), 0x23456780);
	assert_int_equal(at(0x2904), 1);
	assert_int_equal(at(0x2908), 8192);
	assert_int_equal(at(0x2910), 0);
	assert_int_equal(at(0x2918), 0);
	assert_int_equal(at(0x2928) & QUEUE_ENABLE, 0);
	assert_int_equal(ring_enable(&io, &ring), 0);
	assert_int_equal(at(0x2928), 0x02010808);

	/* The other queue of the VF was none of its business. */
	for (uint32_t offset = 0x2800; offset < 0x2900; offset += sizeof(bar[0]))
		assert_int_equal(at(offset), 0);
}

static void
test_disable(void **state)
{
	(void)state;
	bar[0x3828 / 4] = 0x02010108;
	assert_int_equal(ring_disable(&io, &family_82576_vf.txq, 0), 0);
	assert_int_equal(at(0x3828), 0x00010108);
}

/* A device that left the bus reads all ones: no waiting, no writing. */
static void
test_gone(void **state)
{
	(void)state;
	memset(bar, 0xff, sizeof(bar));
	assert_int_equal(ring_disable(&io, &family_82576_vf.rxq, 0), 0);
	assert_int_equal(at(0x2828), UINT32_MAX);
}

/* What is not for the application to choose, or beyond the hardware, is replaced. */
static void
test_thresholds(void **state)
{
	static const struct {
		const char *what;
		const uint32_t *word;
		const struct ring_thresholds *choice;
		struct rte_eth_thresh wanted;
		uint32_t expect;
	} cases[] = {
#define GBE_RX	&family_82576_vf.rxdctl_thresholds, &family_82576_vf.rxdctl_choice
#define XGBE_TX &family_82599_pf.txdctl_thresholds, &family_82599_pf.txdctl_choice
#define XGBE_RX &family_82599_pf.rxdctl_thresholds, &family_82599_pf.rxdctl_choice
		{ "82576, any", GBE_RX, { 0, 0, 0 }, 0x00010808 },
		{ "82576, chosen", GBE_RX, { 16, 4, 1 }, 0x00010410 },
		{ "82576, WTHRESH", GBE_RX, { 8, 8, 4 }, 0x00010808 },
		{ "82576, beyond the fields", GBE_RX, { 200, 200, 200 }, 0x00011f1f },
		{ "82599 Tx, any", XGBE_TX, { 0, 0, 0 }, 0x00000120 },
		{ "82599 Tx, chosen", XGBE_TX, { 36, 8, 0 }, 0x00000824 },
		{ "82599 Tx, more than it prefetches", XGBE_TX, { 64, 0, 8 }, 0x00000128 },
		{ "82599 Rx has none", XGBE_RX, { 8, 8, 4 }, 0 },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rte_eth_thresh fit = ring_thresholds_fit(*cases[i].word, cases[i].choice,
								&cases[i].wanted);

		failed += differs(cases[i].what, cases[i].expect,
				  ring_thresholds_word(*cases[i].word, cases[i].choice, &fit));
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_load_and_enable, clear_bar),
		cmocka_unit_test_setup(test_disable, clear_bar),
		cmocka_unit_test_setup(test_gone, clear_bar),
		cmocka_unit_test(test_thresholds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
