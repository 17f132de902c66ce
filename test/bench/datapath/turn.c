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
#define BAD_SUM	   (RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD)

static void __rte_noreturn
give_up(const struct target *target, const struct bench_case *c, const char *what)
{
	char name[CASE_NAME_BYTES];

	case_name(c, name);
	errx(EX_SOFTWARE, "%s, %s, %s: %s", target->group->name, target->column->name, name, what);
}

/** A frame's first lines go out of all caches. */
static void
flush(const uint8_t *frame)
{
#if defined(__x86_64__)
	for (unsigned int i = 0; i < COLD_LINES; i++)
		__builtin_ia32_clflush(frame + (size_t)i * RTE_CACHE_LINE_SIZE);
#else
	RTE_SET_USED(frame);
#endif
}

/** Before the span: the device has filled the ring, or there are frames to send. */
static void
prepare(struct target *target, const struct bench_case *c, struct span *span,
	struct rte_mempool *pool)
{
	const uint8_t *frames[SPAN_FRAMES_ALL];
	unsigned int nb = 0;

	if (c->op == OP_TX) {
		if (rte_pktmbuf_alloc_bulk(pool, span->mbufs, span->nb) != 0 ||
		    !frames_make(span->mbufs, span->nb, target->mac, c))
			give_up(target, c, "the pool is empty");
		for (nb = 0; c->cold && nb < span->nb; nb++)
			frames[nb] = rte_pktmbuf_mtod(span->mbufs[nb], const uint8_t *);
	} else {
		nb = c->cold ? card_buffers(target->card, frames, span->nb) : 0;
		if (card_run(target->card, span->nb) != 0)
			give_up(target, c, "the device has too few descriptors");
	}
	for (unsigned int i = 0; i < nb; i++)
		flush(frames[i]);
	rte_mb();
}

static bool
is_good(const struct span *span)
{
	for (unsigned int i = 0; i < span->nb; i++)
		if (span->mbufs[i] != NULL && (span->mbufs[i]->ol_flags & BAD_SUM) != 0)
			return false;
	return true;
}

/** After it: the device has sent all since @p back, or they go back to the pool. */
static void
finish(struct target *target, const struct bench_case *c, struct span *span, uint64_t back)
{
	const struct feed *feed = card_feed(target->card);

	if (c->op == OP_RX) {
		if (!is_good(span))
			give_up(target, c, "a frame came with a wrong checksum");
		rte_pktmbuf_free_bulk(span->mbufs, span->nb);
		return;
	}
	card_run(target->card, 0);
	if (feed->back - back != (uint64_t)span->nb * case_cuts(c))
		give_up(target, c, "frames were not sent");
	if (feed->wrong != 0)
		give_up(target, c, "a frame is not as it should be");
}

/** What a span costs, in whatever: span_run() or span_count(). */
typedef uint64_t span_loop(const struct span *span, enum bench_op op, unsigned int *done);

/** Descriptors of a frame: one that is cut into others has a context before its segments. */
static unsigned int
frame_places(const struct bench_case *c)
{
	return case_segments(c) + (case_cuts(c) > 1 ? 1 : 0);
}

static unsigned int
span_frames(const struct bench_case *c)
{
	if (c->ports != 0)
		return c->ports * SPAN_FRAMES_PORT;
	return RTE_MIN(SPAN_FRAMES_MAX, c->ring / 2 / frame_places(c));
}

/** @return cost of a frame, of @p nb */
static double
run_span(struct target *target, const struct bench_case *c, struct rte_mempool *pool,
	 unsigned int nb, span_loop *loop)
{
	struct rte_mbuf *mbufs[SPAN_ROOM];
	struct span span = {
		.places = target->places, .nb_places = target->nb_places, .burst = c->burst,
		.mbufs = mbufs, .nb = nb, .mark = frames_mark(c),
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
	unsigned int nb = span_frames(c), ports = RTE_MAX(c->ports, 1u);

	for (unsigned int i = 0; i < 2 * (c->ring * ports / nb); i++)
		(void)run_span(target, c, pool, nb, span_run);
}

static double
run_spans(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	double cycles[TURN_SPANS];

	warm_up(target, c, pool);
	for (unsigned int i = 0; i < TURN_SPANS; i++)
		cycles[i] = run_span(target, c, pool, span_frames(c), span_run);
	return turn_quantile(cycles, TURN_SPANS, 0.5);
}

double
turn_count(struct target *target, const struct bench_case *c, struct rte_mempool *pool)
{
	unsigned int frames = span_frames(c), nb = c->ring * RTE_MAX(c->ports, 1u) / frames;
	double sum = 0;

	/* Some work is done once in a part of the ring. */
	warm_up(target, c, pool);
	for (unsigned int i = 0; i < nb; i++)
		sum += run_span(target, c, pool, frames, span_count);
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
