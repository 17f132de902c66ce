/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Queues that the device stopped for what their drivers did (82576 sheet, 8.8; 82599 sheet, 8.6),
 * and whose frames it dropped as spoofed, which 82576 and I350 tell in the same registers.
 *
 * Stopping is off unless it is asked for: what a stopped queue looks like to its driver is known
 * from the sheets only, and DPDK's VF driver of 22.11 never sets CC, which an X550 counts as
 * malice. Never run on silicon.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "pf.h"

#define STOP_STEP_US 100
#define STOP_TRIES   100

/** What one look at the device found. */
struct findings {
	uint32_t queues[MALICIOUS_SIDES][MALICIOUS_WORDS];
	uint32_t cause[MALICIOUS_SIDES];
};

static uint16_t
queue_of(const struct pf *pf, uint16_t pool, uint16_t i)
{
	return pool * pf->family->vf_step + i * pf->family->vf_queue_step;
}

static struct reg
blocked_word(const struct malicious_side *side, unsigned int word)
{
	return (struct reg){ side->blocked.offset + 4 * word };
}

static void
write_switch(struct pf *pf)
{
	const struct malicious_row *row = pf->family->malicious;
	const struct mmio *io = &pf->port.io;
	bool on = pf->malicious.on;

	for (unsigned int i = 0; i < row->nb_sides; i++) {
		const struct malicious_side *side = &row->side[i];

		reg_update(io, side->control, side->enable, on ? side->enable : 0);
	}
	if (row->interrupt != 0)
		reg_write(io, on ? row->unmask : row->mask, row->interrupt);
}

int
malicious_init(struct pf *pf, bool on)
{
	if (on && pf->family->malicious == NULL) {
		PF_LOG(ERR, "%s: mdd=on: an %s has no malicious-driver detection",
		       pf->pci->device.name, pf->family->name);
		return -ENOTSUP;
	}
	pf->malicious.on = on;
	return 0;
}

void
malicious_start(struct pf *pf)
{
	memset(pf->malicious.stopped, 0, sizeof(pf->malicious.stopped));
	if (pf->family->malicious != NULL)
		write_switch(pf);
}

int
malicious_switch(struct pf *pf, bool on)
{
	uint16_t vf;

	if (pf->family->malicious == NULL)
		return -ENOTSUP;
	pf->malicious.on = on;
	write_switch(pf);
	for (vf = 0; vf <= pf->nb_vfs && !on; vf++)
		malicious_release(pf, vf);
	return 0;
}

/* A VF that spoofed with several of its queues did so once. */
static void
note_spoofers(struct pf *pf, uint32_t queues)
{
	uint16_t vf, i;

	for (vf = 0; vf < pf->nb_vfs && queues != 0; vf++)
		for (i = 0; i < pf->family->vf_queues; i++)
			if ((queues & BIT(queue_of(pf, vf, i))) != 0) {
				pf->stats.spoofed[vf]++;
				break;
			}
}

/* Reading forgets it. @return 0: none, or one that is not of a queue stopped */
static uint32_t
read_cause(struct pf *pf, const struct malicious_side *side)
{
	const struct malicious_row *row = pf->family->malicious;
	uint32_t cause = reg_read(&pf->port.io, side->cause);

	if ((cause & row->spoof_cause) == 0)
		return cause;
	note_spoofers(pf, BIT(field_get(row->spoof_queue, cause)));
	return 0;
}

static bool
checks_spoof(const struct pf *pf)
{
	bool any = false;
	uint16_t vf;

	for (vf = 0; vf < pf->nb_vfs; vf++)
		any |= pf->pools[vf].spoof_check;
	return any;
}

/* For spoofers alone. */
static void
look_for_spoofers(struct pf *pf)
{
	const struct malicious_row *row = pf->family->malicious;

	if (row->spoofers != 0)
		note_spoofers(pf, reg_read(&pf->port.io, row->side[0].blocked) & row->spoofers);
	if (row->spoof_cause != 0)
		read_cause(pf, &row->side[0]);
}

/* Where reading clears nothing, queues that were told of are still in `blocked`. */
static void
look(struct pf *pf, struct findings *found)
{
	const struct malicious_row *row = pf->family->malicious;

	for (unsigned int i = 0; i < row->nb_sides; i++) {
		uint32_t *stopped = pf->malicious.stopped[i];
		uint32_t any = 0, cause = 0;

		/* A spoofed frame's cause is forgotten with that of a queue stopped meanwhile. */
		if (row->spoof_cause != 0)
			cause = read_cause(pf, &row->side[i]);
		for (unsigned int word = 0; word < row->nb_words; word++) {
			uint32_t bits = reg_read(&pf->port.io, blocked_word(&row->side[i], word));

			if (word == 0)
				note_spoofers(pf, bits & row->spoofers);
			bits >>= row->side[i].shift;
			if (!row->read_clears)
				bits &= ~stopped[word];
			found->queues[i][word] = bits;
			stopped[word] |= bits;
			any |= bits;
		}
		if (any != 0)
			found->cause[i] = cause != 0 ? cause : read_cause(pf, &row->side[i]);
	}
}

static void
tell(struct pf *pf, uint16_t pool, uint16_t queue, uint32_t cause)
{
	struct rte_pmd_sluice_handler handler;
	void *ctx;

	pf->stats.malicious[pool]++;
	if (pool == pf->pool) {
		PF_LOG(ERR, "port %u: the device stopped our queue %u as malicious (0x%08" PRIx32
		       ")", pf->port_id, queue, cause);
		return;
	}
	VF_LOG(INFO, "port %u vf %u: queue %u was stopped as malicious (0x%08" PRIx32 ")",
	       pf->port_id, pool, queue, cause);
	handler = events_handler(pf, &ctx);
	if (handler.malicious != NULL)
		handler.malicious(pf->port_id, pool, queue, cause, ctx);
}

static int
tell_pool(struct pf *pf, const struct findings *found, uint16_t pool)
{
	int nb_events = 0;
	uint16_t i, q;

	for (i = 0; i < pf->family->vf_queues; i++) {
		q = queue_of(pf, pool, i);
		for (unsigned int side = 0; side < MALICIOUS_SIDES; side++) {
			if ((found->queues[side][q / 32] & BIT(q % 32)) == 0)
				continue;
			tell(pf, pool, i, found->cause[side]);
			nb_events++;
		}
	}
	return nb_events;
}

int
malicious_serve(struct pf *pf)
{
	struct findings found = { 0 };
	int nb_events = 0;
	uint16_t pool;

	pthread_mutex_lock(&pf->lock);
	if (pf->malicious.on)
		look(pf, &found);
	else if (pf->family->malicious != NULL && checks_spoof(pf))
		look_for_spoofers(pf);
	pthread_mutex_unlock(&pf->lock);
	for (pool = 0; pool <= pf->pool; pool++)
		nb_events += tell_pool(pf, &found, pool);
	return nb_events;
}

void
malicious_forget(struct pf *pf, uint16_t vf)
{
	const struct malicious_row *row = pf->family->malicious;
	uint16_t i, q;

	for (i = 0; row != NULL && i < pf->family->vf_queues; i++) {
		q = queue_of(pf, vf, i);
		for (unsigned int side = 0; side < row->nb_sides; side++) {
			pf->malicious.stopped[side][q / 32] &= ~BIT(q % 32);
			if (!row->read_clears)
				reg_write(&pf->port.io, blocked_word(&row->side[side], q / 32),
					  BIT(q % 32) << row->side[side].shift);
		}
	}
}

static void
restart_queue(struct pf *pf, const struct queue_bank *bank, uint16_t q, uint32_t control)
{
	struct reg reg = queue_reg(bank, q, control);
	const struct mmio *io = &pf->port.io;
	uint32_t before = reg_read(io, reg);

	reg_write(io, reg, before & ~QUEUE_ENABLE);
	if (reg_poll(io, reg, QUEUE_ENABLE, 0, STOP_STEP_US, STOP_TRIES) < 0)
		PF_LOG(WARNING, "port %u: queue %u does not stop", pf->port_id, q);
	reg_write(io, reg, before);
}

int
malicious_release(struct pf *pf, uint16_t vf)
{
	const struct malicious_row *row = pf->family->malicious;
	const struct family *queues = pf->family->queues;
	uint16_t i, q;

	if (row == NULL)
		return -ENOTSUP;
	for (i = 0; row->read_clears && i < pf->family->vf_queues; i++) {
		q = queue_of(pf, vf, i);
		/* Who has not been stopped goes on undisturbed. */
		if ((pf->malicious.stopped[0][q / 32] & BIT(q % 32)) == 0)
			continue;
		restart_queue(pf, &queues->rxq, q, RXQ_RXDCTL);
		restart_queue(pf, &queues->txq, q, TXQ_TXDCTL);
	}
	malicious_forget(pf, vf);
	return 0;
}
