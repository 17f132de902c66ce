/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the PF port itself receives: addresses, promiscuous modes, VLANs, frame size.
 *
 * With VFs the PF is one pool among others and uses the shared tables like them.
 */
#include <errno.h>
#include <string.h>

#include "codec.h"
#include "log.h"
#include "pf.h"
#include "queue.h"

static bool
vlan_filter_on(const struct rte_eth_dev *dev)
{
	/* Only the filter keeps the pools' VLANs apart: with VFs it stays on. */
	return pf_of(dev)->nb_vfs > 0 ||
	       (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER) != 0;
}

static uint32_t
own_accept(const struct pf *pf)
{
	uint32_t accept = RTE_PMD_SLUICE_ACCEPT_UNTAGGED | RTE_PMD_SLUICE_ACCEPT_BROADCAST |
			  RTE_PMD_SLUICE_ACCEPT_MULTICAST;

	if (pf->only_mirrors)
		return RTE_PMD_SLUICE_ACCEPT_UNTAGGED;
	if (pf->promiscuous)
		accept |= RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST | RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST;
	if (pf->all_multicast)
		accept |= RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST;
	return accept;
}

static bool
has_hashes(const struct pf *pf)
{
	uint32_t any = pf->all_unicast_hash;
	unsigned int i;

	for (i = 0; i < MULTICAST_WORDS; i++)
		any |= pf->unicast_hash[i];
	return any != 0;
}

/* Lock held. */
static void
refresh(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);
	uint64_t offloads = dev->data->dev_conf.rxmode.offloads;
	struct pf_rx_mode mode = {
		.promiscuous = pf->promiscuous,
		.all_multicast = pf->all_multicast,
		.vlan_filter = vlan_filter_on(dev),
		.strip_vlan = (offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0,
		.keep_crc = (offloads & RTE_ETH_RX_OFFLOAD_KEEP_CRC) != 0,
		.max_frame = pf->port.max_frame,
	};

	if (pf->nb_vfs > 0) {
		/* The pools' own limits do the work. */
		mode.max_frame = pf->family->queues->max_frame_bytes;
		pf->pools[pf->pool].max_frame = pf->port.max_frame;
		pf->pools[pf->pool].unicast_hash = has_hashes(pf);
		pool_refresh_frames(pf);
		pool_set_accept(pf, pf->pool, own_accept(pf));
	}
	pf->family->write_rx_mode(pf, &mode);
}

void
rx_mode_refresh(struct rte_eth_dev *dev)
{
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	refresh(dev);
	pthread_mutex_unlock(&pf->lock);
}

static int
set_flag(struct rte_eth_dev *dev, bool *flag, bool on)
{
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	*flag = on;
	refresh(dev);
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : 0;
}

int
rx_mode_promiscuous_on(struct rte_eth_dev *dev)
{
	return set_flag(dev, &pf_of(dev)->promiscuous, true);
}

int
rx_mode_promiscuous_off(struct rte_eth_dev *dev)
{
	return set_flag(dev, &pf_of(dev)->promiscuous, false);
}

int
rx_mode_allmulticast_on(struct rte_eth_dev *dev)
{
	return set_flag(dev, &pf_of(dev)->all_multicast, true);
}

int
rx_mode_allmulticast_off(struct rte_eth_dev *dev)
{
	return set_flag(dev, &pf_of(dev)->all_multicast, false);
}

int
rx_mode_only_mirrors(struct rte_eth_dev *dev, bool on)
{
	return set_flag(dev, &pf_of(dev)->only_mirrors, on);
}

static struct mac_addr
mac_of(const struct rte_ether_addr *address)
{
	struct mac_addr mac;

	memcpy(mac.byte, address->addr_bytes, MAC_BYTES);
	return mac;
}

int
rx_mode_mac_add(struct rte_eth_dev *dev, struct rte_ether_addr *address,
		uint32_t index __rte_unused, uint32_t vmdq_pool __rte_unused)
{
	struct mac_addr mac = mac_of(address);
	struct pf *pf = pf_of(dev);
	int rc;

	pthread_mutex_lock(&pf->lock);
	rc = filter_add_mac(pf, pf->pool, &mac);
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : rc;
}

void
rx_mode_mac_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct mac_addr mac = mac_of(&dev->data->mac_addrs[index]);
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	/* The default address may be listed a second time. */
	if (!mac_equal(&mac, &pf->default_mac))
		filter_remove_mac(pf, pf->pool, &mac);
	pthread_mutex_unlock(&pf->lock);
}

int
rx_mode_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *address)
{
	struct mac_addr mac = mac_of(address);
	struct pf *pf = pf_of(dev);
	int rc = 0;

	pthread_mutex_lock(&pf->lock);
	if (!mac_equal(&mac, &pf->default_mac)) {
		filter_remove_mac(pf, pf->pool, &pf->default_mac);
		rc = filter_add_mac(pf, pf->pool, &mac);
		if (rc == 0)
			pf->default_mac = mac;
		else
			filter_add_mac(pf, pf->pool, &pf->default_mac);
	}
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : rc;
}

static void
add_hash(uint32_t words[MULTICAST_WORDS], const struct rte_ether_addr *address)
{
	struct mac_addr mac = mac_of(address);
	uint16_t hash = mbx_multicast_hash(&mac);

	words[hash / 32] |= BIT(hash % 32);
}

/* The table is the pools': without any it is not looked at. */
static int
check_hashes(struct pf *pf)
{
	if (pf->gone)
		return -EIO;
	if (pf->nb_vfs > 0)
		return 0;
	PF_LOG(ERR, "port %u: the unicast hash table is for pools, and without VFs there are none",
	       pf->port_id);
	return -ENOTSUP;
}

static void
set_hashes(struct rte_eth_dev *dev, const uint32_t words[MULTICAST_WORDS], bool all)
{
	struct pf *pf = pf_of(dev);

	pthread_mutex_lock(&pf->lock);
	memcpy(pf->unicast_hash, words, sizeof(pf->unicast_hash));
	pf->all_unicast_hash = all;
	refresh(dev);
	filter_refresh_hashes(pf);
	pthread_mutex_unlock(&pf->lock);
}

/* ethdev's list is changed after this call; several addresses of it may have one hash. */
int
rx_mode_unicast_hash_set(struct rte_eth_dev *dev, struct rte_ether_addr *address, uint8_t on)
{
	uint32_t words[MULTICAST_WORDS] = { 0 };
	struct pf *pf = pf_of(dev);
	int rc = check_hashes(pf);
	unsigned int i;

	if (rc < 0)
		return rc;
	for (i = 0; i < HASH_MACS; i++) {
		const struct rte_ether_addr *listed = &dev->data->hash_mac_addrs[i];

		if (!rte_is_zero_ether_addr(listed) && !rte_is_same_ether_addr(listed, address))
			add_hash(words, listed);
	}
	if (on)
		add_hash(words, address);
	set_hashes(dev, words, pf->all_unicast_hash);
	return 0;
}

int
rx_mode_unicast_hash_all(struct rte_eth_dev *dev, uint8_t on)
{
	uint32_t words[MULTICAST_WORDS];
	struct pf *pf = pf_of(dev);
	int rc = check_hashes(pf);

	if (rc < 0)
		return rc;
	memcpy(words, pf->unicast_hash, sizeof(words));
	set_hashes(dev, words, on != 0);
	return 0;
}

int
rx_mode_multicast_set(struct rte_eth_dev *dev, struct rte_ether_addr *addresses, uint32_t nb)
{
	uint32_t words[MULTICAST_WORDS] = { 0 };
	struct pf *pf = pf_of(dev);
	uint32_t i;

	for (i = 0; i < nb; i++)
		add_hash(words, &addresses[i]);
	pthread_mutex_lock(&pf->lock);
	filter_set_multicast(pf, pf->pool, words);
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : 0;
}

int
rx_mode_vlan_set(struct rte_eth_dev *dev, uint16_t vlan, int on)
{
	struct pf *pf = pf_of(dev);
	int rc;

	pthread_mutex_lock(&pf->lock);
	rc = on ? filter_add_vlan(pf, pf->pool, vlan) : filter_remove_vlan(pf, pf->pool, vlan);
	pthread_mutex_unlock(&pf->lock);
	return pf->gone ? -EIO : rc;
}

int
rx_mode_vlan_offload(struct rte_eth_dev *dev, int mask)
{
	if ((mask & (RTE_ETH_VLAN_FILTER_MASK | RTE_ETH_VLAN_STRIP_MASK)) != 0)
		rx_mode_refresh(dev);
	queues_vlan_offload(dev, mask);
	return pf_of(dev)->gone ? -EIO : 0;
}

/*
 * A second type, of an inner tag, goes with a mode in which each frame has two. Pools share the
 * type, and a VF's driver does not know that it is another one.
 */
int
rx_mode_tag_type_set(struct rte_eth_dev *dev, enum rte_vlan_type which, uint16_t type)
{
	struct pf *pf = pf_of(dev);

	if (pf->gone)
		return -EIO;
	if (which != RTE_ETH_VLAN_TYPE_OUTER || pf->family->write_tag_type == NULL ||
	    pf->nb_vfs > 0) {
		PF_LOG(ERR, "port %u: only 82599, X540 and X550 without VFs have another tag type"
		       " than 0x8100, and none has an inner one", pf->port_id);
		return -ENOTSUP;
	}
	pthread_mutex_lock(&pf->lock);
	pf->tag_type = type;
	pf->family->write_tag_type(pf);
	pthread_mutex_unlock(&pf->lock);
	return 0;
}

/* The burst function is chosen at start: a running port takes only what its buffers hold. */
int
rx_mode_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	uint32_t frame = mtu + QUEUE_FRAME_OVERHEAD;
	struct pf *pf = pf_of(dev);

	if (pf->gone)
		return -EIO;
	if (frame > pf->family->queues->max_frame_bytes)
		return -EINVAL;
	if (dev->data->dev_started && !dev->data->scattered_rx && !queue_frame_fits(dev, frame)) {
		PF_LOG(ERR, "port %u: mtu %u does not fit the Rx buffers, stop the port first",
		       pf->port_id, mtu);
		return -EBUSY;
	}
	pf->port.max_frame = frame;
	rx_mode_refresh(dev);
	queues_set_max_frame(dev);
	return 0;
}
