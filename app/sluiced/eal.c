/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * DPDK's beginning and end, with arguments made of the configuration, and its log lines among ours.
 * The main thread's, before all others and after them; DPDK's threads write log lines too.
 */

#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "daemon.h"

#define ARG_BYTES 512

#define ARGS_MAX (14 + 2 * CONFIG_PORTS_MAX + CONFIG_EAL_MAX)

struct eal_args {
	int nb;
	char text[ARGS_MAX][ARG_BYTES];
	char *pointer[ARGS_MAX + 1];
};

__attribute__((format(printf, 2, 3))) static void
add(struct eal_args *args, const char *format, ...)
{
	va_list list;

	assert(args->nb < ARGS_MAX);
	va_start(list, format);
	vsnprintf(args->text[args->nb], ARG_BYTES, format, list);
	va_end(list);
	args->pointer[args->nb] = args->text[args->nb];
	args->nb++;
}

static enum config_log_level
level_of(int dpdk_level)
{
	if (dpdk_level <= (int)RTE_LOG_ERR)
		return CONFIG_LOG_ERROR;
	if (dpdk_level == (int)RTE_LOG_WARNING)
		return CONFIG_LOG_WARNING;
	return dpdk_level <= (int)RTE_LOG_INFO ? CONFIG_LOG_INFO : CONFIG_LOG_DEBUG;
}

/* DPDK's own lines, at our levels. */
static ssize_t
write_log(void *cookie, const char *text, size_t bytes)
{
	size_t shown = bytes > 0 && text[bytes - 1] == '\n' ? bytes - 1 : bytes;

	(void)cookie;
	log_line(level_of(rte_log_cur_msg_loglevel()), "%.*s", (int)shown, text);
	return bytes;
}

static void
redirect_log(void)
{
	static const cookie_io_functions_t functions = { .write = write_log };
	FILE *stream = fopencookie(NULL, "w", functions);

	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 0);
	(void)rte_openlog_stream(stream);
}

/*
 * On which CPUs we run: anywhere we may, as DPDK would otherwise choose one CPU. DPDK gives its
 * interrupt thread the CPUs that its lcores leave over, if any. The two threads must be able to run
 * at the same time: a kernel VF driver that we bind spins on our CPU until its VF is answered.
 */
static void
add_cpus(struct eal_args *args, int lcore)
{
	char list[ARG_BYTES - 32] = "";
	cpu_set_t cpus;

	if (lcore != CONFIG_LCORE_ANY) {
		add(args, "--lcores=%d", lcore);
		return;
	}
	if (sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		size_t used = strlen(list);

		if (CPU_ISSET(cpu, &cpus) && used < sizeof(list) - 8)
			snprintf(list + used, sizeof(list) - used, "%s%d", used == 0 ? "" : ",",
				 cpu);
	}
	add(args, "--lcores=0@(%s)", list);
}

/* No files that outlive us: nobody shares this DPDK. */
static void
add_privacy(struct eal_args *args, const struct config *config)
{
	bool static_memory = false;

	/* DPDK has --in-memory only where memory grows and shrinks. */
	for (uint16_t i = 0; i < config->nb_eal; i++)
		static_memory |= strcmp(config->eal[i], "--no-huge") == 0 ||
				 strcmp(config->eal[i], "--legacy-mem") == 0;
	add(args, static_memory ? "--no-shconf" : "--in-memory");
}

static bool
any_device_is_ours(const struct daemon *daemon)
{
	bool any = false;

	for (uint16_t i = 0; i < daemon->config.nb_ports; i++)
		any |= !daemon->config.port[i].external;
	return any;
}

static void
fill_args(const struct daemon *daemon, struct eal_args *args)
{
	const struct config *config = &daemon->config;

	add(args, "sluiced");
	add_privacy(args, config);
	if (config->telemetry) {
		add(args, "--file-prefix=sluiced");
		/* It warns of a second socket, of old, that nobody has. */
		add(args, "--log-level=lib.telemetry:error");
	} else {
		add(args, "--no-telemetry");
	}
	add(args, "-m");
	add(args, "%u", config->hugepages_mb);
	add_cpus(args, config->lcore);
	/* Ours are at the IOMMU by their virtual addresses (attach.c). */
	if (any_device_is_ours(daemon))
		add(args, "--iova-mode=va");
	if (config->log_level == CONFIG_LOG_DEBUG) {
		add(args, "--log-level=pmd.net.sluice.*:debug");
	} else {
		add(args, "--log-level=warning");
		/* It warns of page sizes that nobody asked for. */
		add(args, "--log-level=lib.eal:error");
	}
	for (uint16_t i = 0; i < config->nb_ports; i++) {
		add(args, "-a");
		add(args, "%s", config->port[i].pci);
	}
	for (uint16_t i = 0; i < config->nb_eal; i++)
		add(args, "%s", config->eal[i]);
}

int
eal_start(struct daemon *daemon)
{
	static struct eal_args args; /* DPDK keeps pointers into it */

	attach_prepare(daemon);
	fill_args(daemon, &args);
	redirect_log();
	if (rte_eal_init(args.nb, args.pointer) >= 0)
		return 0;
	log_line(CONFIG_LOG_ERROR, "DPDK does not start: %s", rte_strerror(rte_errno));
	return rte_errno == 0 ? -EIO : -rte_errno;
}

void
eal_stop(void)
{
	(void)rte_eal_cleanup();
}
