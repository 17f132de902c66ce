/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "hostile.h"

/* Memory of one VF: two rings, then buffers. */
#define SLOTS	     32u
#define TX_RING_AT   4096u
#define TX_FRAME_AT  8192u
#define BUFFERS_AT   16384u
#define BUFFER_BYTES 2048u
#define FRAME_BYTES  60u
#define MAC_FORMAT   "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx"
#define QUEUE_ENABLE (1u << 25)
#define TX_COMMAND   (0x2bu << 24 | 3u << 20)	/* a whole frame: report, CRC, advanced data */
#define TX_CONTEXT   (0x20u << 24 | 2u << 20)	/* what the 82599 wants to know of a VF's frames: */
#define MAC_LENGTH   (14u << 9)

/* Registers of a queue, from its first one on. */
enum { BASE_LOW = 0x00, BASE_HIGH = 0x04, LENGTH = 0x08, HEAD = 0x10, TAIL = 0x18, ENABLE = 0x28 };

static void
start_queue(struct vf *vf, uint32_t block, uint32_t ring_at)
{
	set(vf, block + ENABLE, 0);
	set(vf, block + BASE_LOW, (uint32_t)(vf->zone->iova + ring_at));
	set(vf, block + BASE_HIGH, (uint32_t)((vf->zone->iova + ring_at) >> 32));
	set(vf, block + LENGTH, SLOTS * 16);
	set(vf, block + HEAD, 0);
	set(vf, block + TAIL, 0);
	set(vf, block + ENABLE, QUEUE_ENABLE);
}

/** @return the descriptor, as four words that the device may write at any time */
static volatile uint32_t *
descriptor(struct vf *vf, uint32_t ring_at, uint32_t slot)
{
	return (volatile uint32_t *)(vf->memory + ring_at) + 4 * (slot % SLOTS);
}

static void
arm(struct vf *vf, uint32_t slot)
{
	const uint64_t buffer = vf->zone->iova + BUFFERS_AT + slot % SLOTS * BUFFER_BYTES;
	volatile uint32_t *desc = descriptor(vf, 0, slot);

	desc[0] = (uint32_t)buffer;
	desc[1] = (uint32_t)(buffer >> 32);
	desc[2] = 0;
	desc[3] = 0;
}

void
do_listen(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	(void)words;
	(void)nb;
	set(vf, registers->rx + registers->rx_format, registers->rx_format_value);
	start_queue(vf, registers->rx, 0);
	for (uint32_t slot = 0; slot < SLOTS; slot++)
		arm(vf, slot);
	vf->next_rx = 0;
	set(vf, registers->rx + TAIL, SLOTS - 1);
	start_queue(vf, registers->tx, TX_RING_AT);
	vf->next_tx = 0;
}

void
do_heard(struct vf *vf, const uint32_t *words, unsigned int nb)
{
	unsigned int heard = 0;

	(void)words;
	(void)nb;
	while ((descriptor(vf, 0, vf->next_rx)[2] & 1) != 0) {
		arm(vf, vf->next_rx);
		set(vf, registers->rx + TAIL, vf->next_rx % SLOTS);
		vf->next_rx++;
		heard++;
	}
	printf(" %u", heard);
}

static volatile uint32_t *
put_descriptor(struct vf *vf, const uint32_t words[4])
{
	volatile uint32_t *desc = descriptor(vf, TX_RING_AT, vf->next_tx++);

	for (unsigned int i = 0; i < 4; i++)
		desc[i] = words[i];
	return desc;
}

void
send_frame(struct vf *vf, const char *line)
{
	const uint64_t buffer = vf->zone->iova + TX_FRAME_AT;
	const uint32_t context[4] = { MAC_LENGTH, 0, TX_CONTEXT, 0 };
	const uint32_t data[4] = { (uint32_t)buffer, (uint32_t)(buffer >> 32),
				   TX_COMMAND | FRAME_BYTES,
				   FRAME_BYTES << 14 | registers->tx_context_check };
	uint8_t *frame = vf->memory + TX_FRAME_AT;
	volatile uint32_t *desc;
	unsigned int type;

	memset(frame, 0, FRAME_BYTES);
	if (sscanf(line, MAC_FORMAT " " MAC_FORMAT " %x",
		   &frame[0], &frame[1], &frame[2], &frame[3],
		   &frame[4], &frame[5], &frame[6], &frame[7], &frame[8], &frame[9], &frame[10],
		   &frame[11], &type) != 13)
		errx(EX_USAGE, "send %s", line);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	(void)put_descriptor(vf, context);
	desc = put_descriptor(vf, data);
	set(vf, registers->tx + TAIL, vf->next_tx % SLOTS);
	/* The model does it within the write of the tail, or not at all. */
	printf(" %u", desc[3] & 1);
}
