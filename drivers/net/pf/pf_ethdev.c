/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * net_sluice_pf: device ids, probe and remove, configure to close, the table of operations.
 */
#include <errno.h>
#include <string.h>

#include "devargs.h"
#include "introspect.h"
#include "log.h"
#include "pf.h"
#include "pf_probe.h"
#include "queue.h"
#include "queue_interrupts.h"
#include "rss.h"
#include "secondary.h"
#include "takeover.h"

RTE_LOG_REGISTER(sluice_logtype_pf, pmd.net.sluice.pf, NOTICE)

static int
pf_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	uint16_t port_id = dev->data->port_id;
	int rc;

	if (pf_of(dev)->gone)
		return -EIO;
	if ((conf->link_speeds & RTE_ETH_LINK_SPEED_FIXED) != 0) {
		PF_LOG(ERR, "port %u: fixed link speed is not supported", port_id);
		return -ENOTSUP;
	}
	if (conf->lpbk_mode != 0) {
		PF_LOG(ERR, "port %u: loopback mode %u is not supported", port_id,
		       conf->lpbk_mode);
		return -ENOTSUP;
	}
	rc = rss_configure(dev);
	if (rc < 0)
		return rc;
	pf_of(dev)->port.max_frame = dev->data->mtu + QUEUE_FRAME_OVERHEAD;
	return rx_interrupts_configure(dev);
}

/* Do frames come and go? With VFs that is up to the PF's own pool: the receiver is theirs too. */
static void
enable_rx_tx(struct pf *pf, bool on)
{
	pthread_mutex_lock(&pf->lock);
	if (on || pf->nb_vfs == 0)
		pf->family->enable_rx_tx(pf, on);
	if (pf->nb_vfs > 0)
		pool_enable(pf, pf->pool, on);
	pthread_mutex_unlock(&pf->lock);
}

static int
pf_start(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);
	int rc;

	if (pf->gone || pf->family->is_gone(pf))
		return pf_set_gone(pf);
	rc = interrupts_connect(dev);
	if (rc < 0)
		return rc;
	queue_select_bursts(dev);
	rx_mode_refresh(dev);
	pf_rss_start(dev);
	/* The tails are written last, with the receiver on (82576 sheet, 3.6). */
	enable_rx_tx(pf, true);
	rc = queues_start(dev);
	if (rc < 0) {
		PF_LOG(ERR, "port %u: queues: %s", pf->port_id, strerror(-rc));
		enable_rx_tx(pf, false);
		interrupts_disconnect(dev);
		return rc;
	}
	if (!pf->live)
		pf_go_live(pf);
	pf_link_update(dev, 0);
	flow_control_settle(pf);
	return 0;
}

/*
 * With VFs only the PF's own pool stops: the VFs' traffic and their mailboxes go on. It goes before
 * the queues, as no frame is to come when their memory is given back.
 */
static int
pf_stop(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	if (!pf->gone)
		enable_rx_tx(pf, false);
	queues_stop(dev);
	interrupts_disconnect(dev);
	return 0;
}

static int
pf_close(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	if (dev->data->dev_started) {
		pf_stop(dev);
		dev->data->dev_started = 0;
	}
	pf_shut_down(pf);
	events_set_handler(pf, NULL, NULL, false);
	queues_free(dev);
	events_free(pf);
	pthread_mutex_destroy(&pf->lock);
	/* ethdev would free it. */
	if (pf->kept)
		dev->data->dev_private = NULL;
	return 0;
}

static void
share_with_vfs(struct pf *pf, uint16_t nb_vfs)
{
	pf->nb_vfs = nb_vfs;
	pf->pool = nb_vfs;
	pf->port.first_queue = nb_vfs * pf->family->vf_step;
	pf_rss_init(pf);
}

/* Pools are dealt out at a bring-up only, so this is where another number of VFs is noticed. */
static int
count_vfs_anew(struct pf *pf)
{
	uint16_t counted = pf->family->count_vfs(pf);

	if (counted == pf->nb_vfs)
		return 0;
	if (counted > pf->family->max_vfs) {
		PF_LOG(ERR, "port %u: %u VFs leave no pool to the PF: allowed is 0 to %u",
		       pf->port_id, counted, pf->family->max_vfs);
		return -ERANGE;
	}
	PF_LOG(NOTICE, "port %u: %u VFs, where there were %u", pf->port_id, counted, pf->nb_vfs);
	pf->pci->max_vfs = counted;
	share_with_vfs(pf, counted);
	rx_interrupts_share(&pf->port, counted);
	return 0;
}

/*
 * ethdev stopped the port, and the application configures it anew. VFs see a PF that went away and
 * came back; others may have come, or some be gone.
 */
static int
pf_reset(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);
	int rc;

	pf_shut_down(pf);
	queues_free(dev);
	dev->data->dev_configured = 0;
	if (pf->family->is_gone(pf))
		return pf_set_gone(pf);
	pf->gone = false;	/* it is back, if it ever was */
	pf->taken_over = false;	/* from here on it is a reset like any other */
	pthread_mutex_lock(&pf->lock);
	rc = count_vfs_anew(pf);
	if (rc == 0)
		rc = pf_bring_up(pf);
	pthread_mutex_unlock(&pf->lock);
	/* Whoever serves the VFs must not go on with what their pools held before. */
	if (rc == 0)
		pf->resets_owed = pool_bit(pf->nb_vfs) - 1;
	return rc;
}

static int
pf_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	struct pf *pf = pf_of(dev);

	info->rx_offload_capa = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	queue_dev_info(dev, info);
	rss_dev_info(dev, info);
	/* Each VF has a row of the address table set aside. */
	info->max_mac_addrs = pf_family_of(dev)->nb_rar - pf->nb_vfs;
	info->max_hash_mac_addrs = pf->nb_vfs > 0 ? HASH_MACS : 0;
	info->max_vfs = pf->nb_vfs;
	info->speed_capa = pf_family_of(dev)->speed_capa;
	return 0;
}

static int
pf_is_removed(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	return pf->gone || pf->family->is_gone(pf);
}

STATS_GET_OP(pf_stats_get)

const struct eth_dev_ops pf_dev_ops = {
	.dev_configure = pf_configure,
	.dev_start = pf_start,
	.dev_stop = pf_stop,
	.dev_close = pf_close,
	.dev_reset = pf_reset,
	.dev_infos_get = pf_infos_get,
	.is_removed = pf_is_removed,
	.link_update = pf_link_update,
	.dev_set_link_up = pf_set_link_up,
	.dev_set_link_down = pf_set_link_down,

	.promiscuous_enable = rx_mode_promiscuous_on,
	.promiscuous_disable = rx_mode_promiscuous_off,
	.allmulticast_enable = rx_mode_allmulticast_on,
	.allmulticast_disable = rx_mode_allmulticast_off,
	.mac_addr_add = rx_mode_mac_add,
	.mac_addr_remove = rx_mode_mac_remove,
	.mac_addr_set = rx_mode_mac_set,
	.set_mc_addr_list = rx_mode_multicast_set,
	.uc_hash_table_set = rx_mode_unicast_hash_set,
	.uc_all_hash_table_set = rx_mode_unicast_hash_all,
	.vlan_filter_set = rx_mode_vlan_set,
	.vlan_offload_set = rx_mode_vlan_offload,
	.vlan_tpid_set = rx_mode_tag_type_set,
	.mtu_set = rx_mode_mtu_set,
	.udp_tunnel_port_add = pf_tunnel_port_add,
	.udp_tunnel_port_del = pf_tunnel_port_del,
	.dev_led_on = pf_led_on,
	.dev_led_off = pf_led_off,
	.flow_ctrl_get = pf_flow_ctrl_get,
	.flow_ctrl_set = pf_flow_ctrl_set,

	.stats_get = pf_stats_get_op,
	.stats_reset = pf_stats_reset,
	.xstats_get = pf_xstats_get,
	.xstats_get_names = pf_xstats_get_names,
	.xstats_reset = pf_stats_reset,
	PF_INTROSPECT_OPS,

	PF_RSS_OPS,
	QUEUE_DEV_OPS,
	.rx_queue_intr_enable = rxq_interrupt_enable,
	.rx_queue_intr_disable = rxq_interrupt_disable,
};

/* Locks, events and what the port's structure points to live in the primary process. */
static const struct eth_dev_ops secondary_ops = {
	.dev_close = pf_close,
	.dev_infos_get = pf_infos_get,
	.stats_get = pf_stats_get_op,
	.xstats_get = pf_xstats_get,
	.xstats_get_names = pf_xstats_get_names,
	SECONDARY_OPS,
};

/* The bus read the number of VFs when it found the device, the device knows it now. */
static int
read_vf_count(struct pf *pf)
{
	const char *name = pf->pci->device.name;
	uint16_t counted = pf->family->count_vfs(pf);

	if (counted != pf->pci->max_vfs) {
		PF_LOG(ERR, "%s: the device has %u VFs, the bus scan saw %u: start again",
		       name, counted, pf->pci->max_vfs);
		return -EINVAL;
	}
	if (counted > pf->family->max_vfs) {
		PF_LOG(ERR, "%s: %u VFs leave no pool to the PF: write 0, then 1..%u to"
		       " /sys/bus/pci/devices/%s/sriov_numvfs", name, counted,
		       pf->family->max_vfs, name);
		return -EINVAL;
	}
	share_with_vfs(pf, counted);
	return 0;
}

static int
publish_mac(struct rte_eth_dev *dev, struct pf *pf)
{
	dev->data->mac_addrs = rte_calloc("sluice_pf_macs", pf->family->nb_rar,
					  RTE_ETHER_ADDR_LEN, 0);
	dev->data->hash_mac_addrs = rte_calloc("sluice_pf_hash_macs", HASH_MACS,
					       RTE_ETHER_ADDR_LEN, 0);
	if (dev->data->mac_addrs == NULL || dev->data->hash_mac_addrs == NULL)
		return -ENOMEM;
	memcpy(dev->data->mac_addrs[0].addr_bytes, pf->mac.byte, RTE_ETHER_ADDR_LEN);
	return 0;
}

static int
take_devargs(struct pf *pf)
{
	struct sluice_devargs args;
	int rc = devargs_read(DEVARGS_PF, pf->pci->device.devargs, &args);

	if (rc == 0)
		rc = malicious_init(pf, args.mdd);
	return rc < 0 ? rc : rx_interrupts_init(&pf->port, pf->pci->device.name, pf->nb_vfs,
						args.itr_us);
}

/* A daemon's memory for a port; for the time of one probe. */
static struct {
	struct pf *memory;
	const struct pf *old;	/* what was in it, if the device is to be taken over */
} kept;

static int
come_up(struct pf *pf)
{
	if (kept.old == NULL)
		return pf_bring_up(pf);
	pf_take_books(pf, kept.old);
	pf_take_over(pf);
	return 0;
}

static int
init_primary(struct rte_eth_dev *dev)
{
	const struct pf_device *device;
	struct pf *pf = pf_of(dev);
	int rc;

	pf->pci = RTE_ETH_DEV_TO_PCI(dev);
	pf->port_id = dev->data->port_id;
	device = pf_device_find(pf->pci->id.device_id);
	if (device == NULL)
		return -ENODEV;
	pf->family = device->family;
	pf->media = device->media;
	dev->process_private = (void *)(uintptr_t)device->family;
	port_share_family(&pf->port, pf->family->queues);
	pf->port.io.bar = pf->pci->mem_resource[0].addr;
	pf->port.max_frame = FRAME_DEFAULT;
	if (pf->port.io.bar == NULL || pf->family->is_gone(pf))
		return pf_set_gone(pf);

	rc = read_vf_count(pf);
	if (rc < 0)
		return rc;
	rc = take_devargs(pf);
	if (rc < 0)
		return rc;
	if (pthread_mutex_init(&pf->lock, NULL) != 0)
		return -ENOMEM;
	rc = events_create(pf);
	if (rc < 0)
		goto free_lock;
	flow_control_init(pf);
	pf->tag_type = RTE_ETHER_TYPE_VLAN;
	rc = come_up(pf);
	if (rc < 0)
		goto free_events;
	rc = publish_mac(dev, pf);
	if (rc < 0)
		goto free_events;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	PF_LOG(INFO, "port %u: %s, %u VFs", pf->port_id, pf->family->name, pf->nb_vfs);
	return 0;

free_events:
	events_free(pf);
free_lock:
	pthread_mutex_destroy(&pf->lock);
	return rc;
}

static int
init_secondary(struct rte_eth_dev *dev)
{
	const struct pf_device *device = pf_device_find(RTE_ETH_DEV_TO_PCI(dev)->id.device_id);

	if (device == NULL)
		return -ENODEV;
	dev->dev_ops = &secondary_ops;
	dev->process_private = (void *)(uintptr_t)device->family;
	queue_select_bursts(dev);
	return 0;
}

static int
pf_dev_init(struct rte_eth_dev *dev)
{
	int rc;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return init_secondary(dev);
	dev->dev_ops = &pf_dev_ops;
	if (kept.memory == NULL)
		return init_primary(dev);
	dev->data->dev_private = kept.memory;
	pf_of(dev)->kept = true;
	rc = init_primary(dev);
	/* ethdev would free it. */
	if (rc < 0)
		dev->data->dev_private = NULL;
	return rc;
}

static int
pf_dev_uninit(struct rte_eth_dev *dev)
{
	return pf_close(dev);
}

/*
 * The default service answers VFs from here on: DPDK's ixgbevf, for one, gives up on a device whose
 * PF does not answer while it is probed. A daemon has yet to say what the VFs may do: it is waited
 * for until the port's start. Not in pf_dev_init(), before whose end ethdev knows no such port.
 */
static void
serve_vfs(const struct rte_pci_device *pci)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(pci->device.name);
	struct pf *pf = pf_of(dev);

	if (rte_eal_process_type() == RTE_PROC_PRIMARY && pf->nb_vfs > 0 && events_have_default())
		pf_go_live(pf);
}

static int
pf_probe(struct rte_pci_driver *driver __rte_unused, struct rte_pci_device *pci)
{
	struct sluice_devargs args;
	int rc;

	rc = devargs_read(DEVARGS_PF, pci->device.devargs, &args);
	if (rc < 0)
		return rc;
	if (!args.take)
		return 1;	/* for the next driver */
	rc = rte_eth_dev_pci_generic_probe(pci, sizeof(struct pf), pf_dev_init);
	if (rc == 0)
		serve_vfs(pci);
	return rc;
}

size_t
pf_kept_bytes(void)
{
	return sizeof(struct pf);
}

int
pf_probe_kept(struct rte_pci_device *pci, void *memory, const void *old)
{
	int rc;

	memset(memory, 0, sizeof(struct pf));
	kept.memory = memory;
	kept.old = old;
	rc = rte_eth_dev_pci_generic_probe(pci, 0, pf_dev_init);
	kept.memory = NULL;
	kept.old = NULL;
	return rc;
}

int
pf_remove(struct rte_pci_device *pci)
{
	return rte_eth_dev_pci_generic_remove(pci, pf_dev_uninit);
}

static struct rte_pci_driver pf_driver = {
	.id_table = pf_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC,
	.probe = pf_probe,
	.remove = pf_remove,
};

RTE_PMD_REGISTER_PCI(net_sluice_pf, pf_driver);
RTE_PMD_REGISTER_PCI_TABLE(net_sluice_pf, pf_ids);
RTE_PMD_REGISTER_KMOD_DEP(net_sluice_pf, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(net_sluice_pf, SLUICE_PF_DEVARGS);

RTE_INIT_PRIO(net_sluice_pf_first, LAST)
{
	pci_driver_move_first(&pf_driver);
}
