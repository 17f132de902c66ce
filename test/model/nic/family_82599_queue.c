/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "family_82599.h"

#define DESC_BYTES 16
#define RING_ALIGN 128
#define BITS_PER_S_PER_MBPS 1000000ull

/* --- Geometry (1.4, 3.5) --- */

struct geometry
geometry_82599_of_vt_mode(uint32_t vt_mode)
{
	static const struct geometry modes[] = {
		{ 0, 0 }, { 16, 8 }, { 32, 4 }, { 64, 2 },
	};

	return modes[vt_mode & 0x3];
}

static struct geometry
geometry_bus(const struct nic *nic)
{
	return geometry_82599_of_vt_mode(nic->pf.csr[R_GCR_EXT / 4] & GCR_EXT_VT_MODE);
}

struct geometry
geometry_82599_rx(const struct nic *nic)
{
	/* MRQC.3:0; the mode of GCR_EXT stands in while software has not come to MRQC yet. */
	static const struct geometry modes[16] = {
		[0x8] = { 64, 2 }, [0xa] = { 32, 4 }, [0xb] = { 64, 2 },
		[0xc] = { 16, 8 }, [0xd] = { 32, 4 },
	};
	struct geometry mode = modes[MRQC_MODE(nic->pf.csr[R_MRQC / 4])];

	return mode.pools != 0 ? mode : geometry_bus(nic);
}

static struct geometry
geometry_tx(const struct nic *nic)
{
	static const struct geometry modes[] = {
		{ 0, 0 }, { 64, 2 }, { 32, 4 }, { 16, 8 },
	};
	uint32_t mtqc = nic->pf.csr[R_MTQC / 4];

	if ((mtqc & MTQC_VT_ENA) == 0)
		return modes[0];
	return modes[MTQC_NUM_TC_OR_Q(mtqc)];
}

uint32_t
rx_block_82599(uint16_t q)
{
	return q < RX_BANK ? R_RX_BLOCK + QUEUE_STRIDE * q :
			     R_RX_BLOCK_HIGH + QUEUE_STRIDE * (q - RX_BANK);
}

uint32_t
tx_block_82599(uint16_t q)
{
	return R_TX_BLOCK + QUEUE_STRIDE * q;
}

uint16_t
vf_queue_82599(const struct nic *nic, unsigned int vf, unsigned int i)
{
	struct geometry bus = geometry_bus(nic);

	if (vf >= bus.pools || i >= bus.queues)
		return nic->family->nb_queues;
	return vf * bus.queues + i;
}

/** Whose memory a queue works in: the bus knows by GCR_EXT alone. */
static struct function *
owner_of(struct nic *nic, uint16_t q)
{
	struct geometry bus = geometry_bus(nic);
	unsigned int pool = bus.queues == 0 ? nic->nb_vfs : q / bus.queues;

	return pool < nic->nb_vfs ? &nic->vf[pool] : &nic->pf;
}

/* --- Queues (3.1 to 3.4) --- */

static uint64_t
base_of(struct nic *nic, uint32_t block)
{
	uint32_t low = *pf_csr(nic, block + Q_BAL) & ~(uint32_t)(RING_ALIGN - 1);

	return (uint64_t)*pf_csr(nic, block + Q_BAH) << 32 | low;
}

/** 550: a ring of a length that no driver in its senses has. */
static bool
ring_is_malicious(struct nic *nic, uint32_t block, bool detects)
{
	return detects && *pf_csr(nic, block + Q_LEN) % RING_ALIGN != 0;
}

static void
decode_rxq_buffers(struct nic *nic, struct rx_queue *q)
{
	static const enum rx_desc_type types[8] = {
		[1] = RX_ONE_BUFFER, [2] = RX_SPLIT, [3] = RX_REPLICATE, [4] = RX_REPLICATE,
		[5] = RX_SPLIT_ALWAYS,
	};
	uint32_t block = rx_block_82599(q->index);
	uint32_t srrctl = *pf_csr(nic, block + Q_SRRCTL);
	uint32_t rxdctl = *pf_csr(nic, block + Q_CONTROL);
	const struct data_82599 *data = data_82599(nic);

	q->desc_type = types[SRRCTL_DESCTYPE(srrctl)];
	/* 0 is not allowed: it works as the smallest. */
	q->buffer_bytes = SRRCTL_BSIZEPKT(srrctl) == 0 ? 1024 : SRRCTL_BSIZEPKT(srrctl) * 1024;
	q->header_bytes = SRRCTL_BSIZEHDR(srrctl) * 64;
	q->drop_en = (srrctl & SRRCTL_DROP_EN) != 0 || (data->qde[q->index] & QDE_ENABLE) != 0;
	q->low_threshold = SRRCTL_RDMTS(srrctl) * RDMTS_UNIT;
	q->strip_vlan = (rxdctl & RXDCTL_VME) != 0;
	q->max_frame = 0;
	if (variant_82599(nic)->rlpml && (rxdctl & RXDCTL_RLPML_EN))
		q->max_frame = rxdctl & RXDCTL_RLPML;
}

static void
decode_rxq(struct nic *nic, uint16_t index)
{
	struct rx_queue *q = &nic->rxq[index];
	uint32_t block = rx_block_82599(index);
	uint32_t *rxdctl = pf_csr(nic, block + Q_CONTROL);
	bool enabled;

	*rxdctl &= ~DCTL_SWFLSH;	/* done at once */
	q->owner = owner_of(nic, index);
	q->vector = ivar_82599_vector(nic, q->owner, index, true);
	q->base = base_of(nic, block);
	q->nb_desc = (*pf_csr(nic, block + Q_LEN) & 0xfffff) / RING_ALIGN *
		     (RING_ALIGN / DESC_BYTES);
	q->ring = NULL;
	decode_rxq_buffers(nic, q);
	enabled = (*rxdctl & DCTL_ENABLE) != 0;
	if (enabled && ring_is_malicious(nic, block, nic->port.mdd_rx) && !q->stuck) {
		q->stuck = true;
		mdd_82599_cause(nic, index, true);
	}
	enabled = enabled && q->nb_desc != 0;
	if (enabled && !q->enabled)
		q->head = *pf_csr(nic, block + Q_HEAD) % q->nb_desc;
	q->enabled = enabled;
	if (!enabled)
		q->above_low = q->low = false;
}

void
rxq_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_rxq(fn->nic, i);
}

void
rxq_82599_write_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_rxq(fn->nic, RX_BANK + i);
}

static void
decode_txq(struct nic *nic, uint16_t index)
{
	struct tx_queue *q = &nic->txq[index];
	uint32_t block = tx_block_82599(index);
	uint32_t wbal = *pf_csr(nic, block + Q_WBAL);
	uint32_t *txdctl = pf_csr(nic, block + Q_CONTROL);
	struct geometry tx = geometry_tx(nic);
	bool enabled;

	*txdctl &= ~DCTL_SWFLSH;
	q->owner = owner_of(nic, index);
	q->vector = ivar_82599_vector(nic, q->owner, index, false);
	q->pool = tx.queues == 0 ? 0 : index / tx.queues;
	q->base = base_of(nic, block);
	q->nb_desc = (*pf_csr(nic, block + Q_LEN) & 0xfffff) / RING_ALIGN *
		     (RING_ALIGN / DESC_BYTES);
	q->ring = NULL;
	q->head_writeback = 0;
	if (wbal & TDWBAL_ENABLE)
		q->head_writeback = (uint64_t)*pf_csr(nic, block + Q_WBAH) << 32 | (wbal & ~0x3u);
	enabled = (*txdctl & DCTL_ENABLE) != 0;
	if (enabled && ring_is_malicious(nic, block, nic->port.mdd_tx) && !q->stuck) {
		q->stuck = true;
		mdd_82599_cause(nic, index, false);
	}
	enabled = enabled && q->nb_desc != 0;
	if (enabled && !q->enabled) {
		q->head = *pf_csr(nic, block + Q_HEAD) % q->nb_desc;
		memset(q->context, 0, sizeof(q->context));
	}
	q->enabled = enabled;
}

void
txq_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	(void)written;
	decode_txq(fn->nic, i);
}

void
txdctl_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;

	(void)old;
	(void)written;
	/* 2.6: no queue is enabled before DMATXCTL.TE; software sees it in the bit it polls. */
	if ((*pf_csr(nic, R_DMATXCTL) & DMATXCTL_TE) == 0)
		*pf_csr(nic, tx_block_82599(i) + Q_CONTROL) &= ~DCTL_ENABLE;
	decode_txq(nic, i);
}

void
queues_82599_decode(struct nic *nic)
{
	for (uint16_t q = 0; q < nic->family->nb_queues; q++) {
		decode_rxq(nic, q);
		decode_txq(nic, q);
	}
}

void
queue_vectors_82599_decode(struct nic *nic)
{
	for (uint16_t q = 0; q < nic->family->nb_queues; q++) {
		nic->rxq[q].vector = ivar_82599_vector(nic, nic->rxq[q].owner, q, true);
		nic->txq[q].vector = ivar_82599_vector(nic, nic->txq[q].owner, q, false);
	}
}

void
geometry_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	pools_82599_decode(fn->nic);
	queues_82599_decode(fn->nic);
}

/* --- Drop enable (3.3) --- */

void
qde_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	struct nic *nic = fn->nic;
	struct data_82599 *data = data_82599(nic);
	uint16_t q = QDE_INDEX(written);
	uint8_t known = QDE_ENABLE | (variant_82599(nic)->hide_vlan ? QDE_HIDE_VLAN : 0);

	(void)i;
	(void)old;
	if (written & QDE_WRITE)
		data->qde[q] = written & known;
	*pf_csr(nic, R_QDE) = (uint32_t)q << 8 | data->qde[q];
	decode_rxq_buffers(nic, &nic->rxq[q]);
	pools_82599_decode(nic);
}

/* --- Rate limits (8.7) --- */

static void
decode_rate(struct nic *nic, uint16_t q)
{
	uint32_t rate = data_82599(nic)->rate_factor[q];
	uint64_t factor = rate & RTTBCNRC_FACTOR;

	/* The factor is link speed / rate, with 14 bits of fraction. */
	if ((rate & RTTBCNRC_RS_ENA) == 0 || factor == 0)
		nic->txq[q].rate.bits_per_s = 0;
	else
		nic->txq[q].rate.bits_per_s =
			(nic->port.link_mbps * BITS_PER_S_PER_MBPS << 14) / factor;
	nic->txq[q].rate.next_ns = 0;
}

void
rates_82599_decode(struct nic *nic)
{
	for (uint16_t q = 0; q < nic->family->nb_queues; q++)
		decode_rate(nic, q);
}

static uint16_t
selected(struct nic *nic)
{
	return *pf_csr(nic, R_RTTDQSEL) & 0x7f;
}

uint32_t
rate_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return data_82599(fn->nic)->rate_factor[selected(fn->nic)];
}

void
rate_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	uint16_t q = selected(fn->nic);

	(void)i;
	(void)old;
	data_82599(fn->nic)->rate_factor[q] = written & (RTTBCNRC_RS_ENA | RTTBCNRC_FACTOR);
	decode_rate(fn->nic, q);
}

uint32_t
credit_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return data_82599(fn->nic)->credits[selected(fn->nic)];
}

void
credit_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	data_82599(fn->nic)->credits[selected(fn->nic)] = written & 0x3fff;
}

/* --- Malicious-driver detection (8.6) --- */

void
mdd_82599_cause(struct nic *nic, uint16_t queue, bool rx)
{
	struct geometry geometry = rx ? geometry_82599_rx(nic) : geometry_tx(nic);
	uint32_t pool = geometry.queues == 0 ? 0 : queue / geometry.queues;
	bool interrupt = rx ? (*pf_csr(nic, R_RDRXCTL) & RDRXCTL_MBINTEN) != 0 :
			      (*pf_csr(nic, R_DMATXCTL) & DMATXCTL_MBINTEN) != 0;

	if (!nic->family->mdd)
		return;
	*pf_csr(nic, (rx ? R_WQBR_RX : R_WQBR_TX) + 4 * (queue / 32)) |= BIT(queue % 32);
	*pf_csr(nic, rx ? R_LVMMC_RX : R_LVMMC_TX) = 1;
	*pf_csr(nic, rx ? R_LMVM_RX : R_LMVM_TX) = pool;
	/* The sheet does not say which cause; the mailbox's is where a PF looks after VFs. */
	if (interrupt)
		misc_82599_cause(nic, EICR_MAILBOX);
}

void
wqbr_rx_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	for (unsigned int bit = 0; bit < 32; bit++)
		if (written & BIT(bit))
			fn->nic->rxq[32 * i + bit].stuck = false;
}

void
wqbr_tx_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	for (unsigned int bit = 0; bit < 32; bit++)
		if (written & BIT(bit))
			fn->nic->txq[32 * i + bit].stuck = false;
}

/* --- A VF's reset --- */

void
vf_queues_82599_reset(struct nic *nic, unsigned int vf)
{
	uint16_t q;

	/*
	 * 2.9: head, tail, SRRCTL, RXDCTL, TXDCTL, TDWBAL/H, DCA and PSRTYPE stay as they are;
	 * base and length do not.
	 */
	for (unsigned int i = 0; i < VF_QUEUES_SEEN; i++) {
		q = vf_queue_82599(nic, vf, i);
		if (q >= nic->family->nb_queues)
			break;
		for (uint32_t reg = Q_BAL; reg <= Q_LEN; reg += 4) {
			*pf_csr(nic, rx_block_82599(q) + reg) = 0;
			*pf_csr(nic, tx_block_82599(q) + reg) = 0;
		}
		*pf_csr(nic, rx_block_82599(q) + Q_RSCCTL) = 0;
		memset(nic->txq[q].context, 0, sizeof(nic->txq[q].context));
	}
	if (!variant_82599(nic)->pool_rss)
		return;
	*pf_csr(nic, R_PFVFMRQC + 4 * vf) = 0;
	for (uint32_t word = 0; word < 16; word++) {
		*pf_csr(nic, R_PFVFRSSRK + 64 * vf + 4 * word) = 0;
		*pf_csr(nic, R_PFVFRETA + 64 * vf + 4 * word) = 0;
	}
}
