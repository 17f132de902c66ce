/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The handlers of VF requests: decode, decide, change the book. Rows of an op table name them.
 */
#ifndef SLUICE_REQUESTS_H
#define SLUICE_REQUESTS_H

#include "dispatch.h"
#include "service.h"

/** What a handler gets as its ctx. */
struct request {
	struct vf_service *service;
	uint16_t vf;
	struct vf_entry *entry;
	const char *reason;	/**< set by the handler: why not, or what was done */
};

mbx_handler_t on_reset;
mbx_handler_t on_set_mac;
mbx_handler_t on_set_multicast;
mbx_handler_t on_set_vlan;
mbx_handler_t on_set_max_frame;
mbx_handler_t on_set_promiscuous;

/** The dialect of 82576 and I350. */
extern const struct mbx_op mbx_ops_82576[];
extern const size_t mbx_nb_ops_82576;

#endif /* SLUICE_REQUESTS_H */
