/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "histogram.h"

void
histogram_clear(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

uint64_t
histogram_upper(unsigned int index)
{
	unsigned int bits;

	if (index < HISTOGRAM_EXACT)
		return index;
	bits = (index >> HISTOGRAM_SUB_BITS) - 1;
	return ((uint64_t)(index - (bits << HISTOGRAM_SUB_BITS)) + 1) * (UINT64_C(1) << bits) - 1;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t below = 0, wanted = (uint64_t)((double)histogram->count * share), upper;

	if (histogram->count == 0)
		return 0;
	if ((double)wanted < (double)histogram->count * share)
		wanted++;
	if (wanted == 0)
		wanted = 1;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += histogram->bucket[i];
		if (below >= wanted) {
			upper = histogram_upper(i);
			return upper < histogram->max ? upper : histogram->max;
		}
	}
	return histogram->max;
}
