/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "regfile.h"

/** The register behind an offset, after all its other names. */
struct target {
	const struct reg_row *row;
	unsigned int i;
	uint32_t *cell;
};

static unsigned int
row_count(const struct reg_row *row)
{
	return row->count == 0 ? 1 : row->count;
}

static unsigned int
row_stride(const struct reg_row *row)
{
	return row->stride == 0 ? 4 : row->stride;
}

static void
claim(uint16_t *row_of, const struct reg_row *rows, unsigned int which, uint32_t offset,
      uint32_t bar_bytes)
{
	const struct reg_row *row = &rows[which];

	if (offset % 4 != 0 || offset >= bar_bytes) {
		fprintf(stderr, "model: register %s at %#x is outside the BAR\n", row->name,
			offset);
		abort();
	}
	if (row_of[offset / 4] != 0) {
		fprintf(stderr, "model: registers %s and %s both claim %#x\n",
			rows[row_of[offset / 4] - 1].name, row->name, offset);
		abort();
	}
	row_of[offset / 4] = which + 1;
}

uint16_t *
regfile_index(const struct reg_row *rows, unsigned int nb, uint32_t bar_bytes)
{
	uint16_t *row_of = calloc(bar_bytes / 4, sizeof(*row_of));

	if (row_of == NULL)
		return NULL;
	for (unsigned int which = 0; which < nb; which++) {
		const struct reg_row *row = &rows[which];

		for (unsigned int i = 0; i < row_count(row); i++)
			claim(row_of, rows, which, row->offset + i * row_stride(row), bar_bytes);
	}
	return row_of;
}

static const struct reg_row *
row_at(const struct function *fn, uint32_t offset)
{
	uint16_t which;

	if (offset >= fn->bar_bytes)
		return NULL;
	which = fn->row_of[offset / 4];
	return which == 0 ? NULL : &fn->rows[which - 1];
}

static struct target
target_at(struct function *fn, const struct reg_row *row, uint32_t offset)
{
	return (struct target){
		.row = row,
		.i = (offset - row->offset) / row_stride(row),
		.cell = &fn->csr[offset / 4],
	};
}

static bool
resolve_pf(struct function *pf, uint32_t offset, struct target *target)
{
	const struct reg_row *row = row_at(pf, offset);
	const struct reg_row *ruling;

	if (row == NULL)
		return false;
	if (row->alias != 0) {
		ruling = row_at(pf, row->alias);
		if (ruling == NULL)
			return false;
		offset = row->alias +
			 (offset - row->offset) / row_stride(row) * row_stride(ruling);
		row = ruling;
	}
	*target = target_at(pf, row, offset);
	return true;
}

/** @return false: no such register. target->row is NULL where it just reads 0. */
static bool
resolve(struct function *fn, uint32_t offset, struct target *target)
{
	const struct reg_row *row;

	if (fn->vf == PF_INDEX)
		return resolve_pf(fn, offset, target);
	row = row_at(fn, offset);
	if (row == NULL)
		return false;
	*target = target_at(fn, row, offset);
	if (row->to_pf == NULL)
		return true;
	offset = row->to_pf(fn->nic, fn->vf, target->i);
	if (offset == UINT32_MAX) {
		target->row = NULL;
		return true;
	}
	return resolve_pf(&fn->nic->pf, offset, target);
}

static void
note_unknown(struct nic *nic, uint32_t offset, bool write)
{
	struct nic_oddities *odd = &nic->odd;
	uint32_t what = offset | (write ? 1u << 31 : 0);

	if (write)
		odd->unknown_writes++;
	else
		odd->unknown_reads++;
	for (unsigned int i = 0; i < odd->nb_unknown; i++)
		if (odd->unknown_offset[i] == what)
			return;
	if (odd->nb_unknown < sizeof(odd->unknown_offset) / sizeof(odd->unknown_offset[0]))
		odd->unknown_offset[odd->nb_unknown++] = what;
}

static bool
answers(const struct function *fn)
{
	return fn->present && !fn->gone;
}

uint32_t
reg_read(struct function *fn, uint32_t offset)
{
	struct target target;
	uint32_t value;

	/* Nobody on the bus claims the address: the root port answers. */
	if (!answers(fn))
		return UINT32_MAX;
	if (!resolve(fn, offset, &target)) {
		note_unknown(fn->nic, offset, false);
		return 0;
	}
	if (target.row == NULL)
		return 0;
	value = *target.cell;
	if (target.row->on_read != NULL)
		value = target.row->on_read(fn, target.i, value);
	if (target.row->clear_by_read != 0)
		*target.cell &= ~target.row->clear_by_read;
	return value;
}

uint32_t
reg_peek(struct function *fn, uint32_t offset)
{
	struct target target;
	uint32_t value;

	if (!answers(fn))
		return UINT32_MAX;
	if (!resolve(fn, offset, &target) || target.row == NULL)
		return 0;
	value = *target.cell;
	if (target.row->on_read != NULL) {
		fn->nic->peeking = true;
		value = target.row->on_read(fn, target.i, value);
		fn->nic->peeking = false;
	}
	return value;
}

void
reg_write(struct function *fn, uint32_t offset, uint32_t value)
{
	struct target target;
	uint32_t old;

	if (!answers(fn))
		return;
	if (!resolve(fn, offset, &target)) {
		note_unknown(fn->nic, offset, true);
		return;
	}
	if (target.row == NULL)
		return;
	old = *target.cell;
	*target.cell = (((old & ~target.row->writable) | (value & target.row->writable)) |
			(value & target.row->set_by_1)) & ~(value & target.row->clear_by_1);
	if (target.row->on_write != NULL)
		target.row->on_write(fn, target.i, old, value);
}

static void
reset_rows(struct function *fn, enum reset_kind kind)
{
	for (unsigned int which = 0; which < fn->nb_rows; which++) {
		const struct reg_row *row = &fn->rows[which];

		if (row->alias != 0 || row->to_pf != NULL)
			continue;
		if (kind != RESET_POWER && (row->kept & KEPT_BY(kind)) != 0)
			continue;
		for (unsigned int i = 0; i < row_count(row); i++)
			fn->csr[(row->offset + i * row_stride(row)) / 4] = row->reset;
	}
}

void
regfile_reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	if (kind == RESET_VF) {
		reset_rows(&nic->vf[vf], kind);
		return;
	}
	reset_rows(&nic->pf, kind);
	for (unsigned int i = 0; i < nic->family->max_vfs; i++)
		reset_rows(&nic->vf[i], kind);
}

const struct reg_row *
reg_row_find(const struct reg_row *rows, unsigned int nb, const char *name)
{
	for (unsigned int which = 0; which < nb; which++)
		if (strcmp(rows[which].name, name) == 0)
			return &rows[which];
	return NULL;
}
