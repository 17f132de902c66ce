/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One Rx queue: the ring, the mbufs in it, and what the bursts keep between calls.
 *
 * Slots [next, give) hold a buffer each: the device's, or filled and not yet taken. The other
 * `holes` slots hold none, and at least one hole remains: with tail == head the device has no
 * buffers at all (82576 sheet, 3.6a).
 */
#ifndef SLUICE_RXQ_H
#define SLUICE_RXQ_H

#include <stddef.h>

#include <rte_mbuf.h>

#include "desc.h"
#include "dpdk_compat.h"
#include "gate.h"
#include "port.h"
#include "rx_decode.h"

/* mbuf fields that are the same for every frame of a queue: one word from here on. */
#define REARM_OFFSET offsetof(struct rte_mbuf, data_off)

static_assert(offsetof(struct rte_mbuf, refcnt) == REARM_OFFSET + 2, "mbuf");
static_assert(offsetof(struct rte_mbuf, nb_segs) == REARM_OFFSET + 4, "mbuf");
static_assert(offsetof(struct rte_mbuf, port) == REARM_OFFSET + 6, "mbuf");

struct rxq_counters {
	uint64_t packets, bytes;
	uint64_t errors;	/**< frames dropped: bad, or too long without scatter */
	uint64_t no_mbuf;	/**< times the pool could not fill the ring */
};

/**
 * What all write-backs of a queue are compared with, and what all its mbufs get, for bursts with
 * vectors: the same word four times, but for `rearm`.
 */
struct rx_same {
	uint32_t status_mask[4] __rte_aligned(16);
	uint32_t status[4];		/**< the bits of a sound frame in one buffer */
	uint32_t limit[4];		/**< length in the low half; the tag's may be anything */
	uint32_t special[4];		/**< type bits that tables of 16 rows do not know */
	uint64_t rearm[2];		/**< mbuf fields from REARM_OFFSET on, and no flags */
};

struct rxq {
	volatile union rx_desc *ring;
	struct rte_mbuf **mbufs;	/**< one per slot that holds a buffer */
	volatile void *tail;		/**< RDT */
	uint64_t rearm;			/**< what goes to REARM_OFFSET */
	uint64_t data_distance;		/**< from an mbuf to the bus address of its frame */
	bool data_is_near;		/**< that is so for all of the pool */
	uint32_t error_bits;		/**< the family's rxd_errors */
	uint16_t size;
	uint16_t next;			/**< oldest slot with a buffer: the next write-back */
	uint16_t give;			/**< first hole, and the value of the tail register */
	uint16_t holes;
	uint16_t give_thresh;		/**< buffers given back at a time */
	uint16_t buffer_bytes;		/**< a device that says it wrote more is not believed */
	uint16_t max_segments;		/**< nor one whose frame takes more buffers than this */
	bool skipping;			/**< in the middle of a frame that is being dropped */
	struct rte_mbuf *head, *last;	/**< frame of which more buffers are to come */
	struct rte_mempool *pool;
	struct rxq_counters count;	/**< written by the burst alone */
	struct rx_same same;
	struct rx_decode decode;
	struct gate gate;

	/* Control path only. */
	struct rxq_counters base;	/**< value of the counters at the last reset */
	uint64_t dropped;		/**< by the device, for lack of buffers */
	const struct rte_memzone *ring_mz;
	uint64_t offloads;		/**< the queue's and the port's */
	struct rte_eth_thresh thresholds;
	uint16_t wanted_give_thresh;	/**< give_thresh while the queue runs */
	uint16_t buffer_kb;
	bool drop;			/**< SRRCTL.DROP_EN */
	bool deferred;			/**< not started with the port */
};

/** A queue that does not run gives nothing back, should somebody poll it. */
#define RXQ_GIVE_NEVER UINT16_MAX

/** Packet buffer size for a pool's mbufs, in KB, rounded down; 0: they are too small. */
uint16_t rxq_buffer_kb(const struct family *family, uint16_t data_room);

/** Believe the device no more than buffers of @p kb can hold and @p family can send. */
void rxq_set_limits(struct rxq *q, const struct family *family, uint16_t kb);

/** Buffers given back at a time in a ring of @p size; wanted 0: the default. */
uint16_t rxq_give_thresh(uint16_t size, uint16_t wanted);

/** As many free descriptors, in a ring of @p size, are few; 0: the ring is too small to say. */
uint16_t rxq_low_threshold(const struct family *family, uint16_t size);

/** The word for REARM_OFFSET: default data offset, one reference, one segment, the port. */
uint64_t rxq_rearm_word(uint16_t port_id);

/** Take buffers of @p pool from now on; the ring must be empty. */
void rxq_set_pool(struct rxq *q, struct rte_mempool *pool);

/** Tell the bursts what to make of write-backs; after rxq_set_limits(). The queue may run. */
void rxq_set_wishes(struct rxq *q, const struct family *family, const struct rx_wishes *wishes);

/** Where the device puts a frame into a fresh mbuf; without a look at it, where that is known. */
static inline uint64_t
rxq_data(const struct rxq *q, const struct rte_mbuf *m)
{
	return likely(q->data_is_near) ? (uintptr_t)m + q->data_distance :
		rte_mbuf_data_iova_default(m);
}

/**
 * Put fresh mbufs into @p count holes, without telling the device.
 *
 * @return how many were filled: count, or fewer when the pool runs dry
 */
uint16_t rxq_fill(struct rxq *q, uint16_t count);

/** What the queue's application wishes to know of its frames. */
struct rx_wishes rxq_wishes(const struct port *port, const struct rxq *q);

/** Follow the port's wishes, which changed: the queue may be running. */
void rxq_refresh(const struct rte_eth_dev *dev, uint16_t id);

#endif /* SLUICE_RXQ_H */
