/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "interrupt.h"

static void
fire(struct function *fn, unsigned int which, uint64_t now)
{
	struct vector *vector = &fn->vector[which];

	vector->pending = false;
	vector->not_before_ns = now + vector->interval_ns;
	vector->fired++;
	fn->nic->family->vector_fired(fn, which);
	if (fn->ops.msix != NULL)
		fn->ops.msix(fn, which, fn->ops.ctx);
}

/** @return when it will fire; 0: it has; UINT64_MAX: not by time alone */
static uint64_t
fire_if_due(struct function *fn, unsigned int which)
{
	const struct vector *vector = &fn->vector[which];
	uint64_t now;

	if (!vector->pending || vector->masked || !function_alive(fn))
		return UINT64_MAX;
	now = nic_now_ns(fn->nic);
	if (now < vector->not_before_ns)
		return vector->not_before_ns;
	fire(fn, which, now);
	return 0;
}

static void
reconsider(struct function *fn, unsigned int which)
{
	uint64_t when = fire_if_due(fn, which);

	if (when != 0 && when < fn->nic->next_vector_ns)
		fn->nic->next_vector_ns = when;
}

void
vector_raise(struct function *fn, unsigned int vector)
{
	if (vector >= fn->nb_vectors)
		return;
	fn->vector[vector].pending = true;
	reconsider(fn, vector);
}

void
vector_withdraw(struct function *fn, unsigned int vector)
{
	if (vector < fn->nb_vectors)
		fn->vector[vector].pending = false;
}

void
vector_end_interval(struct function *fn, unsigned int vector)
{
	if (vector < fn->nb_vectors)
		fn->vector[vector].not_before_ns = 0;
}

void
vector_mask(struct function *fn, unsigned int vector, bool masked)
{
	if (vector >= fn->nb_vectors)
		return;
	fn->vector[vector].masked = masked;
	reconsider(fn, vector);
}

void
vector_set_interval(struct function *fn, unsigned int vector, uint64_t ns, bool keep_running)
{
	if (vector >= fn->nb_vectors)
		return;
	fn->vector[vector].interval_ns = ns;
	if (!keep_running)
		fn->vector[vector].not_before_ns = 0;
	reconsider(fn, vector);
}

void
vector_restart_interval(struct function *fn, unsigned int vector, uint64_t ns, uint64_t left_ns)
{
	if (vector >= fn->nb_vectors)
		return;
	fn->vector[vector].interval_ns = ns;
	fn->vector[vector].not_before_ns = nic_now_ns(fn->nic) + left_ns;
	reconsider(fn, vector);
}

static uint64_t
run_function(struct function *fn)
{
	uint64_t next = UINT64_MAX;

	for (unsigned int which = 0; which < fn->nb_vectors; which++) {
		uint64_t when = fire_if_due(fn, which);

		if (when != 0 && when < next)
			next = when;
	}
	return next;
}

uint64_t
vectors_run(struct nic *nic)
{
	uint64_t next, when;

	if (nic->next_vector_ns == UINT64_MAX || nic_now_ns(nic) < nic->next_vector_ns)
		return nic->next_vector_ns;
	/* A message may make its receiver raise another vector: that lowers it again. */
	nic->next_vector_ns = UINT64_MAX;
	next = run_function(&nic->pf);
	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++) {
		when = run_function(&nic->vf[vf]);
		if (when < next)
			next = when;
	}
	if (next < nic->next_vector_ns)
		nic->next_vector_ns = next;
	return nic->next_vector_ns;
}
