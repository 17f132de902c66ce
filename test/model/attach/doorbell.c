/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "far.h"
#include "port.h"
#include "regfile.h"

void
doorbell_note(struct attach *port, struct page *page, struct block block)
{
	(block.is_tx ? port->tx_page : port->rx_page)[block.queue] = page;
}

static void
forget_tail_writes(struct attach *port, struct function *fn)
{
	for (uint32_t i = 0; i < fn->bar_bytes / PAGE_BYTES; i++)
		port_pages(port, fn)[i].tail_writes = 0;
}

/** A steady run of tail writes makes the page plain. */
static void
count_tail_write(struct attach *port, struct function *fn, struct page *page)
{
	const struct software *software = port_software(port, fn);
	uint64_t now;

	if (software->doorbell != DOORBELL_POLL || !port->has_thread)
		return;
	now = nic_now_ns(port->nic);
	if (page->tail_writes == 0 || now - page->first_ns > PLAIN_NS) {
		page->tail_writes = 0;
		page->first_ns = now;
	}
	if (++page->tail_writes >= PLAIN_AFTER) {
		page->tail_writes = 0;
		if (software->far != NULL)
			far_turn_plain(software->far, page);
		else
			page_turn_plain(port, fn, page);
	}
}

/** The home of a VF's tail may be in a plain page of the PF: no news there. */
static void
know_home(struct attach *port, uint32_t home)
{
	struct page *page = port_pages(port, &port->nic->pf) + home / PAGE_BYTES;

	if (page->is_plain)
		page->known[home % PAGE_BYTES / 4] = *pf_csr(port->nic, home);
}

static void
ring(struct attach *port, struct function *fn, uint32_t offset, uint32_t value, uint32_t home)
{
	struct page *page = port_pages(port, fn) + offset / PAGE_BYTES;

	doorbell_note(port, page, block_at(port, home));
	port->rung = true;
	reg_write(fn, offset, value);
	know_home(port, home);
	if (port_software(port, fn)->doorbell == DOORBELL_TRAP)
		thread_run_now(port);
	count_tail_write(port, fn, page);
}

uint32_t
doorbell_read(struct attach *port, struct function *fn, uint32_t offset)
{
	pages_turn_back(port, fn);
	return reg_read(fn, offset);
}

static bool
is_tail(const struct attach *port, uint32_t home)
{
	return block_at(port, home).is_queue && home % BLOCK_BYTES == RING_TAIL * 4;
}

bool
doorbell_is(struct attach *port, struct function *fn, uint32_t offset)
{
	return is_tail(port, block_pf_offset(fn, offset));
}

void
doorbell_write(struct attach *port, struct function *fn, uint32_t offset, uint32_t value)
{
	uint32_t home = block_pf_offset(fn, offset);
	struct block block = block_at(port, home);
	struct nic *nic = port->nic;

	if (is_tail(port, home) && *block_pointer(nic, block) == block_home(nic, block)) {
		ring(port, fn, offset, value, home);
		return;
	}
	pages_turn_back(port, fn);
	forget_tail_writes(port, fn);
	reg_write(fn, offset, value);
}

static void
watch_function(struct attach *port, struct function *fn, bool all)
{
	struct page *page = port_pages(port, fn);

	for (uint32_t i = 0; i < fn->bar_bytes / PAGE_BYTES; i++, page++)
		if (page->is_plain && page_needs_turn(port, fn, page, all))
			page_turn_back(port, fn, page);
}

void
doorbells_watch(struct attach *port, bool all)
{
	struct nic *nic = port->nic;

	far_look(port, all);
	if (port->nb_plain == 0)
		return;
	watch_function(port, &nic->pf, all);
	for (unsigned int vf = 0; vf < nic->nb_vfs; vf++)
		watch_function(port, &nic->vf[vf], all);
}
