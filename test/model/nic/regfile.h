/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers as rows of a table: which bits software may write, what a read clears, what resets.
 *
 * A row tells all of a register that needs no code; on_read and on_write are for what does. PF rows
 * own storage in the PF's csr. A VF row either owns storage in the VF's csr or is another name for
 * a PF row's register (to_pf), so that both views are the same bits.
 *
 * Order of a write: the new value is stored (writable, set_by_1, clear_by_1 applied), then on_write
 * sees old and written. Order of a read: on_read may replace what is stored, then clear_by_read.
 */
#ifndef MODEL_REGFILE_H
#define MODEL_REGFILE_H

#include "nic.h"

/** In reg_row.kept: this reset leaves the register alone. RESET_POWER spares nothing. */
#define KEPT_BY(kind) (1u << (kind))

struct reg_row {
	const char *name;
	uint32_t offset;
	uint16_t count;		/**< registers in the row; 0 is 1 */
	uint16_t stride;	/**< bytes from one to the next; 0 is 4 */
	uint32_t reset;		/**< value after a reset */
	uint32_t writable;	/**< bits that a write replaces */
	uint32_t set_by_1, clear_by_1, clear_by_read;
	uint8_t kept;		/**< an or of KEPT_BY() */

	/** PF rows: another name for this offset, the row there rules. 0: its own register. */
	uint32_t alias;
	/** VF rows: the PF's offset of register @p i of @p vf; UINT32_MAX: reads 0. NULL: own. */
	uint32_t (*to_pf)(const struct nic *nic, unsigned int vf, unsigned int i);

	/** @param fn  whose software asks. @return what it reads */
	uint32_t (*on_read)(struct function *fn, unsigned int i, uint32_t value);
	void (*on_write)(struct function *fn, unsigned int i, uint32_t old, uint32_t written);
};

#define RW 0xffffffffu

/**
 * Index rows by offset. Two rows that claim one offset are a mistake in the tables: it says which
 * on stderr and aborts.
 *
 * @return offsets / 4 -> row index + 1; to be freed
 */
uint16_t *regfile_index(const struct reg_row *rows, unsigned int nb, uint32_t bar_bytes);

/** Software's 32-bit access to BAR0 of @p fn; @p offset is a multiple of 4. */
uint32_t reg_read(struct function *fn, uint32_t offset);
void reg_write(struct function *fn, uint32_t offset, uint32_t value);

/**
 * The value that software would read, without the effects of reading it; and a store without those
 * of writing it, for the doorbell pages of ../attach.
 */
uint32_t reg_peek(struct function *fn, uint32_t offset);

/** The hardware's own access to the PF's storage. */
static inline uint32_t *
pf_csr(struct nic *nic, uint32_t offset)
{
	return &nic->pf.csr[offset / 4];
}

static inline uint32_t *
vf_csr(struct nic *nic, unsigned int vf, uint32_t offset)
{
	return &nic->vf[vf].csr[offset / 4];
}

/** Give all rows that @p kind does not spare their reset value. @p vf: of RESET_VF. */
void regfile_reset(struct nic *nic, enum reset_kind kind, unsigned int vf);

/** The register with that name, for tests and the cross-check. @return NULL: none */
const struct reg_row *reg_row_find(const struct reg_row *rows, unsigned int nb, const char *name);

#endif /* MODEL_REGFILE_H */
