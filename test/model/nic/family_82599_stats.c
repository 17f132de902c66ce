/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Counters (8.9). Those of the port and of queues are cleared by reading: the datapath counts on,
 * and here is kept how much software has seen. Octets are 36 bits: reading the high half clears.
 * Those of VFs are never cleared.
 */

#include "family_82599.h"

static uint32_t
unread(struct nic *nic, uint64_t count, uint64_t *read)
{
	uint32_t value = count - *read;

	if (!nic->peeking)
		*read = count;
	return value;
}

/* One counter of struct port_stats: a register that is cleared when read. */
#define COUNTER(name, field) \
	uint32_t \
	name##_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		struct nic *nic = fn->nic; \
		\
		(void)i; \
		(void)value; \
		return unread(nic, nic->stats.field, &data_82599(nic)->read.port.field); \
	}
#define COUNTER_36(name, field) \
	uint32_t \
	name##l_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		struct nic *nic = fn->nic; \
		\
		(void)i; \
		(void)value; \
		return nic->stats.field - data_82599(nic)->read.port.field; \
	} \
	\
	uint32_t \
	name##h_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		struct nic *nic = fn->nic; \
		uint64_t *read = &data_82599(nic)->read.port.field; \
		\
		(void)i; \
		value = (nic->stats.field - *read) >> 32 & COUNTERS_36; \
		if (!nic->peeking) \
			*read = nic->stats.field; \
		return value; \
	}

COUNTER(bprc, rx_broadcast)
COUNTER(mprc, rx_multicast)
COUNTER(gptc, tx_packets)
COUNTER(bptc, tx_broadcast)
COUNTER(mptc, tx_multicast)
COUNTER(tpr, rx_total_packets)
COUNTER(tpt, tx_total_packets)
COUNTER(crcerrs, rx_crc_errors)
COUNTER(rlec, rx_length_errors)
COUNTER(ruc, rx_undersize)
COUNTER(rfc, rx_fragments)
COUNTER(roc, rx_oversize)
COUNTER(rjc, rx_jabber)
COUNTER(xec, rx_checksum_errors)
COUNTER(lxonrxcnt, rx_xon)
COUNTER(lxoffrxcnt, rx_xoff)
COUNTER(lxontxc, tx_xon)
COUNTER(lxofftxc, tx_xoff)
COUNTER(rxlpbkgpc, loopback_packets)
COUNTER(prc, rx_size[i])
COUNTER(ptc, tx_size[i])
COUNTER_36(gorc, rx_bytes)
COUNTER_36(gotc, tx_bytes)
COUNTER_36(tor, rx_total_bytes)

uint32_t
gprc_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	uint64_t count = nic->stats.rx_packets;

	(void)i;
	(void)value;
	if (variant_82599(nic)->gprc_counts_missed)
		count += nic->stats.rx_missed;
	return unread(nic, count, &data_82599(nic)->read.port.rx_packets);
}

/** One packet buffer has all: the others miss nothing. */
uint32_t
mpc_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;

	(void)value;
	if (i != 0)
		return 0;
	return unread(nic, nic->stats.rx_missed, &data_82599(nic)->read.port.rx_missed);
}

uint32_t
ssvpc_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	uint64_t count = 0;

	(void)i;
	(void)value;
	for (unsigned int p = 0; p < nic->family->nb_pools; p++)
		count += nic->pool[p].spoofed;
	return unread(nic, count, &data_82599(nic)->read.spoofed);
}

/* What DMA has moved, of the wire's and of the switch's, whatever RXDSTATCTRL picks. */
#define DMA_COUNTER(name, queues) \
	uint32_t \
	name##_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		struct nic *nic = fn->nic; \
		uint64_t count = 0; \
		\
		(void)i; \
		(void)value; \
		for (unsigned int q = 0; q < nic->family->nb_queues; q++) \
			count += nic->queues[q].packets; \
		return unread(nic, count, &data_82599(nic)->read.name); \
	}

DMA_COUNTER(rxdgpc, rxq)
DMA_COUNTER(txdgpc, txq)

/* --- Queues: RQSMR and TQSM say which of 16 counters counts a queue --- */

static bool
maps_to(struct nic *nic, uint32_t map, uint16_t q, unsigned int counter)
{
	return (*pf_csr(nic, map + q / 4 * 4) >> (8 * (q % 4)) & 0xf) == counter;
}

/* @p halves of 36 bits: low does not clear, high does. Whole: 32 bits that do. */
enum half { WHOLE, LOW, HIGH };

static uint32_t
show(struct nic *nic, uint64_t sum, enum half half)
{
	(void)nic;
	return half == HIGH ? sum >> 32 & COUNTERS_36 : sum;
}

#define QUEUE_COUNTER(name, map, queues, field, seen, half) \
	uint32_t \
	name##_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		struct nic *nic = fn->nic; \
		struct read_so_far *read = &data_82599(nic)->read; \
		uint64_t sum = 0; \
		\
		(void)value; \
		for (uint16_t q = 0; q < nic->family->nb_queues; q++) { \
			if (!maps_to(nic, map, q, i)) \
				continue; \
			sum += nic->queues[q].field - read->seen[q]; \
			if (!nic->peeking && (half) != LOW) \
				read->seen[q] = nic->queues[q].field; \
		} \
		return show(nic, sum, half); \
	}

QUEUE_COUNTER(qprc, R_RQSMR, rxq, packets, rx_packets, WHOLE)
QUEUE_COUNTER(qbrcl, R_RQSMR, rxq, bytes, rx_bytes, LOW)
QUEUE_COUNTER(qbrch, R_RQSMR, rxq, bytes, rx_bytes, HIGH)
QUEUE_COUNTER(qprdc, R_RQSMR, rxq, drops, rx_drops, WHOLE)
QUEUE_COUNTER(qptc, R_TQSM, txq, packets, tx_packets, WHOLE)
QUEUE_COUNTER(qbtcl, R_TQSM, txq, bytes, tx_bytes, LOW)
QUEUE_COUNTER(qbtch, R_TQSM, txq, bytes, tx_bytes, HIGH)

/* --- VFs: i is the VF, which is the pool --- */

#define POOL_COUNTER(name, expression) \
	uint32_t \
	name##_82599_read(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		const struct pool *pool = &fn->nic->pool[i]; \
		\
		(void)value; \
		return expression; \
	}

POOL_COUNTER(pvfgprc, pool->rx_packets)
POOL_COUNTER(pvfmprc, pool->rx_multicast)
POOL_COUNTER(pvfgorcl, pool->rx_bytes)
POOL_COUNTER(pvfgorch, pool->rx_bytes >> 32 & COUNTERS_36)
POOL_COUNTER(pvfgptc, pool->tx_packets)
POOL_COUNTER(pvfgotcl, pool->tx_bytes)
POOL_COUNTER(pvfgotch, pool->tx_bytes >> 32 & COUNTERS_36)
