/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * ixgbe 600a507ddcb9: each call of rte_pmd_sluice.h with the number of a VF, or of a port, that
 * there is not. The PF is the driver's, on a port of the device model.
 *
 * usage: pmd_calls_test PLUGIN FAMILY
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <rte_eal.h>
#include <rte_ethdev.h>

#include "rte_pmd_sluice.h"

#define NB_VFS 3
#define CASES(table) (sizeof(table) / sizeof((table)[0]))

static const struct mac_addr mac = { { 0x02, 0, 0, 0, 0, 9 } };
static uint16_t pf_port;

static int
call_send(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_send(port, vf, &(struct mbx_msg){ .word = { 1 }, .words = 1 });
}

static int
call_add_mac(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_add_mac(port, vf, &mac);
}

static int
call_remove_mac(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_remove_mac(port, vf, &mac);
}

static int
call_set_multicast(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_set_multicast(port, vf, (const uint16_t[]){ 7 }, 1);
}

static int
call_set_accept(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_set_accept(port, vf, RTE_PMD_SLUICE_ACCEPT_BROADCAST);
}

static int
call_add_vlan(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_add_vlan(port, vf, 5);
}

static int
call_remove_vlan(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_remove_vlan(port, vf, 5);
}

static int
call_set_port_vlan(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_set_port_vlan(port, vf, 5, 1);
}

static int
call_set_max_frame(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_set_max_frame(port, vf, 1518);
}

static int
call_set_spoof_check(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_set_spoof_check(port, vf, true);
}

static int
call_get_info(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_get_info(port, vf, &(struct pool_info){ 0 });
}

static int
call_get_rss(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_get_rss(port, vf, &(struct pool_rss){ .key = { 0 } });
}

static int
call_stats(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_pool_stats(port, vf, &(struct rte_pmd_sluice_pool_stats){ 0 });
}

static int
call_hold_off(uint16_t port, uint16_t vf)
{
	return rte_pmd_sluice_hold_off(port, vf, 1);
}

static int
call_vf_address(uint16_t port, uint16_t vf)
{
	char pci[RTE_PMD_SLUICE_PCI_BYTES];

	return rte_pmd_sluice_vf_address(port, vf, pci);
}

static const struct {
	const char *name;
	int (*call)(uint16_t port, uint16_t vf);
} calls[] = {
	{ "send", call_send },
	{ "reset", rte_pmd_sluice_pool_reset },
	{ "enable", rte_pmd_sluice_pool_enable },
	{ "disable", rte_pmd_sluice_pool_disable },
	{ "add_mac", call_add_mac },
	{ "remove_mac", call_remove_mac },
	{ "set_multicast", call_set_multicast },
	{ "set_accept", call_set_accept },
	{ "add_vlan", call_add_vlan },
	{ "remove_vlan", call_remove_vlan },
	{ "set_port_vlan", call_set_port_vlan },
	{ "set_max_frame", call_set_max_frame },
	{ "set_spoof_check", call_set_spoof_check },
	{ "get_info", call_get_info },
	{ "get_rss", call_get_rss },
	{ "stats", call_stats },
	{ "hold_off", call_hold_off },
	{ "vf_address", call_vf_address },
};

/* @return how many calls have another result */
static unsigned int
call_all(uint16_t port, uint16_t vf, int wanted)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < CASES(calls); i++) {
		int rc = calls[i].call(port, vf);

		if (rc == wanted)
			continue;
		print_error("# %s, port %u, VF %u: %d, not %d\n", calls[i].name, port, vf, rc,
			    wanted);
		failed++;
	}
	return failed;
}

static void
ixgbe_600a507ddcb9_no_such_vf(void **state)
{
	unsigned int failed = 0;
	uint16_t enabled, most;

	(void)state;
	assert_int_equal(rte_pmd_sluice_vf_count(pf_port), NB_VFS);
	assert_int_equal(rte_pmd_sluice_vf_limits(pf_port, &enabled, &most), 0);
	assert_int_equal(enabled, NB_VFS);
	assert_true(most == 7 || most == 63);
	for (uint32_t vf = NB_VFS; vf <= UINT16_MAX; vf += vf < 300 ? 1 : 509)
		failed += call_all(pf_port, (uint16_t)vf, -EINVAL);
	failed += call_all(pf_port, UINT16_MAX, -EINVAL);
	assert_int_equal(failed, 0);
}

static void
no_such_port(void **state)
{
	static const uint16_t ports[] = { RTE_MAX_ETHPORTS - 1, RTE_MAX_ETHPORTS,
					  RTE_MAX_ETHPORTS + 1, UINT16_MAX };
	unsigned int failed = 0;
	uint16_t enabled, most;

	(void)state;
	for (size_t i = 0; i < CASES(ports); i++) {
		failed += call_all(ports[i], 0, -ENODEV);
		assert_int_equal(rte_pmd_sluice_vf_count(ports[i]), -ENODEV);
		assert_int_equal(rte_pmd_sluice_vf_limits(ports[i], &enabled, &most), -ENODEV);
		assert_int_equal(rte_pmd_sluice_poll(ports[i]), -ENODEV);
		assert_int_equal(rte_pmd_sluice_dialect(ports[i]), -ENODEV);
		assert_int_equal(rte_pmd_sluice_set_handler(ports[i], NULL, NULL), -ENODEV);
	}
	assert_int_equal(failed, 0);
}

/* And the calls do work: the last VF that there is. */
static void
the_last_vf(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES(calls); i++) {
		int rc = calls[i].call(pf_port, NB_VFS - 1);

		/* The 82576 has no RSS of pools to tell. */
		if (rc != 0 && !(rc == -ENOTSUP && calls[i].call == call_get_rss))
			fail_msg("%s: %d", calls[i].name, rc);
	}
}

static void
values_out_of_range(void **state)
{
	static const uint16_t hashes[] = { 4096, UINT16_MAX };

	(void)state;
	assert_int_equal(rte_pmd_sluice_pool_add_vlan(pf_port, 0, 4096), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_add_vlan(pf_port, 0, UINT16_MAX), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_port_vlan(pf_port, 0, 4096, 0), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_port_vlan(pf_port, 0, 5, 8), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_max_frame(pf_port, 0, UINT32_MAX), -EINVAL);
	assert_int_equal(rte_pmd_sluice_pool_set_max_frame(pf_port, 0, 0), -EINVAL);
	for (size_t i = 0; i < CASES(hashes); i++)
		assert_int_equal(rte_pmd_sluice_pool_set_multicast(pf_port, 0, &hashes[i], 1),
				 -EINVAL);
	assert_int_equal(rte_pmd_sluice_hold_off(pf_port, 0, RTE_PMD_SLUICE_HOLD_MS_MAX + 1),
			 -EINVAL);
	assert_int_equal(rte_pmd_sluice_send(pf_port, 0, &(struct mbx_msg){ .words = 0 }), -EINVAL);
	assert_int_equal(rte_pmd_sluice_send(pf_port, 0, &(struct mbx_msg){ .words = 17 }),
			 -EINVAL);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ixgbe_600a507ddcb9_no_such_vf),
		cmocka_unit_test(no_such_port),
		cmocka_unit_test(the_last_vf),
		cmocka_unit_test(values_out_of_range),
	};
	char vdev[128];
	const char *args[] = {
		argv[0], "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "64",
		"-l", "0", "--log-level=*:error", "-d", argc == 3 ? argv[1] : "", "--vdev", vdev,
	};
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	snprintf(vdev, sizeof(vdev), "sluicemodel0,family=%s,vfs=%u,ports=pf,pf_driver="
		 "net_sluice_pf", argv[2], NB_VFS);
	if (rte_eal_init(CASES(args), (char **)args) < 0 ||
	    rte_eth_dev_get_port_by_name("0000:f0:00.0", &pf_port) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
