/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stddef.h>

#include "place.h"

/* How well an lcore suits a pair, best first: all pairs choose at one level before the next. */
enum fit {
	FIT_EXACT, /* runs on the wanted node only */
	FIT_MAY,   /* may run there */
	FIT_ANY,   /* runs elsewhere, or nobody knows where, or nobody cares */
	NB_FITS,
};

static enum fit
fit_of(const struct place_pair *pair, const struct place_lcore *lcore)
{
	uint64_t wanted;

	if (pair->node < 0 || pair->node >= MAX_NODES)
		return FIT_ANY;
	wanted = UINT64_C(1) << pair->node;
	if (lcore->nodes == wanted)
		return FIT_EXACT;
	return (lcore->nodes & wanted) != 0 ? FIT_MAY : FIT_ANY;
}

static struct place_lcore *
find_free(const struct place_pair *pair, enum fit fit, struct place_lcore *lcores,
	  unsigned int nb_lcores)
{
	struct place_lcore *last_choice = NULL;

	for (unsigned int i = 0; i < nb_lcores; i++) {
		struct place_lcore *lcore = &lcores[i];

		if (lcore->taken || fit_of(pair, lcore) != fit)
			continue;
		if (!lcore->main)
			return lcore;
		last_choice = lcore;
	}
	return last_choice;
}

static bool
place_one(struct place_pair *pair, enum fit fit, struct place_lcore *lcores, unsigned int nb_lcores)
{
	struct place_lcore *lcore = find_free(pair, fit, lcores, nb_lcores);

	if (lcore == NULL)
		return false;
	lcore->taken = true;
	pair->lcore = lcore->id;
	pair->placed = fit != FIT_ANY || pair->node < 0;
	pair->confine = fit == FIT_MAY;
	return true;
}

int
place_pairs(struct place_pair *pairs, unsigned int nb_pairs, struct place_lcore *lcores,
	    unsigned int nb_lcores)
{
	bool done[PLACE_MAX_PAIRS] = { false };
	unsigned int nb_free = 0;

	for (unsigned int i = 0; i < nb_lcores; i++)
		nb_free += !lcores[i].taken;
	if (nb_pairs > nb_free || nb_pairs > PLACE_MAX_PAIRS)
		return -ENOSPC;

	for (enum fit fit = FIT_EXACT; fit < NB_FITS; fit++) {
		for (unsigned int i = 0; i < nb_pairs; i++) {
			if (!done[i])
				done[i] = place_one(&pairs[i], fit, lcores, nb_lcores);
		}
	}
	return 0;
}
