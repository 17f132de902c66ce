/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A port that comes back by itself after a reset of the PF (devarg auto_reset=on).
 *
 * A thread of its own closes the gates of all queues (gate.h), waits until the last burst has left,
 * introduces the VF to the PF as often as it takes, and puts everything back: the interrupt thread
 * cannot do that, since it may be the one that serves the PF's mailbox. Meanwhile bursts return 0.
 * Operations of the application that change queues or filters wait until the thread pauses; and the
 * thread waits for them, as queues are made and freed there.
 *
 * Events come from the interrupt thread: ERR_RECOVERING, then RECOVERY_SUCCESS or RECOVERY_FAILED.
 */
#ifndef SLUICE_RECOVER_H
#define SLUICE_RECOVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dpdk_compat.h"

struct vf_recovery {
	bool on;		/**< auto_reset */
	bool has_thread;	/**< to be joined; with vf->lock held */
	_Atomic bool active;	/**< from the news of a reset to success; stays if that fails */
	_Atomic bool failed;
	pthread_t thread;
	_Atomic bool cancel;
	pthread_mutex_t hold;	/**< queues and filters; taken before vf->lock */
	_Atomic uint64_t nb_done, nb_failed;
};

/** At probe, with what dev_ops are otherwise. */
void vf_recover_init(struct rte_eth_dev *dev, const struct eth_dev_ops *plain, bool on);
void vf_recover_free(struct rte_eth_dev *dev);

/**
 * The PF was reset; vf->lock is held.
 *
 * @return whether the port sees to it, or is at it already; else the application must
 */
bool vf_recover_begin(struct rte_eth_dev *dev);

/** The port stops: no recovery runs any more, and no event of one comes. */
void vf_recover_end(struct rte_eth_dev *dev);

/* Extended statistics; @return how many. NULL: only that. */
unsigned int vf_recover_xstats(const struct rte_eth_dev *dev, struct rte_eth_xstat *xstats);
unsigned int vf_recover_xstats_names(struct rte_eth_xstat_name *names);

/** recover_ops.c: the same operations, each while recovery does not change what they change. */
const struct eth_dev_ops *vf_recover_ops(const struct eth_dev_ops *plain);

#endif /* SLUICE_RECOVER_H */
