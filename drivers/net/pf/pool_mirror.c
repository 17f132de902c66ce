/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Mirrors: what one pool receives, another one receives too (82576 sheet, 8.11; 82599 sheet, 8.8).
 * Never run on silicon.
 *
 * A rule has a mask of pools and one that looks on; so there is one rule for each of those, and
 * pools that share it share a rule. What a pool sends is not the rules' to see unless another pool
 * receives it: only the whole port's way out could be mirrored, other VFs' frames included.
 */
#include <errno.h>

#include "pf.h"

#define NO_RULE MIRROR_RULES

static struct reg
of_rule(struct reg first, unsigned int rule)
{
	return (struct reg){ first.offset + 4 * rule };
}

static uint64_t
pools_seen_by(const struct pf *pf, uint16_t mirror)
{
	uint64_t mask = 0;
	uint16_t pool;

	for (pool = 0; pool < pf->nb_vfs && mirror != 0; pool++)
		if (pf->pools[pool].mirror == mirror)
			mask |= pool_bit(pool);
	return mask;
}

/* The one with that mirror; or else one that nobody but the pool needs. */
static unsigned int
find_rule(const struct pf *pf, uint16_t pool, uint16_t mirror)
{
	unsigned int rule, found = NO_RULE;

	for (rule = MIRROR_RULES; rule-- > 0;) {
		uint16_t theirs = pf->mirror_rule[rule];

		if (theirs == mirror)
			return rule;
		if ((pools_seen_by(pf, theirs) & ~pool_bit(pool)) == 0)
			found = rule;
	}
	return found;
}

/* From the books; a rule that nobody needs any more is free. */
static void
write_rule(struct pf *pf, unsigned int rule)
{
	const struct mirror_regs *regs = pf->family->mirror;
	uint64_t mask = pools_seen_by(pf, pf->mirror_rule[rule]);
	const struct mmio *io = &pf->port.io;

	if (mask == 0) {
		reg_write(io, of_rule(regs->control, rule), 0);
		pf->mirror_rule[rule] = 0;
		return;
	}
	reg_write(io, of_rule(regs->pools, rule), (uint32_t)mask);
	if (regs->pools_high.offset != 0)
		reg_write(io, of_rule(regs->pools_high, rule), mask >> 32);
	reg_write(io, of_rule(regs->control, rule),
		  field_set(regs->to, regs->of_pools, pf->mirror_rule[rule] - 1));
}

int
pool_set_mirror(struct pf *pf, uint16_t pool, uint16_t to)
{
	uint16_t mirror = to == POOL_NONE ? 0 : to + 1;
	unsigned int rule;

	if (pf->family->mirror == NULL)
		return mirror == 0 ? 0 : -ENOTSUP;
	if (to == pool)
		return -EINVAL;
	rule = find_rule(pf, pool, mirror);
	if (mirror != 0 && rule == NO_RULE)
		return -ENOSPC;
	/* Whoever dies below is followed by somebody who asks for the same once more. */
	pf->pools[pool].mirror = mirror;
	if (mirror != 0 && pf->mirror_rule[rule] != mirror) {
		reg_write(&pf->port.io, of_rule(pf->family->mirror->control, rule), 0);
		pf->mirror_rule[rule] = mirror;
	}
	for (rule = 0; rule < MIRROR_RULES; rule++)
		if (pf->mirror_rule[rule] != 0)
			write_rule(pf, rule);
	return 0;
}
