/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <stdlib.h>
#include <sysexits.h>

#include <rte_common.h>
#include <rte_mbuf.h>

#include "frames.h"
#include "span.h"
#include "turn.h"

#define SPANS	   16
#define COLD_LINES 2
#define TRAP_TRIES 1000

static void __rte_noreturn
give_up(const struct target *target, const struct bench_case *c, const char *what)
{
	char name[CASE_NAME_BYTES];

	case_name(c, name);
	errx(EX_SOFTWARE, "%s, %s, %s: %s", target->group->name, target->column->name, name, what);
}

/** Before the span: the device has filled the ring, or there are frames to send. */
static void
prepare(struct target *target, const struct bench_case *c, struct span *span,
	struct rte_mempool *pool)
{
	if (c->op == OP_TX) {
		if (rte_pktmbuf_alloc_bulk(pool, span->mbufs, span->nb) != 0)
			give_up(target, c, "the pool is empty");
		frames_make(span->mbufs, span->nb, target->mac, c);
	} else if (card_run(target->card, span->nb) != 0) {
		give_up(target, c, "the device has too few descriptors");
	}
	if (c->cold)
		target_pool_flush(COLD_LINES);
}

/** After it: the device has sent all since @p back, or they go back to the pool. */
static void
finish(struct target *target, const struct bench_case *c, struct span *span, uint64_t back)
{
	const struct feed *feed = card_feed(target->card);

	if (c->op == OP_RX) {
		rte_pktmbuf_free_bulk(span->mbufs, span->nb);
		return;
	}
	card_run(target->card, 0);
	if (feed->back - back != span->nb)
		give_up(target, c, "frames were not sent");
	if (feed->wrong != 0)
		give_up(target, c, "a frame is not as it should be");
}

/** @return cycles a frame */
static double
run_span(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	struct rte_mbuf *mbufs[SPAN_FRAMES_MAX];
	struct span span = {
		.port = target->port, .queues = c->queues, .burst = c->burst, .mbufs = mbufs,
		.nb = RTE_MIN(SPAN_FRAMES_MAX, c->ring / 2),
	};
	uint64_t back = card_feed(target->card)->back, cycles;
	unsigned int done;

	prepare(target, c, &span, pool);
	cycles = span_run(&span, c->op, &done);
	if (done != span.nb)
		give_up(target, c, "frames got lost");
	finish(target, c, &span, back);
	return (double)cycles / span.nb;
}

static double
run_spans(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	unsigned int once = c->ring / RTE_MIN(SPAN_FRAMES_MAX, c->ring / 2);
	double cycles[SPANS];

	/* Through the ring twice: the last turn was another port's. */
	for (unsigned int i = 0; i < 2 * once; i++)
		(void)run_span(target, c, pool);
	for (unsigned int i = 0; i < SPANS; i++)
		cycles[i] = run_span(target, c, pool);
	return turn_quantile(cycles, SPANS, 0.5);
}

double
turn_run(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	/* It may have been an interrupt's handler, in its own thread, and soon be over. */
	for (unsigned int i = 0; i < TRAP_TRIES; i++) {
		uint64_t traps = card_traps(target->card);
		double cycles = run_spans(target, c, pool);

		if (card_traps(target->card) == traps)
			return cycles;
	}
	give_up(target, c, "accesses to registers trap");
}

static int
by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double
turn_quantile(double *values, unsigned int nb, double quantile)
{
	qsort(values, nb, sizeof(*values), by_size);
	return values[(unsigned int)((nb - 1) * quantile + 0.5)];
}
