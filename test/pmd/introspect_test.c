/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What our ports tell of themselves, on the model: is it so?
 *
 * usage: introspect_test PLUGIN,PLUGIN FAMILY DOC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>

#include "introspect.h"
#include "model_eal.h"
#include "ports.h"

#define NB_MBUFS     2048
#define NB_DESC	     256
#define DESC_BYTES   16
#define NB_FRAMES    40
#define NVM_SUMMED   0x40	/* words of a 82576's first region, sum in the last */
#define NVM_SUM	     0xbaba
#define MODULE_SUM   63		/* of the bytes before */
#define MODULE_NAME  40
#define LINK_TRIES   20000	/* milliseconds */

static const char *const device_name[NB_PORTS] = { "0000:f0:00.0", "0000:f0:10.0",
						   "0000:f0:10.1" };

struct introspect_rig rig;

static struct rte_eth_dev_info
info_of(unsigned int which)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	return info;
}

/* Stopped, and with so many queues each way. */
static int
configure(unsigned int which, uint16_t nb_rx, uint16_t nb_tx, const struct rte_eth_conf *conf)
{
	assert_int_equal(rte_eth_dev_stop(rig.port[which]), 0);
	return rte_eth_dev_configure(rig.port[which], nb_rx, nb_tx, conf);
}

static void
limits_are_the_device_s(void **state)
{
	const struct rte_eth_conf conf = { 0 };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info = info_of(i);
		uint16_t nb_rx = info.max_rx_queues, nb_tx = info.max_tx_queues;

		assert_int_equal(configure(i, nb_rx, nb_tx, &conf), 0);
		assert_int_equal(configure(i, nb_rx + 1, 1, &conf), -EINVAL);
		assert_int_equal(configure(i, 1, nb_tx + 1, &conf), -EINVAL);
		assert_true(info.speed_capa != 0 && info.max_mac_addrs > 0);
		assert_int_equal(info.max_vfs, i == PF ? NB_PORTS - 1 : 0);
	}
}

static int
setup_rx(unsigned int which, uint16_t nb_desc)
{
	return rte_eth_rx_queue_setup(rig.port[which], 0, nb_desc, SOCKET_ID_ANY, NULL, rig.pool);
}

static int
setup_tx(unsigned int which, uint16_t nb_desc)
{
	return rte_eth_tx_queue_setup(rig.port[which], 0, nb_desc, SOCKET_ID_ANY, NULL);
}

static void
try_ring(unsigned int which, int (*setup)(unsigned int which, uint16_t nb_desc),
	 const struct rte_eth_desc_lim *limits)
{
	assert_int_equal(setup(which, limits->nb_min - limits->nb_align), -EINVAL);
	assert_int_equal(setup(which, limits->nb_max + limits->nb_align), -EINVAL);
	assert_int_equal(setup(which, limits->nb_min + 1), -EINVAL);
	assert_int_equal(setup(which, limits->nb_max), 0);
	assert_int_equal(setup(which, limits->nb_min), 0);
}

/* The smallest rings must also run. */
static void
rings_are_as_large_as_told(void **state)
{
	const struct rte_eth_conf conf = { 0 };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info = info_of(i);

		assert_int_equal(configure(i, 1, 1, &conf), 0);
		try_ring(i, setup_rx, &info.rx_desc_lim);
		try_ring(i, setup_tx, &info.tx_desc_lim);
		assert_int_equal(rte_eth_dev_start(rig.port[i]), 0);
	}
}

static void
mtu_goes_as_far_as_told(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info = info_of(i);
		struct rte_eth_conf conf = { 0 };
		uint16_t mtu;

		conf.rxmode.mtu = info.max_mtu + 1;
		assert_int_equal(configure(i, 1, 1, &conf), -EINVAL);
		conf.rxmode.mtu = info.min_mtu - 1;
		assert_int_equal(configure(i, 1, 1, &conf), -EINVAL);
		conf.rxmode.mtu = info.min_mtu;
		assert_int_equal(configure(i, 1, 1, &conf), 0);
		assert_int_equal(rte_eth_dev_set_mtu(rig.port[i], info.max_mtu + 1), -EINVAL);
		conf.rxmode.mtu = RTE_ETHER_MTU;
		assert_int_equal(configure(i, 1, 1, &conf), 0);
		assert_int_equal(rte_eth_dev_get_mtu(rig.port[i], &mtu), 0);
		assert_int_equal(mtu, RTE_ETHER_MTU);
	}
}

/* Each bit alone: configure takes what is told, and nothing else; and the queues likewise. */
static void
offloads_are_those_told(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info = info_of(i);

		assert_int_equal(info.rx_queue_offload_capa & ~info.rx_offload_capa, 0);
		assert_int_equal(info.tx_queue_offload_capa & ~info.tx_offload_capa, 0);
		for (unsigned int bit = 0; bit < 64; bit++) {
			struct rte_eth_conf rx = { .rxmode.offloads = RTE_BIT64(bit) };
			struct rte_eth_conf tx = { .txmode.offloads = RTE_BIT64(bit) };

			/* ethdev has no hash without RSS. */
			if (RTE_BIT64(bit) == RTE_ETH_RX_OFFLOAD_RSS_HASH)
				rx.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
			assert_int_equal(configure(i, 1, 1, &rx) == 0,
					 (info.rx_offload_capa & RTE_BIT64(bit)) != 0);
			assert_int_equal(configure(i, 1, 1, &tx) == 0,
					 (info.tx_offload_capa & RTE_BIT64(bit)) != 0);
		}
	}
}

static void
start_all(void **state)
{
	const struct rte_eth_conf conf = { 0 };

	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		assert_int_equal(configure(i, 1, 1, &conf), 0);
		assert_int_equal(setup_rx(i, NB_DESC), 0);
		assert_int_equal(setup_tx(i, NB_DESC), 0);
		assert_int_equal(rte_eth_dev_start(rig.port[i]), 0);
	}
}

static void
addresses_fit_as_many_as_told(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_dev_info info = info_of(i);
		struct rte_ether_addr mac = { { 2, 0, 0, i, 0, 0 } };
		uint32_t n;

		for (n = 1; n < info.max_mac_addrs; n++) {
			mac.addr_bytes[5] = n;
			assert_int_equal(rte_eth_dev_mac_addr_add(rig.port[i], &mac, 0), 0);
		}
		mac.addr_bytes[5] = n;
		assert_int_equal(rte_eth_dev_mac_addr_add(rig.port[i], &mac, 0), -ENOSPC);
		for (n = 1; n < info.max_mac_addrs; n++) {
			mac.addr_bytes[5] = n;
			assert_int_equal(rte_eth_dev_mac_addr_remove(rig.port[i], &mac), 0);
		}
	}
}

static struct rte_dev_reg_info
dump(unsigned int which, uint32_t **data)
{
	struct rte_dev_reg_info info = { 0 };

	assert_int_equal(rte_eth_dev_get_reg_info(rig.port[which], &info), 0);
	assert_int_equal(info.width, sizeof(uint32_t));
	assert_true(info.length > 0);
	*data = test_calloc(info.length + 1, sizeof(**data));
	(*data)[info.length] = NB_FRAMES;	/* nothing is written there */
	info.data = *data;
	assert_int_equal(rte_eth_dev_get_reg_info(rig.port[which], &info), 0);
	assert_int_equal((*data)[info.length], NB_FRAMES);
	return info;
}

/*
 * The lengths of two rings are there. A dump that cleared counters would lose frames; and one that
 * took a semaphore would fail the tests of NVM, which come later.
 */
static void
registers_are_dumped_without_a_change(void **state)
{
	struct flow flow = { .from = rig.port[VF0], .to = rig.port[VF1], .nb = NB_FRAMES,
			     .pool = rig.pool };

	(void)state;
	assert_int_equal(rte_eth_macaddr_get(rig.port[VF1], &flow.dst), 0);
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		uint64_t before = introspect_xstat(VF1, "rx_hw_packets");
		struct rte_dev_reg_info info;
		uint32_t *data, nb_rings = 0;

		assert_int_equal(flow_run(&flow), NB_FRAMES);
		info = dump(i, &data);
		for (uint32_t n = 0; n < info.length; n++)
			nb_rings += data[n] == NB_DESC * DESC_BYTES;
		assert_true(nb_rings >= 2);
		info.length--;
		assert_int_equal(rte_eth_dev_get_reg_info(rig.port[i], &info), -EINVAL);
		test_free(data);
		assert_int_equal(introspect_xstat(VF1, "rx_hw_packets") - before, NB_FRAMES);
	}
}

static void
check_nvm_sum(uint16_t port)
{
	uint16_t words[NVM_SUMMED], one, sum = 0;
	struct rte_dev_eeprom_info info = { .data = words, .length = sizeof(words) };
	struct rte_dev_eeprom_info part = { .data = &one, .offset = 3, .length = 2 };
	struct rte_ether_addr mac;

	assert_int_equal(rte_eth_dev_get_eeprom(port, &info), 0);
	assert_int_equal(info.magic & 0xffff, 0x8086);
	for (unsigned int i = 0; i < NVM_SUMMED; i++)
		sum += words[i];
	if (rig.sums_nvm) {
		assert_int_equal(sum, NVM_SUM);
		assert_int_equal(rte_eth_macaddr_get(port, &mac), 0);
		assert_memory_equal(&mac, words, sizeof(mac));
	}
	assert_int_equal(rte_eth_dev_get_eeprom(port, &part), 0);
	assert_memory_equal(&one, (uint8_t *)words + 3, sizeof(one));
}

static void
nvm_is_read(void **state)
{
	uint16_t port = rig.port[PF];
	int length = rte_eth_dev_get_eeprom_length(port);
	uint8_t byte;
	struct rte_dev_eeprom_info beyond = { .data = &byte, .offset = length, .length = 1 };

	(void)state;
	assert_int_equal(rte_eth_dev_get_eeprom_length(rig.port[VF0]), -ENOTSUP);
	if (!rig.has_nvm) {
		assert_int_equal(length, -ENOTSUP);
		return;
	}
	assert_true(length >= 2 * NVM_SUMMED && length % (2 * NVM_SUMMED) == 0);
	check_nvm_sum(port);
	assert_int_equal(rte_eth_dev_get_eeprom(port, &beyond), -EINVAL);
	beyond.offset--;
	assert_int_equal(rte_eth_dev_get_eeprom(port, &beyond), 0);
}

static void
module_is_read(void **state)
{
	struct rte_eth_dev_module_info module;
	uint8_t bytes[RTE_ETH_MODULE_SFF_8079_LEN], sum = 0;
	struct rte_dev_eeprom_info info = { .data = bytes, .length = sizeof(bytes) };

	(void)state;
	assert_int_equal(rte_eth_dev_get_module_info(rig.port[VF0], &module), -ENOTSUP);
	if (!rig.has_module) {
		assert_int_equal(rte_eth_dev_get_module_info(rig.port[PF], &module), -ENOTSUP);
		assert_int_equal(rte_eth_dev_get_module_eeprom(rig.port[PF], &info), -ENOTSUP);
		return;
	}
	assert_int_equal(rte_eth_dev_get_module_info(rig.port[PF], &module), 0);
	assert_int_equal(module.type, RTE_ETH_MODULE_SFF_8079);
	assert_int_equal(module.eeprom_len, RTE_ETH_MODULE_SFF_8079_LEN);
	assert_int_equal(rte_eth_dev_get_module_eeprom(rig.port[PF], &info), 0);
	assert_memory_equal(&bytes[MODULE_NAME], "MODEL-DA", strlen("MODEL-DA"));
	for (unsigned int i = 0; i < MODULE_SUM; i++)
		sum += bytes[i];
	assert_int_equal(sum, bytes[MODULE_SUM]);
	info.offset = 1;
	assert_int_equal(rte_eth_dev_get_module_eeprom(rig.port[PF], &info), -EINVAL);
}

static void
firmware_has_a_version(void **state)
{
	char text[64], small[2];

	(void)state;
	assert_int_equal(rte_eth_dev_fw_version_get(rig.port[VF0], text, sizeof(text)), -ENOTSUP);
	if (rig.firmware == NULL) {
		assert_int_equal(rte_eth_dev_fw_version_get(rig.port[PF], text, sizeof(text)),
				 -ENOTSUP);
		return;
	}
	assert_int_equal(rte_eth_dev_fw_version_get(rig.port[PF], text, sizeof(text)), 0);
	assert_string_equal(text, rig.firmware);
	assert_int_equal(rte_eth_dev_fw_version_get(rig.port[PF], small, sizeof(small)),
			 strlen(rig.firmware) + 1);
}

static bool
link_becomes(unsigned int which, unsigned int status)
{
	struct rte_eth_link link = { .link_status = !status };

	for (unsigned int i = 0; i < LINK_TRIES && link.link_status != status; i++) {
		assert_int_equal(rte_eth_link_get_nowait(rig.port[which], &link), 0);
		rte_delay_us_sleep(1000);
	}
	return link.link_status == status;
}

/* Of a cable that is the module, there is no end but to pull it. */
static void
link_goes_down_and_up(void **state)
{
	(void)state;
	assert_int_equal(rte_eth_dev_set_link_down(rig.port[VF0]), -ENOTSUP);
	if (rig.has_module) {
		assert_int_equal(rte_eth_dev_set_link_down(rig.port[PF]), -ENOTSUP);
		return;
	}
	assert_true(link_becomes(PF, RTE_ETH_LINK_UP));
	assert_int_equal(rte_eth_dev_set_link_down(rig.port[PF]), 0);
	assert_true(link_becomes(PF, RTE_ETH_LINK_DOWN));
	assert_true(link_becomes(VF0, RTE_ETH_LINK_DOWN));
	assert_int_equal(rte_eth_dev_set_link_up(rig.port[PF]), 0);
	assert_true(link_becomes(PF, RTE_ETH_LINK_UP));
	assert_true(link_becomes(VF0, RTE_ETH_LINK_UP));
}

static char folder[512];

/* Its name is this process's alone: nobody else would. */
static void
remove_folder(void)
{
	rmdir(folder);
}

static int
start_eal(const char *plugins)
{
	char spec[256], prefix[64];
	const struct model_eal setup = {
		.plugins = plugins, .spec = { spec }, .log_level = "*:critical",
		.file_prefix = prefix,
	};

	snprintf(prefix, sizeof(prefix), "introspect%d", getpid());
	snprintf(spec, sizeof(spec), "family=%s,vfs=2,wire=loop,"
		 "pf_driver=net_sluice_pf,vf_driver=net_sluice_vf", rig.family);
	return model_eal_start(&setup);
}

/* What the model's devices have. */
static const struct {
	const char *family;
	bool sums_nvm, has_nvm, has_module;
	const char *firmware;
} devices[] = {
	{ "82576", true, true, false, "0.00" },
	{ "i350", true, true, false, "0.00" },
	{ "82599", false, true, true, "0x80000001" },
	{ "x540", false, true, false, "0x80000001" },
	{ "x550", false, false, false, NULL },
};

static bool
set_up_rig(const char *family, const char *doc)
{
	rig.family = family;
	rig.doc = doc;
	for (unsigned int i = 0; i < RTE_DIM(devices); i++) {
		if (strcmp(devices[i].family, family) != 0)
			continue;
		rig.sums_nvm = devices[i].sums_nvm;
		rig.has_nvm = devices[i].has_nvm;
		rig.has_module = devices[i].has_module;
		rig.firmware = devices[i].firmware;
		return true;
	}
	return false;
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_the_device_s),
		cmocka_unit_test(mtu_goes_as_far_as_told),
		cmocka_unit_test(rings_are_as_large_as_told),
		cmocka_unit_test(offloads_are_those_told),
		cmocka_unit_test(start_all),
		cmocka_unit_test(features_are_those_told),
		cmocka_unit_test(addresses_fit_as_many_as_told),
		cmocka_unit_test(registers_are_dumped_without_a_change),
		cmocka_unit_test(xstats_have_one_name_each),
		cmocka_unit_test(xstats_are_documented),
		cmocka_unit_test(telemetry_tells_the_same),
		cmocka_unit_test(xstats_start_anew),
		cmocka_unit_test(nvm_is_read),
		cmocka_unit_test(module_is_read),
		cmocka_unit_test(firmware_has_a_version),
		cmocka_unit_test(link_goes_down_and_up),
	};
	int failed;

	if (argc != 4 || !set_up_rig(argv[2], argv[3])) {
		fprintf(stderr, "usage: %s PLUGIN,PLUGIN FAMILY DOC\n", argv[0]);
		return 64;
	}
	/* Before EAL's own, and so after it: telemetry removes its socket no sooner. */
	atexit(remove_folder);
	if (start_eal(argv[1]) < 0)
		return 1;
	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL || model_eal_ports(device_name, rig.port, NB_PORTS) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rte_eal_cleanup();
	return failed;
}
