/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What of a pool is set as a whole, a row for each: how to know whether it changes, and the call.
 * Internal to lib/service.
 */
#ifndef SLUICE_SETTINGS_H
#define SLUICE_SETTINGS_H

#include "service.h"

struct setting {
	bool (*same)(const struct vf_entry *a, const struct vf_entry *b);
	int (*set)(const struct pool_ops *pool, uint16_t port, uint16_t vf,
		   const struct vf_entry *book);
	/* Of what not all hardware has: the policy's key, and what is said where it is lacking. */
	const char *key, *lacking;
	void (*range)(const struct pool_info *info, char *text, size_t bytes);
};

#define SETTINGS_NB 10

extern const struct setting settings[SETTINGS_NB];

/** Do the pool's queues run? Not one of settings[], as it comes first or last. */
extern const struct setting setting_data_path;

static inline bool
setting_is_optional(const struct setting *setting)
{
	return setting->key != NULL;
}

/**
 * Set it as the book says.
 *
 * @return 0, as well where the hardware lacks it and the book has what is usual; or the pool's
 *         -errno, service->refused then says whose
 */
int setting_set(struct vf_service *service, uint16_t vf, const struct setting *setting,
		const struct vf_entry *book);

#endif /* SLUICE_SETTINGS_H */
