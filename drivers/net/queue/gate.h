/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Keeps bursts out of a queue that is made anew while the application goes on polling it.
 *
 * Only ports that recover by themselves have such bursts (burst_gate.c): two stores more each, one
 * of them with a barrier. To exchange ethdev's burst pointers would be free, but then nobody could
 * tell when the last lcore has left the old function: it may have read the pointer and lost its
 * processor before the call. Here an lcore first says that it is in, then looks whether it may; who
 * closes the gate does it the other way round. One of the two sees the other.
 *
 * Queues are in shared memory: this holds for the bursts of secondary processes too.
 */
#ifndef SLUICE_GATE_H
#define SLUICE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>

struct gate {
	_Atomic bool busy;	/**< a burst is in; written by it alone */
	_Atomic bool closed;
};

/** @return false: not now; else gate_leave() follows */
static inline bool
gate_enter(struct gate *gate)
{
	atomic_store_explicit(&gate->busy, true, memory_order_seq_cst);
	if (!atomic_load_explicit(&gate->closed, memory_order_seq_cst))
		return true;
	atomic_store_explicit(&gate->busy, false, memory_order_release);
	return false;
}

static inline void
gate_leave(struct gate *gate)
{
	atomic_store_explicit(&gate->busy, false, memory_order_release);
}

static inline void
gate_close(struct gate *gate)
{
	atomic_store_explicit(&gate->closed, true, memory_order_seq_cst);
}

/** Closed before: is nobody in any more? */
static inline bool
gate_is_left(struct gate *gate)
{
	return !atomic_load_explicit(&gate->busy, memory_order_seq_cst);
}

static inline void
gate_open(struct gate *gate)
{
	atomic_store_explicit(&gate->closed, false, memory_order_release);
}

#endif /* SLUICE_GATE_H */
