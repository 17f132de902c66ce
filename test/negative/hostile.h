/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A VF of hostile.c's, and what it does to its rings. One thread has a VF at a time.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include <bus_pci_driver.h>
#include <rte_memzone.h>

#define MEMORY_BYTES (128u * 1024) /**< of one VF: two rings, then buffers */

struct registers {
	uint32_t control, memory, rx, tx, rx_format;
	uint32_t rx_format_value;	/* 2 KB, advanced, drop if there is no buffer */
	uint32_t tx_context_check;
};

/** Of the family that the VFs are of. */
extern const struct registers *registers;

struct vf {
	struct rte_pci_device *pci;
	uint8_t *bar;
	const struct rte_memzone *zone;
	uint8_t *memory;
	uint32_t next_rx, next_tx;
	pthread_t thread;
	void (*storm)(struct vf *vf);
	atomic_bool storms;
	unsigned long rounds;
	uint32_t seed;
};

static inline uint32_t
get(struct vf *vf, uint32_t offset)
{
	return *(volatile uint32_t *)(vf->bar + offset);
}

static inline void
set(struct vf *vf, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(vf->bar + offset) = value;
}

/* --- hostile_rings.c: the commands of these names; their answers go to standard output --- */

void do_listen(struct vf *vf, const uint32_t *words, unsigned int nb);
void do_heard(struct vf *vf, const uint32_t *words, unsigned int nb);
void send_frame(struct vf *vf, const char *line);

#endif /* HOSTILE_H */
