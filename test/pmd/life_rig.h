/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF's and two VFs' ports on the model, their events, and what they hold. VF 0 recovers by itself
 * (auto_reset=on), VF 1 leaves that to us.
 *
 * Functions assert what they return nothing about.
 */
#ifndef SLUICE_TEST_LIFE_RIG_H
#define SLUICE_TEST_LIFE_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#define LIFE_WAIT_MS   20000
#define LIFE_NB_FRAMES 200	/* of a flow that is to show that there is one */

enum { PF, VF0, VF1, NB_PORTS };

extern const char *const device_name[NB_PORTS];

/** What a family's VFs can. */
struct life_traits {
	const char *family;
	uint32_t mbps;
	uint16_t vf_queues;
	bool queues_are_told;	/**< by the PF, in the mailbox */
	bool own_rss;		/**< table and key are the VF's own */
	bool strips;		/**< VLAN tags, queue by queue */
};

struct life_rig {
	const struct life_traits *traits;
	char *plugins;		/**< of the model, comma, of our drivers */
	struct rte_mempool *pool;
	unsigned int nb_mbufs;
	uint16_t port[NB_PORTS];
};

extern struct life_rig rig;

/**
 * EAL with the model port "sluicemodel0", and a pool.
 *
 * @param more  of the port's spec, behind its family and VFs
 * @return 0, or -1 with a line on stderr
 */
int life_open(char *plugins, const char *family, const char *more, unsigned int nb_mbufs);
/** Once; VF 1 is plugged in anew, since the spec's device arguments are those of all VFs. */
void life_find_ports(void);

/* --- Events --- */

/** Count anew; each time the port was attached. */
void events_watch(unsigned int which);
unsigned int events_seen(unsigned int which, enum rte_eth_event_type type);
/** Wait until there were @p nb; there must not be more. */
void events_expect(unsigned int which, enum rte_eth_event_type type, unsigned int nb);

/* --- What must be as before when the ports are --- */

struct holdings {
	unsigned int fds, memzones, mbufs;
};

struct holdings holdings_now(void);
void holdings_expect(const struct holdings *before);

/* --- Ports --- */

void life_start(unsigned int which);
void life_start_all(void);
void life_stop_all(void);
/** The PF last: a VF would wait for one that serves. */
void life_reset_all(void);
/** Stop, dev_reset, start. */
void life_reset_pf(void);

/** Hotplug. */
void life_plug(unsigned int which, const char *args);
void life_unplug(unsigned int which);
/** Without a word; a PF takes its VFs along. */
void life_take_out(const char *name);

/** So many VFs are at the PF, as far as that knows: the devices stay. */
void life_set_vfs(unsigned int nb_vfs);

/** @p nb frames, numbered and of all lengths, all arrive. */
void life_expect_flow(unsigned int from, unsigned int to, unsigned int nb);
/** From each to the next. */
void life_expect_flows(unsigned int nb);

uint64_t life_xstat(unsigned int which, const char *name);

#endif /* SLUICE_TEST_LIFE_RIG_H */
