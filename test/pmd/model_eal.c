/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "model_eal.h"

#define ARGUMENTS_MAX 40
#define SPEC_BYTES    1024

struct arguments {
	const char *list[ARGUMENTS_MAX];
	int nb;
};

static void
add(struct arguments *arguments, const char *argument)
{
	if (arguments->nb < ARGUMENTS_MAX)
		arguments->list[arguments->nb++] = argument;
}

static void
add_option(struct arguments *arguments, const char *option, const char *value)
{
	add(arguments, option);
	add(arguments, value);
}

/* EAL keeps pointers into what it is given: none of it is freed. */
static void
add_plugins(struct arguments *arguments, const char *plugins)
{
	char *rest = strdup(plugins), *plugin;

	while (rest != NULL && (plugin = strsep(&rest, ",")) != NULL)
		add_option(arguments, "-d", plugin);
}

int
model_eal_start(const struct model_eal *setup)
{
	static char level[64], prefix[128], lcores[32], vdev[MODEL_EAL_PORTS_MAX][SPEC_BYTES];
	struct arguments arguments = { .nb = 0 };

	snprintf(level, sizeof(level), "--log-level=%s",
		 setup->log_level != NULL ? setup->log_level : "*:error");
	snprintf(prefix, sizeof(prefix), "--file-prefix=%s", setup->file_prefix);
	add(&arguments, "test");
	add(&arguments, "--no-huge");
	add(&arguments, "--no-pci");
	add(&arguments, "--no-shconf");
	add(&arguments, "--iova-mode=va");
	add(&arguments, level);
	add(&arguments, setup->file_prefix != NULL ? prefix : "--no-telemetry");
	add_option(&arguments, "-m", setup->memory_mb != NULL ? setup->memory_mb : "256");
	snprintf(lcores, sizeof(lcores), "0@(0-%ld)", sysconf(_SC_NPROCESSORS_ONLN) - 1);
	add_option(&arguments, "--lcores", setup->anywhere ? lcores : "0");
	for (unsigned int i = 0; i < MODEL_EAL_PORTS_MAX && setup->spec[i] != NULL; i++) {
		snprintf(vdev[i], sizeof(vdev[i]), "sluicemodel%u,%s", i, setup->spec[i]);
		add_option(&arguments, "--vdev", vdev[i]);
	}
	add_plugins(&arguments, setup->plugins);
	return rte_eal_init(arguments.nb, (char **)(uintptr_t)arguments.list) < 0 ? -1 : 0;
}

struct rte_mempool *
model_eal_frames(unsigned int nb)
{
	return rte_pktmbuf_pool_create("frames", nb, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
}

int
model_eal_ports(const char *const device[], uint16_t port[], unsigned int nb)
{
	for (unsigned int i = 0; i < nb; i++)
		if (rte_eth_dev_get_port_by_name(device[i], &port[i]) != 0)
			return -1;
	return 0;
}
