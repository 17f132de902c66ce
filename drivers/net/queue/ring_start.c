/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "ring_start.h"

#define POLL_US	   100
#define POLL_TRIES 100	/* 10 ms in all (82576 sheet, 3.6) */
#define LAST_US	   100	/* for what is still on its way to memory (82599 sheet, 2.6) */

/* The registers that rings of either direction have at the same place. */
enum ring_reg {
	RING_BASE_LOW = RXQ_RDBAL,
	RING_BASE_HIGH = RXQ_RDBAH,
	RING_BYTES = RXQ_RDLEN,
	RING_HEAD = RXQ_RDH,
	RING_TAIL = RXQ_RDT,
	RING_CONTROL = RXQ_RXDCTL,
};

static_assert((int)RXQ_RDBAL == TXQ_TDBAL && (int)RXQ_RDBAH == TXQ_TDBAH, "base");
static_assert((int)RXQ_RDLEN == TXQ_TDLEN, "length");
static_assert((int)RXQ_RDH == TXQ_TDH && (int)RXQ_RDT == TXQ_TDT, "head and tail");
static_assert((int)RXQ_RXDCTL == TXQ_TXDCTL, "control");

/* WTHRESH lies in the same place in all words that have it. */
#define WRITE_BACK BITS(22, 16)

static uint32_t
threshold(uint32_t mask, uint32_t word)
{
	return mask == 0 ? 0 : field_get(mask, word);
}

static uint32_t
threshold_set(uint32_t mask, uint32_t word, uint32_t value)
{
	return mask == 0 ? word : field_set(mask, word, value);
}

uint32_t
ring_thresholds_word(uint32_t word, const struct ring_thresholds *choice,
		     const struct rte_eth_thresh *chosen)
{
	word = threshold_set(choice->prefetch, word, chosen->pthresh);
	return threshold_set(choice->host, word, chosen->hthresh);
}

struct rte_eth_thresh
ring_thresholds_fit(uint32_t word, const struct ring_thresholds *choice,
		    const struct rte_eth_thresh *wanted)
{
	struct rte_eth_thresh fit = {
		.pthresh = threshold(choice->prefetch, word),
		.hthresh = threshold(choice->host, word),
		.wthresh = choice->prefetch == 0 ? 0 : field_get(WRITE_BACK, word),
	};

	if (wanted->pthresh == 0 && wanted->hthresh == 0 && wanted->wthresh == 0)
		return fit;
	fit.pthresh = RTE_MIN(wanted->pthresh, choice->prefetch_max);
	fit.hthresh = RTE_MAX(wanted->hthresh, choice->host_min);
	fit.hthresh = RTE_MIN((uint32_t)fit.hthresh, threshold(choice->host, UINT32_MAX));
	return fit;
}

int
ring_disable(const struct mmio *io, const struct queue_bank *bank, uint16_t queue)
{
	struct reg control = queue_reg(bank, queue, RING_CONTROL);
	uint32_t value = reg_read(io, control);

	if (value == REG_ALL_ONES || (value & QUEUE_ENABLE) == 0)
		return 0;
	reg_write(io, control, value & ~QUEUE_ENABLE);
	if (reg_poll(io, control, QUEUE_ENABLE, 0, POLL_US, POLL_TRIES) < 0)
		return -ETIMEDOUT;
	rte_delay_us_sleep(LAST_US);
	return 0;
}

int
ring_load(const struct mmio *io, const struct ring *ring)
{
	struct reg head = queue_reg(ring->bank, ring->queue, RING_HEAD);
	struct reg tail = queue_reg(ring->bank, ring->queue, RING_TAIL);

	if (ring_disable(io, ring->bank, ring->queue) < 0)
		return -EIO;
	reg_write(io, queue_reg(ring->bank, ring->queue, RING_BASE_LOW), (uint32_t)ring->address);
	reg_write(io, queue_reg(ring->bank, ring->queue, RING_BASE_HIGH), ring->address >> 32);
	reg_write(io, queue_reg(ring->bank, ring->queue, RING_BYTES), ring->bytes);
	reg_write(io, head, 0);
	reg_write(io, tail, 0);
	/* A reset leaves head where it was; a ring that does not start at slot 0 is not ours. */
	return reg_read(io, head) == 0 && reg_read(io, tail) == 0 ? 0 : -EIO;
}

int
ring_enable(const struct mmio *io, const struct ring *ring)
{
	struct reg control = queue_reg(ring->bank, ring->queue, RING_CONTROL);

	reg_write(io, control, ring->control | QUEUE_ENABLE);
	return reg_poll(io, control, QUEUE_ENABLE, QUEUE_ENABLE, POLL_US, POLL_TRIES) < 0 ?
		-EIO : 0;
}
