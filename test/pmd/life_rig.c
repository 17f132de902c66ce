/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_memzone.h>

#include "life_rig.h"
#include "model_eal.h"
#include "ports.h"

const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0", "0000:f0:10.1" };

/* 82576 sheet, 1; 82599 sheet, 1 and 3.5. */
static const struct life_traits families[] = {
	{ "82576", 1000, 2, false, false, false },
	{ "i350", 1000, 1, false, false, false },
	{ "82599", 10000, 2, true, false, true },
	{ "x540", 10000, 2, true, false, true },
	{ "x550", 10000, 2, true, true, true },
};

static const enum rte_eth_event_type watched[] = {
	RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RESET, RTE_ETH_EVENT_INTR_RMV,
	RTE_ETH_EVENT_ERR_RECOVERING, RTE_ETH_EVENT_RECOVERY_SUCCESS,
	RTE_ETH_EVENT_RECOVERY_FAILED,
};

struct life_rig rig;
static atomic_uint events[NB_PORTS][RTE_ETH_EVENT_MAX];

int
life_open(char *plugins, const char *family, const char *more, unsigned int nb_mbufs)
{
	char spec[256];
	const struct model_eal setup = {
		.plugins = plugins, .spec = { spec }, .log_level = "*:critical",
	};

	for (size_t i = 0; i < RTE_DIM(families); i++)
		if (strcmp(families[i].family, family) == 0)
			rig.traits = &families[i];
	if (rig.traits == NULL) {
		fprintf(stderr, "# no such family: %s\n", family);
		return -1;
	}
	snprintf(spec, sizeof(spec), "family=%s,vfs=2,%s", family, more);
	if (model_eal_start(&setup) < 0)
		return -1;
	rig.plugins = plugins;
	rig.nb_mbufs = nb_mbufs;
	rig.pool = model_eal_frames(nb_mbufs);
	return rig.pool == NULL ? -1 : 0;
}

static void
find_port(unsigned int which)
{
	assert_return_code(rte_eth_dev_get_port_by_name(device_name[which], &rig.port[which]), 0);
}

void
life_find_ports(void)
{
	for (unsigned int i = 0; i < NB_PORTS; i++)
		find_port(i);
	life_unplug(VF1);
	life_plug(VF1, "auto_reset=off");
}

/* --- Events --- */

static int
on_event(uint16_t port __rte_unused, enum rte_eth_event_type type, void *arg,
	 void *ret __rte_unused)
{
	const uintptr_t which = (uintptr_t)arg;

	atomic_fetch_add(&events[which][type], 1);
	return 0;
}

void
events_watch(unsigned int which)
{
	void *arg = (void *)(uintptr_t)which;

	for (size_t i = 0; i < RTE_DIM(watched); i++) {
		rte_eth_dev_callback_unregister(rig.port[which], watched[i], on_event, arg);
		atomic_store(&events[which][watched[i]], 0);
		assert_int_equal(rte_eth_dev_callback_register(rig.port[which], watched[i],
							       on_event, arg), 0);
	}
}

unsigned int
events_seen(unsigned int which, enum rte_eth_event_type type)
{
	return atomic_load(&events[which][type]);
}

void
events_expect(unsigned int which, enum rte_eth_event_type type, unsigned int nb)
{
	for (unsigned int i = 0; i < LIFE_WAIT_MS && events_seen(which, type) < nb; i++)
		rte_delay_us_sleep(1000);
	if (events_seen(which, type) != nb)
		fail_msg("%s: event %d came %u times instead of %u", device_name[which], type,
			 events_seen(which, type), nb);
}

/* --- Holdings --- */

static unsigned int
nb_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nb = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		nb++;
	closedir(dir);
	return nb;
}

static void
count_memzone(const struct rte_memzone *zone __rte_unused, void *arg)
{
	++*(unsigned int *)arg;
}

struct holdings
holdings_now(void)
{
	struct holdings now = { .fds = nb_fds(), .mbufs = rte_mempool_avail_count(rig.pool) };

	rte_memzone_walk(count_memzone, &now.memzones);
	return now;
}

void
holdings_expect(const struct holdings *before)
{
	struct holdings now = holdings_now();

	assert_int_equal(now.mbufs, before->mbufs);
	assert_int_equal(now.memzones, before->memzones);
	assert_int_equal(now.fds, before->fds);
}

/* --- Ports --- */

void
life_start(unsigned int which)
{
	const struct port_setup setup = { .pool = rig.pool };

	assert_int_equal(port_start(rig.port[which], &setup), 0);
	assert_true(port_link_up(rig.port[which], rig.traits->mbps));
}

void
life_start_all(void)
{
	for (unsigned int i = 0; i < NB_PORTS; i++)
		life_start(i);
}

void
life_stop_all(void)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
}

void
life_reset_all(void)
{
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_reset(rig.port[i]), 0);
}

void
life_reset_pf(void)
{
	assert_int_equal(rte_eth_dev_stop(rig.port[PF]), 0);
	assert_int_equal(rte_eth_dev_reset(rig.port[PF]), 0);
	life_start(PF);
}

void
life_plug(unsigned int which, const char *args)
{
	assert_int_equal(rte_eal_hotplug_add("sluicemodel", device_name[which], args), 0);
	find_port(which);
}

void
life_unplug(unsigned int which)
{
	uint16_t port;

	assert_int_equal(rte_eal_hotplug_remove("sluicemodel", device_name[which]), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name(device_name[which], &port), -ENODEV);
}

/* A function of the model, which is a plugin too. */
static void *
find_in_model(const char *function)
{
	char *plugin = strndup(rig.plugins, strcspn(rig.plugins, ","));
	void *handle = dlopen(plugin, RTLD_NOW | RTLD_NOLOAD), *found;

	assert_non_null(handle);
	found = dlsym(handle, function);
	assert_non_null(found);
	/* EAL has it open, and keeps it. */
	dlclose(handle);
	free(plugin);
	return found;
}

void
life_take_out(const char *name)
{
	int (*take)(const char *name);

	*(void **)&take = find_in_model("sluicemodel_take_out");
	assert_int_equal(take(name), 0);
}

void
life_set_vfs(unsigned int nb_vfs)
{
	int (*set)(const char *name, unsigned int nb_vfs);

	*(void **)&set = find_in_model("sluicemodel_set_vfs");
	assert_int_equal(set(device_name[PF], nb_vfs), 0);
}

/* The VFs' addresses may be new. */
void
life_expect_flow(unsigned int from, unsigned int to, unsigned int nb)
{
	struct flow flow = {
		.from = rig.port[from], .to = rig.port[to], .nb = nb, .pool = rig.pool,
	};

	assert_int_equal(rte_eth_macaddr_get(flow.to, &flow.dst), 0);
	port_drain(flow.to);
	assert_int_equal(flow_run(&flow), nb);
}

void
life_expect_flows(unsigned int nb)
{
	for (unsigned int i = 0; i < NB_PORTS; i++)
		life_expect_flow(i, (i + 1) % NB_PORTS, nb);
}

uint64_t
life_xstat(unsigned int which, const char *name)
{
	uint64_t id, value;

	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[which], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[which], &id, &value, 1), 1);
	return value;
}
