/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF and its VFs on the model, all in this process, and counted frames between them.
 *
 * With doorbell=trap the model has worked off a write to a tail when it returns: what is not held
 * back has arrived by then.
 */
#ifndef SLUICE_TEST_POLICY_RIG_H
#define SLUICE_TEST_POLICY_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

enum { PF, VF0, VF1, VF2, VF3, VF4, NB_PORTS };

#define RING	  256	/* descriptors of each ring */
#define ETYPE	  0x88b5
#define BYTES_MIN 60

/** What a family can, as its sheet has it. */
struct policy_family {
	const char *name;
	uint32_t mbps;			/**< of its link */
	uint32_t min_rate;		/**< 0: it has no Tx rate limit */
	bool two_queues;
	uint32_t drop_register, drop_bit;	/**< a VF's first SRRCTL, and DROP_EN there */
	uint32_t throttle;		/**< VTEITR of a VF whose PF knows it; 0: none does */
	bool storm_control, refuses_pause, tells_spoofers;
};

extern const struct policy_family *family;

/** Ports are there, not started. @return 0 or -1 */
int rig_open(char *plugins, const char *family_name);
/** Configure with one Rx queue, and start; anew if it was before. @return 0 or -1 */
int rig_start(unsigned int which, uint16_t nb_tx);
/** The VF resets itself at the PF, which ends what its pool was held to. */
void rig_restart(unsigned int which);
uint16_t rig_port(unsigned int which);
const struct rte_ether_addr *rig_mac(unsigned int which);
volatile uint32_t *rig_register(unsigned int which, uint32_t offset);

/** Frames to be told from all others. */
struct frames {
	unsigned int from;
	uint16_t queue;
	const struct rte_ether_addr *dst;
	const struct rte_ether_addr *src;	/**< NULL: the sender's own */
	uint16_t etype;				/**< 0: ETYPE */
	uint16_t bytes;				/**< without CRC; 0: the fewest */
	unsigned int nb;
};

/** @return frames that the ring took */
unsigned int rig_send(const struct frames *frames);
/** Empty the ring. @return how many of ours there were */
unsigned int rig_receive(unsigned int which);
/** Send and receive. @return how many arrived at once */
unsigned int rig_pass(const struct frames *frames, unsigned int to);
/** One frame to a port's own address. @return whether it arrived */
bool rig_one(unsigned int from, unsigned int to);
/** What VFs asked the PF for may take a moment. */
void rig_wait_for_path(unsigned int from, unsigned int to);
/** Until as many have arrived, or for long. @return how many did */
unsigned int rig_await(unsigned int which, unsigned int nb);
/** The PF's extended statistic. */
uint64_t rig_xstat(const char *name);
void rig_poll(void);

#endif /* SLUICE_TEST_POLICY_RIG_H */
