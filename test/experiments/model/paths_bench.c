/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What a frame costs tenants and host, by the way it takes: a PF, a VF, virtio and a software
 * switch. All are in one process and one thread, in short turns that alternate; a line "RESULT" of
 * JSON for each figure. See ../README.md.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_mbuf.h>

#include "gang.h"
#include "setup.h"
#include "start.h"
#include "step.h"

#define SIZES_MAX    16
#define BYTES_MIN     60
#define BYTES_MAX     1514
#define ROUNDS	     5
#define ROUNDS_MAX   1000
#define STEPS	     64	/* of a turn */
#define WARM_UP	     64	/* steps: twice through each ring */
#define NS_A_SECOND     1e9
#define FCS_BYTES    4

struct options {
	const char *experiment, *family, *plugin;
	struct setup_choice setups;
	unsigned int size[SIZES_MAX], nb_sizes;
	unsigned int tenants, rounds;
	unsigned int processes;		/**< that share the tenants */
	bool between;	/**< from tenant to tenant; not from the wire and back */
};

/* --- Options --- */

static void
choose_sizes(struct options *options, char *sizes)
{
	options->nb_sizes = 0;
	for (char *size = strtok(sizes, ","); size != NULL; size = strtok(NULL, ",")) {
		if (options->nb_sizes == SIZES_MAX)
			errx(EX_USAGE, "--sizes: at most %u", SIZES_MAX);
		options->size[options->nb_sizes++] = start_number("sizes", size, BYTES_MIN,
								  BYTES_MAX);
	}
}

static void
read_option(struct options *options, const char *name, char *value)
{
	if (strcmp(name, "experiment") == 0)
		options->experiment = value;
	else if (strcmp(name, "family") == 0)
		options->family = value;
	else if (strcmp(name, "plugin") == 0)
		options->plugin = value;
	else if (strcmp(name, "setups") == 0)
		setup_choose(&options->setups, value);
	else if (strcmp(name, "sizes") == 0)
		choose_sizes(options, value);
	else if (strcmp(name, "tenants") == 0)
		options->tenants = start_number(name, value, 1, GANG_MAX * TENANTS_MAX);
	else if (strcmp(name, "processes") == 0)
		options->processes = start_number(name, value, 1, GANG_MAX);
	else if (strcmp(name, "rounds") == 0)
		options->rounds = start_number(name, value, 1, ROUNDS_MAX);
	else
		options->between = true;
}

static void
check_options(const struct options *options)
{
	if (options->setups.nb == 0 || options->nb_sizes == 0 || options->plugin == NULL)
		errx(EX_USAGE, "--plugin, --setups and --sizes have to be given");
	if (options->tenants % options->processes != 0)
		errx(EX_USAGE, "--tenants=%u: %u processes cannot share them equally",
		     options->tenants, options->processes);
	setup_check(&options->setups, options->tenants / options->processes);
	if (options->between && (options->tenants < 2 || options->processes > 1))
		errx(EX_USAGE, "--between takes --tenants=2 at least, in one process");
}

static void
read_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
		{ "experiment", required_argument, NULL, 0 },
		{ "family", required_argument, NULL, 0 },
		{ "plugin", required_argument, NULL, 0 },
		{ "setups", required_argument, NULL, 0 },
		{ "sizes", required_argument, NULL, 0 },
		{ "tenants", required_argument, NULL, 0 },
		{ "processes", required_argument, NULL, 0 },
		{ "rounds", required_argument, NULL, 0 },
		{ "between", no_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char *name;
	char *value;

	*options = (struct options){
		.experiment = "E1", .family = "82599", .tenants = 1, .processes = 1,
		.rounds = ROUNDS,
	};
	while ((name = start_option(argc, argv, known, &value)) != NULL)
		read_option(options, name, value);
	check_options(options);
}

static void
start(const struct options *options)
{
	char lcores[32];
	int cpu[2];

	gang_start(options->processes);
	start_processors(cpu);
	snprintf(lcores, sizeof(lcores), "0@%d", cpu[1] < 0 ? cpu[0] : cpu[1]);
	start_eal("paths_bench", "256", lcores, options->plugin);
	step_calibrate();
}

/* --- Turns --- */

/** What is measured now. */
struct turn {
	const struct options *options;
	struct setup *setup;
	unsigned int size, round;
};

static void
print(const struct turn *turn, const char *metric, double value, const char *unit)
{
	if (!gang_is_first())
		return;
	printf("RESULT {\"experiment\": \"%s\", \"setup\": \"%s\", \"place\": \"model\", "
	       "\"x\": {\"size\": %u, \"tenants\": %u}, \"metric\": \"%s\", \"value\": %.4f, "
	       "\"unit\": \"%s\", \"round\": %u}\n", turn->options->experiment,
	       turn->setup->kind->name, turn->size + FCS_BYTES,
	       turn->setup->nb * gang_size(), metric, value, unit, turn->round);
}

static void
step(const struct turn *turn, struct cost *cost)
{
	gang_begin();
	if (turn->options->between)
		step_between(turn->setup, (uint16_t)turn->size, cost);
	else
		step_wire(turn->setup, cost);
	gang_end(cost);
}

static int
by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double
median(double *values, unsigned int nb)
{
	qsort(values, nb, sizeof(*values), by_size);
	return values[nb / 2];
}

/** All mbufs are on pages that each side of a virtio port has touched. */
static void
touch_all(const struct options *options, struct setup *setups)
{
	for (unsigned int i = 0; i < options->setups.nb; i++) {
		struct turn turn = { .options = options, .setup = &setups[i],
				     .size = BYTES_MAX };
		struct cost cost;

		setup_feed(&setups[i], BYTES_MAX);
		for (unsigned int j = 0; j < 2 * setups[i].pool->size / (setups[i].nb * BURST); j++)
			step(&turn, &cost);
	}
}

static void
run_turn(const struct turn *turn)
{
	double tenant[STEPS], host[STEPS], to_ns = NS_A_SECOND / (double)rte_get_tsc_hz();
	double of_tenant, of_host;
	struct cost cost;

	setup_feed(turn->setup, (uint16_t)turn->size);
	for (unsigned int i = 0; i < WARM_UP; i++)
		step(turn, &cost);
	for (unsigned int i = 0; i < STEPS; i++) {
		step(turn, &cost);
		tenant[i] = (double)cost.tenant / cost.frames * to_ns;
		host[i] = (double)cost.host / cost.frames * to_ns;
	}
	of_tenant = median(tenant, STEPS);
	of_host = median(host, STEPS);
	print(turn, "cpu", of_tenant + of_host, "ns a frame");
	print(turn, "cpu_tenants", of_tenant, "ns a frame");
	print(turn, "cpu_host", of_host, "ns a frame");
	print(turn, "throughput", NS_A_SECOND / (of_tenant + of_host), "frames/s of a core");
}

static void
run_all(const struct options *options, struct setup *setups)
{
	struct turn turn = { .options = options };

	touch_all(options, setups);
	for (turn.round = 1; turn.round <= options->rounds; turn.round++)
		for (unsigned int s = 0; s < options->nb_sizes; s++)
			for (unsigned int i = 0; i < options->setups.nb; i++) {
				/* Each is after each other one at times. */
				turn.setup = &setups[(i + turn.round) % options->setups.nb];
				turn.size = options->size[s];
				run_turn(&turn);
			}
}

static void
open_all(const struct options *options, struct setup *setups)
{
	struct setup_config config = {
		.family = options->family, .nb_tenants = options->tenants / options->processes,
	};

	setup_pools(&config, &options->setups);
	cards_awake();
	for (unsigned int i = 0; i < options->setups.nb; i++)
		setup_create(&setups[i], options->setups.kind[i], &config);
	cards_rest();
	for (unsigned int i = 0; i < options->setups.nb; i++)
		if (card_open(setups[i].card) != 0)
			errx(EX_SOFTWARE, "%s: its tails trap", setups[i].kind->name);
}

static void
close_all(const struct options *options, struct setup *setups)
{
	for (unsigned int i = 0; i < options->setups.nb; i++)
		card_close(setups[i].card);
	cards_awake();
	for (unsigned int i = 0; i < options->setups.nb; i++)
		setup_free(&setups[i]);
}

int
main(int argc, char *argv[])
{
	static struct setup setups[KINDS_MAX];
	struct options options;

	setlinebuf(stdout);
	read_options(argc, argv, &options);
	start(&options);
	open_all(&options, setups);
	/* What runs besides shall not take its processor, if it may say so. Drivers have been
	 * served by threads that this would have starved.
	 */
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	run_all(&options, setups);
	close_all(&options, setups);
	rte_eal_cleanup();
	gang_finish();
	return 0;
}
