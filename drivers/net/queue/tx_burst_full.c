/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The Tx burst of a port with offloads: contexts, and what they are good for. */
#include <errno.h>

#include <rte_errno.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_net.h>
#include <rte_sctp.h>

#include "queue.h"
#include "tx_order.h"
#include "tx_run.h"

static inline bool
same_context(const struct tx_context *a, const struct tx_context *b)
{
	return a->low == b->low && a->high == b->high;
}

/* Does the device still have it? Then its index becomes the current one. */
static inline bool
find_context(struct txq *q, const struct tx_context *wanted)
{
	uint8_t other = q->context_at ^ q->context_toggle;

	if (likely(same_context(&q->context[q->context_at], wanted)))
		return true;
	if (!same_context(&q->context[other], wanted))
		return false;
	q->context_at = other;
	return true;
}

/* In place of the one not used last. It never reports back: the mark of a later frame covers it. */
static void
put_context(struct txq *q, const struct tx_context *context)
{
	volatile union tx_desc *desc = &q->ring[q->next];
	uint32_t index;

	q->context_at ^= q->context_toggle;
	q->context[q->context_at] = *context;
	index = q->context_at * TXD_CONTEXT_INDEX;
	desc->read.buffer = rte_cpu_to_le_64(context->low);
	desc->read.command = rte_cpu_to_le_32((uint32_t)context->high);
	desc->read.status = rte_cpu_to_le_32((uint32_t)(context->high >> 32) | index);
	q->mbufs[q->next] = NULL;
	q->next = ring_next(q->next, q->size);
	q->nb_free--;
	q->unmarked++;
	note_mixed(q);
}

static inline void
put(struct txq *q, struct rte_mbuf *frame, uint32_t status, uint32_t command)
{
	if (likely(frame->nb_segs == 1)) {
		tx_learn_pool(q, frame);
		put_single(q, frame, status, command);
	} else {
		txq_put_chain(q, frame, status, command);
	}
}

/*
 * Which frames would get the same words, and be as sound: those that ask for the same, of headers
 * of the same lengths. Of those that are to be cut, the headers have to be in the first segment. In
 * tunnels more than that matters.
 */
static void
learn_order(struct txq *q, const struct rte_mbuf *frame, uint64_t asked,
	    const struct tx_order *order)
{
	uint32_t tag = (asked & RTE_MBUF_F_TX_VLAN) != 0 ? RTE_VLAN_HLEN : 0;
	uint32_t least = RTE_MAX(q->min_bytes, tx_order_min_bytes(frame, asked));
	uint32_t most = q->min_bytes + q->bytes_span - tag, headers = 0;
	uint32_t status = order->status & TXD_STATUS_FLAGS;

	/* What was alike may have had the context that is gone now. */
	tx_alike_nothing(q, q->requests);
	if ((asked & RTE_MBUF_F_TX_OUTER_IP_CKSUM) != 0)
		return;
	if ((asked & RTE_MBUF_F_TX_TCP_SEG) != 0) {
		headers = tx_headers(frame);
		least = headers + 1;
		most = headers + q->tso.max_bytes;
	}
	q->alike_chain = (struct tx_alike){
		.head_mask = { TX_SINGLE_MASK, RTE_MBUF_F_TX_OFFLOAD_MASK | TX_ELSEWHERE },
		.head = { TX_SINGLE, frame->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK },
		.offload_mask = UINT64_MAX,
		.offload = frame->tx_offload,
		.tag_mask = tag != 0 ? UINT16_MAX : 0,
		.tag = frame->vlan_tci,
		.min_bytes = least,
		.bytes_span = most - least,
		.words = (uint64_t)(status | q->context_at * TXD_CONTEXT_INDEX) << 32 |
			order->command | TXD_ALWAYS | TXD_EOP,
		.headers = headers,
	};
	if (headers == 0)
		q->alike = q->alike_chain;
}

/* A frame that asks for something. @return false: no room */
static bool
put_order(struct txq *q, struct rte_mbuf *frame, uint64_t asked)
{
	struct tx_order order;
	bool known;

	tx_order_make(q, frame, asked, &order);
	known = find_context(q, &order.context);
	if (unlikely(!have_room(q, frame->nb_segs + !known)))
		return false;
	if (!known)
		put_context(q, &order.context);
	learn_order(q, frame, asked, &order);
	put(q, frame, order.status | q->context_at * TXD_CONTEXT_INDEX, order.command);
	return true;
}

static bool
put_plain(struct txq *q, struct rte_mbuf *frame)
{
	if (unlikely(!have_room(q, frame->nb_segs)))
		return false;
	tx_alike_nothing(q, q->requests);
	put(q, frame, frame->pkt_len << TXD_PAYLOAD_SHIFT | q->status, 0);
	return true;
}

static inline bool
is_sound(const struct txq *q, const struct rte_mbuf *frame, uint64_t asked)
{
	if (likely(asked == 0 && frame->nb_segs == 1))
		return txq_takes(q, frame);
	return tx_order_is_sound(q, frame, asked);
}

/* Only where the device would not. @return false: there is no room for a tag */
static bool
insert_tag(struct rte_mbuf **frame, uint64_t *asked)
{
	if (rte_vlan_insert(frame) < 0)
		return false;
	*asked &= ~RTE_MBUF_F_TX_VLAN;
	return true;
}

bool
tx_put_any(struct txq *q, struct rte_mbuf *frame, struct tx_tally *tally)
{
	uint64_t asked = frame->ol_flags & q->requests;
	uint32_t frame_bytes;

	if (unlikely(!is_sound(q, frame, asked) ||
		     ((asked & RTE_MBUF_F_TX_VLAN) != 0 && q->insert_by_software &&
		      !insert_tag(&frame, &asked)))) {
		tally->dropped += drop(frame);
		return true;
	}
	frame_bytes = frame->pkt_len;
	if (unlikely(!(asked == 0 ? put_plain(q, frame) : put_order(q, frame, asked))))
		return false;
	tally->bytes += frame_bytes;
	return true;
}

uint16_t
tx_put_chains_any(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint64_t *bytes)
{
	return tx_put_chains(q, pkts, nb_pkts, bytes, true);
}

uint16_t
tx_burst_full(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_send(txq, pkts, nb_pkts, tx_write_run, true);
}

/* DPDK's own preparation leaves SCTP's field alone, which the device counts in. */
static int
clear_sctp_sum(struct rte_mbuf *frame)
{
	uint32_t at = tx_l3_at(frame) + frame->l3_len;
	struct rte_sctp_hdr *sctp;

	if (at + sizeof(*sctp) > frame->data_len)
		return -ENOTSUP;
	sctp = rte_pktmbuf_mtod_offset(frame, struct rte_sctp_hdr *, at);
	sctp->cksum = 0;
	return 0;
}

static int
prepare(const struct txq *q, struct rte_mbuf *frame)
{
	uint64_t flags = frame->ol_flags, asked = flags & q->requests;
	int rc;

	if ((flags & TX_REQUESTS & ~q->requests) != 0)
		return -ENOTSUP;
	if (!tx_order_is_sound(q, frame, asked))
		return -EINVAL;
	if ((asked & TX_SUMS) == 0)
		return 0;
	rc = rte_net_intel_cksum_flags_prepare(frame, flags);
	if (rc == 0 && (flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_SCTP_CKSUM)
		rc = clear_sctp_sum(frame);
	return rc;
}

uint16_t
tx_prepare(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct txq *q = txq;

	for (uint16_t i = 0; i < nb_pkts; i++) {
		int rc = prepare(q, pkts[i]);

		if (rc < 0) {
			rte_errno = -rc;
			return i;
		}
	}
	return nb_pkts;
}
