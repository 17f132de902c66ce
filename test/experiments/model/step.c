/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <string.h>
#include <sysexits.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "clock.h"
#include "step.h"

#define CALIBRATIONS 10000

static uint64_t overhead;

void
step_calibrate(void)
{
	overhead = UINT64_MAX;
	for (unsigned int i = 0; i < CALIBRATIONS; i++) {
		uint64_t begin = clock_begin();

		overhead = RTE_MIN(overhead, clock_end() - begin);
	}
}

static uint64_t
since(uint64_t begin)
{
	uint64_t cycles = clock_end() - begin;

	return cycles > overhead ? cycles - overhead : 0;
}

static void
check(const struct setup *setup, const char *what, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		errx(EX_SOFTWARE, "%s: %s: %lu frames of %lu", setup->kind->name, what, got,
		     wanted);
}

void
step_wire(struct setup *setup, struct cost *cost)
{
	const struct feed *feed = card_feed(setup->card);
	uint64_t back = feed->back, begin;

	*cost = (struct cost){ .frames = setup->nb * BURST };
	check(setup, "no descriptors", card_run(setup->card, cost->frames), 0);
	if (setup->kind->is_pv) {
		begin = clock_begin();
		setup_switch(setup, setup->pf);
		cost->host += since(begin);
	}
	begin = clock_begin();
	for (unsigned int i = 0; i < setup->nb; i++)
		setup_answer(&setup->tenant[i]);
	cost->tenant += since(begin);
	if (setup->kind->is_pv) {
		begin = clock_begin();
		for (unsigned int i = 0; i < setup->nb; i++)
			setup_switch(setup, setup->tenant[i].host);
		cost->host += since(begin);
	}
	card_run(setup->card, 0);
	check(setup, "came back", feed->back - back, cost->frames);
	check(setup, "not as they should be", feed->wrong, 0);
}

void
step_between(struct setup *setup, uint16_t bytes, struct cost *cost)
{
	struct rte_mbuf *m[BURST];
	uint64_t begin;
	uint16_t nb;

	*cost = (struct cost){ .frames = BURST };
	if (rte_pktmbuf_alloc_bulk(setup->pool, m, BURST) != 0)
		errx(EX_SOFTWARE, "the pool is empty");
	for (unsigned int i = 0; i < BURST; i++)
		setup_make_frame(setup, m[i], 0, &setup->tenant[1].mac, bytes);
	begin = clock_begin();
	nb = rte_eth_tx_burst(setup->tenant[0].port, 0, m, BURST);
	cost->tenant += since(begin);
	check(setup, "sent", nb, BURST);
	card_run(setup->card, 0);
	if (setup->kind->is_pv) {
		begin = clock_begin();
		setup_switch(setup, setup->tenant[0].host);
		cost->host += since(begin);
	}
	begin = clock_begin();
	nb = rte_eth_rx_burst(setup->tenant[1].port, 0, m, BURST);
	rte_pktmbuf_free_bulk(m, nb);
	cost->tenant += since(begin);
	check(setup, "from tenant to tenant", nb, BURST);
}
