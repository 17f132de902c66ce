/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82576 and I350: resets, NVM, PHY and link, semaphores, decoded state, statistics.
 */
#include "gbe_rig.h"

static void
test_every_offset_answers(void **state)
{
	struct nic *nic = rig_create(state, 7);

	rig_read_all(nic);
	nic_free(nic);
}

static void
test_reset_of_the_pf(void **state)
{
	struct nic *nic = rig_create(state, 2);

	pf_write(nic, EITR + 4, 100 << 2);
	pf_write(nic, 0x2404, 0x20);
	pf_write(nic, RCTL, RCTL_EN);
	pf_write(nic, VFTA, 1);
	pf_write(nic, VLVF, 0x80000001);
	pf_write(nic, RAL, 0);
	pf_write(nic, CTRL_EXT, CTRL_EXT_PFRSTD);
	pf_write(nic, VFRE, 0xff);
	assert_true(nic->port.rx_enabled);
	pf_write(nic, CTRL, CTRL_SLU | CTRL_RST);

	assert_int_equal(pf_read(nic, CTRL) & (CTRL_RST | CTRL_SLU), 0);
	assert_int_equal(pf_read(nic, EITR + 4), 100 << 2);
	assert_int_equal(nic->pf.vector[1].interval_ns, 0);	/* one message for all */
	assert_int_equal(pf_read(nic, 0x2404), 0x20);
	assert_int_equal(pf_read(nic, RCTL), 0);
	assert_false(nic->port.rx_enabled);
	assert_int_equal(pf_read(nic, VFTA), 0);
	assert_int_equal(nic->filters.vfta[0], 0);
	assert_false(nic->filters.vlvf[0].valid);
	assert_int_equal(pf_read(nic, VFRE), 0);
	assert_int_equal(pf_read(nic, RAL), 0x33221102);
	assert_int_equal(pf_read(nic, RAH), 0x80005544);
	assert_true(nic->filters.rar[0].valid);
	assert_memory_equal(nic->filters.rar[0].mac, rig_mac, MAC_LEN);
	/* Queue 0 comes up enabled, without a ring. */
	assert_int_equal(pf_read(nic, 0xc028) & RING_ENABLE, RING_ENABLE);
	assert_int_equal(pf_read(nic, 0xe028) & RING_ENABLE, RING_ENABLE);
	assert_int_equal(pf_read(nic, 0xc068) & RING_ENABLE, 0);
	assert_false(nic->rxq[0].enabled);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), 0x40);
	nic_free(nic);
}

static void
test_device_reset(void **state)
{
	struct nic *nic = rig_create(state, 0);
	bool has_it = gbe_traits(nic)->device_reset;

	pf_write(nic, RCTL, RCTL_EN);
	pf_write(nic, CTRL, CTRL_DEV_RST);
	assert_int_equal(pf_read(nic, RCTL), has_it ? 0 : RCTL_EN);
	assert_int_equal((pf_read(nic, STATUS) & STATUS_DEV_RST_SET) != 0, has_it);
	pf_write(nic, STATUS, STATUS_DEV_RST_SET);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_DEV_RST_SET, 0);
	nic_free(nic);
}

static uint16_t
nvm_read(struct nic *nic, uint32_t word)
{
	uint32_t value;

	pf_write(nic, EERD, word << 2 | EERD_START);
	value = pf_read(nic, EERD);
	assert_int_equal(value & EERD_DONE, EERD_DONE);
	return value >> 16;
}

static void
test_nvm(void **state)
{
	struct nic *nic = rig_create(state, 0);
	uint16_t sum = 0;

	assert_int_equal(nvm_read(nic, 0), 0x1102);
	assert_int_equal(nvm_read(nic, 1), 0x3322);
	assert_int_equal(nvm_read(nic, 2), 0x5544);
	for (uint32_t word = 0; word <= 0x3f; word++)
		sum += nvm_read(nic, word);
	assert_int_equal(sum, 0xbaba);
	if (gbe_traits(nic)->nvm_regions == 4) {
		sum = 0;
		for (uint32_t word = 0x100; word <= 0x13f; word++)
			sum += nvm_read(nic, word);
		assert_int_equal(sum, 0xbaba);
	}
	assert_int_equal(nvm_read(nic, 0x3000), 0xffff);
	assert_int_equal(pf_read(nic, EECD) & (EECD_PRES | EECD_AUTO_RD | EECD_GNT),
			 EECD_PRES | EECD_AUTO_RD);
	pf_write(nic, EECD, EECD_REQ);
	assert_int_equal(pf_read(nic, EECD) & EECD_GNT, EECD_GNT);
	assert_int_equal(pf_read(nic, 0x1010) & BIT(18), BIT(18));
	nic_free(nic);
}

static uint32_t
mdio(struct nic *nic, uint32_t phy, uint32_t op, uint32_t number, uint16_t data)
{
	pf_write(nic, MDIC, op << 26 | phy << 21 | number << 16 | data);
	assert_int_equal(pf_read(nic, MDIC) & MDIC_READY, MDIC_READY);
	return pf_read(nic, MDIC);
}

static uint16_t
phy_get(struct nic *nic, uint32_t number)
{
	uint32_t value = mdio(nic, 1, MDIC_OP_READ, number, 0);

	assert_int_equal(value & MDIC_ERROR, 0);
	assert_int_equal(FIELD(value, 20, 16), number);
	return value & 0xffff;
}

static void
test_phy(void **state)
{
	struct nic *nic = rig_create(state, 0);
	bool addressed = !gbe_traits(nic)->link_power;

	assert_int_equal(phy_get(nic, 2) << 16 | phy_get(nic, 3), gbe_traits(nic)->phy_id);
	assert_int_equal((mdio(nic, 2, MDIC_OP_READ, 2, 0) & MDIC_ERROR) != 0, addressed);
	mdio(nic, 1, MDIC_OP_WRITE, 2, 0x1234);
	assert_int_equal(phy_get(nic, 2), gbe_traits(nic)->phy_id >> 16);
	mdio(nic, 1, MDIC_OP_WRITE, 4, 0x0c01);
	assert_int_equal(phy_get(nic, 4), 0x0c01);
	/* Register 9 of page 0x2880 is not register 9. */
	mdio(nic, 1, MDIC_OP_WRITE, 0x1f, 0x2889);
	mdio(nic, 1, MDIC_OP_WRITE, 9, 0x5555);
	mdio(nic, 1, MDIC_OP_WRITE, 0x1f, 0);
	assert_int_equal(phy_get(nic, 9), 0x0300);
	/* CTRL.RST leaves the PHY alone, BMCR.RESET does not, and both clear themselves. */
	pf_write(nic, CTRL, CTRL_RST);
	assert_int_equal(phy_get(nic, 4), 0x0c01);
	mdio(nic, 1, MDIC_OP_WRITE, 0, 0x9340);
	assert_int_equal(phy_get(nic, 4), 0x0de1);
	assert_int_equal(phy_get(nic, 0), 0x1140);
	nic_free(nic);
}

static void
test_link(void **state)
{
	struct nic *nic = rig_create(state, 1);

	nic_set_link(nic, 1000);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_LU, 0);
	assert_int_equal(pf_read(nic, ICR) & ICR_LSC, 0);
	pf_write(nic, CTRL, CTRL_SLU);
	assert_int_equal(pf_read(nic, ICR) & ICR_LSC, ICR_LSC);
	assert_int_equal(pf_read(nic, STATUS) & 0xc3, 0x83);
	assert_int_equal(vf_read(nic, 0, 0x0008), 0x83);
	/* Latched low: the second read tells the truth. */
	assert_int_equal(phy_get(nic, 1) & 0x24, 0x20);
	assert_int_equal(phy_get(nic, 1) & 0x24, 0x24);
	nic_set_link(nic, 0);
	assert_int_equal(pf_read(nic, ICR) & ICR_LSC, ICR_LSC);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_LU, 0);
	nic_set_link(nic, 100);
	assert_int_equal(pf_read(nic, STATUS) & 0xc3, 0x43);
	mdio(nic, 1, MDIC_OP_WRITE, 0, 0x1940);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_LU, 0);
	mdio(nic, 1, MDIC_OP_WRITE, 0, 0x1340);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_LU, STATUS_LU);
	assert_int_equal(phy_get(nic, 0) & 0x0200, 0);
	pf_write(nic, PHPM, PHPM_GO_LINKD);
	assert_int_equal((pf_read(nic, STATUS) & STATUS_LU) == 0, gbe_traits(nic)->link_power);
	nic_free(nic);
}

static void
test_status_and_semaphores(void **state)
{
	struct nic *nic = rig_create(state, 3);

	assert_int_equal(FIELD(pf_read(nic, STATUS), 18, 14), 0x10 | 3);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_MASTER_EN, STATUS_MASTER_EN);
	pf_write(nic, CTRL, CTRL_MASTER_DIS);
	assert_int_equal(pf_read(nic, STATUS) & STATUS_MASTER_EN, 0);

	assert_int_equal(reg_peek(&nic->pf, SWSM) & SWSM_SMBI, 0);
	assert_int_equal(pf_read(nic, SWSM) & SWSM_SMBI, 0);
	assert_int_equal(pf_read(nic, SWSM) & SWSM_SMBI, SWSM_SMBI);
	pf_write(nic, SWSM, SWSM_SMBI | SWSM_SWESMBI);
	assert_int_equal(pf_read(nic, SWSM), SWSM_SMBI | SWSM_SWESMBI);
	pf_write(nic, 0x5b5c, 2);
	pf_write(nic, SWSM, 0);
	assert_int_equal(pf_read(nic, SWSM), 0);
	assert_int_equal(pf_read(nic, 0x5b5c), 2);
	nic->clock.now_ns = 1234567;
	assert_int_equal(vf_read(nic, 0, 0x1048), 1234);
	nic_free(nic);
}

/* --- What registers mean --- */

static void
test_addresses(void **state)
{
	struct nic *nic = rig_create(state, 0);
	unsigned int last = nic->family->nb_rars - 1;
	uint32_t at = RAL_HIGH + 8 * (last - RAR_LOW_BANK), generation;

	pf_write(nic, at, 0x44332202);
	assert_false(nic->filters.rar[last].valid);
	generation = nic->generation;
	pf_write(nic, at + 4, RAH_AV | 5 << 18 | 0x6655);
	assert_int_not_equal(nic->generation, generation);
	assert_true(nic->filters.rar[last].valid);
	assert_int_equal(nic->filters.rar[last].pools, 5);
	assert_memory_equal(nic->filters.rar[last].mac, "\x02\x22\x33\x44\x55\x66", MAC_LEN);
	assert_int_equal(nic->odd.unknown_writes, 0);
	pf_write(nic, MTA + 4 * 127, 0x80000001);
	assert_int_equal(nic->filters.mta[127], 0x80000001);
	pf_write(nic, UTA + 4, 2);
	assert_int_equal(nic->filters.uta[1], 2);
	pf_write(nic, VFTA + 4, 4);
	assert_int_equal(nic->filters.vfta[1], 4);
	pf_write(nic, VLVF + 4 * 31, 0x80000000 | 0x81 << 12 | 0xabc);
	assert_true(nic->filters.vlvf[31].valid);
	assert_int_equal(nic->filters.vlvf[31].vlan, 0xabc);
	assert_int_equal(nic->filters.vlvf[31].pools, 0x81);
	nic_free(nic);
}

static void
test_pools(void **state)
{
	struct nic *nic = rig_create(state, 7);
	const struct gbe_traits *traits = gbe_traits(nic);
	struct pool *pool = &nic->pool[3];

	pf_write(nic, MRQC, MRQC_VMDQ);
	pf_write(nic, VT_CTL, 7 << 7 | VT_CTL_REPL);
	assert_true(nic->filters.virtualised && nic->filters.replicate);
	assert_int_equal(nic->filters.default_pool, 7);
	assert_false(nic->filters.drop_unmatched);
	pf_write(nic, VT_CTL, VT_CTL_DIS_DEF);
	assert_true(nic->filters.drop_unmatched);
	pf_write(nic, VFRE, 8);
	assert_true(pool->rx_enabled && !pool->tx_enabled);
	pf_write(nic, VMOLR + 12, VMOLR_AUPE | VMOLR_ROMPE | VMOLR_UPE | VMOLR_VPE |
					  VMOLR_STRVLAN | 0x1234);
	assert_true(pool->accept_untagged && pool->accept_multicast_hash);
	assert_false(pool->accept_broadcast || pool->accept_unicast_hash || pool->all_multicast);
	assert_int_equal(pool->all_unicast, traits->pool_promiscuous);
	assert_int_equal(pool->all_vlans, traits->pool_promiscuous);
	assert_int_equal(pool->strip_vlan, !traits->strip_by_queue);
	assert_int_equal(pool->max_frame, STANDARD_FRAME);
	pf_write(nic, VMOLR + 12, VMOLR_LPE | 0x1234);
	assert_int_equal(pool->max_frame, 0x1234);
	pf_write(nic, 0xc038 + 0x40 * 3, DVMOLR_STRVLAN);
	assert_int_equal(nic->rxq[3].strip_vlan, traits->strip_by_queue);
	pf_write(nic, VMVIR + 12, 1u << 30 | 0x2005);
	assert_int_equal(pool->vlan_insert, VLAN_DEFAULT);
	assert_int_equal(pool->default_tag, 0x2005);
	pf_write(nic, VMVIR + 12, 2u << 30);
	assert_int_equal(pool->vlan_insert, VLAN_NEVER);
	pf_write(nic, traits->txswc, TXSWC_LOOPBACK | 0x08 << 16 | 0x0800 | 0x07);
	assert_true(nic->filters.loopback);
	assert_int_equal(nic->filters.self_loopback, 8);
	assert_true(pool->spoof_vlan && !pool->spoof_mac && nic->pool[2].spoof_mac);
	assert_int_equal(pool->first_queue, 3);
	assert_int_equal(pool->nb_queues, traits->vf_queues);
	/* What is looped back there has its tag the other way round (4.2). */
	assert_int_equal(nic->family->rxd.loopback_vlan_swapped, *state == &nic_family_i350);
	nic_free(nic);
}

static void
test_rss(void **state)
{
	struct nic *nic = rig_create(state, 0);
	bool pool_rss = gbe_traits(nic)->pool_rss;

	pf_write(nic, RETA + 4, 0x09080706);
	pf_write(nic, RSSRK, 0x44332211);
	pf_write(nic, MRQC, MRQC_RSS | BIT(16) | BIT(21) | BIT(23));
	assert_true(nic->rss.enabled && !nic->filters.virtualised);
	assert_int_equal(nic->rss.types, BIT(1) | BIT(3) | BIT(8));
	assert_int_equal(nic->rss.key[2], 0x33);
	assert_int_equal(nic->rss.reta[4], 6);
	assert_int_equal(nic->rss.reta[7], 9 % nic->family->nb_queues);
	pf_write(nic, VMOLR, VMOLR_RSSE);
	assert_false(nic->pool[0].rss);
	pf_write(nic, MRQC, MRQC_VMDQ_RSS | BIT(16));
	assert_int_equal(nic->filters.virtualised, pool_rss);
	assert_int_equal(nic->pool[0].rss, pool_rss);
	if (pool_rss) {
		assert_int_equal(nic->rss.reta[5], 0);
		assert_int_equal(nic->rss.reta[6], 1);
	}
	nic_free(nic);
}

static void
test_port(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, RLPML, 9000);
	assert_int_equal(nic->port.max_frame, STANDARD_FRAME);
	pf_write(nic, RCTL, RCTL_EN | RCTL_LPE | RCTL_VFE | RCTL_BAM | RCTL_SECRC | 2 << 12);
	assert_int_equal(nic->port.max_frame, 9000);
	assert_true(nic->port.tags_count && nic->port.strip_crc && nic->port.rx_enabled);
	assert_true(nic->filters.vlan_filter && nic->filters.accept_broadcast);
	assert_int_equal(nic->filters.hash_shift, 2);
	pf_write(nic, TCTL, TCTL_EN | TCTL_PSP);
	assert_true(nic->port.tx_enabled && nic->port.pad_tx);
	pf_write(nic, RXCSUM, RXCSUM_PCSD | RXCSUM_TUOFL);
	assert_true(!nic->port.fragment_checksum && nic->port.check_l4 && !nic->port.check_ip);
	pf_write(nic, CTRL, CTRL_VME);
	assert_true(nic->port.strip_vlan);
	pf_write(nic, MRQC, MRQC_VMDQ);
	assert_false(nic->port.strip_vlan);
	pf_write(nic, ETQF + 4, BIT(26) | BIT(31) | 3 << 16 | 0x88f7);
	assert_true(nic->filters.etype[1].enabled && nic->filters.etype[1].to_queue);
	assert_int_equal(nic->filters.etype[1].queue, 3);
	pf_write(nic, VMRCTL + 8, 5 << 8 | 9);
	pf_write(nic, VMRVLAN + 8, 0x10);
	pf_write(nic, VMRVM + 8, 0x21);
	assert_true(nic->filters.mirror[2].pools_in && nic->filters.mirror[2].vlans);
	assert_int_equal(nic->filters.mirror[2].to_pool, 5);
	assert_int_equal(nic->filters.mirror[2].pool_bits, 0x21);
	pf_write(nic, SCCRL, 1 << 8 | BIT(3));
	pf_write(nic, BSCTRH, 10);
	assert_true(nic->filters.storm.broadcast && !nic->filters.storm.multicast);
	assert_int_equal(nic->filters.storm.limit_bytes[0], 640);
	assert_int_equal(nic->filters.storm.interval_ns, 100000000);
	nic_free(nic);
}

static void
test_queue_blocks(void **state)
{
	struct nic *nic = rig_create(state, 1);
	struct rx_queue *rxq = &nic->rxq[3];
	struct tx_queue *txq = &nic->txq[3];

	/* The old place of queue 3 and the new one are the same registers. */
	pf_write(nic, 0x2b00, 0x12345fff);
	pf_write(nic, 0x2b04, 0x1);
	pf_write(nic, 0x2b08, 64 * 16 + 5);
	pf_write(nic, 0xc0cc, 0x02000002 | BIT(31) | 4 << 8);
	assert_int_equal(pf_read(nic, 0xc0c0), 0x12345f80);
	assert_int_equal(rxq->base, 0x112345f80);
	assert_int_equal(rxq->nb_desc, 64);
	assert_int_equal(rxq->desc_type, RX_ONE_BUFFER);
	assert_int_equal(rxq->buffer_bytes, 2048);
	assert_int_equal(rxq->header_bytes, 256);
	assert_true(rxq->drop_en && !rxq->enabled);
	pf_write(nic, 0x2b28, RING_ENABLE);
	assert_true(rxq->enabled);
	pf_write(nic, 0xc0cc, 0);
	assert_false(rxq->drop_en);
	assert_int_equal(rxq->buffer_bytes, 2048);
	pf_write(nic, RCTL, 1 << 16);
	assert_int_equal(rxq->buffer_bytes, 1024);
	pf_write(nic, QDE, 8);
	assert_true(rxq->drop_en);
	pf_write(nic, 0xc0d0, 7);
	assert_int_equal(rxq->head, 7);
	pf_write(nic, 0xc0d8, 9);
	assert_int_equal(rxq->block[RING_TAIL], 9);

	pf_write(nic, 0x3b08, 32 * 16);
	pf_write(nic, 0x3b38, 0x5001);
	pf_write(nic, 0xe0fc, 0x2);
	pf_write(nic, 0xe0e8, RING_ENABLE);
	assert_true(txq->enabled);
	assert_int_equal(txq->head_writeback, 0x200005000);
	assert_int_equal(txq->pool, 3);
	assert_ptr_equal(txq->owner, &nic->pf);
	assert_ptr_equal(nic->txq[0].owner, &nic->vf[0]);
	pf_write(nic, IOVTCL, 1);
	assert_ptr_equal(nic->txq[0].owner, &nic->pf);
	nic_free(nic);
}

static void
test_rate_limit(void **state)
{
	struct nic *nic = rig_create(state, 0);

	nic_set_link(nic, 1000);
	pf_write(nic, RTTDQSEL, 9);
	pf_write(nic, RTTBCNRC, RTTBCNRC_ENABLE | 4 << 14);
	assert_int_equal(nic->txq[9].rate.bits_per_s, 250000000);
	assert_int_equal(nic->txq[1].rate.bits_per_s, 0);
	pf_write(nic, RTTDQSEL, 1);
	assert_int_equal(pf_read(nic, RTTBCNRC), 0);
	pf_write(nic, RTTDQSEL, 9);
	assert_int_equal(pf_read(nic, RTTBCNRC), RTTBCNRC_ENABLE | 4 << 14);
	pf_write(nic, RTTBCNRC, 0);
	assert_int_equal(nic->txq[9].rate.bits_per_s, 0);
	nic_free(nic);
}

/* --- Statistics and events --- */

static void
test_counters(void **state)
{
	struct nic *nic = rig_create(state, 2);

	nic->stats.rx_packets = 5;
	nic->stats.rx_bytes = 0x700000010;
	assert_int_equal(reg_peek(&nic->pf, 0x4074), 5);
	assert_int_equal(pf_read(nic, 0x4074), 5);
	assert_int_equal(pf_read(nic, 0x4074), 0);
	assert_int_equal(pf_read(nic, 0x4104), 5);	/* another that counts the same */
	nic->stats.rx_packets = 12;
	assert_int_equal(pf_read(nic, 0x4074), 7);
	assert_int_equal(pf_read(nic, 0x4088), 0x10);
	assert_int_equal(pf_read(nic, 0x4088), 0x10);
	assert_int_equal(pf_read(nic, 0x408c), 7);
	assert_int_equal(pf_read(nic, 0x4088), 0);
	nic->pool[1].rx_packets = 0x100000003;
	nic->pool[1].tx_bytes = 99;
	assert_int_equal(vf_read(nic, 1, 0x0f10), 3);
	assert_int_equal(vf_read(nic, 1, 0x0f10), 3);
	assert_int_equal(vf_read(nic, 1, 0x0f34), 99);
	assert_int_equal(pf_read(nic, 0x10134), 99);
	assert_int_equal(vf_read(nic, 0, 0x0f10), 0);
	nic->rxq[4].drops = 0x1005;
	assert_int_equal(pf_read(nic, 0xc130), 0xfff);
	assert_int_equal(pf_read(nic, 0xc130), 0);
	nic->rxq[4].drops += 3;
	assert_int_equal(pf_read(nic, 0xc130), 3);
	nic_flr(&nic->vf[1]);
	assert_int_equal(vf_read(nic, 1, 0x0f34), 99);
	pf_write(nic, CTRL, CTRL_RST);
	assert_int_equal(pf_read(nic, 0x4074), 0);
	nic_free(nic);
}

static void
test_misbehaviour(void **state)
{
	struct nic *nic = rig_create(state, 4);
	bool bitmap = gbe_traits(nic)->blocked_bitmap;

	pf_write(nic, DTXCTL, DTXCTL_MDP_EN);
	assert_true(nic->port.mdd_tx);
	nic->pool[2].spoofed = 6;
	assert_int_equal(pf_read(nic, 0x41a0), 6);
	assert_int_equal(pf_read(nic, WVBR), bitmap ? 0 : 1u << 2);
	assert_int_equal(pf_read(nic, WVBR), 0);
	nic->txq[3].stuck = true;
	nic->family->mdd_cause(nic, 3, false);
	assert_int_equal(pf_read(nic, ICR) & ICR_MALICIOUS, ICR_MALICIOUS);
	assert_int_equal(pf_read(nic, LVMMC), bitmap ? 3u << 29 : 3u << 16);
	/* On an I350, the spoofer after that. */
	assert_int_equal(pf_read(nic, LVMMC), bitmap ? LVMMC_I350_SPOOF | 2u << 29 : 0);
	assert_int_equal(pf_read(nic, LVMMC), 0);
	assert_int_equal(pf_read(nic, WVBR), bitmap ? 0 : 8u << 16);
	if (bitmap) {
		assert_int_equal(pf_read(nic, MDFB), 8);
		pf_write(nic, MDFB, 8);
		assert_int_equal(pf_read(nic, MDFB), 0);
	} else {
		pf_write(nic, 0xe0e8, 0);
	}
	assert_false(nic->txq[3].stuck);
	nic_free(nic);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(test_every_offset_answers),
		BOTH(test_reset_of_the_pf),
		BOTH(test_device_reset),
		BOTH(test_nvm),
		BOTH(test_phy),
		BOTH(test_link),
		BOTH(test_status_and_semaphores),
		BOTH(test_addresses),
		BOTH(test_pools),
		BOTH(test_rss),
		BOTH(test_port),
		BOTH(test_queue_blocks),
		ONE(test_rate_limit, 82576),
		BOTH(test_counters),
		BOTH(test_misbehaviour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
