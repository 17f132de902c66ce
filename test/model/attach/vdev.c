/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bus_vdev_driver.h>
#include <rte_errno.h>
#include <rte_lcore.h>

#include "fd_trap.h"
#include "model_bus.h"
#include "wire.h"

#define FIRST_PCI_BUS 0xf0
#define PORTS_MAX     16

/** A port and its devices: the PF, then VFs. */
struct model_port {
	const struct rte_vdev_device *vdev;	/**< NULL: this place is free */
	struct attach *attach;
	struct spec spec;
	struct model_device *device[1 + NIC_VFS_MAX];
	unsigned int nb_devices;
};

static struct model_port ports[PORTS_MAX];

static struct model_port *
port_of(const struct rte_vdev_device *vdev)
{
	for (unsigned int i = 0; i < PORTS_MAX; i++)
		if (ports[i].vdev == vdev)
			return &ports[i];
	return NULL;
}

/** Where the model's thread may run: not where an lcore polls, if there is anything else. */
static void
choose_cpus(const struct spec *spec, cpu_set_t *cpus)
{
	unsigned int lcore;

	CPU_ZERO(cpus);
	if (spec->core >= 0) {
		CPU_SET(spec->core, cpus);
		return;
	}
	for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF) && cpu < CPU_SETSIZE; cpu++)
		CPU_SET(cpu, cpus);
	RTE_LCORE_FOREACH(lcore) {
		rte_cpuset_t used = rte_lcore_cpuset(lcore);

		for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
			if (CPU_ISSET(cpu, &used))
				CPU_CLR(cpu, cpus);
	}
	if (CPU_COUNT(cpus) == 0)
		for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++)
			CPU_SET(cpu, cpus);
}

static int
create_attach(struct model_port *port, const char *name)
{
	const uint8_t own_mac[MAC_LEN] = { 0x02, 0x51, 0x1c, 0xe0, port - ports, 0 };
	struct attach_options options = {
		.family = port->spec.family,
		.nb_vfs = port->spec.vfs,
		.doorbell = port->spec.doorbell,
	};
	char error[SPEC_ERROR_BYTES];
	cpu_set_t cpus;

	memcpy(options.mac, port->spec.has_mac ? port->spec.mac : own_mac, MAC_LEN);
	choose_cpus(&port->spec, &cpus);
	options.cpus = &cpus;
	options.wire = wire_create(port->spec.wire, error, sizeof(error));
	if (options.wire == NULL) {
		MODEL_LOG(ERR, "%s: wire=%s: %s", name, port->spec.wire, error);
		return -EINVAL;
	}
	port->attach = attach_create(&options);
	if (port->attach == NULL) {
		int rc = -errno;

		MODEL_LOG(ERR, "%s: %s", name, strerror(-rc));
		wire_free(options.wire);
		return rc;
	}
	return 0;
}

static int
create_devices(struct model_port *port)
{
	for (int vf = port->spec.first; vf <= port->spec.last; vf++) {
		struct model_device *device = model_device_create(
			port->attach, vf, FIRST_PCI_BUS + (port - ports), &port->spec);

		if (device == NULL)
			return -rte_errno;
		port->device[port->nb_devices++] = device;
	}
	return 0;
}

/** The PF first: a VF's driver asks it when it starts. */
static int
probe_devices(struct model_port *port)
{
	int rc = 0;

	for (unsigned int i = 0; rc == 0 && i < port->nb_devices; i++)
		if (port->device[i]->function.vf == PF_INDEX ? port->spec.probe_pf :
							       port->spec.probe_vfs)
			rc = model_device_probe(port->device[i]);
	return rc > 0 ? -ENODEV : rc;
}

static int
remove_devices(struct model_port *port)
{
	for (unsigned int i = port->nb_devices; i-- > 0;) {
		int rc = model_device_remove(port->device[i]);

		if (rc != 0)
			return rc;
	}
	return 0;
}

/** What happened; and which registers were asked for that the model does not have. */
static void
report(const struct model_port *port, const char *name)
{
	const struct attach_counters *count = attach_counters(port->attach);
	const struct nic_oddities *odd = &attach_nic(port->attach)->odd;

	MODEL_LOG(INFO, "%s: %"PRIu64" traps, pages plain %"PRIu64" times, %"PRIu64" rounds, "
		  "%"PRIu64" sleeps, %"PRIu64" bad descriptors", name, count->traps,
		  count->plain_turns, count->rounds, count->sleeps, odd->bad_descriptors);
	for (unsigned int i = 0; i < odd->nb_unknown; i++)
		MODEL_LOG(INFO, "%s: no register at %#x, %s", name,
			  odd->unknown_offset[i] & ~(1u << 31),
			  odd->unknown_offset[i] >> 31 ? "written" : "read");
}

static void
free_port(struct model_port *port)
{
	while (port->nb_devices > 0)
		model_device_free(port->device[--port->nb_devices]);
	if (port->attach != NULL)
		report(port, rte_vdev_device_name(port->vdev));
	attach_free(port->attach);
	*port = (struct model_port){ .vdev = NULL };
}

static int
bring_up(struct model_port *port, const char *name)
{
	const char *connect = port->spec.connect;
	int rc = connect[0] == '\0' ? create_attach(port, name) : 0;

	if (rc != 0)
		return rc;
	rc = create_devices(port);
	if (rc != 0) {
		MODEL_LOG(ERR, "%s: %s%sfunction %u: %s", name, connect,
			  connect[0] == '\0' ? "" : ": ", port->nb_devices, strerror(-rc));
		return rc;
	}
	rc = probe_devices(port);
	if (rc != 0)
		remove_devices(port);
	return rc;
}

static int
vdev_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev), *what;
	struct model_port *port = port_of(NULL);
	char error[SPEC_ERROR_BYTES];
	int rc;

	if (port == NULL) {
		MODEL_LOG(ERR, "%s: there are %u ports already", name, PORTS_MAX);
		return -ENOSPC;
	}
	if (spec_parse(rte_vdev_device_args(vdev), &port->spec, error) != 0) {
		MODEL_LOG(ERR, "%s: %s", name, error);
		return -EINVAL;
	}
	rc = fd_trap_install(&what);
	if (rc != 0) {
		MODEL_LOG(ERR, "%s: interrupts need a seccomp filter; %s: %s", name, what,
			  strerror(-rc));
		return rc;
	}
	port->vdev = vdev;
	rc = bring_up(port, name);
	if (rc != 0)
		free_port(port);
	return rc;
}

static int
vdev_remove(struct rte_vdev_device *vdev)
{
	struct model_port *port = port_of(vdev);
	int rc;

	if (port == NULL)
		return 0;
	rc = remove_devices(port);
	if (rc == 0)
		free_port(port);
	return rc;
}

static struct rte_vdev_driver model_vdev = {
	.probe = vdev_probe,
	.remove = vdev_remove,
	.drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA,
};

RTE_PMD_REGISTER_VDEV(sluicemodel, model_vdev);
RTE_PMD_REGISTER_PARAM_STRING(sluicemodel,
	"family=82576|i350|82599|x540|x550 vfs=<n> wire=<spec> doorbell=poll|trap core=<n> "
	"ports=pf+vfs|pf|vfs mac=<address> pf_args=[...] vf_args=[...] pf_driver=<name> "
	"vf_driver=<name> connect=<socket> function=pf|vf<n>|vf<n>-<m>");
