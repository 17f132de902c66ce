/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>
#include <time.h>

#include "mailbox_model.h"

/* 82576 sheet, 7.1, first table: P2VMAILBOX. */
enum {
	PF_CTRL_STS = 0x01,
	PF_CTRL_ACK = 0x02,
	PF_CTRL_VFU = 0x04,
	PF_CTRL_PFU = 0x08,
	PF_CTRL_RVFU = 0x10,
};

/* Second table: V2PMAILBOX. */
enum {
	VF_CTRL_REQ = 0x01,
	VF_CTRL_ACK = 0x02,
	VF_CTRL_VFU = 0x04,
	VF_CTRL_PFU = 0x08,
	VF_CTRL_PFSTS = 0x10,
	VF_CTRL_PFACK = 0x20,
	VF_CTRL_RSTI = 0x40,
	VF_CTRL_RSTD = 0x80,
};

void
model_create(struct mailbox_model *model)
{
	memset(model, 0, sizeof(*model));
	pthread_mutex_init(&model->lock, NULL);
}

void
model_free(struct mailbox_model *model)
{
	pthread_mutex_destroy(&model->lock);
}

static uint32_t
pf_read_control(void *ctx)
{
	struct mailbox_model *model = ctx;
	uint32_t value;

	pthread_mutex_lock(&model->lock);
	value = (model->vf_owns ? PF_CTRL_VFU : 0) | (model->pf_owns ? PF_CTRL_PFU : 0);
	if (model->gone)
		value = 0xffffffff;
	pthread_mutex_unlock(&model->lock);
	return value;
}

static void
pf_write_control(void *ctx, uint32_t value)
{
	struct mailbox_model *model = ctx;

	pthread_mutex_lock(&model->lock);
	if (value & PF_CTRL_STS)
		model->message = true;
	if (value & PF_CTRL_ACK)
		model->acknowledged = true;
	if (value & PF_CTRL_RVFU)
		model->vf_owns = false;
	/* Taking it fails silently while the VF owns it; not asking for it gives it back. */
	model->pf_owns = (value & PF_CTRL_PFU) != 0 && !model->vf_owns;
	pthread_mutex_unlock(&model->lock);
}

static uint32_t
pf_read_word(void *ctx, uint8_t word)
{
	struct mailbox_model *model = ctx;
	uint32_t value;

	pthread_mutex_lock(&model->lock);
	if (!model->pf_owns)
		model->unlocked++;
	model->reads[word]++;
	value = model->gone ? 0xffffffff : model->buffer[word];
	pthread_mutex_unlock(&model->lock);
	return value;
}

static void
pf_write_word(void *ctx, uint8_t word, uint32_t value)
{
	struct mailbox_model *model = ctx;

	pthread_mutex_lock(&model->lock);
	if (!model->pf_owns)
		model->unlocked++;
	model->buffer[word] = value;
	pthread_mutex_unlock(&model->lock);
}

static bool
pf_request_pending(void *ctx)
{
	struct mailbox_model *model = ctx;
	bool pending;

	pthread_mutex_lock(&model->lock);
	pending = model->vf_request;
	pthread_mutex_unlock(&model->lock);
	return pending;
}

static uint32_t
vf_read_control(void *ctx)
{
	struct mailbox_model *model = ctx;
	uint32_t value = 0;

	pthread_mutex_lock(&model->lock);
	value |= model->vf_owns ? VF_CTRL_VFU : 0;
	value |= model->pf_owns ? VF_CTRL_PFU : 0;
	value |= model->message ? VF_CTRL_PFSTS : 0;
	value |= model->acknowledged ? VF_CTRL_PFACK : 0;
	value |= model->resetting ? VF_CTRL_RSTI : 0;
	value |= model->reset_done ? VF_CTRL_RSTD : 0;
	model->message = false;
	model->acknowledged = false;
	model->reset_done = false;
	if (model->dead)
		value = 0;
	if (model->gone)
		value = 0xffffffff;
	pthread_mutex_unlock(&model->lock);
	return value;
}

static void
vf_write_control(void *ctx, uint32_t value)
{
	struct mailbox_model *model = ctx;

	pthread_mutex_lock(&model->lock);
	if (!model->dead) {
		if (value & VF_CTRL_REQ)
			model->vf_request = true;
		if (value & VF_CTRL_ACK)
			model->vf_ack = true;
		model->vf_owns = (value & VF_CTRL_VFU) != 0 && !model->pf_owns;
	}
	pthread_mutex_unlock(&model->lock);
}

static uint32_t
vf_read_word(void *ctx, uint8_t word)
{
	struct mailbox_model *model = ctx;
	uint32_t value;

	pthread_mutex_lock(&model->lock);
	if (!model->vf_owns)
		model->unlocked++;
	value = model->gone ? 0xffffffff : model->buffer[word];
	pthread_mutex_unlock(&model->lock);
	return value;
}

static void
vf_write_word(void *ctx, uint8_t word, uint32_t value)
{
	struct mailbox_model *model = ctx;

	pthread_mutex_lock(&model->lock);
	if (!model->vf_owns)
		model->unlocked++;
	model->buffer[word] = value;
	pthread_mutex_unlock(&model->lock);
}

static void
delay_us(void *ctx, unsigned int us)
{
	struct mailbox_model *model = ctx;

	if (model->real_time) {
		struct timespec pause = { .tv_nsec = (long)us * 1000 };

		nanosleep(&pause, NULL);
		return;
	}
	model->clock_us += us;
	if (model->meanwhile != NULL)
		model->meanwhile(model);
}

struct mailbox_io
model_pf_io(struct mailbox_model *model)
{
	return (struct mailbox_io){
		.read_control = pf_read_control,
		.write_control = pf_write_control,
		.read_word = pf_read_word,
		.write_word = pf_write_word,
		.delay_us = delay_us,
		.request_pending = pf_request_pending,
		.ctx = model,
	};
}

struct mailbox_io
model_vf_io(struct mailbox_model *model)
{
	return (struct mailbox_io){
		.read_control = vf_read_control,
		.write_control = vf_write_control,
		.read_word = vf_read_word,
		.write_word = vf_write_word,
		.delay_us = delay_us,
		.ctx = model,
	};
}

static bool
take(struct mailbox_model *model, bool *bit)
{
	bool was;

	pthread_mutex_lock(&model->lock);
	was = *bit;
	*bit = false;
	pthread_mutex_unlock(&model->lock);
	return was;
}

bool
model_take_request(struct mailbox_model *model)
{
	return take(model, &model->vf_request);
}

bool
model_take_ack(struct mailbox_model *model)
{
	return take(model, &model->vf_ack);
}
