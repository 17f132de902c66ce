/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "datapath.h"
#include "nic.h"
#include "regfile.h"
#include "wire.h"

#define NS_PER_S 1000000000ull

static uint32_t *
own_bar(void *ctx, int vf, uint32_t bytes)
{
	(void)ctx;
	(void)vf;
	return calloc(1, bytes);
}

static int
create_function(struct nic *nic, struct function *fn, int vf, const struct nic_config *config)
{
	const struct nic_family *family = nic->family;
	bool is_pf = vf == PF_INDEX;

	fn->nic = nic;
	fn->vf = vf;
	fn->bar_bytes = is_pf ? family->pf_bar_bytes : family->vf_bar_bytes;
	fn->row_of = is_pf ? nic->pf_row_of : nic->vf_row_of;
	fn->rows = is_pf ? family->pf_rows : family->vf_rows;
	fn->nb_rows = is_pf ? family->nb_pf_rows : family->nb_vf_rows;
	fn->nb_vectors = is_pf ? family->pf_vectors : family->vf_vectors;
	/* The platform's part of a function's life; ../attach clears it where it plays that. */
	fn->bus_master = true;
	fn->csr = config->bar != NULL ? config->bar(config->bar_ctx, vf, fn->bar_bytes) :
					own_bar(NULL, vf, fn->bar_bytes);
	return fn->csr == NULL ? -ENOMEM : 0;
}

static int
create_functions(struct nic *nic, const struct nic_config *config)
{
	const struct nic_family *family = nic->family;
	int rc;

	nic->pf_row_of = regfile_index(family->pf_rows, family->nb_pf_rows, family->pf_bar_bytes);
	nic->vf_row_of = regfile_index(family->vf_rows, family->nb_vf_rows, family->vf_bar_bytes);
	if (nic->pf_row_of == NULL || nic->vf_row_of == NULL)
		return -ENOMEM;
	rc = create_function(nic, &nic->pf, PF_INDEX, config);
	for (int vf = 0; rc == 0 && vf < family->max_vfs; vf++)
		rc = create_function(nic, &nic->vf[vf], vf, config);
	nic->pf.present = true;
	return rc;
}

/** Queues as they are before anything is written: where software sees their registers. */
static void
create_queues(struct nic *nic)
{
	for (uint16_t q = 0; q < nic->family->nb_queues; q++) {
		nic->rxq[q].index = q;
		nic->rxq[q].vector = NO_VECTOR;
		nic->rxq[q].owner = &nic->pf;
		nic->rxq[q].block = pf_csr(nic, nic->family->rx_block(q));
		nic->txq[q].index = q;
		nic->txq[q].vector = NO_VECTOR;
		nic->txq[q].owner = &nic->pf;
		nic->txq[q].block = pf_csr(nic, nic->family->tx_block(q));
	}
}

static void
free_bars(struct nic *nic)
{
	free(nic->pf.csr);
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		free(nic->vf[vf].csr);
}

static void
free_parts(struct nic *nic, bool own_bars)
{
	if (own_bars)
		free_bars(nic);
	free(nic->pf.dma.region);
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++)
		free(nic->vf[vf].dma.region);
	free(nic->pf_row_of);
	free(nic->vf_row_of);
	free(nic->pool_rss);
	free(nic->family_data);
	pthread_mutex_destroy(&nic->lock);
	free(nic);
}

static void
power_on(struct nic *nic, const struct nic_config *config)
{
	pthread_mutex_lock(&nic->lock);
	nic_reset(nic, RESET_POWER, 0);
	nic_set_vfs(nic, config->nb_vfs);
	nic_watch_carrier(nic);
	pthread_mutex_unlock(&nic->lock);
}

struct nic *
nic_create(const struct nic_config *config)
{
	struct nic *nic;
	int rc;

	if (config->nb_vfs > config->family->max_vfs) {
		errno = EINVAL;
		return NULL;
	}
	nic = calloc(1, sizeof(*nic));
	if (nic == NULL)
		return NULL;
	nic->family = config->family;
	nic->clock.manual = config->manual_clock;
	nic->wire = config->wire;
	nic->own_bars = config->bar == NULL;
	nic->next_vector_ns = UINT64_MAX;
	memcpy(nic->mac, config->mac, MAC_LEN);
	pthread_mutex_init(&nic->lock, NULL);
	rc = create_functions(nic, config);
	if (rc == 0 && config->family->data_bytes != 0) {
		nic->family_data = calloc(1, config->family->data_bytes);
		rc = nic->family_data == NULL ? -ENOMEM : 0;
	}
	if (rc == 0) {
		create_queues(nic);
		rc = datapath_create(nic);
	}
	if (rc != 0) {
		free_parts(nic, nic->own_bars);
		errno = -rc;
		return NULL;
	}
	power_on(nic, config);
	return nic;
}

void
nic_free(struct nic *nic)
{
	if (nic == NULL)
		return;
	datapath_free(nic);
	free_parts(nic, nic->own_bars);
}

uint64_t
nic_now_ns(const struct nic *nic)
{
	struct timespec now;

	if (nic->clock.manual)
		return nic->clock.now_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void
reset_function(struct function *fn, enum reset_kind kind)
{
	fn->stopped = false;
	for (unsigned int which = 0; which < fn->nb_vectors; which++) {
		struct vector *vector = &fn->vector[which];

		/* The mask is in the MSI-X table, which is the bus's; the interval a family's. */
		vector->pending = false;
		vector->not_before_ns = 0;
		if (kind == RESET_POWER)
			vector->interval_ns = 0;
	}
}

void
nic_reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	regfile_reset(nic, kind, vf);
	if (kind == RESET_VF) {
		reset_function(&nic->vf[vf], kind);
	} else {
		reset_function(&nic->pf, kind);
		for (unsigned int i = 0; i < nic->family->max_vfs; i++)
			reset_function(&nic->vf[i], kind);
	}
	nic->family->reset(nic, kind, vf);
	datapath_reset(nic, kind, vf);
	nic_changed(nic);
}

void
nic_flr(struct function *fn)
{
	/* VF Enable and the MSI-X table are in config space: whoever has that resets them. */
	if (fn->vf == PF_INDEX)
		nic_reset(fn->nic, RESET_PF_SOFTWARE, 0);
	else if (fn->present) /* else its queues are somebody else's by now */
		nic_reset(fn->nic, RESET_VF, fn->vf);
}

void
nic_surprise_remove(struct function *fn)
{
	struct nic *nic = fn->nic;

	fn->gone = true;
	if (fn->vf != PF_INDEX)
		return;
	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++)
		nic->vf[vf].gone = true;
}

void
nic_set_vfs(struct nic *nic, unsigned int nb_vfs)
{
	if (nb_vfs > nic->family->max_vfs)
		nb_vfs = nic->family->max_vfs;
	nic->nb_vfs = nb_vfs;
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++) {
		bool was = nic->vf[vf].present;

		nic->vf[vf].present = vf < nb_vfs;
		nic->vf[vf].gone = nic->pf.gone;
		/* A VF that leaves takes its queues along; one that comes is as it left. */
		if (was && !nic->vf[vf].present)
			nic_reset(nic, RESET_VF, vf);
	}
	if (nic->family->vfs_changed != NULL)
		nic->family->vfs_changed(nic);
	nic_changed(nic);
}

void
nic_set_link(struct nic *nic, uint32_t mbps)
{
	if (nic->port.link_mbps == mbps && nic->port.link_up == (mbps != 0))
		return;
	nic->port.link_mbps = mbps;
	nic->port.link_up = mbps != 0;
	nic->family->link_cause(nic);
	nic_changed(nic);
}

void
nic_watch_carrier(struct nic *nic)
{
	struct wire *wire = nic->wire;
	struct wire_frame lost;

	if (wire == NULL)
		return;
	/* Whose other end is not there may only look for it when it is asked for frames. */
	if (wire->mbps == 0)
		wire->ops->recv(wire, &lost, 1);
	if (wire->mbps == nic->wire_mbps)
		return;
	nic->wire_mbps = wire->mbps;
	nic_set_link(nic, wire->mbps < nic->family->link_mbps ? wire->mbps :
							       nic->family->link_mbps);
}
