/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "dpdk_compat.h"
#include "lcores.h"

#define COMMAND "/sluice/fwd/lcores"
#define NS_PER_S 1000000000

struct sample {
	uint64_t now_ns, busy_ns;
	uint64_t interrupts[2];
};

struct lcores {
	const struct queue_pair *pairs;
	unsigned int nb;
	struct sample *printed;
};

/* What telemetry's thread may look at; its handler cannot be taken back. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct lcores *shown;

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static struct sample
sample_of(const struct queue_pair *pair)
{
	struct sample now = { .now_ns = clock_ns(CLOCK_MONOTONIC) };
	struct hybrid_stats stats;

	if (atomic_load(&pair->clock_known))
		now.busy_ns = clock_ns(pair->clock);
	for (unsigned int side = 0; side < 2; side++) {
		if (wait_get_stats(&pair->wait, side, &stats))
			now.interrupts[side] = stats.interrupts;
	}
	return now;
}

static double
rate(uint64_t now, uint64_t before, uint64_t elapsed_ns)
{
	return elapsed_ns == 0 || now < before ? 0 : (double)(now - before) * 1e9 / elapsed_ns;
}

static void
print_side(const struct queue_pair *pair, unsigned int side, double interrupts, FILE *out)
{
	const struct hybrid_queue *rx = &pair->wait.rx[side];
	struct hybrid_stats stats;

	if (!wait_get_stats(&pair->wait, side, &stats))
		return;
	fprintf(out,
		"  port %u q%u: %" PRIu32 " pps, IF %" PRIu64 "/s (t_d %.1f us%s), "
		"interrupts %.0f/s, found %u, most %u of %u\n",
		rx->port, rx->queue, stats.pps, aic_frequency_hz(stats.interval_ns),
		(double)stats.interval_ns / 1000,
		stats.moderated ? "" : stats.interrupt ? ", not by the device" : ", by time",
		interrupts, stats.found, stats.found_most, stats.bufs);
}

static void
print_lcore(const struct queue_pair *pair, struct sample *printed, FILE *out)
{
	struct sample now = sample_of(pair);
	uint64_t elapsed_ns = now.now_ns - printed->now_ns;
	struct hybrid_stats stats;

	if (wait_get_stats(&pair->wait, 0, &stats)) {
		fprintf(out,
			"lcore %u: CPU %.2f %%, %s, wake-ups %" PRIu64 ", of these idle %" PRIu64
			", late by up to %.0f us\n",
			pair->lcore, rate(now.busy_ns, printed->busy_ns, elapsed_ns) / 1e7,
			stats.spinning ? "spinning" : "sleeping", stats.sleeps, stats.idle_wakes,
			(double)stats.tail_ns / 1000);
		for (unsigned int side = 0; side < 2; side++)
			print_side(pair, side,
				   rate(now.interrupts[side], printed->interrupts[side],
					elapsed_ns), out);
	}
	*printed = now;
}

void
lcores_print(struct lcores *lcores, FILE *out)
{
	for (unsigned int i = 0; i < lcores->nb; i++)
		print_lcore(&lcores->pairs[i], &lcores->printed[i], out);
}

/* --- Report and telemetry --- */

/* What is told of a queue, in both. */
struct told {
	const char *name;
	uint64_t (*value)(const struct hybrid_stats *stats);
};

#define VALUE(member) \
	static uint64_t \
	value_##member(const struct hybrid_stats *stats) \
	{ \
		return stats->member; \
	}

VALUE(packets)
VALUE(pps)
VALUE(interval_ns)
VALUE(interrupts)
VALUE(writes)
VALUE(bufs)
VALUE(found)
VALUE(found_most)
VALUE(interrupt)
VALUE(moderated)
VALUE(spinning)
VALUE(sleeps)
VALUE(idle_wakes)
VALUE(timed_wakes)
VALUE(overslept)
VALUE(slept_ns)
VALUE(cost_ns)
VALUE(tail_ns)

static uint64_t
value_frequency(const struct hybrid_stats *stats)
{
	return aic_frequency_hz(stats->interval_ns);
}

static const struct told queue_values[] = {
	{ "packets", value_packets },
	{ "pps", value_pps },
	{ "interrupt_frequency", value_frequency },
	{ "interval_ns", value_interval_ns },
	{ "interrupts", value_interrupts },
	{ "interval_writes", value_writes },
	{ "bufs", value_bufs },
	{ "found", value_found },
	{ "found_most", value_found_most },
	{ "has_interrupt", value_interrupt },
	{ "is_moderated", value_moderated },
};

static const struct told lcore_values[] = {
	{ "spinning", value_spinning },
	{ "wakes", value_sleeps },
	{ "idle_wakes", value_idle_wakes },
	{ "timed_wakes", value_timed_wakes },
	{ "overslept", value_overslept },
	{ "slept_ns", value_slept_ns },
	{ "wake_cost_ns", value_cost_ns },
	{ "wake_tail_ns", value_tail_ns },
};

static void
add_values(json_t *json, const struct told *values, size_t nb, const struct hybrid_stats *stats)
{
	for (size_t i = 0; i < nb; i++)
		json_object_set_new(json, values[i].name, json_integer(values[i].value(stats)));
}

static json_t *
json_lcore(const struct queue_pair *pair)
{
	struct sample now = sample_of(pair);
	json_t *json = json_pack("{s:i, s:s, s:I}", "lcore", pair->lcore, "mode",
				 pair->wait.strategy->name, "cpu_ns", (json_int_t)now.busy_ns);
	json_t *queues = json_array();
	struct hybrid_stats stats;

	for (unsigned int side = 0; side < 2; side++) {
		json_t *queue;

		if (!wait_get_stats(&pair->wait, side, &stats))
			continue;
		queue = json_pack("{s:i, s:i}", "port", pair->wait.rx[side].port, "queue",
				  pair->wait.rx[side].queue);
		add_values(queue, queue_values, RTE_DIM(queue_values), &stats);
		json_array_append_new(queues, queue);
		if (side == 0)
			add_values(json, lcore_values, RTE_DIM(lcore_values), &stats);
	}
	json_object_set_new(json, "queues", queues);
	return json;
}

json_t *
lcores_json(const struct lcores *lcores)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < lcores->nb; i++)
		json_array_append_new(array, json_lcore(&lcores->pairs[i]));
	return array;
}

static void
tell_values(struct rte_tel_data *data, const struct told *values, size_t nb,
	    const struct hybrid_stats *stats)
{
	for (size_t i = 0; i < nb; i++)
		rte_tel_data_add_dict_uint(data, values[i].name, values[i].value(stats));
}

static void
tell_lcore(struct rte_tel_data *data, const struct queue_pair *pair)
{
	struct sample now = sample_of(pair);
	struct hybrid_stats stats;

	rte_tel_data_add_dict_string(data, "mode", pair->wait.strategy->name);
	rte_tel_data_add_dict_uint(data, "cpu_ns", now.busy_ns);
	for (unsigned int side = 0; side < 2; side++) {
		struct rte_tel_data *queue;
		char name[32];

		if (!wait_get_stats(&pair->wait, side, &stats))
			continue;
		if (side == 0)
			tell_values(data, lcore_values, RTE_DIM(lcore_values), &stats);
		queue = rte_tel_data_alloc();
		if (queue == NULL)
			continue;
		rte_tel_data_start_dict(queue);
		tell_values(queue, queue_values, RTE_DIM(queue_values), &stats);
		snprintf(name, sizeof(name), "port%u_q%u", pair->wait.rx[side].port,
			 pair->wait.rx[side].queue);
		rte_tel_data_add_dict_container(data, name, queue, 0);
	}
}

/* Without a parameter the lcores' numbers; with one, that lcore. */
static int
handle(const char *command, const char *parameter, struct rte_tel_data *data)
{
	int rc = -EINVAL;

	(void)command;
	pthread_mutex_lock(&lock);
	if (parameter == NULL || parameter[0] == '\0') {
		rte_tel_data_start_array(data, RTE_TEL_INT_VAL);
		for (unsigned int i = 0; shown != NULL && i < shown->nb; i++)
			rte_tel_data_add_array_int(data, shown->pairs[i].lcore);
		rc = 0;
	}
	for (unsigned int i = 0; rc != 0 && shown != NULL && i < shown->nb; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", shown->pairs[i].lcore);
		if (strcmp(name, parameter) != 0)
			continue;
		rte_tel_data_start_dict(data);
		tell_lcore(data, &shown->pairs[i]);
		rc = 0;
	}
	pthread_mutex_unlock(&lock);
	return rc;
}

/* --- Beginning and end --- */

struct lcores *
lcores_open(const struct queue_pair *pairs, unsigned int nb_pairs)
{
	struct lcores *lcores = calloc(1, sizeof(*lcores));

	if (lcores == NULL)
		return NULL;
	lcores->printed = calloc(nb_pairs, sizeof(*lcores->printed));
	if (lcores->printed == NULL) {
		free(lcores);
		return NULL;
	}
	lcores->pairs = pairs;
	lcores->nb = nb_pairs;
	for (unsigned int i = 0; i < nb_pairs; i++)
		lcores->printed[i] = sample_of(&pairs[i]);
	pthread_mutex_lock(&lock);
	shown = lcores;
	pthread_mutex_unlock(&lock);
	rte_telemetry_register_cmd(COMMAND, handle,
				   "Numbers of the lcores that forward. Parameter: an lcore, for "
				   "how it waits");
	return lcores;
}

void
lcores_close(struct lcores *lcores)
{
	if (lcores == NULL)
		return;
	pthread_mutex_lock(&lock);
	shown = NULL;
	pthread_mutex_unlock(&lock);
	free(lcores->printed);
	free(lcores);
}
