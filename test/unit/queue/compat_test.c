/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "cases.h"

#include "devargs.h"
#include "dpdk_compat.h"

#define DRIVERS 4

RTE_TAILQ_HEAD(driver_list, rte_pci_driver);

static const char *const names[DRIVERS] = { "net_first", "net_second", "net_third", "net_fourth" };

/* A bus with DRIVERS drivers, of which the one at @p index moves to the front. */
static void
check_move(unsigned int index)
{
	struct driver_list list = TAILQ_HEAD_INITIALIZER(list);
	struct rte_pci_driver drivers[DRIVERS] = { { .drv_flags = 0 } };
	struct rte_pci_driver *driver;
	unsigned int nb = 0, expect = 0;

	for (unsigned int i = 0; i < DRIVERS; i++) {
		drivers[i].driver.name = names[i];
		TAILQ_INSERT_TAIL(&list, &drivers[i], next);
	}
	pci_driver_move_first(&drivers[index]);

	assert_ptr_equal(TAILQ_FIRST(&list), &drivers[index]);
	TAILQ_FOREACH(driver, &list, next) {
		if (nb++ == 0)
			continue;
		if (expect == index)
			expect++;
		assert_ptr_equal(driver, &drivers[expect++]);
	}
	assert_int_equal(nb, DRIVERS);

	/* The list's end is intact: a driver loaded later still goes there. */
	driver = TAILQ_LAST(&list, driver_list);
	assert_ptr_equal(driver, &drivers[index == DRIVERS - 1 ? DRIVERS - 2 : DRIVERS - 1]);
	TAILQ_REMOVE(&list, driver, next);
	TAILQ_INSERT_TAIL(&list, driver, next);
	assert_ptr_equal(TAILQ_LAST(&list, driver_list), driver);
}

static void
test_move_first(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < DRIVERS; i++)
		check_move(i);
}

/* A plugin that is installed comes behind the same one that is named with -d. */
static void
test_second_of_a_name_stays(void **state)
{
	struct driver_list list = TAILQ_HEAD_INITIALIZER(list);
	struct rte_pci_driver drivers[DRIVERS] = { { .drv_flags = 0 } };
	const struct rte_pci_driver *driver;
	unsigned int nb = 0;

	(void)state;
	for (unsigned int i = 0; i < DRIVERS; i++) {
		drivers[i].driver.name = i == DRIVERS - 1 ? names[0] : names[i];
		TAILQ_INSERT_TAIL(&list, &drivers[i], next);
	}
	pci_driver_move_first(&drivers[DRIVERS - 1]);
	TAILQ_FOREACH(driver, &list, next)
		assert_ptr_equal(driver, &drivers[nb++]);
	assert_int_equal(nb, DRIVERS);
}

static void
test_move_only_driver(void **state)
{
	struct driver_list list = TAILQ_HEAD_INITIALIZER(list);
	struct rte_pci_driver only = { .driver.name = "only" };

	(void)state;
	TAILQ_INSERT_TAIL(&list, &only, next);
	pci_driver_move_first(&only);
	assert_ptr_equal(TAILQ_FIRST(&list), &only);
	assert_ptr_equal(TAILQ_LAST(&list, driver_list), &only);
	assert_null(TAILQ_NEXT(&only, next));
}

static void
test_devargs(void **state)
{
	static const struct {
		const char *what;
		const char *args;
		int rc;
		bool take;
		uint32_t itr_us;
		bool mdd, auto_reset;
		enum devargs_driver driver;
	} cases[] = {
		{ "no arguments", NULL, 0, true },
		{ "empty arguments", "", 0, true },
		{ "on", "sluice=on", 0, true },
		{ "off", "sluice=off", 0, false },
		{ "neither", "sluice=maybe", -EINVAL, true },
		{ "no value", "sluice=", -EINVAL, true },
		{ "an interval", "itr_us=20", 0, true, 20 },
		{ "an interval of none", "sluice=on,itr_us=0", 0, true, 0 },
		{ "an interval that is no number", "itr_us=fast", -EINVAL },
		{ "half a number", "itr_us=5us", -EINVAL },
		{ "below 0", "itr_us=-1", -EINVAL },
		{ "more than 32 bits", "itr_us=4294967296", -EINVAL },
		{ "malicious-driver detection", "mdd=on", 0, true, 0, true },
		{ "none of it", "mdd=off", 0, true },
		{ "a third way", "mdd=1", -EINVAL },
		{ "of a VF", "mdd=on", -EINVAL, .driver = DEVARGS_VF },
		{ "recovery", "auto_reset=on", 0, true, 0, false, true, DEVARGS_VF },
		{ "recovery of a PF", "auto_reset=on", -EINVAL },
		{ "unknown key", "slice=off", -EINVAL, true },
		{ "unknown key after a good one", "sluice=on,queues=4", -EINVAL, true },
	};
	unsigned int failed = 0;

	(void)state;
	for (size_t i = 0; i < CASES(cases); i++) {
		struct rte_devargs devargs = { .name = "0000:01:10.0" };
		struct sluice_devargs args;

		devargs.args = cases[i].args;
		failed += differs(cases[i].what, cases[i].rc,
				  devargs_read(cases[i].driver, &devargs, &args));
		if (cases[i].rc < 0)
			continue;
		failed += differs(cases[i].what, cases[i].take, args.take);
		failed += differs(cases[i].what, cases[i].itr_us, args.itr_us);
		failed += differs(cases[i].what, cases[i].mdd, args.mdd);
		failed += differs(cases[i].what, cases[i].auto_reset, args.auto_reset);
	}
	assert_int_equal(failed, 0);
}

static void
test_no_devargs(void **state)
{
	struct sluice_devargs args = { .itr_us = 1, .mdd = true };

	(void)state;
	assert_int_equal(devargs_read(DEVARGS_VF, NULL, &args), 0);
	assert_true(args.take);
	assert_int_equal(args.itr_us, 0);
	assert_false(args.mdd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move_first),
		cmocka_unit_test(test_second_of_a_name_stays),
		cmocka_unit_test(test_move_only_driver),
		cmocka_unit_test(test_devargs),
		cmocka_unit_test(test_no_devargs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
