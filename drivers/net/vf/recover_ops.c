/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Between dev_ops of the application's threads and the recovery of a port stands a lock. Only the
 * ports that recover by themselves have this table. Not in it are operations that end a recovery,
 * and those that neither change nor follow what it changes (test/pmd/recovery_test.c lists them).
 */
#include "queue.h"
#include "vf.h"

static const struct eth_dev_ops *plain;

#define HELD(op, parameters, arguments) \
	static int held_##op parameters \
	{ \
		struct vf *vf = vf_of(dev); \
		int rc; \
	\
		pthread_mutex_lock(&vf->recovery.hold); \
		rc = plain->op arguments; \
		pthread_mutex_unlock(&vf->recovery.hold); \
		return rc; \
	}

#define HELD_VOID(op, parameters, arguments) \
	static void held_##op parameters \
	{ \
		struct vf *vf = vf_of(dev); \
	\
		pthread_mutex_lock(&vf->recovery.hold); \
		plain->op arguments; \
		pthread_mutex_unlock(&vf->recovery.hold); \
	}

HELD(dev_start, (struct rte_eth_dev *dev), (dev))
HELD(rx_queue_setup, (struct rte_eth_dev *dev, uint16_t id, uint16_t nb, unsigned int socket,
		      const struct rte_eth_rxconf *conf, struct rte_mempool *pool),
     (dev, id, nb, socket, conf, pool))
HELD(tx_queue_setup, (struct rte_eth_dev *dev, uint16_t id, uint16_t nb, unsigned int socket,
		      const struct rte_eth_txconf *conf), (dev, id, nb, socket, conf))
HELD_VOID(rx_queue_release, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD_VOID(tx_queue_release, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD(rx_queue_start, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD(rx_queue_stop, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD(tx_queue_start, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD(tx_queue_stop, (struct rte_eth_dev *dev, uint16_t id), (dev, id))
HELD_VOID(vlan_strip_queue_set, (struct rte_eth_dev *dev, uint16_t id, int on), (dev, id, on))
HELD(dev_ptypes_set, (struct rte_eth_dev *dev, uint32_t mask), (dev, mask))
HELD(mtu_set, (struct rte_eth_dev *dev, uint16_t mtu), (dev, mtu))
HELD(mac_addr_set, (struct rte_eth_dev *dev, struct rte_ether_addr *mac), (dev, mac))
HELD(mac_addr_add, (struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
		    uint32_t pool), (dev, mac, index, pool))
HELD_VOID(mac_addr_remove, (struct rte_eth_dev *dev, uint32_t index), (dev, index))
HELD(set_mc_addr_list, (struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb),
     (dev, list, nb))
HELD(promiscuous_enable, (struct rte_eth_dev *dev), (dev))
HELD(promiscuous_disable, (struct rte_eth_dev *dev), (dev))
HELD(allmulticast_enable, (struct rte_eth_dev *dev), (dev))
HELD(allmulticast_disable, (struct rte_eth_dev *dev), (dev))
HELD(vlan_filter_set, (struct rte_eth_dev *dev, uint16_t vlan, int on), (dev, vlan, on))
HELD(vlan_offload_set, (struct rte_eth_dev *dev, int mask), (dev, mask))
HELD(reta_update, (struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *table, uint16_t size),
     (dev, table, size))
HELD(rss_hash_update, (struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf), (dev, conf))

#define PUT(op) ops.op = held_##op

const struct eth_dev_ops *
vf_recover_ops(const struct eth_dev_ops *without)
{
	static struct eth_dev_ops ops;

	if (plain != NULL)
		return &ops;
	ops = *without;
	PUT(dev_start);
	PUT(rx_queue_setup);
	PUT(tx_queue_setup);
	PUT(rx_queue_release);
	PUT(tx_queue_release);
	PUT(rx_queue_start);
	PUT(rx_queue_stop);
	PUT(tx_queue_start);
	PUT(tx_queue_stop);
	PUT(vlan_strip_queue_set);
	PUT(dev_ptypes_set);
	PUT(mtu_set);
	PUT(mac_addr_set);
	PUT(mac_addr_add);
	PUT(mac_addr_remove);
	PUT(set_mc_addr_list);
	PUT(promiscuous_enable);
	PUT(promiscuous_disable);
	PUT(allmulticast_enable);
	PUT(allmulticast_disable);
	PUT(vlan_filter_set);
	PUT(vlan_offload_set);
	PUT(reta_update);
	PUT(rss_hash_update);
	ops.tx_done_cleanup = txq_done_cleanup_gated;
	plain = without;
	return &ops;
}
