/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * Interrupts (6). A vector of the PF has a cause and an enable bit; EICR, EIMS and so on show those
 * of the first 16 and, above them, the causes that are no queue's; EICS_EX, EIMS_EX and so on show
 * those of all 64.
 */

#include "family_82599.h"
#include "interrupt.h"

static bool
msix_mode(const struct nic *nic)
{
	return (nic->pf.csr[R_GPIE / 4] & GPIE_MSIX_MODE) != 0;
}

/** Of causes that are no queue's: IVAR_MISC has one for the TCP timer, one for all else. */
static uint8_t
misc_vector(const struct nic *nic, uint32_t cause)
{
	uint32_t ivar = nic->pf.csr[R_IVAR_MISC / 4] >> (cause & EICR_TCP_TIMER ? 0 : 8);

	if (!msix_mode(nic))
		return 0;
	return ivar & IVAR_VALID ? ivar & IVAR_VECTOR : NO_VECTOR;
}

static uint64_t
active(const struct data_82599 *data)
{
	return data->vector_cause & data->vector_enabled;
}

/** What a vector would tell of: its own cause and what IVAR_MISC leads to it. */
static uint32_t
misc_of(const struct nic *nic, unsigned int vector)
{
	uint32_t bits = 0;

	if (misc_vector(nic, EICR_TCP_TIMER) == vector)
		bits |= EICR_TCP_TIMER;
	if (misc_vector(nic, 0) == vector)
		bits |= ~(EICR_QUEUES | EICR_TCP_TIMER);
	return bits;
}

static bool
has_reason(const struct nic *nic, unsigned int vector)
{
	const struct data_82599 *data = data_82599(nic);

	if (data->misc_cause & data->misc_enabled & misc_of(nic, vector))
		return true;
	if (!msix_mode(nic))
		return vector == 0 && active(data) != 0;
	return (active(data) >> vector & 1) != 0;
}

static void
raise_vectors(struct nic *nic, uint64_t vectors)
{
	vectors &= data_82599(nic)->vector_enabled;
	if (vectors == 0)
		return;
	if (!msix_mode(nic)) {
		vector_raise(&nic->pf, 0);
		return;
	}
	for (unsigned int v = 0; vectors != 0; v++, vectors >>= 1)
		if (vectors & 1)
			vector_raise(&nic->pf, v);
}

static void
raise_misc(struct nic *nic, uint32_t bits)
{
	bits &= data_82599(nic)->misc_enabled;
	if (bits & EICR_TCP_TIMER)
		vector_raise(&nic->pf, misc_vector(nic, EICR_TCP_TIMER));
	if (bits & ~EICR_TCP_TIMER)
		vector_raise(&nic->pf, misc_vector(nic, 0));
}

/** Causes or enables went: what waits for its throttle has perhaps no reason any more. */
static void
withdraw(struct nic *nic)
{
	for (unsigned int v = 0; v < nic->pf.nb_vectors; v++)
		if (nic->pf.vector[v].pending && !has_reason(nic, v))
			vector_withdraw(&nic->pf, v);
}

static void
set_causes(struct nic *nic, uint64_t vectors, uint32_t misc)
{
	struct data_82599 *data = data_82599(nic);

	data->vector_cause |= vectors;
	data->misc_cause |= misc;
	raise_vectors(nic, vectors);
	raise_misc(nic, misc);
}

static void
clear_causes(struct nic *nic, uint32_t eicr)
{
	struct data_82599 *data = data_82599(nic);

	data->vector_cause &= ~(uint64_t)(eicr & EICR_QUEUES);
	data->misc_cause &= ~(eicr & ~EICR_QUEUES);
	withdraw(nic);
}

/** EIAM and EIAM_EX; bits of the first 16 vectors are in both. */
static void
auto_mask(struct nic *nic, uint64_t vectors, uint32_t misc)
{
	struct data_82599 *data = data_82599(nic);
	uint32_t eiam = *pf_csr(nic, R_EIAM);
	uint64_t eiam_ex = (uint64_t)*pf_csr(nic, R_EIAM_EX + 4) << 32 | *pf_csr(nic, R_EIAM_EX);

	data->vector_enabled &= ~(vectors & (eiam_ex | (eiam & EICR_QUEUES)));
	data->misc_enabled &= ~(misc & eiam);
}

/* --- EICR, EICS, EIMS, EIMC --- */

static uint32_t
eicr(const struct nic *nic)
{
	const struct data_82599 *data = data_82599(nic);

	return (data->vector_cause & EICR_QUEUES) | data->misc_cause;
}

uint32_t
eicr_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	uint32_t gpie = *pf_csr(nic, R_GPIE);

	(void)i;
	value = eicr(nic);
	if (nic->peeking)
		return value;
	clear_causes(nic, gpie & GPIE_OCD ? value & EICR_CLEARED_OCD : value);
	if ((gpie & GPIE_EIAME) == 0)
		auto_mask(nic, value & EICR_QUEUES, value & ~EICR_QUEUES);
	return value;
}

void
eicr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	clear_causes(fn->nic, written);
}

uint32_t
eics_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return eicr(fn->nic);
}

void
eics_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	set_causes(fn->nic, written & EICR_QUEUES, written & ~EICR_QUEUES);
}

uint32_t
eims_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	const struct data_82599 *data = data_82599(fn->nic);

	(void)i;
	(void)value;
	return (data->vector_enabled & EICR_QUEUES) | data->misc_enabled;
}

static void
enable(struct nic *nic, uint64_t vectors, uint32_t misc)
{
	struct data_82599 *data = data_82599(nic);

	data->vector_enabled |= vectors;
	data->misc_enabled |= misc;
	raise_vectors(nic, vectors & data->vector_cause);
	raise_misc(nic, misc & data->misc_cause);
}

static void
disable(struct nic *nic, uint64_t vectors, uint32_t misc)
{
	struct data_82599 *data = data_82599(nic);

	data->vector_enabled &= ~vectors;
	data->misc_enabled &= ~misc;
	withdraw(nic);
}

void
eims_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	enable(fn->nic, written & EICR_QUEUES, written & ~EICR_QUEUES);
}

void
eimc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	disable(fn->nic, written & EICR_QUEUES, written & ~EICR_QUEUES);
}

/* --- Their _EX forms: i is which half of the 64 vectors --- */

uint32_t
eics_ex_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return data_82599(fn->nic)->vector_cause >> (32 * i);
}

void
eics_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	set_causes(fn->nic, (uint64_t)written << (32 * i), 0);
}

uint32_t
eims_ex_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return data_82599(fn->nic)->vector_enabled >> (32 * i);
}

void
eims_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	enable(fn->nic, (uint64_t)written << (32 * i), 0);
}

void
eimc_ex_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	disable(fn->nic, (uint64_t)written << (32 * i), 0);
}

/* --- EITR (6.3) --- */

void
eitr_82599_apply(struct function *fn, unsigned int vector, uint32_t eitr)
{
	uint32_t mbps = fn->nic->port.link_mbps;
	/* A tenth of the speed, ten times the unit: below 1 Gb/s. */
	uint64_t unit_ns = mbps != 0 && mbps < 1000 ? 10 * EITR_UNIT_NS : EITR_UNIT_NS;
	uint64_t interval_ns = (eitr & EITR_INTERVAL) * unit_ns;

	/* The down counter is part of the register: what is written there, usually 0, rules. */
	if (eitr & EITR_CNT_WDIS)
		vector_set_interval(fn, vector, interval_ns, true);
	else
		vector_restart_interval(fn, vector, interval_ns,
					EITR_COUNTER(eitr) * EITR_COUNTER_UNITS * unit_ns);
}

void
eitr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	eitr_82599_apply(fn, i, written);
}

void
eitr_82599_write_high(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	eitr_82599_apply(fn, EITR_LOW + i, written);
}

void
intervals_82599_decode(struct nic *nic)
{
	for (unsigned int v = 0; v < nic->pf.nb_vectors; v++)
		eitr_82599_apply(&nic->pf, v, EITR_CNT_WDIS | (v < EITR_LOW ?
				 *pf_csr(nic, R_EITR + 4 * v) :
				 *pf_csr(nic, R_EITR_HIGH + 4 * (v - EITR_LOW))));
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		vf_82599_intervals(&nic->vf[vf]);
}

/* --- IVAR (6.2) --- */

/** The byte of a queue in IVAR or VTIVAR: Rx even, Tx even, Rx odd, Tx odd. */
static uint8_t
ivar_byte(const uint32_t *ivar, uint16_t queue, bool rx)
{
	return ivar[queue / 2] >> (16 * (queue % 2) + (rx ? 0 : 8));
}

uint8_t
ivar_82599_vector(const struct nic *nic, const struct function *owner, uint16_t queue, bool rx)
{
	uint32_t vt_mode = nic->pf.csr[R_GCR_EXT / 4] & GCR_EXT_VT_MODE;
	uint8_t byte;

	/* 1.4: GPIE and GCR_EXT that disagree make a VF's interrupts the PF's. */
	if (owner->vf == PF_INDEX || GPIE_VTMODE(nic->pf.csr[R_GPIE / 4]) != vt_mode) {
		byte = ivar_byte(&nic->pf.csr[R_IVAR / 4], queue, rx);
		return byte & IVAR_VALID && owner->vf == PF_INDEX ? byte & IVAR_VECTOR : NO_VECTOR;
	}
	queue %= geometry_82599_of_vt_mode(vt_mode).queues;
	byte = ivar_byte(&owner->csr[R_VTIVAR / 4], queue, rx);
	return byte & IVAR_VALID ? byte & VTIVAR_VECTOR : NO_VECTOR;
}

void
ivar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	queue_vectors_82599_decode(fn->nic);
}

/* --- Causes --- */

static void
queue_cause(struct function *owner, uint8_t vector)
{
	if (vector == NO_VECTOR)
		return;
	if (owner->vf != PF_INDEX) {
		vf_82599_cause(owner, vector);
		return;
	}
	data_82599(owner->nic)->vector_cause |= 1ull << vector;
	if (data_82599(owner->nic)->vector_enabled >> vector & 1)
		vector_raise(owner, msix_mode(owner->nic) ? vector : 0);
}

void
rx_82599_cause(struct nic *nic, struct rx_queue *q)
{
	(void)nic;
	queue_cause(q->owner, q->vector);
}

/* Where its rate is limited it has no credit: nobody says how fast that grows at first. */
static void
at_once(struct nic *nic, uint8_t vector)
{
	uint32_t eitr = vector < EITR_LOW ? *pf_csr(nic, R_EITR + 4 * vector) :
					    *pf_csr(nic, R_EITR_HIGH + 4 * (vector - EITR_LOW));

	if ((data_82599(nic)->vector_enabled >> vector & 1) != 0 && (eitr & EITR_LLI_LIMITED) == 0)
		vector_end_interval(&nic->pf, msix_mode(nic) ? vector : 0);
}

void
rx_82599_low_cause(struct nic *nic, struct rx_queue *q)
{
	if (q->vector != NO_VECTOR && q->owner->vf != PF_INDEX)
		vf_82599_at_once(q->owner, q->vector);
	else if (q->vector != NO_VECTOR)
		at_once(nic, q->vector);
	rx_82599_cause(nic, q);
}

void
tx_82599_cause(struct nic *nic, struct tx_queue *q)
{
	(void)nic;
	queue_cause(q->owner, q->vector);
}

void
misc_82599_cause(struct nic *nic, uint32_t eicr_bits)
{
	set_causes(nic, 0, eicr_bits);
}

void
missed_82599_cause(struct nic *nic)
{
	misc_82599_cause(nic, EICR_MISS);
}

void
vector_82599_fired(struct function *fn, unsigned int vector)
{
	struct nic *nic = fn->nic;
	struct data_82599 *data = data_82599(nic);
	uint32_t eiac = *pf_csr(nic, R_EIAC);
	uint32_t misc = misc_of(nic, vector);
	/* There is no EIAC_EX: what EICR does not show clears itself. */
	uint64_t clears = (eiac & EICR_QUEUES) | ~(uint64_t)EICR_QUEUES;

	if (fn->vf != PF_INDEX) {
		vf_82599_fired(fn, vector);
		return;
	}
	if (!msix_mode(nic))
		return;
	data->vector_cause &= ~(1ull << vector & clears);
	data->misc_cause &= ~(misc & eiac);
	if (*pf_csr(nic, R_GPIE) & GPIE_EIAME)
		auto_mask(nic, 1ull << vector, misc);
}

void
irq_82599_decode(struct nic *nic)
{
	for (unsigned int v = 0; v < nic->pf.nb_vectors; v++)
		vector_set_interval(&nic->pf, v, 0, false);
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		for (unsigned int v = 0; v < nic->vf[vf].nb_vectors; v++)
			vector_set_interval(&nic->vf[vf], v, 0, false);
}
