/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Registers of the PF that are plain memory for a while; why, and with what effect, is in device.h.
 */
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct attach;

#define WINDOW_PAGES_MAX 4
#define WINDOW_VECTORS	 2	/* the driver's own, and that of queue 0 */

struct window {
	bool open;
	struct attach *attach;
	const struct window_registers *registers;
	unsigned int queue;		/**< of the device: the one that is enabled */
	uint32_t page[WINDOW_PAGES_MAX];	/**< offsets in the BAR */
	unsigned int nb_pages;
};

/* All under nic->lock. */

/** @return 0 or -errno: then all is as it was */
int window_open(struct window *window, struct attach *attach);
void window_close(struct window *window);
/** Do what software wrote. Nothing if it is not open. */
void window_look(struct window *window);
/** Is a vector armed besides the driver's own? */
bool window_armed(const struct window *window);

#endif /* BENCH_WINDOW_H */
