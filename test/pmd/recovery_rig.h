/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * VFs with all that a port can be told, and whether it is in force: shown by the PF's frames, which
 * arrive or do not.
 */
#ifndef SLUICE_TEST_RECOVERY_RIG_H
#define SLUICE_TEST_RECOVERY_RIG_H

#include <stdbool.h>
#include <stdint.h>

#define RECOVERY_MTU	3000	/* in two mbufs */
#define RECOVERY_ITR_NS 1000000
#define NB_FLOWS	32

/** What a VF was told beyond its configuration. */
struct force {
	bool promiscuous, all_multicast;
	bool interrupts;		/**< queue 0's are listened to by this thread */
	uint8_t queue_of[NB_FLOWS];	/**< by flow */
};

/** Which queues of a VF wait for their own start: the last one. */
enum deferred { NONE_DEFERRED, LAST_DEFERRED };

/** With MTU, offloads, all queues and their interrupts. @return of rte_eth_dev_start() */
int vf_start(unsigned int which, enum deferred deferred);
/** As vf_start(), and all that is asked of the PF: an address, a VLAN, a group. */
void vf_start_told(unsigned int which);
/** The PF's, with the MTU. */
void pf_start(void);
/** Stop and dev_reset; it is silent until pf_start(). */
void pf_reset(void);

/** Spread flows as they should be from now on; an X550's VF gets a table of its own. */
void flows_learn(unsigned int which, struct force *force);
void force_expect(unsigned int which, const struct force *force);

/* Interrupts of queue 0, in this thread. */
void interrupts_listen(unsigned int which);
/** Nobody armed it since: whoever was asleep is woken by the next frame. */
void interrupts_expect(unsigned int which);

/** @return whether a short frame for its address arrives */
bool vf_receives(unsigned int which);

#endif /* SLUICE_TEST_RECOVERY_RIG_H */
