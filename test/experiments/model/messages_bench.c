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
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include "doors.h"
#include "messages.h"
#include "sleepers.h"

#define SPARE_MBUFS 4096
#define MBUF_CACHE  64
#define NB_EAL_ARGS 12
#define KINDS_MAX   8
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
	const struct setup_kind *kind[KINDS_MAX];
	unsigned int nb_kinds;
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

static unsigned int
number(const char *option, const char *text, unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < 1 || value > max)
		errx(EX_USAGE, "--%s=%s: allowed is 1 to %u", option, text, max);
	return (unsigned int)value;
}

static void
choose_setups(struct options *options, char *names)
{
	for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
		const struct setup_kind *kind = setup_find(name);

		if (kind == NULL || options->nb_kinds == KINDS_MAX)
			errx(EX_USAGE, "--setups: no such setup: %s (native, sriov, "
			     "pv-virtio-user)", name);
		options->kind[options->nb_kinds++] = kind;
	}
}

static void
choose_rates(struct options *options, char *rates)
{
	for (char *rate = strtok(rates, ","); rate != NULL; rate = strtok(NULL, ",")) {
		if (options->nb_rates == RATES_MAX)
			errx(EX_USAGE, "--rates: at most %u", RATES_MAX);
		options->rate[options->nb_rates++] = number("rates", rate, RATE_MAX);
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
		choose_setups(options, value);
	else if (strcmp(name, "rates") == 0)
		choose_rates(options, value);
	else if (strcmp(name, "tenants") == 0)
		options->tenants = number(name, value, TENANTS_MAX);
	else if (strcmp(name, "rounds") == 0)
		options->rounds = number(name, value, 1000);
	else if (strcmp(name, "ms") == 0)
		options->ms = number(name, value, 10000);
	else if (strcmp(name, "each") == 0)
		options->each = true;
	else
		options->anywhere = true;
}

static void
check_options(const struct options *options)
{
	unsigned int ports = 0;

	if (options->nb_kinds == 0 || options->nb_rates == 0 || options->plugin == NULL)
		errx(EX_USAGE, "--plugin, --setups and --rates have to be given");
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		if (options->tenants > options->kind[i]->tenants_max)
			errx(EX_USAGE, "--tenants=%u: %s has at most %u", options->tenants,
			     options->kind[i]->name, options->kind[i]->tenants_max);
		ports += setup_ports(options->kind[i], options->tenants);
	}
	if (ports > RTE_MAX_ETHPORTS)
		errx(EX_USAGE, "--tenants=%u: all setups take %u ports, and DPDK has %u",
		     options->tenants, ports, RTE_MAX_ETHPORTS);
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
	int which;

	*options = (struct options){
		.experiment = "E2", .tenants = 1, .rounds = ROUNDS, .ms = MS,
	};
	while (getopt_long(argc, argv, "", known, &which) == 0)
		read_option(options, known[which].name, optarg);
	if (optind != argc)
		errx(EX_USAGE, "what is %s?", argv[optind]);
	check_options(options);
}

/** @param cpu  filled: of the device, of all others; -1: any */
static void
start_eal(const struct options *options, int cpu[2])
{
	char lcores[32];
	const char *args[NB_EAL_ARGS] = { "messages_bench", "--no-huge", "--no-pci", "--no-shconf",
				    "--no-telemetry", "--iova-mode=va", "-m", "256",
				    "--log-level=*:critical", lcores, "-d", options->plugin };
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		err(EX_OSERR, "sched_getaffinity");
	cpu[0] = cpu[1] = -1;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &allowed))
			cpu[cpu[0] < 0 ? 0 : 1] = i;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d", cpu[0]);
	if (cpu[1] < 0 && !options->anywhere)
		errx(EX_UNAVAILABLE, "one processor for the device and one for all others: "
		     "there are not two");
	if (options->anywhere)
		cpu[0] = cpu[1] = -1;
	if (rte_eal_init(NB_EAL_ARGS, (char **)args) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
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

static struct rte_mempool *
make_pool(const struct options *options)
{
	unsigned int nb = SPARE_MBUFS;
	struct rte_mempool *pool;

	for (unsigned int i = 0; i < options->nb_kinds; i++)
		nb += setup_mbufs(options->kind[i], options->tenants);
	pool = rte_pktmbuf_pool_create("messages", nb, MBUF_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL)
		errx(EX_UNAVAILABLE, "no mbufs: %s", rte_strerror(rte_errno));
	return pool;
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
		.pool = make_pool(options),
	};

	cards_awake();
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		setup_create(&places[i].setup, options->kind[i], &config);
		setup_feed(&places[i].setup, BYTES);
	}
	cards_rest();
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		struct setup *setup = &places[i].setup;

		if (card_open(setup->card) != 0 || doors_open(setup->card, vfs_of(setup)) != 0)
			errx(EX_SOFTWARE, "%s: its registers trap", setup->kind->name);
	}
}

static void
close_all(const struct options *options, struct place *places)
{
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		sleepers_stop(places[i].sleepers);
		doors_close(places[i].setup.card, vfs_of(&places[i].setup));
		card_close(places[i].setup.card);
	}
	cards_awake();
	for (unsigned int i = 0; i < options->nb_kinds; i++)
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
	start_eal(&options, cpu);
	open_all(&options, places);
	messages_start(cpu[0]);
	for (unsigned int i = 0; i < options.nb_kinds; i++)
		places[i].sleepers = sleepers_start(&places[i].setup, cpu[1]);
	for (unsigned int round = 1; round <= options.rounds; round++)
		for (unsigned int r = 0; r < options.nb_rates; r++)
			for (unsigned int i = 0; i < options.nb_kinds; i++)
				/* Each is after each other one at times. */
				run_turn(&options, &places[(i + round) % options.nb_kinds],
					 options.rate[r], round);
	messages_stop();
	close_all(&options, places);
	rte_eal_cleanup();
	return 0;
}
