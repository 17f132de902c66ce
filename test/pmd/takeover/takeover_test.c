/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A PF whose process dies while its VFs run, and the one that goes on with its books.
 *
 * usage: takeover_test PLUGIN FAMILY
 *
 * A death at a moment of our choice, within this process: the books are copied as they are then,
 * and what the driver does from there on ends in memory instead of registers. The next life gets
 * the device as the dead one left it, and the copy.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_eal.h>

#include "codec.h"
#include "life_rig.h"
#include "pf.h"
#include "pf_probe.h"
#include "pool_ops.h"
#include "ports.h"
#include "service.h"

#define NB_MBUFS      4096
#define NB_VFS	      2
#define BAR_BYTES     (128 * 1024)
#define STREAM_FRAMES 64	/* of one run; there is one after the other */
#define RANGES_MAX    16
#define WORDS_MAX     1024
#define RESOURCE_NVM  BIT(0)	/* 82576 sheet, 2.7; 82599 sheet, 2.2 */
#define RESOURCE_MAC  BIT(3)
#define VF_CTRL_RST   BIT(26)
#define VLAN	      20

/** What the VFs live by: tables and switches that only a PF writes. */
struct range {
	uint32_t offset, words;
};

/* 82576 sheet, 3 to 5 and 8. */
static const struct range ranges_82576[RANGES_MAX] = {
	{ 0x00c8c, 2 },	  /* VFRE, VFTE */
	{ 0x03500, 1 },	  /* DTXSWC */
	{ 0x03700, 8 },	  /* VMVIR */
	{ 0x05200, 128 }, /* MTA */
	{ 0x05400, 32 },  /* RAL, RAH */
	{ 0x05600, 128 }, /* VFTA */
	{ 0x05818, 2 },	  /* MRQC, VT_CTL */
	{ 0x05ad0, 8 },	  /* VMOLR */
	{ 0x05c00, 32 },  /* RETA */
	{ 0x05c80, 10 },  /* RSSRK */
	{ 0x05d00, 32 },  /* VLVF */
	{ 0x0a000, 128 }, /* UTA */
};

/* 82599 sheet, 3 to 5 and 8. */
static const struct range ranges_82599[RANGES_MAX] = {
	{ 0x051b0, 1 },	  /* PFVTCTL */
	{ 0x051e0, 2 },	  /* PFVFRE */
	{ 0x05200, 128 }, /* MTA */
	{ 0x05818, 1 },	  /* MRQC */
	{ 0x05c00, 32 },  /* RETA */
	{ 0x05c80, 10 },  /* RSSRK */
	{ 0x08000, 64 },  /* PFVMVIR */
	{ 0x08110, 2 },	  /* PFVFTE */
	{ 0x08200, 9 },	  /* PFVFSPOOF, PFDTXGSWC */
	{ 0x0a000, 128 }, /* VFTA */
	{ 0x0a200, 128 }, /* RAL, RAH */
	{ 0x0a600, 128 }, /* MPSAR */
	{ 0x0f000, 64 },  /* PFVML2FLT */
	{ 0x0f100, 64 },  /* PFVLVF */
	{ 0x0f200, 128 }, /* PFVLVFB */
	{ 0x0f400, 64 },  /* PFUTA */
};

/** When the process dies. */
enum moment { NOW, IN_VF_RESET, IN_REQUEST };

static struct life {
	struct rte_pci_device *pci;
	void *books[2], *dead;	/* two, in turn, and those of the one that died */
	unsigned int current;
	uint8_t *nowhere;	/* the dead one's registers */
	struct vf_service service;
	atomic_int moment;
	atomic_bool is_dead;
	atomic_uint nb_vf_resets, nb_requests;
	_Atomic uint32_t last_request;
} life;

static struct stream {
	pthread_t thread;
	atomic_bool end;
	unsigned int sent, arrived;
} stream;

/* --- The driver of a daemon, but for vfio --- */

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	(void)driver;
	life.pci = pci;
	return pf_probe_kept(pci, life.books[0], NULL);
}

static struct rte_pci_driver kept_driver = {
	.id_table = pf_ids,
	.drv_flags = RTE_PCI_DRV_INTR_LSC,
	.probe = probe,
	.remove = pf_remove,
};

RTE_PMD_REGISTER_PCI(net_sluice_pf_kept, kept_driver);

static struct pf *
current_pf(void)
{
	return life.books[life.current];
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* From here on it does nothing more: @return whether this was its moment. */
static bool
dies_at(enum moment moment)
{
	int wanted = moment;

	if (!atomic_compare_exchange_strong(&life.moment, &wanted, NOW))
		return false;
	memcpy(life.dead, current_pf(), pf_kept_bytes());
	current_pf()->port.io.bar = life.nowhere;
	atomic_store(&life.is_dead, true);
	return true;
}

static void
on_request(uint16_t port_id, uint16_t vf, const struct mbx_msg *request, void *ctx)
{
	struct mbx_msg reply;

	(void)ctx;
	if (life.is_dead || dies_at(IN_REQUEST))
		return;
	life.last_request = request->word[0];
	life.nb_requests++;
	if (service_on_request(&life.service, vf, request, now_ms(), &reply))
		rte_pmd_sluice_send(port_id, vf, &reply);
}

static void
on_vf_reset(uint16_t port_id, uint16_t vf, void *ctx)
{
	(void)port_id;
	(void)ctx;
	if (life.is_dead || dies_at(IN_VF_RESET))
		return;
	life.nb_vf_resets++;
	service_on_vf_reset(&life.service, vf);
}

static const struct rte_pmd_sluice_handler handler = {
	.request = on_request,
	.vf_reset = on_vf_reset,
};

static void
serve(bool resumed)
{
	uint16_t port;

	assert_return_code(rte_eth_dev_get_port_by_name(device_name[PF], &port), 0);
	rig.port[PF] = port;
	if (resumed) {
		life.service.port_id = port;
		assert_int_equal(service_resume(&life.service, &pmd_pool_ops), 0);
	} else {
		life.service.speaks = (enum mbx_dialect)rte_pmd_sluice_dialect(port);
		assert_int_equal(service_start(&life.service, port, NB_VFS, &pmd_pool_ops, NULL),
				 0);
	}
	assert_int_equal(rte_pmd_sluice_set_handler(port, &handler, NULL), 0);
	life_start(PF);
}

/* --- Death, and the next life --- */

static void
die(void)
{
	life.moment = IN_VF_RESET;
	assert_true(dies_at(IN_VF_RESET));
}

/* What a process has besides the device ends with it. */
static void
bury(void)
{
	current_pf()->gone = true;
	assert_int_equal(pf_remove(life.pci), 0);
}

static void
adopt(void)
{
	bury();
	life.current = 1 - life.current;
	life.is_dead = false;
	assert_int_equal(pf_probe_kept(life.pci, current_pf(), life.dead), 0);
	serve(true);
}

/* --- What the device is set to --- */

static const struct range *
ranges(void)
{
	return life.service.speaks == MBX_DIALECT_82576 ? ranges_82576 : ranges_82599;
}

static unsigned int
read_settings(uint32_t words[WORDS_MAX])
{
	const uint8_t *bar = life.pci->mem_resource[0].addr;
	unsigned int nb = 0;

	for (unsigned int i = 0; i < RANGES_MAX && ranges()[i].words > 0; i++)
		for (uint32_t w = 0; w < ranges()[i].words; w++) {
			assert_true(nb < WORDS_MAX);
			words[nb++] = *(const volatile uint32_t *)(bar + ranges()[i].offset +
								   4 * w);
		}
	return nb;
}

static uint32_t
read_pf(struct reg reg)
{
	return reg_read(&current_pf()->port.io, reg);
}

/* --- Frames from VF to VF, all the time --- */

static void *
run_stream(void *arg)
{
	struct flow flow = {
		.from = rig.port[VF0], .to = rig.port[VF1], .nb = STREAM_FRAMES, .pool = rig.pool,
	};

	(void)arg;
	rte_eth_macaddr_get(flow.to, &flow.dst);
	while (!stream.end) {
		stream.sent += flow.nb;
		stream.arrived += flow_run(&flow);
	}
	return NULL;
}

static void
stream_begin(void)
{
	stream.sent = stream.arrived = 0;
	stream.end = false;
	assert_int_equal(pthread_create(&stream.thread, NULL, run_stream, NULL), 0);
}

static void
stream_end(void)
{
	stream.end = true;
	assert_int_equal(pthread_join(stream.thread, NULL), 0);
	assert_true(stream.sent > 0);
	assert_int_equal(stream.arrived, stream.sent);
}

/* --- Tests --- */

/* Something in each table: some asked for by the VFs, some said by the operator. */
static void
ask_for_all(void)
{
	struct rte_ether_addr more = { { 0x02, 0, 0, 0, 0x33, 1 } };
	struct rte_ether_addr group = { { 0x01, 0, 0x5e, 0, 0, 7 } };
	struct vf_policy policy = policy_default;

	assert_int_equal(rte_eth_dev_mac_addr_add(rig.port[VF0], &more, 0), 0);
	assert_int_equal(rte_eth_dev_set_mc_addr_list(rig.port[VF1], &group, 1), 0);
	assert_int_equal(rte_eth_dev_vlan_filter(rig.port[VF0], VLAN, 1), 0);
	policy.trusted = true;
	assert_int_equal(service_set_policy(&life.service, 0, &policy), 0);
	policy.spoof_check = false;
	assert_int_equal(service_set_policy(&life.service, 1, &policy), 0);
}

static void
the_first_life_serves(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++)
		assert_return_code(rte_eth_dev_get_port_by_name(device_name[i], &rig.port[i]), 0);
	serve(false);
	for (unsigned int i = VF0; i <= VF1; i++) {
		life_start(i);
		events_watch(i);
		assert_int_equal(rte_eth_dev_set_vlan_offload(rig.port[i],
							      RTE_ETH_VLAN_FILTER_OFFLOAD), 0);
	}
	ask_for_all();
	life_expect_flow(VF0, VF1, LIFE_NB_FRAMES);
}

static void
no_vf_notices_that_the_pf_died(void **state)
{
	static uint32_t before[WORDS_MAX], after[WORDS_MAX];
	unsigned int nb;

	(void)state;
	stream_begin();
	nb = read_settings(before);
	die();
	rte_delay_us_sleep(50000);
	adopt();
	assert_int_equal(read_settings(after), nb);
	assert_memory_equal(before, after, nb * sizeof(before[0]));
	rte_delay_us_sleep(50000);
	stream_end();
	for (unsigned int i = VF0; i <= VF1; i++)
		events_expect(i, RTE_ETH_EVENT_INTR_RESET, 0);
}

static void
and_again(void **state)
{
	no_vf_notices_that_the_pf_died(state);
	no_vf_notices_that_the_pf_died(state);
}

/* The VF waits for an answer to what was fetched before the death. */
static void *
ask(void *rc)
{
	*(int *)rc = rte_eth_dev_vlan_filter(rig.port[VF0], VLAN + 1, 1);
	return NULL;
}

static void
wait_for_death(void)
{
	for (unsigned int i = 0; i < LIFE_WAIT_MS && !life.is_dead; i++)
		rte_delay_us_sleep(1000);
	assert_true(life.is_dead);
}

static void
a_request_that_was_fetched_is_answered(void **state)
{
	pthread_t asker;
	int rc = 1;

	(void)state;
	life.moment = IN_REQUEST;
	assert_int_equal(pthread_create(&asker, NULL, ask, &rc), 0);
	wait_for_death();
	life.nb_requests = 0;
	adopt();
	for (unsigned int i = 0; i < LIFE_WAIT_MS && life.nb_requests == 0; i++)
		rte_delay_us_sleep(1000);
	assert_int_not_equal(life.nb_requests, 0);
	assert_int_equal(pthread_join(asker, NULL), 0);
	/* It waits for a second, which is long, but not for ever. */
	if (rc != 0)
		print_message("# the VF had given up: %s\n", strerror(-rc));
	assert_int_equal(life.last_request & MBX_OPCODE, MBX_SET_VLAN);
}

/* 82576 sheet, 2.12; 82599 sheet, 2.7: by its own bit. */
static void
reset_vf(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	*(volatile uint32_t *)RTE_DEV_TO_PCI(info.device)->mem_resource[0].addr = VF_CTRL_RST;
}

static void
a_vf_reset_that_was_fetched_is_served(void **state)
{
	(void)state;
	life.moment = IN_VF_RESET;
	life.nb_vf_resets = 0;
	assert_int_equal(rte_eth_dev_stop(rig.port[VF1]), 0);
	reset_vf(VF1);
	wait_for_death();
	assert_int_equal(life.nb_vf_resets, 0);
	adopt();
	for (unsigned int i = 0; i < LIFE_WAIT_MS && life.nb_vf_resets == 0; i++)
		rte_delay_us_sleep(1000);
	assert_int_equal(life.nb_vf_resets, 1);
	assert_int_equal(current_pf()->resets_owed, 0);
	life_start(VF1);
	life_expect_flow(VF0, VF1, LIFE_NB_FRAMES);
}

/* It died with one resource, while it was taking another; a third is somebody else's. */
static void
what_it_had_locked_is_freed(void **state)
{
	const struct pf_semaphore *row = &current_pf()->family->semaphore;
	const uint32_t others = RESOURCE_MAC;

	(void)state;
	reg_update(&current_pf()->port.io, row->sync, 0, others);
	assert_int_equal(pf_lock_resource(current_pf(), RESOURCE_NVM), 0);
	assert_int_equal(read_pf(row->sync) & (RESOURCE_NVM | others), RESOURCE_NVM | others);
	/* Reading takes it. */
	assert_int_equal(read_pf(row->control) & row->software, 0);
	assert_int_equal(read_pf(row->control) & row->software, row->software);
	current_pf()->semaphore = true;
	die();
	adopt();
	assert_int_equal(read_pf(row->sync) & (RESOURCE_NVM | others), others);
	reg_update(&current_pf()->port.io, row->sync, others, 0);
	assert_int_equal(current_pf()->resources, 0);
	assert_int_equal(read_pf(row->control) & row->software, 0);
	reg_update(&current_pf()->port.io, row->control, row->software, 0);
}

static void
the_last_life_ends(void **state)
{
	(void)state;
	for (unsigned int i = NB_PORTS; i-- > 0;)
		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
	assert_int_equal(rte_mempool_avail_count(rig.pool), NB_MBUFS);
}

int
main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_life_serves),
		cmocka_unit_test(no_vf_notices_that_the_pf_died),
		cmocka_unit_test(and_again),
		cmocka_unit_test(a_request_that_was_fetched_is_answered),
		cmocka_unit_test(a_vf_reset_that_was_fetched_is_served),
		cmocka_unit_test(what_it_had_locked_is_freed),
		cmocka_unit_test(the_last_life_ends),
	};
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: %s PLUGIN FAMILY\n", argv[0]);
		return 64;
	}
	for (unsigned int i = 0; i < RTE_DIM(life.books); i++)
		life.books[i] = calloc(1, pf_kept_bytes());
	life.dead = calloc(1, pf_kept_bytes());
	life.nowhere = malloc(BAR_BYTES);
	if (life.books[0] == NULL || life.books[1] == NULL || life.dead == NULL ||
	    life.nowhere == NULL)
		return 1;
	memset(life.nowhere, 0xff, BAR_BYTES);
	if (life_open(argv[1], argv[2], "wire=null,doorbell=trap,pf_driver=net_sluice_pf_kept",
		      NB_MBUFS) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
