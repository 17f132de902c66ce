/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* The formula and the estimators, by what must hold for any of their arguments. */

#include "cases.h"

#include "estimator.h"
#include "seeded_random.h"

#define ROUNDS	  200000
#define LINE_PPS  148809524	/* 100 Gb/s in frames of 64 bytes */

__extension__ typedef unsigned __int128 wide;

/* Of pps, often a known rate. */
static uint32_t
random_pps(void)
{
	static const uint32_t known[] = { 0, 1, 1488095, LINE_PPS, AIC_PPS_MAX };

	return random_bits() % 4 == 0 ? known[random_bits() % CASES(known)] :
					random_in(0, AIC_PPS_MAX);
}

struct drawn {
	uint32_t pps, bufs, r, lif_hz;
};

static struct drawn
draw(void)
{
	return (struct drawn){
		.pps = random_pps(),
		.bufs = random_in(1, random_bits() % 2 == 0 ? 32768 : UINT32_MAX),
		.r = random_in(1, AIC_ONE),
		.lif_hz = random_in(1, AIC_HZ_MAX),
	};
}

static uint64_t
interval_of(const struct drawn *d)
{
	return aic_interval_ns(d->pps, d->bufs, d->r, d->lif_hz);
}

static void
fail_with(const char *what, const struct drawn *d)
{
	fail_msg("%s: pps %u bufs %u r %u lif %u gives %" PRIu64 " ns", what, d->pps, d->bufs, d->r,
		 d->lif_hz, interval_of(d));
}

/* pps * t <= bufs * r, and not by more than the rounding; 128 bits cannot overflow here. */
static void
no_more_than_bufs_r_arrive_in_an_interval(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct drawn d = draw();
		wide room = (wide)d.bufs * d.r * AIC_NS_PER_S;
		uint64_t t = interval_of(&d);

		if ((wide)d.pps * t * AIC_ONE > room)
			fail_with("too many arrive", &d);
		if ((wide)d.lif_hz * t > AIC_NS_PER_S)
			fail_with("below lif", &d);
		if ((wide)d.pps * (t + 1) * AIC_ONE <= room &&
		    (wide)d.lif_hz * (t + 1) <= AIC_NS_PER_S)
			fail_with("shorter than need be", &d);
	}
}

static void
it_is_monotone(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct drawn d = draw(), faster = d, roomier = d, fuller = d, rarer = d;

		faster.pps = random_in(d.pps, AIC_PPS_MAX);
		roomier.bufs = random_in(d.bufs, UINT32_MAX);
		fuller.r = random_in(d.r, AIC_ONE);
		rarer.lif_hz = random_in(1, d.lif_hz);
		if (interval_of(&faster) > interval_of(&d))
			fail_with("longer by a higher rate", &d);
		if (interval_of(&roomier) < interval_of(&d))
			fail_with("shorter by more buffers", &d);
		if (interval_of(&fuller) < interval_of(&d))
			fail_with("shorter by a larger r", &d);
		if (interval_of(&rarer) < interval_of(&d))
			fail_with("shorter by a lower lif", &d);
	}
}

static const struct {
	const char *what;
	struct drawn drawn;
	uint64_t interval_ns;
} known[] = {
	{ "lif at rest", { 0, 1024, 800000, 1000 }, 1000000 },
	{ "lif below its rate", { 819200, 1024, 800000, 1000 }, 1000000 },
	{ "the formula above", { 1638400, 1024, 800000, 1000 }, 500000 },
	{ "r = 1", { 1000000, 512, AIC_ONE, 1 }, 512000 },
	{ "100 Gb/s", { LINE_PPS, 4096, AIC_ONE, 1 }, 27525 },
	{ "one buffer", { LINE_PPS, 1, AIC_ONE, 1 }, 6 },
	{ "no room", { 1, 0, AIC_ONE, 1 }, 0 },
	{ "less than a nanosecond", { AIC_PPS_MAX, 1, 1, 1 }, 0 },
	{ "all there is", { 1, UINT32_MAX, AIC_ONE, 1 }, AIC_NS_PER_S },
};

static void
known_intervals(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (unsigned int i = 0; i < CASES(known); i++)
		failed += differs(known[i].what, known[i].interval_ns,
				  interval_of(&known[i].drawn));
	assert_int_equal(failed, 0);
}

static void
the_device_gets_no_longer_an_interval(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct aic_limits limits = {
			.granularity_ns = random_in(0, 100000),
			.max_ns = random_in(0, 100000000),
		};
		uint64_t wanted_ns = random_bits() >> (random_bits() % 64);
		uint64_t ns = aic_round_ns(wanted_ns, &limits);
		uint64_t most_ns = wanted_ns;

		if (limits.max_ns != 0 && limits.max_ns < most_ns)
			most_ns = limits.max_ns;
		if (ns > most_ns ||
		    (limits.granularity_ns > 1 && ns % limits.granularity_ns != 0) ||
		    most_ns - ns > limits.granularity_ns)
			fail_msg("%" PRIu64 " ns in steps of %" PRIu64 " to %" PRIu64
				 " is rounded to %" PRIu64, wanted_ns, limits.granularity_ns,
				 limits.max_ns, ns);
	}
}

/* After the interval and the tail the buffers are not overrun. */
static void
there_is_room_for_the_tail(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint32_t pps = random_in(1, AIC_PPS_MAX), bufs = random_in(1, UINT32_MAX);
		uint64_t tail_ns = random_in(0, 10 * AIC_NS_PER_S);
		uint64_t room_ns = aic_room_ns(pps, bufs, tail_ns);

		if (room_ns != 0 && (wide)pps * (room_ns + tail_ns) > (wide)bufs * AIC_NS_PER_S)
			fail_msg("pps %u bufs %u tail %" PRIu64 ": %" PRIu64 " ns are too many",
				 pps, bufs, tail_ns, room_ns);
	}
	assert_int_equal(aic_room_ns(0, 1, 0), UINT64_MAX);
}

struct peak {
	uint32_t pps, bufs, low_bufs;
	uint64_t tail_ns;
};

static struct peak
draw_peak(void)
{
	uint32_t bufs = random_in(1, random_bits() % 2 == 0 ? 32768 : UINT32_MAX);

	return (struct peak){
		.pps = random_pps(),
		.bufs = bufs,
		.low_bufs = random_bits() % 4 == 0 ? 0 : random_in(0, bufs),
		.tail_ns = random_in(0, random_bits() % 8 == 0 ? INT64_MAX : 1000000),
	};
}

static uint64_t
cap_of(const struct peak *p)
{
	return aic_cap_ns(p->pps, p->bufs, p->low_bufs, p->tail_ns);
}

/* What has come when somebody looks, if the peak begins with the interval: the interrupt comes when
 * that is over, or as the last low_bufs are begun.
 */
static wide
came_until_served(const struct peak *p, uint64_t interval_ns)
{
	wide by_time = (wide)p->pps * ((wide)interval_ns + p->tail_ns);
	wide by_low = (wide)(p->bufs - p->low_bufs) * AIC_NS_PER_S + (wide)p->pps * p->tail_ns;

	return p->low_bufs != 0 && by_low < by_time ? by_low : by_time;
}

static bool
survives(const struct peak *p, uint64_t interval_ns)
{
	return came_until_served(p, interval_ns) <= (wide)p->bufs * AIC_NS_PER_S;
}

/* At any interval: in time for half of the tail, or half the peak that the shortest survives. */
static bool
is_worth_it(const struct peak *p)
{
	return (wide)p->low_bufs * AIC_NS_PER_S >= (wide)p->pps * (p->tail_ns / 2) ||
	       (wide)2 * p->low_bufs * ((wide)AIC_CAP_NS_MIN + p->tail_ns) >=
	       (wide)p->bufs * p->tail_ns;
}

static void
no_peak_overruns_what_the_cap_allows(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct peak p = draw_peak();
		uint64_t cap_ns = cap_of(&p);
		/* Of the others any is allowed. */
		uint64_t t_ns = cap_ns == UINT64_MAX ? random_in(0, AIC_NS_PER_S) : cap_ns;

		if (cap_ns < AIC_CAP_NS_MIN)
			fail_msg("less than anybody should sleep");
		if (survives(&p, t_ns) || p.pps == 0)
			continue;
		if (cap_ns == AIC_CAP_NS_MIN || (cap_ns == UINT64_MAX && is_worth_it(&p)))
			continue;
		fail_msg("pps %u bufs %u low %u tail %" PRIu64 ": lost at %" PRIu64 " ns", p.pps,
			 p.bufs, p.low_bufs, p.tail_ns, t_ns);
	}
}

static void
an_interrupt_for_few_buffers_shortens_no_cap(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		struct peak p = draw_peak(), without = p, more = p;

		without.low_bufs = 0;
		more.low_bufs = random_in(p.low_bufs, p.bufs);
		if (cap_of(&without) > cap_of(&p) || cap_of(&p) > cap_of(&more))
			fail_msg("pps %u bufs %u low %u, %u tail %" PRIu64, p.pps, p.bufs,
				 p.low_bufs, more.low_bufs, p.tail_ns);
	}
}

static const struct {
	const char *what;
	struct peak peak;
	uint64_t cap_ns;
} known_caps[] = {
	{ "nothing comes", { 0, 1024, 0, 60000 }, UINT64_MAX },
	{ "by time alone", { 5000000, 1024, 0, 60000 }, 144800 },
	{ "not less than makes sense", { 14880952, 1024, 0, 60000 }, AIC_CAP_NS_MIN },
	{ "few are enough", { 5000000, 1024, 448, 60000 }, UINT64_MAX },
	{ "enough for most wake-ups", { 7000000, 1024, 448, 100000 }, UINT64_MAX },
	{ "few are too few, and time helps", { 14880952, 4096, 448, 80000 }, 195251 },
	{ "neither helps", { 14880952, 1024, 448, 80000 }, UINT64_MAX },
	{ "neither helps, and few are very few", { 14880952, 1024, 64, 80000 }, AIC_CAP_NS_MIN },
	{ "1 Gb/s", { 1488095, 1024, 496, 300000 }, UINT64_MAX },
};

static void
known_caps_of_peaks(void **state)
{
	unsigned int failed = 0;

	(void)state;
	for (unsigned int i = 0; i < CASES(known_caps); i++)
		failed += differs(known_caps[i].what, known_caps[i].cap_ns,
				  cap_of(&known_caps[i].peak));
	assert_int_equal(failed, 0);
}

static void
the_fewer_buffers_count(void **state)
{
	(void)state;
	assert_int_equal(aic_bufs(512, 4096), 512);
	assert_int_equal(aic_bufs(4096, 512), 512);
	assert_int_equal(aic_bufs(0, 512), 512);
	assert_int_equal(aic_bufs(512, 0), 512);
}

/* Packets in a time are a rate that is not too low; what is too much saturates. */
static void
rates_are_rounded_up(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t packets = random_bits() >> (random_bits() % 64);
		uint64_t ns = random_bits() >> (random_bits() % 64);
		uint32_t pps = aic_pps(packets, ns);

		if (pps > AIC_PPS_MAX ||
		    (pps < AIC_PPS_MAX && packets < UINT64_C(1) << 33 &&
		     (wide)pps * ns < (wide)packets * AIC_NS_PER_S) ||
		    (pps > 0 && packets < UINT64_C(1) << 33 &&
		     (wide)(pps - 1) * ns >= (wide)packets * AIC_NS_PER_S))
			fail_msg("%" PRIu64 " packets in %" PRIu64 " ns: %u a second", packets, ns,
				 pps);
	}
	assert_int_equal(aic_pps(0, 0), 0);
	assert_int_equal(aic_pps(1, 0), AIC_PPS_MAX);
}

/* --- Estimators --- */

static struct aic_estimator
estimator_of(uint32_t estimate, uint32_t weight)
{
	const struct aic_params params = {
		.period_ns = 1000000, .estimator = estimate, .weight = weight,
	};
	struct aic_estimator e;

	aic_estimator_open(&e, &params, 0);
	return e;
}

/* Whatever the kind: nothing before a period is over, never more than the highest rate seen, and
 * the rate itself when that does not change for long. */
static void
every_estimate_is_between_the_rates(void **state)
{
	(void)state;
	for (unsigned int run = 0; run < 3000; run++) {
		struct aic_estimator e = estimator_of(run % AIC_NB_ESTIMATES,
						      random_in(1, AIC_ONE));
		uint32_t highest = 0;
		uint64_t now_ns = 0;

		for (unsigned int i = 0; i < 50; i++) {
			uint64_t packets = random_in(0, 200000);
			uint64_t step_ns = random_in(e.period_ns, 20 * e.period_ns);
			uint32_t rate = aic_pps(packets, step_ns);

			assert_false(aic_estimator_count(&e, 0, now_ns + e.period_ns - 1));
			now_ns += step_ns;
			assert_true(aic_estimator_count(&e, packets, now_ns));
			highest = rate > highest ? rate : highest;
			assert_true(e.pps <= highest);
			assert_true(e.estimate != AIC_PEAK || e.pps >= rate);
			assert_true(e.estimate != AIC_MEAN || e.pps == rate);
		}
		for (unsigned int i = 0; i < 20; i++) {
			now_ns += 5000 * e.period_ns;
			aic_estimator_count(&e, 5000 * 7, now_ns);
		}
		assert_int_equal(e.pps, 7000);
	}
}

static void
estimates_of_a_step_and_of_silence(void **state)
{
	struct aic_estimator mean = estimator_of(AIC_MEAN, AIC_ONE);
	struct aic_estimator ewma = estimator_of(AIC_EWMA, AIC_ONE / 4);
	struct aic_estimator peak = estimator_of(AIC_PEAK, AIC_ONE / 4);

	(void)state;
	aic_estimator_count(&mean, 1000, 1000000);
	aic_estimator_count(&ewma, 1000, 1000000);
	aic_estimator_count(&peak, 1000, 1000000);
	assert_int_equal(mean.pps, 1000000);
	assert_int_equal(ewma.pps, 250000);
	assert_int_equal(peak.pps, 1000000);
	/* Two silent periods, seen at once. */
	aic_estimator_count(&mean, 0, 3000000);
	aic_estimator_count(&ewma, 0, 3000000);
	aic_estimator_count(&peak, 0, 3000000);
	assert_int_equal(mean.pps, 0);
	assert_int_equal(ewma.pps, 140625);
	assert_int_equal(peak.pps, 562500);
	/* Very many. */
	aic_estimator_count(&ewma, 0, UINT64_MAX / 2);
	aic_estimator_count(&peak, 0, UINT64_MAX / 2);
	assert_int_equal(ewma.pps, 0);
	assert_int_equal(peak.pps, 0);
	aic_estimator_raise(&mean, 5);
	aic_estimator_raise(&mean, 4);
	assert_int_equal(mean.pps, 5);
	aic_estimator_raise(&mean, UINT32_MAX);
	assert_int_equal(mean.pps, AIC_PPS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_bufs_r_arrive_in_an_interval),
		cmocka_unit_test(it_is_monotone),
		cmocka_unit_test(known_intervals),
		cmocka_unit_test(the_device_gets_no_longer_an_interval),
		cmocka_unit_test(there_is_room_for_the_tail),
		cmocka_unit_test(no_peak_overruns_what_the_cap_allows),
		cmocka_unit_test(an_interrupt_for_few_buffers_shortens_no_cap),
		cmocka_unit_test(known_caps_of_peaks),
		cmocka_unit_test(the_fewer_buffers_count),
		cmocka_unit_test(rates_are_rounded_up),
		cmocka_unit_test(every_estimate_is_between_the_rates),
		cmocka_unit_test(estimates_of_a_step_and_of_silence),
	};

	random_start();
	return cmocka_run_group_tests_name("aic", tests, NULL, NULL);
}
