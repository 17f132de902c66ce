/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the drivers believe of a device's registers, in terms in which the model can be asked.
 *
 * The drivers' and the model's headers use the same names for things, so no file can include both:
 * driver_*.c translate the drivers' tables and macros to what is below, model_*.c the model's
 * masks, and regmap_test.c compares.
 */
#ifndef SLUICE_REGMAP_H
#define SLUICE_REGMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGMAP_ENTRIES_MAX  8192
#define REGMAP_COMPLETE_MAX 64

/** Where a driver believes register @p index of the model's row @p model to be. */
struct regmap_entry {
	const char *driver;	/**< the driver's name for it */
	const char *model;	/**< the row's name; a second bank's is the same with _HIGH */
	unsigned int index;
	uint32_t offset;
};

/** The driver believes that the row has this many registers, and uses all of them. */
struct regmap_complete {
	const char *model;
	unsigned int nb;
};

struct regmap_list {
	struct regmap_entry entry[REGMAP_ENTRIES_MAX];
	unsigned int nb;
	struct regmap_complete complete[REGMAP_COMPLETE_MAX];
	unsigned int nb_complete;
};

void regmap_add(struct regmap_list *list, const char *driver, const char *model,
		unsigned int index, uint32_t offset);
void regmap_add_complete(struct regmap_list *list, const char *model, unsigned int nb);

/** A field of a register, from the lists of fields_*.h. */
struct regmap_field {
	const char *row;	/**< the model's name of the register */
	const char *name;	/**< the driver's of the field */
	uint32_t mask;		/**< where the driver believes it to be */
	bool written;		/**< by the driver: the register must keep it, or act on it */
};

/** The model's side of the same list: 0 where it has no name for the field. */
struct regmap_masks {
	const uint32_t *mask;
	unsigned int nb;
};

/** What a PF driver knows of the device as a whole. */
struct regmap_limits {
	unsigned int pools, vfs, rars, vlvfs, vf_queues;
	/** Register block of VF v's queue i: v * vf_step + i * vf_queue_step. */
	unsigned int vf_step, vf_queue_step;
};

/** How a driver sets up a queue and its first vector, and what it means by that. */
struct regmap_queue {
	unsigned int nb;	/**< Rx and Tx queues that it can see */
	unsigned int which;
	uint32_t rx_block, tx_block;	/**< of that one */
	uint32_t srrctl;	/**< offset */
	uint32_t srrctl_2k_drop;	/**< value: one buffer of 2 KB, drop where there is none */
	uint32_t srrctl_low;	/**< value: one buffer, and a threshold of free descriptors */
	unsigned int low_threshold;	/**< of as many */
	uint32_t eitr_100_ticks;	/**< value */
	uint32_t eitr_restarted;	/**< value: 96 ticks, of which all are left */
	uint32_t eitr_tick_ns;
	uint32_t rxd_errors;	/**< write-back, dword 2: what makes a frame worthless */
};

/** A driver's table for one function of one family. */
struct regmap_driver {
	const char *name;
	const char *model;		/**< family, as the model names it */
	bool vf;

	void (*list)(struct regmap_list *list, const void *family);
	const void *family;		/**< the driver's own; for list() */
	const struct regmap_field *field;
	unsigned int nb_fields;
	struct regmap_limits limits;	/**< a PF's */
	struct regmap_queue queue;

	/**
	 * The header that the registers are from, below drivers/net, or NULL. Each register in it
	 * must be in the list of one of the families and each field among the fields; but for
	 * those named here.
	 */
	const char *header;
	const char *const *no_field;
};

/** All drivers' tables, one after the other. @return false: there are no more */
__attribute__((visibility("default")))
bool regmap_driver(unsigned int i, struct regmap_driver *driver);

#endif /* SLUICE_REGMAP_H */
