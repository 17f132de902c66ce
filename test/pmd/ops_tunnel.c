/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file By which UDP port a PF knows tunnels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "ops.h"

#define UDP_PORT 4789
#define OTHER	 8472

static int
add(unsigned int which, enum rte_eth_tunnel_type type, uint16_t udp_port)
{
	struct rte_eth_udp_tunnel tunnel = { .udp_port = udp_port, .prot_type = type };

	return rte_eth_dev_udp_tunnel_port_add(rig.port[which], &tunnel);
}

static int
del(unsigned int which, uint16_t udp_port)
{
	struct rte_eth_udp_tunnel tunnel = {
		.udp_port = udp_port, .prot_type = RTE_ETH_TUNNEL_TYPE_VXLAN,
	};

	return rte_eth_dev_udp_tunnel_port_delete(rig.port[which], &tunnel);
}

/* One at a time; who has none says so. A VF's are its PF's. */
void
tunnel_ports_come_and_go(void **state)
{
	uint32_t offset = rig.family->vxlan_port;
	volatile uint32_t *value;

	(void)state;
	assert_int_equal(add(VF0, RTE_ETH_TUNNEL_TYPE_VXLAN, UDP_PORT), -ENOTSUP);
	for (unsigned int which = ALONE; which <= PF; which++) {
		assert_int_equal(add(which, RTE_ETH_TUNNEL_TYPE_VXLAN, UDP_PORT),
				 offset != 0 ? 0 : -ENOTSUP);
		assert_int_equal(add(which, RTE_ETH_TUNNEL_TYPE_GENEVE, UDP_PORT), -ENOTSUP);
		if (offset == 0)
			continue;
		value = ops_register(which, offset);
		assert_int_equal(*value, UDP_PORT);
		assert_int_equal(add(which, RTE_ETH_TUNNEL_TYPE_VXLAN, UDP_PORT), 0);
		assert_int_equal(add(which, RTE_ETH_TUNNEL_TYPE_VXLAN, OTHER), -ENOSPC);
		assert_int_equal(add(which, RTE_ETH_TUNNEL_TYPE_VXLAN, 0), -EINVAL);
		assert_int_equal(del(which, OTHER), -EINVAL);
		assert_int_equal(*value, UDP_PORT);
		assert_int_equal(del(which, UDP_PORT), 0);
		assert_int_equal(*value, 0);
		assert_int_equal(del(which, UDP_PORT), -EINVAL);
		assert_int_equal(del(which, 0), -EINVAL);
	}
}

void
tunnel_ports_outlast_a_reset(void **state)
{
	uint32_t offset = rig.family->vxlan_port;

	(void)state;
	if (offset == 0)
		return;
	assert_int_equal(add(ALONE, RTE_ETH_TUNNEL_TYPE_VXLAN, OTHER), 0);
	assert_int_equal(rte_eth_dev_stop(rig.port[ALONE]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[ALONE]), 0);
	assert_int_equal(*ops_register(ALONE, offset), OTHER);
	ops_start(ALONE, RTE_ETHER_MTU);
	assert_int_equal(*ops_register(ALONE, offset), OTHER);
	assert_int_equal(del(ALONE, OTHER), 0);
}
