/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Wait strategies on one lcore, in short turns: in each round each load is given to each strategy
 * in turn. A line of JSON per turn. run.py starts it and tells what the lines mean.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "huge_pool.h"
#include "start.h"
#include "turn.h"

#define NB_MBUFS     16383
#define MBUF_CACHE   256
#define ROWS_MAX     32
#define RING	     1024
#define MEASURE_MS   300
#define WARM_UP_MS   60
#define ROUNDS	     3

struct options {
	const char *family;
	const struct load *load[ROWS_MAX];
	const struct strategy *strategy[ROWS_MAX];
	unsigned int nb_loads, nb_strategies;
	unsigned int rounds, measure_ms;
	double sustained_pps;	/* 0: find out */
	bool anywhere;		/* threads are not bound to processors */
	bool accesses;		/* only count those to registers */
	const char *calls;	/* file for the lcore's system calls; NULL: not traced */
	const char *pages;	/* that the mbufs are in */
	const char *driver;	/* of the PF; empty: the first that wants it */
	FILE *out;
};

/* --- Options --- */

static void
list_rows(void)
{
	for (unsigned int i = 0; i < nb_strategies; i++)
		printf("strategy\t%s\t%s\n", strategies[i].name, strategies[i].what);
	for (unsigned int i = 0; i < nb_loads; i++)
		printf("load\t%s\n", loads[i].name);
	exit(0);
}

static void
choose_loads(struct options *options, char *names)
{
	options->nb_loads = 0;
	for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
		const struct load *load = load_find(name);

		if (load == NULL || options->nb_loads == ROWS_MAX)
			errx(EX_USAGE, "no such load: %s; --list tells which there are", name);
		options->load[options->nb_loads++] = load;
	}
}

static void
choose_strategies(struct options *options, char *names)
{
	options->nb_strategies = 0;
	for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
		const struct strategy *strategy = strategy_find(name);

		if (strategy == NULL || options->nb_strategies == ROWS_MAX)
			errx(EX_USAGE, "no such strategy: %s; --list tells which there are", name);
		options->strategy[options->nb_strategies++] = strategy;
	}
}

static void
choose_all(struct options *options)
{
	for (options->nb_loads = 0; options->nb_loads < nb_loads; options->nb_loads++)
		options->load[options->nb_loads] = &loads[options->nb_loads];
	while (options->nb_strategies < nb_strategies) {
		options->strategy[options->nb_strategies] = &strategies[options->nb_strategies];
		options->nb_strategies++;
	}
}

static void
read_option(struct options *options, const char *name, char *value)
{
	if (strcmp(name, "list") == 0) {
		list_rows();
	} else if (strcmp(name, "family") == 0) {
		options->family = value;
	} else if (strcmp(name, "loads") == 0) {
		choose_loads(options, value);
	} else if (strcmp(name, "strategies") == 0) {
		choose_strategies(options, value);
	} else if (strcmp(name, "rounds") == 0) {
		options->rounds = start_number(name, value, 1, 1000);
	} else if (strcmp(name, "ms") == 0) {
		options->measure_ms = start_number(name, value, 1, 60000);
	} else if (strcmp(name, "sustained") == 0) {
		options->sustained_pps = start_number(name, value, 1, 100000000);
	} else if (strcmp(name, "anywhere") == 0) {
		options->anywhere = true;
	} else if (strcmp(name, "accesses") == 0) {
		options->accesses = true;
	} else if (strcmp(name, "calls") == 0) {
		options->calls = value;
	} else if (strcmp(name, "driver") == 0) {
		options->driver = value;
	} else if (strcmp(name, "out") == 0) {
		options->out = fopen(value, "w");
		if (options->out == NULL)
			err(EX_CANTCREAT, "%s", value);
	}
}

static void
read_options(int argc, char *argv[], struct options *options)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 0 },
		{ "family", required_argument, NULL, 0 },
		{ "loads", required_argument, NULL, 0 },
		{ "strategies", required_argument, NULL, 0 },
		{ "rounds", required_argument, NULL, 0 },
		{ "ms", required_argument, NULL, 0 },
		{ "sustained", required_argument, NULL, 0 },
		{ "anywhere", no_argument, NULL, 0 },
		{ "accesses", no_argument, NULL, 0 },
		{ "calls", required_argument, NULL, 0 },
		{ "driver", required_argument, NULL, 0 },
		{ "out", required_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char *name;
	char *value;

	*options = (struct options){
		.family = "82599", .driver = "", .rounds = ROUNDS, .measure_ms = MEASURE_MS,
		.out = stdout,
	};
	choose_all(options);
	while ((name = start_option(argc, argv, known, &value)) != NULL)
		read_option(options, name, value);
}

/* --- What it runs on --- */

/** @param cpu  filled: of the device, of the lcore; -1 for the device: any */
static void
start(const struct options *options, int cpu[2])
{
	char lcores[64];

	start_processors(cpu);
	if (cpu[1] < 0 && !options->anywhere)
		errx(EX_UNAVAILABLE, "one processor for the device and one for the lcore: "
		     "there are not two");
	if (options->anywhere)
		snprintf(lcores, sizeof(lcores), "(0-1)@(%d-%d)", cpu[0],
			 cpu[1] < 0 ? cpu[0] : cpu[1]);
	else
		snprintf(lcores, sizeof(lcores), "0@%d,1@%d", cpu[0], cpu[1]);
	if (options->anywhere)
		cpu[0] = -1;
	start_eal("hybrid_bench", "96", lcores, NULL);
}

static void
create(struct app *app, const struct options *options, int cpu)
{
	const struct device_config config = {
		.family = options->family, .driver = options->driver, .cpu = cpu,
		.heartbeat = &app->heartbeat,
	};
	const char *why;
	int rc;

	/* Last in, first out: who sleeps takes more at once than the lcore's cache holds, and a
	 * ring would have all mbufs there are take their turns, cold each time.
	 */
	app->pool = huge_pool_create("frames", NB_MBUFS, RTE_MBUF_DEFAULT_DATAROOM, "stack");
	if (app->pool == NULL)
		errx(EX_SOFTWARE, "no mbufs: %s", rte_strerror(rte_errno));
	rc = device_create(&app->device, &config, &why);
	if (rc != 0)
		errx(EX_UNAVAILABLE, "%s: %s: %s", options->family, why, strerror(-rc));
	app->lcore = rte_get_next_lcore(-1, 1, 0);
	app->port = 0;
}

/* --- Turns --- */

static void
print_times(FILE *out, const struct turn_result *result)
{
	fprintf(out, ", \"timed\": %lu, \"p50_us\": %.3f, \"p95_us\": %.3f, \"p99_us\": %.3f, "
		"\"p999_us\": %.3f, \"max_us\": %.3f, \"raw_p99_us\": %.3f", result->timed,
		(double)result->p50_ns / 1e3, (double)result->p95_ns / 1e3,
		(double)result->p99_ns / 1e3, (double)result->p999_ns / 1e3,
		(double)result->max_ns / 1e3, (double)result->raw_p99_ns / 1e3);
}

static void
print_turn(const struct options *options, const struct turn *turn, unsigned int round,
	   const struct turn_result *result)
{
	FILE *out = options->out;

	fprintf(out, "{\"family\": \"%s\", \"strategy\": \"%s\", \"load\": \"%s\", \"round\": %u, "
		"\"ring\": %u, \"pages\": \"%s\", \"sustained_pps\": %.0f, \"seconds\": %.4f, "
		"\"sent\": %lu, \"received\": %lu, \"lost\": %lu, \"raw_lost\": %lu, "
		"\"unsent\": %lu, \"unexplained\": %lu, "
		"\"late_us\": %.1f, \"held_app_ms\": %.3f, \"held_device_ms\": %.3f, "
		"\"cpu\": %.6f, \"sleeps\": %lu, \"interrupts\": %lu, \"interval_us\": %.3f, "
		"\"longest_us\": %.3f",
		options->family, turn->strategy->name, turn->load->name, round, turn->ring,
		options->pages, turn->sustained_pps, result->seconds, result->sent,
		result->received, result->lost, result->raw_lost, result->unsent,
		result->unexplained,
		(double)result->late_ns / 1e3, (double)result->held_app_ns / 1e6,
		(double)result->held_device_ns / 1e6, result->cpu, result->sleeps,
		result->interrupts, result->interval_ns / 1e3, result->longest_ns / 1e3);
	print_times(out, result);
	fprintf(out, "}\n");
	fflush(out);
}

/** @return frames that nobody knows of */
static uint64_t
run_turn(struct app *app, const struct options *options, struct turn *turn, unsigned int round)
{
	struct turn_result result;
	int rc;

	turn->ring = turn->strategy->ring != NULL ? turn->strategy->ring(turn->strategy) : RING;
	turn->warm_up_ms = turn->strategy->warm_up_ms != 0 ? turn->strategy->warm_up_ms :
							      WARM_UP_MS;
	rc = turn_run(app, turn, &result);
	if (rc != 0)
		errx(EX_SOFTWARE, "%s: %s", turn->strategy->name, strerror(-rc));
	print_turn(options, turn, round, &result);
	return result.unexplained;
}

static uint64_t
run_all(struct app *app, const struct options *options, double sustained_pps)
{
	struct turn turn = {
		.sustained_pps = sustained_pps, .measure_ms = options->measure_ms,
		.calls = options->calls,
	};
	uint64_t unexplained = 0;

	for (unsigned int round = 0; round < options->rounds; round++)
		for (unsigned int i = 0; i < options->nb_loads; i++)
			for (unsigned int j = 0; j < options->nb_strategies; j++) {
				turn.load = options->load[i];
				turn.strategy = options->strategy[j];
				unexplained += run_turn(app, options, &turn, round);
			}
	return unexplained;
}

/** What it costs to arm the interrupt of a queue, and to mask it, in accesses to registers. */
static void
count_accesses(struct app *app, const struct options *options)
{
	uint64_t before, armed, masked;
	int rc = app_start(app, RING);

	if (rc != 0)
		errx(EX_SOFTWARE, "%s: %s", options->driver, strerror(-rc));
	device_close_window(app->device);
	before = device_accesses(app->device);
	rc = rte_eth_dev_rx_intr_enable(app->port, 0);
	armed = device_accesses(app->device);
	if (rc == 0)
		rc = rte_eth_dev_rx_intr_disable(app->port, 0);
	masked = device_accesses(app->device);
	if (rc != 0)
		errx(EX_SOFTWARE, "%s: Rx interrupts: %s", options->driver, strerror(-rc));
	fprintf(options->out, "{\"family\": \"%s\", \"driver\": \"%s\", \"arm\": %lu, "
		"\"mask\": %lu}\n", options->family, options->driver, armed - before,
		masked - armed);
}

static uint64_t
run_strategies(struct app *app, const struct options *options)
{
	double sustained_pps = options->sustained_pps;

	if (sustained_pps == 0)
		sustained_pps = turn_sustained(app, strategy_find("poll"), RING);
	if (sustained_pps == 0)
		errx(EX_SOFTWARE, "static polling loses frames at any rate");
	fprintf(stderr, "%s: polling sustains %.0f frames/s\n", options->family, sustained_pps);
	return run_all(app, options, sustained_pps);
}

int
main(int argc, char *argv[])
{
	static struct app app;
	struct options options;
	uint64_t unexplained = 0;
	int cpu[2];

	read_options(argc, argv, &options);
	start(&options, cpu);
	create(&app, &options, cpu[0]);
	options.pages = huge_pool_pages(app.pool);
	if (options.accesses)
		count_accesses(&app, &options);
	else
		unexplained = run_strategies(&app, &options);
	app_stop(&app);
	rte_eth_dev_close(app.port);
	device_free(app.device);
	rte_eal_cleanup();
	if (unexplained != 0)
		errx(EX_SOFTWARE, "%lu frames are neither back nor counted as lost", unexplained);
	return 0;
}
