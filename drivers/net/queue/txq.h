/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One Tx queue: the ring, the frames in it, and which descriptors report back.
 *
 * Slots [reclaim, next) are the device's or not yet looked at; all but one of the ring may be
 * (82576 sheet, 3.6b). Only every rs_thresh-th descriptor asks for a write-back (RS), and `marks`
 * remembers which: a mark's DD says that everything up to it was sent.
 */
#ifndef SLUICE_TXQ_H
#define SLUICE_TXQ_H

#include "desc.h"
#include "dpdk_compat.h"
#include "gate.h"
#include "port.h"

struct txq_counters {
	uint64_t packets, bytes;
	uint64_t errors;	/**< frames dropped because no ring could ever take them */
};

/** A context descriptor without its index; high 0: none. */
struct tx_context {
	uint64_t low, high;
};

/**
 * Frames that take a short way into the ring (tx_run.h, tx_chain.h): of this length, one reference,
 * of the queue's pool, and with these flags and header lengths. What their descriptors have in
 * common is known.
 */
struct tx_alike {
	/** Of an mbuf's 16 bytes from data_off on: one reference, one segment, these ol_flags. */
	uint64_t head_mask[2] __rte_aligned(16), head[2];
	uint64_t offload_mask, offload;	/**< of tx_offload */
	uint16_t tag_mask, tag;		/**< of vlan_tci */
	uint32_t min_bytes, bytes_span;
	uint64_t words;			/**< a descriptor's words 2 and 3, but for lengths */
	uint32_t headers;		/**< bytes that are no payload, all in the first segment */
};

struct txq {
	volatile union tx_desc *ring;
	/** Each segment at its own slot (tx_chain.h), or the frame at its last one, NULL before. */
	struct rte_mbuf **mbufs;
	uint16_t *marks;		/**< slots with RS not yet seen done, a ring of `size` */
	volatile void *tail;		/**< TDT */
	uint16_t size;
	uint16_t next;			/**< first free slot */
	uint16_t reclaim;		/**< oldest slot in use */
	uint16_t nb_free;
	uint16_t free_thresh;		/**< reclaim when fewer than this are free */
	uint16_t rs_thresh;
	uint16_t rs_limit;		/**< a run of frames ends here to have its mark */
	uint16_t unmarked;		/**< descriptors since the last RS */
	uint16_t mark_first, mark_next, nb_marks;
	uint16_t max_segments;		/**< of a frame that always finds room sooner or later */
	/** Slots from `reclaim` on, behind which all are single mbufs of `pool`, unshared. */
	uint16_t mixed;
	bool fast_free;			/**< all mbufs are of one pool, and not shared */
	bool has_chains;		/**< whole ones in `mbufs`, since the queue started */
	struct rte_mempool *pool;	/**< of the last unshared frame; NULL: there was none */
	struct tx_alike alike;
	struct tx_alike alike_chain;	/**< likewise of several segments, or to be cut */
	struct txq_counters count;	/**< written by the burst alone */
	uint32_t min_bytes, bytes_span;	/**< a frame has min_bytes..min_bytes + bytes_span bytes */
	uint32_t status;		/**< the family's txd_status */

	/* The burst with offloads. The device keeps two contexts; one may be the default one. */
	uint64_t requests;		/**< RTE_MBUF_F_TX_* that are made good */
	struct tx_context context[2];
	uint8_t context_at;		/**< used last */
	uint8_t context_toggle;		/**< 1: there is another one to use; 0: it is the default */
	bool insert_by_software;	/**< the device would not insert a tag now */
	uint16_t max_buffer;
	struct tso_limits tso;
	uint32_t outer_sum, nvgre;	/**< the family's txd_outer_sum and txd_nvgre */
	struct gate gate;

	/* Control path only. */
	struct txq_counters base;	/**< value of the counters at the last reset */
	const struct rte_memzone *ring_mz;
	uint64_t offloads;		/**< the queue's and the port's */
	struct rte_eth_thresh thresholds;
	bool deferred;			/**< not started with the port */
};

/** Can the ring ever take a frame of this shape? */
static inline bool
txq_takes(const struct txq *q, const struct rte_mbuf *frame)
{
	/* Unsigned: a frame shorter than min_bytes becomes a huge number. */
	return frame->nb_segs <= q->max_segments &&
		frame->pkt_len - q->min_bytes <= q->bytes_span;
}

/**
 * Set the thresholds and what depends on them for a ring of q->size descriptors.
 *
 * @param rs_thresh    wanted descriptors per write-back; a small ring gets fewer
 * @param free_thresh  wanted free descriptors below which to reclaim; likewise
 */
void txq_set_limits(struct txq *q, const struct family *family, uint16_t rs_thresh,
		    uint16_t free_thresh);

/** Make good what of RTE_ETH_TX_OFFLOAD_* is in @p offloads; before txq_set_limits(). */
void txq_set_offloads(struct txq *q, uint64_t offloads);

/** Who inserts tags? Follow rxmode.offloads. */
void txq_choose_inserter(const struct rte_eth_dev *dev, uint16_t id);

/** Forget everything in the ring and in the device; the frames must have been freed. */
void txq_clear(struct txq *q);

/** Take back what was sent, in ring order, as far as the marks report it, and @p most slots. */
void txq_reclaim(struct txq *q, uint32_t most);

/** Put the family's default context, if it has one, into the empty ring; the tail stays. */
void txq_put_default_context(struct txq *q, const struct family *family);

/** Free every frame that is still in the ring. */
void txq_free_frames(struct txq *q);

#endif /* SLUICE_TXQ_H */
