/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_kernel.h"

#define HUGEPAGES_MB 16

static void
expect_problem(const char *line, int rc)
{
	struct iov_request request = fake_request(3);
	struct iov_problems problems = { 0 };
	char expected[IOV_LINE_BYTES], *at;

	(void)iov_check_host(&kernel.root, HUGEPAGES_MB, &problems);
	(void)iov_check_port(&kernel.root, &request, &problems);
	assert_int_equal(problems.nb, 1);
	/* "@" in the expectation stands for the temporary directory. */
	snprintf(expected, sizeof(expected), "%s", line);
	while ((at = strchr(expected, '@')) != NULL) {
		char rest[IOV_LINE_BYTES];

		snprintf(rest, sizeof(rest), "%s", at + 1);
		snprintf(at, expected + sizeof(expected) - at, "%s%s", kernel.dir, rest);
	}
	assert_string_equal(problems.problem[0].line, expected);
	assert_int_equal(problems.problem[0].rc, rc);
}

static void
test_fit_machine_has_no_problem(void **state)
{
	struct iov_request request = fake_request(8);
	struct iov_problems problems = { 0 };

	(void)state;
	assert_int_equal(iov_check_host(&kernel.root, HUGEPAGES_MB, &problems), 0);
	assert_int_equal(iov_check_port(&kernel.root, &request, &problems), 0);
	assert_int_equal(problems.nb, 0);
	assert_int_equal(kernel.writes, 0);
}

static void
test_no_iommu(void **state)
{
	(void)state;
	fake_delete("sysfs/kernel/iommu_groups");
	fake_file("sysfs/kernel/iommu_groups/", " ");
	expect_problem("no IOMMU: enable VT-d or AMD-Vi in the firmware, and boot with "
		       "intel_iommu=on",
		       -ENODEV);
}

static void
test_vfio_not_loaded(void **state)
{
	(void)state;
	fake_delete("sysfs/module/vfio_pci");
	expect_problem("vfio-pci is not loaded; run: modprobe vfio-pci enable_sriov=1", -ENODEV);
}

static void
test_vfio_without_sriov(void **state)
{
	(void)state;
	fake_file("sysfs/module/vfio_pci/parameters/enable_sriov", "N\n");
	expect_problem("vfio-pci makes no VFs without enable_sriov; run: "
		       "echo Y > @/sysfs/module/vfio_pci/parameters/enable_sriov",
		       -ENODEV);
}

static void
test_no_container(void **state)
{
	(void)state;
	fake_delete("dev/vfio/vfio");
	expect_problem("@/dev/vfio/vfio is missing; run: modprobe vfio-pci enable_sriov=1",
		       -ENODEV);
}

static void
test_no_permission(void **state)
{
	(void)state;
	fake_delete("sysfs/bus/pci/drivers_probe");
	expect_problem("no permission on @/sysfs/bus/pci/drivers_probe: run as root", -EACCES);
}

static void
test_no_hugepages(void **state)
{
	(void)state;
	fake_file("sysfs/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
	expect_problem("16 MB of huge pages wanted, 6 MB free; run: echo 69 > "
		       "@/sysfs/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
		       -ENOMEM);
}

static void
test_memlock(void **state)
{
	(void)state;
	fake_file("proc/self/status", "CapEff:\t0000000000000000\n");
	fake_file("proc/self/limits", "Max locked memory  8388608  8388608  bytes\n");
	expect_problem("16 MB must be locked, the limit is 8 MB; run: ulimit -l unlimited",
		       -ENOMEM);
}

static void
test_no_device(void **state)
{
	(void)state;
	fake_delete(PF_DIR);
	expect_problem("0000:01:00.0: no such PCI device; see: lspci -D", -ENODEV);
}

static void
test_no_sriov(void **state)
{
	(void)state;
	fake_delete(PF_DIR "/sriov_totalvfs");
	expect_problem("0000:01:00.0: has no SR-IOV; if the device should, enable it in the "
		       "firmware",
		       -ENODEV);
}

static void
test_vf_instead_of_pf(void **state)
{
	(void)state;
	fake_link(PF_DIR "/physfn", "../0000:02:00.0");
	expect_problem("0000:01:00.0: is a VF; its PF is 0000:02:00.0", -ENODEV);
}

static void
test_no_group(void **state)
{
	(void)state;
	fake_delete(PF_DIR "/iommu_group");
	expect_problem("0000:01:00.0: is not behind an IOMMU: enable VT-d or AMD-Vi in the "
		       "firmware, and boot with intel_iommu=on",
		       -ENODEV);
}

static void
test_group_not_viable(void **state)
{
	(void)state;
	fake_link("sysfs/kernel/iommu_groups/5/devices/0000:01:00.1",
		  "../../../../bus/pci/devices/0000:01:00.1");
	fake_link("sysfs/bus/pci/devices/0000:01:00.1/driver", "../../drivers/e1000e");
	expect_problem("0000:01:00.0: shares IOMMU group 5 with 0000:01:00.1, which e1000e has; "
		       "run: echo 0000:01:00.1 > @/sysfs/bus/pci/drivers/e1000e/unbind",
		       -EBUSY);
}

static void
test_bridge_in_group_is_harmless(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problems problems = { 0 };

	(void)state;
	fake_link("sysfs/kernel/iommu_groups/5/devices/0000:00:01.0",
		  "../../../../bus/pci/devices/0000:00:01.0");
	fake_link("sysfs/bus/pci/devices/0000:00:01.0/driver", "../../drivers/pcieport");
	assert_int_equal(iov_check_port(&kernel.root, &request, &problems), 0);
}

static void
test_too_many_vfs(void **state)
{
	(void)state;
	fake_file(PF_DIR "/sriov_totalvfs", "2\n");
	expect_problem("0000:01:00.0: 3 VFs wanted: not in 0..2", -ERANGE);
}

static void
test_interface_is_up(void **state)
{
	(void)state;
	fake_file(PF_DIR "/net/eth7/flags", "0x1003\n");
	expect_problem("0000:01:00.0: its interface eth7 is up; run: ip link set eth7 down",
		       -EBUSY);
}

static void
test_vfs_of_the_kernel(void **state)
{
	(void)state;
	fake_file(PF_DIR "/sriov_numvfs", "2\n");
	expect_problem("0000:01:00.0: has 2 VFs under igb; run: echo 0 > "
		       "@/sysfs/bus/pci/devices/0000:01:00.0/sriov_numvfs",
		       -EBUSY);
}

/* The PF on vfio-pci with some VFs, as the crash of a daemon leaves it. */
static void
take_pf(unsigned int num_vfs)
{
	struct iov_request request = fake_request(num_vfs);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_string_equal(problem.line, "");
	kernel.writes = 0;
}

static void
test_pf_in_use(void **state)
{
	char fd[128];

	(void)state;
	take_pf(3);
	strcpy(kernel.busy_group, "5");
	expect_problem("0000:01:00.0: is in use by another process: stop that first", -EBUSY);
	snprintf(fd, sizeof(fd), "%s/vfio/5", kernel.dev);
	fake_link("proc/4711/fd/8", fd);
	fake_file("proc/4711/comm", "dpdk-testpmd\n");
	expect_problem("0000:01:00.0: is in use by pid 4711 (dpdk-testpmd): stop that first",
		       -EBUSY);
}

static void
test_other_number_of_vfs_in_use(void **state)
{
	(void)state;
	take_pf(2);
	strcpy(kernel.busy_group, "11");
	expect_problem("0000:01:00.0: has 2 VFs, 3 wanted, and VF 1 (0000:01:10.1) is in use by "
		       "another process: stop that first",
		       -EBUSY);
}

static void
test_all_problems_are_told(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problems problems = { 0 };

	(void)state;
	fake_delete("sysfs/module/vfio_pci");
	fake_file("sysfs/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "0\n");
	fake_file(PF_DIR "/net/eth7/flags", "0x1003\n");
	assert_int_equal(iov_check_host(&kernel.root, HUGEPAGES_MB, &problems), -ENODEV);
	assert_int_equal(iov_check_port(&kernel.root, &request, &problems), -EBUSY);
	assert_int_equal(problems.nb, 3);
}

static void
test_create_and_destroy(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	char *before = fake_snapshot(), *after;
	struct iov_port port;
	char file[160];

	(void)state;
	request.vf_driver[1] = "igbvf";
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/driver"), "vfio-pci");
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "3");
	assert_int_equal(port.num_vfs, 3);
	assert_string_equal(port.vf_pci[2], FAKE_VF(2));
	assert_string_equal(fake_read(VF_DIR(1) "/driver"), "vfio-pci");
	assert_int_equal(iov_port_bind_vfs(&port, &problem), 0);
	assert_string_equal(fake_read(VF_DIR(0) "/driver"), "vfio-pci");
	assert_string_equal(fake_read(VF_DIR(1) "/driver"), "igbvf");
	snprintf(file, sizeof(file), "%s/" FAKE_PF ".original", kernel.state);
	assert_int_equal(access(file, F_OK), 0);

	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	after = fake_snapshot();
	assert_string_equal(before, after);
	assert_int_equal(access(file, F_OK), -1);
	free(before);
	free(after);
}

static void
test_destroy_without_restore(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	request.restore = false;
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/driver"), "vfio-pci");
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "3");
}

static void
test_external_is_left_alone(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	take_pf(3);
	iov_port_external(&kernel.root, &request, &port);
	assert_string_equal(port.vf_pci[2], FAKE_VF(2));
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_int_equal(kernel.writes, 0);
}

static void
test_after_a_crash_vfs_are_kept(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	take_pf(3);
	strcpy(kernel.busy_group, "11"); /* and VF 1 is even in use */
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_int_equal(kernel.writes, 0);
	assert_string_equal(port.original.driver, "igb");

	assert_int_equal(iov_port_destroy(&port, &problem), -EBUSY);
	assert_string_equal(problem.line,
			    FAKE_PF ": left as it is, VF 1 (" FAKE_VF(1) ") is in "
									 "use by another process");
	assert_int_equal(kernel.writes, 0);
	kernel.busy_group[0] = '\0';
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/driver"), "igb");
	assert_string_equal(fake_read(PF_DIR "/driver_override"), "(null)");
}

static void
test_after_a_crash_another_number(void **state)
{
	struct iov_request request = fake_request(5);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	take_pf(3);
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "5");
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/driver"), "igb");
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "0");
}

/* What is known about an earlier boot says nothing: here somebody else bound vfio-pci. */
static void
test_state_of_another_boot(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	take_pf(3);
	fake_file("proc/sys/kernel/random/boot_id", "8a1b77f0-second-boot\n");
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/driver"), "vfio-pci");
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "3");
}

static void
test_driver_that_takes_nothing(void **state)
{
	struct iov_request request = fake_request(2);
	char *before, *after;
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	strcpy(kernel.deaf_driver, "igbvf");
	request.vf_driver[1] = "igbvf";
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	before = fake_snapshot();
	assert_int_equal(iov_port_bind_vfs(&port, &problem), -ENODEV);
	assert_string_equal(problem.line,
			    FAKE_VF(1) ": igbvf does not take it; run: modprobe igbvf; dmesg");
	after = fake_snapshot();
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* Fails every write in turn; returns how many there were. */
static unsigned int
fail_each_write(const struct iov_request *request)
{
	char *before = fake_snapshot();
	unsigned int n;

	for (n = 1;; n++) {
		struct iov_problem problem = { 0 };
		struct iov_port port;
		char *after;
		int rc;

		kernel.writes = 0;
		kernel.fail_write = n;
		rc = iov_port_create(&kernel.root, request, &port, &problem);
		if (rc == 0)
			break;
		assert_int_equal(rc, -EIO);
		assert_string_not_equal(problem.line, "");
		assert_null(strstr(problem.line, "put back"));
		after = fake_snapshot();
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
	return n - 1;
}

static void
test_failed_writes_are_undone_from_igb(void **state)
{
	struct iov_request request = fake_request(3);

	(void)state;
	assert_int_equal(fail_each_write(&request), 3 + 1);
}

static void
test_failed_writes_are_undone_without_driver(void **state)
{
	struct iov_request request = fake_request(1);

	(void)state;
	fake_delete(PF_DIR "/driver");
	fake_file(PF_DIR "/driver_override", "pci-stub\n");
	assert_int_equal(fail_each_write(&request), 2 + 1);
}

static void
test_failed_writes_are_undone_after_a_crash(void **state)
{
	struct iov_request request = fake_request(3);

	(void)state;
	take_pf(2);
	assert_int_equal(fail_each_write(&request), 2);
}

/* VF 0 changes its driver, VF 2 has the right one and gets it anew. */
static void
test_failed_writes_to_vfs_are_undone(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;
	char *before, *after;
	unsigned int n;
	int rc;

	(void)state;
	request.vf_driver[2] = "igbvf";
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_int_equal(iov_port_bind_vfs(&port, &problem), 0);
	strcpy(port.vf_driver[0], "igbvf");
	before = fake_snapshot();
	for (n = 1;; n++) {
		kernel.writes = 0;
		kernel.fail_write = n;
		rc = iov_port_bind_vfs(&port, &problem);
		if (rc == 0)
			break;
		assert_int_equal(rc, -EIO);
		after = fake_snapshot();
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
	assert_int_equal(n - 1, 3 + 3);
	assert_string_equal(fake_read(VF_DIR(0) "/driver"), "igbvf");
	assert_string_equal(fake_read(VF_DIR(2) "/driver"), "igbvf");
}

static void
test_what_cannot_be_put_back_is_told(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	kernel.fail_write = 4; /* sriov_numvfs */
	fake_delete("sysfs/bus/pci/drivers/igb/bind");
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), -EIO);
	assert_string_equal(problem.line,
			    FAKE_PF ": cannot make 3 VFs: Input/output error; see: dmesg (and not "
				    "all could be put back: No such file or directory)");
}

static void
test_state_dir_not_writable(void **state)
{
	struct iov_request request = fake_request(3);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	request.state_dir = "/nowhere";
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), -ENOENT);
	assert_int_equal(kernel.writes, 0);
	assert_string_equal(problem.line, "cannot write /nowhere/" FAKE_PF ".original: "
					  "No such file or directory");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_FAKE_KERNEL(test_fit_machine_has_no_problem),
		WITH_FAKE_KERNEL(test_no_iommu),
		WITH_FAKE_KERNEL(test_vfio_not_loaded),
		WITH_FAKE_KERNEL(test_vfio_without_sriov),
		WITH_FAKE_KERNEL(test_no_container),
		WITH_FAKE_KERNEL(test_no_permission),
		WITH_FAKE_KERNEL(test_no_hugepages),
		WITH_FAKE_KERNEL(test_memlock),
		WITH_FAKE_KERNEL(test_no_device),
		WITH_FAKE_KERNEL(test_no_sriov),
		WITH_FAKE_KERNEL(test_vf_instead_of_pf),
		WITH_FAKE_KERNEL(test_no_group),
		WITH_FAKE_KERNEL(test_group_not_viable),
		WITH_FAKE_KERNEL(test_bridge_in_group_is_harmless),
		WITH_FAKE_KERNEL(test_too_many_vfs),
		WITH_FAKE_KERNEL(test_interface_is_up),
		WITH_FAKE_KERNEL(test_vfs_of_the_kernel),
		WITH_FAKE_KERNEL(test_pf_in_use),
		WITH_FAKE_KERNEL(test_other_number_of_vfs_in_use),
		WITH_FAKE_KERNEL(test_all_problems_are_told),
		WITH_FAKE_KERNEL(test_create_and_destroy),
		WITH_FAKE_KERNEL(test_destroy_without_restore),
		WITH_FAKE_KERNEL(test_external_is_left_alone),
		WITH_FAKE_KERNEL(test_after_a_crash_vfs_are_kept),
		WITH_FAKE_KERNEL(test_after_a_crash_another_number),
		WITH_FAKE_KERNEL(test_state_of_another_boot),
		WITH_FAKE_KERNEL(test_driver_that_takes_nothing),
		WITH_FAKE_KERNEL(test_failed_writes_are_undone_from_igb),
		WITH_FAKE_KERNEL(test_failed_writes_are_undone_without_driver),
		WITH_FAKE_KERNEL(test_failed_writes_are_undone_after_a_crash),
		WITH_FAKE_KERNEL(test_failed_writes_to_vfs_are_undone),
		WITH_FAKE_KERNEL(test_what_cannot_be_put_back_is_told),
		WITH_FAKE_KERNEL(test_state_dir_not_writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
