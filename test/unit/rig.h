/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A service over the fake pool, and VFs that are brought up with a line.
 */
#ifndef SLUICE_RIG_H
#define SLUICE_RIG_H

#include "codec.h"
#include "fake_pool.h"
#include "service.h"

#define RIG_VFS 4

extern struct vf_service rig;
extern uint64_t rig_now_ms;	/**< advanced by rig_request(), 10 ms each */
extern struct service_verdict rig_verdict;	/**< the last one */
extern char rig_args[SERVICE_ARGS_BYTES];	/**< its arguments, in words */
extern unsigned int rig_verdicts;

extern const struct mac_addr mac_a, mac_b, mac_c, mac_multicast, mac_zero;

/** A fresh service with @p policy for all VFs; NULL: the default. The 82576's dialect. */
void rig_start(const struct vf_policy *policy);

/** The same in the 82599's dialect: pools of two queues, each with its own frame size. */
void rig_start_82599(const struct vf_policy *policy);

/** One request; the reply's word 0, or 0 if there was none. The reply stays in rig_reply. */
uint32_t rig_request(uint16_t vf, const struct mbx_msg *request);
extern struct mbx_msg rig_reply;

/** Tear-down of a test: pool and book agree, and the pool's contract was kept; if not, -1. */
int rig_finish(void **state);

uint32_t rig_reset(uint16_t vf);
uint32_t rig_set_mac(uint16_t vf, const struct mac_addr *mac);
uint32_t rig_add_mac(uint16_t vf, const struct mac_addr *mac);
uint32_t rig_clear_macs(uint16_t vf);
uint32_t rig_set_vlan(uint16_t vf, uint16_t vlan, bool add);
uint32_t rig_set_multicast(uint16_t vf, uint8_t nb, bool overflow);
uint32_t rig_set_max_frame(uint16_t vf, uint32_t bytes);
uint32_t rig_set_promiscuous(uint16_t vf, bool unicast, bool multicast);

/** The n-th of many different unicast addresses. */
struct mac_addr rig_mac(unsigned int n);

#endif /* SLUICE_RIG_H */
