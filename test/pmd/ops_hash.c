/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PF's hash filter for unicast addresses, beside VFs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "accesses.h"
#include "ops.h"
#include "rte_pmd_sluice.h"

#define ETYPE 0x88b5

/* The hash is of the last twelve bits but four: the first two have the same one. */
static struct rte_ether_addr address[] = {
	{ { 2, 0, 0, 0, 0x12, 0x34 } },
	{ { 2, 9, 9, 9, 0x12, 0x34 } },
	{ { 2, 0, 0, 0, 0x56, 0x78 } },
};

static int
set(unsigned int which, bool on)
{
	return rte_eth_dev_uc_hash_table_set(rig.port[PF], &address[which], on);
}

/* Of a VF's frame to that address, which nobody has. */
static bool
arrives(unsigned int to, unsigned int which)
{
	struct rte_mbuf *m;

	ops_drain(to);
	ops_send(VF0, ops_frame(&address[which], ETYPE, 100));
	m = ops_receive(to, false);
	rte_pktmbuf_free(m);
	return m != NULL;
}

void
unicast_passes_by_hash(void **state)
{
	(void)state;
	assert_false(arrives(PF, 0) || arrives(PF, 2));
	assert_int_equal(set(0, true), 0);
	assert_true(arrives(PF, 0) && arrives(PF, 1));
	assert_false(arrives(PF, 2) || arrives(VF1, 0));
	/* Two of one hash: it goes with the second. */
	assert_int_equal(set(1, true), 0);
	assert_int_equal(set(0, false), 0);
	assert_true(arrives(PF, 0) && arrives(PF, 1));
	ops_start(PF, RTE_ETHER_MTU);
	assert_true(arrives(PF, 1));
	assert_int_equal(set(1, false), 0);
	assert_false(arrives(PF, 0) || arrives(PF, 1));
	/* All of them, beside those that were set. */
	assert_int_equal(set(2, true), 0);
	assert_int_equal(rte_eth_dev_uc_all_hash_table_set(rig.port[PF], 1), 0);
	assert_true(arrives(PF, 0) && arrives(PF, 2));
	assert_int_equal(rte_eth_dev_uc_all_hash_table_set(rig.port[PF], 0), 0);
	assert_true(arrives(PF, 2));
	assert_false(arrives(PF, 0));
	assert_int_equal(set(2, false), 0);
	assert_false(arrives(PF, 2));
}

/* Where that is done by the same table, all unicast passes to the PF too for as long. */
void
unicast_passes_to_promiscuous_vfs(void **state)
{
	const uint32_t usual = RTE_PMD_SLUICE_ACCEPT_UNTAGGED | RTE_PMD_SLUICE_ACCEPT_BROADCAST |
			       RTE_PMD_SLUICE_ACCEPT_LARGER;
	const uint32_t all = usual | RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST;
	uint16_t pf = rig.port[PF];

	(void)state;
	assert_int_equal(set(0, true), 0);
	assert_int_equal(rte_pmd_sluice_pool_set_accept(pf, 1, all), 0);
	assert_true(arrives(VF1, 0) && arrives(VF1, 2) && arrives(PF, 0));
	assert_int_equal(arrives(PF, 2), rig.family->all_by_hash);
	assert_int_equal(set(0, false), 0);
	assert_true(arrives(VF1, 0) && arrives(VF1, 2));
	assert_false(arrives(PF, 0) || arrives(PF, 2));
	assert_int_equal(set(0, true), 0);
	assert_int_equal(rte_pmd_sluice_pool_set_accept(pf, 1, usual), 0);
	assert_true(arrives(PF, 0));
	assert_false(arrives(PF, 2) || arrives(VF1, 0) || arrives(VF1, 2));
	assert_int_equal(set(0, false), 0);
	ops_start(VF1, RTE_ETHER_MTU);
}

/* ethdev finds no room for an address. */
void
a_port_alone_has_no_unicast_hash(void **state)
{
	uint16_t port = rig.port[ALONE];

	(void)state;
	assert_int_equal(rte_eth_dev_uc_hash_table_set(port, &address[0], 1), -ENOSPC);
	assert_int_equal(rte_eth_dev_uc_all_hash_table_set(port, 1), -ENOTSUP);
}

/* From the PF to VF @p to. */
static bool
reaches(unsigned int to, unsigned int which)
{
	struct rte_mbuf *m;

	ops_drain(to);
	ops_send(PF, ops_frame(&address[which], ETYPE, 100));
	m = ops_receive(to, false);
	rte_pktmbuf_free(m);
	return m != NULL;
}

/* @return how many registers are written to give VF @p vf the address, or to take it away */
static unsigned int
writes_to_change(uint16_t vf, const struct mac_addr *mac, bool add)
{
	struct access first;
	int rc;

	accesses_start();
	rc = add ? rte_pmd_sluice_pool_add_mac(rig.port[PF], vf, mac) :
		   rte_pmd_sluice_pool_remove_mac(rig.port[PF], vf, mac);
	accesses_stop(&first);
	assert_int_equal(rc, 0);
	return accesses_written();
}

/* cmocka's assert_in_range() has another name from release to release. */
static bool
between(uint64_t value, uint64_t low, uint64_t high)
{
	return value >= low && value <= high;
}

/* Who has it already misses nothing: its row's pools are all that is written, one word or two. */
void
an_address_gets_another_pool(void **state)
{
	struct mac_addr mac;

	(void)state;
	memcpy(mac.byte, address[2].addr_bytes, sizeof(mac.byte));
	assert_int_equal(accesses_watch(), 0);
	assert_true(between(writes_to_change(0, &mac, true), 3, 5));
	assert_true(reaches(VF0, 2) && !reaches(VF1, 2));
	assert_true(between(writes_to_change(1, &mac, true), 1, 2));
	assert_true(reaches(VF0, 2) && reaches(VF1, 2));
	assert_true(between(writes_to_change(0, &mac, false), 1, 2));
	assert_true(!reaches(VF0, 2) && reaches(VF1, 2));
	assert_true(between(writes_to_change(1, &mac, false), 2, 5));
	assert_true(!reaches(VF0, 2) && !reaches(VF1, 2));
}
