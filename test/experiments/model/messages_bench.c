/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What messages at a low rate cost tenants and host that sleep in between, and how long they take
 * from the wire to a tenant and back. All setups are in one process and take short turns; a line
 * "RESULT" of JSON for each figure. See ../README.md.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "doors.h"
#include "messages.h"
#include "sleepers.h"
#include "start.h"

#define RATES_MAX   16
#define RATE_MAX    100000
#define BYTES	    60
#define ROUNDS	    3
#define MS	    500
#define WARM_UP_MS  100
#define LATE_MS	    2000	/* that the last ones may take */
#define US_PER_MS   1000

struct options {
	const char *experiment, *plugin;
	struct setup_choice setups;
	unsigned int rate[RATES_MAX], nb_rates;
	unsigned int tenants, rounds, ms;
	bool each;	/**< the rate is that of each tenant, not of all */
	bool anywhere;	/**< threads are not bound to processors */
};

/** A setup with its threads. */
struct place {
	struct setup setup;
	struct sleepers *sleepers;
};

/* --- Options --- */

static void
choose_rates(struct options *options, char *rates)
{
	for (char *rate = strtok(rates, ","); rate != NULL; rate = strtok(NULL, ",")) {
		if (options->nb_rates == RATES_MAX)
			errx(EX_USAGE, "--rates: at most %u", RATES_MAX);
		options->rate[options->nb_rates++] = start_number("rates", rate, 1, RATE_MAX);
	}
}

static void
read_option(struct options *options, const char *name, char *value)
{
	if (strcmp(name, "experiment") == 0)
		options->experiment = value;
	else if (strcmp(name, "plugin") == 0)
		options->plugin = value;
	else if (strcmp(name, "setups") == 0)
		setup_choose(&options->setups, value);
	else if (strcmp(name, "rates") == 0)
		choose_rates(options, value);
	else if (strcmp(name, "tenants") == 0)
		options->tenants = start_number(name, value, 1, TENANTS_MAX);
	else if (strcmp(name, "rounds") == 0)
		options->rounds = start_number(name, value, 1, 1000);
	else if (strcmp(name, "ms") == 0)
		options->ms = start_number(name, value, 1, 10000);
	else if (strcmp(name, "each") == 0)
		options->each = true;
	else
		options->anywhere = true;
}

static void
check_options(const struct options *options)
{
	if (options->setups.nb == 0 || options->nb_rates == 0 || options->plugin == NULL)
		errx(EX_USAGE, "--plugin, --setups and --rates have to be given");
	setup_check(&options->setups, options->tenants);
}

static void
read_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
		{ "experiment", required_argument, NULL, 0 },
		{ "plugin", required_argument, NULL, 0 },
		{ "setups", required_argument, NULL, 0 },
		{ "rates", required_argument, NULL, 0 },
		{ "tenants", required_argument, NULL, 0 },
		{ "rounds", required_argument, NULL, 0 },
		{ "ms", required_argument, NULL, 0 },
		{ "each", no_argument, NULL, 0 },
		{ "anywhere", no_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char *name;
	char *value;

	*options = (struct options){
		.experiment = "E2", .tenants = 1, .rounds = ROUNDS, .ms = MS,
	};
	while ((name = start_option(argc, argv, known, &value)) != NULL)
		read_option(options, name, value);
	check_options(options);
}

/** @param cpu  filled: of the device, of all others; -1: any */
static void
start(const struct options *options, int cpu[2])
{
	char lcores[32];

	start_processors(cpu);
	if (cpu[1] < 0 && !options->anywhere)
		errx(EX_UNAVAILABLE, "one processor for the device and one for all others: "
		     "there are not two");
	snprintf(lcores, sizeof(lcores), "0@%d", cpu[0]);
	if (options->anywhere)
		cpu[0] = cpu[1] = -1;
	start_eal("messages_bench", "256", lcores, options->plugin);
}

/* --- Turns --- */

static void
print(const struct options *options, const struct setup *setup, unsigned int rate,
      unsigned int round, const char *metric, double value, const char *unit)
{
	printf("RESULT {\"experiment\": \"%s\", \"setup\": \"%s\", \"place\": \"model\", "
	       "\"x\": {\"rate\": %u, \"tenants\": %u}, \"metric\": \"%s\", \"value\": %.4f, "
	       "\"unit\": \"%s\", \"round\": %u}\n", options->experiment, setup->kind->name, rate,
	       setup->nb, metric, value, unit, round);
}

/** Those that are under way come back, or never will. */
static void
await_last(struct messages_result *result)
{
	messages_rate(0);
	for (unsigned int ms = 0; ms < LATE_MS; ms++) {
		messages_result(result);
		if (result->back >= result->sent)
			return;
		rte_delay_us_sleep(US_PER_MS);
	}
}

static void
run_turn(const struct options *options, struct place *place, unsigned int rate, unsigned int round)
{
	unsigned int all = options->each ? rate * place->setup.nb : rate;
	struct sleepers_use before, after;
	struct messages_result result;
	uint64_t begin;
	double ns;

	messages_to(&place->setup);
	messages_rate(all);
	rte_delay_us_sleep(WARM_UP_MS * US_PER_MS);
	messages_rate(all);
	begin = rte_rdtsc();
	sleepers_use(place->sleepers, &before);
	rte_delay_us_sleep(options->ms * US_PER_MS);
	sleepers_use(place->sleepers, &after);
	ns = (double)(rte_rdtsc() - begin) * 1e9 / (double)rte_get_tsc_hz();
	await_last(&result);
	messages_to(NULL);
	after.tenant_ns -= before.tenant_ns;
	after.host_ns -= before.host_ns;
	print(options, &place->setup, rate, round, "cpu",
	      (double)(after.tenant_ns + after.host_ns) * 100 / ns, "% of a core");
	print(options, &place->setup, rate, round, "cpu_host", (double)after.host_ns * 100 / ns,
	      "% of a core");
	print(options, &place->setup, rate, round, "cpu_tenant",
	      (double)after.tenant_ns * 100 / ns / place->setup.nb, "% of a core");
	print(options, &place->setup, rate, round, "sleeps",
	      (double)(after.sleeps - before.sleeps) * 1e9 / ns, "a second");
	print(options, &place->setup, rate, round, "p50", result.p50_us, "us");
	print(options, &place->setup, rate, round, "p95", result.p95_us, "us");
	print(options, &place->setup, rate, round, "p99", result.p99_us, "us");
	print(options, &place->setup, rate, round, "lost", (double)(result.sent - result.back),
	      "messages");
}

static unsigned int
vfs_of(const struct setup *setup)
{
	return setup->kind->has_vfs ? setup->nb : 0;
}

static void
open_all(const struct options *options, struct place *places)
{
	struct setup_config config = {
		.family = "82599", .nb_tenants = options->tenants, .interrupts = true,
	};

	setup_pools(&config, &options->setups);
	cards_awake();
	for (unsigned int i = 0; i < options->setups.nb; i++) {
		setup_create(&places[i].setup, options->setups.kind[i], &config);
		setup_feed(&places[i].setup, BYTES);
	}
	cards_rest();
	for (unsigned int i = 0; i < options->setups.nb; i++) {
		struct setup *setup = &places[i].setup;

		if (card_open(setup->card) != 0 || doors_open(setup->card, vfs_of(setup)) != 0)
			errx(EX_SOFTWARE, "%s: its registers trap", setup->kind->name);
	}
}

static void
close_all(const struct options *options, struct place *places)
{
	for (unsigned int i = 0; i < options->setups.nb; i++) {
		sleepers_stop(places[i].sleepers);
		doors_close(places[i].setup.card, vfs_of(&places[i].setup));
		card_close(places[i].setup.card);
	}
	cards_awake();
	for (unsigned int i = 0; i < options->setups.nb; i++)
		setup_free(&places[i].setup);
}

int
main(int argc, char *argv[])
{
	static struct place places[KINDS_MAX];
	struct options options;
	int cpu[2];

	setlinebuf(stdout);
	read_options(argc, argv, &options);
	start(&options, cpu);
	open_all(&options, places);
	messages_start(cpu[0]);
	for (unsigned int i = 0; i < options.setups.nb; i++)
		places[i].sleepers = sleepers_start(&places[i].setup, cpu[1]);
	for (unsigned int round = 1; round <= options.rounds; round++)
		for (unsigned int r = 0; r < options.nb_rates; r++)
			for (unsigned int i = 0; i < options.setups.nb; i++)
				/* Each is after each other one at times. */
				run_turn(&options, &places[(i + round) % options.setups.nb],
					 options.rate[r], round);
	messages_stop();
	close_all(&options, places);
	rte_eal_cleanup();
	return 0;
}
