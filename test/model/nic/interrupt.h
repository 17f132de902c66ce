/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * MSI-X vectors with exact throttling.
 *
 * A family decides that a cause counts (IVAR, EIMS); here it becomes a message, at once or when the
 * vector's EITR interval is over. As the message goes out the family's vector_fired() clears and
 * masks what is set to do so (EIAC, EIAM).
 */
#ifndef MODEL_INTERRUPT_H
#define MODEL_INTERRUPT_H

#include "nic.h"

/** Make a vector pending; it fires when it may. Nothing happens for a vector beyond nb_vectors. */
void vector_raise(struct function *fn, unsigned int vector);

/** A cause that was never sent is withdrawn: software cleared it. */
void vector_withdraw(struct function *fn, unsigned int vector);

/** What is raised next does not wait, and begins an interval anew: a low-latency interrupt. */
void vector_end_interval(struct function *fn, unsigned int vector);

/** The mask bit of the MSI-X table; what is pending goes out when it is cleared. */
void vector_mask(struct function *fn, unsigned int vector, bool masked);

/** A new throttle interval; a running one is kept when @p keep_running. */
void vector_set_interval(struct function *fn, unsigned int vector, uint64_t ns, bool keep_running);

/** A new throttle interval; of the one that runs @p left_ns are left, whatever has passed of it. */
void vector_restart_interval(struct function *fn, unsigned int vector, uint64_t ns,
			     uint64_t left_ns);

/** Fire all that are due. @return when the next one is due, or UINT64_MAX */
uint64_t vectors_run(struct nic *nic);

#endif /* MODEL_INTERRUPT_H */
