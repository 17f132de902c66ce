/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/* Tx offloads: 82576 sheet 5.2, 82599 sheet 5.1. */
#include <endian.h>

#include "engine.h"

enum l4_type { L4_UDP, L4_TCP, L4_SCTP, L4_NONE };

/* TCP flags; the first segments have no end, the later ones no news of congestion. */
enum { TCP_FLAGS_AT = 13, TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

/* What a segment's headers start from. */
struct template {
	uint32_t l3_at, l4_at, header_bytes;
	uint16_t ip_id;
	uint32_t sequence;
	bool ipv4, tcp;
};

static void
store_sum(uint8_t *field, uint16_t sum)
{
	sum = (uint16_t)~sum;
	memcpy(field, &sum, sizeof(sum));
}

/* Where the checksum is in the L4 header; 0: none. */
static uint32_t
l4_field(uint8_t l4_type)
{
	static const uint8_t field[] = { [L4_UDP] = 6, [L4_TCP] = 16, [L4_SCTP] = 8 };

	return l4_type < L4_NONE ? field[l4_type] : 0;
}

/* Software left the pseudo-header's sum in the field; @p extra is what it left out. */
static void
insert_l4(uint8_t l4_type, uint8_t *l4, uint32_t bytes, uint32_t extra)
{
	uint8_t *field = l4 + l4_field(l4_type);
	uint16_t sum;

	if (l4_type == L4_SCTP) {
		uint32_t crc = htole32(crc32c_around(l4, bytes, 8));

		memcpy(field, &crc, sizeof(crc));
		return;
	}
	sum = checksum_add(extra, l4, bytes);
	/* A UDP checksum of 0 would mean that there is none. */
	if (l4_type == L4_UDP && sum == 0xffff)
		sum = 0;
	store_sum(field, sum);
}

bool
offload_checksums(const struct offload *offload, uint8_t *data, uint32_t len)
{
	const struct tx_context *context = offload->context;
	uint32_t outer_at = context->mac_len, outer_len = context->outer_ip_len;
	uint32_t l3_at = outer_at, l4_at;
	uint32_t field = l4_field(context->l4_type);

	if (offload->tunnel)
		l3_at += outer_len + context->tunnel_len;
	l4_at = l3_at + context->ip_len;
	if (offload->outer_checksum &&
	    (!offload->tunnel || outer_len < 20 || outer_at + outer_len > len))
		return false;
	if (offload->ip_checksum && context->ipv4 && (context->ip_len < 20 || l4_at > len))
		return false;
	if (offload->l4_checksum && field != 0 &&
	    l4_at + field + (context->l4_type == L4_SCTP ? 4 : 2) > len)
		return false;
	if (offload->outer_checksum)
		store_sum(data + outer_at + 10, checksum_add(0, data + outer_at, outer_len));
	if (offload->ip_checksum && context->ipv4)
		store_sum(data + l3_at + 10, checksum_add(0, data + l3_at, context->ip_len));
	if (offload->l4_checksum && field != 0)
		insert_l4(context->l4_type, data + l4_at, len - l4_at, 0);
	return true;
}

static void
segment_ip(const struct template *template, uint8_t *data, uint32_t ip_bytes, uint16_t number)
{
	uint8_t *ip = data + template->l3_at;

	if (!template->ipv4) {
		write_be16(ip + 4, (uint16_t)(ip_bytes - 40));
		return;
	}
	write_be16(ip + 2, (uint16_t)ip_bytes);
	write_be16(ip + 4, (uint16_t)(template->ip_id + number));
	write_be16(ip + 10, 0);
	store_sum(ip + 10, checksum_add(0, ip, template->l4_at - template->l3_at));
}

static void
segment_l4(const struct template *template, uint8_t *data, uint32_t len, uint32_t done, bool last)
{
	uint8_t *l4 = data + template->l4_at;
	uint32_t bytes = len - template->l4_at;

	if (template->tcp) {
		write_be32(l4 + 4, template->sequence + done);
		if (!last)
			l4[TCP_FLAGS_AT] &= (uint8_t)~(TCP_FIN | TCP_PSH);
		if (done > 0)
			l4[TCP_FLAGS_AT] &= (uint8_t)~TCP_CWR;
	} else {
		write_be16(l4 + 4, (uint16_t)bytes);
	}
	insert_l4(template->tcp ? L4_TCP : L4_UDP, l4, bytes, htobe16((uint16_t)bytes));
}

/* @return false: not what can be segmented */
static bool
template_read(const struct tx_context *context, const struct frame *frame,
	      struct template *template)
{
	const uint8_t *data = frame->data;
	uint32_t l4_bytes = context->l4_type == L4_TCP ? 20 : 8;

	if (context->mss == 0 || (context->l4_type != L4_TCP && context->l4_type != L4_UDP))
		return false;
	template->l3_at = context->mac_len;
	template->l4_at = template->l3_at + context->ip_len;
	template->header_bytes = template->l4_at + context->l4_len;
	template->ipv4 = context->ipv4;
	template->tcp = context->l4_type == L4_TCP;
	if (context->mac_len < ETHERNET_BYTES || context->l4_len < l4_bytes ||
	    context->ip_len < (context->ipv4 ? 20 : 40) || template->header_bytes >= frame->len ||
	    template->header_bytes + context->mss > NIC_FRAME_MAX)
		return false;
	if (template->ipv4)
		template->ip_id = read_be16(data + template->l3_at + 4);
	if (template->tcp)
		template->sequence = read_be32(data + template->l4_at + 4);
	return true;
}

unsigned int
offload_segment(struct nic *nic, const struct offload *offload, const struct frame *frame)
{
	const struct tx_context *context = offload->context;
	struct template template = { 0 };
	uint32_t payload, done = 0;
	unsigned int nb = 0;

	if (!template_read(context, frame, &template))
		return 0;
	payload = frame->len - template.header_bytes;
	while (done < payload) {
		uint32_t part = payload - done < context->mss ? payload - done : context->mss;
		uint32_t len = template.header_bytes + part;
		uint32_t room = len < FRAME_BYTES_MIN ? FRAME_BYTES_MIN : len;
		struct frame segment = *frame;

		segment.data = arena_get(nic, room);
		segment.len = len;
		memcpy(segment.data, frame->data, template.header_bytes);
		memcpy(segment.data + template.header_bytes,
		       frame->data + template.header_bytes + done, part);
		segment_ip(&template, segment.data, len - template.l3_at, (uint16_t)nb);
		segment_l4(&template, segment.data, len, done, done + part == payload);
		if (nic->port.pad_tx && len < FRAME_BYTES_MIN) {
			memset(segment.data + len, 0, FRAME_BYTES_MIN - len);
			segment.len = FRAME_BYTES_MIN;
		}
		switch_from_pool(nic, &segment);
		done += part;
		nb++;
	}
	return nb;
}
