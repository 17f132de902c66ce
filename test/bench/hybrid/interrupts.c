/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_ethdev.h>
#include <rte_interrupts.h>

#include "rte_pmd_sluice_moderation.h"
#include "strategy.h"

int
interrupts_open(struct waiting *waiting)
{
	int rc = rte_eth_dev_rx_intr_ctl_q(waiting->port, 0, RTE_EPOLL_PER_THREAD,
					   RTE_INTR_EVENT_ADD, NULL);

	/* One strategy's end and the next one's beginning in the same thread. */
	if (rc == -EEXIST)
		rc = 0;
	if (rc == 0)
		interrupts_space(waiting, waiting->strategy->interval_ns);
	return rc;
}

void
interrupts_close(struct waiting *waiting)
{
	rte_eth_dev_rx_intr_disable(waiting->port, 0);
	rte_eth_dev_rx_intr_ctl_q(waiting->port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_DEL,
				  NULL);
}

void
interrupts_space(struct waiting *waiting, uint32_t interval_ns)
{
	struct rte_pmd_sluice_moderation can;

	if (rte_pmd_sluice_moderation_get(waiting->port, 0, &can) < 0)
		return;
	if (interval_ns > can.max_ns)
		interval_ns = can.max_ns;
	interval_ns -= interval_ns % can.granularity_ns;
	if (interval_ns == waiting->interval_ns && interval_ns == can.interval_ns)
		return;
	waiting->interval_ns = interval_ns;
	rte_pmd_sluice_moderation_set(waiting->port, 0, interval_ns);
}

void
interrupts_sleep(struct waiting *waiting, int timeout_ms)
{
	struct rte_epoll_event event;

	rte_eth_dev_rx_intr_enable(waiting->port, 0);
	/* After it is set, all vectors send their message: it cannot be overlooked. */
	if (!atomic_load_explicit(&waiting->stop, memory_order_relaxed))
		rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, timeout_ms);
}
