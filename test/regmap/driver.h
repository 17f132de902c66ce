/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Shared by the files that translate the drivers' tables.
 */
#ifndef SLUICE_REGMAP_DRIVER_H
#define SLUICE_REGMAP_DRIVER_H

#include "family.h"
#include "pf_family.h"
#include "regmap.h"
#include "vf_family.h"

/** A register macro of the driver's whose name is that of the model's row. */
#define ONE(list, name) regmap_add(list, "REG_" #name, #name, 0, REG_##name.offset)
#define ONE_AS(list, name, model, index) \
	regmap_add(list, "REG_" #name, model, index, REG_##name.offset)
/** The same with an index: registers [0, nb). */
#define MANY(list, name, nb) MANY_AS(list, name, #name, nb)
#define MANY_AS(list, name, model, nb) \
	do { \
		for (unsigned int i_ = 0; i_ < (nb); i_++) \
			regmap_add(list, "REG_" #name, model, i_, REG_##name(i_).offset); \
	} while (0)
/** And the device has no more of them. */
#define ALL(list, name, nb) \
	do { \
		MANY(list, name, nb); \
		regmap_add_complete(list, #name, nb); \
	} while (0)

/** What the driver calls a counter, and what the model calls the register. */
struct counter_name {
	const char *driver, *model;
};

/** The registers of all queues of a family's row. @p vf_names: the model's begin with VF */
void list_queues(struct regmap_list *list, const struct family *family, bool vf_names);
/** Mailbox, counters: what struct pf_family has offsets of. */
void list_pf_family(struct regmap_list *list, const struct pf_family *family,
		    const char *mailbox_control, const char *mailbox_memory,
		    const char *const pool_counter[POOL_NB_COUNTERS]);
/** Registers of a VF that are called otherwise in each family. */
enum vf_name {
	VF_CONTROL,
	VF_STATUS,
	VF_LINK,
	VF_MAILBOX,
	VF_MAILBOX_MEMORY,
	VF_HEADER_SPLIT,
	VF_NB_NAMES,
};
void list_vf_family(struct regmap_list *list, const struct vf_family *vf,
		    const char *const name[VF_NB_NAMES]);
void list_pf_counters(struct regmap_list *list, const struct pf_family *family,
		      const struct counter_name *name, unsigned int nb);
void list_vf_counters(struct regmap_list *list, const struct vf_family *family,
		      const struct counter_name *name, unsigned int nb);

void list_pf_82576(struct regmap_list *list, const void *family);
void list_pf_i350(struct regmap_list *list, const void *family);
void list_vf_82576(struct regmap_list *list, const void *family);
void list_pf_82599(struct regmap_list *list, const void *family);
void list_vf_82599(struct regmap_list *list, const void *family);

extern const struct regmap_field fields_82576[], fields_82599[];
extern const unsigned int nb_fields_82576, nb_fields_82599;
extern const char *const no_field_82576[], *const no_field_82599[];

#define FIELD_ROW(row_, driver_, model_, written_) { #row_, #driver_, driver_, written_ },

#endif /* SLUICE_REGMAP_DRIVER_H */
