/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <rte_atomic.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_lcore.h>

#include "sleepers.h"
#include "start.h"

#define PORTS_MAX (1 + TENANTS_MAX)	/* of the switch */
#define NAP_MS	  500			/* and a look whether it is over */
#define NS	  UINT64_C(1000000000)

struct sleeper {
	pthread_t thread;
	struct setup *setup;
	const struct tenant *tenant;	/**< NULL: the switch */
	uint16_t port[PORTS_MAX];
	unsigned int nb;
	atomic_bool *stop;
	atomic_uint *ready;
	atomic_uint_fast64_t sleeps;
};

struct sleepers {
	struct sleeper sleeper[1 + TENANTS_MAX];
	unsigned int nb;
	atomic_bool stop;
	atomic_uint ready;
};

static unsigned int
work(struct sleeper *sleeper)
{
	unsigned int nb = 0;

	if (sleeper->tenant != NULL)
		return setup_answer(sleeper->tenant);
	for (unsigned int i = 0; i < sleeper->nb; i++)
		nb += setup_switch(sleeper->setup, sleeper->port[i]);
	return nb;
}

static void
arm(const struct sleeper *sleeper)
{
	for (unsigned int i = 0; i < sleeper->nb; i++)
		(void)rte_eth_dev_rx_intr_enable(sleeper->port[i], 0);
}

static void
disarm(const struct sleeper *sleeper)
{
	for (unsigned int i = 0; i < sleeper->nb; i++)
		(void)rte_eth_dev_rx_intr_disable(sleeper->port[i], 0);
}

static void
open_ports(const struct sleeper *sleeper)
{
	for (unsigned int i = 0; i < sleeper->nb; i++) {
		int rc = rte_eth_dev_rx_intr_ctl_q(sleeper->port[i], 0, RTE_EPOLL_PER_THREAD,
						   RTE_INTR_EVENT_ADD, NULL);

		if (rc != 0)
			errx(EX_UNAVAILABLE, "%s: port %u has no Rx interrupts: %s",
			     sleeper->setup->kind->name, sleeper->port[i], strerror(-rc));
	}
}

static void *
run(void *arg)
{
	struct sleeper *sleeper = arg;
	struct rte_epoll_event event[PORTS_MAX];

	if (rte_thread_register() != 0)
		errx(EX_SOFTWARE, "no lcore id for a thread");
	open_ports(sleeper);
	atomic_fetch_add(sleeper->ready, 1);
	while (!atomic_load_explicit(sleeper->stop, memory_order_relaxed)) {
		if (work(sleeper) != 0)
			continue;
		arm(sleeper);
		/* What came before it was seen to be armed is seen now: vhost has no barrier. */
		rte_mb();
		if (work(sleeper) == 0) {
			atomic_fetch_add_explicit(&sleeper->sleeps, 1, memory_order_relaxed);
			rte_epoll_wait(RTE_EPOLL_PER_THREAD, event, (int)sleeper->nb, NAP_MS);
		}
		disarm(sleeper);
	}
	for (unsigned int i = 0; i < sleeper->nb; i++)
		(void)rte_eth_dev_rx_intr_ctl_q(sleeper->port[i], 0, RTE_EPOLL_PER_THREAD,
						RTE_INTR_EVENT_DEL, NULL);
	rte_thread_unregister();
	return NULL;
}

static void
start(struct sleepers *sleepers, struct sleeper *sleeper, int cpu)
{
	sleeper->stop = &sleepers->stop;
	sleeper->ready = &sleepers->ready;
	start_thread(&sleeper->thread, cpu, run, sleeper);
}

struct sleepers *
sleepers_start(struct setup *setup, int cpu)
{
	struct sleepers *sleepers = calloc(1, sizeof(*sleepers));
	struct sleeper *sleeper;

	if (sleepers == NULL)
		err(EX_OSERR, "memory");
	for (unsigned int i = 0; i < setup->nb; i++) {
		sleeper = &sleepers->sleeper[sleepers->nb++];
		*sleeper = (struct sleeper){ .setup = setup, .tenant = &setup->tenant[i],
					     .port = { setup->tenant[i].port }, .nb = 1 };
	}
	if (setup->kind->is_pv) {
		sleeper = &sleepers->sleeper[sleepers->nb++];
		*sleeper = (struct sleeper){ .setup = setup, .port = { setup->pf }, .nb = 1 };
		for (unsigned int i = 0; i < setup->nb; i++)
			sleeper->port[sleeper->nb++] = setup->tenant[i].host;
	}
	for (unsigned int i = 0; i < sleepers->nb; i++)
		start(sleepers, &sleepers->sleeper[i], cpu);
	while (atomic_load(&sleepers->ready) != sleepers->nb)
		sched_yield();
	return sleepers;
}

void
sleepers_use(const struct sleepers *sleepers, struct sleepers_use *use)
{
	*use = (struct sleepers_use){ 0 };
	for (unsigned int i = 0; i < sleepers->nb; i++) {
		const struct sleeper *sleeper = &sleepers->sleeper[i];
		struct timespec time = { 0 };
		clockid_t clock;
		uint64_t ns;

		if (pthread_getcpuclockid(sleeper->thread, &clock) == 0)
			clock_gettime(clock, &time);
		ns = (uint64_t)time.tv_sec * NS + (uint64_t)time.tv_nsec;
		*(sleeper->tenant != NULL ? &use->tenant_ns : &use->host_ns) += ns;
		use->sleeps += atomic_load_explicit(&sleeper->sleeps, memory_order_relaxed);
	}
}

void
sleepers_stop(struct sleepers *sleepers)
{
	atomic_store(&sleepers->stop, true);
	for (unsigned int i = 0; i < sleepers->nb; i++)
		pthread_join(sleepers->sleeper[i].thread, NULL);
	free(sleepers);
}
