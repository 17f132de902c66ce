/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * When to poll, when to sleep, and until when.
 *
 * A queue is polled while its bursts are full. After the first one that is not, it is armed, looked
 * at once more, and slept on: to empty the ring first would be to chase the device packet by packet
 * and to have slept for none of them. What lies in the ring then waits for the interval.
 *
 * No wake-up is lost: what comes before the look is seen by it, and what comes after it finds the
 * interrupt armed. lib/hybrid/proof/wait.pml has both sides, for a model checker.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_pause.h>

#include "own.h"
#include "tail.h"

/* The lcore's share of work is looked at so often. */
#define LOAD_PERIOD_NS 1000000
#define ROUNDS_A_LOOK  16
/* Fewer packets than that say nothing about a rate. */
#define AWAKE_PACKETS  64
#define SERVED_PACKETS 256
/* The first one is slow, and one may have been interrupted. */
#define SERVED_TIMES 8
/* A look at the ring that finds packets trusts the device to send what it latched, but no longer
 * than that beyond the interval.
 */
#define TRUST_NS 1000000

struct profile {
	const char *name;
	uint32_t spin_from;
	uint32_t linger_ns;
};

/* Beside the parameters of the preset of the same name. */
static const struct profile profiles[] = {
	{ "latency", .spin_from = 250000, .linger_ns = 20000 },
};

static struct own *
own_of(struct hybrid *hybrid)
{
	return (struct own *)hybrid;
}

int
hybrid_profile(struct hybrid_config *config, const char *name)
{
	const struct aic_preset *preset = aic_preset_find(name);

	if (preset == NULL)
		return -EINVAL;
	*config = (struct hybrid_config){ .params = preset->params, .ring = preset->ring };
	for (unsigned int i = 0; i < RTE_DIM(profiles); i++) {
		if (strcmp(profiles[i].name, name) == 0) {
			config->spin_from = profiles[i].spin_from;
			config->linger_ns = profiles[i].linger_ns;
		}
	}
	return 0;
}

/* --- What came --- */

static void
show(struct waited *q)
{
	shown_set(&q->shown_packets, q->packets);
	shown_set(&q->shown_pps, q->aic.estimator.pps);
}

/* A loop that is busy looks at the clock in one of so many rounds: what comes in a round may be
 * handled in a microsecond.
 */
static bool
needs_no_look(struct own *own)
{
	own->idled |= !own->public.full && shown_get(&own->spinning) != 0;
	return (own->public.full || shown_get(&own->spinning) != 0) &&
	       ++own->rounds % ROUNDS_A_LOOK != 0;
}

/* Account for what came since the last time. */
static void
count_rounds(struct own *own, uint64_t now_ns)
{
	for (unsigned int i = 0; i < own->nb; i++) {
		struct hybrid_count *count = &own->count[i];
		struct waited *q = &own->queue[i];

		if (count->round > 0)
			own->packet_ns = now_ns;
		if (own->config.fixed)
			aic_estimator_count(&q->aic.estimator, count->packets - q->packets, now_ns);
		else if (aic_count(&q->aic, count->packets - q->packets, q->missed, now_ns))
			queue_set_interval(q, now_ns);
		q->missed = 0;
		q->packets = count->packets;
		count->round = 0;
		show(q);
	}
}

/* --- Whether to spin --- */

static void
measure_load(struct own *own, uint64_t now_ns)
{
	uint64_t elapsed_ns = now_ns - own->load_begun_ns;
	uint64_t load;

	if (own->packet_ns == now_ns)
		own->load_busy_ns += now_ns - own->last_ns;
	if (elapsed_ns < LOAD_PERIOD_NS)
		return;
	load = own->load_busy_ns * AIC_ONE / elapsed_ns;
	if (own->config.spin_from != 0) {
		bool spinning = shown_get(&own->spinning) != 0;

		shown_set(&own->spinning, load >= own->config.spin_from / (spinning ? 2 : 1));
	}
	own->load_begun_ns = now_ns;
	own->load_busy_ns = 0;
}

static uint64_t
shortest_interval_ns(const struct own *own)
{
	uint64_t shortest_ns = HYBRID_SLEEP_MAX_NS;

	for (unsigned int i = 0; i < own->nb; i++)
		shortest_ns = RTE_MIN(shortest_ns, own->queue[i].aic.interval_ns);
	return shortest_ns;
}

/* Because of the load, or because a sleep would be shorter than what it costs; but not for longer
 * than that without a packet.
 */
static bool
has_to_spin(const struct own *own, uint64_t now_ns)
{
	uint64_t silent_ns = now_ns - own->packet_ns;

	return shown_get(&own->spinning) != 0 || silent_ns < own->config.linger_ns ||
	       (silent_ns < own->cost_ns && shortest_interval_ns(own) < own->cost_ns);
}

/* --- Going to sleep --- */

/* What came since the wake-up beyond what had waited then, came while somebody looked: that is a
 * rate without an interval in it, which a step to full load shows at once.
 */
static void
learn_from_waking(struct own *own, uint64_t now_ns)
{
	uint64_t awake_ns = now_ns - own->woken_ns;

	for (unsigned int i = 0; i < own->nb; i++) {
		struct waited *q = &own->queue[i];
		uint64_t came = q->packets > q->awake_packets ? q->packets - q->awake_packets : 0;

		if (came >= AWAKE_PACKETS && aic_raise(&q->aic, aic_pps(came, awake_ns)))
			queue_set_interval(q, now_ns);
	}
}

static uint64_t
packets_of_all(const struct own *own)
{
	uint64_t packets = 0;

	for (unsigned int i = 0; i < own->nb; i++)
		packets += own->queue[i].packets;
	return packets;
}

/* Since it woke, all bursts but the last one were full: so quick is the application. */
static void
learn_own_pace(struct own *own, uint64_t now_ns)
{
	uint64_t packets = packets_of_all(own) - own->woken_packets;
	bool idled = own->idled;

	own->idled = true;
	if (idled || packets < SERVED_PACKETS)
		return;
	own->served_pps = RTE_MAX(own->served_pps, aic_pps(packets, now_ns - own->woken_ns));
	if (++own->served < SERVED_TIMES)
		return;
	for (unsigned int i = 0; i < own->nb; i++) {
		if (aic_served(&own->queue[i].aic, own->served_pps))
			queue_set_interval(&own->queue[i], now_ns);
	}
}

/* A queue whose interrupts cannot be kept apart: while packets come quicker than the interval, the
 * time wakes us, and no interrupt does.
 */
static bool
is_timed(const struct waited *q)
{
	return q->fd < 0 || (!q->moderated && q->aic.estimator.pps > q->aic.params.lif_hz);
}

/* Arm, and look: how long may be slept for this queue's sake? 0: not at all */
static uint64_t
arm_and_look(struct waited *q, uint16_t burst, uint64_t now_ns)
{
	uint32_t waiting;

	if (is_timed(q))
		return q->aic.interval_ns;
	queue_arm(q);
	if (!q->armed)
		return q->aic.interval_ns;
	waiting = queue_found(q);
	if (waiting >= burst)
		return 0;
	if (!q->counts)
		return q->aic.interval_ns;
	if (now_ns < q->slow_until_ns)
		return q->aic.interval_ns;
	if (waiting == 0)
		return HYBRID_SLEEP_MAX_NS;
	/* Latched while it was masked, or by a driver that has no such promise: then it is left to
	 * the time.
	 */
	return q->aic.interval_ns + (q->moderated ? TRUST_NS : 0);
}

static uint64_t
arm_all(struct own *own, uint64_t now_ns)
{
	uint64_t sleep_ns = HYBRID_SLEEP_MAX_NS;

	for (unsigned int i = 0; i < own->nb; i++) {
		uint64_t ns = arm_and_look(&own->queue[i], own->public.burst, now_ns);

		sleep_ns = RTE_MIN(sleep_ns, ns);
	}
	return sleep_ns;
}

/* --- Waking up --- */

static void
track_tail(struct own *own, uint64_t late_ns)
{
	uint64_t tail_ns;

	if (own->config.tail_ns != 0 || own->config.fixed)
		return;
	tail_ns = tail_after(own->tail_ns, late_ns);
	if (tail_ns == own->tail_ns)
		return;
	own->tail_ns = tail_ns;
	shown_set(&own->shown_tail_ns, tail_ns);
	for (unsigned int i = 0; i < own->nb; i++) {
		if (aic_set_tail(&own->queue[i].aic, tail_ns))
			queue_set_interval(&own->queue[i], own->woken_ns);
	}
}

static void
disarm_those(struct own *own, const int *fds, int nb_fds)
{
	for (int f = 0; f < nb_fds; f++) {
		for (unsigned int i = 0; i < own->nb; i++) {
			if (own->queue[i].fd == fds[f])
				queue_disarm(&own->queue[i]);
		}
	}
}

/* In how long a time has come what is found? In that of the sleep, at most. Who slept for longer
 * than the interval was woken by the first packet, and all that is found came while he woke up.
 */
static uint64_t
arrival_ns(const struct own *own, const struct waited *q, uint64_t slept_ns)
{
	if (q->moderated && slept_ns > q->in_force_ns + own->tail_ns)
		return own->tail_ns;
	return slept_ns;
}

/* @return whether there was anything */
static bool
look_at_rings(struct own *own, uint64_t slept_ns)
{
	uint32_t any = 0;

	for (unsigned int i = 0; i < own->nb; i++) {
		struct waited *q = &own->queue[i];
		uint32_t found = queue_found(q);

		any |= found;
		q->awake_packets = q->packets + found;
		q->found_most = RTE_MAX(q->found_most, found);
		shown_set(&q->shown_found, (uint64_t)q->found_most << 32 | found);
		/* A ring that is full has had more than it holds. */
		if (found >= q->aic.bufs) {
			queue_count_missed(q);
			found *= 2;
		}
		if (!own->config.fixed && aic_found(&q->aic, found, arrival_ns(own, q, slept_ns)))
			queue_set_interval(q, own->woken_ns);
	}
	if (any == 0)
		shown_add(&own->idle_wakes, 1);
	return any != 0;
}

static void
sleep_for(struct own *own, uint64_t ns)
{
	uint64_t begun_ns = clock_ns(), slept_ns;
	int fds[HYBRID_QUEUES_MAX];
	int nb = sleeper_sleep(&own->sleeper, ns, fds);
	bool any;

	own->woken_ns = clock_ns();
	own->woken_packets = packets_of_all(own);
	own->idled = false;
	slept_ns = own->woken_ns - begun_ns;
	shown_add(&own->sleeps, 1);
	shown_add(&own->slept_ns, slept_ns);
	disarm_those(own, fds, nb);
	if (nb == 0 && slept_ns > ns)
		track_tail(own, slept_ns - ns);
	any = look_at_rings(own, slept_ns);
	shown_add(&own->timed_wakes, nb == 0);
	shown_add(&own->overslept, nb == 0 && any && ns == HYBRID_SLEEP_MAX_NS);
}

void
hybrid_wait(struct hybrid *hybrid)
{
	struct own *own = own_of(hybrid);
	bool more = own->public.full;
	uint64_t now_ns, sleep_ns;

	if (needs_no_look(own)) {
		own->public.full = false;
		return;
	}
	own->public.full = false;
	now_ns = clock_ns();
	count_rounds(own, now_ns);
	measure_load(own, now_ns);
	own->last_ns = now_ns;
	if (more)
		return;
	if (has_to_spin(own, now_ns)) {
		own->idled = true;
		rte_pause();
		return;
	}
	if (!own->config.fixed) {
		learn_from_waking(own, now_ns);
		learn_own_pace(own, now_ns);
	}
	sleep_ns = arm_all(own, now_ns);
	if (sleep_ns == 0)
		return;
	sleep_for(own, sleep_ns);
	/* The sleep is nobody's work. */
	own->last_ns = own->woken_ns;
}

void
hybrid_wake(struct hybrid *hybrid)
{
	sleeper_wake(&own_of(hybrid)->sleeper);
}

void
hybrid_get_stats(const struct hybrid *hybrid, unsigned int index, struct hybrid_stats *stats)
{
	const struct own *own = (const struct own *)hybrid;
	const struct waited *q = &own->queue[index];
	uint64_t found = shown_get(&q->shown_found);

	*stats = (struct hybrid_stats){
		.packets = shown_get(&q->shown_packets),
		.interrupts = shown_get(&q->interrupts),
		.writes = shown_get(&q->writes),
		.pps = shown_get(&q->shown_pps),
		.bufs = q->aic.bufs,
		.low_bufs = q->aic.limits.low_bufs,
		.interval_ns = shown_get(&q->shown_interval_ns),
		.found = (uint32_t)found,
		.found_most = found >> 32,
		.interrupt = q->fd >= 0,
		.moderated = q->moderated,
		.spinning = shown_get(&own->spinning) != 0,
		.sleeps = shown_get(&own->sleeps),
		.idle_wakes = shown_get(&own->idle_wakes),
		.timed_wakes = shown_get(&own->timed_wakes),
		.overslept = shown_get(&own->overslept),
		.slept_ns = shown_get(&own->slept_ns),
		.cost_ns = own->cost_ns,
		.tail_ns = shown_get(&own->shown_tail_ns),
	};
}

/* --- Beginning and end --- */

static void
measure(struct own *own)
{
	uint64_t cost_ns, tail_ns;

	own->cost_ns = own->config.cost_ns;
	own->tail_ns = own->config.tail_ns;
	if (own->cost_ns == 0 || own->tail_ns == 0) {
		sleeper_measure(&own->sleeper, &cost_ns, &tail_ns);
		own->cost_ns = own->cost_ns == 0 ? cost_ns : own->cost_ns;
		own->tail_ns = own->tail_ns == 0 ? tail_ns : own->tail_ns;
	}
	shown_set(&own->shown_tail_ns, own->tail_ns);
}

static int
open_queues(struct own *own, const struct hybrid_queue *queues, unsigned int count)
{
	int rc = 0;

	for (unsigned int i = 0; i < count && rc == 0; i++) {
		struct waited *q = &own->queue[i];

		q->id = queues[i];
		q->fd = -1;
		rc = queue_open(q, &own->config, own->tail_ns, own->last_ns);
		if (rc == 0)
			own->nb++;
		if (rc == 0 && q->fd >= 0)
			rc = sleeper_add(&own->sleeper, q->fd);
	}
	return rc;
}

int
hybrid_open(struct hybrid **hybrid, const struct hybrid_config *config,
	    const struct hybrid_queue *queues, unsigned int count)
{
	struct own *own;
	int rc;

	if (count == 0 || count > HYBRID_QUEUES_MAX)
		return -EINVAL;
	own = calloc(1, sizeof(*own));
	if (own == NULL)
		return -ENOMEM;
	own->config = *config;
	if (own->config.burst == 0)
		own->config.burst = HYBRID_BURST;
	own->public.count = own->count;
	own->public.burst = own->config.burst;
	rc = sleeper_open(&own->sleeper);
	if (rc < 0)
		goto free_own;
	own->old_slack = slack_least(&own->thread);
	measure(own);
	own->last_ns = clock_ns();
	own->packet_ns = own->last_ns;
	own->load_begun_ns = own->last_ns;
	own->woken_ns = own->last_ns;
	rc = open_queues(own, queues, count);
	if (rc < 0)
		goto close_all;
	*hybrid = &own->public;
	return 0;

close_all:
	hybrid_close(&own->public);
	return rc;
free_own:
	free(own);
	return rc;
}

void
hybrid_close(struct hybrid *hybrid)
{
	struct own *own = own_of(hybrid);

	if (hybrid == NULL)
		return;
	for (unsigned int i = 0; i < own->nb; i++)
		queue_close(&own->queue[i]);
	slack_restore(own->old_slack, own->thread);
	sleeper_close(&own->sleeper);
	free(own);
}
