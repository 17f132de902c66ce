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
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>

#include "setup.h"
#include "step.h"

#define SPARE_MBUFS  2048	/* caches, and what is under way */
#define MBUF_CACHE   256
#define NB_EAL_ARGS  12
#define KINDS_MAX    8
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
	const struct setup_kind *kind[KINDS_MAX];
	unsigned int nb_kinds;
	unsigned int size[SIZES_MAX], nb_sizes;
	unsigned int tenants, rounds;
	bool between;	/**< from tenant to tenant; not from the wire and back */
};

/* --- Options --- */

static unsigned int
number(const char *option, const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < min || value > max)
		errx(EX_USAGE, "--%s=%s: allowed is %u to %u", option, text, min, max);
	return (unsigned int)value;
}

static void
choose_setups(struct options *options, char *names)
{
	options->nb_kinds = 0;
	for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
		const struct setup_kind *kind = setup_find(name);

		if (kind == NULL || options->nb_kinds == KINDS_MAX)
			errx(EX_USAGE, "--setups: no such setup: %s (native, sriov, "
			     "pv-virtio-user)", name);
		options->kind[options->nb_kinds++] = kind;
	}
}

static void
choose_sizes(struct options *options, char *sizes)
{
	options->nb_sizes = 0;
	for (char *size = strtok(sizes, ","); size != NULL; size = strtok(NULL, ",")) {
		if (options->nb_sizes == SIZES_MAX)
			errx(EX_USAGE, "--sizes: at most %u", SIZES_MAX);
		options->size[options->nb_sizes++] = number("sizes", size, BYTES_MIN, BYTES_MAX);
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
		choose_setups(options, value);
	else if (strcmp(name, "sizes") == 0)
		choose_sizes(options, value);
	else if (strcmp(name, "tenants") == 0)
		options->tenants = number(name, value, 1, TENANTS_MAX);
	else if (strcmp(name, "rounds") == 0)
		options->rounds = number(name, value, 1, ROUNDS_MAX);
	else
		options->between = true;
}

static void
check_options(const struct options *options)
{
	unsigned int ports = 0;

	if (options->nb_kinds == 0 || options->nb_sizes == 0 || options->plugin == NULL)
		errx(EX_USAGE, "--plugin, --setups and --sizes have to be given");
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		if (options->tenants > options->kind[i]->tenants_max)
			errx(EX_USAGE, "--tenants=%u: %s has at most %u", options->tenants,
			     options->kind[i]->name, options->kind[i]->tenants_max);
		ports += setup_ports(options->kind[i], options->tenants);
	}
	if (ports > RTE_MAX_ETHPORTS)
		errx(EX_USAGE, "--tenants=%u: all setups take %u ports, and DPDK has %u",
		     options->tenants, ports, RTE_MAX_ETHPORTS);
	if (options->between && options->tenants < 2)
		errx(EX_USAGE, "--between takes --tenants=2 at least");
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
		{ "rounds", required_argument, NULL, 0 },
		{ "between", no_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	int which;

	*options = (struct options){
		.experiment = "E1", .family = "82599", .tenants = 1, .rounds = ROUNDS,
	};
	while (getopt_long(argc, argv, "", known, &which) == 0)
		read_option(options, known[which].name, optarg);
	if (optind != argc)
		errx(EX_USAGE, "what is %s?", argv[optind]);
	check_options(options);
}

static void
start_eal(const struct options *options)
{
	char lcores[32];
	const char *args[NB_EAL_ARGS] = { "paths_bench", "--no-huge", "--no-pci", "--no-shconf",
				    "--no-telemetry", "--iova-mode=va", "-m", "256",
				    "--log-level=*:critical", lcores, "-d", options->plugin };
	cpu_set_t allowed;
	int last = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		err(EX_OSERR, "sched_getaffinity");
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &allowed))
			last = i;
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d", last);
	if (rte_eal_init(NB_EAL_ARGS, (char **)args) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
	/* What runs besides shall not take its processor, if it may say so. */
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
}

/* --- Turns --- */

/** What is measured now. */
struct turn {
	const struct options *options;
	struct setup *setup;
	struct rte_mempool *pool;
	unsigned int size, round;
};

static struct rte_mempool *
make_pool(const struct options *options)
{
	unsigned int nb = SPARE_MBUFS;
	struct rte_mempool *pool;

	for (unsigned int i = 0; i < options->nb_kinds; i++)
		nb += setup_mbufs(options->kind[i], options->tenants);
	pool = rte_pktmbuf_pool_create("frames", nb, MBUF_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				       SOCKET_ID_ANY);
	if (pool == NULL)
		errx(EX_UNAVAILABLE, "no mbufs: %s", rte_strerror(rte_errno));
	return pool;
}

static void
print(const struct turn *turn, const char *metric, double value, const char *unit)
{
	printf("RESULT {\"experiment\": \"%s\", \"setup\": \"%s\", \"place\": \"model\", "
	       "\"x\": {\"size\": %u, \"tenants\": %u}, \"metric\": \"%s\", \"value\": %.4f, "
	       "\"unit\": \"%s\", \"round\": %u}\n", turn->options->experiment,
	       turn->setup->kind->name, turn->size + FCS_BYTES, turn->setup->nb, metric, value,
	       unit, turn->round);
}

static void
step(const struct turn *turn, struct cost *cost)
{
	if (turn->options->between)
		step_between(turn->setup, turn->pool, (uint16_t)turn->size, cost);
	else
		step_wire(turn->setup, cost);
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
touch_all(const struct options *options, struct setup *setups, struct rte_mempool *pool)
{
	for (unsigned int i = 0; i < options->nb_kinds; i++) {
		struct turn turn = { .options = options, .setup = &setups[i], .pool = pool,
				     .size = BYTES_MAX };
		struct cost cost;

		setup_feed(&setups[i], BYTES_MAX);
		for (unsigned int j = 0; j < 2 * pool->size / BURST; j++)
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
run_all(const struct options *options, struct setup *setups, struct rte_mempool *pool)
{
	struct turn turn = { .options = options, .pool = pool };

	touch_all(options, setups, pool);
	for (turn.round = 1; turn.round <= options->rounds; turn.round++)
		for (unsigned int s = 0; s < options->nb_sizes; s++)
			for (unsigned int i = 0; i < options->nb_kinds; i++) {
				/* Each is after each other one at times. */
				turn.setup = &setups[(i + turn.round) % options->nb_kinds];
				turn.size = options->size[s];
				run_turn(&turn);
			}
}

int
main(int argc, char *argv[])
{
	static struct setup setups[KINDS_MAX];
	struct setup_config config = { 0 };
	struct options options;

	setlinebuf(stdout);
	read_options(argc, argv, &options);
	start_eal(&options);
	step_calibrate();
	config.family = options.family;
	config.nb_tenants = options.tenants;
	config.pool = make_pool(&options);
	cards_awake();
	for (unsigned int i = 0; i < options.nb_kinds; i++)
		setup_create(&setups[i], options.kind[i], &config);
	cards_rest();
	for (unsigned int i = 0; i < options.nb_kinds; i++)
		if (card_open(setups[i].card) != 0)
			errx(EX_SOFTWARE, "%s: its tails trap", options.kind[i]->name);
	run_all(&options, setups, config.pool);
	for (unsigned int i = 0; i < options.nb_kinds; i++)
		card_close(setups[i].card);
	cards_awake();
	for (unsigned int i = 0; i < options.nb_kinds; i++)
		setup_free(&setups[i]);
	rte_eal_cleanup();
	return 0;
}
