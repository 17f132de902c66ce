/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * 82576 and I350: mailbox, interrupts, VF resets, and that a VF reaches nothing of another.
 */
#include "gbe_rig.h"
#include "mailbox.h"

enum { PF_STS = 1, PF_ACK = 2, PF_VFU = 4, PF_PFU = 8, PF_RVFU = 16 };
enum { VF_REQ = 1, VF_ACK = 2, VF_VFU = 4, VF_PFU = 8, VF_PFSTS = 16, VF_PFACK = 32, VF_RSTI = 64,
       VF_RSTD = 128 };

/* --- Mailbox --- */

static void
test_mailbox_locks(void **state)
{
	struct nic *nic = rig_create(state, 4);
	uint32_t control = P2VMAILBOX + 4 * 2;

	pf_write(nic, CTRL_EXT, CTRL_EXT_PFRSTD);
	vf_read(nic, 2, VF_MAILBOX);
	vf_write(nic, 2, VF_MAILBOX, VF_VFU);
	assert_int_equal(vf_read(nic, 2, VF_MAILBOX), VF_VFU);
	pf_write(nic, control, PF_PFU);
	assert_int_equal(pf_read(nic, control), PF_VFU);
	/* A request without VFU gives the lock back. */
	vf_write(nic, 2, VF_MAILBOX, VF_REQ);
	assert_int_equal(vf_read(nic, 2, VF_MAILBOX), 0);
	pf_write(nic, control, PF_PFU);
	assert_int_equal(pf_read(nic, control), PF_PFU);
	vf_write(nic, 2, VF_MAILBOX, VF_VFU);
	assert_int_equal(vf_read(nic, 2, VF_MAILBOX), VF_PFU);
	pf_write(nic, control, PF_PFU | PF_ACK);
	assert_int_equal(pf_read(nic, control), PF_PFU);
	pf_write(nic, control, PF_STS);
	assert_int_equal(pf_read(nic, control), 0);
	assert_int_equal(vf_read(nic, 2, VF_MAILBOX), VF_PFSTS | VF_PFACK);
	assert_int_equal(vf_read(nic, 2, VF_MAILBOX), 0);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX) & (VF_PFSTS | VF_PFACK), 0);
	nic_free(nic);
}

static void
test_mailbox_steal(void **state)
{
	struct nic *nic = rig_create(state, 2);

	vf_write(nic, 0, VF_MAILBOX, VF_VFU | VF_REQ | VF_ACK);
	vf_write(nic, 1, VF_MAILBOX, VF_REQ);
	pf_write(nic, P2VMAILBOX, PF_RVFU);
	assert_int_equal(pf_read(nic, P2VMAILBOX), 0);
	assert_int_equal(pf_read(nic, MBVFICR), BIT(1));	/* the other's request stays */
	vf_write(nic, 0, VF_MAILBOX, VF_VFU);
	pf_write(nic, P2VMAILBOX, PF_RVFU | PF_PFU);
	assert_int_equal(pf_read(nic, P2VMAILBOX), PF_PFU);
	assert_int_equal(vf_read(nic, 0, VF_MAILBOX) & (VF_VFU | VF_PFU), VF_PFU);
	mailbox_reset_in_progress(nic, 0, true);
	assert_int_equal(pf_read(nic, P2VMAILBOX), 0);
	nic_free(nic);
}

static void
test_mailbox_memory(void **state)
{
	struct nic *nic = rig_create(state, 7);

	for (unsigned int word = 0; word < 16; word++)
		vf_write(nic, 6, VMBMEM + 4 * word, 0xa0000000 + word);
	for (unsigned int word = 0; word < 16; word++)
		assert_int_equal(pf_read(nic, VMBMEM + 64 * 6 + 4 * word), 0xa0000000 + word);
	assert_int_equal(pf_read(nic, VMBMEM + 64 * 5 + 60), 0);
	assert_int_equal(pf_read(nic, VMBMEM + 64 * 7), 0);
	pf_write(nic, VMBMEM + 64 * 6, 0x12345678);
	assert_int_equal(vf_read(nic, 6, VMBMEM), 0x12345678);
	assert_int_equal(vf_read(nic, 5, VMBMEM), 0);
	/* Beyond its own sixteen words a VF has nothing. */
	assert_int_equal(vf_read(nic, 5, VMBMEM + 64), 0);
	nic_free(nic);
}

static void
test_mailbox_tells_the_pf(void **state)
{
	struct nic *nic = rig_create(state, 3);

	vf_write(nic, 1, VF_MAILBOX, VF_REQ);
	assert_int_equal(pf_read(nic, MBVFICR), 2);
	assert_int_equal(pf_read(nic, ICR), ICR_VMMB);
	vf_write(nic, 2, VF_MAILBOX, VF_ACK);
	assert_int_equal(pf_read(nic, MBVFICR), 4 << 16 | 2);
	pf_write(nic, MBVFICR, 2);
	assert_int_equal(pf_read(nic, MBVFICR), 4 << 16);
	pf_read(nic, ICR);
	/* Masked: noted all the same. */
	pf_write(nic, MBVFIMR, 0xfe);
	vf_write(nic, 0, VF_MAILBOX, VF_REQ);
	assert_int_equal(pf_read(nic, MBVFICR), 4 << 16 | 1);
	assert_int_equal(pf_read(nic, ICR), 0);
	nic_free(nic);
}

static void
test_mailbox_reset_bits(void **state)
{
	struct nic *nic = rig_create(state, 2);

	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), VF_RSTI);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), VF_RSTI);
	pf_write(nic, CTRL_EXT, CTRL_EXT_PFRSTD);
	assert_int_equal(pf_read(nic, CTRL_EXT) & CTRL_EXT_PFRSTD, 0);
	assert_int_equal(pf_read(nic, 0x0c44), VF_RSTD);
	assert_int_equal(pf_read(nic, 0x0c44), VF_RSTD);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), VF_RSTD);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), 0);
	vf_write(nic, 1, VF_MAILBOX, VF_VFU);
	pf_write(nic, P2VMAILBOX, PF_STS);
	nic_flr(&nic->pf);
	assert_int_equal(vf_read(nic, 0, VF_MAILBOX), VF_RSTI);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), VF_RSTI);
	nic_free(nic);
}

/* --- Interrupts --- */

static void
test_queue_vectors(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, EIMS, 0x3ff);
	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		bool pairs = gbe_traits(nic)->ivar_by_pairs;
		uint32_t at = IVAR + 4 * (pairs ? q / 2 : q % 8);
		unsigned int shift = 16 * (pairs ? q % 2 : q / 8);
		uint64_t rx = nic->pf.vector[q % 5].fired, tx = nic->pf.vector[5 + q % 5].fired;

		pf_write(nic, at, ((0x85u + q % 5) << 8 | (0x80u + q % 5)) << shift);
		assert_int_equal(nic->rxq[q].vector, q % 5);
		assert_int_equal(nic->txq[q].vector, 5 + q % 5);
		nic->family->rx_cause(nic, &nic->rxq[q]);
		assert_int_equal(nic->pf.vector[q % 5].fired, rx + 1);
		nic->family->tx_cause(nic, &nic->txq[q]);
		assert_int_equal(nic->pf.vector[5 + q % 5].fired, tx + 1);
		pf_write(nic, at, 0);
		assert_int_equal(nic->rxq[q].vector, NO_VECTOR);
		nic->family->rx_cause(nic, &nic->rxq[q]);
		assert_int_equal(nic->pf.vector[q % 5].fired, rx + 1);
	}
	nic_free(nic);
}

static void
test_auto_clear_and_mask(void **state)
{
	struct nic *nic = rig_create(state, 0);

	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, EIAC, 0x3);
	pf_write(nic, EIAM, 0x2);
	pf_write(nic, EIMS, 0x7);
	pf_write(nic, 0x1520, 0x7);
	assert_int_equal(nic->pf.vector[0].fired, 1);
	assert_int_equal(nic->pf.vector[2].fired, 1);
	assert_int_equal(reg_peek(&nic->pf, EICR), 0x4);
	assert_int_equal(pf_read(nic, EIMS), 0x5);
	/* Vector 1 is masked now: what comes is kept, and goes out when it is enabled. */
	pf_write(nic, 0x1520, 0x2);
	assert_int_equal(nic->pf.vector[1].fired, 1);
	assert_int_equal(reg_peek(&nic->pf, EICR), 0x6);
	pf_write(nic, EIMS, 0x2);
	assert_int_equal(nic->pf.vector[1].fired, 2);
	assert_int_equal(pf_read(nic, EIMS), 0x5);
	assert_int_equal(pf_read(nic, EICR), 0x4);
	assert_int_equal(pf_read(nic, EICR), 0);
	pf_write(nic, 0x1528, 0x5);
	assert_int_equal(pf_read(nic, EIMS), 0);
	pf_write(nic, 0x1520, 0x1);
	assert_int_equal(nic->pf.vector[0].fired, 1);
	pf_write(nic, EICR, 0x1);
	assert_int_equal(reg_peek(&nic->pf, EICR), 0);
	nic_free(nic);
}

static void
test_throttle(void **state)
{
	struct nic *nic = rig_create(state, 1);
	struct vector *vector = &nic->pf.vector[1], *of_vf = &nic->vf[0].vector[2];
	uint64_t start = nic->clock.now_ns;

	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, EITR + 4, 20 << 2);
	pf_write(nic, EIMS, 2);
	pf_write(nic, 0x1520, 2);
	pf_write(nic, 0x1520, 2);
	assert_int_equal(vector->fired, 1);
	assert_int_equal(vectors_run(nic), start + 20 * US);
	nic->clock.now_ns = start + 20 * US - 1;
	vectors_run(nic);
	assert_int_equal(vector->fired, 1);
	nic->clock.now_ns = start + 20 * US;
	vectors_run(nic);
	assert_int_equal(vector->fired, 2);
	/* The VF's EITR is the port's, at its place. */
	vf_write(nic, 0, EITR + 8, 5 << 2);
	assert_int_equal(pf_read(nic, EITR + 4 * 24), 5 << 2);
	assert_int_equal(of_vf->interval_ns, 5 * US);
	vf_write(nic, 0, EIMS, 4);
	vf_write(nic, 0, 0x1520, 4);
	vf_write(nic, 0, 0x1520, 4);
	assert_int_equal(of_vf->fired, 1);
	/* What is written to the counter is left of the interval. */
	pf_write(nic, EITR + 4, 20 << 2 | 100u << 21);
	assert_int_equal(vector->not_before_ns, nic->clock.now_ns + 800 * US);
	pf_write(nic, EITR + 4, 20 << 2 | 3u << 21 | EITR_KEEP);
	assert_int_equal(vector->not_before_ns, nic->clock.now_ns + 800 * US);
	/* Software has seen the cause before its message went out. */
	vf_read(nic, 0, EICR);
	nic->clock.now_ns += 5 * US;
	vectors_run(nic);
	assert_int_equal(of_vf->fired, 1);
	nic_free(nic);
}

/* SRRCTL.RDMTS */
static void
test_low_threshold(void **state)
{
	struct nic *nic = rig_create(state, 2);

	for (uint32_t rdmts = 0; rdmts < 32; rdmts++) {
		pf_write(nic, nic->family->rx_block(3) + 0x0c, 2 | rdmts << 20);
		assert_int_equal(nic->rxq[3].low_threshold, rdmts * 16);
	}
	vf_write(nic, 1, 0x280c, 2 | 7 << 20);
	assert_int_equal(nic->rxq[1].low_threshold, 112);
	assert_int_equal(nic->rxq[0].low_threshold, 0);
	nic_free(nic);
}

/* Queue @p q has the vector of EICR's bit @p bit. */
static void
low_cause_of(struct nic *nic, struct vector *vector, struct rx_queue *q, unsigned int bit)
{
	uint64_t fired = vector->fired;

	pf_write(nic, EITR + 4 * bit, 1000 << 2);
	nic->family->rx_cause(nic, q);
	nic->family->rx_cause(nic, q);
	assert_int_equal(vector->fired, fired + 1);
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(vector->fired, fired + 2);
	/* The interval has begun anew. */
	nic->family->rx_cause(nic, q);
	assert_int_equal(vectors_run(nic), nic->clock.now_ns + 1000 * US);
	nic->clock.now_ns += 1000 * US;
	vectors_run(nic);
	assert_int_equal(vector->fired, fired + 3);
	/* Limited, it has no credit. */
	pf_write(nic, EITR + 4 * bit, 1000 << 2 | EITR_LLI_LIMITED | EITR_KEEP);
	nic->family->rx_low_cause(nic, q);
	assert_int_equal(vector->fired, fired + 3);
}

static void
test_low_cause(void **state)
{
	struct nic *nic = rig_create(state, 1);

	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, IVAR + 4 * (gbe_traits(nic)->ivar_by_pairs ? 1 : 3),
		 gbe_traits(nic)->ivar_by_pairs ? (uint32_t)(IVAR_VALID | 4) << 16 :
						  IVAR_VALID | 4);
	pf_write(nic, EIAC, BIT(4) | BIT(24));
	pf_write(nic, EIMS, BIT(4));
	low_cause_of(nic, &nic->pf.vector[4], &nic->rxq[3], 4);
	assert_int_equal(pf_read(nic, EICR), BIT(4));
	/* Masked, it is a cause as any other. */
	pf_write(nic, EITR + 4 * 4, 1000 << 2 | EITR_KEEP);
	pf_write(nic, 0x1528, BIT(4));	/* EIMC */
	nic->family->rx_low_cause(nic, &nic->rxq[3]);
	pf_write(nic, EIMS, BIT(4));
	assert_int_equal(nic->pf.vector[4].fired, 3);
	vf_write(nic, 0, 0x1700, IVAR_VALID | 2);
	vf_write(nic, 0, EIAC, 4);
	vf_write(nic, 0, EIMS, 4);
	low_cause_of(nic, &nic->vf[0].vector[2], &nic->rxq[0], 24);
	nic_free(nic);
}

static void
test_other_causes(void **state)
{
	struct nic *nic = rig_create(state, 1);
	struct vector *first = &nic->pf.vector[0], *third = &nic->pf.vector[3];

	/* One message for all, without GPIE. */
	pf_write(nic, IMS, ICR_LSC);
	pf_write(nic, 0x00c8, ICR_RXO);
	assert_int_equal(first->fired, 0);
	pf_write(nic, 0x00c8, ICR_LSC);
	assert_int_equal(first->fired, 1);
	assert_int_equal(pf_read(nic, 0x1500), ICR_INTA | ICR_LSC | ICR_RXO);
	assert_int_equal(pf_read(nic, ICR), 0);
	pf_write(nic, 0x00d8, ICR_LSC);
	assert_int_equal(pf_read(nic, IMS), 0);

	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, IVAR_MISC, 0x8300);
	pf_write(nic, EIMS, 8);
	vf_write(nic, 0, VF_MAILBOX, VF_REQ);
	assert_int_equal(third->fired, 0);
	/* What has come while it was masked. */
	pf_write(nic, IMS, ICR_VMMB);
	assert_int_equal(third->fired, 1);
	pf_write(nic, ICR, ICR_VMMB);
	assert_int_equal(reg_peek(&nic->pf, ICR), 0);
	vf_write(nic, 0, VF_MAILBOX, VF_REQ);
	assert_int_equal(third->fired, 2);
	/* IAM works only with IAME. */
	pf_write(nic, IAM, RW);
	pf_read(nic, ICR);
	assert_int_equal(pf_read(nic, IMS), ICR_VMMB);
	pf_write(nic, CTRL_EXT, CTRL_EXT_IAME);
	pf_read(nic, ICR);
	assert_int_equal(pf_read(nic, IMS), 0);
	/* Without NSICR a read clears only what has been asserted. */
	pf_write(nic, CTRL_EXT, 0);
	pf_write(nic, GPIE, GPIE_STANDARD & ~GPIE_NSICR);
	pf_write(nic, IMS, ICR_LSC);
	pf_write(nic, 0x00c8, ICR_RXO);
	assert_int_equal(pf_read(nic, ICR), ICR_RXO);
	assert_int_equal(pf_read(nic, ICR), ICR_RXO);
	nic_free(nic);
}

static void
test_vf_vectors(void **state)
{
	struct nic *nic = rig_create(state, 7);

	pf_write(nic, GPIE, GPIE_STANDARD);
	for (unsigned int vf = 0; vf < 7; vf++) {
		struct vector *vector = nic->vf[vf].vector;

		vf_write(nic, vf, IVAR, 0x8281);
		vf_write(nic, vf, IVAR_MISC, 0x80);
		vf_write(nic, vf, EIAC, 0x6);
		vf_write(nic, vf, EIAM, 0x2);
		vf_write(nic, vf, EIMS, 0xff);
		assert_int_equal(vf_read(nic, vf, EIMS), 7);
		nic->family->rx_cause(nic, &nic->rxq[vf]);
		nic->family->tx_cause(nic, &nic->txq[vf]);
		pf_write(nic, P2VMAILBOX + 4 * vf, PF_STS);
		assert_int_equal(vector[0].fired, 1);
		assert_int_equal(vector[1].fired, 1);
		assert_int_equal(vector[2].fired, 1);
		assert_int_equal(vf_read(nic, vf, EIMS), 5);
		assert_int_equal(vf_read(nic, vf, EICR), 1);
		if (gbe_traits(nic)->vf_queues == 2) {
			vf_write(nic, vf, IVAR, 0x82000000);
			nic->family->tx_cause(nic, &nic->txq[vf + 8]);
			assert_int_equal(vector[2].fired, 2);
		}
	}
	/* The PF has what is left. */
	pf_write(nic, EIMS, RW);
	assert_int_equal(pf_read(nic, EIMS), 0xf);
	assert_int_equal(pf_read(nic, 0x10024), 5);
	pf_write(nic, 0x10128, 1);
	assert_int_equal(vf_read(nic, 1, EIMS), 4);
	assert_int_equal(vf_read(nic, 0, EIMS), 5);
	nic_free(nic);
}

/* --- Life of a VF --- */

static void
set_up_queue(struct nic *nic, unsigned int vf)
{
	vf_write(nic, vf, 0x2800, 0x10000);
	vf_write(nic, vf, 0x2808, 64 * 16);
	vf_write(nic, vf, 0x2828, RING_ENABLE);
	vf_write(nic, vf, 0x3838, 0x20001);
	vf_write(nic, vf, 0x3808, 64 * 16);
	vf_write(nic, vf, 0x3828, RING_ENABLE);
	assert_true(nic->rxq[vf].enabled && nic->txq[vf].enabled);
	assert_ptr_equal(nic->rxq[vf].owner, &nic->vf[vf]);
}

static void
check_reset_of_vf_1(struct nic *nic)
{
	assert_false(nic->rxq[1].enabled || nic->txq[1].enabled);
	assert_int_equal(vf_read(nic, 1, 0x2828) & RING_ENABLE, 0);
	/* Only the enables fall: the PF must clear the rest. */
	assert_int_equal(vf_read(nic, 1, 0x2800), 0x10000);
	assert_int_equal(vf_read(nic, 1, 0x3838), 0x20001);
	assert_int_equal(vf_read(nic, 1, EIMS), 0);
	assert_int_equal(pf_read(nic, VFLRE), 2);
	assert_int_equal(pf_read(nic, ICR) & ICR_VMMB, ICR_VMMB);
	assert_int_equal(pf_read(nic, VFRE), 0xfd);
	assert_int_equal(pf_read(nic, VFTE), 0xfd);
	assert_false(nic->pool[1].rx_enabled);
	assert_true(nic->rxq[2].enabled && nic->txq[2].enabled && nic->pool[2].rx_enabled);
	assert_int_equal(vf_read(nic, 2, EIMS), 7);
	pf_write(nic, VFLRE, 2);
	assert_int_equal(pf_read(nic, VFLRE), 0);
}

static void
prepare_reset(struct nic *nic)
{
	pf_write(nic, VFRE, 0xff);
	pf_write(nic, VFTE, 0xff);
	set_up_queue(nic, 1);
	vf_write(nic, 1, EIMS, 7);
	pf_read(nic, ICR);
}

static void
test_vf_resets(void **state)
{
	struct nic *nic = rig_create(state, 3);

	set_up_queue(nic, 2);
	vf_write(nic, 2, EIMS, 7);
	prepare_reset(nic);
	vf_write(nic, 1, CTRL, CTRL_RST);
	assert_int_equal(vf_read(nic, 1, CTRL), 0);
	check_reset_of_vf_1(nic);
	prepare_reset(nic);
	pf_write(nic, 0x10100, CTRL_RST);
	check_reset_of_vf_1(nic);
	prepare_reset(nic);
	nic->vf[1].stopped = true;
	nic_flr(&nic->vf[1]);
	assert_false(nic->vf[1].stopped);
	check_reset_of_vf_1(nic);
	nic_free(nic);
}

static void
test_number_of_vfs(void **state)
{
	struct nic *nic = rig_create(state, 0);

	assert_ptr_equal(nic->rxq[1].owner, &nic->pf);
	nic_set_vfs(nic, 2);
	assert_ptr_equal(nic->rxq[1].owner, &nic->vf[1]);
	assert_ptr_equal(nic->rxq[2].owner, &nic->pf);
	set_up_queue(nic, 1);
	nic_set_vfs(nic, 1);
	assert_false(nic->rxq[1].enabled);
	assert_ptr_equal(nic->rxq[1].owner, &nic->pf);
	assert_int_equal(pf_read(nic, VFLRE), 0);
	/* What VF 6 has asked for while it was there is nothing that the PF gets. */
	nic_set_vfs(nic, 7);
	vf_write(nic, 6, IVAR_MISC, 0x82);
	nic_set_vfs(nic, 1);
	pf_write(nic, CTRL_EXT, CTRL_EXT_PFRSTD);
	assert_int_equal(pf_read(nic, EICR), 0);
	nic_free(nic);
}

static void
test_surprise_removal(void **state)
{
	struct nic *nic = rig_create(state, 2);

	set_up_queue(nic, 1);
	vf_write(nic, 1, EIMS, 1);
	nic_surprise_remove(&nic->vf[1]);
	assert_int_equal(vf_read(nic, 1, VF_MAILBOX), UINT32_MAX);
	vf_write(nic, 1, VF_MAILBOX, VF_REQ);
	assert_int_equal(pf_read(nic, MBVFICR), 0);
	vector_raise(&nic->vf[1], 0);
	assert_int_equal(nic->vf[1].vector[0].fired, 0);
	assert_int_not_equal(vf_read(nic, 0, VF_MAILBOX), UINT32_MAX);
	nic_surprise_remove(&nic->pf);
	assert_int_equal(pf_read(nic, STATUS), UINT32_MAX);
	assert_int_equal(vf_read(nic, 0, 0x0008), UINT32_MAX);
	nic_free(nic);
}

/* --- Isolation --- */

/** What of the PF's register at @p offset VF 1 may change. */
static uint32_t
bits_of_vf_1(const struct nic *nic, uint32_t offset)
{
	static const struct { uint32_t first, end, bits; } own[] = {
		{ VMBMEM + 64, VMBMEM + 128, RW },
		{ P2VMAILBOX + 4, P2VMAILBOX + 8, RW },
		{ 0xc040, 0xc080, RW }, { 0xe040, 0xe080, RW },
		{ EITR + 4 * 19, EITR + 4 * 22, RW },
		{ VTIVAR + 4, VTIVAR + 8, RW }, { VTIVAR_MISC + 4, VTIVAR_MISC + 8, RW },
		{ 0x5484, 0x5488, RW },
		{ EICR, EICR + 4, 7 << 19 }, { EIMS, EIMS + 4, 7 << 19 },
		{ EIAC, EIAC + 4, 7 << 19 }, { EIAM, EIAM + 4, 7 << 19 },
		{ MBVFICR, MBVFICR + 4, 2 << 16 | 2 }, { VFLRE, VFLRE + 4, 2 },
		{ VFRE, VFRE + 4, 2 }, { VFTE, VFTE + 4, 2 }, { ICR, ICR + 4, ICR_VMMB },
	};

	if ((offset >= 0xc240 && offset < 0xc280) || (offset >= 0xe240 && offset < 0xe280))
		return gbe_traits(nic)->vf_queues == 2 ? RW : 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (offset >= own[i].first && offset < own[i].end)
			return own[i].bits;
	return 0;
}

static void
write_all_of_vf_1(struct nic *nic, uint32_t value)
{
	for (uint32_t offset = 0; offset < nic->vf[1].bar_bytes; offset += 4) {
		vf_write(nic, 1, offset, value);
		vf_read(nic, 1, offset);
	}
}

static void
test_isolation(void **state)
{
	static const uint32_t values[] = { UINT32_MAX, 0x5a5a5a5a, 0 };
	struct nic *nic = rig_create(state, 3);
	uint32_t *before = malloc(nic->pf.bar_bytes);
	unsigned int changed = 0;

	assert_non_null(before);
	pf_write(nic, GPIE, GPIE_STANDARD);
	pf_write(nic, VFRE, 0xff);
	set_up_queue(nic, 0);
	set_up_queue(nic, 2);
	vf_write(nic, 0, EIMS, 7);
	vf_write(nic, 2, EIMS, 7);
	memcpy(before, nic->pf.csr, nic->pf.bar_bytes);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		write_all_of_vf_1(nic, values[i]);
		for (uint32_t offset = 0; offset < nic->pf.bar_bytes; offset += 4) {
			uint32_t differs = before[offset / 4] ^ nic->pf.csr[offset / 4];

			changed += differs != 0;
			if ((differs & ~bits_of_vf_1(nic, offset)) != 0)
				fail_msg("VF 1 changed %#x of the PF", offset);
		}
	}
	assert_true(changed > 40);
	assert_true(nic->rxq[0].enabled && nic->txq[2].enabled);
	assert_int_equal(nic->vf[0].vector[0].fired + nic->vf[2].vector[0].fired, 0);
	assert_int_equal(nic->pf.vector[0].fired, 0);
	free(before);
	nic_free(nic);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(test_mailbox_locks),
		BOTH(test_mailbox_steal),
		BOTH(test_mailbox_memory),
		BOTH(test_mailbox_tells_the_pf),
		BOTH(test_mailbox_reset_bits),
		BOTH(test_queue_vectors),
		BOTH(test_auto_clear_and_mask),
		BOTH(test_throttle),
		BOTH(test_low_threshold),
		BOTH(test_low_cause),
		BOTH(test_other_causes),
		BOTH(test_vf_vectors),
		BOTH(test_vf_resets),
		BOTH(test_number_of_vfs),
		BOTH(test_surprise_removal),
		BOTH(test_isolation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
