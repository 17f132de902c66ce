/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stddef.h>
#include <string.h>

#include "load.h"

#define NS_PER_S  1e9
#define NS_PER_MS UINT64_C(1000000)

const struct load loads[] = {
	{ .name = "0" },
	{ .name = "1k", .phase = { { .pps = 1e3 } } },
	{ .name = "10k", .phase = { { .pps = 1e4 } } },
	{ .name = "100k", .phase = { { .pps = 1e5 } } },
	{ .name = "1M", .phase = { { .pps = 1e6 } } },
	{ .name = "5M", .phase = { { .pps = 5e6 } } },
	{ .name = "25%", .phase = { { .share = 0.25 } } },
	{ .name = "50%", .phase = { { .share = 0.5 } } },
	{ .name = "75%", .phase = { { .share = 0.75 } } },
	{ .name = "100%", .phase = { { .share = 1 } } },
	{ .name = "on-off", .phase = { { .share = 1, .ns = 10 * NS_PER_MS },
				       { .ns = 10 * NS_PER_MS } } },
	{ .name = "burst", .phase = { { .share = 1, .ring = true }, { .ns = 20 * NS_PER_MS } } },
	{ .name = "0-full", .step = true, .measure_ms = 1000,
	  .phase = { { .ns = 500 * NS_PER_MS }, { .share = 1 } } },
	{ .name = "2k-full", .step = true, .measure_ms = 1000,
	  .phase = { { .pps = 2e3, .ns = 500 * NS_PER_MS }, { .share = 1 } } },
};

const unsigned int nb_loads = sizeof(loads) / sizeof(loads[0]);

const struct load *
load_find(const char *name)
{
	for (unsigned int i = 0; i < nb_loads; i++)
		if (strcmp(loads[i].name, name) == 0)
			return &loads[i];
	return NULL;
}

void
pacer_start(struct pacer *pacer, const struct load *load, double sustained_pps, uint32_t ring,
	    bool stay, uint64_t now_ns)
{
	*pacer = (struct pacer){ .begin_ns = now_ns };
	for (unsigned int i = 0; i < LOAD_PHASES; i++) {
		const struct load_phase *phase = &load->phase[i];
		double pps = phase->share != 0 ? phase->share * sustained_pps : phase->pps;

		pacer->gap_ns[i] = pps > 0 ? NS_PER_S / pps : 0;
		pacer->length_ns[i] = phase->ns;
		if (phase->ring)
			pacer->length_ns[i] = (uint64_t)(ring * pacer->gap_ns[i]);
		if (pacer->length_ns[i] == 0 || stay)
			pacer->length_ns[i] = UINT64_MAX;
	}
}

/** @return false: the phase goes on */
static bool
next_phase(struct pacer *pacer, uint64_t now_ns)
{
	uint64_t length_ns = pacer->length_ns[pacer->phase];

	if (length_ns == UINT64_MAX || now_ns < pacer->begin_ns + length_ns)
		return false;
	pacer->begin_ns += length_ns;
	pacer->next = 0;
	pacer->phase = (pacer->phase + 1) % LOAD_PHASES;
	return true;
}

unsigned int
pacer_due(struct pacer *pacer, uint64_t now_ns, uint64_t *due_ns, unsigned int max)
{
	unsigned int nb = 0;

	/* A shift may have put the beginning into the future. */
	if (now_ns < pacer->begin_ns)
		return 0;
	do {
		double gap_ns = pacer->gap_ns[pacer->phase];
		uint64_t length_ns = pacer->length_ns[pacer->phase];
		uint64_t passed_ns = now_ns - pacer->begin_ns;

		while (gap_ns != 0 && nb < max) {
			uint64_t at_ns = (uint64_t)((double)pacer->next * gap_ns);

			if (at_ns > passed_ns || at_ns >= length_ns)
				break;
			due_ns[nb++] = pacer->begin_ns + at_ns;
			pacer->next++;
		}
	} while (nb < max && next_phase(pacer, now_ns));
	return nb;
}

uint64_t
pacer_late_ns(const struct pacer *pacer, uint64_t now_ns)
{
	uint64_t at_ns = (uint64_t)((double)pacer->next * pacer->gap_ns[pacer->phase]);
	uint64_t due_ns = pacer->begin_ns + at_ns;

	if (pacer->gap_ns[pacer->phase] == 0 || at_ns >= pacer->length_ns[pacer->phase] ||
	    now_ns < due_ns)
		return 0;
	return now_ns - due_ns;
}

void
pacer_shift(struct pacer *pacer, uint64_t ns)
{
	pacer->begin_ns += ns;
}

double
pacer_pps(const struct pacer *pacer)
{
	double gap_ns = pacer->gap_ns[pacer->phase];

	return gap_ns == 0 ? 0 : NS_PER_S / gap_ns;
}
