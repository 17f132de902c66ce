/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Tx, four frames at a time: SSE4.2, which all x86 builds of DPDK have. */
#include "queue.h"
#include "vec_sse.h"

#include "tx_vector.h"

uint16_t
tx_burst_sse(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_send(txq, pkts, nb_pkts, tx_write_groups, false);
}

uint16_t
tx_burst_full_sse(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_send(txq, pkts, nb_pkts, tx_write_groups, true);
}
