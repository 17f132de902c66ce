/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "port.h"
#include "regfile.h"

/** The model's view of a page. */
static uint32_t *
page_memory(struct attach *port, const struct function *fn, const struct page *page)
{
	return &fn->csr[(page - port_pages(port, fn)) * PAGE_DWORDS];
}

static uint32_t
page_offset(struct attach *port, const struct function *fn, const struct page *page)
{
	return (page - port_pages(port, fn)) * PAGE_BYTES;
}

/** The queue whose block begins at that offset of the function; what is none, is not one. */
static struct block
block_in(struct attach *port, struct function *fn, uint32_t offset)
{
	return block_at(port, block_pf_offset(fn, offset));
}

static bool
watched(struct attach *port, struct block block, const struct page *page)
{
	return block.is_queue && (block.is_tx ? port->tx_page : port->rx_page)[block.queue] == page;
}

static void
allow(struct attach *port, const struct page *page, bool plain)
{
	mprotect(port_page_address(port, page), PAGE_BYTES,
		 plain ? PROT_READ | PROT_WRITE : PROT_NONE);
}

/** Registers that a read changes, or that software finds changed, are not for a plain page. */
static bool
allowed(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t first = page_offset(port, fn, page);

	for (uint32_t i = 0; i < PAGE_DWORDS; i++) {
		uint16_t which = fn->row_of[first / 4 + i];
		const struct reg_row *row = which == 0 ? NULL : &fn->rows[which - 1];

		if (row != NULL && (row->on_read != NULL || row->clear_by_read != 0) &&
		    !block_in(port, fn, first + i * 4).is_queue && fn->vf == PF_INDEX)
			return false;
	}
	return true;
}

/** Elsewhere than the registers are at home: show what software would read there. */
static void
fill(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t first = page_offset(port, fn, page);
	uint32_t *memory = page_memory(port, fn, page);

	page->nb_running = 0;
	for (uint32_t i = 0; i < PAGE_DWORDS; i++) {
		uint16_t which = fn->row_of[first / 4 + i];
		uint32_t home = which == 0 ? UINT32_MAX : block_pf_offset(fn, first + i * 4);

		if (which == 0 || (fn->vf == PF_INDEX && home == first + i * 4))
			continue;
		memory[i] = reg_peek(fn, first + i * 4);
		if (fn->vf != PF_INDEX && fn->rows[which - 1].on_read != NULL &&
		    page->nb_running < BLOCKS_PER_PAGE)
			page->running[page->nb_running++] = i;
	}
}

/** Let the queues that run through this page be looked at here. */
static void
take_queues(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t first = page_offset(port, fn, page);
	uint32_t *memory = page_memory(port, fn, page);

	page->taken = 0;
	for (uint32_t i = 0; i < PAGE_DWORDS; i += BLOCK_DWORDS) {
		struct block block = block_in(port, fn, first + i * 4);

		if (!watched(port, block, page) || !block_runs_for(port->nic, block, fn))
			continue;
		*block_pointer(port->nic, block) = &memory[i];
		page->taken |= 1ull << i / BLOCK_DWORDS;
	}
}

/** ... and at home again. */
static void
return_queues(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t first = page_offset(port, fn, page);
	uint32_t *memory = page_memory(port, fn, page);

	for (uint64_t left = page->taken; left != 0; left &= left - 1) {
		uint32_t i = __builtin_ctzll(left) * BLOCK_DWORDS;
		struct block block = block_in(port, fn, first + i * 4);
		volatile uint32_t *home = block_home(port->nic, block);

		home[RING_HEAD] = memory[i + RING_HEAD];
		*block_pointer(port->nic, block) = home;
	}
}

bool
page_may_turn(struct attach *port, struct function *fn, struct page *page)
{
	if (page->never_plain)
		return false;
	if (page->known == NULL) {
		page->never_plain = !allowed(port, fn, page);
		page->known = page->never_plain ? NULL : malloc(PAGE_BYTES);
	}
	return page->known != NULL;
}

void
page_turn_plain(struct attach *port, struct function *fn, struct page *page)
{
	if (!page_may_turn(port, fn, page))
		return;
	fill(port, fn, page);
	memcpy(page->known, page_memory(port, fn, page), PAGE_BYTES);
	take_queues(port, fn, page);
	page->is_plain = true;
	port->nb_plain++;
	port->counters.plain_turns++;
	allow(port, page, true);
}

/** A queue's registers in an order in which each state on the way is one that software may make. */
static void
apply_block(struct attach *port, struct function *fn, struct page *page, uint32_t at,
	    const uint32_t *now)
{
	const uint32_t *known = &page->known[at];
	uint32_t offset = page_offset(port, fn, page) + at * 4;
	bool moved = false, enabled = now[RING_CONTROL] & RING_ENABLE;

	for (unsigned int i = 0; i < BLOCK_DWORDS; i++)
		moved |= i != RING_HEAD && i != RING_TAIL && now[i] != known[i];
	if (moved) {
		if (known[RING_CONTROL] & RING_ENABLE)
			reg_write(fn, offset + RING_CONTROL * 4,
				  known[RING_CONTROL] & ~RING_ENABLE);
		for (unsigned int i = 0; i < BLOCK_DWORDS; i++)
			if (i != RING_TAIL && i != RING_CONTROL && now[i] != known[i])
				reg_write(fn, offset + i * 4, now[i]);
		reg_write(fn, offset + RING_CONTROL * 4, now[RING_CONTROL]);
	}
	if (now[RING_TAIL] != known[RING_TAIL])
		doorbell_note(port, page, block_in(port, fn, offset));
	if (now[RING_TAIL] != known[RING_TAIL] || (moved && enabled))
		reg_write(fn, offset + RING_TAIL * 4, now[RING_TAIL]);
}

void
page_keep_heads(struct attach *port, struct function *fn, struct page *page,
		const uint32_t *now)
{
	uint32_t first = page_offset(port, fn, page);

	for (uint32_t i = 0; i < PAGE_DWORDS; i += BLOCK_DWORDS)
		if (block_in(port, fn, first + i * 4).is_queue)
			page->known[i + RING_HEAD] = now[i + RING_HEAD];
}

void
page_apply(struct attach *port, struct function *fn, struct page *page, const uint32_t *now)
{
	uint32_t first = page_offset(port, fn, page);

	for (uint32_t i = 0; i < PAGE_DWORDS; i += BLOCK_DWORDS) {
		if (block_in(port, fn, first + i * 4).is_queue)
			continue;
		for (uint32_t at = i; at < i + BLOCK_DWORDS; at++)
			if (now[at] != page->known[at])
				reg_write(fn, first + at * 4, now[at]);
	}
	for (uint32_t i = 0; i < PAGE_DWORDS; i += BLOCK_DWORDS)
		if (block_in(port, fn, first + i * 4).is_queue)
			apply_block(port, fn, page, i, &now[i]);
}

void
page_turn_back(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t *memory = page_memory(port, fn, page);
	uint32_t now[PAGE_DWORDS];

	if (!page->is_plain)
		return;
	allow(port, page, false);
	page->is_plain = false;
	page->tail_writes = 0;
	port->nb_plain--;
	port->counters.trap_turns++;
	memcpy(now, memory, sizeof(now));
	return_queues(port, fn, page);
	page_keep_heads(port, fn, page, now);
	memcpy(memory, page->known, PAGE_BYTES);
	page_apply(port, fn, page, now);
}

void
pages_turn_back(struct attach *port, struct function *fn)
{
	struct nic *nic = port->nic;
	int last = fn->vf == PF_INDEX ? (int)nic->family->max_vfs - 1 : fn->vf;
	int first = fn->vf == PF_INDEX ? 0 : fn->vf;

	if (port->nb_plain == 0)
		return;
	/* The PF's always: a VF's registers are at home among them. */
	for (int vf = first; vf <= last; vf++)
		for (uint32_t i = 0; i < nic->vf[vf].bar_bytes / PAGE_BYTES; i++)
			page_turn_back(port, &nic->vf[vf], port_pages(port, &nic->vf[vf]) + i);
	for (uint32_t i = 0; i < nic->pf.bar_bytes / PAGE_BYTES; i++)
		page_turn_back(port, &nic->pf, port_pages(port, &nic->pf) + i);
}

/** Counters of a VF run on where software sees them. The PF's begin anew at each read. */
static void
refresh(struct attach *port, struct function *fn, struct page *page)
{
	uint32_t first = page_offset(port, fn, page);
	uint32_t *memory = page_memory(port, fn, page);

	for (unsigned int i = 0; i < page->nb_running; i++) {
		uint32_t at = page->running[i];

		page->known[at] = reg_peek(fn, first + at * 4);
		memory[at] = page->known[at];
	}
}

/** A change that no doorbell announces. */
static bool
changed_elsewhere(struct attach *port, struct function *fn, struct page *page)
{
	const volatile uint32_t *memory = page_memory(port, fn, page);
	uint32_t first = page_offset(port, fn, page);

	refresh(port, fn, page);
	for (uint32_t at = 0; at < PAGE_DWORDS; at++) {
		uint32_t in_block = at % BLOCK_DWORDS;

		if (memory[at] == page->known[at])
			continue;
		if (in_block == RING_TAIL && page->taken & 1ull << at / BLOCK_DWORDS)
			continue;
		if (in_block == RING_HEAD && block_in(port, fn, first + at * 4).is_queue)
			continue;
		return true;
	}
	return false;
}

bool
page_needs_turn(struct attach *port, struct function *fn, struct page *page, bool all)
{
	const volatile uint32_t *memory = page_memory(port, fn, page);

	for (uint64_t left = page->taken; left != 0; left &= left - 1) {
		uint32_t at = __builtin_ctzll(left) * BLOCK_DWORDS + RING_CONTROL;

		if (memory[at] != page->known[at])
			return true;
	}
	return all && changed_elsewhere(port, fn, page);
}
