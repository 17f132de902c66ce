/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "dim.h"

#define EVENTS	    64
#define SIGNIFICANT 0.1
#define TIRED_AFTER (2 * DIM_PROFILES)	/* steps that led to no rest */
#define NS_PER_MS   1e6

enum verdict { WORSE, SAME, BETTER };

static const uint32_t interval_ns[DIM_PROFILES] = { 1000, 8000, 64000, 128000, 256000 };

uint32_t
dim_interval_ns(const struct dim *dim)
{
	return interval_ns[dim->profile];
}

static bool
differs(double now, double before)
{
	double by = now > before ? now - before : before - now;

	return by > SIGNIFICANT * before;
}

/** Bytes count first, then frames; of two alike the one with less interrupts is better. */
static enum verdict
compare(const struct dim_rates *now, const struct dim_rates *before)
{
	if (before->bytes == 0)
		return now->bytes != 0 ? BETTER : SAME;
	if (differs(now->bytes, before->bytes))
		return now->bytes > before->bytes ? BETTER : WORSE;
	if (before->frames == 0)
		return now->frames != 0 ? BETTER : SAME;
	if (differs(now->frames, before->frames))
		return now->frames > before->frames ? BETTER : WORSE;
	if (before->events == 0)
		return SAME;
	if (differs(now->events, before->events))
		return now->events < before->events ? BETTER : WORSE;
	return SAME;
}

static void
park_on_top(struct dim *dim)
{
	dim->steps_right = dim->steps_left = dim->tired = 0;
	dim->state = DIM_ON_TOP;
}

static void
park_tired(struct dim *dim)
{
	dim->steps_right = dim->steps_left = 0;
	dim->state = DIM_TIRED;
}

static void
turn(struct dim *dim)
{
	if (dim->state == DIM_RIGHT) {
		dim->state = DIM_LEFT;
		dim->steps_left = 0;
	} else {
		dim->state = DIM_RIGHT;
		dim->steps_right = 0;
	}
}

/** To the next profile in its direction, or it parks. */
static void
step(struct dim *dim)
{
	if (dim->tired == TIRED_AFTER) {
		park_tired(dim);
		return;
	}
	if (dim->state == DIM_RIGHT && dim->profile < DIM_PROFILES - 1) {
		dim->profile++;
		dim->steps_right++;
	} else if (dim->state == DIM_LEFT && dim->profile > 0) {
		dim->profile--;
		dim->steps_left++;
	} else {
		park_on_top(dim);
		return;
	}
	dim->tired++;
}

static void
leave_parking(struct dim *dim)
{
	dim->state = dim->profile > 0 ? DIM_LEFT : DIM_RIGHT;
	step(dim);
}

/** The step before last was in the other direction, and this one was the first. */
static bool
is_on_top(const struct dim *dim)
{
	if (dim->state == DIM_RIGHT)
		return dim->steps_left > 1 && dim->steps_right == 1;
	return dim->steps_right > 1 && dim->steps_left == 1;
}

static void
decide(struct dim *dim, const struct dim_rates *now)
{
	enum verdict verdict = compare(now, &dim->before);

	switch (dim->state) {
	case DIM_ON_TOP:
		/* What it is compared with stays as long as it stays. */
		if (verdict == SAME)
			return;
		leave_parking(dim);
		break;
	case DIM_TIRED:
		if (--dim->tired == 0)
			leave_parking(dim);
		break;
	case DIM_RIGHT:
	case DIM_LEFT:
		if (verdict != BETTER)
			turn(dim);
		if (is_on_top(dim))
			park_on_top(dim);
		else
			step(dim);
		break;
	}
	dim->before = *now;
}

bool
dim_event(struct dim *dim, uint64_t now_ns, uint64_t frames, uint64_t bytes)
{
	unsigned int profile = dim->profile;
	struct dim_rates now;
	double ms;

	if (dim->measures && ++dim->events < EVENTS)
		return false;
	if (dim->measures && now_ns > dim->start_ns) {
		ms = (double)(now_ns - dim->start_ns) / NS_PER_MS;
		now = (struct dim_rates){
			.bytes = (double)(bytes - dim->start_bytes) / ms,
			.frames = (double)(frames - dim->start_frames) / ms,
			.events = dim->events / ms,
		};
		decide(dim, &now);
	}
	dim->measures = true;
	dim->start_ns = now_ns;
	dim->start_frames = frames;
	dim->start_bytes = bytes;
	dim->events = 0;
	return dim->profile != profile;
}
