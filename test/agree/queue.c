/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <string.h>

#include <rte_atomic.h>
#include <rte_hash_crc.h>

#include "frame.h"
#include "regs.h"

#define NB_BUFFERS	(NB_DESCRIPTORS - 8)
#define DD		BIT(0)
#define TX_DATA		(3u << 20 | BIT(29))	/* DTYP, DEXT */
#define TX_EOP		BIT(24)
#define TX_IFCS		BIT(25)
#define TX_RS		BIT(27)
#define PAYLEN_SHIFT	14

static uint32_t
low(uint64_t address)
{
	return (uint32_t)address;
}

static void
arm(struct queue_pair *q, unsigned int slot)
{
	const uint64_t buffer = q->rx_buffers_iova + slot * RX_BUFFER_BYTES;

	memset(q->rx_buffers + slot * RX_BUFFER_BYTES, 0xee, RX_BUFFER_BYTES);
	q->rx[slot][0] = low(buffer);
	q->rx[slot][1] = buffer >> 32;
	q->rx[slot][2] = q->rx[slot][3] = 0;
}

static void
set_ring(struct port_under_test *port, enum function_id fn, uint32_t base, uint64_t iova)
{
	reg_write(port, fn, base + Q_CONTROL, 0);
	reg_write(port, fn, base + Q_BAL, low(iova));
	reg_write(port, fn, base + Q_BAH, iova >> 32);
	reg_write(port, fn, base + Q_LEN, NB_DESCRIPTORS * 16);
	reg_write(port, fn, base + Q_HEAD, 0);
	reg_write(port, fn, base + Q_TAIL, 0);
}

void
queue_start(struct port_under_test *port, enum function_id fn, const struct queue_setup *setup)
{
	struct queue_pair *q = &port->queue[fn];
	const uint64_t head_at = setup->head_at;

	q->rx_next = q->tx_next = 0;
	set_ring(port, fn, q->rx_base, q->rx_iova);
	set_ring(port, fn, q->tx_base, q->tx_iova);
	for (unsigned int i = 0; i < NB_DESCRIPTORS; i++) {
		arm(q, i);
		q->tx[i][0] = q->tx[i][1] = q->tx[i][2] = q->tx[i][3] = 0;
	}
	reg_write(port, fn, q->rx_base + Q_SRRCTL, setup->srrctl != 0 ? setup->srrctl :
		  SRRCTL_ONE_BUFFER | SRRCTL_DROP_EN | RX_BUFFER_BYTES >> 10);
	reg_write(port, fn, q->tx_base + Q_TDWBAH, head_at >> 32);
	reg_write(port, fn, q->tx_base + Q_TDWBAL, head_at == 0 ? 0 : low(head_at) | 1);
	reg_write(port, fn, q->rx_base + Q_CONTROL, CONTROL_ENABLE);
	reg_write(port, fn, q->tx_base + Q_CONTROL, CONTROL_ENABLE);
	rte_io_wmb();	/* descriptors are there before the tail vouches for them */
	reg_write(port, fn, q->rx_base + Q_TAIL,
		  setup->nb_buffers != 0 ? setup->nb_buffers : NB_BUFFERS);
}

static volatile uint32_t *
next_tx(struct queue_pair *q)
{
	return q->tx[q->tx_next++ % NB_DESCRIPTORS];
}

static void
put_data(struct queue_pair *q, unsigned int from, unsigned int bytes, bool last,
	 const struct tx_request *request, uint32_t olinfo)
{
	volatile uint32_t *desc = next_tx(q);
	const uint64_t at = q->tx_buffers_iova + from;
	const uint32_t end = last ? TX_EOP | (request->silent ? 0 : TX_RS) : 0;

	desc[0] = low(at);
	desc[1] = at >> 32;
	desc[2] = bytes | TX_IFCS | end | (request->legacy ? 0 : TX_DATA) | request->dcmd;
	desc[3] = request->legacy ? 0 : olinfo;
}

void
queue_send(struct port_under_test *port, enum function_id fn, const struct frame *frame,
	   const struct tx_request *request)
{
	static const struct tx_request plain;
	struct queue_pair *q = &port->queue[fn];
	unsigned int first;
	uint32_t payload;

	if (request == NULL)
		request = &plain;
	memcpy(q->tx_buffers, frame->data, frame->bytes);
	if (request->context) {
		volatile uint32_t *desc = next_tx(q);

		for (unsigned int i = 0; i < 4; i++)
			desc[i] = request->context_dw[i];
	}
	payload = request->payload != 0 ? request->payload : frame->bytes;
	first = request->split != 0 ? request->split : frame->bytes;
	put_data(q, 0, first, first == frame->bytes, request,
		 payload << PAYLEN_SHIFT | request->popts);
	if (first < frame->bytes)
		put_data(q, first, frame->bytes - first, true, request,
			 payload << PAYLEN_SHIFT | request->popts);
	rte_io_wmb();	/* as above */
	reg_write(port, fn, q->tx_base + Q_TAIL, q->tx_next % NB_DESCRIPTORS);
	/* A store may be under way still; a read waits for it. */
	reg_read(port, fn, q->tx_base + Q_TAIL);
}

void
queue_send_observed(struct port_under_test *port, enum function_id fn, const struct frame *frame,
		    const struct tx_request *request, const char *what)
{
	struct queue_pair *q = &port->queue[fn];
	const volatile uint32_t *desc;

	queue_send(port, fn, frame, request);
	desc = q->tx[(q->tx_next - 1) % NB_DESCRIPTORS];
	observe(port, desc[3] & DD, "%s: sent", what);
	observe(port, reg_read(port, fn, q->tx_base + Q_HEAD), "%s: TDH", what);
}

static void
observe_frame(struct port_under_test *port, enum function_id fn, unsigned int number,
	      const char *what)
{
	static const char *const name[NB_FUNCTIONS] = { "VF0", "VF1", "PF" };
	struct queue_pair *q = &port->queue[fn];
	const unsigned int slot = q->rx_next % NB_DESCRIPTORS;
	const volatile uint32_t *desc = q->rx[slot];
	const unsigned int bytes = desc[3] & 0xffff;

	observe(port, desc[0], "%s: %s %u type", what, name[fn], number);
	observe(port, desc[1], "%s: %s %u hash", what, name[fn], number);
	observe(port, desc[2], "%s: %s %u status", what, name[fn], number);
	observe(port, bytes, "%s: %s %u length", what, name[fn], number);
	observe(port, desc[3] >> 16, "%s: %s %u tag", what, name[fn], number);
	observe(port, rte_hash_crc(q->rx_buffers + slot * RX_BUFFER_BYTES,
				   RTE_MIN(bytes, (unsigned int)RX_BUFFER_BYTES), 0),
		"%s: %s %u content", what, name[fn], number);
}

/** Descriptors that have come back go to the ring's end again. */
static bool
take(struct port_under_test *port, enum function_id fn, unsigned int number, const char *what)
{
	struct queue_pair *q = &port->queue[fn];
	unsigned int slot = q->rx_next % NB_DESCRIPTORS;

	if (!(q->rx[slot][2] & DD))
		return false;
	rte_io_rmb();	/* DD is read before what it vouches for */
	if (what != NULL)
		observe_frame(port, fn, number, what);
	arm(q, slot);
	q->rx_next++;
	return true;
}

static unsigned int
take_all(struct port_under_test *port, enum function_id fn, const char *what)
{
	struct queue_pair *q = &port->queue[fn];
	unsigned int nb = 0;

	while (nb < NB_DESCRIPTORS && take(port, fn, nb, what))
		nb++;
	if (nb != 0) {
		rte_io_wmb();	/* descriptors before the tail */
		reg_write(port, fn, q->rx_base + Q_TAIL,
			  (q->rx_next + NB_BUFFERS) % NB_DESCRIPTORS);
	}
	return nb;
}

void
queue_receive(struct port_under_test *port, enum function_id fn, const char *what)
{
	take_all(port, fn, what);
}

const uint8_t *
queue_peek(const struct port_under_test *port, enum function_id fn, unsigned int number)
{
	const struct queue_pair *q = &port->queue[fn];
	const unsigned int slot = (q->rx_next + number) % NB_DESCRIPTORS;

	return q->rx[slot][2] & DD ? q->rx_buffers + slot * RX_BUFFER_BYTES : NULL;
}

unsigned int
queue_count(struct port_under_test *port, enum function_id fn)
{
	return take_all(port, fn, NULL);
}

void
receivers(struct port_under_test *port, const char *what)
{
	uint32_t digits = 0;

	for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++)
		digits |= RTE_MIN(queue_count(port, fn), 15u) << (4 * fn);
	observe(port, digits, "%s", what);
}
