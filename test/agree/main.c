/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * usage: agree [EAL options] [-- without-qemu]
 *
 * Compares QEMU's 82576 and its VFs, which are on vfio-pci and allowed by -a, with a model's of the
 * same address; a line of TAP for each scenario. EAL loads the model's plugin, by -d.
 *
 * Without QEMU it tests itself: two models of an 82576 must agree, without anything that is known
 * to differ, and one of an I350 must be found to be another.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>

#include "agree.h"
#include "regs.h"

#define INTEL	   0x8086
#define PF_82576   0x10c9
#define VF_82576   0x10ca
#define PF_I350	   0x1521
#define VF_I350	   0x1520
#define EX_NO_PORT 69

static struct port_under_test ports[] = {
	{ .name = "QEMU" }, { .name = "model" }, { .name = "another" },
};
/** Who gets the functions that are probed now. */
static struct port_under_test *probing = &ports[0];

static int
on_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	const bool is_pf = pci->id.device_id == PF_82576 || pci->id.device_id == PF_I350;
	enum function_id fn = is_pf ? PF : VF0;

	(void)driver;
	while (fn < NB_FUNCTIONS && probing->pci[fn] != NULL)
		fn++;
	if (is_pf != (fn == PF))
		return -1;
	probing->pci[fn] = pci;
	probing->bar[fn] = pci->mem_resource[0].addr;
	return rte_pci_set_bus_master(pci, true);
}

static int
on_remove(struct rte_pci_device *pci)
{
	(void)pci;
	return 0;
}

static const struct rte_pci_id ids[] = {
	{ RTE_PCI_DEVICE(INTEL, PF_82576) }, { RTE_PCI_DEVICE(INTEL, VF_82576) },
	{ RTE_PCI_DEVICE(INTEL, PF_I350) }, { RTE_PCI_DEVICE(INTEL, VF_I350) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver agree_driver = {
	.id_table = ids,
	.probe = on_probe,
	.remove = on_remove,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
};
RTE_PMD_REGISTER_PCI(agree, agree_driver);

static void
check_port(struct port_under_test *port)
{
	int rc;

	for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++)
		if (port->bar[fn] == NULL)
			errx(EX_NO_PORT, "%s: %s is not there", port->name,
			     fn == PF ? "the PF" : "a VF");
	rc = port_allocate(port);
	if (rc != 0)
		errx(EX_NO_PORT, "%s: no memory: %s", port->name, strerror(-rc));
}

/** A model port, with the address of @p other's NVM if there is one. */
static void
plug_model(struct port_under_test *port, const char *family, const struct port_under_test *other)
{
	uint32_t ral = 0x00000002, rah = 0x0100;
	char name[32], args[160];

	if (other->bar[PF] != NULL) {
		reg_write(other, PF, R_CTRL, CTRL_RST);
		ral = reg_read(other, PF, R_RAL);
		rah = reg_read(other, PF, R_RAH);
	}
	probing = port;
	snprintf(name, sizeof(name), "sluicemodel%u", (unsigned int)(port - ports));
	snprintf(args, sizeof(args), "family=%s,vfs=%u,wire=null,doorbell=trap,pf_driver=agree,"
		 "vf_driver=agree,mac=%02x:%02x:%02x:%02x:%02x:%02x", family, NB_VFS, ral & 0xff,
		 ral >> 8 & 0xff, ral >> 16 & 0xff, ral >> 24, rah & 0xff, rah >> 8 & 0xff);
	if (rte_eal_hotplug_add("vdev", name, args) != 0)
		errx(EX_NO_PORT, "no model; is its plugin loaded, by -d?");
	check_port(port);
}

static void
run_on(const struct scenario *scenario, struct port_under_test *port)
{
	if (scenario->state == PORT_RESET)
		port_reset(port);
	else if (scenario->state == PORT_RUNNING)
		port_run(port);
	port_do(port, scenario->ops, scenario->nb_ops);
	if (scenario->run != NULL)
		scenario->run(port);
}

static struct {
	bool alone;	/**< without QEMU */
	unsigned int number, failed;
	unsigned int others;	/**< scenarios that tell the I350 from the 82576 */
} test;

static void
verdict(bool good, const char *what)
{
	printf("%s %u - agree: %s\n", good ? "ok" : "not ok", ++test.number, what);
	fflush(stdout);
	test.failed += !good;
}

static void
run(const struct scenario *scenario)
{
	unsigned int complaints;
	char what[96];
	size_t nb;

	run_on(scenario, &ports[0]);
	run_on(scenario, &ports[1]);
	if (test.alone) {
		run_on(scenario, &ports[2]);
		test.others += records_differ(&ports[1], &ports[2]);
		ports[2].nb_records = 0;
	}
	nb = RTE_MAX(ports[0].nb_records, ports[1].nb_records);
	complaints = records_compare(scenario->name, &ports[0], &ports[1], !test.alone);
	/* A scenario that observes nothing would agree whatever happens. */
	snprintf(what, sizeof(what), "%s (%zu observations)", scenario->name, nb);
	verdict(complaints == 0 && nb != 0, what);
}

static const struct scenario_list *const lists[] = {
	&register_scenarios, &event_scenarios, &frame_scenarios, &offload_scenarios,
	&switch_scenarios,
};

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);

	if (used < 0)
		errx(EX_NO_PORT, "EAL did not start");
	test.alone = used + 1 < argc && strcmp(argv[used + 1], "without-qemu") == 0;
	if (test.alone) {
		plug_model(&ports[0], "82576", &ports[0]);
		plug_model(&ports[2], "i350", &ports[0]);
	} else {
		check_port(&ports[0]);
	}
	plug_model(&ports[1], "82576", &ports[0]);
	for (unsigned int i = 0; i < RTE_DIM(lists); i++)
		for (size_t k = 0; k < lists[i]->nb; k++)
			run(&lists[i]->scenario[k]);
	if (test.alone)
		verdict(test.others != 0, "an I350 is not an 82576");
	else
		verdict(records_check_known() == 0, "what is known to differ does");
	printf("1..%u\n", test.number);
	rte_eal_cleanup();
	return test.failed != 0;
}
