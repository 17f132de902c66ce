/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_cycles.h>

#include "calls.h"
#include "turn.h"

#define LOOK_MS	     5		/* at the interval in force */
#define DRAIN_MS     1
#define DRAIN_TRIES  500
#define PROBE_MS     100
#define PROBE_MIN    1e5
#define PROBE_MAX    5e7
#define PROBE_STEPS  6
#define PROBE_TRIES  3
#define LATE_NS	     1000000	/* of PROBE_MS: the device does not keep up */
#define MARGIN	     0.9

/** How it stands. */
struct stand {
	uint64_t ns, tx_dropped;
	struct device_counts counts;
	struct app_use use;
	uint32_t interval_ns;
};

static uint32_t
interval_now(const struct app *app)
{
	const struct strategy *strategy = app->waiting.strategy;

	return strategy->interval == NULL ? app->waiting.interval_ns :
					    strategy->interval(&app->waiting);
}

static int
take_stand(const struct app *app, struct stand *stand)
{
	int rc = app_use(app, &stand->use);

	stand->interval_ns = interval_now(app);
	stand->ns = generator_clock_ns();
	device_counts(app->device, &stand->counts);
	stand->tx_dropped = app->tx_dropped;
	return rc;
}

static uint64_t
lost(const struct stand *stand)
{
	return stand->counts.dropped + stand->tx_dropped;
}

static uint64_t
under_way(const struct stand *stand)
{
	return stand->counts.sent - stand->counts.received - lost(stand);
}

/** Until all that was sent is back or lost. */
static void
drain(const struct app *app, struct stand *stand)
{
	for (unsigned int i = 0; i < DRAIN_TRIES; i++) {
		device_counts(app->device, &stand->counts);
		stand->tx_dropped = app->tx_dropped;
		if (under_way(stand) == 0)
			break;
		rte_delay_us_sleep(DRAIN_MS * 1000);
	}
}

static void
fill_times(const struct app *app, struct turn_result *result)
{
	const struct generator *gen = device_generator(app->device);

	result->timed = gen->latency.count;
	result->p50_ns = histogram_quantile(&gen->latency, 0.5);
	result->p95_ns = histogram_quantile(&gen->latency, 0.95);
	result->p99_ns = histogram_quantile(&gen->latency, 0.99);
	result->p999_ns = histogram_quantile(&gen->latency, 0.999);
	result->max_ns = gen->latency.max;
	result->raw_p99_ns = histogram_quantile(&gen->raw, 0.99);
}

static void
fill(const struct stand *begin, const struct stand *end, const struct stand *drained,
     struct turn_result *result)
{
	const struct device_counts *from = &begin->counts, *to = &drained->counts;

	result->seconds = (double)(end->ns - begin->ns) / 1e9;
	result->cpu = (double)(end->use.cpu_ns - begin->use.cpu_ns) /
		      (double)(end->ns - begin->ns);
	result->sleeps = end->use.sleeps - begin->use.sleeps;
	result->interrupts = end->counts.interrupts - from->interrupts;
	result->sent = to->sent - from->sent;
	result->received = to->received - from->received;
	result->lost = lost(drained) - lost(begin);
	result->unsent = drained->tx_dropped - begin->tx_dropped;
	result->raw_lost = result->lost + to->held_losses - from->held_losses;
	result->held_app_ns = to->held_app_ns - from->held_app_ns;
	result->held_device_ns = to->held_device_ns - from->held_device_ns;
	result->interval_ns = end->interval_ns;
	result->late_ns = end->counts.late_ns - from->late_ns;
	result->unexplained = under_way(drained) + to->wrong - from->wrong;
}

/** @return the longest interval that was in force */
static uint32_t
let_pass(const struct app *app, unsigned int ms)
{
	uint64_t end_ns = generator_clock_ns() + ms * UINT64_C(1000000);
	uint32_t longest_ns = 0, ns;

	while (generator_clock_ns() < end_ns) {
		ns = interval_now(app);
		if (ns > longest_ns)
			longest_ns = ns;
		rte_delay_us_sleep(LOOK_MS * 1000);
	}
	return longest_ns;
}

static int
measure(struct app *app, const struct turn *turn, struct turn_result *result)
{
	unsigned int ms = turn->load->measure_ms != 0 ? turn->load->measure_ms : turn->measure_ms;
	struct stand begin, end, drained;
	pid_t tracer = 0;
	int rc, end_rc;

	device_load(app->device, turn->load, turn->sustained_pps, turn->ring, turn->load->step);
	rte_delay_us_sleep(turn->warm_up_ms * 1000);
	rc = turn->calls == NULL ? 0 : calls_begin(&tracer, app->tid, turn->calls);
	if (rc != 0)
		return rc;
	device_clear_times(app->device);
	rc = take_stand(app, &begin);
	if (turn->load->step)
		device_load(app->device, turn->load, turn->sustained_pps, turn->ring, false);
	result->longest_ns = let_pass(app, ms);
	end_rc = take_stand(app, &end);
	if (turn->calls != NULL)
		calls_end(tracer);
	device_load(app->device, NULL, 0, 0, false);
	drained = end;
	drain(app, &drained);
	fill_times(app, result);
	if (rc == 0)
		rc = end_rc;
	if (rc == 0)
		fill(&begin, &end, &drained, result);
	return rc;
}

int
turn_run(struct app *app, const struct turn *turn, struct turn_result *result)
{
	int rc = app_start(app, turn->ring);

	*result = (struct turn_result){ 0 };
	if (rc == 0)
		rc = app_run(app, turn->strategy);
	if (rc != 0)
		return rc;
	rc = measure(app, turn, result);
	app_end(app);
	return rc;
}

/** @return whether static polling loses nothing at that rate, and the device keeps up */
static bool
probe(struct app *app, const struct strategy *poll, uint32_t ring, double pps)
{
	const struct load load = { .name = "probe", .phase = { { .pps = pps } } };
	const struct turn turn = {
		.strategy = poll, .load = &load, .ring = ring, .sustained_pps = pps,
		.warm_up_ms = PROBE_MS / 3, .measure_ms = PROBE_MS,
	};
	struct turn_result result;

	/* What the machine does besides is not the rate's fault, and does not come each time. */
	for (unsigned int i = 0; i < PROBE_TRIES; i++)
		if (turn_run(app, &turn, &result) == 0 && result.lost == 0 &&
		    result.late_ns < LATE_NS)
			return true;
	return false;
}

double
turn_sustained(struct app *app, const struct strategy *poll, uint32_t ring)
{
	double good = 0, bad = PROBE_MIN;

	while (bad < PROBE_MAX && probe(app, poll, ring, bad)) {
		good = bad;
		bad *= 2;
	}
	for (unsigned int i = 0; i < PROBE_STEPS && good != 0; i++) {
		double middle = (good + bad) / 2;

		if (probe(app, poll, ring, middle))
			good = middle;
		else
			bad = middle;
	}
	return good * MARGIN;
}
