/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* What the doctor says of a machine that has all but one thing. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor.h"
#include "facts.h"
#include "fake_kernel.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define OTHER        "0000:01:00.1"
#define OTHER_DIR    "sysfs/bus/pci/devices/" OTHER
#define GROUP_DIR    "sysfs/kernel/iommu_groups/5"
#define HUGEPAGES_MB 16
#define NUM_VFS      2
#define NB_CHECKS    14

#define MODULE    "sysfs/module/vfio_pci"
#define HUGEPAGES "sysfs/kernel/mm/hugepages/hugepages-2048kB/"

/* All that is not good, a line each: "check verdict: text [remedy]"; "@" is the folder. */
struct visit {
	unsigned int nb, nb_good;
	char text[2048];
};

static void
report(void *ctx, const struct iov_finding *finding)
{
	struct visit *visit = ctx;
	bool mends = finding->remedy != NULL;
	size_t used = strlen(visit->text);
	char *at;

	assert_true(strcmp(finding->subject, "host") == 0 ||
		    strcmp(finding->subject, FAKE_PF) == 0);
	assert_true(finding->line[0] != '\0');
	visit->nb++;
	visit->nb_good += finding->verdict == IOV_GOOD;
	if (finding->verdict == IOV_GOOD)
		return;
	snprintf(visit->text + used, sizeof(visit->text) - used, "%s%s %s: %s%s%s%s",
		 used == 0 ? "" : "\n", finding->check,
		 finding->verdict == IOV_NOTE ? "note" : "bad", finding->line,
		 mends ? " [" : "", mends ? finding->remedy : "", mends ? "]" : "");
	while ((at = strstr(visit->text, kernel.dir)) != NULL) {
		*at = '@';
		memmove(at + 1, at + strlen(kernel.dir), strlen(at + strlen(kernel.dir)) + 1);
	}
}

static struct visit
visit(bool is_served)
{
	const struct iov_request request = { .pci = FAKE_PF, .num_vfs = NUM_VFS };
	struct visit result = { .nb = 0 };

	iov_doctor_host(&kernel.root, HUGEPAGES_MB, is_served, report, &result);
	iov_doctor_port(&kernel.root, &request, is_served, report, &result);
	assert_int_equal(kernel.writes, 0);
	return result;
}

static void
test_nothing_to_mend(void **state)
{
	struct visit result = visit(false);

	(void)state;
	assert_string_equal(result.text, "");
	assert_int_equal(result.nb, NB_CHECKS);
	assert_int_equal(result.nb_good, NB_CHECKS);
}

/* --- One thing that is wrong, and all that is said about it --- */

static void
no_iommu(void)
{
	fake_delete("sysfs/kernel/iommu_groups");
	fake_delete(PF_DIR "/iommu_group");
}

static void
no_module(void)
{
	fake_delete(MODULE);
}

static void
no_sriov_in_vfio(void)
{
	fake_file(MODULE "/parameters/enable_sriov", "N\n");
}

static void
no_node(void)
{
	fake_delete("dev/vfio/vfio");
}

static void
no_hugepages(void)
{
	fake_file(HUGEPAGES "free_hugepages", "0\n");
	fake_file(HUGEPAGES "nr_hugepages", "0\n");
}

static void
no_memlock(void)
{
	fake_file("proc/self/status", "CapEff:\t0000000000000000\n");
}

static void
no_sriov(void)
{
	fake_delete(PF_DIR "/sriov_totalvfs");
}

static void
too_few_vfs(void)
{
	fake_file(PF_DIR "/sriov_totalvfs", "1\n");
}

static void
netdev_up(void)
{
	fake_file(PF_DIR "/net/eth7/flags", "0x1003\n");
}

static void
firmware_mapping(void)
{
	fake_file(GROUP_DIR "/reserved_regions",
		  "0x00000000000e0000 0x00000000000fffff direct-relaxable\n"
		  "0x00000000bdf6f000 0x00000000bdf7efff direct\n"
		  "0x00000000fee00000 0x00000000feefffff msi\n");
}

static void
add_to_group(const char *driver, const char *class)
{
	char target[64];

	fake_file(OTHER_DIR "/class", "%s\n", class);
	fake_link(GROUP_DIR "/devices/" OTHER, "../../../../bus/pci/devices/" OTHER);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	if (driver[0] != '\0')
		fake_link(OTHER_DIR "/driver", target);
}

static void
neighbour_of_the_kernel(void)
{
	add_to_group("igb", "0x020000");
}

static void
neighbour_without_driver(void)
{
	add_to_group("", "0x020000");
}

static void
bridge(void)
{
	add_to_group("pcieport", "0x060400");
}

static const struct {
	void (*spoil)(void);
	const char *text;
} faults[] = {
	{ no_iommu, "iommu bad: no IOMMU: enable VT-d or AMD-Vi in the firmware, and boot with "
		    "intel_iommu=on\n"
		    "iommu bad: is not behind an IOMMU: enable VT-d or AMD-Vi in the firmware, and "
		    "boot with intel_iommu=on" },
	{ no_module, "vfio-pci bad: vfio-pci is not loaded [modprobe vfio-pci enable_sriov=1]" },
	{ no_sriov_in_vfio, "vfio-pci bad: vfio-pci makes no VFs without enable_sriov "
			    "[echo Y > @/sysfs/module/vfio_pci/parameters/enable_sriov]" },
	{ no_node, "vfio bad: @/dev/vfio/vfio is missing [modprobe vfio-pci enable_sriov=1]" },
	{ no_hugepages, "hugepages bad: 16 MB of huge pages wanted, 0 MB free "
			"[echo 8 > @/" HUGEPAGES "nr_hugepages]" },
	{ no_memlock,
	  "memlock bad: 16 MB must be locked, the limit is 0 MB [ulimit -l unlimited]" },
	{ no_sriov, "sriov bad: has no SR-IOV; if the device should, enable it in the firmware" },
	{ too_few_vfs, "vfs bad: 2 VFs wanted: not in 0..1" },
	{ netdev_up, "use bad: its interface eth7 is up [ip link set eth7 down]" },
	{ firmware_mapping,
	  "reserved bad: the firmware has a 1:1 mapping of 0xbdf6f000..0xbdf7efff for it, so vfio "
	  "refuses it: disable what uses it in the firmware, such as shared memory of a management "
	  "agent" },
	{ neighbour_of_the_kernel,
	  "group bad: shares IOMMU group 5 with " OTHER ", which igb has "
	  "[echo " OTHER " > @/sysfs/bus/pci/drivers/igb/unbind]\n"
	  "acs note: " FAKE_PF " shares its IOMMU group with " OTHER ", so one owner must have "
	  "both: enable ACS in the firmware, or use another slot" },
	{ neighbour_without_driver,
	  "acs note: " FAKE_PF " shares its IOMMU group with " OTHER ", so one owner must have "
	  "both: enable ACS in the firmware, or use another slot" },
	{ bridge, "" },
};

static void
test_each_fault_and_its_remedy(void **state)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct visit result;

		fake_kernel_remove(state);
		fake_kernel_create(state);
		faults[i].spoil();
		result = visit(false);
		if (strcmp(result.text, faults[i].text) == 0)
			continue;
		print_error("expected: %s\n     got: %s\n", faults[i].text, result.text);
		failed++;
	}
	assert_int_equal(failed, 0);
}

/* Its memory is taken, and so is the PF: by the daemon, as it should be. */
static void
test_running_daemon(void **state)
{
	struct visit result;

	(void)state;
	no_hugepages();
	netdev_up();
	result = visit(true);
	assert_string_equal(result.text, "");
	assert_int_equal(result.nb, NB_CHECKS);
}

static void
test_find_ports(void **state)
{
	char pci[2][IOV_PCI_BYTES];

	(void)state;
	assert_int_equal(iov_find_ports(&kernel.root, pci, 2), 1);
	assert_string_equal(pci[0], FAKE_PF);
	fake_file("sysfs/bus/pci/devices/0000:00:05.0/class", "0x020000\n");
	fake_file("sysfs/bus/pci/devices/0000:00:05.0/sriov_totalvfs", "7\n");
	fake_file("sysfs/bus/pci/devices/0000:00:06.0/class", "0x030000\n");
	fake_file("sysfs/bus/pci/devices/0000:00:06.0/sriov_totalvfs", "7\n");
	fake_file("sysfs/bus/pci/devices/0000:00:07.0/class", "0x020000\n");
	assert_int_equal(iov_find_ports(&kernel.root, pci, 2), 2);
	assert_string_equal(pci[0], "0000:00:05.0");
	assert_string_equal(pci[1], FAKE_PF);
	assert_int_equal(iov_find_ports(&kernel.root, pci, 1), 2);
	fake_delete("sysfs/bus/pci/devices");
	assert_int_equal(iov_find_ports(&kernel.root, pci, 2), 0);
}

static void
collect(void *ctx, const char *subject, const char *name, const char *value)
{
	char *text = ctx;
	size_t used = strlen(text);

	snprintf(text + used, 2048 - used, "%s %s: %s\n", subject, name, value);
}

static void
assert_told(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("not told: %s, but\n%s", line, text);
}

static void
test_facts_of_the_host(void **state)
{
	char text[2048] = "";

	(void)state;
	fake_file("proc/cmdline", "root=/dev/sda1 intel_iommu=on vfio-pci.ids=8086:10ed "
				  "secret=word hugepages=64 iommu_password=x\n");
	fake_file("proc/sys/kernel/osrelease", "6.12.1\n");
	fake_file("sysfs/class/iommu/dmar1", " ");
	fake_file("sysfs/class/iommu/dmar0", " ");
	iov_facts_host(&kernel.root, collect, text);
	assert_told(text, "kernel osrelease: 6.12.1\n");
	assert_told(text, "kernel arch: -\n");
	assert_told(text, "kernel command line: intel_iommu=on vfio-pci.ids=8086:10ed "
			  "hugepages=64\n");
	assert_told(text, "iommu units: dmar0 dmar1\n");
	assert_told(text, "vfio enable_sriov: Y\n");
	assert_told(text, "hugepages 2048kB: ");
	fake_delete("proc/cmdline");
	fake_delete("sysfs/kernel/iommu_groups");
	text[0] = '\0';
	iov_facts_host(&kernel.root, collect, text);
	assert_told(text, "kernel command line: -\n");
	assert_told(text, "iommu groups: 0\n");
}

static void
test_facts_of_a_port(void **state)
{
	char text[2048] = "";

	(void)state;
	fake_file(PF_DIR "/vendor", "0x8086\n");
	fake_file(PF_DIR "/current_link_speed", "5.0 GT/s PCIe\n");
	iov_facts_port(&kernel.root, FAKE_PF, collect, text);
	assert_told(text, FAKE_PF " vendor: 0x8086\n");
	assert_told(text, FAKE_PF " current_link_speed: 5.0 GT/s PCIe\n");
	assert_told(text, FAKE_PF " reset_method: -\n");
	assert_told(text, FAKE_PF " sriov_numvfs: 0\n");
	assert_told(text, FAKE_PF " driver: igb\n");
	assert_told(text, FAKE_PF " iommu_group: 5\n");
	text[0] = '\0';
	iov_facts_port(&kernel.root, "0000:7f:00.0", collect, text);
	assert_told(text, "0000:7f:00.0 driver: -\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_FAKE_KERNEL(test_nothing_to_mend),
		WITH_FAKE_KERNEL(test_each_fault_and_its_remedy),
		WITH_FAKE_KERNEL(test_running_daemon),
		WITH_FAKE_KERNEL(test_find_ports),
		WITH_FAKE_KERNEL(test_facts_of_the_host),
		WITH_FAKE_KERNEL(test_facts_of_a_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
