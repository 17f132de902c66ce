/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The matrices of features/<driver>.ini against what the drivers have: every line of an operation
 * or offload must be there if, and only if, the driver offers it. P is for a feature that some
 * families have, or have in part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <ethdev_driver.h>

#include "introspect.h"

#define LINES_MAX 128
#define NAME_MAX_ 40
#define OPS_MAX	  6

#define RX_L4 (RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)
#define TX_L4 (RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM)

#define OP(name) offsetof(struct eth_dev_ops, name)

struct matrix {
	unsigned int nb;
	struct {
		char name[NAME_MAX_];
		char mark;	/**< Y, P */
		bool known;	/**< to the table below */
	} line[LINES_MAX];
};

/** What a feature consists of: all of these operations, and all of the bits of one mask. */
struct feature {
	const char *name;
	size_t op[OPS_MAX];	/**< 0: no more */
	uint64_t rx, tx, capa;
	uint32_t flag;		/**< of dev_flags */
	bool alone;		/**< only a PF without VFs may have it: offload_test.c has one */
	const char *no_vf_of;	/**< the family whose VFs have nothing of it */
	const char *only;	/**< the family that has it */
};

/* After DPDK's list of features; dev_configure is at 0, and no feature. */
static const struct feature features[] = {
	{ "Link status", { OP(link_update) } },
	{ "Link status event", .flag = RTE_ETH_DEV_INTR_LSC },
	{ "Removal event", .flag = RTE_ETH_DEV_INTR_RMV },
	{ "Rx interrupt", { OP(rx_queue_intr_enable), OP(rx_queue_intr_disable) } },
	{ "Lock-free Tx queue", .tx = RTE_ETH_TX_OFFLOAD_MT_LOCKFREE },
	{ "Fast mbuf free", .tx = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE },
	{ "Free Tx mbuf on demand", { OP(tx_done_cleanup) } },
	{ "Queue start/stop", { OP(rx_queue_start), OP(rx_queue_stop), OP(tx_queue_start),
				OP(tx_queue_stop) } },
	{ "Runtime Rx queue setup", .capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP },
	{ "Runtime Tx queue setup", .capa = RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP },
	{ "Shared Rx queue", .capa = RTE_ETH_DEV_CAPA_RXQ_SHARE },
	{ "Burst mode info", { OP(rx_burst_mode_get), OP(tx_burst_mode_get) } },
	{ "Power mgmt address monitor", { OP(get_monitor_addr) } },
	{ "MTU update", { OP(mtu_set) } },
	{ "Buffer split on Rx", .rx = RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT },
	{ "Scattered Rx", .rx = RTE_ETH_RX_OFFLOAD_SCATTER },
	{ "LRO", .rx = RTE_ETH_RX_OFFLOAD_TCP_LRO },
	{ "TSO", .tx = RTE_ETH_TX_OFFLOAD_TCP_TSO },
	{ "Promiscuous mode", { OP(promiscuous_enable), OP(promiscuous_disable) } },
	{ "Allmulticast mode", { OP(allmulticast_enable), OP(allmulticast_disable) } },
	{ "Unicast MAC filter", { OP(mac_addr_set), OP(mac_addr_add), OP(mac_addr_remove) } },
	{ "Multicast MAC filter", { OP(set_mc_addr_list) } },
	{ "RSS hash", .rx = RTE_ETH_RX_OFFLOAD_RSS_HASH, .alone = true, .no_vf_of = "i350" },
	{ "RSS key update", { OP(rss_hash_update), OP(rss_hash_conf_get) } },
	{ "RSS reta update", { OP(reta_update), OP(reta_query) } },
	{ "VLAN filter", { OP(vlan_filter_set) }, .rx = RTE_ETH_RX_OFFLOAD_VLAN_FILTER },
	{ "Flow control", { OP(flow_ctrl_get), OP(flow_ctrl_set) } },
	{ "Rate limitation", { OP(set_queue_rate_limit) } },
	{ "Congestion management", { OP(cman_info_get) } },
	{ "Traffic manager", { OP(tm_ops_get) } },
	{ "CRC offload", .rx = RTE_ETH_RX_OFFLOAD_KEEP_CRC, .alone = true },
	{ "VLAN offload", { OP(vlan_offload_set) }, .tx = RTE_ETH_TX_OFFLOAD_VLAN_INSERT },
	{ "QinQ offload", .rx = RTE_ETH_RX_OFFLOAD_QINQ_STRIP },
	{ "FEC", { OP(fec_get), OP(fec_set) } },
	{ "IP reassembly", { OP(ip_reassembly_capability_get) } },
	{ "L3 checksum offload", .rx = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM,
	  .tx = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM },
	{ "L4 checksum offload", .rx = RX_L4, .tx = TX_L4 },
	{ "Timestamp offload", .rx = RTE_ETH_RX_OFFLOAD_TIMESTAMP },
	{ "MACsec offload", .rx = RTE_ETH_RX_OFFLOAD_MACSEC_STRIP },
	{ "Inner L3 checksum", .rx = RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM,
	  .tx = RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM, .only = "x550" },
	{ "Inner L4 checksum", .rx = RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM },
	{ "Packet type parsing", { OP(dev_supported_ptypes_get), OP(dev_ptypes_set) } },
	{ "Timesync", { OP(timesync_enable), OP(timesync_disable) } },
	{ "Basic stats", { OP(stats_get), OP(stats_reset) } },
	{ "Stats per queue", { OP(stats_get), OP(stats_reset) } },
	{ "Extended stats", { OP(xstats_get), OP(xstats_reset), OP(xstats_get_names) } },
	{ "FW version", { OP(fw_version_get) } },
	{ "EEPROM dump", { OP(get_eeprom_length), OP(get_eeprom) } },
	{ "Module EEPROM dump", { OP(get_module_info), OP(get_module_eeprom) } },
	{ "Registers dump", { OP(get_reg) } },
	{ "LED", { OP(dev_led_on), OP(dev_led_off) } },
};

/* No operation or offload: where it runs, and what is told of it. */
static const char *const given[] = { "Multiprocess aware", "Linux", "x86-64", "Usage doc" };

/* Operations that no feature of DPDK's list stands for. */
static const size_t plain_ops[] = {
	OP(dev_configure), OP(dev_start), OP(dev_stop), OP(dev_close), OP(dev_reset),
	OP(dev_set_link_up), OP(dev_set_link_down), OP(is_removed), OP(dev_infos_get),
	OP(rxq_info_get), OP(txq_info_get), OP(rx_queue_setup), OP(rx_queue_release),
	OP(tx_queue_setup), OP(tx_queue_release), OP(vlan_strip_queue_set),
	OP(xstats_get_by_id), OP(xstats_get_names_by_id),
	OP(uc_hash_table_set), OP(uc_all_hash_table_set), OP(vlan_tpid_set),
	OP(udp_tunnel_port_add), OP(udp_tunnel_port_del),
	OP(eth_dev_priv_dump),
};

static bool
has_op(unsigned int which, size_t op)
{
	const char *ops = (const char *)rte_eth_devices[rig.port[which]].dev_ops;
	void (*function)(void);

	memcpy(&function, ops + op, sizeof(function));
	return function != NULL;
}

/* 2: all of it; 1: some; 0: nothing. */
static unsigned int
offered(unsigned int which, const struct feature *feature)
{
	unsigned int nb = 0, nb_has = 0;
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	for (unsigned int i = 0; i < OPS_MAX && feature->op[i] != 0; i++, nb++)
		nb_has += has_op(which, feature->op[i]);
	for (unsigned int bit = 0; bit < 64; bit++) {
		nb += (feature->rx >> bit & 1) + (feature->tx >> bit & 1) +
		      (feature->capa >> bit & 1);
		nb_has += ((feature->rx & info.rx_offload_capa) >> bit & 1) +
			  ((feature->tx & info.tx_offload_capa) >> bit & 1) +
			  ((feature->capa & info.dev_capa) >> bit & 1);
	}
	if (feature->flag != 0) {
		nb++;
		nb_has += (*info.dev_flags & feature->flag) != 0;
	}
	return nb_has == nb ? 2 : nb_has > 0;
}

static void
read_matrix(const char *driver, struct matrix *matrix)
{
	char path[512], line[256];
	bool inside = false;
	FILE *file;

	matrix->nb = 0;
	snprintf(path, sizeof(path), "%s/features/%s.ini", rig.doc, driver);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		char name[NAME_MAX_], mark;

		if (line[0] == '[')
			inside = strcmp(line, "[Features]\n") == 0;
		if (line[0] == ';' || line[0] == '[' || line[0] == '\n' || !inside)
			continue;
		assert_true(matrix->nb <= LINES_MAX - 1);
		assert_int_equal(sscanf(line, "%39[^=]= %c", name, &mark), 2);
		assert_true(mark == 'Y' || mark == 'P');
		while (name[strlen(name) - 1] == ' ')
			name[strlen(name) - 1] = '\0';
		strcpy(matrix->line[matrix->nb].name, name);
		matrix->line[matrix->nb].known = false;
		matrix->line[matrix->nb++].mark = mark;
	}
	fclose(file);
}

/* NUL: no such line. */
static char
mark_of(struct matrix *matrix, const char *name)
{
	char mark = '\0';

	for (unsigned int i = 0; i < matrix->nb; i++) {
		if (strcmp(matrix->line[i].name, name) != 0)
			continue;
		assert_int_equal(mark, '\0');	/* no line twice */
		mark = matrix->line[i].mark;
		matrix->line[i].known = true;
	}
	return mark;
}

static unsigned int
complain(const char *driver, const char *name, const char *what)
{
	fprintf(stderr, "# %s, %s: %s: %s\n", rig.family, driver, name, what);
	return 1;
}

/* What is neither an operation nor an offload. */
static unsigned int
compare_other(unsigned int which, const char *driver, struct matrix *matrix)
{
	const struct rte_eth_dev *dev = &rte_eth_devices[rig.port[which]];
	unsigned int wrong = 0;
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(rig.port[which], &info), 0);
	const struct {
		const char *name;
		bool has;
	} other[] = {
		{ "Speed capabilities", info.speed_capa != 0 },
		{ "SR-IOV", info.max_vfs != 0 },
		{ "Rx descriptor status", dev->rx_descriptor_status != NULL },
		{ "Tx descriptor status", dev->tx_descriptor_status != NULL },
	};

	for (unsigned int i = 0; i < RTE_DIM(other); i++)
		if ((mark_of(matrix, other[i].name) == 'Y') != other[i].has)
			wrong += complain(driver, other[i].name, "not as claimed");
	return wrong;
}

/* That it is not there is no lie about this port. */
static bool
may_lack(unsigned int which, const struct feature *feature)
{
	if (feature->only != NULL && strcmp(feature->only, rig.family) != 0)
		return true;
	if (which == PF)
		return feature->alone;
	return feature->no_vf_of != NULL && strcmp(feature->no_vf_of, rig.family) == 0;
}

static unsigned int
compare(unsigned int which, const char *driver, struct matrix *matrix)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < RTE_DIM(features); i++) {
		const struct feature *feature = &features[i];
		unsigned int has = offered(which, feature);
		char mark = mark_of(matrix, feature->name);

		if (mark == 'Y' && has < 2)
			wrong += complain(driver, feature->name, "claimed, and not there");
		if (mark == 'P' && has == 0 && !may_lack(which, feature))
			wrong += complain(driver, feature->name, "claimed in part, and not there");
		if (mark == '\0' && has > 0)
			wrong += complain(driver, feature->name, "there, and not claimed");
	}
	wrong += compare_other(which, driver, matrix);
	for (unsigned int i = 0; i < RTE_DIM(given); i++)
		mark_of(matrix, given[i]);
	for (unsigned int i = 0; i < matrix->nb; i++)
		if (!matrix->line[i].known)
			wrong += complain(driver, matrix->line[i].name, "nothing known of it");
	return wrong;
}

static bool
is_known(size_t op)
{
	for (unsigned int i = 0; i < RTE_DIM(plain_ops); i++)
		if (plain_ops[i] == op)
			return true;
	for (unsigned int i = 0; i < RTE_DIM(features); i++)
		for (unsigned int j = 0; j < OPS_MAX && features[i].op[j] != 0; j++)
			if (features[i].op[j] == op)
				return true;
	return false;
}

/* An operation that this file does not know would be one that no line tells of. */
static unsigned int
find_unknown(unsigned int which, const char *driver)
{
	unsigned int wrong = 0;
	char name[NAME_MAX_];

	for (size_t op = 0; op < sizeof(struct eth_dev_ops); op += sizeof(void (*)(void))) {
		if (!has_op(which, op) || is_known(op))
			continue;
		snprintf(name, sizeof(name), "operation at %zu", op);
		wrong += complain(driver, name, "no feature stands for it");
	}
	return wrong;
}

void
features_are_those_told(void **state)
{
	static const char *const driver[] = { [PF] = "net_sluice_pf", [VF0] = "net_sluice_vf" };
	unsigned int wrong = 0;
	struct matrix matrix;

	(void)state;
	for (unsigned int which = PF; which <= VF0; which++) {
		read_matrix(driver[which], &matrix);
		wrong += compare(which, driver[which], &matrix);
		wrong += find_unknown(which, driver[which]);
	}
	assert_int_equal(wrong, 0);
}
