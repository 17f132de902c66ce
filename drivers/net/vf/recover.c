/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_alarm.h>
#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_string_fns.h>

#include "queue.h"
#include "queue_interrupts.h"
#include "rss.h"
#include "vf.h"
#include "vf_log.h"

#define STEP_US	     1000
#define PAUSE_MIN_US 10000	/* a PF's reset takes that long */
#define PAUSE_MAX_US 1000000

/* A queue's state tells whether the application wants it running, whatever becomes of it now. */
static int
restart_rx(struct rte_eth_dev *dev)
{
	int rc = 0;

	for (uint16_t i = 0; i < dev->data->nb_rx_queues && rc == 0; i++) {
		if (dev->data->rx_queue_state[i] != RTE_ETH_QUEUE_STATE_STARTED)
			continue;
		rxq_stop(dev, i);
		rc = rxq_start(dev, i);
		dev->data->rx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
	}
	return rc;
}

static int
restart_tx(struct rte_eth_dev *dev)
{
	int rc = 0;

	for (uint16_t i = 0; i < dev->data->nb_tx_queues && rc == 0; i++) {
		if (dev->data->tx_queue_state[i] != RTE_ETH_QUEUE_STATE_STARTED)
			continue;
		txq_stop(dev, i);
		rc = txq_start(dev, i);
		dev->data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
	}
	return rc;
}

/* What ethdev restores at a start. */
static void
restore_macs(struct rte_eth_dev *dev)
{
	struct rte_ether_addr *addrs = dev->data->mac_addrs;

	for (uint32_t i = 1; i < vf_of(dev)->family->max_mac_addrs; i++)
		if (!rte_is_zero_ether_addr(&addrs[i]))
			vf_mac_addr_add(dev, &addrs[i], i, 0);
}

/* From a VF that the PF has forgotten to one that is as it was. */
static int
restore(struct rte_eth_dev *dev)
{
	int rc = vf_reset(dev, 0, RTE_LOG_DEBUG);

	if (rc == 0)
		rc = vf_check_queues(dev);
	if (rc < 0)
		return rc;
	vf_rss_start(dev);
	rc = vf_interrupt_restore(dev);
	if (rc == 0)
		rc = restart_tx(dev);
	if (rc == 0)
		rc = restart_rx(dev);
	if (rc < 0)
		return rc;
	vf_filters_restore(dev);
	vf_rss_tell(dev);
	restore_macs(dev);
	return 0;
}

/* Unless the PF was reset once more, everybody may go on. */
static int
conclude(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	int rc = -EAGAIN;

	pthread_mutex_lock(&vf->lock);
	if (vf->ready && !vf->reset_wanted && !vf->recovery.cancel) {
		vf->recovery.active = false;
		queues_open_gates(dev);
		rc = 0;
	}
	pthread_mutex_unlock(&vf->lock);
	if (rc == 0)
		vf_interrupt_rearm(dev);
	return rc;
}

static bool
is_final(const struct vf *vf, int rc)
{
	return rc == 0 || rc == -EPERM || rc == -EINVAL || vf->gone || vf->recovery.cancel;
}

static bool
pf_is_resetting(struct vf *vf)
{
	bool resetting;

	pthread_mutex_lock(&vf->lock);
	resetting = vf_channel_pf_resetting(&vf->channel);
	pthread_mutex_unlock(&vf->lock);
	return resetting;
}

/* Shorter if the PF comes back meanwhile. */
static void
pause_for(struct vf *vf, unsigned int us)
{
	bool resetting = pf_is_resetting(vf);

	for (unsigned int i = 0; i < us / STEP_US && !vf->recovery.cancel; i++) {
		rte_delay_us_sleep(STEP_US);
		if (resetting && !pf_is_resetting(vf))
			break;
	}
}

/* In the interrupt thread, as the next one. */
static void
tell_begin(void *arg)
{
	rte_eth_dev_callback_process(arg, RTE_ETH_EVENT_ERR_RECOVERING, NULL);
}

/* By now the PF may have been reset again: there will be other news. */
static void
tell_end(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct vf *vf = vf_of(dev);
	bool active = vf->recovery.active, failed = vf->recovery.failed;

	if (vf_link_update(dev, 0) == 0 && dev->data->dev_conf.intr_conf.lsc)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	if (failed)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_RECOVERY_FAILED, NULL);
	else if (!active)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_RECOVERY_SUCCESS, NULL);
}

static void
set_alarm(struct rte_eth_dev *dev, rte_eal_alarm_callback tell)
{
	if (rte_eal_alarm_set(1, tell, dev) < 0)
		PORT_LOG(ERR, vf_of(dev), "no alarm: the application is not told of its recovery");
}

static void
finish(struct rte_eth_dev *dev, int rc)
{
	struct vf *vf = vf_of(dev);

	if (rc == 0) {
		vf->recovery.nb_done++;
		PORT_LOG(NOTICE, vf, "recovered from the PF's reset");
	} else {
		vf->recovery.nb_failed++;
		vf->recovery.failed = true;
		PORT_LOG(ERR, vf, "not recovered from the PF's reset: %s", rte_strerror(-rc));
	}
	set_alarm(dev, tell_end);
}

/* Those of a queue that was set up since the last try too. @return false: not to go on */
static bool
shut_bursts_out(const struct rte_eth_dev *dev)
{
	const struct vf *vf = vf_of(dev);

	queues_close_gates(dev);
	while (!queues_are_left(dev) && !vf->recovery.cancel)
		rte_delay_us_sleep(STEP_US);
	return !vf->recovery.cancel;
}

static int
try_once(struct rte_eth_dev *dev, bool first)
{
	struct vf *vf = vf_of(dev);
	int rc = -ECANCELED;

	pthread_mutex_lock(&vf->recovery.hold);
	if (shut_bursts_out(dev)) {
		if (first)
			set_alarm(dev, tell_begin);
		rc = restore(dev);
		if (rc == 0)
			rc = conclude(dev);
	}
	pthread_mutex_unlock(&vf->recovery.hold);
	return rc;
}

static control_thread_end
recover(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct vf *vf = vf_of(dev);
	unsigned int pause_us = PAUSE_MIN_US;
	int rc = try_once(dev, true);

	while (!is_final(vf, rc)) {
		pause_for(vf, pause_us);
		pause_us = RTE_MIN(pause_us * 2, (unsigned int)PAUSE_MAX_US);
		rc = try_once(dev, false);
	}
	if (!vf->recovery.cancel)
		finish(dev, rc);
	return 0;
}

bool
vf_recover_begin(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	struct vf_recovery *recovery = &vf->recovery;

	if (!recovery->on || !vf->running || recovery->failed)
		return false;
	if (recovery->active)
		return true;
	/* It has no more to do but end. */
	if (recovery->has_thread)
		pthread_join(recovery->thread, NULL);
	recovery->cancel = false;
	recovery->has_thread = control_thread_create(&recovery->thread, "sluice-recover",
						     recover, dev) == 0;
	recovery->active = recovery->has_thread;
	return recovery->has_thread;
}

void
vf_recover_end(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	struct vf_recovery *recovery = &vf->recovery;
	bool has_thread;

	pthread_mutex_lock(&vf->lock);
	recovery->cancel = true;
	has_thread = recovery->has_thread;
	recovery->has_thread = false;
	pthread_mutex_unlock(&vf->lock);
	if (has_thread)
		pthread_join(recovery->thread, NULL);
	rte_eal_alarm_cancel(tell_begin, dev);
	rte_eal_alarm_cancel(tell_end, dev);
	recovery->active = false;
	recovery->failed = false;
}

void
vf_recover_init(struct rte_eth_dev *dev, const struct eth_dev_ops *plain, bool on)
{
	struct vf *vf = vf_of(dev);

	vf->recovery.on = on;
	vf->port.gated = on;
	pthread_mutex_init(&vf->recovery.hold, NULL);
	dev->dev_ops = on ? vf_recover_ops(plain) : plain;
}

void
vf_recover_free(struct rte_eth_dev *dev)
{
	pthread_mutex_destroy(&vf_of(dev)->recovery.hold);
}

enum { XSTAT_DONE, XSTAT_FAILED, NB_XSTATS };

unsigned int
vf_recover_xstats(const struct rte_eth_dev *dev, struct rte_eth_xstat *xstats)
{
	const struct vf *vf = vf_of(dev);

	if (xstats != NULL) {
		xstats[XSTAT_DONE].value = vf->recovery.nb_done;
		xstats[XSTAT_FAILED].value = vf->recovery.nb_failed;
	}
	return NB_XSTATS;
}

unsigned int
vf_recover_xstats_names(struct rte_eth_xstat_name *names)
{
	if (names != NULL) {
		strlcpy(names[XSTAT_DONE].name, "auto_resets", sizeof(names->name));
		strlcpy(names[XSTAT_FAILED].name, "auto_resets_failed", sizeof(names->name));
	}
	return NB_XSTATS;
}
