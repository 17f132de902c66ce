/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Another number of VFs at a PF that is open, on a kernel made of files. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_kernel.h"

/* The PF open with some VFs, one of them the kernel's. */
static struct iov_port
open_pf(unsigned int num_vfs)
{
	struct iov_request request = fake_request(num_vfs);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	request.vf_driver[1] = "igbvf";
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), 0);
	assert_int_equal(iov_port_bind_vfs(&port, &problem), 0);
	strcpy(kernel.busy_group, "5"); /* the PF's own, which is ours */
	kernel.writes = 0;
	return port;
}

static void
test_another_number_while_it_is_open(void **state)
{
	static const unsigned int numbers[] = { 5, 0, 0, 1, 8, 2 };
	struct iov_port port = open_pf(3);
	struct iov_problem problem = { 0 };
	char text[12];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct iov_request request = fake_request(numbers[i]);
		bool touched, changes = port.num_vfs != numbers[i];

		request.vf_driver[0] = "igbvf";
		assert_int_equal(iov_port_set_vfs(&port, &request, &touched, &problem), 0);
		assert_int_equal(touched, changes);
		snprintf(text, sizeof(text), "%u", numbers[i]);
		assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), text);
		assert_int_equal(port.num_vfs, numbers[i]);
		assert_int_equal(iov_port_bind_vfs(&port, &problem), 0);
		if (numbers[i] == 0)
			continue;
		assert_string_equal(fake_read(VF_DIR(0) "/driver"), "igbvf");
		assert_int_equal(port.vf_pci[numbers[i] - 1][11], '0' + numbers[i] - 1);
	}
	assert_string_equal(fake_read(VF_DIR(1) "/driver"), "vfio-pci");
	kernel.busy_group[0] = '\0';
	assert_int_equal(iov_port_destroy(&port, &problem), 0);
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "0");
}

static void
expect_untouched(struct iov_port *port, unsigned int num_vfs, int rc, const char *line)
{
	struct iov_request request = fake_request(num_vfs);
	struct iov_problem problem = { 0 };
	bool touched;

	assert_int_equal(iov_port_set_vfs(port, &request, &touched, &problem), rc);
	assert_string_equal(problem.line, line);
	assert_int_equal(problem.rc, rc);
	assert_false(touched);
	assert_int_equal(kernel.writes, 0);
	assert_int_equal(port->num_vfs, 3);
}

static void
test_another_number_is_refused(void **state)
{
	struct iov_port port = open_pf(3);

	(void)state;
	expect_untouched(&port, 9, -ERANGE, "0000:01:00.0: 9 VFs wanted: not in 0..8");
	strcpy(kernel.busy_group, "12");
	expect_untouched(&port, 2, -EBUSY,
			 "0000:01:00.0: has 3 VFs, and VF 2 (0000:01:10.2) is in use by another "
			 "process: stop that first");
	expect_untouched(&port, 0, -EBUSY,
			 "0000:01:00.0: has 3 VFs, and VF 2 (0000:01:10.2) is in use by another "
			 "process: stop that first");
	strcpy(kernel.busy_group, "5");
	fake_file(VF_DIR(1) "/net/eth9/flags", "0x1003\n");
	expect_untouched(&port, 5, -EBUSY,
			 "0000:01:00.0: has 3 VFs, and the interface eth9 of VF 1 (0000:01:10.1) "
			 "is up; run: ip link set eth9 down");
}

static void
test_another_number_fails_half_way(void **state)
{
	struct iov_port port = open_pf(3);
	struct iov_request request = fake_request(5);
	struct iov_problem problem = { 0 };
	bool touched;

	(void)state;
	kernel.fail_write = 2; /* the first makes it 0 */
	assert_int_equal(iov_port_set_vfs(&port, &request, &touched, &problem), -EIO);
	assert_string_equal(problem.line, "0000:01:00.0: cannot make 5 VFs: Input/output error; "
					  "see: dmesg");
	assert_true(touched);
	assert_string_equal(fake_read(PF_DIR "/sriov_numvfs"), "3");
	assert_int_equal(port.num_vfs, 3);
	/* The VFs are others, and wait for their drivers. */
	assert_int_equal(iov_port_bind_vfs(&port, &problem), 0);
	assert_string_equal(fake_read(VF_DIR(1) "/driver"), "igbvf");
}

/* A daemon that died may have left VFs to somebody. */
static void
test_after_a_crash_another_number_in_use(void **state)
{
	struct iov_request found = fake_request(3), request = fake_request(5);
	struct iov_problem problem = { 0 };
	struct iov_port port;

	(void)state;
	assert_int_equal(iov_port_create(&kernel.root, &found, &port, &problem), 0);
	kernel.writes = 0;
	strcpy(kernel.busy_group, "11");
	assert_int_equal(iov_port_create(&kernel.root, &request, &port, &problem), -EBUSY);
	assert_int_equal(kernel.writes, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_FAKE_KERNEL(test_another_number_while_it_is_open),
		WITH_FAKE_KERNEL(test_another_number_is_refused),
		WITH_FAKE_KERNEL(test_another_number_fails_half_way),
		WITH_FAKE_KERNEL(test_after_a_crash_another_number_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
