/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Cycles a frame of our drivers and DPDK's own, side by side: each case gives each column of a
 * group short turns, again and again. A line of JSON per column and case. run.py starts it and
 * tells what the lines mean.
 */
#include <err.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "count.h"
#include "floor.h"
#include "huge_pool.h"
#include "idle.h"
#include "live.h"
#include "span.h"
#include "start.h"
#include "turn.h"

#define NB_MBUFS    65535
#define NB_SMALL    16383
#define CASES_MAX   256
#define ROUNDS	    51
#define ROUNDS_MAX  2000
#define ROUNDS_IDLE 3	/* at most: each takes seconds */

struct options {
	const char *groups, *columns, *cases;	/* patterns of names */
	const char *plugin;			/* file of our drivers */
	unsigned int rounds;
	bool list;
	bool count;				/* instructions instead of cycles */
	bool live;				/* the device works meanwhile */
	FILE *out;
};

/** What is measured together. */
struct set {
	const struct group *group;
	struct target target[COLUMNS_MAX];
	unsigned int nb;
	bool on[COLUMNS_MAX];			/* for the case at hand */
	double cycles[COLUMNS_MAX][ROUNDS_MAX], floor[ROUNDS_MAX];
	double mpps[COLUMNS_MAX][ROUNDS_MAX];	/* of live turns */
};

/* --- Options --- */

static void
read_option(struct options *options, const char *name, const char *value)
{
	if (strcmp(name, "list") == 0) {
		options->list = true;
	} else if (strcmp(name, "count") == 0) {
		options->count = true;
	} else if (strcmp(name, "live") == 0) {
		options->live = true;
	} else if (strcmp(name, "groups") == 0) {
		options->groups = value;
	} else if (strcmp(name, "columns") == 0) {
		options->columns = value;
	} else if (strcmp(name, "cases") == 0) {
		options->cases = value;
	} else if (strcmp(name, "plugin") == 0) {
		options->plugin = value;
	} else if (strcmp(name, "rounds") == 0) {
		options->rounds = start_number(name, value, 1, ROUNDS_MAX);
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
		{ "count", no_argument, NULL, 0 },
		{ "live", no_argument, NULL, 0 },
		{ "groups", required_argument, NULL, 0 },
		{ "columns", required_argument, NULL, 0 },
		{ "cases", required_argument, NULL, 0 },
		{ "plugin", required_argument, NULL, 0 },
		{ "rounds", required_argument, NULL, 0 },
		{ "out", required_argument, NULL, 0 },
		{ NULL, 0, NULL, 0 },
	};
	const char *name;
	char *value;

	*options = (struct options){
		.groups = "*", .columns = "*", .cases = "*", .rounds = ROUNDS, .out = stdout,
	};
	while ((name = start_option(argc, argv, known, &value)) != NULL)
		read_option(options, name, value);
	if (options->live && options->count)
		errx(EX_USAGE, "--live and --count: only one of them");
}

/** One of the patterns, which commas separate? */
static bool
matches(const char *patterns, const char *name)
{
	char copy[256], *rest = copy, *pattern;

	snprintf(copy, sizeof(copy), "%s", patterns);
	while ((pattern = strsep(&rest, ",")) != NULL)
		if (fnmatch(pattern, name, 0) == 0)
			return true;
	return false;
}

/** Frames that are where the device has just put them, of one port. */
static bool
can_live(const struct bench_case *c)
{
	return c->op == OP_FORWARD && c->ports == 0 && !c->cold;
}

static unsigned int
choose_cases(const struct options *options, struct bench_case *cases)
{
	unsigned int nb_all = cases_list(cases, CASES_MAX, options->count), nb = 0;
	char name[CASE_NAME_BYTES];

	for (unsigned int i = 0; i < nb_all; i++) {
		case_name(&cases[i], name);
		if (matches(options->cases, name) && (!options->live || can_live(&cases[i])))
			cases[nb++] = cases[i];
	}
	if (nb == 0)
		errx(EX_USAGE, "--cases=%s: there are none; --list tells which there are",
		     options->cases);
	return nb;
}

static bool
is_wanted(const struct options *options, const struct group *group, const struct column *column)
{
	return (column->family == NULL || strcmp(column->family, group->family) == 0) &&
	       !(group->is_many && column->alone) && matches(options->columns, column->name);
}

static void
list_rows(const struct options *options)
{
	struct bench_case cases[CASES_MAX];
	unsigned int nb = cases_list(cases, CASES_MAX, options->count);
	char name[CASE_NAME_BYTES];

	for (unsigned int i = 0; i < nb_groups; i++)
		printf("group\t%s\n", groups[i].name);
	for (unsigned int i = 0; i < nb_columns; i++)
		printf("column\t%s\n", columns[i].name);
	for (unsigned int i = 0; i < nb; i++) {
		case_name(&cases[i], name);
		printf("case\t%s\n", name);
	}
}

/* --- What it runs on --- */

static void
start(const struct options *options)
{
	char lcores[32];
	int cpu[2];

	start_processors(cpu);
	snprintf(lcores, sizeof(lcores), "0@%d", cpu[1] < 0 ? cpu[0] : cpu[1]);
	start_eal("datapath_bench", "128", lcores, options->plugin);
	/* What runs besides shall not take its processor, if it may say so, while time counts. */
	if (!options->count)
		(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
}

/** Mbufs of the usual size, and as small as a case wants them. */
static struct rte_mempool *pools[2];

static void
make_pools(const struct bench_case *cases, unsigned int nb)
{
	uint16_t small = 0;

	for (unsigned int i = 0; i < nb; i++)
		small = RTE_MAX(small, bench_sets[cases[i].set].buffer);
	pools[false] = huge_pool_create("frames", NB_MBUFS, RTE_MBUF_DEFAULT_DATAROOM, NULL);
	if (small != 0)
		pools[true] = huge_pool_create("small", NB_SMALL, small, NULL);
	if (pools[false] == NULL || (small != 0 && pools[true] == NULL))
		errx(EX_UNAVAILABLE, "no memory for mbufs");
}

/* Of all mbufs: the worse. */
static const char *
pool_pages(void)
{
	const char *pages = huge_pool_pages(pools[false]);

	if (pools[true] != NULL && strcmp(pages, "2 MB") == 0)
		pages = huge_pool_pages(pools[true]);
	return pages;
}

/* --- Rows --- */

static unsigned int
case_rounds(const struct options *options, const struct bench_case *c)
{
	return c->op == OP_IDLE ? RTE_MIN(options->rounds, (unsigned int)ROUNDS_IDLE) :
				  options->rounds;
}

static void
print_values(const struct options *options, const char *name, const double *values,
	     unsigned int nb)
{
	fprintf(options->out, ", \"%s\": [", name);
	for (unsigned int r = 0; r < nb; r++)
		fprintf(options->out, "%s%.4g", r == 0 ? "" : ", ", values[r]);
	fprintf(options->out, "]");
}

/** @param mpps  NULL: they are not known */
static void
print_row(const struct options *options, const struct set *set, const struct bench_case *c,
	  const char *column, const char *kind, const double *cycles, const double *mpps)
{
	char name[CASE_NAME_BYTES];

	case_name(c, name);
	fprintf(options->out, "{\"group\": \"%s\", \"case\": \"%s\", \"op\": \"%s\", "
		"\"burst\": %u, \"ring\": %u, \"bytes\": %u, \"queues\": %u, "
		"\"ports\": %u, \"cold\": %s, "
		"\"column\": \"%s\", \"kind\": \"%s\"",
		set->group->name, name, bench_ops[c->op], c->burst, c->ring, c->bytes, c->queues,
		c->ports, c->cold ? "true" : "false", column, kind);
	print_values(options, c->op == OP_IDLE ? "cpu_percent" :
			      options->count ? "instructions" : "cycles",
		     cycles, case_rounds(options, c));
	if (mpps != NULL)
		print_values(options, "mpps", mpps, case_rounds(options, c));
	fprintf(options->out, "}\n");
}

/** A frame is an mbuf and a descriptor. */
static bool
has_floor(const struct bench_case *c)
{
	return case_segments(c) == 1 && case_cuts(c) == 1 && c->ports == 0;
}

static void
print_set(const struct options *options, const struct set *set, const struct bench_case *c)
{
	for (unsigned int i = 0; i < set->nb; i++) {
		const struct column *column = set->target[i].column;

		if (!set->on[i])
			continue;
		print_row(options, set, c, column->name, column->ours ? "ours" : "in-tree",
			  set->cycles[i], options->live ? set->mpps[i] : NULL);
	}
	if (!options->count && !options->live && has_floor(c))
		print_row(options, set, c, "floor", "floor", set->floor, NULL);
	fflush(options->out);
}

/* --- Rounds --- */

static void
run_rounds(const struct options *options, struct set *set, const struct bench_case *c,
	   struct rte_mempool *pool)
{
	if (has_floor(c) && !floor_start(c, pool))
		errx(EX_SOFTWARE, "too few mbufs");
	for (unsigned int r = 0; r < options->rounds; r++) {
		for (unsigned int i = 0; i < set->nb; i++) {
			/* Each is after each other one at times. */
			unsigned int which = (i + r) % set->nb;

			if (set->on[which])
				set->cycles[which][r] = turn_run(&set->target[which], c, pool);
		}
		if (has_floor(c))
			set->floor[r] = floor_turn(c, pool);
	}
	if (has_floor(c))
		floor_stop(c, pool);
}

static void
live_rounds(const struct options *options, struct set *set, const struct bench_case *c)
{
	struct live_turn turn;

	for (unsigned int r = 0; r < options->rounds; r++) {
		for (unsigned int i = 0; i < set->nb; i++) {
			unsigned int which = (i + r) % set->nb;
			int rc;

			if (!set->on[which])
				continue;
			rc = live_run(&set->target[which], c, &turn);
			if (rc != 0)
				errx(EX_SOFTWARE, "%s, %s: live: %s", set->group->name,
				     set->target[which].column->name, strerror(-rc));
			set->cycles[which][r] = turn.cycles;
			set->mpps[which][r] = turn.mpps;
		}
	}
}

static void
count_all(struct set *set, const struct bench_case *c, struct rte_mempool *pool)
{
	for (unsigned int i = 0; i < set->nb; i++)
		if (set->on[i])
			set->cycles[i][0] = turn_count(&set->target[i], c, pool);
}

static void
tell_lack(const struct target *target, const struct bench_case *c)
{
	char name[CASE_NAME_BYTES];

	case_name(c, name);
	warnx("%s: not %s: %s has not the ports, queues or offloads for it",
	      target->group->name, name, target->column->name);
}

/** All do the case, or none does: each is asked for the same. */
static bool
choose_targets(struct set *set, const struct bench_case *c)
{
	uint64_t rx_capable = UINT64_MAX;
	unsigned int nb = 0;

	for (unsigned int i = 0; i < set->nb; i++) {
		if (!target_can(&set->target[i], c)) {
			tell_lack(&set->target[i], c);
			return false;
		}
		rx_capable &= set->target[i].rx_capable;
		/* Its offload is one of those that all ask for anyway. */
		set->on[i] = set->target[i].column->tx_offloads == 0 ||
			     bench_sets[c->set].tx_offloads == 0;
		nb += set->on[i];
	}
	for (unsigned int i = 0; i < set->nb; i++)
		set->target[i].rx_capable = rx_capable;
	return nb != 0;
}

static void
run_idle(const struct options *options, struct set *set, const struct bench_case *c)
{
	for (unsigned int r = 0; r < case_rounds(options, c); r++)
		for (unsigned int i = 0; i < set->nb; i++) {
			double share = set->on[i] ? idle_run(&set->target[i]) : 0;

			if (share < 0)
				errx(EX_SOFTWARE, "%s, %s: waiting: %s", set->group->name,
				     set->target[i].column->name, strerror((int)-share));
			set->cycles[i][r] = share * 100;
		}
}

/** The device does its work when it is told to. */
static void
run_resting(const struct options *options, struct set *set, const struct bench_case *c,
	    struct rte_mempool *pool)
{
	cards_rest();
	for (unsigned int i = 0; i < set->nb; i++)
		if (set->on[i])
			target_open(&set->target[i]);
	if (options->count)
		count_all(set, c, pool);
	else if (options->live)
		live_rounds(options, set, c);
	else
		run_rounds(options, set, c, pool);
	for (unsigned int i = 0; i < set->nb; i++)
		if (set->on[i])
			card_close(set->target[i].card);
	cards_awake();
}

static void
run_case(const struct options *options, struct set *set, const struct bench_case *c,
	 struct rte_mempool *pool)
{
	if (!choose_targets(set, c))
		return;
	for (unsigned int i = 0; i < set->nb; i++)
		if (set->on[i])
			target_start(&set->target[i], c, pool);
	if (c->op == OP_IDLE)
		run_idle(options, set, c);
	else
		run_resting(options, set, c, pool);
	for (unsigned int i = 0; i < set->nb; i++)
		if (set->on[i])
			target_stop(&set->target[i]);
	print_set(options, set, c);
}

static void
run_group(const struct options *options, const struct group *group,
	  const struct bench_case *cases, unsigned int nb_cases)
{
	static struct set set;
	const struct column *wanted[COLUMNS_MAX];

	set.group = group;
	set.nb = 0;
	for (unsigned int i = 0; i < nb_columns && set.nb < COLUMNS_MAX; i++)
		if (is_wanted(options, group, &columns[i]))
			wanted[set.nb++] = &columns[i];
	for (unsigned int i = 0; i < set.nb; i++)
		target_create(&set.target[i], group, wanted[i], set.nb, pools[false]);
	for (unsigned int i = 0; i < nb_cases && set.nb != 0; i++)
		if ((cases[i].ports != 0) == group->is_many)
			run_case(options, &set, &cases[i],
				 pools[bench_sets[cases[i].set].buffer != 0]);
	for (unsigned int i = 0; i < set.nb; i++)
		target_free(&set.target[i]);
}

/** Any of the cases is one of the group's. */
static bool
has_cases(const struct group *group, const struct bench_case *cases, unsigned int nb)
{
	for (unsigned int i = 0; i < nb; i++)
		if ((cases[i].ports != 0) == group->is_many)
			return true;
	return false;
}

int
main(int argc, char *argv[])
{
	static struct bench_case cases[CASES_MAX];
	struct options options;
	unsigned int nb_cases;

	read_options(argc, argv, &options);
	if (options.list) {
		list_rows(&options);
		return 0;
	}
	nb_cases = choose_cases(&options, cases);
	if (options.count && count_init() != 0)
		errx(EX_UNAVAILABLE, "--count: instructions are counted on x86-64 only");
	if (options.live && !live_possible())
		errx(EX_UNAVAILABLE, "--live: one processor for the device, and another one");
	options.rounds = options.count ? 1 : options.rounds;
	start(&options);
	span_calibrate();
	make_pools(cases, nb_cases);
	fprintf(options.out, "{\"tsc_hz\": %lu, \"mbuf_pages\": \"%s\"}\n", rte_get_tsc_hz(),
		pool_pages());
	for (unsigned int i = 0; i < nb_groups; i++)
		if (matches(options.groups, groups[i].name) &&
		    has_cases(&groups[i], cases, nb_cases))
			run_group(&options, &groups[i], cases, nb_cases);
	rte_eal_cleanup();
	return 0;
}
