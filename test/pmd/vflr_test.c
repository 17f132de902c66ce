/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a VF leaves behind when its function is reset: nothing. An application fills what a VF can
 * fill, and the registers of the whole device are read before, meanwhile and after the reset: its
 * rings, filters, VLANs, groups and interrupts are gone, and its neighbour's are as they were.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "policy_rig.h"

#define NB_MBUFS	   2047
#define WORDS_MAX	   2048
#define NB_VLANS	   5
#define NB_MACS		   4
#define NB_GROUPS	   4
#define PCI_COMMAND	   0x04
#define PCI_BUS_MASTER	   0x0004
#define PCI_CAPABILITIES   0x34
#define PCI_CAP_EXPRESS	   0x10
#define PCI_DEVICE_CONTROL 0x08
#define PCI_INITIATE_FLR   0x8000

/*
 * Of both sheets' lists of registers: what the device keeps of all functions. Not VTIVAR, which a
 * reset leaves: it names vectors of the VF itself, and these are masked.
 */
struct registers {
	const char *name;
	unsigned int function;	/* in whose BAR */
	uint32_t at, step;
	unsigned int nb;
	bool is_filled;		/* by what fill() does: else the check below would prove nothing */
};

#define QUEUES(rx, tx, srrctl, nb) \
	{ "RDBAL", PF, (rx) + 0x00, 0x40, nb, true }, \
	{ "RDBAH", PF, (rx) + 0x04, 0x40, nb, false }, \
	{ "RDLEN", PF, (rx) + 0x08, 0x40, nb, true }, \
	{ "SRRCTL", PF, (rx) + (srrctl), 0x40, nb, true }, \
	{ "RDH", PF, (rx) + 0x10, 0x40, nb, false }, \
	{ "RDT", PF, (rx) + 0x18, 0x40, nb, true }, \
	{ "RXDCTL", PF, (rx) + 0x28, 0x40, nb, true }, \
	{ "TDBAL", PF, (tx) + 0x00, 0x40, nb, true }, \
	{ "TDBAH", PF, (tx) + 0x04, 0x40, nb, false }, \
	{ "TDLEN", PF, (tx) + 0x08, 0x40, nb, true }, \
	{ "TDH", PF, (tx) + 0x10, 0x40, nb, false }, \
	{ "TDT", PF, (tx) + 0x18, 0x40, nb, false }, \
	{ "TXDCTL", PF, (tx) + 0x28, 0x40, nb, true }, \
	{ "TDWBAL", PF, (tx) + 0x38, 0x40, nb, false }, \
	{ "TDWBAH", PF, (tx) + 0x3c, 0x40, nb, false }

static const struct registers of_82576[] = {
	QUEUES(0xc000, 0xe000, 0x0c, 8),
	{ "RAL and RAH", PF, 0x5400, 4, 32, true },
	{ "RAL and RAH from 16 on", PF, 0x54e0, 4, 16, false },
	{ "MTA", PF, 0x5200, 4, 128, true },
	{ "UTA", PF, 0xa000, 4, 128, false },
	{ "VFTA", PF, 0x5600, 4, 128, true },
	{ "VLVF", PF, 0x5d00, 4, 32, true },
	{ "VMOLR", PF, 0x5ad0, 4, 8, true },
	{ "VMVIR", PF, 0x3700, 4, 8, false },
	{ "VFRE", PF, 0x0c8c, 4, 1, true },
	{ "VFTE", PF, 0x0c90, 4, 1, true },
	{ "PSRTYPE", PF, 0x5480, 4, 8, false },
	{ "VTEIMS", VF0, 0x1524, 4, 1, true },
	{ "VTEITR", VF0, 0x1680, 4, 3, false },
	{ NULL },
};

static const struct registers of_82599[] = {
	QUEUES(0x1000, 0x6000, 0x14, 16),
	{ "RAL and RAH", PF, 0xa200, 4, 256, true },
	{ "MPSAR", PF, 0xa600, 4, 256, true },
	{ "MTA", PF, 0x5200, 4, 128, true },
	{ "UTA", PF, 0xf400, 4, 128, false },
	{ "VFTA", PF, 0xa000, 4, 128, true },
	{ "VLVF", PF, 0xf100, 4, 64, true },
	{ "VLVFB", PF, 0xf200, 4, 128, true },
	{ "VMOLR", PF, 0xf000, 4, 64, true },
	{ "VMVIR", PF, 0x8000, 4, 64, false },
	{ "VFRE", PF, 0x51e0, 4, 2, true },
	{ "VFTE", PF, 0x8110, 4, 2, true },
	{ "PSRTYPE", PF, 0xea00, 4, 64, false },
	{ "VTEIMS", VF0, 0x0108, 4, 1, true },
	{ "VTEITR", VF0, 0x0820, 4, 2, false },
	{ NULL },
};

struct image {
	uint32_t word[WORDS_MAX];
};

static const struct registers *registers;
static struct rte_mempool *pool;

static void
take(struct image *image)
{
	unsigned int at = 0;

	for (const struct registers *row = registers; row->name != NULL; row++)
		for (unsigned int i = 0; i < row->nb; i++) {
			assert_true(at < WORDS_MAX);
			image->word[at++] = *rig_register(row->function, row->at + i * row->step);
		}
}

/** @return how many registers are not alike; each gets a line if @p what says of what */
static unsigned int
differ(const struct image *before, const struct image *after, const char *what)
{
	unsigned int at = 0, nb = 0;

	for (const struct registers *row = registers; row->name != NULL; row++)
		for (unsigned int i = 0; i < row->nb; i++, at++) {
			if (before->word[at] == after->word[at])
				continue;
			nb++;
			if (what != NULL)
				print_message("# %s: %s(%u): %#x instead of %#x\n", what,
					      row->name, i, after->word[at], before->word[at]);
		}
	return nb;
}

/** Of each row that is said to be filled, some registers are. */
static void
assert_filled(const struct image *before, const struct image *after)
{
	unsigned int at = 0;

	for (const struct registers *row = registers; row->name != NULL; row++) {
		unsigned int nb = 0;

		for (unsigned int i = 0; i < row->nb; i++, at++)
			nb += before->word[at] != after->word[at];
		if (row->is_filled && nb == 0)
			fail_msg("%s is as it was before", row->name);
	}
}

/* --- The VF's application --- */

static void
start_with_all(void)
{
	const struct rte_eth_conf conf = {
		.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER,
		.intr_conf.rxq = 1,
	};
	uint16_t port = rig_port(VF0);

	assert_int_equal(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	assert_int_equal(rte_eth_rx_queue_setup(port, 0, RING, SOCKET_ID_ANY, NULL, pool), 0);
	assert_int_equal(rte_eth_tx_queue_setup(port, 0, RING, SOCKET_ID_ANY, NULL), 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
	assert_int_equal(rte_eth_dev_rx_intr_enable(port, 0), 0);
}

static void
fill(void)
{
	struct rte_ether_addr mac = { { 0x02, 0, 0, 0x5e, 0, 0 } }, groups[NB_GROUPS];
	uint16_t port = rig_port(VF0);

	start_with_all();
	for (uint16_t i = 0; i < NB_VLANS; i++)
		assert_int_equal(rte_eth_dev_vlan_filter(port, 100 * i + 7, 1), 0);
	for (uint8_t i = 0; i < NB_MACS; i++) {
		mac.addr_bytes[5] = i;
		assert_int_equal(rte_eth_dev_mac_addr_add(port, &mac, 0), 0);
		groups[i] = (struct rte_ether_addr){ { 0x01, 0, 0x5e, 1 + 16 * i, 2, 3 + i } };
	}
	assert_int_equal(rte_eth_dev_set_mc_addr_list(port, groups, NB_GROUPS), 0);
	assert_int_equal(rte_eth_allmulticast_enable(port), 0);
}

/* --- Its function's reset --- */

static struct rte_pci_device *
pci_of(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig_port(which), &info), 0);
	return (struct rte_pci_device *)(uintptr_t)RTE_DEV_TO_PCI(info.device);
}

static void
set_config(struct rte_pci_device *pci, unsigned int at, uint16_t bit)
{
	uint16_t word = 0;

	assert_int_equal(rte_pci_read_config(pci, &word, sizeof(word), at), sizeof(word));
	word |= bit;
	assert_int_equal(rte_pci_write_config(pci, &word, sizeof(word), at), sizeof(word));
}

static uint8_t
find_express(struct rte_pci_device *pci)
{
	uint8_t at = 0, header[2] = { 0 };

	assert_int_equal(rte_pci_read_config(pci, &at, 1, PCI_CAPABILITIES), 1);
	while (at != 0 && rte_pci_read_config(pci, header, 2, at) == 2 &&
	       header[0] != PCI_CAP_EXPRESS)
		at = header[1];
	assert_int_not_equal(at, 0);
	return at;
}

/** Resets go first: when a later request is answered, they have been served. */
static void
neighbour_asks(void)
{
	struct rte_ether_addr mac = { { 0x02, 0, 0, 0x5e, 1, 0 } };

	assert_int_equal(rte_eth_dev_mac_addr_add(rig_port(VF1), &mac, 0), 0);
	assert_int_equal(rte_eth_dev_mac_addr_remove(rig_port(VF1), &mac), 0);
}

/** As vfio does when an owner goes; the PF has served it when this returns. */
static void
reset_function(void)
{
	uint64_t before = rig_xstat("mailbox_vf_resets");
	struct rte_pci_device *pci = pci_of(VF0);

	set_config(pci, find_express(pci) + PCI_DEVICE_CONTROL, PCI_INITIATE_FLR);
	set_config(pci, PCI_COMMAND, PCI_BUS_MASTER);
	neighbour_asks();
	assert_int_not_equal(rig_xstat("mailbox_vf_resets"), before);
}

/* --- Tests --- */

static void
nothing_of_a_vf_is_left(void **state)
{
	static struct image before, filled, after;

	(void)state;
	assert_int_equal(rte_eth_dev_stop(rig_port(VF0)), 0);
	reset_function();
	take(&before);
	fill();
	take(&filled);
	assert_filled(&before, &filled);
	reset_function();
	take(&after);
	assert_int_equal(differ(&before, &after, "after the reset"), 0);
	assert_int_equal(rte_eth_dev_stop(rig_port(VF0)), 0);
}

static void
the_neighbour_hears(void **state)
{
	(void)state;
	rig_wait_for_path(PF, VF1);
	rig_wait_for_path(VF1, PF);
}

/** Its next owner begins anew. */
static void
it_comes_up_again(void **state)
{
	(void)state;
	rig_restart(VF0);
	rig_wait_for_path(PF, VF0);
	rig_wait_for_path(VF0, VF1);
}

static int
start_all(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		if (rig_start(i, 1) < 0)
			return -1;
	return 0;
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_neighbour_hears),
		cmocka_unit_test(nothing_of_a_vf_is_left),
		cmocka_unit_test(the_neighbour_hears),
		cmocka_unit_test(it_comes_up_again),
		cmocka_unit_test(nothing_of_a_vf_is_left),
		cmocka_unit_test(it_comes_up_again),
	};
	int failed;

	if (argc != 3 || rig_open(argv[1], argv[2]) < 0) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY\n", argv[0]);
		return 64;
	}
	registers = family->mbps == 1000 ? of_82576 : of_82599;
	pool = rte_pktmbuf_pool_create("vflr", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, start_all, NULL);
	rte_eal_cleanup();
	return failed;
}
