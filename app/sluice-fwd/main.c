/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * sluice-fwd: forward between pairs of ports of any DPDK driver.
 *
 * The order below is that of undoing: options, files, EAL, ports, lcores, capture, run.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "capture.h"
#include "control.h"
#include "forward.h"
#include "options.h"
#include "pairs.h"
#include "pcap_out.h"
#include "ports.h"
#include "stats.h"
#include "version.h"
#include "wait.h"

struct app {
	struct options o;
	FILE *json;
	struct pcap_out *pcap;
	struct capture *capture;
	struct queue_pair *pairs;
	unsigned int nb_pairs; /* queue pairs, not pairs of ports */
	atomic_bool stop;
};

static int
complain(const char *why, int status)
{
	warnx("%s", why);
	return status;
}

/* EAL's words end at "--"; without one all are EAL's. */
static int
read_options(struct options *o, int argc, char **argv)
{
	char why[WHY_BYTES];
	int eal_argc = 1;

	while (eal_argc < argc && strcmp(argv[eal_argc], "--") != 0)
		eal_argc++;
	if (eal_argc == argc)
		argv += argc - 1;
	else
		argv += eal_argc;
	if (options_parse(o, eal_argc == argc ? 1 : argc - eal_argc, argv, why) < 0)
		return complain(why, EX_USAGE);
	return EX_OK;
}

/* Before EAL: a name that cannot be written is said at once, not after the run. */
static int
open_files(struct app *app)
{
	const struct options *o = &app->o;
	char why[WHY_BYTES];

	if (o->capture != NULL) {
		app->pcap = pcap_out_open(o->capture, o->capture_filter, o->capture_snaplen_bytes,
					  why);
		if (app->pcap == NULL)
			return complain(why, errno == EINVAL ? EX_USAGE : EX_CANTCREAT);
	}
	if (o->stats_json != NULL) {
		app->json = fopen(o->stats_json, "w");
		if (app->json == NULL) {
			warn("--stats-json %s", o->stats_json);
			if (app->pcap != NULL)
				pcap_out_close(app->pcap);
			return EX_CANTCREAT;
		}
	}
	return EX_OK;
}

static int
close_files(struct app *app)
{
	int status = EX_OK;

	if (app->pcap != NULL)
		pcap_out_close(app->pcap);
	if (app->json != NULL && fclose(app->json) != 0) {
		warn("--stats-json %s", app->o.stats_json);
		status = EX_IOERR;
	}
	return status;
}

static void
eal_usage(const char *program)
{
	options_usage(stdout, program);
}

static int
start_eal(int argc, char **argv)
{
	rte_set_application_usage_hook(eal_usage);
	if (rte_eal_init(argc, argv) >= 0)
		return EX_OK;
	if (rte_errno == ENOMEM || rte_errno == EACCES)
		warnx("EAL has no memory: reserve hugepages (sysctl vm.nr_hugepages=64; -m 64 is "
		      "enough for one pair) or run with --no-huge -m 256");
	else
		warnx("EAL did not start: %s", rte_strerror(rte_errno));
	return rte_errno == EINVAL ? EX_USAGE : EX_UNAVAILABLE;
}

static int
pair_ports(struct options *o)
{
	uint16_t ports[RTE_MAX_ETHPORTS];
	uint16_t nb_ports = 0;
	char why[WHY_BYTES];
	uint16_t port;
	int rc;

	RTE_ETH_FOREACH_DEV(port) {
		ports[nb_ports++] = port;
	}
	rc = options_pair(o, ports, nb_ports, why);
	if (rc < 0)
		return complain(why, rc == -ENODEV ? EX_UNAVAILABLE : EX_USAGE);
	return EX_OK;
}

static int
add_taps(struct app *app)
{
	for (unsigned int i = 0; i < app->nb_pairs; i++) {
		struct queue_pair *pair = &app->pairs[i];
		struct capture_tap *tap = capture_add_tap(app->capture, pair->node);

		if (tap == NULL)
			return -rte_errno;
		for (unsigned int side = 0; side < 2; side++) {
			if (app->o.capture_side == CAPTURE_RX)
				pair->direction[side].rx_tap = tap;
			else
				pair->direction[side].tx_tap = tap;
		}
	}
	return 0;
}

static int
start_capture(struct app *app)
{
	int rc;

	if (app->pcap == NULL)
		return EX_OK;
	app->capture = capture_open(app->pcap, app->o.capture_snaplen_bytes,
				    ports_frame_bytes(&app->o));
	rc = app->capture == NULL ? -rte_errno : add_taps(app);
	if (rc == 0)
		rc = capture_start(app->capture);
	if (rc == 0)
		return EX_OK;

	warnx("--capture %s: %s; a smaller --capture-snaplen needs less memory", app->o.capture,
	      strerror(-rc));
	if (app->capture != NULL)
		capture_close(app->capture);
	app->capture = NULL;
	return EX_OSERR;
}

static int
stop_capture(struct app *app)
{
	struct capture_stats stats;

	if (app->capture == NULL)
		return EX_OK;
	capture_stop(app->capture);
	capture_read_stats(app->capture, &stats);
	if (!stats.failed)
		return EX_OK;
	warnx("--capture %s: not written in full, is the disk full?", app->o.capture);
	return EX_IOERR;
}

static int
forward_and_tell(void *arg)
{
	const struct queue_pair *pair = arg;
	int rc = forward_main(arg);

	if (rc < 0) {
		warnx("lcore %u: --mode %s: %s", pair->lcore, pair->wait.strategy->name,
		      strerror(-rc));
		control_end();
	}
	return rc;
}

/* Returns when all lcores have stopped: 0, or the first error. */
static int
run_lcores(struct app *app, struct control *control)
{
	struct queue_pair *mine = NULL;
	int rc = 0;

	for (unsigned int i = 0; i < app->nb_pairs; i++) {
		struct queue_pair *pair = &app->pairs[i];

		if (pair->lcore == rte_get_main_lcore())
			mine = pair;
		else
			rte_eal_remote_launch(forward_and_tell, pair, pair->lcore);
	}
	if (mine != NULL)
		rc = forward_and_tell(mine);
	/* Asleep until the end is near: waiting for an lcore is a busy loop. */
	control_join(control);
	for (unsigned int i = 0; i < app->nb_pairs; i++) {
		int lcore_rc = 0;

		if (&app->pairs[i] != mine)
			lcore_rc = rte_eal_wait_lcore(app->pairs[i].lcore);
		rc = rc < 0 ? rc : lcore_rc;
	}
	return rc;
}

static int
report(struct app *app, struct stats *stats)
{
	stats_print(stats, stdout);
	if (app->json == NULL || stats_write_json(stats, app->json) == 0)
		return EX_OK;
	warn("--stats-json %s", app->o.stats_json);
	return EX_IOERR;
}

static int
run(struct app *app)
{
	struct stats *stats = stats_open(&app->o, app->pairs, app->capture);
	struct control control = {
		.o = &app->o,
		.stats = stats,
		.pairs = app->pairs,
		.nb_pairs = app->nb_pairs,
		.stop = &app->stop,
	};
	int status = EX_OK;
	int capture_status;

	if (stats == NULL || control_start(&control) < 0) {
		stats_close(stats);
		stop_capture(app);
		return complain("no memory or no thread left", EX_OSERR);
	}
	if (run_lcores(app, &control) < 0)
		status = EX_UNAVAILABLE;
	capture_status = stop_capture(app);
	if (status == EX_OK)
		status = capture_status;
	if (report(app, stats) != EX_OK)
		status = EX_IOERR;
	stats_close(stats);
	for (unsigned int i = 0; i < app->nb_pairs; i++)
		wait_close(&app->pairs[i].wait);
	return status;
}

static int
serve(struct app *app)
{
	int status;

	ports_report_links(&app->o);
	status = pairs_create(&app->o, &app->stop, &app->pairs, &app->nb_pairs);
	if (status == EX_OK)
		status = start_capture(app);
	if (status == EX_OK)
		status = run(app);
	if (app->capture != NULL)
		capture_close(app->capture);
	pairs_free(app->pairs);
	return status;
}

static int
with_eal(struct app *app)
{
	int status = pair_ports(&app->o);
	int rc;

	if (status != EX_OK)
		return status;
	rc = ports_open(&app->o, wait_strategy_find(app->o.mode));
	if (rc < 0)
		return rc == -ERANGE ? EX_USAGE : EX_UNAVAILABLE;
	status = serve(app);
	ports_close(&app->o);
	return status;
}

int
main(int argc, char **argv)
{
	static struct app app;
	int status, close_status;

	control_block_signals();
	status = read_options(&app.o, argc, argv);
	if (status != EX_OK)
		return status;
	if (app.o.help) {
		options_usage(stdout, program_invocation_short_name);
		return EX_OK;
	}
	if (app.o.version) {
		printf("sluice-fwd %s\n", sluice_version);
		return EX_OK;
	}
	status = open_files(&app);
	if (status != EX_OK)
		return status;

	status = start_eal(argc, argv);
	if (status == EX_OK) {
		status = with_eal(&app);
		rte_eal_cleanup();
	}
	close_status = close_files(&app);
	return status != EX_OK ? status : close_status;
}
