/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Queue registers of the 82576 and I350: rings, owners, rate limits, what stops a queue.
 */

#include <string.h>

#include "family_82576.h"
#include "regs_82576.h"

#define DESC_BYTES   16
#define RATE_ONE     (1u << 14)	/* RTTBCNRC: the factor is in 1/2^14 (8.9) */
#define RQDPC_MAX    0xfff
#define MBPS	     1000000ull
#define RDMTS_UNIT   16		/* descriptors */

/* Dwords of a block beside those of nic.h. */
enum { RING_BASE_LOW = 0, RING_BASE_HIGH = 1, RING_BYTES = 2, RING_SRRCTL = 3,
       RING_WB_LOW = 0x38 / 4, RING_WB_HIGH = 0x3c / 4, RING_DVMOLR = 0x38 / 4 };

static uint64_t
ring_base(const volatile uint32_t *block)
{
	return (uint64_t)block[RING_BASE_HIGH] << 32 | (block[RING_BASE_LOW] & ~0x7fu);
}

static uint32_t
ring_desc(const volatile uint32_t *block)
{
	return (block[RING_BYTES] & 0xfff80) / DESC_BYTES;
}

/** Whose memory: the VF's, as long as it exists and the PF has not asked for its queues. */
static struct function *
owner_of(struct nic *nic, uint16_t queue)
{
	unsigned int pool = gbe_pool_of(queue);

	if (pool >= nic->nb_vfs || (*pf_csr(nic, IOVTCL) & 1) != 0)
		return &nic->pf;
	return &nic->vf[pool];
}

static void
set_owner(struct function **owner, uint8_t **ring, struct function *now)
{
	if (*owner == now)
		return;
	*owner = now;
	*ring = NULL;
}

/* 3.4 */
static uint32_t
default_buffer_bytes(struct nic *nic)
{
	uint32_t rctl = *pf_csr(nic, RCTL);
	uint32_t bytes = 2048u >> FIELD(rctl, 17, 16);

	return rctl & RCTL_BSEX ? bytes * 16 : bytes;
}

/** The 82576 has it per pool and port only, which the switch knows. */
static bool
strips_vlan(struct nic *nic, const struct rx_queue *q)
{
	return nic->filters.virtualised && gbe_traits(nic)->strip_by_queue &&
	       (q->block[RING_DVMOLR] & DVMOLR_STRVLAN) != 0;
}

/*
 * 8.8: a queue that was stopped as malicious waits for a 1 in MDFB; where there is none, it runs
 * again after it was disabled.
 */
static bool
stays_stuck(struct nic *nic, bool stuck, bool enabled)
{
	return stuck && (enabled || gbe_traits(nic)->blocked_bitmap);
}

static void
decode_rxq(struct nic *nic, struct rx_queue *q)
{
	static const enum rx_desc_type types[] = {
		RX_LEGACY, RX_ONE_BUFFER, RX_SPLIT, RX_REPLICATE, RX_REPLICATE, RX_SPLIT_ALWAYS,
		RX_ONE_BUFFER, RX_ONE_BUFFER,
	};
	uint32_t srrctl = q->block[RING_SRRCTL];
	uint64_t base = ring_base(q->block);
	uint32_t nb_desc = ring_desc(q->block);
	bool enabled = (q->block[RING_CONTROL] & RING_ENABLE) != 0 && nb_desc != 0;

	if (base != q->base || nb_desc != q->nb_desc || enabled != q->enabled)
		q->ring = NULL;
	set_owner(&q->owner, &q->ring, owner_of(nic, q->index));
	q->base = base;
	q->nb_desc = nb_desc;
	q->desc_type = types[FIELD(srrctl, 27, 25)];
	q->buffer_bytes = FIELD(srrctl, 6, 0) * 1024;
	if (q->buffer_bytes == 0)
		q->buffer_bytes = default_buffer_bytes(nic);
	q->header_bytes = FIELD(srrctl, 13, 8) * 64;
	q->drop_en = srrctl >> 31 != 0 || (*pf_csr(nic, QDE) >> q->index & 1) != 0;
	q->low_threshold = FIELD(srrctl, 24, 20) * RDMTS_UNIT;
	q->strip_vlan = strips_vlan(nic, q);
	q->max_frame = 0;
	q->stuck = stays_stuck(nic, q->stuck, enabled);
	q->enabled = enabled;
	if (!enabled)
		q->above_low = q->low = false;
}

static void
decode_txq(struct nic *nic, struct tx_queue *q)
{
	uint64_t base = ring_base(q->block);
	uint32_t nb_desc = ring_desc(q->block);
	bool enabled = (q->block[RING_CONTROL] & RING_ENABLE) != 0 && nb_desc != 0;
	uint32_t write_back = q->block[RING_WB_LOW];

	if (base != q->base || nb_desc != q->nb_desc || enabled != q->enabled)
		q->ring = NULL;
	set_owner(&q->owner, &q->ring, owner_of(nic, q->index));
	q->base = base;
	q->nb_desc = nb_desc;
	q->head_writeback = write_back & 1 ?
		(uint64_t)q->block[RING_WB_HIGH] << 32 | (write_back & ~3u) : 0;
	q->pool = gbe_pool_of(q->index);
	q->stuck = stays_stuck(nic, q->stuck, enabled);
	q->enabled = enabled;
}

void
gbe_decode_queues(struct nic *nic)
{
	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		decode_rxq(nic, &nic->rxq[q]);
		decode_txq(nic, &nic->txq[q]);
	}
}

static void
reset_rxq(struct nic *nic, struct rx_queue *q)
{
	const uint32_t *fresh = pf_csr(nic, nic->family->rx_block(q->index));

	for (unsigned int dword = 0; dword < BLOCK_STRIDE / 4; dword++)
		q->block[dword] = fresh[dword];
	q->head = 0;
	q->stuck = false;
	q->packets = q->bytes = q->drops = 0;
}

static void
reset_txq(struct nic *nic, struct tx_queue *q)
{
	const uint32_t *fresh = pf_csr(nic, nic->family->tx_block(q->index));

	for (unsigned int dword = 0; dword < BLOCK_STRIDE / 4; dword++)
		q->block[dword] = fresh[dword];
	q->head = 0;
	q->stuck = false;
	q->packets = q->bytes = q->drops = 0;
	memset(q->context, 0, sizeof(q->context));
}

void
gbe_reset_queues(struct nic *nic)
{
	struct gbe *gbe = gbe_of(nic);

	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		reset_rxq(nic, &nic->rxq[q]);
		reset_txq(nic, &nic->txq[q]);
	}
	/* Queue 0 comes up enabled (2.5). */
	nic->rxq[0].block[RING_CONTROL] |= RING_ENABLE;
	nic->txq[0].block[RING_CONTROL] |= RING_ENABLE;
	memset(gbe->drops_read, 0, sizeof(gbe->drops_read));
	memset(gbe->rate, 0, sizeof(gbe->rate));
	gbe->queues_blocked = 0;
	gbe_decode_rates(nic);
}

void
gbe_stop_vf_queues(struct nic *nic, unsigned int vf)
{
	for (unsigned int i = 0; i < gbe_traits(nic)->vf_queues; i++) {
		struct rx_queue *rxq = &nic->rxq[vf + GBE_POOLS * i];
		struct tx_queue *txq = &nic->txq[vf + GBE_POOLS * i];

		rxq->block[RING_CONTROL] &= ~RING_ENABLE;
		txq->block[RING_CONTROL] &= ~RING_ENABLE;
		decode_rxq(nic, rxq);
		decode_txq(nic, txq);
	}
}

/* 8.9: the queue's share of the link is 1 / factor. */
void
gbe_decode_rates(struct nic *nic)
{
	const struct gbe *gbe = gbe_of(nic);

	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		uint64_t factor = FIELD(gbe->rate[q], 27, 0);
		uint64_t link = nic->port.link_mbps * MBPS;

		nic->txq[q].rate.bits_per_s =
			(gbe->rate[q] & RTTBCNRC_ENABLE) == 0 || factor == 0 ?
			0 : link * RATE_ONE / factor;
	}
}

void
write_queues(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_decode_queues(fn->nic);
	gbe_decode_vectors(fn->nic);
}

static uint32_t *
selected_rate(struct nic *nic)
{
	return &gbe_of(nic)->rate[*pf_csr(nic, RTTDQSEL) % nic->family->nb_queues];
}

uint32_t
read_rttbcnrc(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return *selected_rate(fn->nic);
}

void
write_rttbcnrc(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	*selected_rate(fn->nic) = written & (RTTBCNRC_ENABLE | 0x0fffffff);
	gbe_decode_rates(fn->nic);
}

/* --- Dwords of the blocks --- */

static void
rx_written(struct nic *nic, struct rx_queue *q, unsigned int dword)
{
	if (dword == RING_HEAD)
		q->head = q->block[RING_HEAD];
	else if (dword != RING_TAIL)
		decode_rxq(nic, q);
}

static void
tx_written(struct nic *nic, struct tx_queue *q, unsigned int dword)
{
	if (dword == RING_HEAD)
		q->head = q->block[RING_HEAD];
	else if (dword != RING_TAIL)
		decode_txq(nic, q);
}

#define DEFINE_BLOCK_DWORD(queues, notice, name, offset, mask) \
	uint32_t \
	read_##name(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		(void)value; \
		return fn->nic->queues[i].block[(offset) / 4]; \
	} \
	void \
	write_##name(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		volatile uint32_t *cell = &fn->nic->queues[i].block[(offset) / 4]; \
		(void)old; \
		*cell = written & (mask); \
		notice(fn->nic, &fn->nic->queues[i], (offset) / 4); \
	}
#define DEFINE_RX(name, offset, mask) DEFINE_BLOCK_DWORD(rxq, rx_written, name, offset, mask)
#define DEFINE_TX(name, offset, mask) DEFINE_BLOCK_DWORD(txq, tx_written, name, offset, mask)
RX_BLOCK_DWORDS(DEFINE_RX)
TX_BLOCK_DWORDS(DEFINE_TX)

/* --- Counters and events of queues --- */

/* 3.1: saturates, and starts again when read. */
uint32_t
read_rqdpc(struct function *fn, unsigned int i, uint32_t value)
{
	struct gbe *gbe = gbe_of(fn->nic);
	uint64_t drops = fn->nic->rxq[i].drops - gbe->drops_read[i];

	(void)value;
	if (!fn->nic->peeking)
		gbe->drops_read[i] = fn->nic->rxq[i].drops;
	return drops > RQDPC_MAX ? RQDPC_MAX : drops;
}

void
write_rqdpc(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	if (written == 0)
		gbe_of(fn->nic)->drops_read[i] = fn->nic->rxq[i].drops;
}

/* The first pool that has spoofed since its last was told; it is told now. @return 0: none */
static uint32_t
last_spoofer(struct nic *nic)
{
	struct gbe *gbe = gbe_of(nic);

	for (unsigned int p = 0; p < GBE_POOLS; p++) {
		if (nic->pool[p].spoofed == gbe->spoofed_read[p])
			continue;
		if (!nic->peeking)
			gbe->spoofed_read[p] = nic->pool[p].spoofed;
		return LVMMC_I350_SPOOF | p << LVMMC_I350_QUEUE_SHIFT;
	}
	return 0;
}

/* 8.8: an I350 tells here what an 82576 tells in WVBR. */
uint32_t
read_lvmmc(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	if (value == 0 && gbe_traits(fn->nic)->blocked_bitmap)
		return last_spoofer(fn->nic);
	if (!fn->nic->peeking)
		*pf_csr(fn->nic, LVMMC) = 0;
	return value;
}

/* 8.8: low half, queues that spoofed; high half, queues that were stopped. */
uint32_t
read_wvbr(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	struct gbe *gbe = gbe_of(nic);

	(void)i;
	if (gbe_traits(nic)->blocked_bitmap)
		return 0;
	value = (uint32_t)gbe->queues_blocked << 16;
	for (unsigned int p = 0; p < GBE_POOLS; p++) {
		if (nic->pool[p].spoofed != gbe->spoofed_read[p])
			value |= BIT(p);
		if (!nic->peeking)
			gbe->spoofed_read[p] = nic->pool[p].spoofed;
	}
	if (!nic->peeking)
		gbe->queues_blocked = 0;
	return value;
}

/* 8.8: a 1 releases the queue. */
void
write_mdfb(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	for (unsigned int q = 0; q < fn->nic->family->nb_queues; q++)
		if ((old & written) >> q & 1)
			fn->nic->rxq[q].stuck = fn->nic->txq[q].stuck = false;
}
