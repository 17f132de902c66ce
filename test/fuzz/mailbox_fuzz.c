/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The mailbox from the VF's side. An input is a program. Its first byte chooses the dialect; each
 * step is a byte, the arguments it takes, and with bit 7 set the PF has its turn afterwards. Seeds
 * are written by seeds.py.
 */

#include <errno.h>
#include <string.h>

#include "codec_82599.h"
#include "world.h"

#define ATTACKERS 2	/* VF 0 and 1 */
#define MACS	  32	/* few, so that VFs meet; 0 is the PF's */
#define STEPS_MAX 400	/* a program that goes on for ever teaches nothing */

typedef void step_t(struct input *in);

static uint16_t
take_attacker(struct input *in)
{
	return (uint16_t)take_below(in, ATTACKERS);
}

/* Mostly plain unicast addresses, the neighbours' and the PF's among them. */
static struct mac_addr
take_mac(struct input *in)
{
	uint8_t number = take_byte(in);
	struct mac_addr mac = rig_mac(number % MACS);

	if (number >= 0xf0)
		mac.byte[0] |= 1;
	if (number == 0xff)
		memset(&mac, 0, sizeof(mac));
	return mac;
}

/* The operator's policies; a VLAN or a priority out of range is refused before it counts. */
static struct vf_policy
take_policy(struct input *in)
{
	uint8_t flags = take_byte(in);
	struct vf_policy policy = {
		.trusted = (flags & 1) != 0,
		.spoof_check = (flags & 2) != 0,
		.qos = flags >> 4 & 0xf,
		.max_macs = QUOTA_MACS,
		.max_vlans = QUOTA_VLANS,
		.max_multicasts = QUOTA_MULTICASTS,
	};

	if ((flags & 4) != 0)
		policy.mac = take_mac(in);
	if ((flags & 8) != 0)
		policy.vlan = take_half(in) & 0x1fff;
	return policy;
}

static struct vf_move
take_move(struct input *in)
{
	struct vf_move move = { .act = (enum vf_act)take_below(in, ACT_NB) };

	if (move.act == ACT_WRITE_WORD)
		move.word = take_byte(in);
	if (move.act == ACT_WRITE_WORD || move.act == ACT_WRITE_CONTROL)
		move.value = take_word(in);
	return move;
}

static void
post_set_mac(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct mbx_set_mac request = { .action = (enum mbx_mac_action)take_below(in, 3) };
	struct mbx_msg msg;

	request.mac = take_mac(in);
	mbx_encode_set_mac(&msg, &request);
	world_post(vf, &msg, false);
}

static void
post_multicast(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct mbx_set_multicast request = { .nb = take_byte(in) };
	struct mbx_msg msg;

	request.overflow = (request.nb & 0x80) != 0;
	request.nb %= MBX_MULTICASTS_MAX + 1;
	for (unsigned int i = 0; i < request.nb; i++)
		request.hash[i] = (uint16_t)(take_byte(in) * 17);
	mbx_encode_set_multicast(&msg, &request);
	world_post(vf, &msg, false);
}

static void
post_vlan(struct input *in)
{
	uint16_t vf = take_attacker(in);
	uint16_t word = take_half(in);
	struct mbx_set_vlan request = { .vlan = word & 0xfff, .add = (word & 0x8000) != 0 };
	struct mbx_msg msg;

	mbx_encode_set_vlan(&msg, &request);
	world_post(vf, &msg, false);
}

/* One of the requests with a word or none, by its opcode. */
static void
post_short(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct mbx_msg msg = { .word = { take_byte(in) }, .words = 2 };

	msg.word[0] |= (uint32_t)take_byte(in) << MBX_INFO_SHIFT;
	msg.word[1] = take_word(in);
	world_post(vf, &msg, false);
}

/* Any words at all; what is not written is left from the last message. */
static void
post_words(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct mbx_msg msg = { .words = take_byte(in) };
	bool rude = (msg.words & 0x80) != 0;

	msg.words = (msg.words & 0x7f) % (MBX_WORDS + 1);
	for (unsigned int i = 0; i < msg.words; i++)
		msg.word[i] = take_word(in);
	world_post(vf, &msg, rude);
}

static void
post_reset(struct input *in)
{
	struct mbx_msg msg;

	mbx_encode_reset(&msg);
	world_post(take_attacker(in), &msg, false);
}

/* SET_MACVLAN of the 82599's dialect, by its index. */
static void
post_extra_mac(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct mbx_extra_mac request = { .add = true };
	uint8_t index = take_byte(in);
	struct mbx_msg msg;

	request.mac = take_mac(in);
	mbx_82599_encode_extra_mac(&msg, &request);
	msg.word[0] = MBX_82599_EXTRA_MAC | (uint32_t)index << MBX_INFO_SHIFT;
	world_post(vf, &msg, false);
}

static void
move(struct input *in)
{
	uint16_t vf = take_attacker(in);
	struct vf_move wanted = take_move(in);

	world_move(vf, &wanted);
}

static void
ambush(struct input *in)
{
	uint16_t vf = take_attacker(in);
	uint16_t after = take_byte(in);
	struct vf_move wanted = take_move(in);

	world_ambush(vf, after, &wanted);
}

static void
storm(struct input *in)
{
	uint16_t vf = take_attacker(in);
	unsigned int times = take_below(in, 64);
	struct mbx_msg msg = { .word = { take_byte(in) }, .words = 1 };

	for (unsigned int i = 0; i < times; i++) {
		world_post(vf, &msg, true);
		world_serve();
	}
}

static void
set_policy(struct input *in)
{
	uint16_t vf = (uint16_t)take_below(in, RIG_VFS + 1);
	struct vf_policy policy = take_policy(in);

	world_set_policy(vf, &policy);
}

/* The rest of what the operator can set. */
static void
set_more_policy(struct input *in)
{
	uint16_t vf = (uint16_t)take_below(in, RIG_VFS + 1);
	struct vf_policy policy = take_policy(in);
	uint16_t flags = take_half(in);
	uint16_t vlan;

	policy.state = flags & 3;
	policy.no_untagged = (flags & 4) != 0;
	policy.no_broadcast = (flags & 8) != 0;
	policy.no_multicast = (flags & 0x10) != 0;
	policy.unknown_unicast = (flags & 0x20) != 0;
	policy.query_rss = (flags & 0x40) != 0;
	policy.no_loopback = (flags & 0x80) != 0;
	policy.blocks = (flags & 0x100) != 0;
	policy.max_tx_rate = (flags & 0x200) != 0 ? take_half(in) : 0;
	policy.mirror = (flags & 0x400) != 0 ? take_below(in, 8) : 0;
	if ((flags & 0x800) != 0) {
		policy.max_macs = take_below(in, QUOTA_MACS + 1);
		policy.max_vlans = take_below(in, QUOTA_VLANS + 1);
		policy.max_multicasts = take_below(in, QUOTA_MULTICASTS + 1);
	}
	if ((flags & 0x1000) != 0 && vf != WORLD_BYSTANDER) {
		vlan = 1 + take_half(in) % VLAN_ID_MAX;
		policy_trunk_add(&policy, vlan, vlan);
	}
	policy.min_interrupt_us = (flags & 0x2000) != 0 ? 50 : 0;
	policy.max_interrupt_us = (flags & 0x4000) != 0 ? 100 : 0;
	world_set_policy(vf, &policy);
}

static void
fail_pool(struct input *in)
{
	unsigned int nth = take_below(in, 16);
	unsigned int more = take_below(in, 8);

	fake_fail(nth, more, (more & 1) != 0 ? -EIO : -ENOSPC);
	fake.info_rc = nth == 15 ? -EIO : 0;
}

static void
set_vfs(struct input *in)
{
	fake_fail(0, 0, 0);
	world_set_vfs((uint16_t)take_below(in, RIG_VFS + 1));
}

static void
notices(struct input *in)
{
	world_notices((take_byte(in) & 1) != 0);
}

static void
wait(struct input *in)
{
	world_wait(take_half(in) * UINT64_C(100));
}

static void
serve(struct input *in)
{
	(void)in;
	world_serve();
}

/* The order is part of the seeds: add at the end. */
static step_t *const steps[] = {
	post_reset, post_set_mac, post_multicast, post_vlan, post_short, post_words, move, ambush,
	storm, set_policy, fail_pool, set_vfs, notices, wait, serve, post_extra_mac,
	set_more_policy,
};

#define NB_STEPS (sizeof(steps) / sizeof(steps[0]))

/* The bystander settles down before the others begin. */
static void
settle_bystander(void)
{
	static const struct mbx_set_mac mac = { MBX_MAC_SET, { { 0x02, 0x10, 0, 0, 5, 0x55 } } };
	struct mbx_msg msg;

	world_serve_bystander();
	mbx_encode_set_mac(&msg, &mac);
	world_post(WORLD_BYSTANDER, &msg, false);
	world_serve();
	must(fake_has_mac(WORLD_BYSTANDER, &mac.mac), "the bystander has no address");
}

/*
 * Pools with a frame size of their own, or a port's with jumbo frames or without; and what the
 * hardware has not, from the rate limit on.
 */
static void
create_world(struct input *in)
{
	static const uint32_t shared_max_frames[] = { 0, 1518, 9500, 0 };
	uint8_t kind = take_byte(in);

	world_create((kind & 1) != 0 ? MBX_DIALECT_82599 : MBX_DIALECT_82576,
		     shared_max_frames[kind >> 1 & 3]);
	fake.lacks = (unsigned int)(kind >> 3) << FAKE_SET_TX_RATE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct input in = { data, bytes };

	create_world(&in);
	settle_bystander();
	for (unsigned int i = 0; i < STEPS_MAX && in.left > 0; i++) {
		uint8_t step = take_byte(&in);

		steps[(step & 0x7f) % NB_STEPS](&in);
		if ((step & 0x80) != 0)
			world_serve();
		world_check();
	}
	world_serve_bystander();
	world_free();
	return 0;
}
