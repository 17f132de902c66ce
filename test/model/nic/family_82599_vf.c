/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a VF sees beside its queues: three vectors (6.4), its end of the mailbox (7.1), the link.
 * VTEICR's cell holds the causes, VTEIMS's cell the enables; both are the VF's own storage.
 */

#include "family_82599.h"
#include "interrupt.h"
#include "mailbox.h"

static uint32_t *
own(struct function *fn, uint32_t offset)
{
	return &fn->csr[offset / 4];
}

static void
raise_enabled(struct function *fn, uint32_t vectors)
{
	vectors &= *own(fn, R_VTEIMS);
	for (unsigned int v = 0; v < VF_VECTORS; v++)
		if (vectors & BIT(v))
			vector_raise(fn, v);
}

static void
withdraw(struct function *fn)
{
	uint32_t active = *own(fn, R_VTEICR) & *own(fn, R_VTEIMS);

	for (unsigned int v = 0; v < VF_VECTORS; v++)
		if ((active & BIT(v)) == 0)
			vector_withdraw(fn, v);
}

void
vf_82599_cause(struct function *fn, unsigned int vector)
{
	*own(fn, R_VTEICR) |= BIT(vector) & VF_VECTOR_MASK;
	raise_enabled(fn, BIT(vector));
}

void
vf_82599_at_once(struct function *fn, unsigned int vector)
{
	if (vector < VF_VECTORS && (*own(fn, R_VTEIMS) & BIT(vector)) != 0 &&
	    (*own(fn, R_VTEITR + 4 * vector) & EITR_LLI_LIMITED) == 0)
		vector_end_interval(fn, vector);
}

void
vf_82599_fired(struct function *fn, unsigned int vector)
{
	*own(fn, R_VTEICR) &= ~(*own(fn, R_VTEIAC) & BIT(vector));
	/* A VF has no GPIE: its auto-mask needs no leave of EIAME. */
	*own(fn, R_VTEIMS) &= ~(*own(fn, R_VTEIAM) & BIT(vector));
}

uint32_t
vticr_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	if (fn->nic->peeking)
		return value;
	*own(fn, R_VTEICR) = 0;
	withdraw(fn);
	return value;
}

void
vticr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	*own(fn, R_VTEICR) &= ~written;
	withdraw(fn);
}

uint32_t
vtics_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return *own(fn, R_VTEICR);
}

void
vtics_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	*own(fn, R_VTEICR) |= written & VF_VECTOR_MASK;
	raise_enabled(fn, written);
}

uint32_t
vtims_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return *own(fn, R_VTEIMS);
}

void
vtims_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	raise_enabled(fn, written & *own(fn, R_VTEICR));
}

void
vtimc_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	*own(fn, R_VTEIMS) &= ~written;
	withdraw(fn);
}

void
vtitr_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	eitr_82599_apply(fn, i, written);
}

void
vf_82599_intervals(struct function *fn)
{
	for (unsigned int v = 0; v < VF_VECTORS; v++)
		eitr_82599_apply(fn, v, *own(fn, R_VTEITR + 4 * v) | EITR_CNT_WDIS);
}

void
vtivar_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	queue_vectors_82599_decode(fn->nic);
}

/* --- Link --- */

uint32_t
vflinks_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return links_82599_value(fn->nic);
}

/* --- Mailbox (7.1) --- */

/** PFMBIMR lets a VF's bits through to EICR; it is all ones unless software says otherwise. */
static void
tell_pf(struct nic *nic, unsigned int vf)
{
	if (*pf_csr(nic, R_PFMBIMR + 4 * (vf / 32)) & BIT(vf % 32))
		misc_82599_cause(nic, EICR_MAILBOX);
}

static void
to_pf_request(struct nic *nic, unsigned int vf)
{
	*pf_csr(nic, R_PFMBICR + 4 * (vf / 16)) |= BIT(vf % 16);
	tell_pf(nic, vf);
}

static void
to_pf_ack(struct nic *nic, unsigned int vf)
{
	*pf_csr(nic, R_PFMBICR + 4 * (vf / 16)) |= BIT(16 + vf % 16);
	tell_pf(nic, vf);
}

static void
forget(struct nic *nic, unsigned int vf)
{
	*pf_csr(nic, R_PFMBICR + 4 * (vf / 16)) &= ~(BIT(vf % 16) | BIT(16 + vf % 16));
}

static void
to_vf(struct nic *nic, unsigned int vf)
{
	struct function *fn = &nic->vf[vf];
	uint32_t ivar = *own(fn, R_VTIVAR_MISC);

	if (ivar & IVAR_VALID)
		vf_82599_cause(fn, ivar & VTIVAR_VECTOR);
}

const struct mailbox_layout mailbox_layout_82599 = {
	.pf_control = R_PFMAILBOX,
	.memory = R_PFMBMEM,
	.to_pf_request = to_pf_request,
	.to_pf_ack = to_pf_ack,
	.forget = forget,
	.to_vf = to_vf,
};

uint32_t
vflre_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return data_82599(fn->nic)->flr;
}

uint32_t
vflre_82599_read_high(struct function *fn, unsigned int i, uint32_t value)
{
	(void)i;
	(void)value;
	return data_82599(fn->nic)->flr >> 32;
}

uint32_t
vflrec_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	const struct data_82599 *data = data_82599(fn->nic);

	(void)value;
	return variant_82599(fn->nic)->flr_readable ? data->flr >> (32 * i) : 0;
}

void
vflrec_82599_write(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	data_82599(fn->nic)->flr &= ~((uint64_t)written << (32 * i));
}

/* --- The PF's view --- */

uint32_t
pvfmailbox_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	bool peeking = nic->peeking;

	/* Only the VF's own read consumes what it finds. */
	nic->peeking = true;
	value = vfmailbox_read(&nic->vf[i], 0, value);
	nic->peeking = peeking;
	return value;
}

uint32_t
pvteicr_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return *vf_csr(fn->nic, i, R_VTEICR);
}

uint32_t
pvteims_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return *vf_csr(fn->nic, i, R_VTEIMS);
}

uint32_t
pvteiac_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return *vf_csr(fn->nic, i, R_VTEIAC);
}

uint32_t
pvteiam_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return *vf_csr(fn->nic, i, R_VTEIAM);
}

uint32_t
pvtivar_misc_82599_read(struct function *fn, unsigned int i, uint32_t value)
{
	(void)value;
	return *vf_csr(fn->nic, i, R_VTIVAR_MISC);
}
