/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "far.h"
#include "regfile.h"
#include "sealed.h"
#include "slot.h"

#define FAR_PAGES_MAX 4

/** A page that is plain over there. Of struct page, known and taken are in use then. */
struct far_page {
	struct page *page;
	uint32_t first;		/**< its offset in the BAR */
	uint16_t shown[PAGE_DWORDS];	/**< which dwords are registers */
	unsigned int nb_shown;
};

struct far {
	struct attach *port;
	struct function *fn;
	/** What the other process has as well: nothing in it can be relied on. */
	uint32_t *view;
	struct slot *slot;
	bool wanted_back;
	uint32_t last_wanted;
	struct far_page page[FAR_PAGES_MAX];
	unsigned int nb_pages;
};

static uint32_t *
cell(const struct far *far, const struct far_page *page, uint32_t at)
{
	return &far->view[page->first / 4 + at];
}

static uint32_t
look(const struct far *far, const struct far_page *page, uint32_t at)
{
	return __atomic_load_n(cell(far, page, at), __ATOMIC_ACQUIRE);
}

static struct block
block_in(const struct far *far, const struct far_page *page, uint32_t at)
{
	return block_at(far->port, block_pf_offset(far->fn, page->first + at * 4));
}

static bool
is_head(const struct far *far, const struct far_page *page, uint32_t at)
{
	return at % BLOCK_DWORDS == RING_HEAD &&
	       block_in(far, page, at - RING_HEAD).is_queue;
}

/* --- What software does --- */

static void
take_queues(struct far *far, struct far_page *page)
{
	page->page->taken = 0;
	for (uint32_t at = 0; at < PAGE_DWORDS; at += BLOCK_DWORDS) {
		struct block block = block_in(far, page, at);

		if (block.is_queue && block_runs_for(far->port->nic, block, far->fn))
			page->page->taken |= 1ull << at / BLOCK_DWORDS;
	}
}

/** All that differs, in an order that software might have written it in. */
static void
do_all(struct far *far, struct far_page *page)
{
	uint32_t now[PAGE_DWORDS];

	for (uint32_t at = 0; at < PAGE_DWORDS; at++)
		now[at] = look(far, page, at);
	page_keep_heads(far->port, far->fn, page->page, now);
	page_apply(far->port, far->fn, page->page, now);
	memcpy(page->page->known, now, sizeof(now));
	far->port->rung = true;
	take_queues(far, page);
}

static void
do_tails(struct far *far, struct far_page *page)
{
	uint32_t *known = page->page->known;

	for (uint64_t left = page->page->taken; left != 0; left &= left - 1) {
		uint32_t at = __builtin_ctzll(left) * BLOCK_DWORDS + RING_TAIL;
		uint32_t tail = look(far, page, at);

		if (tail == known[at])
			continue;
		known[at] = tail;
		reg_write(far->fn, page->first + at * 4, tail);
		far->port->rung = true;
	}
}

/** A queue may have been stopped, moved and started: a tail alone is not what it seems then. */
static bool
control_changed(const struct far *far, const struct far_page *page)
{
	for (uint64_t left = page->page->taken; left != 0; left &= left - 1) {
		uint32_t at = __builtin_ctzll(left) * BLOCK_DWORDS + RING_CONTROL;

		if (look(far, page, at) != page->page->known[at])
			return true;
	}
	return false;
}

static bool
changed_elsewhere(const struct far *far, const struct far_page *page)
{
	for (uint32_t at = 0; at < PAGE_DWORDS; at++) {
		bool is_taken = page->page->taken & 1ull << at / BLOCK_DWORDS;

		if (look(far, page, at) != page->page->known[at] && !is_head(far, page, at) &&
		    !(is_taken && at % BLOCK_DWORDS == RING_TAIL))
			return true;
	}
	return false;
}

/* --- What software sees --- */

/** What software has written meanwhile stays: it has yet to be done. */
static void
show(struct far *far, struct far_page *page)
{
	uint32_t *known = page->page->known;

	for (unsigned int i = 0; i < page->nb_shown; i++) {
		uint32_t at = page->shown[i];
		uint32_t value = reg_peek(far->fn, page->first + at * 4), old = known[at];

		if (value == old)
			continue;
		if (is_head(far, page, at))
			__atomic_store_n(cell(far, page, at), value, __ATOMIC_RELEASE);
		else if (!__atomic_compare_exchange_n(cell(far, page, at), &old, value, false,
						      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		known[at] = value;
	}
}

static void
fill(struct far *far, struct far_page *page)
{
	page->nb_shown = 0;
	for (uint32_t at = 0; at < PAGE_DWORDS; at++) {
		bool is_register = far->fn->row_of[page->first / 4 + at] != 0;
		uint32_t value = is_register ? reg_peek(far->fn, page->first + at * 4) : 0;

		if (is_register)
			page->shown[page->nb_shown++] = at;
		page->page->known[at] = value;
		__atomic_store_n(cell(far, page, at), value, __ATOMIC_RELEASE);
	}
}

/* --- Turning --- */

/** Has software given back what was wanted? */
static void
settle(struct far *far)
{
	if (!far->wanted_back || !slot_is_back(far->slot, far->last_wanted))
		return;
	far->wanted_back = false;
	far_turned_back(far);
}

void
far_turn_plain(struct far *far, struct page *page)
{
	uint32_t first = (page - port_pages(far->port, far->fn)) * PAGE_BYTES;
	struct far_page *fresh;

	settle(far);
	if (far->wanted_back || far->nb_pages == FAR_PAGES_MAX || far_is_plain(far, first) ||
	    !page_may_turn(far->port, far->fn, page))
		return;
	fresh = &far->page[far->nb_pages];
	fresh->page = page;
	fresh->first = first;
	fill(far, fresh);
	take_queues(far, fresh);
	far->nb_pages++;
	far->port->nb_far++;
	far->port->counters.plain_turns++;
}

bool
far_is_plain(const struct far *far, uint32_t offset)
{
	for (unsigned int i = 0; i < far->nb_pages; i++)
		if (offset - far->page[i].first < PAGE_BYTES)
			return true;
	return false;
}

bool
far_has_plain(const struct far *far)
{
	return far->nb_pages > 0;
}

void
far_turned_back(struct far *far)
{
	for (unsigned int i = 0; i < far->nb_pages; i++) {
		far->page[i].page->tail_writes = 0;
		do_all(far, &far->page[i]);
	}
	far->port->nb_far -= far->nb_pages;
	far->port->counters.trap_turns += far->nb_pages;
	far->nb_pages = 0;
}

static void
want_back(struct far *far)
{
	if (far->nb_pages == 0 || far->wanted_back)
		return;
	far->wanted_back = true;
	far->last_wanted = slot_want_back(far->slot, far->last_wanted);
}

static void
look_at(struct far *far, bool all)
{
	settle(far);
	for (unsigned int i = 0; i < far->nb_pages; i++) {
		struct far_page *page = &far->page[i];

		if (control_changed(far, page) || (all && changed_elsewhere(far, page))) {
			do_all(far, page);
			want_back(far);
		} else {
			do_tails(far, page);
		}
		if (all)
			show(far, page);
	}
}

void
far_look_at(struct far *far)
{
	look_at(far, true);
}

static unsigned int
nb_functions(const struct attach *port)
{
	return 1 + port->nic->nb_vfs;
}

void
far_look(struct attach *port, bool all)
{
	if (port->nb_far == 0)
		return;
	for (unsigned int i = 0; i < nb_functions(port); i++)
		if (port->software[i].far != NULL)
			look_at(port->software[i].far, all);
}

void
far_want_back(struct attach *port)
{
	if (port->nb_far == 0)
		return;
	for (unsigned int i = 0; i < nb_functions(port); i++)
		if (port->software[i].far != NULL)
			want_back(port->software[i].far);
}

/* --- Life --- */

int
far_create(struct attach *port, struct function *fn, struct slot *slot, int *fd)
{
	struct far *far = calloc(1, sizeof(*far));

	if (far == NULL)
		return -ENOMEM;
	*fd = sealed_file("sluice-model-doorbells", fn->bar_bytes);
	if (*fd < 0) {
		free(far);
		return *fd;
	}
	far->port = port;
	far->fn = fn;
	far->slot = slot;
	far->view = mmap(NULL, fn->bar_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (far->view == MAP_FAILED) {
		int rc = -errno;

		close(*fd);
		free(far);
		return rc;
	}
	port_lock(port);
	port_software(port, fn)->far = far;
	port_unlock(port);
	return 0;
}

void
far_free(struct far *far)
{
	if (far == NULL)
		return;
	port_lock(far->port);
	port_software(far->port, far->fn)->far = NULL;
	far->port->nb_far -= far->nb_pages;
	port_unlock(far->port);
	munmap(far->view, far->fn->bar_bytes);
	free(far);
}
