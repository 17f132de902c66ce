/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Messages that meet in a VF's buffer: no request is lost, and none is written over.
 *
 * usage: mailbox_test PLUGIN,PLUGIN FAMILY
 *
 * The VFs have no driver: their registers are written here. Some are written in the PF's handler,
 * which is between the reading of a request and its answer; so each meeting happens each time.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <bus_pci_driver.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "model_eal.h"
#include "rte_pmd_sluice.h"

#define NB_VFS	    3
#define PATIENCE_MS 20000
#define HOGGED_MS   50		/* several times what a VF may keep what it asked by */
#define ANSWERED    0x80000000u
#define NOTICE	    0x20000100u
#define CONTROL	    0x0000	/* of the VF as a whole */
#define CONTROL_RST (1u << 26)
#define ARRAY(table) (sizeof(table) / sizeof((table)[0]))

/* A VF's mailbox control, alike in all families; reading clears STS and ACK. */
enum { REQ = 1 << 0, ACK = 1 << 1, VFU = 1 << 2, STS = 1 << 4 };

/* 82576 sheet, 7.1; 82599 sheet, 7.1 */
static const struct registers {
	const char *family;
	uint32_t control, memory;
} families[] = {
	{ "82576", 0x0c40, 0x0800 },
	{ "82599", 0x02fc, 0x0200 },
};

static const struct registers *registers;
static uint8_t *bar[NB_VFS];
static uint16_t nb_vfs, pf_port;

/* What the PF's handler was told, and what is done in it, by the request's first word. */
static struct {
	_Atomic uint32_t word[NB_VFS];	/* of the latest request */
	_Atomic unsigned int requests[NB_VFS], resets[NB_VFS];
	void (*in_handler)(uint16_t vf, uint32_t word);
	_Atomic int rc;
} told;

/* --- VFs --- */

static uint32_t
get(uint16_t vf, uint32_t offset)
{
	return *(volatile uint32_t *)(bar[vf] + offset);
}

static void
set(uint16_t vf, uint32_t offset, uint32_t value)
{
	*(volatile uint32_t *)(bar[vf] + offset) = value;
}

static void
ask(uint16_t vf, uint32_t word)
{
	set(vf, registers->control, VFU);
	set(vf, registers->memory, word);
	set(vf, registers->control, REQ);
}

static bool
is_answered(uint16_t vf, uint32_t word)
{
	for (unsigned int i = 0; i < PATIENCE_MS; i++) {
		if ((get(vf, registers->control) & STS) != 0)
			return get(vf, registers->memory) == word;
		rte_delay_us_sleep(1000);
	}
	return false;
}

/* --- The PF --- */

static int
say(uint16_t vf, uint32_t word)
{
	return rte_pmd_sluice_send(pf_port, vf, &(struct mbx_msg){ .word = { word }, .words = 1 });
}

static void
on_request(uint16_t port, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	(void)port;
	(void)ctx;
	if (told.in_handler != NULL)
		told.in_handler(vf, request->word[0]);
	told.word[vf] = request->word[0];
	told.requests[vf]++;
}

static void
on_vf_reset(uint16_t port, uint16_t vf, void *ctx)
{
	(void)port;
	(void)ctx;
	told.resets[vf]++;
}

static const struct rte_pmd_sluice_handler handler = {
	.request = on_request,
	.vf_reset = on_vf_reset,
};

static bool
comes(_Atomic unsigned int *count, unsigned int wanted)
{
	for (unsigned int i = 0; i < PATIENCE_MS && *count < wanted; i++)
		rte_delay_us_sleep(1000);
	return *count >= wanted;
}

/* --- Tests --- */

static int
start(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_set_handler(pf_port, NULL, NULL), 0);
	for (uint16_t vf = 0; vf < NB_VFS; vf++) {
		set(vf, registers->control, 0);
		(void)get(vf, registers->control);
	}
	memset(&told, 0, sizeof(told));
	return rte_pmd_sluice_set_handler(pf_port, &handler, NULL);
}

/* It takes the buffer while its request is served; what it gets is too late for it. */
static void
ask_anew(uint16_t vf, uint32_t word)
{
	if (word != 1)
		return;
	set(vf, registers->control, VFU);
	told.rc = say(vf, ANSWERED | word);
	ask(vf, 2);
}

static void
an_answer_waits_and_is_overtaken(void **state)
{
	(void)state;
	told.in_handler = ask_anew;
	ask(0, 1);
	assert_true(comes(&told.requests[0], 2));
	assert_int_equal(told.rc, 0);
	assert_int_equal(told.word[0], 2);
	/* Its own answer is the only one. */
	assert_int_equal(get(0, registers->control) & STS, 0);
	assert_int_equal(say(0, ANSWERED | 2), 0);
	assert_true(is_answered(0, ANSWERED | 2));
}

static void
reset_itself(uint16_t vf, uint32_t word)
{
	set(vf, registers->control, VFU);
	told.rc = say(vf, ANSWERED | word);
	set(vf, CONTROL, CONTROL_RST);
	set(vf, registers->control, 0);
}

static void
an_answer_waits_and_its_vf_is_reset(void **state)
{
	(void)state;
	told.in_handler = reset_itself;
	ask(0, 1);
	assert_true(comes(&told.resets[0], 1));
	assert_int_equal(told.rc, 0);
	told.in_handler = NULL;
	ask(1, 1);
	assert_true(comes(&told.requests[1], 1));
	assert_int_equal(get(0, registers->control) & STS, 0);
}

static void
take_the_buffer(uint16_t vf, uint32_t word)
{
	set(vf, registers->control, VFU);
	told.rc = say(vf, ANSWERED | word);
}

static void
an_answer_waits_for_who_writes(void **state)
{
	(void)state;
	told.in_handler = take_the_buffer;
	ask(0, 1);
	assert_true(comes(&told.requests[0], 1));
	assert_int_equal(told.rc, 0);
	rte_delay_us_sleep(HOGGED_MS * 1000);
	assert_int_equal(get(0, registers->control) & (VFU | STS), VFU);
	/* Not to be had for something unasked either. */
	assert_int_equal(say(0, NOTICE), -EBUSY);
	set(0, registers->control, 0);
	assert_true(is_answered(0, ANSWERED | 1));
}

/* Two VFs ask before the PF looks again; while it is at the first it has a word for the second. */
static void
say_something_unasked(uint16_t vf, uint32_t word)
{
	if (vf == 2) {
		ask(0, 4);
		ask(1, 5);
	} else if (word == 4) {
		told.rc = say(1, NOTICE);
	}
}

static void
what_is_said_unasked_waits_for_a_request(void **state)
{
	(void)state;
	told.in_handler = say_something_unasked;
	ask(2, 1);
	assert_true(comes(&told.requests[1], 1));
	assert_int_equal(told.word[0], 4);
	assert_int_equal(told.word[1], 5);
	assert_int_equal(told.rc, -EAGAIN);
	assert_int_equal(say(1, NOTICE), 0);
}

/* Who asks and keeps the buffer is served. */
static void
the_buffer_is_taken_to_read(void **state)
{
	(void)state;
	set(0, registers->control, VFU);
	set(0, registers->memory, 6);
	set(0, registers->control, VFU | REQ);
	assert_true(comes(&told.requests[0], 1));
	assert_int_equal(told.word[0], 6);
	assert_int_equal(say(0, ANSWERED | 6), 0);
	assert_true(is_answered(0, ANSWERED | 6));
}

/* Looks at the device, and a request of a neighbour that is served. */
static void
look(void)
{
	const unsigned int before = told.requests[1];

	ask(1, 7);
	assert_true(comes(&told.requests[1], before + 1));
	assert_return_code(rte_pmd_sluice_poll(pf_port), 0);
}

static void
who_is_held_off_waits(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_hold_off(pf_port, 0, RTE_PMD_SLUICE_HOLD_MS_MAX), 0);
	ask(0, 8);
	look();
	ask(0, 9);
	look();
	assert_int_equal(told.requests[0], 0);
	assert_int_equal(rte_pmd_sluice_hold_off(pf_port, 0, 0), 0);
	assert_true(comes(&told.requests[0], 1));
	assert_int_equal(told.word[0], 9);
	/* And by itself. */
	assert_int_equal(rte_pmd_sluice_hold_off(pf_port, 0, 10), 0);
	ask(0, 10);
	assert_true(comes(&told.requests[0], 2));
	assert_int_equal(told.word[0], 10);
}

static void
a_reset_ends_it(void **state)
{
	(void)state;
	assert_int_equal(rte_pmd_sluice_hold_off(pf_port, 0, RTE_PMD_SLUICE_HOLD_MS_MAX), 0);
	set(0, CONTROL, CONTROL_RST);
	assert_true(comes(&told.resets[0], 1));
	ask(0, 11);
	assert_true(comes(&told.requests[0], 1));
	assert_int_equal(told.word[0], 11);
}

/* --- The driver of the VFs --- */

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	(void)driver;
	if (nb_vfs == NB_VFS)
		return -ENOSPC;
	bar[nb_vfs++] = pci->mem_resource[0].addr;
	return 0;
}

static int
remove_nothing(struct rte_pci_device *pci)
{
	(void)pci;
	return 0;
}

static const struct rte_pci_id ids[] = {
	{ RTE_PCI_DEVICE(0x8086, 0x10ca) },
	{ RTE_PCI_DEVICE(0x8086, 0x10ed) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver vf_driver = {
	.id_table = ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING,
	.probe = probe,
	.remove = remove_nothing,
};

RTE_PMD_REGISTER_PCI(mailbox_vf, vf_driver);

static int
start_eal(const char *plugins, const char *family)
{
	static const char *const name[] = { "0000:f0:00.0" };
	char spec[128];

	snprintf(spec, sizeof(spec), "family=%s,vfs=%u,wire=null,doorbell=trap,"
		 "pf_driver=net_sluice_pf,vf_driver=mailbox_vf", family, NB_VFS);
	if (model_eal_start(&(struct model_eal){ .plugins = plugins, .spec = { spec },
						 .memory_mb = "64" }) < 0 || nb_vfs != NB_VFS)
		return -1;
	return model_eal_ports(name, &pf_port, 1);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_answer_waits_and_is_overtaken, start),
		cmocka_unit_test_setup(an_answer_waits_and_its_vf_is_reset, start),
		cmocka_unit_test_setup(an_answer_waits_for_who_writes, start),
		cmocka_unit_test_setup(what_is_said_unasked_waits_for_a_request, start),
		cmocka_unit_test_setup(the_buffer_is_taken_to_read, start),
		cmocka_unit_test_setup(who_is_held_off_waits, start),
		cmocka_unit_test_setup(a_reset_ends_it, start),
	};
	int failed;

	for (size_t i = 0; argc == 3 && i < ARRAY(families); i++) {
		if (strcmp(families[i].family, argv[2]) == 0)
			registers = &families[i];
	}
	if (registers == NULL) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	if (start_eal(argv[1], argv[2]) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
