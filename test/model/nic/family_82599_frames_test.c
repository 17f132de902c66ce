/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Frames through 82599, X540 and X550 that were set up by their registers: which queue of which
 * pool gets them, what becomes of a port VLAN's tag, and what a malicious driver comes to.
 */
#include "datapath.h"
#include "family_82599_rig.h"
#include "wire.h"

#define NB_DESC	    32
#define FRAME_BYTES 74
#define NB_FLOWS    64
#define VLAN	    5
#define STATUS_DD   1u

/* --- A port and its rings --- */

struct ring {
	_Alignas(128) uint64_t desc[2 * NB_DESC];
	uint8_t buffer[NB_DESC][2048];
};

static struct {
	struct nic *nic;
	struct wire wire;
	uint8_t in[NB_FLOWS][FRAME_BYTES];
	unsigned int nb_in;
	struct ring rx[NIC_QUEUES_MAX], tx;
} port;

static unsigned int
swallow(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	(void)wire;
	(void)frame;
	return nb;
}

static unsigned int
hand_in(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	unsigned int i;

	(void)wire;
	for (i = 0; i < nb && port.nb_in > 0; i++)
		frame[i] = (struct wire_frame){ port.in[--port.nb_in], FRAME_BYTES };
	return i;
}

static const struct wire_ops ops = { .name = "test", .send = swallow, .recv = hand_in };

/** Pool @p p takes its own address's frames, and those of VLAN 5. */
static void
open_pool(unsigned int p)
{
	struct nic *nic = port.nic;

	pf_write(nic, R_RAL + 8 * p, 0x00000002);
	pf_write(nic, R_RAH + 8 * p, BIT(31) | p << 8 | 0x10);
	pf_write(nic, R_MPSAR + 8 * p, p < 32 ? BIT(p) : 0);
	pf_write(nic, R_MPSAR + 8 * p + 4, p < 32 ? 0 : BIT(p - 32));
	pf_write(nic, R_VMOLR + 4 * p, VMOLR_AUPE);
	pf_write(nic, R_VFRE + 4 * (p / 32), pf_read(nic, R_VFRE + 4 * (p / 32)) | BIT(p % 32));
	pf_write(nic, R_VFTE + 4 * (p / 32), pf_read(nic, R_VFTE + 4 * (p / 32)) | BIT(p % 32));
	pf_write(nic, R_PSRTYPE + 4 * p, 3u << 29);
}

static void
open_rx_queue(unsigned int q, uint32_t control)
{
	uint32_t block = rx_block_82599((uint16_t)q);
	struct ring *ring = &port.rx[q];
	struct nic *nic = port.nic;

	for (unsigned int i = 0; i < NB_DESC; i++) {
		ring->desc[2 * i] = (uintptr_t)ring->buffer[i];
		ring->desc[2 * i + 1] = 0;
	}
	pf_write(nic, block + Q_BAL, (uint32_t)(uintptr_t)ring->desc);
	pf_write(nic, block + Q_BAH, (uint64_t)(uintptr_t)ring->desc >> 32);
	pf_write(nic, block + Q_LEN, sizeof(ring->desc));
	pf_write(nic, block + Q_SRRCTL, 2 | 1u << 25);
	pf_write(nic, block + Q_CONTROL, DCTL_ENABLE | control);
	pf_write(nic, block + Q_TAIL, NB_DESC - 1);
}

static void
open_port(void **state, const struct mode *mode, uint32_t mrqc)
{
	unsigned int nb_vfs = mode->pools - 1;

	port.wire = (struct wire){ .ops = &ops, .mbps = 10000 };
	port.nb_in = 0;
	port.nic = rig_create(state, nb_vfs);
	port.nic->wire = &port.wire;
	port.nic->pf.bus_master = port.nic->pf.dma.identity = true;
	for (unsigned int vf = 0; vf < nb_vfs; vf++)
		port.nic->vf[vf].bus_master = port.nic->vf[vf].dma.identity = true;
	rig_pools(port.nic, mode);
	pf_write(port.nic, R_MRQC, mode->mrqc | mrqc);
	pf_write(port.nic, R_RXCSUM, RXCSUM_PCSD);
	pf_write(port.nic, R_RXCTRL, RXCTRL_RXEN);
	pf_write(port.nic, R_DMATXCTL, DMATXCTL_TE);
	for (unsigned int p = 0; p < mode->pools; p++)
		open_pool(p);
	port.nic->port.link_up = true;
	nic_changed(port.nic);
}

static void
poll(void)
{
	pthread_mutex_lock(&port.nic->lock);
	nic_poll(port.nic, NB_FLOWS);
	pthread_mutex_unlock(&port.nic->lock);
}

/** A frame of flow @p flow to pool @p p waits on the wire. */
static uint8_t *
arrives(unsigned int p, unsigned int flow, bool tagged)
{
	static const uint8_t tag[] = { 0x81, 0x00, 0x00, VLAN };
	uint8_t *frame = port.in[port.nb_in++], *ip = frame + 14;
	const uint8_t mac[MAC_LEN] = { 0x02, 0, 0, 0, 0x10, (uint8_t)p };

	memset(frame, 0, FRAME_BYTES);
	memcpy(frame, mac, MAC_LEN);
	frame[6] = 0x02;
	if (tagged) {
		memcpy(frame + 12, tag, sizeof(tag));
		ip += sizeof(tag);
	}
	ip[-2] = 0x08;
	ip[0] = 0x45;
	ip[3] = 40;
	ip[8] = 64;
	ip[9] = 6;
	ip[15] = (uint8_t)flow;		/* of the source address */
	ip[19] = (uint8_t)(flow * 37);
	return frame;
}

static unsigned int
nb_received(unsigned int q)
{
	unsigned int nb = 0;

	while (nb < NB_DESC && (port.rx[q].desc[2 * nb + 1] & STATUS_DD) != 0)
		nb++;
	return nb;
}

/* --- Which queue --- */

/** RETA's entry i names queue i of the pool, as far as the pool has them. */
static void
write_tables(void **state)
{
	static const uint8_t key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2 };

	for (unsigned int i = 0; i < 10; i++)
		pf_write(port.nic, R_RSSRK + 4 * i, key[4 * i] | key[4 * i + 1] << 8 |
			 key[4 * i + 2] << 16 | (uint32_t)key[4 * i + 3] << 24);
	for (unsigned int i = 0; i < 32; i++)
		pf_write(port.nic, R_RETA + 4 * i, 0x03020100);
	for (unsigned int i = 0; is_x550(state) && i < 96; i++)
		pf_write(port.nic, R_ERETA + 4 * i, 0x03020100);
}

/** 64, 32 and 16 pools: pool p has the queues from p times the mode's on, and no others get it. */
static void
test_pools_of_all_modes(void **state)
{
	for (size_t m = 0; m < MODES; m++) {
		const struct mode *mode = &modes[m];
		unsigned int p = mode->pools / 2 + 1, first = p * mode->queues, used = 0, nb = 0;
		bool rss = mode->mrqc == 0xa || mode->mrqc == 0xb;

		open_port(state, mode, BIT(17));
		write_tables(state);
		pf_write(port.nic, R_PSRTYPE + 4 * p, (mode->queues == 2 ? 1u : 2u) << 29);
		for (unsigned int q = first - 1; q <= first + mode->queues; q++)
			open_rx_queue(q, 0);
		for (unsigned int flow = 0; flow < 24; flow++)
			arrives(p, flow, false);
		poll();
		for (unsigned int q = first; q < first + mode->queues; q++) {
			nb += nb_received(q);
			used += nb_received(q) > 0;
		}
		assert_int_equal(nb, 24);
		assert_int_equal(used, rss ? mode->queues : 1);
		assert_int_equal(nb_received(first - 1) + nb_received(first + mode->queues), 0);
		assert_ptr_equal(port.nic->rxq[first].owner, &port.nic->vf[p]);
		nic_free(port.nic);
	}
}

/** X550: two pools spread the same frames by tables of their own. */
static void
test_rss_of_a_pool(void **state)
{
	open_port(state, MODE_64RSS, MRQC_MULTIPLE_RSS);
	for (unsigned int p = 40; p < 42; p++) {
		for (unsigned int i = 0; i < 10; i++)
			vf_write(port.nic, p, R_VFRSSRK + 4 * i, 0x5a6d0102 * (i + 1));
		for (unsigned int i = 0; i < 16; i++)
			vf_write(port.nic, p, R_VFRETA + 4 * i, p == 40 ? 0x01010101 : 0x01000100);
		vf_write(port.nic, p, R_VFMRQC, VFMRQC_RSS | BIT(17));
		vf_write(port.nic, p, R_VFPSRTYPE, 1u << 29);
		open_rx_queue(2 * p, 0);
		open_rx_queue(2 * p + 1, 0);
		for (unsigned int flow = 0; flow < 24; flow++)
			arrives(p, flow, false);
	}
	poll();
	assert_int_equal(nb_received(80), 0);
	assert_int_equal(nb_received(81), 24);
	assert_true(nb_received(82) > 0 && nb_received(83) > 0);
	assert_int_equal(nb_received(82) + nb_received(83), 24);
	nic_free(port.nic);
}

/* --- A port VLAN's tag --- */

static void
test_port_vlan_is_stripped(void **state)
{
	for (unsigned int strip = 0; strip < 2; strip++) {
		const uint8_t *frame;
		uint64_t high;

		open_port(state, MODE_64, 0);
		pf_write(port.nic, R_VFTA, BIT(VLAN));
		pf_write(port.nic, R_VLVF + 4, BIT(31) | VLAN);
		pf_write(port.nic, R_VLVFB + 8, BIT(3));
		open_rx_queue(6, strip ? RXDCTL_VME : 0);
		frame = arrives(3, 1, true);
		poll();
		assert_int_equal(nb_received(6), 1);
		high = port.rx[6].desc[1];
		assert_int_equal(high >> 32 & 0xffff, FRAME_BYTES - (strip ? 4 : 0));
		assert_int_equal(high >> 48, strip ? VLAN : 0);
		assert_memory_equal(port.rx[6].buffer[0], frame, 12);
		assert_memory_equal(port.rx[6].buffer[0] + 12, frame + (strip ? 16 : 12), 50);
		nic_free(port.nic);
	}
}

/* --- Malicious drivers (8.6) --- */

static void
test_malicious_descriptor(void **state)
{
	uint32_t block = tx_block_82599(80);
	struct nic *nic;

	open_port(state, MODE_64, 0);
	nic = port.nic;
	pf_write(nic, R_DMATXCTL, DMATXCTL_TE | DMATXCTL_MDP_EN | DMATXCTL_MBINTEN);
	pf_write(nic, block + Q_BAL, (uint32_t)(uintptr_t)port.tx.desc);
	pf_write(nic, block + Q_BAH, (uint64_t)(uintptr_t)port.tx.desc >> 32);
	pf_write(nic, block + Q_LEN, sizeof(port.tx.desc));
	pf_write(nic, block + Q_CONTROL, DCTL_ENABLE);
	memset(port.tx.buffer[0], 0xee, 60);
	/* A whole frame, but for CC. */
	port.tx.desc[0] = (uintptr_t)port.tx.buffer[0];
	port.tx.desc[1] = (uint64_t)60 << 46 | 3u << 20 | 1u << 29 | 1u << 24 | 60;
	pf_write(nic, block + Q_TAIL, 1);
	poll();
	assert_int_equal(nic->txq[80].packets, is_x550(state) ? 0 : 1);
	assert_int_equal(nic->txq[80].stuck, is_x550(state));
	if (is_x550(state)) {
		assert_int_equal(pf_read(nic, R_WQBR_TX + 4 * 2), BIT(80 - 64));
		assert_int_equal(pf_read(nic, R_LMVM_TX), 40);
		assert_int_not_equal(pf_read(nic, R_LVMMC_TX), 0);
		assert_int_equal(pf_read(nic, R_EICS) & EICR_MAILBOX, EICR_MAILBOX);
		/* Put right and let go, it runs on. */
		pf_write(nic, R_DMATXCTL, DMATXCTL_TE);
		pf_write(nic, R_WQBR_TX + 4 * 2, BIT(80 - 64));
		poll();
		assert_int_equal(nic->txq[80].packets, 1);
	}
	nic_free(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_pools_of_all_modes),
		EACH(test_port_vlan_is_stripped),
		EACH(test_malicious_descriptor),
		ONE(test_rss_of_a_pool, x550),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
