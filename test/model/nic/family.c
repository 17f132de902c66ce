/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include "nic.h"

static const struct nic_family *const families[] = {
	&nic_family_82576, &nic_family_i350, &nic_family_82599, &nic_family_x540, &nic_family_x550,
};

const struct nic_family *
nic_family_find(const char *name)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strcmp(families[i]->name, name) == 0)
			return families[i];
	return NULL;
}
