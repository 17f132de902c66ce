/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_malloc.h>

#include "devargs.h"
#include "queue.h"
#include "queue_interrupts.h"
#include "rss.h"
#include "secondary.h"
#include "vf.h"
#include "vf_log.h"

RTE_LOG_REGISTER(sluice_logtype_vf, pmd.net.sluice.vf, NOTICE)

#define PCI_VENDOR_INTEL    0x8086

/* 82576 sheet, 1.1; 82599 sheet, 1.1. Of X550EM only the VF is like that of X550. */
#define PCI_DEVICE_82576_VF	0x10ca
#define PCI_DEVICE_I350_VF	0x1520
#define PCI_DEVICE_82599_VF	0x10ed
#define PCI_DEVICE_X540_VF	0x1515
#define PCI_DEVICE_X550_VF	0x1565
#define PCI_DEVICE_X550EM_X_VF	0x15a8
#define PCI_DEVICE_X550EM_A_VF	0x15c5

/* A PF that is up answers within milliseconds; at probe there may well be none yet. */
#define PROBE_WAIT_MS 1000
#define START_WAIT_MS 3000

static int
vf_configure(struct rte_eth_dev *dev)
{
	int rc;

	if (vf_of(dev)->gone)
		return -EIO;
	rc = vf_rss_configure(dev);
	if (rc < 0)
		return rc;
	vf_of(dev)->port.max_frame = dev->data->mtu + QUEUE_FRAME_OVERHEAD;
	return rx_interrupts_configure(dev);
}

int
vf_check_queues(const struct rte_eth_dev *dev)
{
	const struct vf *vf = vf_of(dev);
	uint16_t most = vf->port.family->max_queues;

	if (dev->data->nb_rx_queues <= most && dev->data->nb_tx_queues <= most)
		return 0;
	PORT_LOG(ERR, vf, "%u Rx and %u Tx queues are configured, the PF gives %u of each",
		 dev->data->nb_rx_queues, dev->data->nb_tx_queues, most);
	return -EINVAL;
}

static int
vf_start(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	int rc;

	vf->port.max_frame = dev->data->mtu + QUEUE_FRAME_OVERHEAD;
	queue_select_bursts(dev);
	queues_open_gates(dev);
	rc = vf_reset(dev, START_WAIT_MS, RTE_LOG_ERR);
	if (rc < 0)
		return rc;
	rc = vf_check_queues(dev);
	if (rc < 0)
		return rc;
	vf_rss_start(dev);
	rc = vf_interrupt_connect(dev);
	if (rc < 0)
		return rc;
	rc = queues_start(dev);
	if (rc < 0) {
		vf_interrupt_stop(dev);
		return rc;
	}
	vf->running = true;
	vf_interrupt_start(dev);
	vf_filters_restore(dev);
	vf_rss_tell(dev);
	vf_link_update(dev, 0);
	vf_watchdog_start(dev);
	return 0;
}

static int
vf_stop(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);

	if (!vf->running)
		return 0;
	vf->running = false;
	vf_recover_end(dev);
	vf_watchdog_stop(dev);
	vf_interrupt_stop(dev);
	queues_stop(dev);
	vf_counters_update(vf);
	vf_link_update(dev, 0);
	return 0;
}

static int
vf_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct vf *vf = vf_of(dev);

	queue_dev_info(dev, info);
	vf_rss_info(dev, info);
	info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	info->max_mac_addrs = vf->family->max_mac_addrs;
	info->speed_capa = vf->family->speed_capa;
	return 0;
}

/* What close and reset have in common. */
static void
vf_shut(struct rte_eth_dev *dev)
{
	vf_stop(dev);
	queues_free(dev);
	vf_interrupt_close(dev);
	vf_leave(vf_of(dev));
}

static int
vf_close(struct rte_eth_dev *dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	vf_shut(dev);
	vf_recover_free(dev);
	pthread_mutex_destroy(&vf_of(dev)->lock);
	return 0;
}

/* Without a PF the port is there all the same: start tries again. */
static void
vf_open(struct rte_eth_dev *dev)
{
	struct rte_ether_addr *own = &dev->data->mac_addrs[0];

	vf_of(dev)->port.max_frame = RTE_ETHER_MTU + QUEUE_FRAME_OVERHEAD;
	vf_interrupt_open(dev);
	vf_reset(dev, PROBE_WAIT_MS, RTE_LOG_WARNING);
	if (rte_is_zero_ether_addr(own))
		rte_eth_random_addr(own->addr_bytes);
}

static int
vf_removed(struct rte_eth_dev *dev)
{
	return vf_of(dev)->gone || vf_is_removed(dev);
}

static int
vf_dev_reset(struct rte_eth_dev *dev)
{
	vf_shut(dev);
	dev->data->dev_configured = 0;
	if (vf_removed(dev))
		return -EIO;
	vf_open(dev);
	return 0;
}

STATS_GET_OP(vf_stats_get)

static const struct eth_dev_ops dev_ops = {
	.dev_configure = vf_configure,
	.dev_start = vf_start,
	.dev_stop = vf_stop,
	.dev_close = vf_close,
	.dev_reset = vf_dev_reset,
	.is_removed = vf_removed,
	.dev_infos_get = vf_infos_get,
	.link_update = vf_link_update,
	.stats_get = vf_stats_get_op,
	.stats_reset = vf_stats_reset,
	.xstats_get = vf_xstats_get,
	.xstats_get_names = vf_xstats_get_names,
	.xstats_reset = vf_stats_reset,
	.get_reg = vf_get_reg,
	VF_RSS_OPS,
	QUEUE_DEV_OPS,
	.rx_queue_intr_enable = rxq_interrupt_enable,
	.rx_queue_intr_disable = rxq_interrupt_disable,
	.mtu_set = vf_mtu_set,
	.mac_addr_set = vf_mac_addr_set,
	.mac_addr_add = vf_mac_addr_add,
	.mac_addr_remove = vf_mac_addr_remove,
	.set_mc_addr_list = vf_set_mc_addr_list,
	.promiscuous_enable = vf_promiscuous_enable,
	.promiscuous_disable = vf_promiscuous_disable,
	.allmulticast_enable = vf_allmulticast_enable,
	.allmulticast_disable = vf_allmulticast_disable,
	.vlan_filter_set = vf_vlan_filter_set,
	.vlan_offload_set = vf_vlan_offload_set,
};

/*
 * The mailbox, its lock and the watchdog live in the primary process. What a family's row points to
 * does too: process_private is the row of this process.
 */
static const struct eth_dev_ops secondary_ops = {
	.dev_close = vf_close,
	.dev_infos_get = vf_infos_get,
	.stats_get = vf_stats_get_op,
	.xstats_get = vf_xstats_get,
	.xstats_get_names = vf_xstats_get_names,
	SECONDARY_OPS,
};

/* The row for a device; a family more is a line more. */
static const struct {
	uint16_t device;
	const struct vf_family *family;
} families[] = {
	{ PCI_DEVICE_82576_VF, &vf_family_82576 },
	{ PCI_DEVICE_I350_VF, &vf_family_i350 },
	{ PCI_DEVICE_82599_VF, &vf_family_82599 },
	{ PCI_DEVICE_X540_VF, &vf_family_x540 },
	{ PCI_DEVICE_X550_VF, &vf_family_x550 },
	{ PCI_DEVICE_X550EM_X_VF, &vf_family_x550 },
	{ PCI_DEVICE_X550EM_A_VF, &vf_family_x550em_a },
};

static const struct vf_family *
find_family(uint16_t device)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (families[i].device == device)
			return families[i].family;
	return NULL;
}

static int
vf_init(struct rte_eth_dev *dev)
{
	struct rte_pci_device *pci = RTE_ETH_DEV_TO_PCI(dev);
	struct vf *vf = vf_of(dev);
	const struct vf_family *family;
	struct sluice_devargs args;
	int rc;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		dev->dev_ops = &secondary_ops;
		dev->process_private = (void *)(uintptr_t)find_family(pci->id.device_id);
		queue_select_bursts(dev);
		return 0;
	}

	family = find_family(pci->id.device_id);
	if (family == NULL)
		return -ENODEV;
	dev->process_private = (void *)(uintptr_t)family;
	vf->row = *family;
	vf->family = &vf->row;
	port_share_family(&vf->port, family->queues);
	rss_init(&vf->port.rss, family->rss, 0);
	vf->port.io.bar = pci->mem_resource[0].addr;
	vf->port_id = dev->data->port_id;
	rc = devargs_read(DEVARGS_VF, pci->device.devargs, &args);
	if (rc == 0)
		rc = rx_interrupts_init(&vf->port, pci->device.name, 0, args.itr_us);
	if (rc < 0)
		return rc;
	dev->data->mac_addrs = rte_zmalloc("sluice_vf_macs", vf->family->max_mac_addrs *
					   sizeof(struct rte_ether_addr), 0);
	if (dev->data->mac_addrs == NULL)
		return -ENOMEM;
	vf_recover_init(dev, &dev_ops, args.auto_reset);
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	pthread_mutex_init(&vf->lock, NULL);
	rte_spinlock_init(&vf->counters.lock);
	vf_mailbox_init(vf);
	vf_open(dev);
	return 0;
}

static int
vf_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct sluice_devargs args;
	int rc;

	RTE_SET_USED(driver);
	rc = devargs_read(DEVARGS_VF, pci->device.devargs, &args);
	if (rc < 0)
		return rc;
	if (!args.take)
		return 1;
	return rte_eth_dev_pci_generic_probe(pci, sizeof(struct vf), vf_init);
}

static int
vf_remove(struct rte_pci_device *pci)
{
	return rte_eth_dev_pci_generic_remove(pci, vf_close);
}

static const struct rte_pci_id pci_ids[] = {
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_82576_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_I350_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_82599_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_X540_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_X550_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_X550EM_X_VF) },
	{ RTE_PCI_DEVICE(PCI_VENDOR_INTEL, PCI_DEVICE_X550EM_A_VF) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver vf_driver = {
	.driver.name = "net_sluice_vf",
	.id_table = pci_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC,
	.probe = vf_probe,
	.remove = vf_remove,
};

/* In place of RTE_PMD_REGISTER_PCI, whose constructor would leave the order to the linker. */
RTE_INIT(register_vf_driver)
{
	rte_pci_register(&vf_driver);
	pci_driver_move_first(&vf_driver);
}

PMD_EXPORT_NAME(net_sluice_vf);
RTE_PMD_REGISTER_PCI_TABLE(net_sluice_vf, pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(net_sluice_vf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(net_sluice_vf, SLUICE_VF_DEVARGS);
