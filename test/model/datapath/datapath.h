/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * From Tx descriptors through the switch to Rx descriptors and the wire, and from the wire back.
 *
 * Knows the state of nic.h and no register. Built for speed where a queue does what most do: one
 * segment, no offload, a destination that was looked up before.
 */
#ifndef MODEL_DATAPATH_H
#define MODEL_DATAPATH_H

#include "nic.h"

/** A frame inside the NIC, without CRC. @p data is the sender's buffer or the port's memory. */
struct frame {
	uint8_t *data;
	uint32_t len;
	uint16_t vlan;		/**< tag beside the frame: PCP and VID */
	bool has_vlan;		/**< ... and not in data */
	bool from_wire, bad_crc;
	int8_t source_pool;	/**< -1: the wire */
};

/* datapath.c */
/** @return 0, -ENOMEM. nic->datapath is its own. */
int datapath_create(struct nic *nic);
void datapath_free(struct nic *nic);
/** A function or port was reset: nothing of it is left in the port's memory. */
void datapath_reset(struct nic *nic, enum reset_kind kind, unsigned int vf);

/**
 * One round: frames from the wire, every enabled Tx queue up to @p budget descriptors, what waits
 * for descriptors, interrupts that are due.
 *
 * @return frames moved; 0: there was nothing to do
 */
unsigned int nic_poll(struct nic *nic, unsigned int budget);

/** When nic_poll() next has something to do if no doorbell rings: rate limits, throttles. */
uint64_t nic_next_event_ns(struct nic *nic);

/* tx.c */
/** Work off [head, tail) of a queue, at most @p budget descriptors. @return frames sent */
unsigned int tx_queue_run(struct nic *nic, struct tx_queue *q, unsigned int budget);

/* rx.c */
/**
 * Put a frame into the queue's descriptors and raise its cause.
 *
 * @return 0; -ENOBUFS: no descriptor, dropped and counted, or kept in the backlog if the queue does
 *         not drop; -EIO: fault
 */
int rx_queue_deliver(struct nic *nic, struct rx_queue *q, const struct frame *frame);
/** New descriptors: deliver what waits. @return frames delivered */
unsigned int rx_queue_run(struct nic *nic, struct rx_queue *q);

/* switch.c */
/** From a pool's Tx queue, after checks, offloads and tag insertion. */
void switch_from_pool(struct nic *nic, const struct frame *frame);
/** From the wire. */
void switch_from_wire(struct nic *nic, const struct frame *frame);
/** Frames that are for the wire are given to it in bursts. */
void switch_flush(struct nic *nic);

/** Which pools take a frame with that destination. Pure; what the cache keeps. */
uint64_t switch_pools(const struct nic *nic, const uint8_t dst[MAC_LEN], bool tagged, uint16_t vid,
		      int source_pool, bool *unmatched);

/* classify.c: what the Rx engines see in a frame */
struct classified {
	uint32_t packet_type;	/**< bits 4 to 16 of the write-back, as there */
	uint8_t rss_type;
	uint32_t hash;
	uint32_t fragment;	/**< in the hash's place if the port wants it: id, and sum << 16 */
	uint32_t status;	/**< its dword 2: what was checked, and what is wrong */
};
void classify(const struct nic *nic, const struct rss *rss, const uint8_t *data, uint32_t len,
	      struct classified *result);
/** Toeplitz. */
uint32_t rss_toeplitz(const uint8_t key[40], const uint8_t *input, unsigned int bytes);

#endif /* MODEL_DATAPATH_H */
