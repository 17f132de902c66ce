/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A queue in plain memory, and the device's half of it: heads, write-backs, the tail as it sees it.
 */
#ifndef SLUICE_RING_RIG_H
#define SLUICE_RING_RIG_H

#include "rxq.h"
#include "txq.h"

#define RIG_PORT     5
#define RIG_RING_MAX 4096

struct rx_rig {
	struct rxq q;
	uint32_t tail;		/**< RDT */
	uint16_t head;		/**< RDH */
	union rx_desc ring[RIG_RING_MAX] __rte_aligned(DESC_BYTES);
	struct rte_mbuf *mbufs[RIG_RING_MAX];
};

/** What the device was told of a frame. */
struct tx_told {
	uint32_t context[4];	/**< the one it names; all 0: none was there */
	uint32_t command, status;	/**< of its last descriptor */
	uint32_t bytes;
};

#define RIG_TOLD_MAX 64

struct tx_rig {
	struct txq q;
	uint32_t tail;		/**< TDT */
	uint16_t head;		/**< TDH */
	const struct family *family;
	uint32_t since_mark, since_mark_max;	/**< descriptors without RS in a row */
	uint32_t nb_contexts;
	uint32_t nb_frames, nb_bytes, nb_descs, nb_marks;	/**< as the device saw them */
	uint32_t context[2][4];		/**< as the device keeps them */
	struct tx_told told[RIG_TOLD_MAX];	/**< of frame n at n % RIG_TOLD_MAX */
	union tx_desc ring[RIG_RING_MAX] __rte_aligned(DESC_BYTES);
	struct rte_mbuf *mbufs[RIG_RING_MAX];
	uint16_t marks[RIG_RING_MAX];
};

/** DPDK without devices or hugepages; once per process. */
int rig_init(void **state);

/** A pool of @p nb mbufs with the usual 2 KB of room. */
struct rte_mempool *rig_pool(unsigned int nb);

/** An Rx queue of @p size slots, filled from the pool as at start. */
struct rx_rig *rx_rig_create(struct rte_mempool *pool, uint16_t size, uint16_t give_thresh);
void rx_rig_free(struct rx_rig *rig);

/** Slots that the device may fill. */
uint16_t rx_rig_room(const struct rx_rig *rig);

/** The device fills the next slot: DD and @p flags, @p length bytes. Checks that it may. */
void rx_rig_write(struct rx_rig *rig, uint16_t length, uint32_t flags);

struct tx_rig *tx_rig_create(uint16_t size, uint16_t rs_thresh, uint16_t free_thresh);
/** Of another family than the 82576, started as that one's queues are. */
struct tx_rig *tx_rig_create_of(const struct family *family, uint16_t size, uint16_t rs_thresh,
				uint16_t free_thresh);
/** And with RTE_ETH_TX_OFFLOAD_*. */
struct tx_rig *tx_rig_create_for(const struct family *family, uint64_t offloads, uint16_t size,
				 uint16_t rs_thresh, uint16_t free_thresh);
void tx_rig_free(struct tx_rig *rig);

/** The device sends everything up to the tail, and checks each descriptor. */
void tx_rig_send(struct tx_rig *rig);

/** A frame of nb segments of the given lengths; its pkt_len is their sum. */
struct rte_mbuf *rig_frame(struct rte_mempool *pool, const uint16_t *lengths, uint16_t nb);

#endif /* SLUICE_RING_RIG_H */
