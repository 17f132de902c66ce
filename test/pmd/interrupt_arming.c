/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Arming with more than the interrupt's own bit. */
#include <errno.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "accesses.h"
#include "interrupt_rig.h"
#include "rte_pmd_sluice_moderation.h"

#define ACKNOWLEDGE RTE_PMD_SLUICE_ARM_ACKNOWLEDGE
#define RESTART	    RTE_PMD_SLUICE_ARM_RESTART
#define INTERVAL_NS 1000000
#define PAST_INTERVAL_US 1100

static int
arm_with(unsigned int which, uint32_t flags)
{
	return rte_pmd_sluice_rx_interrupt_arm(rig.port[which], 0, flags);
}

/* What the family does not know is refused, and writes nothing. */
static unsigned int
writes_of(unsigned int which, uint32_t flags)
{
	bool refused = (flags & ACKNOWLEDGE) != 0 && !rig.expect->acknowledges;
	struct access access;
	unsigned int nb;
	int rc;

	accesses_start();
	rc = arm_with(which, flags);
	nb = accesses_stop(&access);
	assert_int_equal(rc, refused ? -ENOTSUP : 0);
	assert_int_equal(accesses_written(), nb);
	assert_true(!refused || nb == 0);
	return refused ? 0 : nb;
}

void
arming_writes_no_more_than_it_must(void **state)
{
	unsigned int more = rig.expect->acknowledges;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		set_interval(rig.port[i], INTERVAL_NS);
		assert_int_equal(writes_of(i, 0), 1);
		assert_int_equal(writes_of(i, RESTART), 2);
		assert_int_equal(writes_of(i, ACKNOWLEDGE), 2 * more);
		assert_int_equal(writes_of(i, ACKNOWLEDGE | RESTART), 3 * more);
		set_interval(rig.port[i], 0);
		assert_int_equal(writes_of(i, RESTART), 1);
		assert_int_equal(arm_with(i, 4), -EINVAL);
		assert_int_equal(rte_pmd_sluice_rx_interrupt_arm(rig.port[i], 1, 0), -EINVAL);
	}
	assert_int_equal(rte_pmd_sluice_rx_interrupt_arm(NB_PORTS + 9, 0, 0), -ENODEV);
	/* What has begun ends as it would have. */
	rte_delay_us_sleep(PAST_INTERVAL_US);
}

void
arming_forgets_what_was_polled(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS && rig.expect->acknowledges; i++) {
		listen_to(i, true);
		arm_at_rest(i);
		assert_int_equal(rte_eth_dev_rx_intr_disable(rig.port[i], 0), 0);
		send_frames(i, 3);
		assert_int_equal(receive_all(i), 3);
		assert_int_equal(arm_with(i, ACKNOWLEDGE), 0);
		assert_false(wakes(0));
		send_frames(i, 1);
		assert_true(wakes(0));
		/* Without, the same interrupts for nothing. */
		send_frames(i, 3);
		assert_int_equal(receive_all(i), 4);
		assert_int_equal(arm_with(i, 0), 0);
		assert_true(wakes(0));
		listen_to(i, false);
	}
}

/** The model's clock is ours: sooner than told is wrong, later is not. */
void
arming_restarts_the_interval(void **state)
{
	struct rte_pmd_sluice_moderation got;
	uint64_t armed;

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		listen_to(i, true);
		arm_at_rest(i);
		set_interval(rig.port[i], INTERVAL_NS);
		assert_int_equal(rte_pmd_sluice_moderation_get(rig.port[i], 0, &got), 0);
		for (unsigned int n = 0; n < 3; n++) {
			/* None has begun: it would interrupt at once. */
			rte_delay_us_sleep(PAST_INTERVAL_US);
			armed = now_ns();
			assert_int_equal(arm_with(i, RESTART), 0);
			send_frames(i, 1);
			assert_true(wakes(LONG_MS));
			/* The counter's lowest bits cannot be written. */
			assert_true(now_ns() - armed > got.interval_ns - 8 * got.granularity_ns);
			assert_int_equal(receive_all(i), 1);
		}
		rte_delay_us_sleep(PAST_INTERVAL_US);
		assert_int_equal(arm_with(i, 0), 0);
		send_frames(i, 1);
		assert_true(wakes(0));
		assert_int_equal(receive_all(i), 1);
		set_interval(rig.port[i], 0);
		listen_to(i, false);
	}
}
