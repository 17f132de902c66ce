/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Queues and RSS of PF and VFs on ports of the model: one without VFs that hears itself, and one
 * with two VFs.
 *
 * usage: rss_test PLUGIN,PLUGIN FAMILY
 *
 * Where a frame has to arrive is computed here, by DPDK's software Toeplitz.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_tcp.h>
#include <rte_thash.h>

#include "model_eal.h"

#define NB_MBUFS   16384
#define NB_DESC	   64
#define NB_FLOWS   48
#define KEY_BYTES  40
#define TABLE_MAX  512
#define QUEUES_MAX 128
#define TRIES	   200000
#define WAIT_US	   100
#define FRAME_BYTES 100

#define TYPES (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV6 | \
	       RTE_ETH_RSS_NONFRAG_IPV6_TCP)

enum { ALONE, PF, VF0, VF1, NB_PORTS };

static const char *const device_name[NB_PORTS] = {
	"0000:f0:00.0", "0000:f1:00.0", "0000:f1:10.0", "0000:f1:10.1",
};

/* 82576 sheet, 1 and 5.5; 82599 sheet, 1.2, 1.4 and 3.5. */
static const struct expected {
	const char *family;
	uint16_t rx, tx;		/**< queues of a PF alone */
	uint16_t spread, table;		/**< of which RSS reaches so many; its table */
	uint16_t pool_queues;
	uint16_t pf_table, vf_table;	/**< with VFs */
	bool vf_own;			/**< a VF has a table and key */
} families[] = {
	{ "82576", 16, 16, 16, 128, 2, 128, 0, false },
	{ "i350", 8, 8, 8, 128, 1, 0, 0, false },
	{ "82599", 128, 64, 16, 128, 2, 128, 128, false },
	{ "x540", 128, 64, 16, 128, 2, 128, 128, false },
	{ "x550", 128, 64, 64, 512, 2, 64, 64, true },
};

static struct {
	const struct expected *expect;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
} rig;

/* --- Flows --- */

/** An address and a port of each side, as a number says. */
struct flow {
	unsigned int ip, number;
	bool tcp;
};

static void
write_frame(uint8_t *data, const struct flow *flow)
{
	struct rte_ipv4_hdr *v4 = (struct rte_ipv4_hdr *)(data + RTE_ETHER_HDR_LEN);
	struct rte_ipv6_hdr *v6 = (struct rte_ipv6_hdr *)v4;
	struct rte_tcp_hdr *tcp;
	uint8_t *src, *dst;
	uint8_t protocol = flow->tcp ? IPPROTO_TCP : IPPROTO_ICMP;

	if (flow->ip == 4) {
		v4->version_ihl = 0x45;
		v4->total_length = rte_cpu_to_be_16(FRAME_BYTES - RTE_ETHER_HDR_LEN);
		v4->next_proto_id = protocol;
		v4->src_addr = rte_cpu_to_be_32(0x0a000000 + flow->number * 259);
		v4->dst_addr = rte_cpu_to_be_32(0x0a800000 + flow->number * 7);
		tcp = (struct rte_tcp_hdr *)(v4 + 1);
	} else {
		v6->vtc_flow = rte_cpu_to_be_32(6u << 28);
		v6->payload_len = rte_cpu_to_be_16(FRAME_BYTES - RTE_ETHER_HDR_LEN - sizeof(*v6));
		v6->proto = protocol;
		src = (uint8_t *)&v6->src_addr;
		dst = (uint8_t *)&v6->dst_addr;
		src[0] = dst[0] = 0xfd;
		src[15] = (uint8_t)flow->number;
		dst[7] = (uint8_t)(flow->number * 37);
		tcp = (struct rte_tcp_hdr *)(v6 + 1);
	}
	if (flow->tcp) {
		tcp->src_port = rte_cpu_to_be_16(1024 + flow->number * 31);
		tcp->dst_port = rte_cpu_to_be_16(80);
		tcp->data_off = 5 << 4;
	}
}

static uint32_t
expected_hash(const struct flow *flow, const uint8_t *key)
{
	uint32_t input[9] = { 0 };
	uint8_t data[FRAME_BYTES] = { 0 };
	const uint8_t *l3 = data + RTE_ETHER_HDR_LEN;
	uint32_t words = flow->ip == 4 ? 2 : 8;
	uint32_t from = flow->ip == 4 ? 12 : 8, l4 = flow->ip == 4 ? 20 : 40;

	write_frame(data, flow);
	memcpy(input, l3 + from, words * 4);
	if (flow->tcp)
		memcpy(&input[words++], l3 + l4, 4);
	for (uint32_t i = 0; i < words; i++)
		input[i] = rte_be_to_cpu_32(input[i]);
	return rte_softrss(input, words, key);
}

static void
send_flow(unsigned int from, unsigned int to, const struct flow *flow)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(rig.pool);
	struct rte_ether_hdr *ether;

	assert_non_null(m);
	ether = (struct rte_ether_hdr *)rte_pktmbuf_append(m, FRAME_BYTES);
	memset(ether, 0, FRAME_BYTES);
	write_frame((uint8_t *)ether, flow);
	assert_int_equal(rte_eth_macaddr_get(rig.port[from], &ether->src_addr), 0);
	assert_int_equal(rte_eth_macaddr_get(rig.port[to], &ether->dst_addr), 0);
	ether->ether_type = rte_cpu_to_be_16(flow->ip == 4 ? RTE_ETHER_TYPE_IPV4 :
					     RTE_ETHER_TYPE_IPV6);
	assert_int_equal(rte_eth_tx_burst(rig.port[from], 0, &m, 1), 1);
}

static struct rte_mbuf *
receive(unsigned int to, uint16_t nb_queues, uint16_t *queue)
{
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < TRIES; i++) {
		for (uint16_t q = 0; q < nb_queues; q++) {
			if (rte_eth_rx_burst(rig.port[to], q, &m, 1) != 1)
				continue;
			*queue = q;
			return m;
		}
		rte_delay_us_sleep(WAIT_US);
	}
	fail_msg("no frame for %s", device_name[to]);
	return NULL;
}

/** What a receiver spreads by. */
struct spread {
	uint8_t key[KEY_BYTES];
	uint16_t table[TABLE_MAX];
	uint16_t entries;		/**< 0: all to queue 0, unhashed */
	uint16_t nb_queues;		/**< that are polled */
};

/** @return bit q: queue q got something */
static uint64_t
expect_flows(unsigned int from, unsigned int to, const struct spread *spread)
{
	static const struct flow kinds[] = {
		{ 4, 0, true }, { 6, 0, true }, { 4, 0, false }, { 6, 0, false },
	};
	uint64_t seen = 0;

	for (unsigned int i = 0; i < NB_FLOWS; i++) {
		struct flow flow = kinds[i % RTE_DIM(kinds)];
		uint16_t queue = 0, wanted = 0;
		struct rte_mbuf *m;
		uint32_t hash = 0;

		flow.number = i + 1;
		if (spread->entries != 0) {
			hash = expected_hash(&flow, spread->key);
			wanted = spread->table[hash % spread->entries];
		}
		send_flow(from, to, &flow);
		m = receive(to, spread->nb_queues, &queue);
		if (queue != wanted || m->hash.rss != hash ||
		    ((m->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0) != (spread->entries != 0))
			fail_msg("%s, flow %u: queue %u instead of %u, hash %#x instead of %#x",
				 device_name[to], i, queue, wanted, m->hash.rss, hash);
		rte_pktmbuf_free(m);
		seen |= RTE_BIT64(queue);
	}
	return seen;
}

/* --- Ports --- */

static int
configure(unsigned int which, uint16_t rx, uint16_t tx, uint8_t *key)
{
	struct rte_eth_conf conf = {
		.rxmode = { .mq_mode = RTE_ETH_MQ_RX_RSS,
			    .offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH },
		.rx_adv_conf.rss_conf = { .rss_hf = TYPES, .rss_key = key,
					  .rss_key_len = key != NULL ? KEY_BYTES : 0 },
	};

	assert_int_equal(rte_eth_dev_stop(rig.port[which]), 0);
	return rte_eth_dev_configure(rig.port[which], rx, tx, &conf);
}

static void
start(unsigned int which, uint16_t rx, uint16_t tx)
{
	uint16_t port = rig.port[which];

	for (uint16_t q = 0; q < rx; q++)
		assert_int_equal(rte_eth_rx_queue_setup(port, q, NB_DESC, SOCKET_ID_ANY, NULL,
							rig.pool), 0);
	for (uint16_t q = 0; q < tx; q++)
		assert_int_equal(rte_eth_tx_queue_setup(port, q, NB_DESC, SOCKET_ID_ANY, NULL),
				 0);
	assert_int_equal(rte_eth_dev_start(port), 0);
}

static void
start_rss(unsigned int which, uint16_t rx, uint16_t tx, uint8_t *key)
{
	assert_int_equal(configure(which, rx, tx, key), 0);
	start(which, rx, tx);
}

static void
start_plain(unsigned int which)
{
	struct rte_eth_conf conf = { 0 };

	assert_int_equal(rte_eth_dev_stop(rig.port[which]), 0);
	assert_int_equal(rte_eth_dev_configure(rig.port[which], 1, 1, &conf), 0);
	start(which, 1, 1);
}

static void
query_key(unsigned int which, uint8_t *key)
{
	struct rte_eth_rss_conf conf = { .rss_key = key, .rss_key_len = KEY_BYTES };

	assert_int_equal(rte_eth_dev_rss_hash_conf_get(rig.port[which], &conf), 0);
	assert_int_equal(conf.rss_hf, TYPES);
}

static int
query_table(unsigned int which, uint16_t entries, uint16_t *table)
{
	struct rte_eth_rss_reta_entry64 groups[TABLE_MAX / RTE_ETH_RETA_GROUP_SIZE];
	int rc;

	memset(groups, 0xff, sizeof(groups));
	rc = rte_eth_dev_rss_reta_query(rig.port[which], groups, entries);
	for (uint16_t i = 0; i < entries && rc == 0; i++)
		table[i] = groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
	return rc;
}

static int
update_table(unsigned int which, uint16_t entries, const uint16_t *table)
{
	struct rte_eth_rss_reta_entry64 groups[TABLE_MAX / RTE_ETH_RETA_GROUP_SIZE];

	memset(groups, 0xff, sizeof(groups));
	for (uint16_t i = 0; i < entries; i++)
		groups[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] = table[i];
	return rte_eth_dev_rss_reta_update(rig.port[which], groups, entries);
}

/** Round robin over so many queues, as queries must tell. */
static struct spread
default_spread(unsigned int which, uint16_t entries, uint16_t used, uint16_t nb_queues)
{
	struct spread spread = { .entries = entries, .nb_queues = nb_queues };

	query_key(which, spread.key);
	assert_int_equal(query_table(which, entries, spread.table), 0);
	for (uint16_t i = 0; i < entries; i++)
		assert_int_equal(spread.table[i], i % used);
	return spread;
}

/* Another table and another key while the port runs; both are told as they were set. */
static void
change_all(unsigned int from, unsigned int to, struct spread *spread, uint16_t used)
{
	struct rte_eth_rss_conf conf = { .rss_hf = TYPES, .rss_key = spread->key,
					 .rss_key_len = KEY_BYTES };
	uint8_t key[KEY_BYTES];
	uint16_t table[TABLE_MAX];

	for (uint16_t i = 0; i < spread->entries; i++)
		spread->table[i] = i * 5 / 3 % used;
	assert_int_equal(update_table(to, spread->entries, spread->table), 0);
	expect_flows(from, to, spread);
	for (unsigned int i = 0; i < KEY_BYTES; i++)
		spread->key[i] = (uint8_t)(i * 73 + 19);
	assert_int_equal(rte_eth_dev_rss_hash_update(rig.port[to], &conf), 0);
	expect_flows(from, to, spread);

	query_key(to, key);
	assert_memory_equal(key, spread->key, KEY_BYTES);
	assert_int_equal(query_table(to, spread->entries, table), 0);
	assert_memory_equal(table, spread->table, spread->entries * sizeof(table[0]));
}

/* --- Tests --- */

static void
expect_info(unsigned int which, uint16_t rx, uint16_t tx, uint16_t table)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	assert_int_equal(info.max_rx_queues, rx);
	assert_int_equal(info.max_tx_queues, tx);
	assert_int_equal(info.reta_size, table);
	assert_int_equal(info.hash_key_size, table != 0 ? KEY_BYTES : 0);
	/* Where nothing is spread, nothing is hashed. */
	assert_int_equal((info.rx_queue_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0, rx > 1);
}

static void
limits_are_told(void **state)
{
	const struct expected *expect = rig.expect;
	uint16_t pool = expect->pool_queues;

	(void)state;
	expect_info(ALONE, expect->rx, expect->tx, expect->table);
	expect_info(PF, pool, pool, expect->pf_table);
	expect_info(VF0, pool, pool, expect->vf_table);
	assert_int_not_equal(configure(ALONE, expect->rx + 1, 1, NULL), 0);
	assert_int_not_equal(configure(ALONE, 1, expect->tx + 1, NULL), 0);
}

static void
other_modes_are_refused(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		struct rte_eth_conf rx = { .rxmode.mq_mode = RTE_ETH_MQ_RX_VMDQ_RSS };
		struct rte_eth_conf tx = { .txmode.mq_mode = RTE_ETH_MQ_TX_DCB };

		assert_int_equal(rte_eth_dev_stop(rig.port[i]), 0);
		assert_int_equal(rte_eth_dev_configure(rig.port[i], 1, 1, &rx), -ENOTSUP);
		assert_int_equal(rte_eth_dev_configure(rig.port[i], 1, 1, &tx), -ENOTSUP);
	}
}

static void
a_pf_alone_spreads_over_all_it_can(void **state)
{
	const struct expected *expect = rig.expect;
	struct spread spread;
	uint16_t bad[TABLE_MAX] = { 0 };

	(void)state;
	start_rss(ALONE, expect->rx, expect->tx, NULL);
	spread = default_spread(ALONE, expect->table, expect->spread, expect->rx);
	assert_int_equal(__builtin_popcountll(expect_flows(ALONE, ALONE, &spread)) >
			 expect->spread / 3, 1);
	change_all(ALONE, ALONE, &spread, expect->spread);
	/* What a queue's number in the table cannot be changes nothing. */
	bad[7] = expect->spread;
	assert_int_equal(update_table(ALONE, expect->table, bad), -EINVAL);
	assert_int_equal(update_table(ALONE, expect->table / 2, spread.table), -EINVAL);
	expect_flows(ALONE, ALONE, &spread);
	/* Both outlast a stop. */
	assert_int_equal(rte_eth_dev_stop(rig.port[ALONE]), 0);
	assert_int_equal(rte_eth_dev_start(rig.port[ALONE]), 0);
	expect_flows(ALONE, ALONE, &spread);
}

static void
a_key_may_come_with_the_configuration(void **state)
{
	struct rte_eth_rss_conf off = { .rss_hf = 0 };
	uint8_t key[KEY_BYTES];
	struct spread spread;

	(void)state;
	memset(key, 0x6d, sizeof(key));
	key[11] = 0x5a;
	start_rss(ALONE, 3, 1, key);
	spread = default_spread(ALONE, rig.expect->table, 3, 3);
	assert_memory_equal(spread.key, key, KEY_BYTES);
	assert_int_equal(expect_flows(ALONE, ALONE, &spread), 7);
	/* Without any type all is one queue's. */
	assert_int_equal(rte_eth_dev_rss_hash_update(rig.port[ALONE], &off), 0);
	spread.entries = 0;
	expect_flows(ALONE, ALONE, &spread);
}

static uint64_t
frames_of_queue(unsigned int queue)
{
	char name[RTE_ETH_XSTATS_NAME_SIZE];
	uint64_t id, value;

	snprintf(name, sizeof(name), "rx_q%u_packets", queue);
	assert_int_equal(rte_eth_xstats_get_id_by_name(rig.port[ALONE], name, &id), 0);
	assert_int_equal(rte_eth_xstats_get_by_id(rig.port[ALONE], &id, &value, 1), 1);
	return value;
}

static void
each_queue_counts_and_stops_alone(void **state)
{
	struct spread spread;
	uint64_t sum = 0;

	(void)state;
	start_rss(ALONE, 4, 4, NULL);
	spread = default_spread(ALONE, rig.expect->table, 4, 4);
	assert_int_equal(rte_eth_stats_reset(rig.port[ALONE]), 0);
	expect_flows(ALONE, ALONE, &spread);
	for (unsigned int q = 0; q < 4; q++)
		sum += frames_of_queue(q);
	assert_int_equal(sum, NB_FLOWS);
	assert_true(frames_of_queue(3) > 0);

	assert_int_equal(rte_eth_dev_rx_queue_stop(rig.port[ALONE], 3), 0);
	for (unsigned int i = 0; i < rig.expect->table; i++)
		spread.table[i] = i % 3;
	assert_int_equal(update_table(ALONE, rig.expect->table, spread.table), 0);
	assert_int_equal(expect_flows(ALONE, ALONE, &spread), 7);
	assert_int_equal(rte_eth_dev_rx_queue_start(rig.port[ALONE], 3), 0);
	for (unsigned int i = 0; i < rig.expect->table; i++)
		spread.table[i] = 3;
	assert_int_equal(update_table(ALONE, rig.expect->table, spread.table), 0);
	assert_int_equal(expect_flows(ALONE, ALONE, &spread), 8);
}

/* All pools with one key and table: who sends is of no matter. */
static void
pools_spread_by_the_same_hash(void **state)
{
	const struct expected *expect = rig.expect;
	uint16_t nb = expect->pool_queues;
	struct spread spread;

	(void)state;
	if (nb == 1) {
		/* Such a PF has no RSS with VFs, and says so. */
		assert_int_not_equal(configure(PF, 1, 1, NULL), 0);
		start_plain(PF);
		return;
	}
	start_rss(PF, nb, nb, NULL);
	start_rss(VF0, nb, nb, NULL);
	start_rss(VF1, nb, nb, NULL);
	spread = default_spread(PF, expect->pf_table, nb, nb);
	assert_int_equal(expect_flows(VF0, PF, &spread), 3);
	if (expect->vf_own)
		spread = default_spread(VF1, expect->vf_table, nb, nb);
	assert_int_equal(expect_flows(PF, VF1, &spread), 3);
	if (expect->vf_own) {
		change_all(VF0, VF1, &spread, nb);
		spread = default_spread(PF, expect->pf_table, nb, nb);
	}
	change_all(VF0, PF, &spread, nb);
	if (!expect->vf_own)
		assert_int_equal(expect_flows(VF1, VF0, &spread), 3);
}

static void
what_is_the_ports_a_vf_cannot_change(void **state)
{
	struct rte_eth_rss_conf conf = { .rss_hf = 0 };
	uint16_t table[TABLE_MAX] = { 0 };

	(void)state;
	if (rig.expect->vf_own || rig.expect->pool_queues == 1)
		return;
	assert_int_equal(rte_eth_dev_rss_hash_update(rig.port[VF0], &conf), -ENOTSUP);
	assert_int_equal(update_table(VF0, 128, table), -ENOTSUP);
	/* Unless the operator allows it, a VF is told nothing, where there is a word for it. */
	assert_int_equal(rte_eth_dev_rss_hash_conf_get(rig.port[VF0], &conf),
			 rig.expect->vf_table != 0 ? -EPERM : -ENOTSUP);
	assert_int_equal(query_table(VF0, 128, table),
			 rig.expect->vf_table != 0 ? -EPERM : -ENOTSUP);
}

/** Whatever the others do. */
static void
one_queue_gets_all(void **state)
{
	struct spread spread = { .nb_queues = 1 };
	uint16_t nb = rig.expect->pool_queues;

	(void)state;
	start_plain(VF1);
	for (unsigned int i = 0; i < NB_FLOWS; i++) {
		const struct flow flow = { 4, i, true };
		uint16_t queue;

		send_flow(PF, VF1, &flow);
		rte_pktmbuf_free(receive(VF1, spread.nb_queues, &queue));
	}
	if (nb == 1)
		return;
	/* And so does a PF without RSS, which goes on for the VFs. */
	start_plain(PF);
	start_rss(VF1, nb, nb, NULL);
	for (unsigned int i = 0; i < NB_FLOWS; i++) {
		const struct flow flow = { 4, i, true };
		uint16_t queue;

		send_flow(VF1, PF, &flow);
		rte_pktmbuf_free(receive(PF, 1, &queue));
		send_flow(PF, VF1, &flow);
		rte_pktmbuf_free(receive(VF1, nb, &queue));
	}
}

static int
start_eal(const char *plugins)
{
	char alone[256], pools[256];
	const struct model_eal setup = {
		.plugins = plugins, .spec = { alone, pools }, .log_level = "*:critical",
		.memory_mb = "512",
	};

	snprintf(alone, sizeof(alone), "family=%s,vfs=0,wire=loop,doorbell=trap",
		 rig.expect->family);
	snprintf(pools, sizeof(pools), "family=%s,vfs=2,wire=null,doorbell=trap",
		 rig.expect->family);
	return model_eal_start(&setup);
}

/** VFs find a PF that serves them only once it runs. */
static int
start_ports(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < NB_PORTS; i++) {
		if (rte_eth_dev_get_port_by_name(device_name[i], &rig.port[i]) != 0)
			return -1;
		start_plain(i);
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(other_modes_are_refused),
		cmocka_unit_test(a_pf_alone_spreads_over_all_it_can),
		cmocka_unit_test(a_key_may_come_with_the_configuration),
		cmocka_unit_test(each_queue_counts_and_stops_alone),
		cmocka_unit_test(pools_spread_by_the_same_hash),
		cmocka_unit_test(what_is_the_ports_a_vf_cannot_change),
		cmocka_unit_test(one_queue_gets_all),
	};
	int failed;

	for (size_t i = 0; argc == 3 && i < RTE_DIM(families); i++)
		if (strcmp(families[i].family, argv[2]) == 0)
			rig.expect = &families[i];
	if (rig.expect == NULL) {
		fprintf(stderr, "usage: %s PLUGINS FAMILY\n", argv[0]);
		return 64;
	}
	if (start_eal(argv[1]) < 0)
		return 1;
	rig.pool = model_eal_frames(NB_MBUFS);
	if (rig.pool == NULL)
		return 1;
	failed = cmocka_run_group_tests(tests, start_ports, NULL);
	rte_eal_cleanup();
	return failed;
}
