/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Rx, four slots at a time: SSE4.2, which all x86 builds of DPDK have. */
#include "queue.h"
#include "vec_sse.h"

#include "rx_vector.h"

uint16_t
rx_burst_sse(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return vector_burst(rxq, pkts, nb_pkts, rx_take, false);
}

uint16_t
rx_burst_full_sse(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return vector_burst(rxq, pkts, nb_pkts, rx_take_full, true);
}

uint16_t
rx_burst_scatter_sse(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return vector_burst(rxq, pkts, nb_pkts, rx_take_scatter, false);
}

uint16_t
rx_burst_scatter_full_sse(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return vector_burst(rxq, pkts, nb_pkts, rx_take_scatter_full, true);
}
