/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "vf.h"

int
vf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	const struct vf *vf = vf_of(dev);
	const struct reg_dump dump = {
		.part = { &vf->family->dump },
		/* Those that the PF gives; what lies behind them is nobody's. */
		.nb_queues = vf->port.family->max_queues,
	};

	if (!vf_present(vf))
		return -EIO;
	info->version = RTE_ETH_DEV_TO_PCI(dev)->id.device_id;
	return reg_dump(&vf->port, &dump, info);
}
