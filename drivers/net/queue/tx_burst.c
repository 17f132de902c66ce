/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_mbuf.h>

#include "queue.h"
#include "tx_run.h"

bool
tx_put_plain(struct txq *q, struct rte_mbuf *frame, struct tx_tally *tally)
{
	uint32_t frame_bytes = frame->pkt_len;
	uint32_t status = frame_bytes << TXD_PAYLOAD_SHIFT | q->status;

	if (unlikely(!txq_takes(q, frame))) {
		tally->dropped += drop(frame);
		return true;
	}
	if (unlikely(!have_room(q, frame->nb_segs)))
		return false;
	if (frame->nb_segs == 1) {
		tx_learn_pool(q, frame);
		put_single(q, frame, status, 0);
	} else if (unlikely(!txq_put_chain(q, frame, status, 0))) {
		tally->dropped += drop(frame);
		return true;
	}
	tally->bytes += frame_bytes;
	return true;
}

uint16_t
tx_put_chains_plain(struct txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts, uint64_t *bytes)
{
	return tx_put_chains(q, pkts, nb_pkts, bytes, false);
}

uint16_t
tx_burst(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_send(txq, pkts, nb_pkts, tx_write_run, false);
}
