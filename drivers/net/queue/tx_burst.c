/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_mbuf.h>

#include "queue.h"
#include "tx_run.h"

/* The long way. @return false: no room */
static bool
put(struct txq *q, struct rte_mbuf *frame, struct tx_tally *tally)
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
tx_burst(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct txq *q = txq;
	struct tx_tally tally = { .first = q->next };
	uint16_t nb_tx = 0;

	begin_burst(q);
	while (nb_tx < nb_pkts && have_room(q, 1)) {
		uint16_t run = tx_put_run(q, &pkts[nb_tx], nb_pkts - nb_tx, &tally.bytes, false);

		nb_tx += run;
		if (likely(run > 0))
			continue;
		if (!put(q, pkts[nb_tx], &tally))
			break;
		nb_tx++;
	}
	end_burst(q, nb_tx, &tally);
	return nb_tx;
}
