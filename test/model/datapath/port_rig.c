/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "port_rig.h"

#define RX_BLOCKS    0x1000
#define TX_BLOCKS    0x6000
#define BLOCK_BYTES  0x40
#define BAR_BYTES    0x20000
#define BUFFER_BYTES 2048

struct rig_causes rig_causes;

static uint32_t
rx_block(uint16_t q)
{
	return RX_BLOCKS + q * BLOCK_BYTES;
}

static uint32_t
tx_block(uint16_t q)
{
	return TX_BLOCKS + q * BLOCK_BYTES;
}

static uint16_t
vf_queue(const struct nic *nic, unsigned int vf, unsigned int i)
{
	return i < RIG_QUEUES_PER_POOL ? (uint16_t)(vf * RIG_QUEUES_PER_POOL + i) :
					 nic->family->nb_queues;
}

static void
reset(struct nic *nic, enum reset_kind kind, unsigned int vf)
{
	(void)nic;
	(void)kind;
	(void)vf;
}

static void
rx_cause(struct nic *nic, struct rx_queue *q)
{
	(void)nic;
	rig_causes.rx[q->index]++;
}

static void
rx_low_cause(struct nic *nic, struct rx_queue *q)
{
	rig_causes.rx_low[q->index]++;
	rx_cause(nic, q);
}

static void
tx_cause(struct nic *nic, struct tx_queue *q)
{
	(void)nic;
	rig_causes.tx[q->index]++;
}

static void
link_cause(struct nic *nic)
{
	(void)nic;
}

static void
missed_cause(struct nic *nic)
{
	(void)nic;
	rig_causes.missed++;
}

static void
mdd_cause(struct nic *nic, uint16_t queue, bool rx)
{
	(void)nic;
	(void)queue;
	if (rx)
		rig_causes.mdd_rx++;
	else
		rig_causes.mdd_tx++;
}

static void
vector_fired(struct function *fn, unsigned int vector)
{
	(void)fn;
	(void)vector;
}

static const struct nic_family rig_family = {
	.name = "rig",
	.pf_bar_bytes = BAR_BYTES,
	.vf_bar_bytes = 0x4000,
	.pf_vectors = 4,
	.vf_vectors = 3,
	.nb_queues = NIC_QUEUES_MAX,
	.nb_pools = NIC_POOLS_MAX,
	.max_vfs = 8,
	.nb_rars = NIC_RARS_MAX,
	.nb_vlvfs = NIC_VLVFS_MAX,
	.link_mbps = 10000,
	.rxd = {
		.error_l4 = RIG_ERROR_L4, .error_ip = RIG_ERROR_IP, .error_rxe = RIG_ERROR_RXE,
		.loopback = RIG_LOOPBACK, .ip_id = RIG_IP_ID,
	},
	.rx_block = rx_block,
	.tx_block = tx_block,
	.vf_queue = vf_queue,
	.reset = reset,
	.rx_cause = rx_cause,
	.rx_low_cause = rx_low_cause,
	.tx_cause = tx_cause,
	.link_cause = link_cause,
	.missed_cause = missed_cause,
	.mdd_cause = mdd_cause,
	.vector_fired = vector_fired,
};

static unsigned int
rig_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct rig_wire *kept = (struct rig_wire *)wire;

	if (kept->meanwhile != NULL)
		kept->meanwhile();
	for (unsigned int i = 0; i < nb && kept->nb_sent < RIG_KEPT; i++) {
		struct kept_frame *to = &kept->sent[kept->nb_sent++];

		to->len = frame[i].len;
		memcpy(to->data, frame[i].data, frame[i].len);
	}
	return nb;
}

static unsigned int
rig_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct rig_wire *kept = (struct rig_wire *)wire;
	unsigned int i;

	for (i = 0; i < nb && kept->next_in < kept->nb_in; i++, kept->next_in++) {
		frame[i].data = kept->in[kept->next_in].data;
		frame[i].len = kept->in[kept->next_in].len;
	}
	if (kept->next_in == kept->nb_in)
		kept->next_in = kept->nb_in = 0;
	return i;
}

static const struct wire_ops rig_wire_ops = { .name = "rig", .send = rig_send, .recv = rig_recv };

static void
set_defaults(struct nic *nic)
{
	nic->port = (struct port_state){
		.rx_enabled = true, .tx_enabled = true, .link_up = true, .link_mbps = 10000,
		.max_frame = 1518, .strip_crc = true, .check_ip = true, .check_l4 = true,
		.pad_tx = true,
	};
	nic->filters.vlan_etype = nic->filters.tx_vlan_etype = 0x8100;
	nic->filters.accept_broadcast = true;
	nic->pf.present = nic->pf.bus_master = true;
	nic->pf.dma.identity = true;
	for (unsigned int vf = 0; vf < nic->family->max_vfs; vf++) {
		nic->vf[vf].present = nic->vf[vf].bus_master = true;
		nic->vf[vf].dma.identity = true;
	}
	nic_changed(nic);
}

struct rig *
rig_create(struct wire *wire)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct nic_config config = { 0 };

	if (rig == NULL)
		abort();
	memset(&rig_causes, 0, sizeof(rig_causes));
	rig->family = rig_family;
	if (wire == NULL) {
		rig->wire = calloc(1, sizeof(*rig->wire));
		if (rig->wire == NULL)
			abort();
		rig->wire->wire.ops = &rig_wire_ops;
		rig->wire->wire.mbps = 10000;
		wire = &rig->wire->wire;
	}
	config.family = &rig->family;
	config.wire = wire;
	config.manual_clock = true;
	rig->nic = nic_create(&config);
	if (rig->nic == NULL)
		abort();
	set_defaults(rig->nic);
	return rig;
}

void
rig_free(struct rig *rig)
{
	for (unsigned int q = 0; q < NIC_QUEUES_MAX; q++) {
		free(rig->rx[q].desc);
		free(rig->rx[q].buffers);
		free(rig->tx[q].desc);
		free(rig->tx[q].buffers);
	}
	nic_free(rig->nic);
	free(rig->wire);
	free(rig);
}

int
rig_setup(void **state)
{
	*state = rig_create(NULL);
	return 0;
}

int
rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

const uint8_t *
rig_mac(unsigned int p)
{
	static uint8_t mac[NIC_POOLS_MAX][MAC_LEN];

	memcpy(mac[p], (const uint8_t[]){ 0x02, 0, 0, 0, 0x10, (uint8_t)p }, MAC_LEN);
	return mac[p];
}

struct pool *
rig_pool(struct rig *rig, unsigned int p)
{
	struct pool *pool = &rig->nic->pool[p];

	pool->rx_enabled = pool->tx_enabled = true;
	pool->accept_untagged = pool->accept_broadcast = true;
	pool->first_queue = (uint16_t)(p * RIG_QUEUES_PER_POOL);
	pool->queue_step = 1;
	pool->nb_queues = 1;
	nic_changed(rig->nic);
	return pool;
}

void
rig_address(struct rig *rig, unsigned int i, const uint8_t mac[MAC_LEN], uint64_t pools)
{
	struct rar *rar = &rig->nic->filters.rar[i];

	memcpy(rar->mac, mac, MAC_LEN);
	rar->pools = pools;
	rar->valid = true;
	nic_changed(rig->nic);
}

void
rig_vlan(struct rig *rig, unsigned int i, uint16_t vid, uint64_t pools)
{
	rig->nic->filters.vlvf[i] = (struct vlvf){ .valid = true, .vlan = vid, .pools = pools };
	rig->nic->filters.vfta[vid / 32] |= 1u << (vid % 32);
	nic_changed(rig->nic);
}

void
rig_virtualise(struct rig *rig, unsigned int nb_pools)
{
	struct filters *filters = &rig->nic->filters;

	filters->virtualised = filters->loopback = filters->replicate = true;
	filters->vlan_filter = filters->drop_unmatched = true;
	for (unsigned int p = 0; p < nb_pools; p++) {
		rig_pool(rig, p);
		rig_address(rig, p, rig_mac(p), 1ULL << p);
	}
	nic_changed(rig->nic);
}

struct rx_ring *
rig_rx(struct rig *rig, unsigned int q, struct function *owner, uint32_t nb_desc)
{
	struct rx_ring *ring = &rig->rx[q];
	struct rx_queue *queue = &rig->nic->rxq[q];

	ring->q = queue;
	ring->desc = calloc(nb_desc, 16);
	ring->buffers = calloc(nb_desc, RIG_RX_STRIDE);
	if (ring->desc == NULL || ring->buffers == NULL)
		abort();
	queue->owner = owner;
	queue->base = (uintptr_t)ring->desc;
	queue->nb_desc = nb_desc;
	queue->buffer_bytes = BUFFER_BYTES;
	queue->desc_type = RX_ONE_BUFFER;
	queue->drop_en = true;
	queue->block[RING_CONTROL] = RING_ENABLE;
	queue->enabled = true;
	return ring;
}

struct tx_ring *
rig_tx(struct rig *rig, unsigned int q, struct function *owner, uint32_t nb_desc)
{
	struct tx_ring *ring = &rig->tx[q];
	struct tx_queue *queue = &rig->nic->txq[q];

	ring->q = queue;
	ring->desc = calloc(nb_desc, 16);
	ring->buffers = calloc(nb_desc, RIG_TX_STRIDE);
	if (ring->desc == NULL || ring->buffers == NULL)
		abort();
	queue->owner = owner;
	queue->base = (uintptr_t)ring->desc;
	queue->nb_desc = nb_desc;
	queue->pool = (uint8_t)(q / RIG_QUEUES_PER_POOL);
	queue->block[RING_CONTROL] = RING_ENABLE;
	queue->enabled = true;
	return ring;
}

void
rx_give(struct rx_ring *ring, uint32_t nb)
{
	struct rx_queue *q = ring->q;
	uint32_t tail = q->block[RING_TAIL];

	for (; nb > 0; nb--) {
		ring->desc[2 * tail] =
			htole64((uintptr_t)(ring->buffers + (size_t)tail * RIG_RX_STRIDE));
		ring->desc[2 * tail + 1] = 0;
		tail = tail + 1 == q->nb_desc ? 0 : tail + 1;
	}
	q->block[RING_TAIL] = tail;
}

bool
rx_take(struct rx_ring *ring, struct received *received)
{
	const struct rx_queue *q = ring->q;
	uint32_t at = ring->next;

	if ((le64toh(ring->desc[2 * at + 1]) & RXD_DD) == 0)
		return false;
	received->len = received->descriptors = 0;
	for (;;) {
		uint64_t low = le64toh(ring->desc[2 * at]), high = le64toh(ring->desc[2 * at + 1]);
		uint32_t bytes = high >> 32 & 0xffff;

		if ((high & RXD_DD) == 0)
			return false;
		memcpy(received->data + received->len,
		       ring->buffers + (size_t)at * RIG_RX_STRIDE, bytes);
		received->len += bytes;
		received->descriptors++;
		at = at + 1 == q->nb_desc ? 0 : at + 1;
		if ((high & RXD_EOP) != 0) {
			received->info = (uint32_t)low;
			received->hash = (uint32_t)(low >> 32);
			received->status = (uint32_t)high;
			received->vlan = (uint16_t)(high >> 48);
			break;
		}
	}
	/* What was taken does not look as if it were new after a turn of the ring. */
	while (ring->next != at) {
		ring->desc[2 * ring->next + 1] = 0;
		ring->next = ring->next + 1 == q->nb_desc ? 0 : ring->next + 1;
	}
	return true;
}

void
tx_put_raw(struct tx_ring *ring, uint64_t low, uint64_t high)
{
	ring->desc[2 * ring->next] = htole64(low);
	ring->desc[2 * ring->next + 1] = htole64(high);
	ring->next = ring->next + 1 == ring->q->nb_desc ? 0 : ring->next + 1;
}

void
tx_put(struct tx_ring *ring, const void *data, uint32_t bytes, uint32_t cmd, uint32_t sta)
{
	uint8_t *buffer = ring->buffers + (size_t)ring->next * RIG_TX_STRIDE;

	memcpy(buffer, data, bytes);
	tx_put_raw(ring, (uintptr_t)buffer, cmd | bytes | (uint64_t)sta << 32);
}

void
tx_put_context(struct tx_ring *ring, const struct tx_context *context, unsigned int index)
{
	uint64_t low = context->ip_len | (uint64_t)context->mac_len << 9 |
		       (uint64_t)context->vlan << 16 |
		       (uint64_t)context->outer_ip_len << 48 |
		       (uint64_t)context->tunnel_len << 56;
	uint64_t high = (context->ipv4 ? 1u << 10 : 0) | (uint64_t)context->l4_type << 11 |
			2u << 20 | TXD_DEXT | (uint64_t)index << 36 |
			(uint64_t)context->l4_len << 40 | (uint64_t)context->mss << 48;

	tx_put_raw(ring, low, high);
}

void
tx_frame(struct tx_ring *ring, const void *data, uint32_t bytes)
{
	tx_put(ring, data, bytes, TXD_DATA | TXD_EOP | TXD_RS, bytes << 14);
}

void
tx_bell(struct tx_ring *ring)
{
	ring->q->block[RING_TAIL] = ring->next;
}

bool
tx_done(const struct tx_ring *ring, uint32_t index)
{
	return (le64toh(ring->desc[2 * index + 1]) >> 32 & 1) != 0;
}

void
rig_arrives(struct rig *rig, const void *data, uint32_t len)
{
	struct kept_frame *frame;

	if (rig->wire->nb_in == RIG_KEPT)
		abort();
	frame = &rig->wire->in[rig->wire->nb_in++];
	frame->len = len;
	memcpy(frame->data, data, len);
}

void
rig_poll_budget(struct rig *rig, unsigned int budget)
{
	pthread_mutex_lock(&rig->nic->lock);
	nic_poll(rig->nic, budget);
	pthread_mutex_unlock(&rig->nic->lock);
}

void
rig_poll(struct rig *rig)
{
	rig_poll_budget(rig, RIG_KEPT);
}
