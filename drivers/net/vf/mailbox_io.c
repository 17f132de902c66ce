/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_cycles.h>

#include "vf.h"

static uint32_t
read_control(void *ctx)
{
	const struct vf *vf = ctx;

	return vf_read(vf, vf->family->mailbox);
}

static void
write_control(void *ctx, uint32_t value)
{
	const struct vf *vf = ctx;

	vf_write(vf, vf->family->mailbox, value);
}

static struct reg
word_reg(const struct vf *vf, uint8_t word)
{
	return (struct reg){ vf->family->mailbox_memory.offset + word * sizeof(uint32_t) };
}

static uint32_t
read_word(void *ctx, uint8_t word)
{
	const struct vf *vf = ctx;

	return vf_read(vf, word_reg(vf, word));
}

static void
write_word(void *ctx, uint8_t word, uint32_t value)
{
	const struct vf *vf = ctx;

	vf_write(vf, word_reg(vf, word), value);
}

static void
delay_us(void *ctx, unsigned int us)
{
	RTE_SET_USED(ctx);
	rte_delay_us_sleep(us);
}

void
vf_mailbox_init(struct vf *vf)
{
	vf->channel = (struct vf_channel){
		.io = {
			.read_control = read_control,
			.write_control = write_control,
			.read_word = read_word,
			.write_word = write_word,
			.delay_us = delay_us,
			.ctx = vf,
		},
	};
}
