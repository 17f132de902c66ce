/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Forwarding while the device works, on another processor and at its own pace: descriptors and
 * frames come from another cache, and a burst is what happens to be there.
 */
#ifndef BENCH_LIVE_H
#define BENCH_LIVE_H

#include <stdbool.h>

#include "target.h"

struct live_turn {
	double cycles;	/**< a frame, of polls that found some */
	double mpps;	/**< forwarded */
};

/** There is another processor for the device. */
bool live_possible(void);

/**
 * A turn of some milliseconds, of a target that is open.
 *
 * @return 0 or -errno; -EBADMSG: a frame was not as it should be; -ENODATA: none came
 */
int live_run(struct target *target, const struct bench_case *c, struct live_turn *turn);

#endif /* BENCH_LIVE_H */
