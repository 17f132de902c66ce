/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>
#include <stdlib.h>

#include "regmap.h"

void
regmap_add(struct regmap_list *list, const char *driver, const char *model, unsigned int index,
	   uint32_t offset)
{
	if (list->nb == REGMAP_ENTRIES_MAX) {
		fprintf(stderr, "regmap: raise REGMAP_ENTRIES_MAX\n");
		abort();
	}
	list->entry[list->nb++] = (struct regmap_entry){ driver, model, index, offset };
}

void
regmap_add_complete(struct regmap_list *list, const char *model, unsigned int nb)
{
	if (list->nb_complete == REGMAP_COMPLETE_MAX) {
		fprintf(stderr, "regmap: raise REGMAP_COMPLETE_MAX\n");
		abort();
	}
	list->complete[list->nb_complete++] = (struct regmap_complete){ model, nb };
}
