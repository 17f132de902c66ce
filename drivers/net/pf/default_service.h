/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Who answers the VFs of a port for which no application set a handler.
 *
 * The driver has no opinion: the plugin hands the service in when it is loaded.
 */
#ifndef SLUICE_DEFAULT_SERVICE_H
#define SLUICE_DEFAULT_SERVICE_H

#include <stdint.h>

#include "rte_pmd_sluice.h"

struct pf_default_service {
	struct rte_pmd_sluice_handler handler;
	/** A port with VFs starts. @return the handler's ctx, or NULL with the reason logged */
	void *(*create)(uint16_t port_id, uint16_t nb_vfs);
	/** No handler call is under way, none follows. */
	void (*free)(void *ctx);
};

/** Called once, before any port is probed. NULL (the start value): VFs get no answer. */
void pf_set_default_service(const struct pf_default_service *service);

#endif /* SLUICE_DEFAULT_SERVICE_H */
