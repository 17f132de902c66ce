/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "tail.h"

#define UP	  8
#define DOWN	  (100 * UP)
#define LEAST_NS  1000

uint64_t
tail_after(uint64_t tail_ns, uint64_t late_ns)
{
	uint64_t next_ns;

	if (late_ns > TAIL_MAX_NS)
		late_ns = TAIL_MAX_NS;
	if (late_ns > tail_ns) {
		next_ns = tail_ns + tail_ns / UP + LEAST_NS;
		return next_ns < late_ns ? next_ns : late_ns;
	}
	next_ns = tail_ns - (tail_ns + DOWN - 1) / DOWN;
	return next_ns > late_ns ? next_ns : late_ns;
}
