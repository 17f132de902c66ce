/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_alarm.h>
#include <rte_cycles.h>

#include "queue.h"
#include "queue_interrupts.h"
#include "vf.h"
#include "vf_log.h"

#define LOOK_EVERY_US	1000000
#define LINK_WAIT_US	100000
#define LINK_WAIT_TRIES 10

/* A link without a PF to serve us, or behind bursts that do nothing, would be up on paper only. */
static struct rte_eth_link
read_link(struct rte_eth_dev *dev)
{
	const struct vf *vf = vf_of(dev);
	const struct vf_family *family = vf->family;
	uint32_t word = vf_read(vf, family->link);
	struct rte_eth_link link = {
		.link_status = RTE_ETH_LINK_DOWN,
		.link_speed = RTE_ETH_SPEED_NUM_NONE,
		.link_duplex = RTE_ETH_LINK_HALF_DUPLEX,
		.link_autoneg = RTE_ETH_LINK_AUTONEG,
	};

	if (!vf->running || vf->pf_down || vf->recovery.active || vf->link_disabled ||
	    word == REG_ALL_ONES || (word & family->link_up) == 0)
		return link;
	link.link_status = RTE_ETH_LINK_UP;
	link.link_speed = (word & family->link_other_speed) != 0 ?
		family->other_speeds[field_get(family->link_speed, word)] :
		family->speeds[field_get(family->link_speed, word)];
	if (family->link_full_duplex == 0 || (word & family->link_full_duplex) != 0)
		link.link_duplex = RTE_ETH_LINK_FULL_DUPLEX;
	return link;
}

int
vf_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct rte_eth_link link = read_link(dev);
	int rc;

	for (unsigned int i = 0; wait_to_complete && i < LINK_WAIT_TRIES; i++) {
		if (link.link_status == RTE_ETH_LINK_UP || !vf_of(dev)->running)
			break;
		rte_delay_us_sleep(LINK_WAIT_US);
		link = read_link(dev);
	}
	rc = rte_eth_linkstatus_set(dev, &link);
	if (rc == 0)
		moderation_refresh(dev);
	return rc;
}

/* The PF's side of the mailbox; the lock is held. */
static void
look_at_pf(struct vf *vf)
{
	struct mbx_msg msg;

	if (!vf_present(vf)) {
		vf->pf_down = true;
		vf->reset_wanted = true;
		return;
	}
	vf->pf_down = vf_channel_pf_resetting(&vf->channel);
	/* Either way the PF has forgotten what we told it. */
	if (vf->pf_down || vf_channel_pf_was_reset(&vf->channel))
		vf->reset_wanted = true;
	if (vf_channel_receive(&vf->channel, &msg, 1, 0) == 0)
		vf_note_control(vf, msg.word[0]);
}

/* Is there news that only a reset of the port can deal with? Once per reset. */
static bool
reset_news(struct vf *vf)
{
	bool news = vf->reset_wanted && !vf->reset_told;

	if (vf->reset_wanted)
		vf->ready = false;
	if (news) {
		vf->reset_told = true;
		if (vf->out_since == 0)
			vf->out_since = rte_get_timer_cycles();
	}
	return news;
}

/* A port that recovers by itself tells so when its bursts are shut out. */
static void
tell_reset(struct rte_eth_dev *dev, bool recovering)
{
	struct vf *vf = vf_of(dev);

	PORT_LOG(NOTICE, vf, "the PF was reset or is gone: the port %s",
		 recovering ? "recovers" : "needs a reset");
	if (!recovering)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RESET, NULL);
}

/* Once: nothing is looked at any more. */
static void
tell_removed(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	vf->gone = true;
	vf->pf_down = true;
	queue_silence_bursts(dev);
	rx_interrupts_wake(dev);
	PORT_LOG(ERR, vf, "the device is gone");
	if (vf_link_update(dev, 0) == 0 && dev->data->dev_conf.intr_conf.lsc)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

void
vf_look(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	bool reset, recovering, link;

	if (vf_is_removed(dev)) {
		tell_removed(dev);
		return;
	}

	/* A request is under way and will notice itself; there is another look soon. */
	if (pthread_mutex_trylock(&vf->lock) != 0)
		return;
	look_at_pf(vf);
	reset = reset_news(vf);
	recovering = reset && vf_recover_begin(dev);
	if (vf->ready)
		vf_counters_update(vf);
	pthread_mutex_unlock(&vf->lock);

	link = vf_link_update(dev, 0) == 0 && dev->data->dev_conf.intr_conf.lsc;
	/* Last, because the application may stop or close the port in here. */
	if (link)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	if (reset)
		tell_reset(dev, recovering);
}

static void
watchdog(void *arg)
{
	struct rte_eth_dev *dev = arg;

	if (vf_of(dev)->gone)
		return;
	/* Before the look: what it tells may make the application stop the port. */
	vf_watchdog_start(dev);
	vf_look(dev);
}

void
vf_watchdog_start(struct rte_eth_dev *dev)
{
	if (rte_eal_alarm_set(LOOK_EVERY_US, watchdog, dev) < 0)
		PORT_LOG(ERR, vf_of(dev), "no alarm: resets of the PF go unnoticed");
}

void
vf_watchdog_stop(struct rte_eth_dev *dev)
{
	rte_eal_alarm_cancel(watchdog, dev);
}
