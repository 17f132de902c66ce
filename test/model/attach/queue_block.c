/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>

#include "port.h"
#include "regfile.h"

static const struct reg_row *
row_at(const struct function *fn, uint32_t offset)
{
	uint16_t which = offset < fn->bar_bytes ? fn->row_of[offset / 4] : 0;

	return which == 0 ? NULL : &fn->rows[which - 1];
}

static uint32_t
stride_of(const struct reg_row *row)
{
	return row->stride == 0 ? 4 : row->stride;
}

uint32_t
block_pf_offset(struct function *fn, uint32_t offset)
{
	const struct reg_row *row = row_at(fn, offset), *ruling;
	struct function *pf = &fn->nic->pf;
	unsigned int i;

	if (row == NULL)
		return UINT32_MAX;
	i = (offset - row->offset) / stride_of(row);
	if (fn->vf != PF_INDEX) {
		if (row->to_pf == NULL)
			return UINT32_MAX;
		offset = row->to_pf(fn->nic, fn->vf, i);
		return offset == UINT32_MAX ? offset : block_pf_offset(pf, offset);
	}
	if (row->alias == 0)
		return offset;
	ruling = row_at(pf, row->alias);
	return ruling == NULL ? UINT32_MAX : row->alias + i * stride_of(ruling);
}

struct block
block_at(const struct attach *port, uint32_t pf_offset)
{
	if (pf_offset >= port->nic->pf.bar_bytes)
		return (struct block){ .is_queue = false };
	return port->block[pf_offset / BLOCK_BYTES];
}

int
blocks_create(struct attach *port)
{
	const struct nic_family *family = port->nic->family;

	port->block = calloc(port->nic->pf.bar_bytes / BLOCK_BYTES, sizeof(*port->block));
	if (port->block == NULL)
		return -ENOMEM;
	for (uint16_t q = 0; q < family->nb_queues; q++) {
		port->block[family->rx_block(q) / BLOCK_BYTES] =
			(struct block){ .is_queue = true, .queue = q };
		port->block[family->tx_block(q) / BLOCK_BYTES] =
			(struct block){ .is_queue = true, .is_tx = true, .queue = q };
	}
	return 0;
}

volatile uint32_t **
block_pointer(struct nic *nic, struct block block)
{
	return block.is_tx ? &nic->txq[block.queue].block : &nic->rxq[block.queue].block;
}

volatile uint32_t *
block_home(struct nic *nic, struct block block)
{
	const struct nic_family *family = nic->family;

	return pf_csr(nic, block.is_tx ? family->tx_block(block.queue) :
					 family->rx_block(block.queue));
}

bool
block_runs_for(const struct nic *nic, struct block block, const struct function *fn)
{
	if (block.is_tx)
		return nic->txq[block.queue].enabled && nic->txq[block.queue].owner == fn;
	return nic->rxq[block.queue].enabled && nic->rxq[block.queue].owner == fn;
}
