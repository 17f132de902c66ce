/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Tx rings: 82576 sheet 3.2, 3.7, 4.3, 4.4; 82599 sheet 3.2, 3.4, 4.3-4.5. */
#include <endian.h>

#include "lane.h"

/* Dword 2 of a descriptor; legacy ones have CSO in bits 23:16, and IC. */
#define CMD_LENGTH	0xffffu
#define CMD_OUTER_IXSM	(1u << 17)	/* X550; beside it NVGRE, which makes no difference here */
#define CMD_DTYP	(15u << 20)
#define CMD_DTYP_CTXT	(2u << 20)
#define CMD_DTYP_DATA	(3u << 20)
#define CMD_EOP		(1u << 24)
#define CMD_IC		(1u << 26)
#define CMD_RS		(1u << 27)
#define CMD_DEXT	(1u << 29)
#define CMD_VLE		(1u << 30)
#define CMD_TSE		(1u << 31)
/* Dword 3 of a data descriptor. */
#define STA_DD	     1u
#define STA_INDEX    (1u << 4)
#define STA_CC	     (1u << 7)
#define STA_IXSM     (1u << 8)
#define STA_TXSM     (1u << 9)
#define PAYLEN_SHIFT 14

/* Of a whole descriptor: a whole frame, nothing to insert, and PAYLEN is its length. */
#define PLAIN_MASK  (CMD_DTYP | CMD_DEXT | CMD_EOP | CMD_VLE | CMD_TSE | CMD_LENGTH | \
		     CMD_OUTER_IXSM | \
		     (uint64_t)(STA_IXSM | STA_TXSM | ~0u << PAYLEN_SHIFT) << 32)
#define PLAIN_VALUE (CMD_DTYP_DATA | CMD_DEXT | CMD_EOP)
#define PLAIN_LEN   (1 | 1ULL << (32 + PAYLEN_SHIFT))

#define SEGMENTS_MAX   255
#define REPORTS_MAX    64
#define PREFETCH       3	/* frames ahead */
#define CATCH_UP_NS    1000000	/* a paced queue makes up for a late poll, up to this */
#define NS_BITS_PER_S  8000000000ULL	/* bytes * this / bit/s = ns */

struct tx_burst {
	unsigned int frames, descriptors, nb_reports;
	uint32_t report[REPORTS_MAX];	/* descriptors that want DD */
	bool reported;
	bool has_context;	/* descriptors have CC ... */
	bool check_context;	/* ... and it is needed */
	uint32_t len_min;
	/* Of frames to which nothing is added: the shortest, and the longest less that. */
	uint32_t plain_min, plain_span;
	uint64_t bytes;
	bool copy;		/* the sender may not see what is judged */
	struct lane lane;
};

/* The data descriptors of one frame. */
struct tx_packet {
	uint32_t descriptors, bytes;
	uint32_t cmd, sta;	/* of the first */
	uint64_t last;		/* quadword 1 of the last */
};

static inline uint64_t
quadword(const struct tx_queue *q, uint32_t index, unsigned int which)
{
	const volatile uint64_t *desc =
		(const volatile uint64_t *)(q->ring + (size_t)index * DESCRIPTOR_BYTES);

	return le64toh(desc[which]);
}

static inline uint32_t
next_index(const struct tx_queue *q, uint32_t index)
{
	return index + 1 == q->nb_desc ? 0 : index + 1;
}

/* What hardware would choke on: skipped, or the queue's end where malice is looked for. */
static void
tx_malicious(struct nic *nic, struct tx_queue *q)
{
	nic->odd.bad_descriptors++;
	if (!nic->port.mdd_tx)
		return;
	q->stuck = true;
	if (nic->family->mdd_cause != NULL)
		nic->family->mdd_cause(nic, q->index, false);
}

static bool
tx_queue_check(struct nic *nic, struct tx_queue *q)
{
	if (!q->enabled || q->stuck || q->nb_desc == 0 || q->owner == NULL || q->block == NULL ||
	    !nic->port.tx_enabled || !function_alive(q->owner) ||
	    (q->block[RING_CONTROL] & RING_ENABLE) == 0)
		return false;
	if (nic->filters.virtualised && !nic->pool[q->pool].tx_enabled)
		return false;
	if (q->ring == NULL)
		q->ring = dma_ptr(q->owner, q->base, (uint64_t)q->nb_desc * DESCRIPTOR_BYTES);
	return q->ring != NULL;
}

/* @return false: it points out of the ring */
static bool
tx_tail(struct nic *nic, struct tx_queue *q, uint32_t *tail)
{
	struct datapath *dp = datapath_of(nic);

	*tail = q->block[RING_TAIL];
	if (*tail < q->nb_desc) {
		dp->bad_tail[q->index] = 0;
		/* The tail is read before the descriptors that it hands over. */
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		return true;
	}
	if (dp->bad_tail[q->index] != *tail)
		tx_malicious(nic, q);
	dp->bad_tail[q->index] = *tail;
	return false;
}

static void
burst_begin(struct nic *nic, const struct tx_queue *q, struct tx_burst *burst)
{
	const struct filters *filters = &nic->filters;
	const struct pool *pool = &nic->pool[q->pool];
	const struct plan *plan = plan_get(nic);

	burst->frames = burst->descriptors = burst->nb_reports = 0;
	burst->bytes = 0;
	burst->reported = false;
	burst->copy = filters->virtualised;
	lane_begin(&burst->lane, nic, q->pool);
	/*
	 * Not for the sake of spoof checks alone: DPDK's VF of 22.11 never sets CC, and it works
	 * under PFs that check its address and its VLANs.
	 */
	burst->has_context = nic->family->context_check;
	burst->check_context = nic->family->context_check && filters->virtualised &&
			       nic->port.mdd_tx;
	burst->len_min = nic->port.pad_tx ? FRAME_BYTES_MIN : ETHERNET_BYTES;
	burst->plain_min = burst->len_min;
	burst->plain_span = NIC_FRAME_MAX - burst->len_min;
	/* A tag for all of them: no descriptor has such a length. */
	if (filters->virtualised && pool->vlan_insert != VLAN_BY_DESCRIPTOR) {
		burst->plain_min = UINT16_MAX + 1;
		burst->plain_span = 0;
	}
	if (plan->storm || q->rate.bits_per_s != 0)
		datapath_of(nic)->now_ns = nic_now_ns(nic);
}

/* Whether CC is there where it must be, and leads to a context with an Ethernet header. */
static inline bool
context_is_right(const struct nic *nic, const struct tx_queue *q, const struct tx_burst *burst,
		 uint32_t sta)
{
	const struct tx_context *context = &q->context[(sta & STA_INDEX) != 0];

	if (!nic->family->context_check)
		return true;
	if ((sta & STA_CC) == 0)
		return !burst->check_context;
	return context->valid && context->mac_len >= ETHERNET_BYTES;
}

static void
store_context(struct tx_queue *q, uint64_t low, uint64_t high)
{
	q->context[high >> 36 & 1] = (struct tx_context){
		.valid = true,
		.ip_len = low & 0x1ff,
		.mac_len = low >> 9 & 0x7f,
		.vlan = (uint16_t)(low >> 16),
		.ipv4 = (high >> 10 & 1) != 0,
		.l4_type = high >> 11 & 3,
		.l4_len = (uint8_t)(high >> 40),
		.mss = (uint16_t)(high >> 48),
		.outer_ip_len = (uint8_t)(low >> 48),
		.tunnel_len = (uint8_t)(low >> 56),
	};
}

/* Find the frame's last descriptor. @return 0; -1: beyond the tail, so not yet; 1: malformed */
static int
scan_packet(const struct nic *nic, const struct tx_queue *q, uint32_t tail,
	    struct tx_packet *packet)
{
	uint32_t max = nic->family->tx_segments_max, index = q->head;
	uint64_t high = quadword(q, index, 1);
	uint32_t type = high & (CMD_DEXT | CMD_DTYP);

	*packet = (struct tx_packet){ .cmd = (uint32_t)high, .sta = (uint32_t)(high >> 32) };
	if (max == 0)
		max = SEGMENTS_MAX;
	for (; index != tail; index = next_index(q, index)) {
		high = quadword(q, index, 1);
		packet->descriptors++;
		packet->bytes += high & CMD_LENGTH;
		/* Legacy: where the type is, there is something else. */
		if ((type & CMD_DEXT) != (high & CMD_DEXT) ||
		    ((type & CMD_DEXT) != 0 && (high & CMD_DTYP) != CMD_DTYP_DATA) ||
		    packet->descriptors > max)
			return 1;
		if ((high & CMD_EOP) != 0) {
			packet->last = high;
			return 0;
		}
	}
	return -1;
}

/* Software may write to the ring meanwhile: no more is copied than was counted. */
static bool
gather(const struct tx_queue *q, const struct tx_packet *packet, uint8_t *to)
{
	uint32_t index = q->head, room = packet->bytes;

	for (uint32_t i = 0; i < packet->descriptors; i++, index = next_index(q, index)) {
		uint32_t bytes = quadword(q, index, 1) & CMD_LENGTH;
		const uint8_t *from;

		if (bytes > room)
			return false;
		if (bytes == 0)
			continue;
		from = dma_ptr(q->owner, quadword(q, index, 0), bytes);
		if (from == NULL)
			return false;
		memcpy(to, from, bytes);
		to += bytes;
		room -= bytes;
	}
	return room == 0;
}

static void
choose_tag(const struct nic *nic, const struct tx_queue *q, const struct tx_packet *packet,
	   const struct offload *offload, struct frame *frame)
{
	const struct pool *pool = &nic->pool[q->pool];
	enum vlan_insert insert = nic->filters.virtualised ? pool->vlan_insert :
							     VLAN_BY_DESCRIPTOR;
	bool legacy = (packet->cmd & CMD_DEXT) == 0;
	uint64_t cmd = legacy ? packet->last : packet->cmd;

	if (insert == VLAN_DEFAULT) {
		frame->has_vlan = true;
		frame->vlan = pool->default_tag;
	} else if (insert == VLAN_BY_DESCRIPTOR && (cmd & CMD_VLE) != 0) {
		frame->has_vlan = true;
		frame->vlan = legacy ? (uint16_t)(cmd >> 48) : offload->context->vlan;
	}
}

/* Legacy: a sum from CSS on, put at CSO. */
static bool
legacy_checksum(const struct tx_packet *packet, uint8_t *data, uint32_t len)
{
	uint32_t start = packet->last >> 40 & 0xff, at = packet->last >> 16 & 0xff;
	uint16_t sum;

	if ((packet->last & CMD_IC) == 0)
		return true;
	if (start >= len || at + 2 > len)
		return false;
	sum = (uint16_t)~checksum_add(0, data + start, len - start);
	memcpy(data + at, &sum, sizeof(sum));
	return true;
}

/* What an advanced packet says of itself must be true. */
static bool
packet_is_right(const struct nic *nic, const struct tx_queue *q, const struct tx_burst *burst,
		const struct tx_packet *packet, struct offload *offload)
{
	const struct tx_context *context = &q->context[(packet->sta & STA_INDEX) != 0];
	uint32_t expected = packet->sta >> PAYLEN_SHIFT;

	*offload = (struct offload){ .context = context };
	offload->segment = (packet->cmd & CMD_TSE) != 0;
	if (packet->bytes < ETHERNET_BYTES || (!offload->segment && packet->bytes > NIC_FRAME_MAX))
		return false;
	if ((packet->cmd & CMD_DEXT) == 0) {
		offload->segment = false;
		return packet->bytes <= NIC_FRAME_MAX;
	}
	offload->ip_checksum = (packet->sta & STA_IXSM) != 0;
	offload->l4_checksum = (packet->sta & STA_TXSM) != 0;
	offload->tunnel = nic->family->tunnels && context->tunnel_len != 0;
	offload->outer_checksum = nic->family->tunnels && (packet->cmd & CMD_OUTER_IXSM) != 0;
	if ((offload->segment || offload->ip_checksum || offload->l4_checksum ||
	     offload->outer_checksum || (packet->cmd & CMD_VLE) != 0) && !context->valid)
		return false;
	/* How a tunnel's outer headers would change with the segments is not told. */
	if (offload->segment && (offload->tunnel || offload->outer_checksum))
		return false;
	if (offload->segment)
		expected += context->mac_len + context->ip_len + context->l4_len;
	return expected == packet->bytes && packet->bytes <= TSO_BYTES &&
	       context_is_right(nic, q, burst, packet->sta);
}

/* Nothing is needed of the frame any more when this returns. @return frames; 0: none */
static unsigned int
send_packet(struct nic *nic, struct tx_queue *q, const struct tx_burst *burst,
	    const struct tx_packet *packet)
{
	struct frame frame = { .len = packet->bytes, .source_pool = (int8_t)q->pool };
	struct offload offload;

	if (!packet_is_right(nic, q, burst, packet, &offload))
		return 0;
	frame.data = offload.segment ? datapath_of(nic)->tso :
				       arena_get(nic, frame.len + FRAME_BYTES_MIN);
	if (!gather(q, packet, frame.data))
		return 0;
	choose_tag(nic, q, packet, &offload, &frame);
	if (offload.segment)
		return offload_segment(nic, &offload, &frame);
	if ((packet->cmd & CMD_DEXT) == 0 ? !legacy_checksum(packet, frame.data, frame.len) :
					    !offload_checksums(&offload, frame.data, frame.len))
		return 0;
	if (frame.len < burst->len_min) {
		memset(frame.data + frame.len, 0, burst->len_min - frame.len);
		frame.len = burst->len_min;
	}
	switch_from_pool(nic, &frame);
	return 1;
}

/* @return descriptors worked off; 0: none, and no more now */
static uint32_t
run_packet(struct nic *nic, struct tx_queue *q, uint32_t tail, struct tx_burst *burst)
{
	struct tx_packet packet;
	unsigned int frames = 0;
	int found = scan_packet(nic, q, tail, &packet);

	if (found < 0)
		return 0;
	if (found == 0)
		frames = send_packet(nic, q, burst, &packet);
	if (!function_alive(q->owner))
		return 0;
	if (frames == 0) {
		q->drops++;
		tx_malicious(nic, q);
		return q->stuck ? 0 : packet.descriptors;
	}
	burst->frames += frames;
	burst->bytes += packet.bytes;
	return packet.descriptors;
}

/*
 * One descriptor, nothing to insert. A frame that the switch judges is a copy, as in hardware: a VF
 * may write to its buffer meanwhile. Without a switch it is sent from where it is.
 *
 * @return false: not such
 */
static inline __attribute__((always_inline)) bool
run_plain(struct nic *nic, struct tx_queue *q, uint64_t iova, uint64_t high,
	  struct tx_burst *burst)
{
	uint32_t len = high & CMD_LENGTH;
	uint8_t *data;

	if ((high & PLAIN_MASK) != PLAIN_VALUE + len * PLAIN_LEN ||
	    len - burst->plain_min > burst->plain_span ||
	    (burst->has_context && !context_is_right(nic, q, burst, (uint32_t)(high >> 32))))
		return false;
	data = dma_ptr(q->owner, iova, len);
	if (data == NULL)
		return false;
	if (burst->copy) {
		uint8_t *copy = arena_get(nic, len);

		copy_frame(copy, data, len);
		data = copy;
	}
	if (!lane_pass(&burst->lane, data, len)) {
		lane_end(&burst->lane);
		switch_from_pool_slowly(nic, &(struct frame){
			.data = data, .len = len, .source_pool = (int8_t)q->pool });
	}
	burst->frames++;
	burst->bytes += len;
	return true;
}

/* Such descriptors in a row, up to @p budget of the burst's and as long as reports have room. */
static void
run_row(struct nic *nic, struct tx_queue *q, uint32_t tail, unsigned int budget,
	struct tx_burst *burst)
{
	const volatile uint64_t *ring = (const volatile uint64_t *)q->ring;
	uint32_t head = q->head, nb_desc = q->nb_desc;
	unsigned int nb = burst->descriptors;

	for (; head != tail && nb < budget && burst->nb_reports < REPORTS_MAX; nb++) {
		uint64_t high = le64toh(ring[2 * head + 1]);

		/* The sender wrote them on another core; what is behind the tail does no harm. */
		if (head + PREFETCH < nb_desc)
			dma_prefetch(q->owner, le64toh(ring[2 * (head + PREFETCH)]));
		if (!run_plain(nic, q, le64toh(ring[2 * head]), high, burst))
			break;
		if ((high & CMD_RS) != 0)
			burst->report[burst->nb_reports++] = head;
		head = head + 1 == nb_desc ? 0 : head + 1;
	}
	burst->descriptors = nb;
	q->head = head;
}

/* Anything else. @return descriptors worked off; 0: none, and no more now */
static uint32_t
run_other(struct nic *nic, struct tx_queue *q, uint64_t high, uint32_t tail,
	  struct tx_burst *burst)
{
	lane_end(&burst->lane);
	if (!function_alive(q->owner))
		return 0;
	if ((high & (CMD_DEXT | CMD_DTYP)) == (CMD_DEXT | CMD_DTYP_CTXT)) {
		store_context(q, quadword(q, q->head, 0), high);
		return 1;
	}
	return run_packet(nic, q, tail, burst);
}

/* The leaky bucket. @return whether the next frame may go now */
static bool
rate_allows(struct datapath *dp, struct tx_queue *q)
{
	uint64_t now = dp->now_ns;

	if (q->rate.next_ns > now) {
		queue_set_add(&dp->paced, q->index);
		return false;
	}
	/* Who had nothing to send has saved nothing. */
	if (!queue_set_has(&dp->paced, q->index))
		q->rate.next_ns = now;
	else if (now - q->rate.next_ns > CATCH_UP_NS)
		q->rate.next_ns = now - CATCH_UP_NS;
	queue_set_add(&dp->paced, q->index);
	return true;
}

/* What was sent is out of its buffers: say so. */
static void
report_done(struct nic *nic, struct tx_queue *q, struct tx_burst *burst)
{
	unsigned int nb = burst->nb_reports;

	switch_flush(nic);
	burst->nb_reports = 0;
	if (nb == 0 || !function_alive(q->owner))
		return;
	burst->reported = true;
	if (q->head_writeback != 0) {
		uint8_t *at = dma_ptr(q->owner, q->head_writeback, sizeof(uint32_t));

		if (at != NULL)
			__atomic_store_n((uint32_t *)at, htole32(q->head), __ATOMIC_RELEASE);
	} else {
		for (unsigned int i = 0; i < nb; i++) {
			uint8_t *desc = q->ring + (size_t)burst->report[i] * DESCRIPTOR_BYTES;

			__atomic_store_n((uint32_t *)(desc + 12), htole32(STA_DD),
					 __ATOMIC_RELEASE);
		}
	}
}

static inline void
pass(struct nic *nic, struct tx_queue *q, uint64_t high, struct tx_burst *burst)
{
	bool context = (high & (CMD_DEXT | CMD_DTYP)) == (CMD_DEXT | CMD_DTYP_CTXT);

	burst->descriptors++;
	if ((high & CMD_RS) != 0 && !context)
		burst->report[burst->nb_reports++] = q->head;
	q->head = next_index(q, q->head);
	if (burst->nb_reports == REPORTS_MAX)
		report_done(nic, q, burst);
}

static void
charge(struct tx_queue *q, const struct tx_burst *burst, const struct tx_burst *before)
{
	uint64_t bytes = burst->bytes - before->bytes;

	bytes += (uint64_t)(burst->frames - before->frames) * CRC_BYTES;
	q->rate.next_ns += bytes * NS_BITS_PER_S / q->rate.bits_per_s;
}

/* Up to @p limit of the burst's descriptors and the end of a frame. @return false: no more now */
static bool
run_until(struct nic *nic, struct tx_queue *q, uint32_t tail, unsigned int limit,
	  struct tx_burst *burst)
{
	uint32_t nb;

	run_row(nic, q, tail, limit, burst);
	if (burst->nb_reports == REPORTS_MAX) {
		report_done(nic, q, burst);
		return true;
	}
	if (q->head == tail || burst->descriptors >= limit)
		return true;
	nb = run_other(nic, q, quadword(q, q->head, 1), tail, burst);
	for (uint32_t i = 0; i < nb; i++)
		pass(nic, q, quadword(q, q->head, 1), burst);
	return nb != 0;
}

/* A paced queue: one frame at a time. */
static void
run_paced(struct nic *nic, struct tx_queue *q, uint32_t tail, unsigned int budget,
	  struct tx_burst *burst)
{
	struct datapath *dp = datapath_of(nic);

	while (q->head != tail && burst->descriptors < budget && rate_allows(dp, q)) {
		struct tx_burst before = { .frames = burst->frames, .bytes = burst->bytes };

		if (!run_until(nic, q, tail, burst->descriptors + 1, burst))
			break;
		charge(q, burst, &before);
	}
}

unsigned int
tx_queue_run(struct nic *nic, struct tx_queue *q, unsigned int budget)
{
	struct datapath *dp = datapath_of(nic);
	struct tx_burst burst;
	uint32_t tail;

	if (!tx_queue_check(nic, q) || !tx_tail(nic, q, &tail))
		return 0;
	if (q->head == tail) {
		queue_set_remove(&dp->paced, q->index);
		return 0;
	}
	dp->burst++;
	burst_begin(nic, q, &burst);
	if (q->rate.bits_per_s != 0)
		run_paced(nic, q, tail, budget, &burst);
	else
		while (q->head != tail && burst.descriptors < budget)
			if (!run_until(nic, q, tail, budget, &burst))
				break;
	lane_end(&burst.lane);
	report_done(nic, q, &burst);
	q->packets += burst.frames;
	q->bytes += burst.bytes;
	q->block[RING_HEAD] = q->head;
	if (burst.reported && nic->family->tx_cause != NULL)
		nic->family->tx_cause(nic, q);
	rx_causes(nic);
	return burst.frames;
}
