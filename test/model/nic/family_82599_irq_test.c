/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82599, X540, X550: interrupts of the PF and of VFs, the mailbox.
 */
#include "family_82599_rig.h"

static void
set_ivar(struct nic *nic, uint16_t q, bool rx, uint8_t vector)
{
	uint32_t offset = R_IVAR + q / 2 * 4;
	unsigned int shift = 16 * (q % 2) + (rx ? 0 : 8);
	uint32_t ivar = pf_read(nic, offset) & ~(0xffu << shift);

	pf_write(nic, offset, ivar | (uint32_t)(vector | IVAR_VALID) << shift);
}

static uint64_t
fired(const struct nic *nic, unsigned int vector)
{
	return nic->pf.vector[vector].fired;
}

/* --- IVAR, EICR, EIMS (6.1, 6.2) --- */

static void
test_ivar(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE);
	assert_int_equal(nic->rxq[0].vector, NO_VECTOR);
	for (uint16_t q = 0; q < 128; q++) {
		set_ivar(nic, q, true, q % 64);
		set_ivar(nic, q, false, 63 - q % 64);
	}
	for (uint16_t q = 0; q < 128; q++) {
		assert_int_equal(nic->rxq[q].vector, q % 64);
		assert_int_equal(nic->txq[q].vector, 63 - q % 64);
	}
	pf_write(nic, R_IVAR + 4, 0);
	assert_int_equal(nic->rxq[3].vector, NO_VECTOR);
	nic_free(nic);
}

static void
test_queue_cause(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE);
	set_ivar(nic, 5, true, 9);
	set_ivar(nic, 6, false, 40);
	nic->family->rx_cause(nic, &nic->rxq[5]);
	nic->family->tx_cause(nic, &nic->txq[6]);
	/* Not enabled: the cause waits. EICR shows the first 16 vectors only. */
	assert_int_equal(fired(nic, 9), 0);
	assert_int_equal(pf_read(nic, R_EICS), BIT(9));
	assert_int_equal(pf_read(nic, R_EICS_EX), BIT(9));
	assert_int_equal(pf_read(nic, R_EICS_EX + 4), BIT(40 - 32));
	pf_write(nic, R_EIMS, BIT(9));
	assert_int_equal(fired(nic, 9), 1);
	assert_int_equal(pf_read(nic, R_EIMS_EX), BIT(9));
	pf_write(nic, R_EIMS_EX + 4, BIT(40 - 32));
	assert_int_equal(fired(nic, 40), 1);
	assert_int_equal(pf_read(nic, R_EIMS), BIT(9));
	/* EIMS sets, EIMC clears. */
	pf_write(nic, R_EIMS, 0);
	assert_int_equal(pf_read(nic, R_EIMS), BIT(9));
	pf_write(nic, R_EIMC, BIT(9));
	assert_int_equal(pf_read(nic, R_EIMS), 0);
	pf_write(nic, R_EIMC_EX + 4, BIT(40 - 32));
	nic->family->tx_cause(nic, &nic->txq[6]);
	assert_int_equal(fired(nic, 40), 1);
	nic_free(nic);
}

static void
test_eicr_reads(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_EICS, EICR_LSC | BIT(3));
	assert_int_equal(reg_peek(&nic->pf, R_EICR), EICR_LSC | BIT(3));
	assert_int_equal(pf_read(nic, R_EICR), EICR_LSC | BIT(3));
	assert_int_equal(pf_read(nic, R_EICR), 0);
	/* OCD: a read leaves causes of queues alone. */
	pf_write(nic, R_GPIE, GPIE_OCD);
	pf_write(nic, R_EICS, EICR_LSC | BIT(3));
	pf_read(nic, R_EICR);
	assert_int_equal(pf_read(nic, R_EICR), BIT(3));
	pf_write(nic, R_EICR, BIT(3));
	assert_int_equal(pf_read(nic, R_EICR), 0);
	nic_free(nic);
}

static void
test_auto_clear_and_mask(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_EIAME | GPIE_OCD);
	pf_write(nic, R_EIAM_EX, BIT(9));
	pf_write(nic, R_EIAC, BIT(9));
	set_ivar(nic, 5, true, 9);
	set_ivar(nic, 6, true, 10);
	pf_write(nic, R_EIMS_EX, BIT(9) | BIT(10));
	nic->family->rx_cause(nic, &nic->rxq[5]);
	nic->family->rx_cause(nic, &nic->rxq[6]);
	assert_int_equal(fired(nic, 9), 1);
	assert_int_equal(pf_read(nic, R_EICS), BIT(10));	/* of 9 the message cleared it */
	assert_int_equal(pf_read(nic, R_EIMS_EX), BIT(10));	/* and masked it */
	nic->family->rx_cause(nic, &nic->rxq[5]);
	assert_int_equal(fired(nic, 9), 1);
	pf_write(nic, R_EIMS_EX, BIT(9));
	assert_int_equal(fired(nic, 9), 2);
	/* Without EIAME a message masks nothing. */
	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_OCD);
	pf_write(nic, R_EIMS_EX, BIT(9));
	nic->family->rx_cause(nic, &nic->rxq[5]);
	nic->family->rx_cause(nic, &nic->rxq[5]);
	assert_int_equal(fired(nic, 9), 4);
	nic_free(nic);
}

static void
test_misc_cause(void **state)
{
	struct nic *nic = rig_create(state, 0);

	/* Without MSI-X mode there is one message for all. */
	pf_write(nic, R_EIMS, EICR_LSC);
	nic_set_link(nic, 10000);
	assert_int_equal(fired(nic, 0), 1);
	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_OCD);
	nic_set_link(nic, 0);
	assert_int_equal(fired(nic, 0), 2);	/* as IVAR_MISC is after a reset */
	pf_write(nic, R_IVAR_MISC, 0);
	nic_set_link(nic, 10000);
	nic_set_link(nic, 0);
	assert_int_equal(fired(nic, 0), 2);
	pf_write(nic, R_IVAR_MISC, (20 | IVAR_VALID) << 8 | 21 | IVAR_VALID);
	nic_set_link(nic, 10000);
	assert_int_equal(fired(nic, 20), 1);
	assert_int_equal(pf_read(nic, R_EICR), EICR_LSC);
	pf_write(nic, R_EIMS, EICR_TCP_TIMER | EICR_MISS);
	pf_write(nic, R_EICS, EICR_TCP_TIMER);
	assert_int_equal(fired(nic, 21), 1);
	nic->family->missed_cause(nic);
	assert_int_equal(fired(nic, 20), 2);
	nic_free(nic);
}

/* --- EITR (6.3) --- */

static void
test_eitr(void **state)
{
	struct nic *nic = rig_create(state, 1);

	nic_set_link(nic, 10000);
	pf_write(nic, R_EITR + 4 * 23, 0x8);
	assert_int_equal(nic->pf.vector[23].interval_ns, 2048);
	pf_write(nic, R_EITR_HIGH, 0xff8 | EITR_CNT_WDIS);
	assert_int_equal(nic->pf.vector[24].interval_ns, 511 * 2048);
	pf_write(nic, R_EITR_HIGH + 4 * (63 - 24), 0x10);
	assert_int_equal(nic->pf.vector[63].interval_ns, 4096);
	vf_write(nic, 0, R_VTEITR + 8, 0x18);
	assert_int_equal(nic->vf[0].vector[2].interval_ns, 3 * 2048);
	nic_set_link(nic, 100);
	assert_int_equal(nic->pf.vector[23].interval_ns, 20480);
	assert_int_equal(nic->vf[0].vector[2].interval_ns, 3 * 20480);
	nic_free(nic);
}

static void
test_throttle(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_OCD);
	pf_write(nic, R_EIMS, BIT(2));
	set_ivar(nic, 0, true, 2);
	pf_write(nic, R_EITR + 8, 50 << 3);	/* 102.4 us */
	nic->family->rx_cause(nic, &nic->rxq[0]);
	nic->family->rx_cause(nic, &nic->rxq[0]);
	assert_int_equal(fired(nic, 2), 1);
	nic->clock.now_ns += 102 * US;
	vectors_run(nic);
	assert_int_equal(fired(nic, 2), 1);
	nic->clock.now_ns += 1 * US;
	vectors_run(nic);
	assert_int_equal(fired(nic, 2), 2);
	/* A cause that software clears while it waits is never told. */
	nic->family->rx_cause(nic, &nic->rxq[0]);
	pf_write(nic, R_EICR, BIT(2));
	nic->clock.now_ns += 1000 * US;
	vectors_run(nic);
	assert_int_equal(fired(nic, 2), 2);
	/* One that waits for another write of EIMS is. */
	nic->family->rx_cause(nic, &nic->rxq[0]);
	nic->family->rx_cause(nic, &nic->rxq[0]);
	pf_write(nic, R_EIMC, BIT(2));
	nic->clock.now_ns += 1000 * US;
	vectors_run(nic);
	assert_int_equal(fired(nic, 2), 3);
	pf_write(nic, R_EIMS, BIT(2));
	assert_int_equal(fired(nic, 2), 4);
	nic_free(nic);
}

/** What is written to the counter is left of the interval. */
static void
test_counter(void **state)
{
	struct nic *nic = rig_create(state, 1);
	struct vector *pf = &nic->pf.vector[33], *vf = &nic->vf[0].vector[1];
	uint64_t start = nic->clock.now_ns;

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_OCD);
	pf_write(nic, R_EITR_HIGH + 4 * (33 - 24), 0xff8 | 50u << 21);
	assert_int_equal(pf->not_before_ns, start + 50 * 4 * 2048);
	pf_write(nic, R_EITR_HIGH + 4 * (33 - 24), 0x80 | 7u << 21 | EITR_CNT_WDIS);
	assert_int_equal(pf->not_before_ns, start + 50 * 4 * 2048);
	vf_write(nic, 0, R_VTEIMS, 2);
	vf_write(nic, 0, R_VTEITR + 4, 0xff8 | 127u << 21);
	vf_write(nic, 0, R_VTEICS, 2);
	assert_int_equal(vf->fired, 0);
	nic->clock.now_ns += 127 * 4 * 2048 - 1;
	vectors_run(nic);
	assert_int_equal(vf->fired, 0);
	nic->clock.now_ns++;
	vectors_run(nic);
	assert_int_equal(vf->fired, 1);
	/* 0: the interval is over. */
	vf_write(nic, 0, R_VTEICS, 2);
	assert_int_equal(vf->fired, 1);
	vf_write(nic, 0, R_VTEITR + 4, 0xff8);
	assert_int_equal(vf->fired, 2);
	nic_free(nic);
}

/* --- Low-latency interrupts: SRRCTL.RDMTS --- */

static void
test_low_threshold(void **state)
{
	struct nic *nic = rig_create(state, 63);

	for (uint32_t rdmts = 0; rdmts < 8; rdmts++) {
		pf_write(nic, rx_block_82599(100) + Q_SRRCTL, 2 | rdmts << 22);
		assert_int_equal(nic->rxq[100].low_threshold, rdmts * 64);
	}
	rig_pools(nic, MODE_64);
	vf_write(nic, 30, R_RX_BLOCK + QUEUE_STRIDE + Q_SRRCTL, 2 | 5 << 22);
	assert_int_equal(nic->rxq[61].low_threshold, 320);
	assert_int_equal(nic->rxq[60].low_threshold, 0);
	nic_free(nic);
}

static void
test_low_cause(void **state)
{
	struct nic *nic = rig_create(state, 0);
	struct rx_queue *q = &nic->rxq[0];

	pf_write(nic, R_GPIE, GPIE_MSIX_MODE | GPIE_EIAME | GPIE_OCD);
	pf_write(nic, R_EIAM_EX + 4, BIT(1));
	set_ivar(nic, 0, true, 33);
	pf_write(nic, R_EIMS_EX + 4, BIT(1));
	pf_write(nic, R_EITR_HIGH + 4 * (33 - 24), 0xff8);	/* a millisecond */
	nic->family->rx_cause(nic, q);
	pf_write(nic, R_EIMS_EX + 4, BIT(1));
	nic->family->rx_cause(nic, q);
	assert_int_equal(fired(nic, 33), 1);
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(fired(nic, 33), 2);
	/* The interval has begun anew; the message has masked its vector and cleared the cause. */
	assert_int_equal(pf_read(nic, R_EIMS_EX + 4), 0);
	assert_int_equal(pf_read(nic, R_EICS_EX + 4), 0);
	/* Masked, it is a cause as any other. */
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(pf_read(nic, R_EICS_EX + 4), BIT(1));
	pf_write(nic, R_EIMS_EX + 4, BIT(1));
	assert_int_equal(fired(nic, 33), 2);
	nic->clock.now_ns += 511 * 2048;
	vectors_run(nic);
	assert_int_equal(fired(nic, 33), 3);
	/* Limited, it has no credit. */
	pf_write(nic, R_EITR_HIGH + 4 * (33 - 24), 0xff8 | EITR_LLI_LIMITED | EITR_CNT_WDIS);
	pf_write(nic, R_EIMS_EX + 4, BIT(1));
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(fired(nic, 33), 3);
	nic_free(nic);
}

static void
test_low_cause_of_vf(void **state)
{
	struct nic *nic = rig_create(state, 63);
	struct vector *vector = &nic->vf[30].vector[1];
	struct rx_queue *q = &nic->rxq[60];

	rig_pools(nic, MODE_64);
	vf_write(nic, 30, R_VTIVAR, 0x81);
	vf_write(nic, 30, R_VTEIAC, 2);
	vf_write(nic, 30, R_VTEITR + 4, 0xff8);
	vf_write(nic, 30, R_VTEIMS, 2);
	nic->family->rx_cause(nic, q);
	nic->family->rx_cause(nic, q);
	assert_int_equal(vector->fired, 1);
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(vector->fired, 2);
	assert_int_equal(vf_read(nic, 30, R_VTEICR), 0);
	vf_write(nic, 30, R_VTEIMC, 2);
	nic->family->rx_low_cause(nic, q);
	vf_write(nic, 30, R_VTEIMS, 2);
	assert_int_equal(vector->fired, 2);
	vf_write(nic, 30, R_VTEITR + 4, 0xff8 | EITR_LLI_LIMITED | EITR_CNT_WDIS);
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(vector->fired, 2);
	nic->clock.now_ns += 511 * 2048;
	vectors_run(nic);
	assert_int_equal(vector->fired, 3);
	nic_free(nic);
}

/* --- VFs (6.4) --- */

static void
test_vf_vectors(void **state)
{
	struct nic *nic = rig_create(state, 63);
	struct function *vf = &nic->vf[30];

	rig_pools(nic, MODE_32);
	vf_write(nic, 30, R_VTIVAR, 0x81 | 0x82 << 8 | 0x80u << 16);
	assert_int_equal(nic->rxq[120].vector, 1);
	assert_int_equal(nic->txq[120].vector, 2);
	assert_int_equal(nic->rxq[121].vector, 0);
	assert_int_equal(nic->txq[121].vector, NO_VECTOR);
	assert_int_equal(nic->rxq[122].vector, NO_VECTOR);
	/* The PF's IVAR has no say in a VF's queues. */
	set_ivar(nic, 122, true, 7);
	assert_int_equal(nic->rxq[122].vector, NO_VECTOR);
	vf_write(nic, 30, R_VTEIAC, 2);
	vf_write(nic, 30, R_VTEIAM, 2);
	vf_write(nic, 30, R_VTEIMS, 3);
	nic->family->rx_cause(nic, &nic->rxq[120]);
	nic->family->rx_cause(nic, &nic->rxq[121]);
	assert_int_equal(vf->vector[0].fired, 1);
	assert_int_equal(vf->vector[1].fired, 1);
	assert_int_equal(vf_read(nic, 30, R_VTEIMS), 1);
	assert_int_equal(pf_read(nic, 0x00d00 + 4 * 30), 1);
	assert_int_equal(vf_read(nic, 30, R_VTEICR), 1);
	assert_int_equal(vf_read(nic, 30, R_VTEICR), 0);
	nic->family->rx_cause(nic, &nic->rxq[120]);
	assert_int_equal(vf->vector[1].fired, 1);
	vf_write(nic, 30, R_VTEIMS, 2);
	assert_int_equal(vf->vector[1].fired, 2);
	vf_write(nic, 30, R_VTEIMC, 7);
	assert_int_equal(vf_read(nic, 30, R_VTEIMS), 0);
	vf_write(nic, 30, R_VTEICS, 1);
	vf_write(nic, 30, R_VTEIMS, 1);
	assert_int_equal(vf->vector[0].fired, 2);
	/* 1.4: GPIE that does not agree with GCR_EXT */
	pf_write(nic, R_GPIE, GPIE_MSIX_MODE);
	assert_int_equal(nic->rxq[120].vector, NO_VECTOR);
	nic_free(nic);
}

/* --- Mailbox (7.1) --- */

static void
test_pfrstd(void **state)
{
	struct nic *nic = rig_create(state, 63);

	vf_write(nic, 62, R_VTIVAR_MISC, 0x80 | 2);
	vf_write(nic, 62, R_VTEIMS, 4);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_RSTI);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_RSTI);	/* a level */
	pf_write(nic, R_CTRL_EXT, CTRL_EXT_PFRSTD);
	assert_int_equal(pf_read(nic, R_CTRL_EXT), 0);
	assert_int_equal(nic->vf[62].vector[2].fired, 1);
	assert_int_equal(pf_read(nic, R_PVFMAILBOX + 4 * 62), VF_RSTD);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_RSTD);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), 0);
	/* A VF's own reset is not the port's. */
	vf_write(nic, 62, R_VFCTRL, CTRL_RST);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), 0);
	pf_write(nic, R_CTRL, CTRL_RST);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_RSTI);
	nic_free(nic);
}

static void
test_request(void **state)
{
	struct nic *nic = rig_create(state, 63);
	unsigned int vf = 37;	/* third register of PFMBICR, bit 5 */

	rig_pools(nic, MODE_64);
	vf_read(nic, vf, R_VFMAILBOX);
	vf_write(nic, vf, R_VFMAILBOX, VF_VFU);
	assert_int_equal(vf_read(nic, vf, R_VFMAILBOX), VF_VFU);
	assert_int_equal(pf_read(nic, R_PFMAILBOX + 4 * vf), PF_VFU);
	pf_write(nic, R_PFMAILBOX + 4 * vf, PF_PFU);	/* the VF has it */
	assert_int_equal(pf_read(nic, R_PFMAILBOX + 4 * vf), PF_VFU);
	vf_write(nic, vf, R_VFMBMEM + 4 * 15, 0x1234);
	pf_write(nic, R_IVAR_MISC, (3 | IVAR_VALID) << 8);
	pf_write(nic, R_EIMS, EICR_MAILBOX);
	vf_write(nic, vf, R_VFMAILBOX, VF_REQ);
	assert_int_equal(fired(nic, 3), 1);
	assert_int_equal(pf_read(nic, R_EICR), EICR_MAILBOX);
	assert_int_equal(pf_read(nic, R_PFMBICR + 8), BIT(5));
	assert_int_equal(pf_read(nic, R_PFMBMEM + 64 * vf + 4 * 15), 0x1234);
	assert_int_equal(pf_read(nic, R_PFMAILBOX + 4 * vf), 0);	/* REQ alone drops VFU */
	pf_write(nic, R_PFMBICR + 8, BIT(5));
	assert_int_equal(pf_read(nic, R_PFMBICR + 8), 0);
	vf_write(nic, vf, R_VFMAILBOX, VF_ACK);
	assert_int_equal(pf_read(nic, R_PFMBICR + 8), BIT(16 + 5));
	/* A VF that dies with the lock: the PF takes it away, and what the VF had to say. */
	vf_write(nic, vf, R_VFMAILBOX, VF_VFU);
	pf_write(nic, R_PFMAILBOX + 4 * vf, PF_RVFU);
	assert_int_equal(vf_read(nic, vf, R_VFMAILBOX), 0);
	assert_int_equal(pf_read(nic, R_PFMBICR + 8), 0);
	/* PFMBIMR holds back the interrupt, not the bits. */
	pf_read(nic, R_EICR);
	pf_write(nic, R_PFMBIMR + 4, ~BIT(vf - 32));
	vf_write(nic, vf, R_VFMAILBOX, VF_REQ);
	assert_int_equal(pf_read(nic, R_EICR), 0);
	assert_int_equal(pf_read(nic, R_PFMBICR + 8), BIT(5));
	nic_free(nic);
}

static void
test_reply(void **state)
{
	struct nic *nic = rig_create(state, 63);

	rig_pools(nic, MODE_64);
	vf_read(nic, 62, R_VFMAILBOX);
	vf_write(nic, 62, R_VTIVAR_MISC, 0x80);
	vf_write(nic, 62, R_VTEIMS, 1);
	pf_write(nic, R_PFMAILBOX + 4 * 62, PF_PFU);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_PFU);
	vf_write(nic, 62, R_VFMAILBOX, VF_VFU);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_PFU);
	pf_write(nic, R_PFMBMEM + 64 * 62, 0x80000001);
	pf_write(nic, R_PFMAILBOX + 4 * 62, PF_STS);
	assert_int_equal(nic->vf[62].vector[0].fired, 1);
	assert_int_equal(vf_read(nic, 62, R_VFMBMEM), 0x80000001);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_PFSTS);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), 0);
	pf_write(nic, R_PFMAILBOX + 4 * 62, PF_ACK);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), VF_PFACK);
	/* What a VF has not read is gone with its reset. */
	pf_write(nic, R_PFMAILBOX + 4 * 62, PF_STS);
	vf_write(nic, 62, R_VFMAILBOX, VF_VFU);
	vf_write(nic, 62, R_VFCTRL, CTRL_RST);
	assert_int_equal(vf_read(nic, 62, R_VFMAILBOX), 0);
	nic_free(nic);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_ivar),
		EACH(test_queue_cause),
		EACH(test_eicr_reads),
		EACH(test_auto_clear_and_mask),
		EACH(test_misc_cause),
		EACH(test_eitr),
		EACH(test_throttle),
		EACH(test_counter),
		EACH(test_low_threshold),
		EACH(test_low_cause),
		EACH(test_low_cause_of_vf),
		EACH(test_vf_vectors),
		EACH(test_pfrstd),
		EACH(test_request),
		EACH(test_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
