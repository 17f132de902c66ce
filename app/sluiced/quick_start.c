/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What DPDK takes its time for at its start, faster: as long as a daemon takes to start, the VFs of
 * one that died have nobody who answers. The linker puts these in the place of DPDK's own, which
 * only DPDK calls (meson.build).
 */

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include <rte_cycles.h>

#include "daemon.h"
#include "dpdk_compat.h"

#define NS_PER_SECOND  INT64_C(1000000000)
#define CALIBRATION_NS (NS_PER_SECOND / 100)
#define TRIES	       8

/* DPDK's, which its headers do not tell. */
int __real_eal_cpu_detected(unsigned int cpu);
unsigned int __real_eal_cpu_socket_id(unsigned int cpu);

int __wrap_eal_cpu_detected(unsigned int cpu);
unsigned int __wrap_eal_cpu_socket_id(unsigned int cpu);
uint64_t __wrap_get_tsc_freq(TSC_FREQ_PARAM);

/* @return the number of the last CPU that there could be */
static unsigned int
last_cpu(void)
{
	FILE *file = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned int cpu, last = 0;
	bool known = false;

	if (file == NULL)
		return UINT_MAX;
	/* Such as "0-3,8-11": the greatest stands last. */
	while (fscanf(file, "%u%*[-,]", &cpu) == 1) {
		last = cpu;
		known = true;
	}
	(void)fclose(file);
	return known ? last : UINT_MAX;
}

/*
 * DPDK looks for a thousand CPUs, and for the node of each that it was built for: of one that there
 * is not, on each node that there could be. That is some 5000 files of sysfs.
 */
int
__wrap_eal_cpu_detected(unsigned int cpu)
{
	static unsigned int last;
	static bool known;

	if (!known)
		last = last_cpu();
	known = true;
	return cpu <= last ? __real_eal_cpu_detected(cpu) : 0;
}

unsigned int
__wrap_eal_cpu_socket_id(unsigned int cpu)
{
	return __wrap_eal_cpu_detected(cpu) != 0 ? __real_eal_cpu_socket_id(cpu) : 0;
}

struct moment {
	int64_t ns;
	uint64_t tsc;
};

static int64_t
raw_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* Of several looks at both clocks the quickest: that is the one in which nobody else ran. */
static struct moment
both_clocks(void)
{
	struct moment best = { .ns = 0 };
	uint64_t quickest = UINT64_MAX;

	for (unsigned int i = 0; i < TRIES; i++) {
		uint64_t before = rte_rdtsc(), took;
		int64_t ns = raw_ns();

		took = rte_rdtsc() - before;
		if (took >= quickest)
			continue;
		quickest = took;
		best = (struct moment){ .ns = ns, .tsc = before + took / 2 };
	}
	return best;
}

/*
 * Asked for where the processor does not tell. DPDK looks at its clocks once, and so has to wait
 * for a tenth of a second; the delays that are made of it need not be more exact than this.
 */
uint64_t
__wrap_get_tsc_freq(TSC_FREQ_PARAM)
{
	const struct timespec pause = { .tv_nsec = CALIBRATION_NS };
	struct moment begin, end;

	if (TSC_FREQ_TOLD != 0)
		return TSC_FREQ_TOLD;
	begin = both_clocks();
	(void)nanosleep(&pause, NULL);
	end = both_clocks();
	return (uint64_t)((double)(end.tsc - begin.tsc) * NS_PER_SECOND /
			  (double)(end.ns - begin.ns));
}
