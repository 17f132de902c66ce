/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdio.h>

#include "config.h"
#include "doctor.h"
#include "facts.h"
#include "report.h"
#include "version.h"

static void
tell(void *ctx, const char *subject, const char *name, const char *value)
{
	(void)ctx;
	printf("%-12s  %-18s  %s\n", subject, name, value);
}

void
report_machine(void)
{
	char pci[CONFIG_PORTS_MAX][IOV_PCI_BYTES];
	unsigned int nb = iov_find_ports(&iov_root_system, pci, CONFIG_PORTS_MAX);
	char line[32];

	puts("== machine");
	tell(NULL, "sluicectl", "version", sluice_version);
	iov_facts_host(&iov_root_system, tell, NULL);
	snprintf(line, sizeof(line), "%u", nb);
	tell(NULL, "NICs", "with SR-IOV", line);
	for (unsigned int i = 0; i < nb && i < CONFIG_PORTS_MAX; i++)
		iov_facts_port(&iov_root_system, pci[i], tell, NULL);
	puts("== checks");
}

static void
report_vf(const char *port, json_t *vf)
{
	const char *driver = json_string_value(json_object_get(vf, "driver"));
	const char *state = json_string_value(json_object_get(vf, "state"));
	const char *name;
	json_t *value;

	printf("%-12s  vf %-3d %s, %s:", port, (int)json_integer_value(json_object_get(vf, "vf")),
	       driver == NULL ? "-" : driver, state == NULL ? "-" : state);
	json_object_foreach(json_object_get(vf, "counters"), name, value)
		printf(" %s %" JSON_INTEGER_FORMAT, name, json_integer_value(value));
	putchar('\n');
}

void
report_counters(json_t *ports)
{
	json_t *port, *vf;
	size_t i, j;

	puts("== counters");
	if (ports == NULL)
		puts("sluiced does not run");
	json_array_foreach(ports, i, port)
	{
		const char *pci = json_string_value(json_object_get(port, "pci"));
		json_t *link = json_object_get(port, "link"), *vfs = json_object_get(port, "vfs");
		bool up = json_is_true(json_object_get(link, "up"));

		pci = pci == NULL ? "-" : pci;
		printf("%-12s  link %s, %d Mb/s, %zu VFs\n", pci, up ? "up" : "down",
		       (int)json_integer_value(json_object_get(link, "mbps")),
		       json_array_size(vfs));
		json_array_foreach(vfs, j, vf) report_vf(pci, vf);
	}
}
