/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Ways for tenants to reach a NIC: the PF itself, a VF each, or a virtio-user port each on a
 * software switch that has the PF. All are ports of DPDK in this process, on a model port each.
 */
#ifndef EXPERIMENTS_SETUP_H
#define EXPERIMENTS_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "card.h"

struct rte_mbuf;
struct rte_mempool;

#define TENANTS_MAX 30	/* of what a DPDK of 32 ports leaves beside a PF */
#define KINDS_MAX   4
#define BURST	    32
#define RING	    256	/* of a tenant's port; a virtio queue's usual length */
#define SWITCH_RING 1024	/* of the PF below the switch: room for a burst of each tenant */

struct setup_kind {
	const char *name;	/**< as in results */
	const char *what;
	bool has_vfs;
	bool is_pv;		/**< tenants are behind the software switch */
	unsigned int tenants_max;
};

struct tenant {
	uint16_t port;
	uint16_t host;		/**< the switch's end, if there is one */
	struct rte_ether_addr mac;
};

struct setup {
	const struct setup_kind *kind;
	struct card *card;
	uint16_t pf;
	unsigned int nb;
	struct rte_mempool *pool;	/**< the tenants' */
	struct tenant tenant[TENANTS_MAX];
};

/** Kinds that share a process. */
struct setup_choice {
	const struct setup_kind *kind[KINDS_MAX];
	unsigned int nb;
};

/** Those named in a list, which is changed; exits with a line if there is no such one. */
void setup_choose(struct setup_choice *choice, char *names);
/** Exits with a line if a process cannot have so many tenants of each kind. */
void setup_check(const struct setup_choice *choice, unsigned int nb_tenants);

/** What it is made of. */
struct setup_config {
	const char *family;
	unsigned int nb_tenants;
	bool interrupts;	/**< all ports that frames come from have them */
	struct rte_mempool *pool;	/**< in huge pages */
	struct rte_mempool *pv_pool;	/**< of tenants with virtio-user, see huge_pool.h */
};

/** Make its pools, for all that are chosen; exits with a line if there is no memory. */
void setup_pools(struct setup_config *config, const struct setup_choice *choice);

/** Make it and start its ports; exits with a line if that fails. EAL is initialised. */
void setup_create(struct setup *setup, const struct setup_kind *kind,
		  const struct setup_config *config);
void setup_free(struct setup *setup);

/** What a tenant does: each frame goes back. @return how many */
unsigned int setup_answer(const struct tenant *tenant);
/** What the software switch does with what one of its ports has received. @return how many */
unsigned int setup_switch(const struct setup *setup, uint16_t from);

/** Frames come from the wire for one tenant after the other, @p bytes long without CRC. */
void setup_feed(struct setup *setup, uint16_t bytes);

/** As a tenant sends it to another one, or to the wire (@p to NULL). */
void setup_make_frame(const struct setup *setup, struct rte_mbuf *m, unsigned int from,
		      const struct rte_ether_addr *to, uint16_t bytes);

/* pair.c: a vhost port and the virtio-user port at its other end */

/** @param number  makes names; both ports are started. Exits with a line if it fails. */
void pair_create(struct tenant *tenant, unsigned int number, const struct setup_config *config);
void pair_free(const struct tenant *tenant, unsigned int number);
/** One queue of each kind, RING long. @return 0 or -errno */
int port_start(uint16_t port, uint16_t ring, struct rte_mempool *pool,
	       const struct setup_config *config);
/** @return 0 or -ENETDOWN */
int port_await_link(uint16_t port);

#endif /* EXPERIMENTS_SETUP_H */
