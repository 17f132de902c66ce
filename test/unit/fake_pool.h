/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A pool_ops table that remembers what it was told, fails on demand, and holds its caller to the
 * contract of pool_ops.h. There is one, because pool_ops carry no context.
 */
#ifndef SLUICE_FAKE_POOL_H
#define SLUICE_FAKE_POOL_H

#include "service.h"

#define FAKE_PORT 7
#define FAKE_MBPS 10000	/**< no rate above that */
#define FAKE_SLOTS 130
#define FAKE_LOG 4096

enum fake_call {
	FAKE_RESET,
	FAKE_ENABLE,
	FAKE_DISABLE,
	FAKE_ADD_MAC,
	FAKE_REMOVE_MAC,
	FAKE_SET_MULTICAST,
	FAKE_SET_ACCEPT,
	FAKE_ADD_VLAN,
	FAKE_REMOVE_VLAN,
	FAKE_SET_PORT_VLAN,
	FAKE_SET_MAX_FRAME,
	FAKE_SET_SPOOF_CHECK,
	FAKE_SET_TX_RATE,
	FAKE_SET_LOOPBACK,
	FAKE_SET_MIRROR,
	FAKE_SET_DROP,
	FAKE_LIMIT_INTERRUPTS,
};

struct fake_vf {
	bool enabled;
	struct mac_addr mac[FAKE_SLOTS];
	unsigned int nb_macs;
	uint16_t vlan[FAKE_SLOTS];
	unsigned int nb_vlans;
	uint16_t multicast[QUOTA_MULTICASTS];
	unsigned int nb_multicast;
	uint32_t accept;
	uint16_t port_vlan;
	uint8_t qos;
	uint32_t max_frame;
	bool spoof_check;
	uint32_t tx_rate;
	bool no_loopback;
	bool mirrored;
	uint16_t mirror;
	bool blocks;
	uint32_t min_us, max_us;
	uint32_t held_ms;
	bool unclean;	/**< a reset was asked for, and failed on demand */
};

struct fake_pool {
	struct fake_vf vf[SERVICE_VFS_MAX];
	uint16_t nb_vfs;
	enum fake_call log[FAKE_LOG];
	unsigned int calls;
	unsigned int fail_at;	/**< the call with this number fails, counted from 1; 0: none */
	unsigned int fail_more;	/**< and so do as many after it */
	int fail_rc;
	unsigned int violations;	/**< calls that the contract forbids */
	bool resuming;	/**< a step may be taken that was taken before */
	unsigned int lacks;	/**< the hardware has not: an or of 1 << enum fake_call */
	bool inside;	/**< one of the calls is being carried out */
	/* What it says when asked; not counted as calls, and fail by these alone. */
	struct pool_info info;
	struct pool_rss rss;
	int info_rc, rss_rc;
};

extern struct fake_pool fake;
extern const struct pool_ops fake_pool_ops;

/** An empty pool for @p nb_vfs VFs, no failure planned. */
void fake_clear(uint16_t nb_vfs);

/** Let the @p nth call from now fail, and @p more after it. */
void fake_fail(unsigned int nth, unsigned int more, int rc);

/** Position of the first such call after @p from in the log; -1: none. */
int fake_find(enum fake_call call, unsigned int from);

bool fake_has_mac(uint16_t vf, const struct mac_addr *mac);
bool fake_has_vlan(uint16_t vf, uint16_t vlan);

/** What in the VF's pool differs from the service's book; NULL: nothing. */
const char *fake_mismatch(const struct vf_service *service, uint16_t vf);

#endif /* SLUICE_FAKE_POOL_H */
