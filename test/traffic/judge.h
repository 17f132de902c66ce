/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Numbered, checksummed frames, and the verdict on what arrived. Pure: no I/O, no clock.
 *
 * A frame is an Ethernet header of the local experimental type 0x88b5, a tag of five words in
 * network order (magic, run, sequence, frame length, CRC-32) and a payload that follows from run
 * and sequence. The CRC covers tag and payload, not the header: a forwarder may rewrite addresses
 * and a switch may add or take a VLAN tag.
 */
#ifndef SLUICE_TRAFFIC_JUDGE_H
#define SLUICE_TRAFFIC_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_BYTES          6
#define FRAME_ETHERTYPE    0x88b5
#define FRAME_MIN_BYTES    60   /* without FCS and VLAN tag, as all lengths here */
#define FRAME_MAX_BYTES    9014 /* MTU 9000 */
#define FRAME_BUFFER_BYTES 9216 /* with tags and whatever a receiver may hand over */
#define VLAN_BYTES         4
#define NO_VLAN            (-1)

struct frame_spec {
	uint8_t dst[MAC_BYTES], src[MAC_BYTES];
	uint32_t run;
	uint32_t min_bytes, max_bytes; /* the length varies with the sequence */
	int vlan;                      /* VID of an 802.1Q tag, or NO_VLAN */
};

/**
 * Build the frame of a sequence number.
 *
 * @param data  FRAME_BUFFER_BYTES
 * @return its length, VLAN tag included
 */
size_t frame_build(const struct frame_spec *spec, uint32_t sequence, uint8_t *data);

/* Exchange destination and source. */
void frame_swap_macs(uint8_t *data);

/* Whether it is of our type, whatever else it says; VLAN tag or not. */
bool frame_is_ours(const uint8_t *data, size_t bytes);

/* The number in a frame that was judged unique. */
uint32_t frame_sequence(const uint8_t *data, size_t bytes);

enum verdict {
	VERDICT_UNIQUE,
	VERDICT_DUPLICATE,
	VERDICT_CORRUPT, /* our type, and magic, length or CRC are wrong */
	VERDICT_FOREIGN, /* another type, run, VLAN, or a number that was never sent */
};

struct judge {
	uint32_t run;
	uint32_t count; /* sequences are [0, count) */
	int vlan;       /* that frames must carry; NO_VLAN: any or none will do */

	uint64_t received, unique, duplicate, corrupt, foreign;
	uint64_t reordered; /* unique, and a higher number came before */
	uint64_t tagged;    /* unique, and with a VLAN tag */
	uint32_t highest;
	uint8_t *seen; /* a bit per sequence */
};

/* 0 or -ENOMEM. */
int judge_open(struct judge *judge, uint32_t run, uint32_t count, int vlan);

/**
 * Judge one frame and count it.
 *
 * @param stripped_vlan  TCI of a tag that the receiver took out, or NO_VLAN
 */
enum verdict judge_frame(struct judge *judge, const uint8_t *data, size_t bytes, int stripped_vlan);

static inline uint64_t
judge_missing(const struct judge *judge)
{
	return judge->count - judge->unique;
}

void judge_close(struct judge *judge);

#endif /* SLUICE_TRAFFIC_JUDGE_H */
