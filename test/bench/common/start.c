/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "start.h"

const char *
start_option(int argc, char *argv[], const struct option *known, char **value)
{
	int which, got = getopt_long(argc, argv, "", known, &which);

	if (got == 0) {
		*value = optarg;
		return known[which].name;
	}
	/* getopt_long() has told what it does not know, or what lacks its value. */
	if (got > 0)
		exit(EX_USAGE);
	if (optind != argc)
		errx(EX_USAGE, "what is %s?", argv[optind]);
	return NULL;
}

unsigned int
start_number(const char *option, const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || value < min || value > max)
		errx(EX_USAGE, "--%s=%s: allowed is %u to %u", option, text, min, max);
	return (unsigned int)value;
}

void
start_processors(int cpu[2])
{
	cpu_set_t allowed;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		err(EX_OSERR, "sched_getaffinity");
	cpu[0] = cpu[1] = -1;
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &allowed))
			cpu[cpu[0] < 0 ? 0 : 1] = i;
}

void
start_eal(const char *program, const char *mb, const char *lcores, const char *plugin)
{
	const char *args[] = { program, "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry",
			       "--iova-mode=va", "--log-level=*:critical", "-m", mb, "--lcores",
			       lcores, "-d", plugin };
	int nb = (int)(sizeof(args) / sizeof(args[0]));

	if (rte_eal_init(plugin == NULL ? nb - 2 : nb, (char **)args) < 0)
		errx(EX_UNAVAILABLE, "EAL: %s", rte_strerror(rte_errno));
}

void
start_thread(pthread_t *thread, int cpu, void *(*run)(void *), void *arg)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;
	int rc;

	pthread_attr_init(&attributes);
	CPU_ZERO(&cpus);
	if (cpu >= 0)
		CPU_SET(cpu, &cpus);
	else
		memset(&cpus, 0xff, sizeof(cpus));
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	rc = pthread_create(thread, &attributes, run, arg);
	pthread_attr_destroy(&attributes);
	if (rc != 0)
		errx(EX_OSERR, "a thread: %s", strerror(rc));
}
