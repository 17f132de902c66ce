/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What is shown, as Prometheus reads it, such as from a file for node_exporter's textfile
 * collector. Names and labels are those of sriov-network-metrics-exporter.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl.h"

#define PATH_BYTES 128
#define NUMA_BYTES 16

static void
head(const char *name, const char *type, const char *help)
{
	printf("# HELP sriov_%s %s\n# TYPE sriov_%s %s\n", name, help, name, type);
}

/* Empty where the machine does not say. */
static void
numa_of(const char *pci, char node[NUMA_BYTES])
{
	char path[PATH_BYTES];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/numa_node", pci);
	stream = fopen(path, "re");
	if (stream == NULL || fgets(node, NUMA_BYTES, stream) == NULL || node[0] == '-')
		node[0] = '\0';
	node[strcspn(node, "\n")] = '\0';
	if (stream != NULL)
		fclose(stream);
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text == NULL ? "" : text;
}

/* One of the VFs' counters, of all of them: a metric's samples stand together. */
static void
print_counter(const json_t *ports, const char *name)
{
	const json_t *port, *vf;
	size_t i, j;

	json_array_foreach(ports, i, port)
	{
		char node[NUMA_BYTES];

		numa_of(text_of(port, "pci"), node);
		json_array_foreach(json_object_get(port, "vfs"), j, vf)
		{
			const json_t *counters = json_object_get(vf, "counters");

			printf("sriov_vf_%s{numa_node=\"%s\",pciAddr=\"%s\",pf=\"%s\",vf=\"%lld\"} "
			       "%lld\n",
			       name, node, text_of(vf, "pci"), text_of(port, "pci"),
			       (long long)json_integer_value(json_object_get(vf, "vf")),
			       (long long)json_integer_value(json_object_get(counters, name)));
		}
	}
}

/* Of the first VF that there is: all have the same. */
static json_t *
any_counters(const json_t *ports)
{
	const json_t *port;
	size_t i;

	json_array_foreach(ports, i, port)
	{
		const json_t *vfs = json_object_get(port, "vfs");

		if (json_array_size(vfs) > 0)
			return json_object_get(json_array_get(vfs, 0), "counters");
	}
	return NULL;
}

static void
print_counters(const json_t *ports)
{
	json_t *counters = any_counters(ports), *value;
	const char *name;

	json_object_foreach(counters, name, value)
	{
		char metric[64], help[64];

		snprintf(metric, sizeof(metric), "vf_%s", name);
		snprintf(help, sizeof(help), "Statistic %s.", name);
		head(metric, "counter", help);
		print_counter(ports, name);
	}
}

/* A PF's gauge: a member of what is shown of it, or of its link */
static const struct {
	const char *name, *help, *object, *member;
} gauges[] = {
	{ "link_up", "Whether the PF has link.", "link", "up" },
	{ "link_mbps", "Speed of the link, Mbit/s; 0 without one.", "link", "mbps" },
	{ "num_vfs", "How many VFs the PF has.", NULL, "vfs" },
};

static long long
number_of(const json_t *value)
{
	if (json_is_array(value))
		return (long long)json_array_size(value);
	return json_is_true(value) ? 1 : (long long)json_integer_value(value);
}

static void
print_gauge(const json_t *ports, size_t which)
{
	const json_t *port;
	char metric[64];
	size_t i;

	snprintf(metric, sizeof(metric), "pf_%s", gauges[which].name);
	head(metric, "gauge", gauges[which].help);
	json_array_foreach(ports, i, port)
	{
		const char *object = gauges[which].object;
		const json_t *holder = object == NULL ? port : json_object_get(port, object);
		char node[NUMA_BYTES];

		numa_of(text_of(port, "pci"), node);
		printf("sriov_%s{numa_node=\"%s\",pf=\"%s\"} %lld\n", metric, node,
		       text_of(port, "pci"),
		       number_of(json_object_get(holder, gauges[which].member)));
	}
}

int
metrics_main(struct ctl *ctl, int argc, char **argv)
{
	struct control_request request;
	struct control_reply reply;
	int rc;

	if (argc > 1)
		return ctl_refuse("%s: not expected here", argv[1]);
	rc = ctl_request(ctl, CONTROL_SHOW, &request);
	if (rc == EX_OK)
		rc = ctl_ask(ctl, &request, &reply);
	if (rc != EX_OK)
		return rc;
	if (!ctl->json) {
		for (size_t i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++)
			print_gauge(json_object_get(reply.object, "ports"), i);
		print_counters(json_object_get(reply.object, "ports"));
	}
	json_decref(reply.object);
	return EX_OK;
}
