/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Answers the VFs of one PF: request -> decode -> policy -> pool -> reply.
 *
 * The only place where mechanism (pool_ops.h) and decision (policy.h) meet. The daemon runs it
 * with the operator's policy; the plugin runs it with policy_default for a PF that no daemon owns.
 * No DPDK, no clock, no I/O: the caller hands in the time and carries out replies. Not
 * thread-safe: the caller serialises.
 */
#ifndef SLUICE_SERVICE_H
#define SLUICE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "policy.h"
#include "pool_ops.h"

#define SERVICE_VFS_MAX 64
#define SERVICE_MACS_MAX 64	/**< additional addresses one VF may hold, trusted or not */
#define SERVICE_VLANS_MAX 64

/** A VF as its PF sees it. */
enum vf_state {
	VF_WAIT_RESET,	/**< nothing but RESET is served */
	VF_READY,	/**< clear to send */
};

/** Counted since the service started; never reset by the VF. */
struct vf_counters {
	uint64_t requests;	/**< messages read from the VF */
	uint64_t acked;
	uint64_t nacked;	/**< refused by policy, state or table space */
	uint64_t malformed;	/**< nacked too: unknown opcode, bad length or field */
	uint64_t resets;	/**< RESET messages answered */
	uint64_t flrs;		/**< function-level or register resets seen */
};

struct vf_entry {
	struct vf_policy policy;
	enum vf_state state;
	struct mac_addr mac;		/**< in force; zero: none yet */
	struct mac_addr extra[SERVICE_MACS_MAX];
	uint16_t nb_extra;
	uint16_t vlans[SERVICE_VLANS_MAX];	/**< asked for by the VF */
	uint16_t nb_vlans;
	uint16_t nb_multicast;
	uint32_t max_frame;		/**< bytes with CRC */
	bool promiscuous, all_multicast;
	bool reset_wanted;		/**< the operator's change needs a reset of the VF */
	uint64_t reset_wanted_ms;	/**< when it was last told so */
	uint64_t last_nack_ms;		/**< a VF that is not clear to send is NACKed every 2 s */
	struct vf_counters counters;
};

/** One decision, for the log: reported once per request. */
struct service_verdict {
	uint16_t vf;
	const char *request;	/**< name of the message, "unknown" if it has none */
	uint32_t word0;
	bool ok;
	const char *reason;	/**< why not, or what was done; one line */
};

struct mbx_op;	/* dispatch.h */

struct vf_service {
	uint16_t port_id;
	uint16_t nb_vfs;
	const struct pool_ops *pool;
	const struct mbx_op *ops;	/**< the dialect */
	size_t nb_ops;
	void (*report)(void *ctx, const struct service_verdict *verdict);	/**< may be NULL */
	void *report_ctx;
	struct vf_entry vf[SERVICE_VFS_MAX];
};

/**
 * Start serving: every VF in VF_WAIT_RESET with its pool reset.
 *
 * @param policies  one per VF; NULL: policy_default for all
 * @return 0, or -EINVAL for more than SERVICE_VFS_MAX VFs, or the pool's -errno
 */
int service_start(struct vf_service *service, uint16_t port_id, uint16_t nb_vfs,
		  const struct pool_ops *pool, const struct vf_policy *policies);

/** The VF went through FLR or its reset bit: drop what it held, wait for RESET. */
void service_on_vf_reset(struct vf_service *service, uint16_t vf);

/**
 * Answer one request.
 *
 * @param now_ms  a monotonic clock
 * @return true: @p reply is to be sent; false: say nothing (NACKs held back)
 */
bool service_on_request(struct vf_service *service, uint16_t vf, const struct mbx_msg *request,
			uint64_t now_ms, struct mbx_msg *reply);

/**
 * Change a VF's policy while it runs. Port VLAN, trust and spoof check take effect at once; a new
 * pinned MAC takes effect at once in the filters and asks the VF to reset itself.
 *
 * @return 0, or the pool's -errno with the old policy still in force
 */
int service_set_policy(struct vf_service *service, uint16_t vf, const struct vf_policy *policy);

/**
 * Is there something to tell the VF unasked (link changed, reset yourself)? Called for each VF
 * after an event and about once a second.
 *
 * @param link_changed  the PF's link went up or down since the last call
 * @return true: @p message is to be sent
 */
bool service_notice(struct vf_service *service, uint16_t vf, bool link_changed, uint64_t now_ms,
		    struct mbx_msg *message);

#endif /* SLUICE_SERVICE_H */
