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

/** What a span costs, in whatever: span_run() or span_count(). */
typedef uint64_t span_loop(const struct span *span, enum bench_op op, unsigned int *done);

static unsigned int
span_frames(const struct bench_case *c)
{
	return RTE_MIN(SPAN_FRAMES_MAX, c->ring / 2);
}

/** @return cost of a frame */
static double
run_span(struct target *target, const struct bench_case *c, struct rte_mempool *pool,
	 span_loop *loop)
{
	struct rte_mbuf *mbufs[SPAN_FRAMES_MAX];
	struct span span = {
		.port = target->port, .queues = c->queues, .burst = c->burst, .mbufs = mbufs,
		.nb = span_frames(c),
	};
	uint64_t back = card_feed(target->card)->back, cost;
	unsigned int done;

	prepare(target, c, &span, pool);
	cost = loop(&span, c->op, &done);
	if (done != span.nb)
		give_up(target, c, "frames got lost");
	finish(target, c, &span, back);
	return (double)cost / span.nb;
}

/** Through the rings twice: the last turn was another port's. */
static void
warm_up(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	for (unsigned int i = 0; i < 2 * (c->ring / span_frames(c)); i++)
		(void)run_span(target, c, pool, span_run);
}

static double
run_spans(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	double cycles[TURN_SPANS];

	warm_up(target, c, pool);
	for (unsigned int i = 0; i < TURN_SPANS; i++)
		cycles[i] = run_span(target, c, pool, span_run);
	return turn_quantile(cycles, TURN_SPANS, 0.5);
}

double
turn_count(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	unsigned int nb = c->ring / span_frames(c);
	double sum = 0;

	warm_up(target, c, pool);
	for (unsigned int i = 0; i < nb; i++)
		sum += run_span(target, c, pool, span_count);
	return sum / nb;
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
