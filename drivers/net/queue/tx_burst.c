/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_mbuf.h>

#include "queue.h"
#include "tx_ring.h"

uint16_t
tx_burst(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct txq *q = txq;
	uint16_t first = q->next, nb_tx, dropped = 0;
	uint64_t bytes = 0;

	if (q->nb_free < q->free_thresh)
		txq_reclaim(q);

	for (nb_tx = 0; nb_tx < nb_pkts; nb_tx++) {
		struct rte_mbuf *frame = pkts[nb_tx];
		uint32_t frame_bytes = frame->pkt_len;
		uint32_t status = frame_bytes << TXD_PAYLOAD_SHIFT | q->status;

		if (unlikely(!txq_takes(q, frame))) {
			dropped += drop(frame);
			continue;
		}
		if (unlikely(!have_room(q, frame->nb_segs)))
			break;
		if (likely(frame->nb_segs == 1)) {
			put_single(q, frame, status, 0);
		} else if (unlikely(!txq_put_chain(q, frame, status, 0))) {
			dropped += drop(frame);
			continue;
		}
		bytes += frame_bytes;
	}

	end_burst(q, first, nb_tx, dropped, bytes);
	return nb_tx;
}
