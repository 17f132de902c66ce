/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define TYPE_OFFSET       12
#define TYPE_VLAN         0x8100
#define TYPE_SERVICE_VLAN 0x88a8
#define VID_MASK          0xfff
#define HEADER_BYTES      14

#define MAGIC           0x534c5543 /* "SLUC" */
#define CRC32_REFLECTED 0xedb88320

/* Offsets in the tag. */
enum {
	TAG_MAGIC = 0,
	TAG_RUN = 4,
	TAG_SEQUENCE = 8,
	TAG_LENGTH = 12,
	TAG_CRC = 16,
	TAG_BYTES = 20,
};

static uint16_t
get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void
put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value & 0xff;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t
crc32_add(uint32_t crc, const uint8_t *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ ((crc & 1) != 0 ? CRC32_REFLECTED : 0);
	}
	return crc;
}

/* Of everything behind the header, with the CRC's own place left out. */
static uint32_t
checksum(const uint8_t *tag, size_t bytes)
{
	uint32_t crc = crc32_add(UINT32_MAX, tag, TAG_CRC);

	return ~crc32_add(crc, tag + TAG_BYTES, bytes - TAG_BYTES);
}

/* Differs from its neighbours in every byte, so a piece of another frame is not mistaken for it. */
static void
fill_payload(uint8_t *payload, size_t bytes, uint32_t run, uint32_t sequence)
{
	uint32_t state = (sequence + 1) * 2654435761U ^ run;

	for (size_t i = 0; i < bytes; i++) {
		state = state * 1664525U + 1013904223U;
		payload[i] = state >> 24;
	}
}

static uint32_t
length_of(const struct frame_spec *spec, uint32_t sequence)
{
	/* A prime step visits all lengths, and neighbours differ. */
	uint32_t span = spec->max_bytes - spec->min_bytes + 1;

	return spec->min_bytes + (uint32_t)((uint64_t)sequence * 7919 % span);
}

size_t
frame_build(const struct frame_spec *spec, uint32_t sequence, uint8_t *data)
{
	uint32_t bytes = length_of(spec, sequence);
	uint8_t *at = data + TYPE_OFFSET;
	uint8_t *tag;

	memcpy(data, spec->dst, MAC_BYTES);
	memcpy(data + MAC_BYTES, spec->src, MAC_BYTES);
	if (spec->vlan != NO_VLAN) {
		put16(at, TYPE_VLAN);
		put16(at + 2, spec->vlan & VID_MASK);
		at += VLAN_BYTES;
	}
	put16(at, FRAME_ETHERTYPE);
	tag = at + 2;

	put32(tag + TAG_MAGIC, MAGIC);
	put32(tag + TAG_RUN, spec->run);
	put32(tag + TAG_SEQUENCE, sequence);
	put32(tag + TAG_LENGTH, bytes);
	fill_payload(tag + TAG_BYTES, bytes - HEADER_BYTES - TAG_BYTES, spec->run, sequence);
	put32(tag + TAG_CRC, checksum(tag, bytes - HEADER_BYTES));
	return tag - data + bytes - HEADER_BYTES;
}

void
frame_swap_macs(uint8_t *data)
{
	uint8_t was_dst[MAC_BYTES];

	memcpy(was_dst, data, MAC_BYTES);
	memcpy(data, data + MAC_BYTES, MAC_BYTES);
	memcpy(data + MAC_BYTES, was_dst, MAC_BYTES);
}

/* What lies behind the header, and the VLAN that was there or had been. */
struct inside {
	const uint8_t *tag;
	size_t bytes;
	int vlan;
};

static bool
look_inside(const uint8_t *data, size_t bytes, int stripped_vlan, struct inside *inside)
{
	size_t type_at = TYPE_OFFSET;

	inside->vlan = stripped_vlan == NO_VLAN ? NO_VLAN : stripped_vlan & VID_MASK;
	if (bytes < HEADER_BYTES + VLAN_BYTES)
		return false;
	if (get16(data + type_at) == TYPE_VLAN || get16(data + type_at) == TYPE_SERVICE_VLAN) {
		inside->vlan = get16(data + type_at + 2) & VID_MASK;
		type_at += VLAN_BYTES;
	}
	inside->tag = data + type_at + 2;
	inside->bytes = bytes - type_at - 2;
	return get16(data + type_at) == FRAME_ETHERTYPE;
}

bool
frame_is_ours(const uint8_t *data, size_t bytes)
{
	struct inside inside;

	return look_inside(data, bytes, NO_VLAN, &inside);
}

uint32_t
frame_sequence(const uint8_t *data, size_t bytes)
{
	struct inside inside;

	if (!look_inside(data, bytes, NO_VLAN, &inside) || inside.bytes < TAG_BYTES)
		return 0;
	return get32(inside.tag + TAG_SEQUENCE);
}

static bool
is_intact(const struct inside *inside)
{
	return inside->bytes >= TAG_BYTES && get32(inside->tag + TAG_MAGIC) == MAGIC &&
	       get32(inside->tag + TAG_LENGTH) == inside->bytes + HEADER_BYTES &&
	       get32(inside->tag + TAG_CRC) == checksum(inside->tag, inside->bytes);
}

int
judge_open(struct judge *judge, uint32_t run, uint32_t count, int vlan)
{
	*judge = (struct judge){ .run = run, .count = count, .vlan = vlan };
	judge->seen = calloc(count / 8 + 1, 1);
	return judge->seen == NULL ? -ENOMEM : 0;
}

static enum verdict
number(struct judge *judge, uint32_t sequence, bool tagged)
{
	uint8_t bit = 1 << sequence % 8;

	if ((judge->seen[sequence / 8] & bit) != 0)
		return VERDICT_DUPLICATE;
	judge->seen[sequence / 8] |= bit;
	judge->tagged += tagged;
	if (sequence < judge->highest)
		judge->reordered++;
	else
		judge->highest = sequence;
	return VERDICT_UNIQUE;
}

static enum verdict
decide(struct judge *judge, const uint8_t *data, size_t bytes, int stripped_vlan)
{
	struct inside inside;
	uint32_t sequence;

	if (!look_inside(data, bytes, stripped_vlan, &inside))
		return VERDICT_FOREIGN;
	if (!is_intact(&inside))
		return VERDICT_CORRUPT;
	sequence = get32(inside.tag + TAG_SEQUENCE);
	if (get32(inside.tag + TAG_RUN) != judge->run || sequence >= judge->count)
		return VERDICT_FOREIGN;
	if (judge->vlan != NO_VLAN && judge->vlan != inside.vlan)
		return VERDICT_FOREIGN;
	return number(judge, sequence, inside.vlan != NO_VLAN);
}

enum verdict
judge_frame(struct judge *judge, const uint8_t *data, size_t bytes, int stripped_vlan)
{
	enum verdict verdict = decide(judge, data, bytes, stripped_vlan);
	uint64_t *const counts[] = {
		[VERDICT_UNIQUE] = &judge->unique,
		[VERDICT_DUPLICATE] = &judge->duplicate,
		[VERDICT_CORRUPT] = &judge->corrupt,
		[VERDICT_FOREIGN] = &judge->foreign,
	};

	judge->received++;
	(*counts[verdict])++;
	return verdict;
}

void
judge_close(struct judge *judge)
{
	free(judge->seen);
}
