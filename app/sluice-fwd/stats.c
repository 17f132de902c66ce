/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>
#include <rte_ethdev.h>

#include "lcores.h"
#include "stats.h"

struct sample {
	uint64_t rx, tx, dropped, own;
};

struct stats {
	const struct options *o;
	const struct queue_pair *pairs;
	const struct capture *capture;
	struct lcores *lcores;
	double opened_s, printed_s;
	struct sample printed[MAX_PAIRS * 2]; /* by end of pair, as the rows below */
	struct rte_eth_stats base[MAX_PAIRS * 2];
};

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint32_t
nb_ends(const struct stats *stats)
{
	return stats->o->nb_pairs * 2;
}

/* Ends are numbered through the pairs: end 0 is pair 0's first port, end 1 its second. */
static uint16_t
port_of(const struct stats *stats, uint32_t end)
{
	return stats->o->pairs[end / 2].port[end % 2];
}

static struct sample
sample_queue(const struct stats *stats, uint32_t end, uint32_t queue)
{
	const struct queue_pair *pair = &stats->pairs[end / 2 * stats->o->queues + queue];
	const struct direction *in = &pair->direction[end % 2];
	const struct direction *out = &pair->direction[!(end % 2)];

	return (struct sample){
		.rx = counter_read(&in->rx),
		.own = counter_read(&in->own),
		.tx = counter_read(&out->tx),
		.dropped = counter_read(&out->dropped),
	};
}

static struct sample
sample_port(const struct stats *stats, uint32_t end)
{
	struct sample sum = { 0 };

	for (uint32_t queue = 0; queue < stats->o->queues; queue++) {
		struct sample one = sample_queue(stats, end, queue);

		sum.rx += one.rx;
		sum.tx += one.tx;
		sum.dropped += one.dropped;
		sum.own += one.own;
	}
	return sum;
}

/* The hardware's counters since stats_open(): a VF's outlive the process that made them grow. */
static struct rte_eth_stats
hardware_of(const struct stats *stats, uint32_t end)
{
	struct rte_eth_stats now = { 0 };

	if (rte_eth_stats_get(port_of(stats, end), &now) < 0)
		return (struct rte_eth_stats){ 0 };
	now.imissed -= stats->base[end].imissed;
	now.ierrors -= stats->base[end].ierrors;
	now.oerrors -= stats->base[end].oerrors;
	now.rx_nombuf -= stats->base[end].rx_nombuf;
	return now;
}

struct stats *
stats_open(const struct options *o, const struct queue_pair *pairs, const struct capture *capture)
{
	struct stats *stats = calloc(1, sizeof(*stats));

	if (stats == NULL)
		return NULL;
	stats->lcores = lcores_open(pairs, o->nb_pairs * o->queues);
	if (stats->lcores == NULL) {
		free(stats);
		return NULL;
	}
	stats->o = o;
	stats->pairs = pairs;
	stats->capture = capture;
	stats->opened_s = now_s();
	stats->printed_s = stats->opened_s;
	for (uint32_t end = 0; end < nb_ends(stats); end++) {
		if (rte_eth_stats_get(port_of(stats, end), &stats->base[end]) < 0)
			stats->base[end] = (struct rte_eth_stats){ 0 };
	}
	return stats;
}

static const char *
link_word(uint16_t port)
{
	struct rte_eth_link link = { 0 };

	if (rte_eth_link_get_nowait(port, &link) != 0)
		return "down";
	return link.link_status == RTE_ETH_LINK_UP ? "up" : "down";
}

static double
rate(uint64_t now, uint64_t before, double elapsed_s)
{
	return elapsed_s > 0 ? (double)(now - before) / elapsed_s : 0;
}

static void
print_port(struct stats *stats, uint32_t end, double elapsed_s, FILE *out)
{
	struct sample now = sample_port(stats, end);
	const struct sample *before = &stats->printed[end];
	uint16_t port = port_of(stats, end);

	fprintf(out,
		"%4u %4s %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8" PRIu64
		" %10.0f %10.0f %10.0f\n",
		port, link_word(port), now.rx, now.tx, now.dropped, now.own,
		hardware_of(stats, end).imissed, rate(now.rx, before->rx, elapsed_s),
		rate(now.tx, before->tx, elapsed_s), rate(now.dropped, before->dropped, elapsed_s));
	stats->printed[end] = now;
}

static void
print_queues(const struct stats *stats, uint32_t end, FILE *out)
{
	for (uint32_t queue = 0; queue < stats->o->queues && stats->o->queues > 1; queue++) {
		struct sample now = sample_queue(stats, end, queue);

		fprintf(out, "  q%-6u %12" PRIu64 " %12" PRIu64 " %10" PRIu64 " %8" PRIu64 "\n",
			queue, now.rx, now.tx, now.dropped, now.own);
	}
}

static void
print_capture(const struct stats *stats, FILE *out)
{
	struct capture_stats now;

	if (stats->capture == NULL)
		return;
	capture_read_stats(stats->capture, &now);
	fprintf(out,
		"capture: offered %" PRIu64 ", recorded %" PRIu64 ", filtered %" PRIu64
		", dropped %" PRIu64 "%s\n",
		now.offered, now.recorded, now.filtered, now.dropped,
		now.failed ? ", FILE INCOMPLETE" : "");
}

void
stats_print(struct stats *stats, FILE *out)
{
	double now = now_s();

	fprintf(out, "port link %12s %12s %10s %8s %8s %10s %10s %10s\n", "rx", "tx", "dropped",
		"own", "missed", "rx/s", "tx/s", "dropped/s");
	for (uint32_t end = 0; end < nb_ends(stats); end++) {
		print_port(stats, end, now - stats->printed_s, out);
		print_queues(stats, end, out);
	}
	lcores_print(stats->lcores, out);
	print_capture(stats, out);
	fflush(out);
	stats->printed_s = now;
}

static json_t *
json_sample(const struct sample *s)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "rx", (json_int_t)s->rx, "tx", (json_int_t)s->tx,
			 "dropped", (json_int_t)s->dropped, "own", (json_int_t)s->own);
}

static json_t *
json_queues(const struct stats *stats, uint32_t end)
{
	json_t *queues = json_array();

	for (uint32_t queue = 0; queue < stats->o->queues; queue++) {
		struct sample now = sample_queue(stats, end, queue);
		json_t *one = json_sample(&now);
		unsigned int lcore = stats->pairs[end / 2 * stats->o->queues + queue].lcore;

		json_object_set_new(one, "queue", json_integer(queue));
		json_object_set_new(one, "lcore", json_integer(lcore));
		json_array_append_new(queues, one);
	}
	return queues;
}

static void
add_identity(json_t *json, uint16_t port)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "", mac[RTE_ETHER_ADDR_FMT_SIZE];
	struct rte_ether_addr addr = { 0 };
	struct rte_eth_dev_info info;
	const char *driver = rte_eth_dev_info_get(port, &info) == 0 ? info.driver_name : "";

	rte_eth_dev_get_name_by_port(port, name);
	rte_eth_macaddr_get(port, &addr);
	rte_ether_format_addr(mac, sizeof(mac), &addr);
	json_object_set_new(json, "port", json_integer(port));
	json_object_set_new(json, "name", json_string(name));
	json_object_set_new(json, "driver", json_string(driver));
	json_object_set_new(json, "mac", json_string(mac));
	json_object_set_new(json, "node", json_integer(rte_eth_dev_socket_id(port)));
	json_object_set_new(json, "link", json_string(link_word(port)));
}

static json_t *
json_port(const struct stats *stats, uint32_t end)
{
	struct rte_eth_stats hardware = hardware_of(stats, end);
	struct sample now = sample_port(stats, end);
	json_t *port = json_sample(&now);

	add_identity(port, port_of(stats, end));
	json_object_set_new(port, "missed", json_integer(hardware.imissed));
	json_object_set_new(port, "rx_errors", json_integer(hardware.ierrors));
	json_object_set_new(port, "tx_errors", json_integer(hardware.oerrors));
	json_object_set_new(port, "no_mbuf", json_integer(hardware.rx_nombuf));
	json_object_set_new(port, "queues", json_queues(stats, end));
	return port;
}

static json_t *
json_capture(const struct stats *stats)
{
	struct capture_stats now;

	if (stats->capture == NULL)
		return json_null();
	capture_read_stats(stats->capture, &now);
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "file", stats->o->capture, "offered",
			 (json_int_t)now.offered, "recorded", (json_int_t)now.recorded, "filtered",
			 (json_int_t)now.filtered, "dropped", (json_int_t)now.dropped, "complete",
			 !now.failed);
}

int
stats_write_json(const struct stats *stats, FILE *out)
{
	json_t *ports = json_array();
	json_t *report;
	int rc = 0;

	for (uint32_t end = 0; end < nb_ends(stats); end++)
		json_array_append_new(ports, json_port(stats, end));
	report = json_pack("{s:f, s:s, s:o, s:o, s:o}", "seconds", now_s() - stats->opened_s,
			   "mode", stats->o->mode, "ports", ports, "lcores",
			   lcores_json(stats->lcores), "capture", json_capture(stats));

	if (report == NULL || json_dumpf(report, out, JSON_INDENT(1)) < 0 ||
	    fputc('\n', out) == EOF || fflush(out) == EOF)
		rc = -EIO;
	json_decref(report);
	return rc;
}

void
stats_close(struct stats *stats)
{
	if (stats != NULL)
		lcores_close(stats->lcores);
	free(stats);
}
