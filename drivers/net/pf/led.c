/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A light by which somebody finds the port; its usual meaning is back after a reset.
 */
#include "pf.h"

static int
write_led(struct rte_eth_dev *dev, bool on)
{
	struct pf *pf = pf_of(dev);
	const struct pf_led *led = &pf->family->led;

	if (pf->gone || pf->family->is_gone(pf))
		return pf_set_gone(pf);
	pthread_mutex_lock(&pf->lock);
	reg_update(&pf->port.io, led->control, led->mask, on ? led->on : led->off);
	pthread_mutex_unlock(&pf->lock);
	return 0;
}

int
pf_led_on(struct rte_eth_dev *dev)
{
	return write_led(dev, true);
}

int
pf_led_off(struct rte_eth_dev *dev)
{
	return write_led(dev, false);
}
