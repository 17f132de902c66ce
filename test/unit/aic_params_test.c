/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "cases.h"

#include <errno.h>
#include <string.h>

#include "estimator.h"

#define WHY_BYTES 200

static void
presets_are_within_their_ranges(void **state)
{
	size_t nb;
	const struct aic_preset *presets = aic_presets(&nb);

	(void)state;
	assert_true(nb >= 4);
	assert_string_equal(presets[0].name, "balanced");
	for (size_t i = 0; i < nb; i++) {
		struct aic_params params = presets[(i + 1) % nb].params;
		char text[AIC_TEXT_BYTES], why[WHY_BYTES] = "";

		aic_params_text(&presets[i].params, text);
		if (aic_params_parse(&params, text, why, sizeof(why)) != 0)
			fail_msg("%s: %s", presets[i].name, why);
		assert_memory_equal(&params, &presets[i].params, sizeof(params));
		assert_ptr_equal(aic_preset_find(presets[i].name), &presets[i]);
	}
	assert_null(aic_preset_find("fast"));
}

static void
a_text_changes_what_it_names(void **state)
{
	const struct aic_params *balanced = &aic_preset_find("balanced")->params;
	struct aic_params params = *balanced, expect = *balanced;
	char why[WHY_BYTES];

	(void)state;
	assert_int_equal(aic_params_parse(&params, "r=0.5,lif=1.5k,period=2.5ms", why,
					  sizeof(why)), 0);
	expect.r = 500000;
	expect.lif_hz = 1500;
	expect.period_ns = 2500000;
	assert_memory_equal(&params, &expect, sizeof(params));
	assert_int_equal(aic_params_parse(&params, "estimator=ewma,weight=.25,missed=off,"
					  "hysteresis=0,guard=off,line=14.88M", why,
					  sizeof(why)), 0);
	expect.estimator = AIC_EWMA;
	expect.weight = 250000;
	expect.missed = 0;
	expect.hysteresis = 0;
	expect.guard = 0;
	expect.line_pps = 14880000;
	assert_memory_equal(&params, &expect, sizeof(params));
	assert_int_equal(aic_params_parse(&params, "r=1,lif=1M,period=10s,line=auto", why,
					  sizeof(why)), 0);
	assert_int_equal(params.r, AIC_ONE);
	assert_int_equal(params.lif_hz, AIC_HZ_MAX);
	assert_int_equal(params.period_ns, AIC_PERIOD_NS_MAX);
	assert_int_equal(params.line_pps, AIC_PPS_AUTO);
}

static const struct {
	const char *text, *offender, *allowed;
} refused[] = {
	{ "", "(empty)", "want r, lif" },
	{ "r=0.8,", "(empty)", "want r, lif" },
	{ ",r=0.8", "(empty)", "want r, lif" },
	{ "q=1", "q:", "want r, lif" },
	{ "R=1", "R:", "want r, lif" },
	{ "r", "r:", "more than 0, up to 1" },
	{ "r=", "r=:", "more than 0, up to 1" },
	{ "r=0", "r=0:", "more than 0, up to 1" },
	{ "r=1.2", "r=1.2:", "more than 0, up to 1" },
	{ "r=-0.5", "r=-0.5:", "more than 0, up to 1" },
	{ "r=nan", "r=nan:", "more than 0, up to 1" },
	{ "r=0x1", "r=0x1:", "more than 0, up to 1" },
	{ "r=1e-1", "r=1e-1:", "more than 0, up to 1" },
	{ "r=0.5.1", "r=0.5.1:", "more than 0, up to 1" },
	{ "r=0.0000001", "r=0.0000001:", "more than 0, up to 1" },
	{ "lif=0", "lif=0:", "1 to 1M" },
	{ "lif=0.5", "lif=0.5:", "1 to 1M" },
	{ "lif=1000001", "lif=1000001:", "1 to 1M" },
	{ "lif=99999999999999999999999", "lif=9999", "1 to 1M" },
	{ "lif=1kHz", "lif=1kHz:", "1 to 1M" },
	{ "period=1", "period=1:", "10us to 10s" },
	{ "period=9us", "period=9us:", "10us to 10s" },
	{ "period=11s", "period=11s:", "10us to 10s" },
	{ "period=1 ms", "period=1 ms:", "10us to 10s" },
	{ "estimator=max", "estimator=max:", "mean, ewma or peak" },
	{ "estimator=1", "estimator=1:", "mean, ewma or peak" },
	{ "weight=0", "weight=0:", "up to 1" },
	{ "missed=yes", "missed=yes:", "on or off" },
	{ "hysteresis=0.6", "hysteresis=0.6:", "0 to 0.5" },
	{ "guard=0", "guard=0:", "off, or up to 1" },
	{ "line=0", "line=0:", "off, auto" },
	{ "line=1001M", "line=1001M:", "off, auto" },
	{ "r=0.0000000000000000000000000000000000000000000000000000000000000000000001",
	  "r=0.0000", "too long" },
};

static void
what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES(refused); i++) {
		struct aic_params params = aic_preset_find("eco")->params, before = params;
		char why[WHY_BYTES] = "";

		if (aic_params_parse(&params, refused[i].text, why, sizeof(why)) != -EINVAL)
			fail_msg("%s: taken", refused[i].text);
		if (strstr(why, refused[i].offender) == NULL ||
		    strstr(why, refused[i].allowed) == NULL || strchr(why, '\n') != NULL)
			fail_msg("%s: %s", refused[i].text, why);
		assert_memory_equal(&params, &before, sizeof(params));
	}
}

/* An error at the end leaves what was right before it. */
static void
nothing_is_half_changed(void **state)
{
	struct aic_params params = aic_preset_find("eco")->params, before = params;
	char why[WHY_BYTES];

	(void)state;
	assert_int_equal(aic_params_parse(&params, "r=0.1,lif=7,period=1h", why, sizeof(why)),
			 -EINVAL);
	assert_memory_equal(&params, &before, sizeof(params));
}

static void
names_for_messages(void **state)
{
	char list[AIC_TEXT_BYTES];

	(void)state;
	aic_preset_list(list, sizeof(list));
	assert_string_equal(list, "balanced, latency, eco, paper");
	assert_string_equal(aic_estimate_name(AIC_PEAK), "peak");
	assert_null(aic_estimate_name(AIC_NB_ESTIMATES));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets_are_within_their_ranges),
		cmocka_unit_test(a_text_changes_what_it_names),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(nothing_is_half_changed),
		cmocka_unit_test(names_for_messages),
	};

	return cmocka_run_group_tests_name("aic_params", tests, NULL, NULL);
}
