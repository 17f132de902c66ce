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
#include <sys/resource.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "doors.h"
#include "gang.h"
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
	unsigned int processes;	/**< that share the tenants */
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
		options->tenants = start_number(name, value, 1, GANG_MAX * TENANTS_MAX);
	else if (strcmp(name, "processes") == 0)
		options->processes = start_number(name, value, 1, GANG_MAX);
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
	if (options->tenants % options->processes != 0)
		errx(EX_USAGE, "--tenants=%u: %u processes cannot share them equally",
		     options->tenants, options->processes);
	setup_check(&options->setups, options->tenants / options->processes);
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
		{ "processes", required_argument, NULL, 0 },
		{ "rounds", required_argument, NULL, 0 },
		{ "ms", required_argument, NULL, 0 },
		{ "each", no_argument, NULL, 0 },
		{ "anywhere", no_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char *name;
	char *value;

	*options = (struct options){
		.experiment = "E2", .tenants = 1, .processes = 1, .rounds = ROUNDS, .ms = MS,
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

	gang_start(options->processes);
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

/** What is measured now. */
struct turn {
	const struct options *options;
	const struct setup *setup;
	unsigned int rate, round;
};

static void
print(const struct turn *turn, const char *metric, double value, const char *unit)
{
	printf("RESULT {\"experiment\": \"%s\", \"setup\": \"%s\", \"place\": \"model\", "
	       "\"x\": {\"rate\": %u, \"tenants\": %u}, \"metric\": \"%s\", \"value\": %.4f, "
	       "\"unit\": \"%s\", \"round\": %u}\n", turn->options->experiment,
	       turn->setup->kind->name, turn->rate, turn->options->tenants, metric, value, unit,
	       turn->round);
}

/** Those that are under way come back, or never will. */
static void
await_last(void)
{
	messages_rate(0);
	for (unsigned int ms = 0; ms < LATE_MS && !messages_are_back(); ms++)
		rte_delay_us_sleep(US_PER_MS);
}

/** What a turn has come to, in percent of a core, a second, and microseconds. */
struct found {
	double tenants, host, sleeps;
	struct messages_result messages;
};

static void
measure(const struct options *options, struct place *place, unsigned int rate, struct found *found)
{
	struct sleepers_use before, after;
	uint64_t begin;
	double ns;

	messages_rate(rate);
	begin = rte_rdtsc();
	sleepers_use(place->sleepers, &before);
	rte_delay_us_sleep(options->ms * US_PER_MS);
	sleepers_use(place->sleepers, &after);
	ns = (double)(rte_rdtsc() - begin) * 1e9 / (double)rte_get_tsc_hz();
	*found = (struct found){
		.tenants = (double)(after.tenant_ns - before.tenant_ns) * 100 / ns,
		.host = (double)(after.host_ns - before.host_ns) * 100 / ns,
		.sleeps = (double)(after.sleeps - before.sleeps) * 1e9 / ns,
	};
	await_last();
	messages_result(&found->messages);
}

static double
larger(double a, double b)
{
	return a > b ? a : b;
}

/** Of all processes: what they use together, and the times of the one that was slowest. */
static void
add_up(struct found *found)
{
	gang_put(found, sizeof(*found));
	gang_meet();
	*found = (struct found){ 0 };
	for (unsigned int i = 0; i < gang_size(); i++) {
		const struct found *one = gang_get(i);
		struct messages_result *all = &found->messages;

		found->tenants += one->tenants;
		found->host += one->host;
		found->sleeps += one->sleeps;
		all->sent += one->messages.sent;
		all->back += one->messages.back;
		all->p50_us = larger(all->p50_us, one->messages.p50_us);
		all->p95_us = larger(all->p95_us, one->messages.p95_us);
		all->p99_us = larger(all->p99_us, one->messages.p99_us);
	}
}

static void
report(const struct turn *turn, const struct found *found)
{
	const struct messages_result *messages = &found->messages;

	print(turn, "cpu", found->tenants + found->host, "% of a core");
	print(turn, "cpu_host", found->host, "% of a core");
	print(turn, "cpu_tenant", found->tenants / turn->options->tenants, "% of a core");
	print(turn, "sleeps", found->sleeps, "a second");
	print(turn, "p50", messages->p50_us, "us");
	print(turn, "p95", messages->p95_us, "us");
	print(turn, "p99", messages->p99_us, "us");
	print(turn, "lost", (double)(messages->sent - messages->back), "messages");
}

static void
run_turn(const struct options *options, struct place *place, unsigned int rate, unsigned int round)
{
	const struct turn turn = { .options = options, .setup = &place->setup, .rate = rate,
				   .round = round };
	unsigned int mine = options->each ? rate * place->setup.nb : rate / options->processes;
	struct found found;

	messages_to(&place->setup);
	messages_rate(mine);
	rte_delay_us_sleep(WARM_UP_MS * US_PER_MS);
	gang_meet();
	measure(options, place, mine, &found);
	messages_to(NULL);
	add_up(&found);
	if (gang_is_first())
		report(&turn, &found);
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
		.family = "82599", .nb_tenants = options->tenants / options->processes,
		.interrupts = true,
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
	for (unsigned int i = 0; i < options.setups.nb; i++)
		places[i].sleepers = sleepers_start(&places[i].setup, cpu[1]);
	/* Whose setup takes longer shall have the processor for it. */
	gang_meet();
	/* The device's thread leaves nothing to who has the same processor and less priority. */
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	messages_start(cpu[0]);
	for (unsigned int round = 1; round <= options.rounds; round++)
		for (unsigned int r = 0; r < options.nb_rates; r++)
			for (unsigned int i = 0; i < options.setups.nb; i++)
				/* Each is after each other one at times. */
				run_turn(&options, &places[(i + round) % options.setups.nb],
					 options.rate[r], round);
	messages_stop();
	gang_meet();
	close_all(&options, places);
	rte_eal_cleanup();
	gang_finish();
	return 0;
}
