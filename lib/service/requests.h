/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The handlers of VF requests: decode, decide, change the book. Rows of an op table name them.
 */
#ifndef SLUICE_REQUESTS_H
#define SLUICE_REQUESTS_H

#include "codec.h"
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

/* What handlers of all dialects do once the words are decoded. */
int request_refuse(struct request *rq, enum policy_reason reason);
/** Carry out the change; @p done says what was done. @return 0, or the pool's -errno */
int request_commit(struct request *rq, const struct vf_entry *next, const char *done);
/** Start the VF anew as @p next says, ready and with the address it is to have. */
int request_reset(struct request *rq, struct vf_entry *next, struct mbx_msg *reply);
int request_set_mac(struct request *rq, const struct mac_addr *mac);
/** One more address for the VF as @p next says it is to be. */
int request_add_mac(struct request *rq, struct vf_entry *next, const struct mac_addr *mac);
int request_set_multicast(struct request *rq, const struct mbx_set_multicast *wanted);
/** @param bytes  with CRC, without VLAN tag */
int request_set_max_frame(struct request *rq, uint32_t bytes);

/* 82576 and I350. */
extern const struct service_dialect dialect_82576;

/* 82599, X540 and X550: ops_82599.c. */
extern const struct service_dialect dialect_82599;

#endif /* SLUICE_REQUESTS_H */
