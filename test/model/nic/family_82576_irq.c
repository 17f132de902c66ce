/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Interrupt causes of the 82576 and I350 (6): 25 bits of EICR, of which each VF has three.
 *
 * EICR, EIMS, EIAC and EIAM of all functions lie in the PF's registers of these names. The PF sees
 * the bits that belong to no VF, a VF its own three from bit 0.
 */

#include "family_82576.h"
#include "interrupt.h"
#include "regs_82576.h"

#define ALL_BITS (BIT(NB_EICR_BITS) - 1)
#define VF_BITS	 (BIT(GBE_VF_VECTORS) - 1)
#define NS_PER_US 1000

static uint32_t
vf_bits(unsigned int vf)
{
	return VF_BITS << gbe_vf_first_bit(vf);
}

/** EICR bits that no VF has. */
static uint32_t
pf_bits(const struct nic *nic)
{
	uint32_t bits = ALL_BITS;

	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++)
		bits &= ~vf_bits(vf);
	return bits;
}

static bool
msix_mode(struct nic *nic)
{
	return (*pf_csr(nic, GPIE) & GPIE_MSIX_MODE) != 0;
}

/** Who has that EICR bit, and as which vector. */
static struct function *
function_of_bit(struct nic *nic, unsigned int bit, unsigned int *vector)
{
	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++) {
		unsigned int first = gbe_vf_first_bit(vf);

		if (bit >= first && bit < first + GBE_VF_VECTORS) {
			*vector = bit - first;
			return &nic->vf[vf];
		}
	}
	/* With one message for all causes it is the first. */
	*vector = msix_mode(nic) ? bit : 0;
	return &nic->pf;
}

static void
raise_bits(struct nic *nic, uint32_t bits)
{
	while (bits != 0) {
		unsigned int vector;
		struct function *fn = function_of_bit(nic, __builtin_ctz(bits), &vector);

		bits &= bits - 1;
		vector_raise(fn, vector);
	}
}

static void
withdraw_bits(struct nic *nic, uint32_t bits)
{
	while (bits != 0) {
		unsigned int vector;
		struct function *fn = function_of_bit(nic, __builtin_ctz(bits), &vector);

		bits &= bits - 1;
		vector_withdraw(fn, vector);
	}
}

static void
set_causes(struct nic *nic, uint32_t bits)
{
	*pf_csr(nic, EICR) |= bits;
	raise_bits(nic, bits & *pf_csr(nic, EIMS));
}

void
gbe_vector_fired(struct function *fn, unsigned int vector)
{
	struct nic *nic = fn->nic;
	uint32_t bit = fn->vf == PF_INDEX ? BIT(vector) :
					    BIT(gbe_vf_first_bit(fn->vf) + vector);

	if (!msix_mode(nic))
		return;
	if (*pf_csr(nic, EIAC) & bit)
		*pf_csr(nic, EICR) &= ~bit;
	if ((*pf_csr(nic, GPIE) & GPIE_EIAME) != 0 && (*pf_csr(nic, EIAM) & bit) != 0)
		*pf_csr(nic, EIMS) &= ~bit;
}

/* --- Queue causes --- */

static unsigned int
eicr_bit(const struct function *owner, uint8_t vector)
{
	return owner->vf == PF_INDEX ? vector : gbe_vf_first_bit(owner->vf) + vector;
}

static void
queue_cause(struct nic *nic, const struct function *owner, uint8_t vector)
{
	if (vector != NO_VECTOR)
		set_causes(nic, BIT(eicr_bit(owner, vector)));
}

void
gbe_rx_cause(struct nic *nic, struct rx_queue *q)
{
	queue_cause(nic, q->owner, q->vector);
}

/* Where its rate is limited it has no credit: nobody says how fast that grows at first. */
static void
at_once(struct nic *nic, unsigned int bit)
{
	unsigned int vector;
	struct function *fn = function_of_bit(nic, bit, &vector);

	if ((*pf_csr(nic, EIMS) & BIT(bit)) != 0 &&
	    (*pf_csr(nic, EITR + 4 * bit) & EITR_LLI_LIMITED) == 0)
		vector_end_interval(fn, vector);
}

void
gbe_rx_low_cause(struct nic *nic, struct rx_queue *q)
{
	if (q->vector != NO_VECTOR)
		at_once(nic, eicr_bit(q->owner, q->vector));
	gbe_rx_cause(nic, q);
}

void
gbe_tx_cause(struct nic *nic, struct tx_queue *q)
{
	queue_cause(nic, q->owner, q->vector);
}

/* 6.3 */
static uint8_t
pf_ivar_byte(struct nic *nic, unsigned int queue, bool tx)
{
	bool by_pairs = gbe_traits(nic)->ivar_by_pairs;
	unsigned int which = by_pairs ? queue / 2 : queue % 8;
	unsigned int half = by_pairs ? queue % 2 : queue / 8;

	return *pf_csr(nic, IVAR + 4 * which) >> (16 * half + 8 * tx) & 0xff;
}

static uint8_t
queue_vector(struct nic *nic, const struct function *owner, unsigned int queue, bool tx)
{
	uint8_t byte;

	if (owner->vf == PF_INDEX) {
		byte = pf_ivar_byte(nic, queue, tx);
		return (byte & IVAR_VALID) != 0 && (byte & 0x1f) < NB_EICR_BITS ?
			byte & 0x1f : NO_VECTOR;
	}
	byte = *pf_csr(nic, VTIVAR + 4 * owner->vf) >> (queue / GBE_POOLS * 16 + 8 * tx) & 0xff;
	return (byte & IVAR_VALID) != 0 && (byte & 3) < GBE_VF_VECTORS ? byte & 3 : NO_VECTOR;
}

/** What a write of EITR says of an interval that has begun, if it says that. */
#define COUNTER_KEPT UINT64_MAX

static void
decode_interval(struct nic *nic, unsigned int bit, uint64_t left_us)
{
	uint64_t us = FIELD(*pf_csr(nic, EITR + 4 * bit), 14, 2);
	unsigned int vector;
	struct function *fn = function_of_bit(nic, bit, &vector);

	if (fn->vf == PF_INDEX && !msix_mode(nic) && bit != 0)
		return;
	if (left_us == COUNTER_KEPT)
		vector_set_interval(fn, vector, us * NS_PER_US, true);
	else
		vector_restart_interval(fn, vector, us * NS_PER_US, left_us * NS_PER_US);
}

void
gbe_decode_vectors(struct nic *nic)
{
	for (unsigned int q = 0; q < nic->family->nb_queues; q++) {
		nic->rxq[q].vector = queue_vector(nic, nic->rxq[q].owner, q, false);
		nic->txq[q].vector = queue_vector(nic, nic->txq[q].owner, q, true);
	}
	for (unsigned int bit = 0; bit < NB_EICR_BITS; bit++)
		decode_interval(nic, bit, COUNTER_KEPT);
}

void
write_ivar(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	gbe_decode_vectors(fn->nic);
}

/* 6.4 */
void
write_eitr(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)old;
	/* The down counter is part of the register: what is written there, usually 0, rules. */
	decode_interval(fn->nic, i, (written & EITR_KEEP) != 0 ? COUNTER_KEPT :
				    FIELD(written, 30, 21) * EITR_COUNTER_US);
}

/* --- ICR: other causes --- */

static void
raise_other(struct nic *nic)
{
	uint8_t byte = FIELD(*pf_csr(nic, IVAR_MISC), 15, 8);

	if (!msix_mode(nic))
		vector_raise(&nic->pf, 0);
	else if ((byte & IVAR_VALID) != 0 && (byte & 0x1f) < NB_EICR_BITS)
		set_causes(nic, BIT(byte & 0x1f));
}

void
gbe_other_cause(struct nic *nic, uint32_t bits)
{
	*pf_csr(nic, ICR) |= bits;
	if ((bits & *pf_csr(nic, IMS)) != 0)
		raise_other(nic);
}

/** With IAME what IAM says is masked as software looks (2.2). */
static void
auto_mask_other(struct nic *nic)
{
	if (*pf_csr(nic, CTRL_EXT) & CTRL_EXT_IAME)
		*pf_csr(nic, IMS) &= ~*pf_csr(nic, IAM);
}

static void
settle_other(struct nic *nic)
{
	if (!msix_mode(nic) && (*pf_csr(nic, ICR) & *pf_csr(nic, IMS)) == 0)
		vector_withdraw(&nic->pf, 0);
}

uint32_t
read_icr(struct function *fn, unsigned int i, uint32_t value)
{
	struct nic *nic = fn->nic;
	uint32_t ims = *pf_csr(nic, IMS);
	bool asserted = (value & ims) != 0;

	(void)i;
	if (!nic->peeking) {
		if ((*pf_csr(nic, GPIE) & GPIE_NSICR) != 0 || ims == 0 || asserted)
			*pf_csr(nic, ICR) = 0;
		auto_mask_other(nic);
		settle_other(nic);
	}
	return value | (asserted ? ICR_INTA : 0);
}

void
write_icr(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	(void)written;
	auto_mask_other(fn->nic);
	settle_other(fn->nic);
}

void
write_ics(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	gbe_other_cause(fn->nic, written & ~ICR_INTA);
}

void
write_ims(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	/* What has come while it was masked comes now. */
	if ((written & ~old & *pf_csr(fn->nic, ICR)) != 0)
		raise_other(fn->nic);
}

void
write_imc(struct function *fn, unsigned int i, uint32_t old, uint32_t written)
{
	(void)i;
	(void)old;
	*pf_csr(fn->nic, IMS) &= ~written;
	settle_other(fn->nic);
}

/* --- EICR and its companions, through the window of one function --- */

struct window {
	struct nic *nic;
	uint32_t mask;		/**< bits of EICR that are the function's */
	unsigned int shift;
};

static struct window
window_of_pf(struct function *fn)
{
	return (struct window){ .nic = fn->nic, .mask = pf_bits(fn->nic), .shift = 0 };
}

static struct window
window_of_vf(struct function *fn, unsigned int vf)
{
	return (struct window){
		.nic = fn->nic, .mask = vf_bits(vf), .shift = gbe_vf_first_bit(vf),
	};
}

static uint32_t
seen(struct window window, uint32_t offset)
{
	return (*pf_csr(window.nic, offset) & window.mask) >> window.shift;
}

static uint32_t
bits_written(struct window window, uint32_t written)
{
	return (written << window.shift) & window.mask;
}

static void
replace(struct window window, uint32_t offset, uint32_t written)
{
	uint32_t *cell = pf_csr(window.nic, offset);

	*cell = (*cell & ~window.mask) | bits_written(window, written);
}

/** EIAME: an access to EICR masks too (6.1). */
static void
auto_mask(struct window window)
{
	if (*pf_csr(window.nic, GPIE) & GPIE_EIAME)
		*pf_csr(window.nic, EIMS) &= ~(*pf_csr(window.nic, EIAM) & window.mask);
}

static void
force(struct window window, uint32_t written)
{
	set_causes(window.nic, bits_written(window, written));
}

static void
enable(struct window window, uint32_t written)
{
	uint32_t bits = bits_written(window, written);

	*pf_csr(window.nic, EIMS) |= bits;
	raise_bits(window.nic, bits & *pf_csr(window.nic, EICR));
}

static void
disable(struct window window, uint32_t written)
{
	uint32_t bits = bits_written(window, written);

	*pf_csr(window.nic, EIMS) &= ~bits;
	withdraw_bits(window.nic, bits);
}

static void
clear(struct window window, uint32_t written)
{
	uint32_t bits = bits_written(window, written);

	*pf_csr(window.nic, EICR) &= ~bits;
	withdraw_bits(window.nic, bits);
	auto_mask(window);
}

static uint32_t
take(struct window window)
{
	uint32_t value = seen(window, EICR);

	if (!window.nic->peeking)
		clear(window, value);
	return value;
}

#define DEFINE_WINDOW(prefix, window) \
	void \
	write_##prefix##eics(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		force(window, written); \
	} \
	void \
	write_##prefix##eims(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		enable(window, written); \
	} \
	void \
	write_##prefix##eimc(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		disable(window, written); \
	} \
	void \
	write_##prefix##eiac(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		replace(window, EIAC, written); \
	} \
	void \
	write_##prefix##eiam(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		replace(window, EIAM, written); \
	} \
	void \
	write_##prefix##eicr(struct function *fn, unsigned int i, uint32_t old, uint32_t written) \
	{ \
		(void)i; \
		(void)old; \
		clear(window, written); \
	} \
	uint32_t \
	read_##prefix##eims(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		(void)i; \
		(void)value; \
		return seen(window, EIMS); \
	} \
	uint32_t \
	read_##prefix##eiac(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		(void)i; \
		(void)value; \
		return seen(window, EIAC); \
	} \
	uint32_t \
	read_##prefix##eiam(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		(void)i; \
		(void)value; \
		return seen(window, EIAM); \
	} \
	uint32_t \
	read_##prefix##eicr(struct function *fn, unsigned int i, uint32_t value) \
	{ \
		(void)i; \
		(void)value; \
		return take(window); \
	}
DEFINE_WINDOW(, window_of_pf(fn))
DEFINE_WINDOW(vt, window_of_vf(fn, i))

/* --- VFs --- */

void
gbe_mailbox_to_vf(struct nic *nic, unsigned int vf)
{
	uint8_t byte = FIELD(*pf_csr(nic, VTIVAR_MISC + 4 * vf), 7, 0);

	/* The bits of a VF that is not there are the PF's. */
	if (vf < nic->nb_vfs && (byte & IVAR_VALID) != 0 && (byte & 3) < GBE_VF_VECTORS)
		set_causes(nic, BIT(gbe_vf_first_bit(vf) + (byte & 3)));
}

void
gbe_reset_irq(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	static const uint32_t cleared[] = { EICR, EIMS, EIAC, EIAM };

	if (kind == RESET_VF)
		for (unsigned int i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
			*pf_csr(nic, cleared[i]) &= ~vf_bits(vf);
}
