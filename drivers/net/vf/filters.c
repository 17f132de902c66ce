/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "queue.h"
#include "vf.h"
#include "vf_log.h"

#define VLAN_IDS      4096
#define VLAN_IDS_WORD 64	/* struct rte_vlan_filter_conf */

static struct mac_addr
mac_of(const struct rte_ether_addr *addr)
{
	struct mac_addr mac;

	static_assert(sizeof(mac) == sizeof(*addr), "the same six bytes");
	memcpy(&mac, addr, sizeof(mac));
	return mac;
}

int
vf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	struct vf *vf = vf_of(dev);
	struct mac_addr mac = mac_of(addr);
	int rc;

	/* ethdev's own replay at start; start settled it with the PF already. */
	if (rte_is_same_ether_addr(addr, &dev->data->mac_addrs[0]))
		return 0;
	rc = vf_ask_mac(vf, &mac);
	if (rc < 0) {
		PORT_LOG(ERR, vf, "the PF refuses address " RTE_ETHER_ADDR_PRT_FMT ": %s",
			 RTE_ETHER_ADDR_BYTES(addr), rte_strerror(-rc));
		return rc;
	}
	vf->mac_chosen = true;
	return 0;
}

int
vf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		uint32_t pool)
{
	struct vf *vf = vf_of(dev);
	struct mac_addr mac = mac_of(addr);
	int rc = vf_ask_mac_add(vf, &mac);

	RTE_SET_USED(index);
	RTE_SET_USED(pool);
	if (rc < 0)
		PORT_LOG(ERR, vf, "the PF refuses additional address " RTE_ETHER_ADDR_PRT_FMT
			 ": %s", RTE_ETHER_ADDR_BYTES(addr), rte_strerror(-rc));
	return rc;
}

/* The mailbox knows no removal of one address: drop all, and add the others again. */
void
vf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct vf *vf = vf_of(dev);
	struct rte_ether_addr *addrs = dev->data->mac_addrs;
	struct mac_addr own = mac_of(&addrs[0]);
	int rc = vf_ask_mac_clear(vf, &own);

	if (rc < 0) {
		PORT_LOG(ERR, vf, "the PF keeps additional address " RTE_ETHER_ADDR_PRT_FMT ": %s",
			 RTE_ETHER_ADDR_BYTES(&addrs[index]), rte_strerror(-rc));
		return;
	}
	for (uint32_t i = 1; i < vf->family->max_mac_addrs; i++)
		if (i != index && !rte_is_zero_ether_addr(&addrs[i]))
			vf_mac_addr_add(dev, &addrs[i], i, 0);
}

static bool
wants_all_multicast(const struct rte_eth_dev *dev)
{
	return dev->data->all_multicast || dev->data->promiscuous || vf_of(dev)->groups.overflow;
}

static int
set_receive_mode(struct rte_eth_dev *dev, bool unicast, bool multicast)
{
	struct vf *vf = vf_of(dev);
	int rc = vf_ask_receive_mode(vf, unicast, multicast);

	if (rc < 0)
		PORT_LOG(WARNING, vf, "the PF refuses %s: %s",
			 unicast ? "promiscuous mode" : multicast ? "all multicast" : "normal mode",
			 rte_strerror(-rc));
	return rc;
}

int
vf_promiscuous_enable(struct rte_eth_dev *dev)
{
	return set_receive_mode(dev, true, true);
}

/* ethdev clears a mode's flag only after the mode is off: here it still stands. */
int
vf_promiscuous_disable(struct rte_eth_dev *dev)
{
	bool multicast = dev->data->all_multicast || vf_of(dev)->groups.overflow;

	return set_receive_mode(dev, false, multicast);
}

int
vf_allmulticast_enable(struct rte_eth_dev *dev)
{
	return set_receive_mode(dev, dev->data->promiscuous, true);
}

int
vf_allmulticast_disable(struct rte_eth_dev *dev)
{
	bool multicast = dev->data->promiscuous || vf_of(dev)->groups.overflow;

	return set_receive_mode(dev, dev->data->promiscuous, multicast);
}

int
vf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb)
{
	struct vf *vf = vf_of(dev);
	const struct mbx_set_multicast granted = vf->groups;
	struct mbx_set_multicast groups = {
		.nb = RTE_MIN(nb, (uint32_t)MBX_MULTICASTS_MAX),
		.overflow = nb > MBX_MULTICASTS_MAX,
	};
	int rc;

	for (uint8_t i = 0; i < groups.nb; i++) {
		struct mac_addr mac = mac_of(&list[i]);

		groups.hash[i] = vf->family->dialect->multicast_hash(vf, &mac);
	}
	vf->groups = groups;
	rc = vf_ask_multicast(vf);
	if (rc < 0) {
		vf->groups = granted;
		PORT_LOG(ERR, vf, "the PF refuses %u multicast addresses: %s",
			 nb, rte_strerror(-rc));
		return rc;
	}
	/* More groups than a message holds: only all of them will do. */
	return set_receive_mode(dev, dev->data->promiscuous, wants_all_multicast(dev));
}

int
vf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vlan, int on)
{
	struct vf *vf = vf_of(dev);
	int rc = vf_ask_vlan(vf, vlan, on != 0);

	if (rc < 0)
		PORT_LOG(ERR, vf, "the PF refuses to %s VLAN %u: %s",
			 on ? "add" : "remove", vlan, rte_strerror(-rc));
	return rc;
}

/* The PF's filter is always on; ethdev has checked what else can be asked for. */
int
vf_vlan_offload_set(struct rte_eth_dev *dev, int mask)
{
	queues_vlan_offload(dev, mask);
	return 0;
}

int
vf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct vf *vf = vf_of(dev);
	uint32_t max_frame = mtu + QUEUE_FRAME_OVERHEAD;
	int rc;

	if (vf->running && !dev->data->scattered_rx && !queue_frame_fits(dev, max_frame)) {
		PORT_LOG(ERR, vf, "MTU %u needs several mbufs per frame: stop the port first", mtu);
		return -EBUSY;
	}
	rc = vf_ask_max_frame(vf, max_frame);
	if (rc < 0) {
		PORT_LOG(ERR, vf, "the PF refuses MTU %u: %s", mtu, rte_strerror(-rc));
		return rc;
	}
	vf->port.max_frame = max_frame;
	queues_set_max_frame(dev);
	return 0;
}

static void
restore_vlans(struct rte_eth_dev *dev)
{
	const struct rte_vlan_filter_conf *filter = &dev->data->vlan_filter_conf;

	for (uint16_t vlan = 0; vlan < VLAN_IDS; vlan++)
		if (filter->ids[vlan / VLAN_IDS_WORD] & RTE_BIT64(vlan % VLAN_IDS_WORD))
			vf_vlan_filter_set(dev, vlan, 1);
}

void
vf_filters_restore(struct rte_eth_dev *dev)
{
	struct vf *vf = vf_of(dev);
	int rc;

	restore_vlans(dev);
	if (vf->groups.nb > 0) {
		rc = vf_ask_multicast(vf);
		if (rc < 0)
			PORT_LOG(ERR, vf, "the PF refuses %u multicast addresses: %s",
				 vf->groups.nb, rte_strerror(-rc));
	}
	if (dev->data->promiscuous && set_receive_mode(dev, true, true) == -EPERM)
		dev->data->promiscuous = 0;
	if (!dev->data->promiscuous && wants_all_multicast(dev) &&
	    set_receive_mode(dev, false, true) == -EPERM)
		dev->data->all_multicast = 0;
}
