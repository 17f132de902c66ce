/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <sched.h>

#include <numa.h>
#include <rte_lcore.h>

#include "topology.h"

static int
node_of_cpu(int cpu)
{
	return numa_available() < 0 ? NODE_ANY : numa_node_of_cpu(cpu);
}

static uint64_t
nodes_of_lcore(unsigned int lcore)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(lcore);
	uint64_t nodes = 0;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		int node = CPU_ISSET(cpu, &cpus) ? node_of_cpu(cpu) : NODE_ANY;

		if (node >= 0 && node < MAX_NODES)
			nodes |= UINT64_C(1) << node;
	}
	return nodes;
}

unsigned int
topology_lcores(struct place_lcore *lcores, unsigned int max)
{
	unsigned int nb = 0;
	unsigned int lcore;

	RTE_LCORE_FOREACH(lcore) {
		if (nb == max)
			break;
		lcores[nb++] = (struct place_lcore){
			.id = lcore,
			.nodes = nodes_of_lcore(lcore),
			.main = lcore == rte_get_main_lcore(),
		};
	}
	return nb;
}

int
topology_confine(int node)
{
	rte_cpuset_t cpus = rte_lcore_cpuset(rte_lcore_id());
	bool empty = true;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &cpus))
			continue;
		if (node_of_cpu(cpu) == node)
			empty = false;
		else
			CPU_CLR(cpu, &cpus);
	}
	if (empty)
		return -ENODEV;
	return rte_thread_set_affinity(&cpus);
}
