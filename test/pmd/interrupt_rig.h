/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file A PF and a VF of one port of the model, that interrupt who sleeps on their Rx queues. */
#ifndef SLUICE_TEST_INTERRUPT_RIG_H
#define SLUICE_TEST_INTERRUPT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_ether.h>
#include <rte_mempool.h>

#define LONG_MS 20000

enum { PF, VF, NB_PORTS };

/** What a family's data sheet says. */
struct expected {
	const char *family;
	uint32_t arm[NB_PORTS];		/**< EIMS or EIMS_EX(0); VTEIMS */
	uint32_t tick_ns, max_ticks;
	/* SRRCTL.RDMTS: of a VF's first queue, the field's lowest bit; descriptors */
	uint32_t srrctl, rdmts_shift, rdmts_unit, rdmts_max;
	bool acknowledges;	/**< writing EICR masks no other vectors */
};

struct interrupt_rig {
	const struct expected *expect;
	uint32_t mbps;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
	struct rte_ether_addr mac[NB_PORTS];
	volatile bool reset_wanted;
	uint16_t nb_rx_desc;	/**< 0: as usual; else, what is taken is given back at once */
};
extern struct interrupt_rig rig;

/** Configure and start both, one queue each, and wait for the link. */
void start_ports(bool rx_interrupts);
void stop_ports(void);
const struct rte_pci_device *pci_of(unsigned int which);

void send_frames(unsigned int to, unsigned int nb);
/** @return how many there were */
unsigned int receive_all(unsigned int which);

/** Have the port's queue wake this thread. */
void listen_to(unsigned int which, bool on);
bool wakes(int timeout_ms);
void arm(unsigned int which);
/** Armed, and nothing waits: neither frames nor a cause of before. */
void arm_at_rest(unsigned int which);

/** Set, and look what became of it. */
void set_interval(uint16_t port, uint32_t wanted_ns);
/** The extended statistic of the interval. */
uint64_t xstat_of(uint16_t port);
uint64_t now_ns(void);

/* interrupt_arming.c: more tests, with ports that are started. */
void arming_restarts_the_interval(void **state);
void arming_forgets_what_was_polled(void **state);
void arming_writes_no_more_than_it_must(void **state);

#endif /* SLUICE_TEST_INTERRUPT_RIG_H */
