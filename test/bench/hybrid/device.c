/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_errno.h>

#include "datapath.h"
#include "device.h"
#include "fd_trap.h"
#include "model_bus.h"
#include "port.h"
#include "window.h"

#define ROUNDS_A_LOCK 32	/* and a look at the application's heartbeat */
#define ROUND_BUDGET  64
#define PCI_BUS	      0xf0

struct device {
	struct attach *attach;
	struct model_device *model;
	struct nic *nic;
	struct generator *gen;
	struct window window;
	pthread_t thread;
	atomic_bool stop;

	const struct heartbeat *heartbeat;
	uint64_t beats, beat_ns;	/* the last ones seen, and when they had changed */
	uint64_t fired;			/* messages */
	uint64_t fired_ns, fired_beats;	/* when the last one was, and after which beat */
	uint64_t round_ns;		/* the last round's time */
	uint64_t held_from_ns;
	uint32_t held_room;
	struct device_counts counts;
};

/* --- The thread --- */

static uint64_t
messages(const struct device *device)
{
	const struct function *pf = &device->nic->pf;
	uint64_t nb = 0;

	for (unsigned int v = 1; v < pf->nb_vectors; v++)
		nb += pf->vector[v].fired;
	return nb;
}

/** Descriptors that the application has given and no frame has taken. */
static uint32_t
ring_room(const struct device *device)
{
	const struct rx_queue *q = &device->nic->rxq[device->window.queue];
	uint32_t tail;

	if (q->block == NULL || q->nb_desc == 0)
		return 0;
	tail = q->block[RING_TAIL];
	return tail >= q->head ? tail - q->head : tail + q->nb_desc - q->head;
}

static void
hold(struct device *device, uint64_t now_ns)
{
	device->held_from_ns = now_ns;
	device->held_room = ring_room(device);
	device->gen->held = true;
}

static void
release(struct device *device, uint64_t now_ns)
{
	struct generator *gen = device->gen;
	uint64_t ns = now_ns - device->held_from_ns;
	double frames = (double)ns * pacer_pps(&gen->pacer) / 1e9;

	gen->held = false;
	gen->excluded_until_ns = now_ns;
	pacer_shift(&gen->pacer, ns);
	device->counts.held_app_ns += ns;
	if (frames > device->held_room)
		device->counts.held_losses += (uint64_t)(frames - device->held_room);
}

static bool
waits(const struct device *device)
{
	return atomic_load_explicit(&device->heartbeat->waits, memory_order_relaxed);
}

/** It waits, and will be woken by a frame or by time: it got there by itself. */
static bool
is_ready(const struct device *device)
{
	return waits(device) &&
	       (window_armed(&device->window) ||
		atomic_load_explicit(&device->heartbeat->by_time, memory_order_relaxed));
}

static bool
is_stolen(const struct device *device, uint64_t now_ns)
{
	if (is_ready(device))
		return false;
	if (waits(device) && device->fired_beats == device->beats)
		return now_ns - device->fired_ns > STOLEN_WAKE_NS;
	return now_ns - device->beat_ns > STOLEN_AWAKE_NS;
}

static void
look_at_application(struct device *device, uint64_t now_ns)
{
	uint64_t beats = atomic_load_explicit(&device->heartbeat->beats, memory_order_relaxed);
	uint64_t fired = messages(device);

	if (fired != device->fired) {
		device->fired = fired;
		/* Of several without an answer the first one counts. */
		if (device->fired_beats != beats)
			device->fired_ns = now_ns;
		device->fired_beats = beats;
	}
	if (beats != device->beats) {
		device->beats = beats;
		device->beat_ns = now_ns;
		if (device->gen->held)
			release(device, now_ns);
	} else if (device->gen->held && is_ready(device)) {
		/* Who was stolen while it armed its interrupt sleeps now: no beat would end it. */
		release(device, now_ns);
	} else if (device->gen->on && !device->gen->held && is_stolen(device, now_ns)) {
		hold(device, now_ns);
	}
}

/** Have we been away ourselves? */
static void
look_at_clock(struct device *device, uint64_t now_ns)
{
	uint64_t away_ns = now_ns - device->round_ns;

	device->round_ns = now_ns;
	if (away_ns <= STOLEN_DEVICE_NS)
		return;
	device->beat_ns = now_ns;
	if (!device->gen->on || device->gen->held)
		return;
	pacer_shift(&device->gen->pacer, away_ns);
	device->gen->excluded_until_ns = now_ns;
	device->counts.held_device_ns += away_ns;
}

static void
work(struct device *device)
{
	for (unsigned int i = 0; i < ROUNDS_A_LOCK; i++) {
		if (i == 0)
			look_at_application(device, generator_clock_ns());
		look_at_clock(device, generator_clock_ns());
		window_look(&device->window);
		nic_poll(device->nic, ROUND_BUDGET);
		if (atomic_load_explicit(&device->attach->waiting, memory_order_relaxed) != 0)
			break;
	}
}

static void *
thread_main(void *arg)
{
	struct device *device = arg;

	/* What runs besides shall not take its processor, if it may say so; nor the lcore's. */
	(void)setpriority(PRIO_PROCESS, 0, PRIO_MIN);
	while (!atomic_load_explicit(&device->stop, memory_order_relaxed)) {
		pthread_mutex_lock(&device->nic->lock);
		work(device);
		pthread_mutex_unlock(&device->nic->lock);
		while (atomic_load(&device->attach->waiting) != 0)
			sched_yield();
	}
	return NULL;
}

/* --- From outside --- */

static void
lock(struct device *device)
{
	atomic_fetch_add(&device->attach->waiting, 1);
	pthread_mutex_lock(&device->nic->lock);
	atomic_fetch_sub(&device->attach->waiting, 1);
}

static void
unlock(struct device *device)
{
	device->round_ns = generator_clock_ns();
	pthread_mutex_unlock(&device->nic->lock);
}

int
device_open_window(struct device *device)
{
	int rc;

	lock(device);
	rc = window_open(&device->window, device->attach);
	unlock(device);
	return rc;
}

void
device_close_window(struct device *device)
{
	lock(device);
	window_close(&device->window);
	unlock(device);
}

void
device_load(struct device *device, const struct load *load, double sustained_pps, uint32_t ring,
	    bool stay)
{
	struct generator *gen = device->gen;
	uint64_t now_ns;

	lock(device);
	now_ns = generator_clock_ns();
	if (gen->held)
		release(device, now_ns);
	device->beat_ns = now_ns;
	gen->on = load != NULL;
	if (load != NULL)
		pacer_start(&gen->pacer, load, sustained_pps, ring, stay, now_ns);
	unlock(device);
}

void
device_clear_times(struct device *device)
{
	lock(device);
	histogram_clear(&device->gen->latency);
	histogram_clear(&device->gen->raw);
	unlock(device);
}

void
device_counts(struct device *device, struct device_counts *counts)
{
	struct generator *gen = device->gen;

	lock(device);
	*counts = device->counts;
	counts->sent = gen->sent;
	counts->received = gen->received;
	counts->missing = gen->missing;
	counts->wrong = gen->wrong;
	counts->interrupts = messages(device);
	counts->dropped = device->nic->stats.rx_missed;
	for (unsigned int q = 0; q < device->nic->family->nb_queues; q++)
		counts->dropped += device->nic->rxq[q].drops;
	counts->late_ns = gen->late_ns;
	unlock(device);
}

const struct generator *
device_generator(const struct device *device)
{
	return device->gen;
}

uint64_t
device_accesses(const struct device *device)
{
	return attach_counters(device->attach)->traps;
}

void
device_wake_all(struct device *device)
{
	struct function *pf = &device->nic->pf;

	lock(device);
	for (unsigned int v = 1; v < pf->nb_vectors && pf->ops.msix != NULL; v++)
		pf->ops.msix(pf, v, pf->ops.ctx);
	unlock(device);
}

/* --- Life --- */

static int
start_thread(struct device *device, int cpu)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;
	int rc;

	pthread_attr_init(&attributes);
	CPU_ZERO(&cpus);
	if (cpu >= 0) {
		CPU_SET(cpu, &cpus);
		pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	}
	device->round_ns = generator_clock_ns();
	rc = pthread_create(&device->thread, &attributes, thread_main, device);
	pthread_attr_destroy(&attributes);
	if (rc == 0)
		pthread_setname_np(device->thread, "device");
	return -rc;
}

static int
make_port(struct device *device, const struct nic_family *family)
{
	static const uint8_t mac[MAC_LEN] = { 0x02, 0x51, 0x1c, 0xe0, 0, 0 };
	struct attach_options options = {
		.family = family, .doorbell = DOORBELL_TRAP, .no_thread = true,
	};

	memcpy(options.mac, mac, MAC_LEN);
	device->gen = generator_create(mac);
	if (device->gen == NULL)
		return -ENOMEM;
	options.wire = &device->gen->wire;
	device->attach = attach_create(&options);
	if (device->attach == NULL) {
		wire_free(options.wire);
		return -errno;
	}
	device->nic = attach_nic(device->attach);
	/* The mbufs are in memory that EAL does not map for it. */
	device->nic->pf.dma.identity = true;
	return 0;
}

static int
take_port(struct device *device, const char *driver)
{
	static struct spec spec = { .probe_pf = true };
	int rc;

	/* The device keeps a pointer into it. */
	snprintf(spec.pf_driver, sizeof(spec.pf_driver), "%s", driver);
	device->model = model_device_create(device->attach, PF_INDEX, PCI_BUS, &spec);
	if (device->model == NULL)
		return -rte_errno;
	rc = model_device_probe(device->model);
	return rc > 0 ? -ENODEV : rc;
}

int
device_create(struct device **out, const struct device_config *config, const char **why)
{
	const struct nic_family *family = nic_family_find(config->family);
	struct device *device;
	int rc;

	*why = "there is no such family";
	if (family == NULL)
		return -EINVAL;
	rc = fd_trap_install(why);
	if (rc != 0)
		return rc;
	*why = "the port cannot be made";
	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->heartbeat = config->heartbeat;
	rc = make_port(device, family);
	if (rc == 0)
		rc = start_thread(device, config->cpu);
	if (rc != 0) {
		attach_free(device->attach);
		free(device);
		return rc;
	}
	*why = "no driver takes the port";
	rc = take_port(device, config->driver);
	if (rc != 0)
		device_free(device);
	else
		*out = device;
	return rc;
}

void
device_free(struct device *device)
{
	atomic_store(&device->stop, true);
	pthread_join(device->thread, NULL);
	if (device->model != NULL) {
		model_device_remove(device->model);
		model_device_free(device->model);
	}
	attach_free(device->attach);
	free(device);
}
