/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "port.h"
#include "regfile.h"
#include "window.h"

#define UNWRITTEN   UINT32_MAX	/* no interval: reserved bits are set in it */
#define DRIVERS_OWN UINT32_C(0xffff0001)	/* vector 0; what is no queue's */

/** Where software arms, masks and clears vectors, and spaces them; sheets, 6. */
struct window_registers {
	const char *family;
	uint32_t arm[2], mask[2], clear;	/* 0 in arm and mask: there is but one */
	uint32_t armed;				/* shows which are */
	uint32_t interval;			/* of vector 0, then 1 */
};

static const struct window_registers registers[] = {
	{ .family = "82576", .arm = { 0x1524 }, .mask = { 0x1528 }, .clear = 0x1580,
	  .armed = 0x1524, .interval = 0x1680 },
	{ .family = "82599", .arm = { 0x0aa0, 0x0880 }, .mask = { 0x0ab0, 0x0888 },
	  .clear = 0x0800, .armed = 0x0880, .interval = 0x0820 },
};

/** A register as software sees it. */
static _Atomic uint32_t *
at(const struct window *window, uint32_t offset)
{
	return (_Atomic uint32_t *)(window->attach->software_view + offset);
}

static void
add_page(struct window *window, uint32_t offset)
{
	offset -= offset % PAGE_BYTES;
	for (unsigned int i = 0; i < window->nb_pages; i++)
		if (window->page[i] == offset)
			return;
	window->page[window->nb_pages++] = offset;
}

static void
choose_pages(struct window *window)
{
	const struct window_registers *regs = window->registers;
	const struct nic *nic = window->attach->nic;

	window->nb_pages = 0;
	add_page(window, nic->family->rx_block(window->queue));
	add_page(window, nic->family->tx_block(window->queue));
	add_page(window, regs->arm[0]);
	add_page(window, regs->interval);
}

static int
find_queue(struct window *window)
{
	const struct nic *nic = window->attach->nic;

	for (window->queue = 0; window->queue < nic->family->nb_queues; window->queue++)
		if (nic->rxq[window->queue].enabled && nic->txq[window->queue].enabled)
			return 0;
	window->queue = 0;
	return -ENODEV;
}

/** All that is a command reads 0, as it does before one is given. */
static void
clear_commands(struct window *window)
{
	const struct window_registers *regs = window->registers;

	for (unsigned int i = 0; i < 2 && regs->arm[i] != 0; i++) {
		atomic_store(at(window, regs->arm[i]), 0);
		atomic_store(at(window, regs->mask[i]), 0);
	}
	atomic_store(at(window, regs->clear), 0);
	for (uint32_t v = 0; v < WINDOW_VECTORS; v++)
		atomic_store(at(window, regs->interval + 4 * v), UNWRITTEN);
}

/** Let queue 0 be looked at here, or at home. */
static void
move_queue(struct window *window, bool here)
{
	struct nic *nic = window->attach->nic;
	uint32_t offset[] = {
		nic->family->rx_block(window->queue), nic->family->tx_block(window->queue),
	};
	volatile uint32_t **block[] = {
		&nic->rxq[window->queue].block, &nic->txq[window->queue].block,
	};

	for (unsigned int i = 0; i < 2; i++) {
		volatile uint32_t *software = (volatile uint32_t *)at(window, offset[i]);
		volatile uint32_t *home = pf_csr(nic, offset[i]);

		if (!here) {
			home[RING_HEAD] = software[RING_HEAD];
			home[RING_TAIL] = software[RING_TAIL];
		}
		*block[i] = here ? software : home;
	}
}

/** Memory of its own for a page, or the file's, where accesses trap. */
static int
map_page(const struct window *window, uint32_t offset, bool plain)
{
	uint8_t *address = window->attach->software_view + offset;
	void *page = plain ?
		mmap(address, PAGE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) :
		mmap(address, PAGE_BYTES, PROT_NONE, MAP_SHARED | MAP_FIXED,
		     window->attach->memfd, offset);

	if (page == MAP_FAILED)
		return -errno;
	if (plain)
		memcpy(page, window->attach->model_view + offset, PAGE_BYTES);
	return 0;
}

int
window_open(struct window *window, struct attach *attach)
{
	int rc;

	*window = (struct window){ .attach = attach };
	for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (strcmp(registers[i].family, attach->nic->family->name) == 0)
			window->registers = &registers[i];
	if (window->registers == NULL)
		return -ENOTSUP;
	rc = find_queue(window);
	if (rc < 0)
		return rc;
	choose_pages(window);
	for (unsigned int i = 0; i < window->nb_pages && rc == 0; i++)
		rc = map_page(window, window->page[i], true);
	if (rc < 0) {
		for (unsigned int i = 0; i < window->nb_pages; i++)
			map_page(window, window->page[i], false);
		return rc;
	}
	clear_commands(window);
	move_queue(window, true);
	window->open = true;
	return 0;
}

void
window_close(struct window *window)
{
	if (!window->open)
		return;
	window_look(window);
	move_queue(window, false);
	for (unsigned int i = 0; i < window->nb_pages; i++)
		map_page(window, window->page[i], false);
	window->open = false;
}

static uint32_t
take(const struct window *window, uint32_t offset, uint32_t unwritten)
{
	_Atomic uint32_t *reg = at(window, offset);

	/* Looking does not take the line away from who writes there. */
	if (offset == 0 || atomic_load_explicit(reg, memory_order_acquire) == unwritten)
		return unwritten;
	return atomic_exchange(reg, unwritten);
}

static void
give(struct window *window, uint32_t offset, uint32_t value)
{
	if (value != 0)
		reg_write(&window->attach->nic->pf, offset, value);
}

/*
 * Read in the reverse order of what software does before it sleeps (interval, clear, arm): where
 * the last of it is seen, so is the rest.
 */
void
window_look(struct window *window)
{
	const struct window_registers *regs = window->registers;
	uint32_t arm[2], mask[2], clear, interval;

	if (!window->open)
		return;
	for (unsigned int i = 0; i < 2; i++)
		arm[i] = take(window, regs->arm[i], 0);
	for (unsigned int i = 0; i < 2; i++)
		mask[i] = take(window, regs->mask[i], 0);
	clear = take(window, regs->clear, 0);
	for (uint32_t v = 0; v < WINDOW_VECTORS; v++) {
		interval = take(window, regs->interval + 4 * v, UNWRITTEN);
		if (interval != UNWRITTEN)
			reg_write(&window->attach->nic->pf, regs->interval + 4 * v, interval);
	}
	for (unsigned int i = 0; i < 2; i++)
		give(window, regs->mask[i], mask[i]);
	give(window, regs->clear, clear);
	for (unsigned int i = 0; i < 2; i++)
		give(window, regs->arm[i], arm[i]);
}

bool
window_armed(const struct window *window)
{
	const struct window_registers *regs = window->registers;

	return window->open &&
	       (reg_peek(&window->attach->nic->pf, regs->armed) & ~DRIVERS_OWN) != 0;
}
