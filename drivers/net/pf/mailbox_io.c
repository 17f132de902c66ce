/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * One VF's mailbox as the PF's registers show it (82576 sheet, 7.1).
 */
#include "pf.h"

static struct reg
control_reg(const struct pf_mailbox *mailbox)
{
	const struct pf_family *family = mailbox->pf->family;

	return (struct reg){ family->mailbox_control +
			     mailbox->vf * family->mailbox_control_stride };
}

static struct reg
word_reg(const struct pf_mailbox *mailbox, uint8_t word)
{
	const struct pf_family *family = mailbox->pf->family;

	return (struct reg){ family->mailbox_memory +
			     mailbox->vf * family->mailbox_memory_stride + 4u * word };
}

static uint32_t
read_control(void *ctx)
{
	struct pf_mailbox *mailbox = ctx;

	return reg_read(&mailbox->pf->port.io, control_reg(mailbox));
}

static void
write_control(void *ctx, uint32_t value)
{
	struct pf_mailbox *mailbox = ctx;

	reg_write(&mailbox->pf->port.io, control_reg(mailbox), value);
}

static uint32_t
read_word(void *ctx, uint8_t word)
{
	struct pf_mailbox *mailbox = ctx;

	return reg_read(&mailbox->pf->port.io, word_reg(mailbox, word));
}

static void
write_word(void *ctx, uint8_t word, uint32_t value)
{
	struct pf_mailbox *mailbox = ctx;

	reg_write(&mailbox->pf->port.io, word_reg(mailbox, word), value);
}

static void
delay_us(void *ctx __rte_unused, unsigned int us)
{
	rte_delay_us_sleep(us);
}

/*
 * Told of, or about to be; in this order, as what is fetched moves from the register to the books.
 * Whoever sends in between would write over a request that nobody has read.
 */
static bool
request_pending(void *ctx)
{
	struct pf_mailbox *mailbox = ctx;
	struct pf *pf = mailbox->pf;

	return pf->family->request_pending(pf, mailbox->vf) ||
	       (atomic_load(&pf->requests_owed) & pool_bit(mailbox->vf)) != 0;
}

struct mailbox_io
pf_mailbox_io(struct pf_mailbox *mailbox)
{
	return (struct mailbox_io){
		.read_control = read_control,
		.write_control = write_control,
		.read_word = read_word,
		.write_word = write_word,
		.delay_us = delay_us,
		.request_pending = request_pending,
		.ctx = mailbox,
	};
}
