/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * How long a VF of an 82599 waits for the answer to a request, alone and while its 62 neighbours do
 * what they should not; on the device model, and with the PF driver and lib/service as they are in
 * the daemon. The VFs have no driver: their registers are written here.
 *
 * Three threads: the PF's, which is EAL's for interrupts; one for VFs that ask and wait for the
 * answer; one for VFs that ask without waiting. usage: mailbox_bench PLUGINS [SECONDS FOR EACH]
 */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <bus_pci_driver.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "model_eal.h"
#include "rte_pmd_sluice.h"
#include "service.h"

#define NB_VFS	   63
#define RUNS	   5
#define SAMPLES	   200000
#define WAIT_NS	   20000
#define SEEN_NS	   500000000	/* the rules below act by then */
#define GIVE_UP_NS UINT64_C(1000000000)	/* as DPDK's VF drivers do */
#define VF_CONTROL 0x02fc		/* 82599 sheet, 7.1 */
#define VF_MEMORY  0x0200

/* A VF's mailbox control; reading clears STS and ACK. */
#define CONTROL_REQ (1u << 0)
#define CONTROL_ACK (1u << 1)
#define CONTROL_VFU (1u << 2)
#define CONTROL_STS (1u << 4)

#define RESET	  1u
#define SET_VLAN  4u
#define ADD	  0x10000u
#define PF_NOTICE 0x100u

struct vf {
	uint8_t *bar;
	uint64_t asked_ns;	/* 0: nothing under way */
	unsigned int nb;
};

static struct vf vfs[NB_VFS];
static unsigned int nb_vfs;

/* --- The PF --- */

static struct vf_service service;
static pthread_mutex_t service_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void
on_request(uint16_t port_id, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	struct mbx_msg reply;

	(void)ctx;
	pthread_mutex_lock(&service_lock);
	/* It asks as soon as it is answered, which is more than the rules below allow. */
	if (vf == 0)
		watch_clear(&service.watch[vf]);
	if (service_on_request(&service, vf, request, now_ns() / 1000000, &reply))
		(void)rte_pmd_sluice_send(port_id, vf, &reply);
	pthread_mutex_unlock(&service_lock);
}

static const struct rte_pmd_sluice_handler handler = { .request = on_request };

static void
start_pf(void)
{
	uint16_t port_id;
	int rc;

	RTE_ETH_FOREACH_DEV(port_id)
		break;
	rc = rte_pmd_sluice_dialect(port_id);
	if (rc < 0)
		errx(EX_UNAVAILABLE, "no PF: %s", strerror(-rc));
	service.speaks = (enum mbx_dialect)rc;
	rc = service_start(&service, port_id, NB_VFS, &pmd_pool_ops, NULL);
	if (rc == 0)
		rc = rte_pmd_sluice_set_handler(port_id, &handler, NULL);
	if (rc < 0)
		errx(EX_UNAVAILABLE, "the PF does not start: %s", strerror(-rc));
}

/* --- VFs --- */

static uint32_t
get(const struct vf *vf, uint32_t offset)
{
	return *(volatile uint32_t *)(vf->bar + offset);
}

static void
set(const struct vf *vf, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(vf->bar + offset) = value;
}

static void
post(const struct vf *vf, uint32_t word0, uint32_t word1)
{
	set(vf, VF_CONTROL, CONTROL_VFU);
	set(vf, VF_MEMORY, word0);
	set(vf, VF_MEMORY + 4, word1);
	set(vf, VF_CONTROL, CONTROL_REQ);
}

/** Has the answer come? What the PF says unasked comes through the same buffer. */
static bool
is_answered(const struct vf *vf)
{
	uint32_t word;

	if ((get(vf, VF_CONTROL) & CONTROL_STS) == 0)
		return false;
	word = get(vf, VF_MEMORY);
	set(vf, VF_CONTROL, CONTROL_ACK);
	return (word & 0xffff) != PF_NOTICE;
}

/* A VLAN that comes and goes: the hardware's tables change each time. */
static void
ask(struct vf *vf)
{
	post(vf, vf->nb % 2 == 0 ? SET_VLAN | ADD : SET_VLAN, 100);
	vf->asked_ns = now_ns();
	vf->nb++;
}

static void
reset(struct vf *vf)
{
	uint64_t begin_ns = now_ns();

	post(vf, RESET, 0);
	while (!is_answered(vf) && now_ns() - begin_ns < 5 * GIVE_UP_NS)
		rte_delay_us_sleep(100);
	vf->asked_ns = 0;
	vf->nb = 0;
}

/* --- VFs that ask and wait --- */

static struct samples {
	uint32_t ns[SAMPLES];
	unsigned int nb, lost;
	uint64_t time_ns;
} samples;

static void
look(struct vf *vf)
{
	uint64_t now;

	if (vf->asked_ns == 0) {
		ask(vf);
		return;
	}
	if (is_answered(vf)) {
		now = now_ns() - vf->asked_ns;
		if (samples.nb < SAMPLES)
			samples.ns[samples.nb++] = now < UINT32_MAX ? (uint32_t)now : UINT32_MAX;
		vf->asked_ns = 0;
	} else if (now_ns() - vf->asked_ns > GIVE_UP_NS) {
		samples.lost++;
		vf->asked_ns = 0;
	}
}

static void
measure(unsigned int askers, uint64_t time_ns)
{
	uint64_t begin_ns = now_ns();

	samples.nb = 0;
	samples.lost = 0;
	while (now_ns() - begin_ns < time_ns) {
		for (unsigned int i = 0; i < askers; i++)
			look(&vfs[i]);
		/* One that waits alone does not burn a processor that others want. */
		if (askers == 1)
			nanosleep(&(struct timespec){ .tv_nsec = WAIT_NS }, NULL);
	}
	samples.time_ns = now_ns() - begin_ns;
}

/* --- VFs that do not wait --- */

static atomic_bool storms;

static void
flood_once(const struct vf *vf)
{
	set(vf, VF_MEMORY, SET_VLAN | ADD);
	set(vf, VF_MEMORY + 4, 200);
	set(vf, VF_CONTROL, CONTROL_REQ);
}

/* Ask, and keep the buffer. */
static void
hog_once(const struct vf *vf)
{
	set(vf, VF_CONTROL, CONTROL_VFU);
	set(vf, VF_CONTROL, CONTROL_VFU | CONTROL_REQ);
}

static void *
run_storm(void *arg)
{
	void (*once)(const struct vf *vf) = *(void (**)(const struct vf *))arg;

	while (atomic_load(&storms))
		for (unsigned int i = 1; i < NB_VFS; i++)
			once(&vfs[i]);
	for (unsigned int i = 1; i < NB_VFS; i++)
		set(&vfs[i], VF_CONTROL, 0);
	return NULL;
}

/* --- What is measured --- */

#define THROTTLE   { 20, 1000, WATCH_THROTTLE, 0 }
#define QUARANTINE { 20, 1000, WATCH_QUARANTINE, 0 }

static const struct row {
	const char *what;
	unsigned int askers;
	void (*storm)(const struct vf *vf);
	struct watch_rule mailbox;
	bool read_all;		/* also of those who are held to something */
} rows[] = {
	{ "1 VF, alone", 1, NULL, { 0 }, false },
	{ "63 VFs, each asks and waits", NB_VFS, NULL, { 0 }, false },
	{ "1 VF, 62 flood", 1, flood_once, { 0 }, false },
	{ "  throttled, all is read", 1, flood_once, THROTTLE, true },
	{ "  throttled", 1, flood_once, THROTTLE, false },
	{ "  quarantined, all is read", 1, flood_once, QUARANTINE, true },
	{ "  quarantined", 1, flood_once, QUARANTINE, false },
	{ "1 VF, 62 keep their buffers", 1, hog_once, { 0 }, false },
};

/* Of one run. */
struct result {
	double per_s, p50_us, p99_us;
	unsigned int lost;
};

static int
compare_ns(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static struct result
evaluate(void)
{
	struct result result = { .lost = samples.lost };

	qsort(samples.ns, samples.nb, sizeof(samples.ns[0]), compare_ns);
	result.per_s = samples.nb * 1e9 / (double)samples.time_ns;
	if (samples.nb > 0) {
		result.p50_us = samples.ns[samples.nb / 2] / 1e3;
		result.p99_us = samples.ns[(uint64_t)samples.nb * 99 / 100] / 1e3;
	}
	return result;
}

static struct result
run(const struct row *row, uint64_t time_ns)
{
	struct watch_rules rules = { .rule[WATCH_MAILBOX] = row->mailbox };
	struct pool_ops pool = pmd_pool_ops;
	void (*storm)(const struct vf *vf) = row->storm;
	pthread_t thread;

	if (row->read_all)
		pool.hold_off = NULL;
	/* With the driver's own operations: whom the run before held off is looked at again. */
	pthread_mutex_lock(&service_lock);
	service_set_rules(&service, &(struct watch_rules){ 0 });
	for (uint16_t vf = 0; vf < NB_VFS; vf++)
		service_on_vf_reset(&service, vf);
	service.pool = &pool;
	pthread_mutex_unlock(&service_lock);
	for (unsigned int i = 0; i < NB_VFS; i++)
		reset(&vfs[i]);
	pthread_mutex_lock(&service_lock);
	service_set_rules(&service, &rules);
	pthread_mutex_unlock(&service_lock);
	atomic_store(&storms, true);
	if (storm != NULL && pthread_create(&thread, NULL, run_storm, &storm) != 0)
		errx(EX_OSERR, "no thread");
	if (row->mailbox.limit != 0)
		nanosleep(&(struct timespec){ .tv_nsec = SEEN_NS }, NULL);
	measure(row->askers, time_ns);
	atomic_store(&storms, false);
	if (storm != NULL)
		pthread_join(thread, NULL);
	pthread_mutex_lock(&service_lock);
	service.pool = &pmd_pool_ops;
	pthread_mutex_unlock(&service_lock);
	return evaluate();
}

static int
compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Median, and what lies on both sides of it. */
static void
print_spread(double value[RUNS], int width)
{
	qsort(value, RUNS, sizeof(value[0]), compare_double);
	printf(" %*.0f (%.0f to %.0f)", width, value[RUNS / 2], value[0], value[RUNS - 1]);
}

static void
print_row(const struct row *row, const struct result result[RUNS])
{
	double per_s[RUNS], p50_us[RUNS], p99_us[RUNS];
	unsigned int lost = 0;

	for (unsigned int i = 0; i < RUNS; i++) {
		per_s[i] = result[i].per_s;
		p50_us[i] = result[i].p50_us;
		p99_us[i] = result[i].p99_us;
		lost += result[i].lost;
	}
	printf("%-28s |", row->what);
	print_spread(per_s, 6);
	printf(" |");
	print_spread(p50_us, 6);
	printf(" |");
	print_spread(p99_us, 6);
	printf(" | %u\n", lost);
	fflush(stdout);
}

/* --- The driver of the VFs --- */

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	(void)driver;
	if (nb_vfs == NB_VFS)
		return -ENOSPC;
	vfs[nb_vfs++].bar = pci->mem_resource[0].addr;
	return 0;
}

static int
remove_nothing(struct rte_pci_device *pci)
{
	(void)pci;
	return 0;
}

static const struct rte_pci_id ids[] = {
	{ RTE_PCI_DEVICE(0x8086, 0x10ed) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver bench_driver = {
	.id_table = ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
	.remove = remove_nothing,
};

RTE_PMD_REGISTER_PCI(bench_vf, bench_driver);

static void
start_eal(const char *plugins)
{
	/* The threads of the VFs are started from here, and are to run where they like. */
	const struct model_eal setup = {
		.plugins = plugins,
		.spec = { "family=82599,vfs=63,wire=null,doorbell=trap,pf_driver=net_sluice_pf,"
			  "vf_driver=bench_vf" },
		.memory_mb = "128", .anywhere = true,
	};

	if (model_eal_start(&setup) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
	if (nb_vfs != NB_VFS)
		errx(EX_UNAVAILABLE, "%u VFs, not %u", nb_vfs, NB_VFS);
}

int
main(int argc, char *argv[])
{
	int seconds = argc == 3 ? atoi(argv[2]) : 3;

	if (argc < 2 || argc > 3 || seconds < 1)
		errx(EX_USAGE, "usage: %s PLUGINS [SECONDS FOR EACH]", argv[0]);
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	start_eal(argv[1]);
	start_pf();
	printf("82599 on the model, median of %d runs (least to most)\n"
	       "%-28s | requests answered in 1 s | p50 us | p99 us | not answered in 1 s\n",
	       RUNS, "who asks");
	for (size_t row = 0; row < RTE_DIM(rows); row++) {
		struct result result[RUNS];

		for (unsigned int i = 0; i < RUNS; i++)
			result[i] = run(&rows[row], (uint64_t)seconds * 1000000000 / RUNS);
		print_row(&rows[row], result);
	}
	printf("memory of a VF: %zu bytes of book, %zu of what is watched\n",
	       sizeof(struct vf_entry), sizeof(struct watch));
	rte_eal_cleanup();
	return EX_OK;
}
