/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82599, X540, X550: pools and queues, filters, resets, rate limits, statistics.
 */
#include "family_82599_rig.h"

static void
test_every_offset_answers(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	rig_read_all(nic);
	nic_free(nic);
}

/* --- Geometry (1.4) --- */

static void
check_geometry(struct nic *nic, const struct mode *mode)
{
	bool rss = mode->mrqc == 0xa || mode->mrqc == 0xb;

	rig_pools(nic, mode);
	for (unsigned int p = 0; p < mode->pools; p++) {
		assert_int_equal(nic->pool[p].first_queue, p * mode->queues);
		assert_int_equal(nic->pool[p].nb_queues, mode->queues);
		assert_int_equal(nic->txq[p * mode->queues].pool, p);
		assert_int_equal(nic->txq[p * mode->queues + mode->queues - 1].pool, p);
	}
	for (unsigned int i = 0; i < 8; i++) {
		uint16_t q = nic->family->vf_queue(nic, 3, i);

		if (i < mode->queues)
			assert_int_equal(q, 3 * mode->queues + i);
		else
			assert_true(q >= nic->family->nb_queues);
	}
	assert_ptr_equal(nic->rxq[3 * mode->queues].owner, &nic->vf[3]);
	assert_ptr_equal(nic->txq[3 * mode->queues].owner, &nic->vf[3]);
	assert_ptr_equal(nic->rxq[nic->nb_vfs * mode->queues].owner, &nic->pf);
	/* RQPL is a power of two of queues; what the pool has not is not used. */
	pf_write(nic, R_PSRTYPE + 4 * 3, 1u << 29);
	assert_int_equal(nic->pool[3].rss, rss);
	assert_int_equal(nic->pool[3].nb_queues, rss ? 2 : mode->queues);
	pf_write(nic, R_PSRTYPE + 4 * 3, 3u << 29);
	assert_int_equal(nic->pool[3].nb_queues, mode->queues);
	pf_write(nic, R_PSRTYPE + 4 * 3, 0);
	assert_false(nic->pool[3].rss);
}

static void
test_geometry(void **state)
{
	struct nic *nic = rig_create(state, 8);

	assert_false(nic->filters.virtualised);
	assert_true(nic->family->vf_queue(nic, 0, 0) >= nic->family->nb_queues);
	assert_ptr_equal(nic->rxq[0].owner, &nic->pf);
	for (size_t i = 0; i < MODES; i++)
		check_geometry(nic, &modes[i]);
	assert_true(nic->filters.virtualised);
	assert_true(nic->filters.replicate);
	assert_int_equal(nic->filters.default_pool, 8);
	/* VFs that go leave their queues to the PF. */
	nic_set_vfs(nic, 2);
	assert_ptr_equal(nic->rxq[3 * 8].owner, &nic->pf);
	nic_free(nic);
}

static void
test_vf_blocks(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	vf_write(nic, 40, R_RX_BLOCK + QUEUE_STRIDE + Q_LEN, 2048);
	assert_int_equal(pf_read(nic, R_RX_BLOCK_HIGH + QUEUE_STRIDE * (81 - 64) + Q_LEN), 2048);
	assert_int_equal(nic->rxq[81].nb_desc, 128);
	vf_write(nic, 40, R_VF_TX_BLOCK + QUEUE_STRIDE + Q_BAL, 0x12345680);
	vf_write(nic, 40, R_VF_TX_BLOCK + QUEUE_STRIDE + Q_BAH, 0x7);
	assert_int_equal(nic->txq[81].base, 0x712345680ull);
	/* Its pool has two queues: writes to a third go nowhere. */
	vf_write(nic, 40, R_RX_BLOCK + 2 * QUEUE_STRIDE + Q_LEN, 2048);
	assert_int_equal(nic->rxq[82].nb_desc, 0);
	assert_int_equal(vf_read(nic, 40, R_RX_BLOCK + 2 * QUEUE_STRIDE + Q_LEN), 0);
	assert_int_equal(nic->odd.unknown_writes, 0);
	nic_free(nic);
}

/* --- Queues --- */

static void
test_rx_queue(void **state)
{
	struct nic *nic = rig_create(state, 0);
	struct rx_queue *q = &nic->rxq[70];
	uint32_t block = rx_block_82599(70);

	pf_write(nic, block + Q_LEN, 4096);
	pf_write(nic, block + Q_BAL, 0xfffff0ff);
	pf_write(nic, block + Q_HEAD, 5);
	pf_write(nic, block + Q_SRRCTL, BIT(25) | 4 << 8 | 2 | SRRCTL_DROP_EN);
	assert_false(q->enabled);
	pf_write(nic, block + Q_CONTROL, DCTL_ENABLE | RXDCTL_VME | RXDCTL_RLPML_EN | 9000);
	assert_true(q->enabled);
	assert_int_equal(pf_read(nic, block + Q_CONTROL) & DCTL_ENABLE, DCTL_ENABLE);
	assert_int_equal(q->head, 5);
	assert_int_equal(q->nb_desc, 256);
	assert_int_equal(q->base, 0xfffff080);
	assert_int_equal(q->desc_type, RX_ONE_BUFFER);
	assert_int_equal(q->buffer_bytes, 2048);
	assert_int_equal(q->header_bytes, 256);
	assert_true(q->drop_en);
	assert_true(q->strip_vlan);
	/* A frame limit of the queue's own came with X540. */
	assert_int_equal(q->max_frame, is_82599(state) ? 0 : 9000);
	pf_write(nic, block + Q_CONTROL, DCTL_SWFLSH);
	assert_false(q->enabled);
	assert_int_equal(pf_read(nic, block + Q_CONTROL), 0);
	/* SRRCTL of the first 16 has another name. */
	pf_write(nic, 0x02100 + 4 * 5, 8);
	assert_int_equal(pf_read(nic, R_RX_BLOCK + 5 * QUEUE_STRIDE + Q_SRRCTL), 8);
	assert_int_equal(nic->rxq[5].buffer_bytes, 8192);
	nic_free(nic);
}

static void
test_tx_queue(void **state)
{
	struct nic *nic = rig_create(state, 0);
	struct tx_queue *q = &nic->txq[100];
	uint32_t block = tx_block_82599(100);

	pf_write(nic, block + Q_LEN, 1024);
	pf_write(nic, block + Q_CONTROL, DCTL_ENABLE | 32);
	assert_int_equal(pf_read(nic, block + Q_CONTROL), 32);	/* not before DMATXCTL.TE */
	assert_false(q->enabled);
	pf_write(nic, R_DMATXCTL, DMATXCTL_TE);
	assert_true(nic->port.tx_enabled);
	pf_write(nic, block + Q_WBAL, 0x1001);
	pf_write(nic, block + Q_WBAH, 2);
	q->context[1].valid = true;
	pf_write(nic, block + Q_CONTROL, DCTL_ENABLE | 32);
	assert_int_equal(pf_read(nic, block + Q_CONTROL), DCTL_ENABLE | 32);
	assert_true(q->enabled);
	assert_int_equal(q->nb_desc, 64);
	assert_int_equal(q->head_writeback, 0x200001000ull);
	assert_false(q->context[1].valid);
	pf_write(nic, block + Q_WBAL, 0x1000);
	assert_int_equal(q->head_writeback, 0);
	nic_free(nic);
}

static void
test_qde(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	pf_write(nic, R_QDE, QDE_WRITE | 80 << 8 | QDE_ENABLE | QDE_HIDE_VLAN);
	assert_true(nic->rxq[80].drop_en);
	assert_false(nic->rxq[81].drop_en);
	assert_int_equal(nic->pool[40].hide_vlan, is_x550(state));
	/* The VF has no say. */
	vf_write(nic, 40, R_RX_BLOCK + Q_SRRCTL, 2);
	assert_true(nic->rxq[80].drop_en);
	pf_write(nic, R_QDE, QDE_READ | 80 << 8);
	assert_int_equal(pf_read(nic, R_QDE) & QDE_ENABLE, QDE_ENABLE);
	pf_write(nic, R_QDE, QDE_WRITE | 80 << 8);
	assert_false(nic->rxq[80].drop_en);
	nic_free(nic);
}

static void
test_rate_limit(void **state)
{
	struct nic *nic = rig_create(state, 0);

	nic_set_link(nic, 10000);
	pf_write(nic, R_RTTDQSEL, 9);
	pf_write(nic, R_RTTBCNRC, RTTBCNRC_RS_ENA | 2 << 14 | 1 << 13);	/* 10 Gb/s / 2.5 */
	assert_int_equal(nic->txq[9].rate.bits_per_s, 4000000000ull);
	assert_int_equal(nic->txq[8].rate.bits_per_s, 0);
	pf_write(nic, R_RTTDQSEL, 8);
	assert_int_equal(pf_read(nic, R_RTTBCNRC), 0);
	pf_write(nic, R_RTTDQSEL, 9);
	assert_int_equal(pf_read(nic, R_RTTBCNRC), RTTBCNRC_RS_ENA | 2 << 14 | 1 << 13);
	/* The factor is of the speed there is. */
	nic_set_link(nic, 1000);
	assert_int_equal(nic->txq[9].rate.bits_per_s, 400000000ull);
	pf_write(nic, R_RTTBCNRC, 0);
	assert_int_equal(nic->txq[9].rate.bits_per_s, 0);
	nic_free(nic);
}

/* --- Filters and pools --- */

static void
test_addresses(void **state)
{
	struct nic *nic = rig_create(state, 63);
	const struct rar *rar = nic->filters.rar;

	assert_true(rar[0].valid);
	assert_memory_equal(rar[0].mac, rig_mac, MAC_LEN);
	pf_write(nic, R_RAL + 8 * 100, 0x44332202);
	pf_write(nic, R_MPSAR + 8 * 100 + 4, BIT(40 - 32));
	pf_write(nic, R_RAH + 8 * 100, RAH_AV | 0x6655);
	assert_true(rar[100].valid);
	assert_memory_equal(rar[100].mac, "\x02\x22\x33\x44\x55\x66", MAC_LEN);
	assert_int_equal(rar[100].pools, 1ull << 40);
	/* Of the first 16 there is a second name. */
	pf_write(nic, 0x05404 + 8 * 7, RAH_AV | 0x1234);
	assert_true(rar[7].valid);
	assert_int_equal(pf_read(nic, R_RAH + 8 * 7), RAH_AV | 0x1234);
	pf_write(nic, R_MTA + 4 * 127, 0x80000000);
	assert_int_equal(nic->filters.mta[127], 0);	/* not before MFE */
	pf_write(nic, R_MCSTCTRL, MCSTCTRL_MFE | 2);
	assert_int_equal(nic->filters.mta[127], 0x80000000);
	assert_int_equal(nic->filters.hash_shift, 2);
	pf_write(nic, R_UTA + 4, 3);
	assert_int_equal(nic->filters.uta[1], 3);
	nic_free(nic);
}

static void
test_vlans(void **state)
{
	struct nic *nic = rig_create(state, 63);

	pf_write(nic, R_VLNCTRL, VLNCTRL_VFE | 0x88a8);
	assert_true(nic->filters.vlan_filter);
	assert_int_equal(nic->filters.vlan_etype, 0x88a8);
	pf_write(nic, R_VFTA + 4 * (100 / 32), BIT(100 % 32));
	assert_int_equal(nic->filters.vfta[3], BIT(4));
	pf_write(nic, R_VLVF + 4 * 63, VLVF_VIEN | 100);
	pf_write(nic, R_VLVFB + 8 * 63, BIT(1));
	pf_write(nic, R_VLVFB + 8 * 63 + 4, BIT(40 - 32));
	assert_true(nic->filters.vlvf[63].valid);
	assert_int_equal(nic->filters.vlvf[63].vlan, 100);
	assert_int_equal(nic->filters.vlvf[63].pools, 1ull << 40 | 1ull << 1);
	pf_write(nic, R_VLVF + 4 * 63, 100);
	assert_false(nic->filters.vlvf[63].valid);
	nic_free(nic);
}

static void
test_pools(void **state)
{
	struct nic *nic = rig_create(state, 63);
	const struct pool *pool = &nic->pool[41];

	rig_pools(nic, MODE_64);
	assert_false(pool->rx_enabled);
	pf_write(nic, R_VFRE + 4, BIT(41 - 32));
	pf_write(nic, R_VFTE + 4, BIT(41 - 32));
	assert_true(pool->rx_enabled);
	assert_true(pool->tx_enabled);
	assert_false(nic->pool[40].rx_enabled);
	pf_write(nic, R_VMOLR + 4 * 41, VMOLR_UPE | VMOLR_VPE | VMOLR_BAM | VMOLR_ROMPE);
	assert_true(pool->accept_broadcast);
	assert_true(pool->accept_multicast_hash);
	assert_false(pool->accept_untagged);
	/* UPE wants FCTRL.UPE, too, and a chip that has it. */
	assert_false(pool->all_unicast);
	pf_write(nic, R_FCTRL, FCTRL_UPE);
	assert_int_equal(pool->all_unicast, !is_82599(state));
	assert_int_equal(pool->all_vlans, is_x550(state));
	pf_write(nic, R_VMVIR + 4 * 41, BIT(30) | 0xa064);
	assert_int_equal(pool->vlan_insert, VLAN_DEFAULT);
	assert_int_equal(pool->default_tag, 0xa064);
	assert_false(nic->filters.loopback);
	pf_write(nic, R_PFDTXGSWC, PFDTXGSWC_LBE);
	assert_true(nic->filters.loopback);
	assert_int_equal(nic->filters.self_loopback, 0);
	pf_write(nic, R_VMTXSW + 4, BIT(41 - 32));
	assert_int_equal(nic->filters.self_loopback, 1ULL << 41);
	nic_free(nic);
}

static void
test_spoof(void **state)
{
	struct nic *nic = rig_create(state, 63);

	pf_write(nic, R_PFVFSPOOF + 4 * (41 / 8), SPOOF_MAC(1) | SPOOF_VLAN(1) | SPOOF_ETYPE(1));
	assert_true(nic->pool[41].spoof_mac);
	assert_true(nic->pool[41].spoof_vlan);
	assert_int_equal(nic->pool[41].spoof_etype, is_x550(state));
	assert_false(nic->pool[40].spoof_mac);
	assert_false(nic->pool[9].spoof_mac);
	pf_write(nic, R_VMECM + 4, BIT(41 - 32));
	assert_true(nic->pool[41].count_spoofed);
	pf_write(nic, R_ETQF + 4 * 7, ETQF_ENABLE | ETQF_TX_ANTISPOOF | 0x8808);
	assert_true(nic->filters.etype[7].enabled);
	assert_int_equal(nic->filters.etype[7].tx_antispoof, is_x550(state));
	nic->pool[41].spoofed = 3;
	nic->pool[9].spoofed = 2;
	assert_int_equal(pf_read(nic, R_SSVPC), 5);
	assert_int_equal(pf_read(nic, R_SSVPC), 0);
	nic_free(nic);
}

static void
test_mirrors(void **state)
{
	struct nic *nic = rig_create(state, 63);
	const struct mirror *mirror = &nic->filters.mirror[2];

	pf_write(nic, R_VMRVM + 4 * 2, BIT(3));
	pf_write(nic, R_VMRVM + 16 + 4 * 2, BIT(40 - 32));
	pf_write(nic, R_VMRVLAN + 16 + 4 * 2, BIT(31));
	pf_write(nic, R_MRCTL + 4 * 2, MRCTL_VPME | MRCTL_DPME | 50 << 8);
	assert_true(mirror->pools_in && mirror->downlink);
	assert_false(mirror->uplink || mirror->vlans);
	assert_int_equal(mirror->to_pool, 50);
	assert_int_equal(mirror->pool_bits, 1ull << 40 | 1ull << 3);
	assert_int_equal(mirror->vlan_rows, 1ull << 63);
	nic_free(nic);
}

/* --- RSS (3.5) --- */

static void
test_rss(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_RETA + 4, 0x7f030201);
	pf_write(nic, R_RSSRK, 0x44332211);
	pf_write(nic, 0x05818, 1 | BIT(16) | BIT(21));	/* MRQC's other name */
	assert_true(nic->rss.enabled);
	assert_int_equal(nic->rss.types, 1 << 1 | 1 << 3);
	assert_int_equal(nic->rss.reta[4], 1);
	assert_int_equal(nic->rss.reta[7], is_x550(state) ? 0x3f : 0xf);
	assert_int_equal(nic->rss.reta_size, is_x550(state) ? 512 : 128);
	assert_int_equal(nic->rss.key[0], 0x11);
	assert_int_equal(nic->rss.key[3], 0x44);
	nic_free(nic);
}

static void
test_rss_of_pools(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64RSS);
	pf_write(nic, R_MRQC, MODE_64RSS->mrqc | MRQC_MULTIPLE_RSS);
	vf_write(nic, 40, R_VFRETA + 4 * 15, 0x01000000);
	vf_write(nic, 40, R_VFRSSRK + 4 * 9, 0x99000000);
	vf_write(nic, 40, R_VFMRQC, VFMRQC_RSS | BIT(17));
	assert_int_equal(nic->pool_rss != NULL, is_x550(state));
	assert_int_equal(nic->odd.unknown_writes, is_x550(state) ? 0 : 3);
	if (is_x550(state)) {
		assert_true(nic->pool_rss[40].enabled);
		assert_int_equal(nic->pool_rss[40].types, 1 << 2);
		assert_int_equal(nic->pool_rss[40].reta_size, 64);
		assert_int_equal(nic->pool_rss[40].reta[63], 1);
		assert_int_equal(nic->pool_rss[40].key[39], 0x99);
		assert_false(nic->pool_rss[41].enabled);
		pf_write(nic, R_MRQC, MODE_64RSS->mrqc);
		assert_null(nic->pool_rss);
	}
	nic_free(nic);
}

/* --- Resets (2.4, 2.9) --- */

static void
test_reset_of_the_pf(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	pf_write(nic, R_RXCTRL, RXCTRL_RXEN);
	pf_write(nic, R_MAXFRS, 9000u << 16);
	pf_write(nic, R_HLREG0, HLREG0_JUMBOEN);
	pf_write(nic, R_RAL, 0);
	pf_write(nic, R_EITR, 0x80);
	vf_write(nic, 3, R_VTEIMS, 7);
	pf_write(nic, R_PFMBMEM + 64 * 3, 0x1234);
	assert_true(nic->port.rx_enabled);
	assert_int_equal(nic->port.max_frame, 9000);
	pf_write(nic, R_CTRL, CTRL_RST);
	assert_int_equal(pf_read(nic, R_CTRL), 0);
	assert_false(nic->port.rx_enabled);
	assert_int_equal(nic->port.max_frame, 1518);
	assert_true(nic->port.strip_crc && nic->port.pad_tx);
	assert_false(nic->filters.virtualised);
	assert_memory_equal(nic->filters.rar[0].mac, rig_mac, MAC_LEN);
	assert_int_equal(nic->pf.vector[0].interval_ns, 0);
	assert_int_equal(vf_read(nic, 3, R_VTEIMS), 0);
	assert_int_equal(pf_read(nic, R_EEC) & EEC_ARD, EEC_ARD);
	assert_int_equal(pf_read(nic, R_RDRXCTL) & RDRXCTL_DMAIDONE, RDRXCTL_DMAIDONE);
	assert_int_equal(pf_read(nic, 0x03c00), (is_82599(state) ? 512 : 384) << 10);
	nic_free(nic);
}

static void
program_vf(struct nic *nic, unsigned int vf)
{
	static const uint32_t queue_values[][2] = {
		{ Q_BAL, 0x1000 }, { Q_LEN, 1024 }, { Q_HEAD, 7 }, { Q_TAIL, 9 },
	};

	for (size_t i = 0; i < 4; i++) {
		vf_write(nic, vf, R_RX_BLOCK + queue_values[i][0], queue_values[i][1]);
		vf_write(nic, vf, R_VF_TX_BLOCK + queue_values[i][0], queue_values[i][1]);
	}
	vf_write(nic, vf, R_RX_BLOCK + Q_SRRCTL, 4);
	vf_write(nic, vf, R_VF_TX_BLOCK + Q_WBAL, 0x2001);
	vf_write(nic, vf, R_RX_BLOCK + Q_CONTROL, DCTL_ENABLE);
	vf_write(nic, vf, R_VF_TX_BLOCK + Q_CONTROL, DCTL_ENABLE);
	vf_write(nic, vf, R_VFPSRTYPE, 1u << 29);
	vf_write(nic, vf, R_VTEIMS, 7);
	vf_write(nic, vf, R_VTEICS, 1);
	vf_write(nic, vf, R_VTIVAR, 0x81);
	vf_write(nic, vf, R_VTEITR, 0x80);
	vf_write(nic, vf, R_VFMBMEM, 0xabcd);
}

static void
test_reset_of_a_vf(void **state)
{
	struct nic *nic = rig_create(state, 63);
	unsigned int vf = 40;

	rig_pools(nic, MODE_64);
	pf_write(nic, R_DMATXCTL, DMATXCTL_TE);
	pf_write(nic, R_VFRE + 4, BIT(8) | BIT(9));
	pf_write(nic, R_VFTE + 4, BIT(8) | BIT(9));
	program_vf(nic, vf);
	program_vf(nic, vf + 1);
	assert_true(nic->rxq[80].enabled && nic->txq[80].enabled);
	assert_int_equal(nic->rxq[80].vector, 1);
	vf_write(nic, vf, R_VFCTRL, CTRL_RST);
	/* 2.9: what stays */
	assert_int_equal(vf_read(nic, vf, R_RX_BLOCK + Q_HEAD), 7);
	assert_int_equal(vf_read(nic, vf, R_RX_BLOCK + Q_TAIL), 9);
	assert_int_equal(vf_read(nic, vf, R_VF_TX_BLOCK + Q_TAIL), 9);
	assert_int_equal(vf_read(nic, vf, R_RX_BLOCK + Q_SRRCTL), 4);
	assert_int_equal(vf_read(nic, vf, R_RX_BLOCK + Q_CONTROL), DCTL_ENABLE);
	assert_int_equal(vf_read(nic, vf, R_VF_TX_BLOCK + Q_CONTROL), DCTL_ENABLE);
	assert_int_equal(vf_read(nic, vf, R_VF_TX_BLOCK + Q_WBAL), 0x2001);
	assert_int_equal(vf_read(nic, vf, R_VFPSRTYPE), 1u << 29);
	assert_int_equal(vf_read(nic, vf, R_VFMBMEM), 0xabcd);
	assert_int_equal(nic->txq[80].head_writeback, 0x2000);
	/* What does not */
	assert_int_equal(vf_read(nic, vf, R_RX_BLOCK + Q_LEN), 0);
	assert_false(nic->rxq[80].enabled || nic->txq[80].enabled);
	assert_int_equal(vf_read(nic, vf, R_VTEIMS), 0);
	assert_int_equal(vf_read(nic, vf, R_VTEICR), 0);
	assert_int_equal(nic->vf[vf].vector[0].interval_ns, 0);
	assert_int_equal(nic->rxq[80].vector, NO_VECTOR);
	assert_false(nic->pool[vf].rx_enabled || nic->pool[vf].tx_enabled);
	/* Its neighbour */
	assert_true(nic->rxq[82].enabled && nic->pool[vf + 1].rx_enabled);
	assert_int_equal(vf_read(nic, vf + 1, R_VTEIMS), 7);
	/* The PF hears of it. */
	assert_int_equal(pf_read(nic, R_VFLRE_HIGH), BIT(8));
	assert_int_equal(pf_read(nic, R_VFLREC + 4), is_82599(state) ? 0 : BIT(8));
	assert_int_equal(pf_read(nic, R_EICS) & EICR_MAILBOX, EICR_MAILBOX);
	pf_write(nic, R_VFLREC + 4, BIT(8));
	assert_int_equal(pf_read(nic, R_VFLRE_HIGH), 0);
	nic_free(nic);
}

/* --- MDD (8.6) --- */

static void
test_mdd(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	pf_write(nic, R_RDRXCTL, RDRXCTL_MDP_EN | RDRXCTL_MBINTEN);
	pf_write(nic, R_DMATXCTL, DMATXCTL_TE | DMATXCTL_MDP_EN);
	assert_int_equal(nic->port.mdd_rx, is_x550(state));
	assert_int_equal(nic->port.mdd_tx, is_x550(state));
	vf_write(nic, 40, R_RX_BLOCK + Q_LEN, 1024 + 16);	/* no multiple of 128 */
	vf_write(nic, 40, R_RX_BLOCK + Q_CONTROL, DCTL_ENABLE);
	assert_int_equal(nic->rxq[80].stuck, is_x550(state));
	if (is_x550(state)) {
		assert_int_equal(pf_read(nic, R_WQBR_RX + 4 * 2), BIT(80 - 64));
		assert_int_equal(pf_read(nic, R_LMVM_RX), 40);
		assert_int_equal(pf_read(nic, R_EICS), EICR_MAILBOX);
		nic->txq[80].stuck = true;
		nic->family->mdd_cause(nic, 80, false);
		assert_int_equal(pf_read(nic, R_WQBR_TX + 4 * 2), BIT(80 - 64));
		pf_write(nic, R_WQBR_TX + 4 * 2, BIT(80 - 64));
		pf_write(nic, R_WQBR_RX + 4 * 2, BIT(80 - 64));
		assert_false(nic->rxq[80].stuck || nic->txq[80].stuck);
		assert_int_equal(pf_read(nic, R_WQBR_RX + 4 * 2), 0);
	}
	nic_free(nic);
}

/* --- Statistics (8.9) --- */

static void
test_statistics(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	nic->stats.rx_packets = 10;
	nic->stats.rx_missed = 4;
	nic->stats.rx_bytes = 0x700000005ull;
	assert_int_equal(pf_read(nic, 0x04074), is_82599(state) ? 14 : 10);	/* GPRC */
	assert_int_equal(pf_read(nic, 0x04074), 0);
	assert_int_equal(reg_peek(&nic->pf, 0x03fa0), 4);
	assert_int_equal(pf_read(nic, 0x03fa0), 4);	/* MPC(0) */
	assert_int_equal(pf_read(nic, 0x03fa0), 0);
	assert_int_equal(pf_read(nic, 0x04088), 5);	/* GORC: the low half clears nothing */
	assert_int_equal(pf_read(nic, 0x04088), 5);
	assert_int_equal(pf_read(nic, 0x0408c), 7);
	assert_int_equal(pf_read(nic, 0x04088), 0);
	nic->rxq[80].packets = 6;
	nic->rxq[3].packets = 1;
	nic->rxq[80].drops = 2;
	nic->txq[80].bytes = 0x300000001ull;
	pf_write(nic, R_RQSMR + 4 * 20, 9);	/* queue 80 -> counter 9 */
	pf_write(nic, R_TQSM + 4 * 20, 9);
	assert_int_equal(pf_read(nic, R_QPRC), 1);
	assert_int_equal(pf_read(nic, R_QPRC + QUEUE_STRIDE * 9), 6);
	assert_int_equal(pf_read(nic, R_QPRC + QUEUE_STRIDE * 9), 0);
	assert_int_equal(pf_read(nic, R_QPRDC + QUEUE_STRIDE * 9), 2);
	assert_int_equal(pf_read(nic, 0x08700 + 8 * 9), 1);
	assert_int_equal(pf_read(nic, 0x08704 + 8 * 9), 3);
	assert_int_equal(pf_read(nic, 0x08700 + 8 * 9), 0);
	/* A VF's stay, whoever reads them, and its reset does not matter. */
	nic->pool[40].rx_packets = 5;
	nic->pool[40].rx_bytes = 0x1200000003ull;
	nic->pool[40].tx_packets = 8;
	assert_int_equal(vf_read(nic, 40, 0x0101c), 5);
	assert_int_equal(vf_read(nic, 40, 0x01020), 3);
	assert_int_equal(vf_read(nic, 40, 0x01024), 2);
	assert_int_equal(vf_read(nic, 40, 0x0201c), 8);
	vf_write(nic, 40, R_VFCTRL, CTRL_RST);
	assert_int_equal(pf_read(nic, R_PVFGPRC + QUEUE_STRIDE * 40), 5);
	nic_free(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_every_offset_answers),
		EACH(test_geometry),
		EACH(test_vf_blocks),
		EACH(test_rx_queue),
		EACH(test_tx_queue),
		EACH(test_qde),
		EACH(test_rate_limit),
		EACH(test_addresses),
		EACH(test_vlans),
		EACH(test_pools),
		EACH(test_spoof),
		EACH(test_mirrors),
		EACH(test_rss),
		EACH(test_rss_of_pools),
		EACH(test_reset_of_the_pf),
		EACH(test_reset_of_a_vf),
		EACH(test_mdd),
		EACH(test_statistics),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
