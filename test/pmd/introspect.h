/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file One PF and two VFs of the model, and what is expected of them. */
#ifndef SLUICE_TEST_INTROSPECT_H
#define SLUICE_TEST_INTROSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mempool.h>

enum { PF, VF0, VF1, NB_PORTS };

struct introspect_rig {
	const char *family;
	const char *doc;		/**< folder of drivers.md and features/ */
	bool sums_nvm;			/**< all that its checksum counts is in front of it */
	bool has_nvm, has_module;
	const char *firmware;		/**< NULL: not told */
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
};

extern struct introspect_rig rig;

/* introspect_xstats.c */
/** The value of an extended statistic; fails if there is none. */
uint64_t introspect_xstat(unsigned int which, const char *name);
void xstats_have_one_name_each(void **state);
void xstats_are_documented(void **state);
void xstats_start_anew(void **state);

/* introspect_features.c */
void features_are_those_told(void **state);

/* introspect_telemetry.c */
void telemetry_tells_the_same(void **state);

#endif /* SLUICE_TEST_INTROSPECT_H */
