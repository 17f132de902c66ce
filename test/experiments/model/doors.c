/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "card.h"
#include "doors.h"
#include "port.h"
#include "regfile.h"

/** Where a function's software arms, masks and clears vectors; sheet, 8.2.3.5 and 8.3.5. */
struct doors {
	uint32_t arm[2], mask[2], clear;	/* 0 in arm and mask: there is but one */
};

/* All are in the first page. */
static const struct doors of_pf = {
	.arm = { 0x0aa0, 0x0880 }, .mask = { 0x0ab0, 0x0888 }, .clear = 0x0800,
};
static const struct doors of_vf = {
	.arm = { 0x0108 }, .mask = { 0x010c }, .clear = 0x0100,
};

static struct function *
function_of(struct card *card, int vf)
{
	struct nic *nic = card_attach(card)->nic;

	return vf < 0 ? &nic->pf : &nic->vf[vf];
}

static uint8_t *
page_of(struct card *card, struct function *fn)
{
	struct attach *attach = card_attach(card);

	return port_page_address(attach, port_pages(attach, fn));
}

static _Atomic uint32_t *
at(struct card *card, struct function *fn, uint32_t offset)
{
	return (_Atomic uint32_t *)(page_of(card, fn) + offset);
}

static int
map(struct card *card, struct function *fn, bool plain)
{
	struct attach *attach = card_attach(card);
	off_t in_file = (off_t)(port_pages(attach, fn) - attach->page) * PAGE_BYTES;
	void *page = plain ?
		mmap(page_of(card, fn), PAGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) :
		mmap(page_of(card, fn), PAGE_BYTES, PROT_NONE, MAP_SHARED | MAP_FIXED,
		     attach->memfd, in_file);

	if (page == MAP_FAILED)
		return -errno;
	if (plain)
		memcpy(page, attach->model_view + in_file, PAGE_BYTES);
	return 0;
}

/** All that is a command reads 0, as it does before one is given. */
static void
clear_commands(struct card *card, struct function *fn, const struct doors *doors)
{
	for (unsigned int i = 0; i < 2 && doors->arm[i] != 0; i++) {
		atomic_store(at(card, fn, doors->arm[i]), 0);
		atomic_store(at(card, fn, doors->mask[i]), 0);
	}
	atomic_store(at(card, fn, doors->clear), 0);
}

int
doors_open(struct card *card, unsigned int nb_vfs)
{
	struct attach *attach = card_attach(card);
	int rc = 0;

	port_lock(attach);
	for (int vf = -1; vf < (int)nb_vfs && rc == 0; vf++) {
		rc = map(card, function_of(card, vf), true);
		if (rc == 0)
			clear_commands(card, function_of(card, vf), vf < 0 ? &of_pf : &of_vf);
	}
	port_unlock(attach);
	return rc;
}

void
doors_close(struct card *card, unsigned int nb_vfs)
{
	struct attach *attach = card_attach(card);

	doors_look(card, nb_vfs);
	port_lock(attach);
	for (int vf = -1; vf < (int)nb_vfs; vf++)
		map(card, function_of(card, vf), false);
	port_unlock(attach);
}

/** What was written there, once. */
static uint32_t
take(struct card *card, struct function *fn, uint32_t offset)
{
	_Atomic uint32_t *reg = at(card, fn, offset);

	/* Looking does not take the line away from who writes there. */
	if (offset == 0 || atomic_load_explicit(reg, memory_order_acquire) == 0)
		return 0;
	return atomic_exchange(reg, 0);
}

static void
give(struct function *fn, uint32_t offset, uint32_t value)
{
	if (value != 0)
		reg_write(fn, offset, value);
}

/*
 * Read in the reverse order of what software does before it sleeps (mask, clear, arm): where the
 * last of it is seen, so is the rest. Who masks right after that gets an interrupt more, but nobody
 * one less.
 */
static void
look(struct card *card, struct function *fn, const struct doors *doors)
{
	uint32_t arm[2], mask[2], clear;

	for (unsigned int i = 0; i < 2; i++)
		arm[i] = take(card, fn, doors->arm[i]);
	clear = take(card, fn, doors->clear);
	for (unsigned int i = 0; i < 2; i++)
		mask[i] = take(card, fn, doors->mask[i]);
	for (unsigned int i = 0; i < 2; i++)
		give(fn, doors->mask[i], mask[i]);
	give(fn, doors->clear, clear);
	for (unsigned int i = 0; i < 2; i++)
		give(fn, doors->arm[i], arm[i]);
}

void
doors_look(struct card *card, unsigned int nb_vfs)
{
	struct attach *attach = card_attach(card);

	port_lock(attach);
	for (int vf = -1; vf < (int)nb_vfs; vf++)
		look(card, function_of(card, vf), vf < 0 ? &of_pf : &of_vf);
	port_unlock(attach);
}
