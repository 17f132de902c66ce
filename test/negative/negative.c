/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "negative.h"

_Noreturn void
negative_stop(void)
{
	fail();
	abort();	/* not reached; cmocka does not declare that it jumps */
}

int
negative_ready(void **state)
{
	(void)state;
	rig_start(NULL);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		rig_reset(vf);
	return 0;
}

int
negative_world(void **state)
{
	struct mbx_msg msg;

	(void)state;
	world_create(MBX_DIALECT_82576, 0);
	mbx_encode_reset(&msg);
	for (uint16_t vf = 0; vf < 2; vf++)
		world_post(vf, &msg, false);
	world_serve();
	return rig.vf[0].state == VF_READY && rig.vf[1].state == VF_READY ? 0 : -1;
}

int
negative_world_end(void **state)
{
	world_serve_bystander();
	world_free();
	return rig_finish(state);
}

uint32_t
ask(uint16_t vf, uint32_t word0, uint32_t word1)
{
	return rig_request(vf, &(struct mbx_msg){ .word = { word0, word1 }, .words = 2 });
}

unsigned int
changes_something(uint16_t vf, uint32_t word0, uint32_t word1)
{
	struct vf_entry before[RIG_VFS], after[RIG_VFS];
	unsigned int calls = fake.calls;

	memcpy(before, rig.vf, sizeof(before));
	(void)ask(vf, word0, word1);
	memcpy(after, rig.vf, sizeof(after));
	/* What the PF notes about its own replies is not the VF's doing. */
	after[vf].counters = before[vf].counters;
	after[vf].cts_shown = before[vf].cts_shown;
	after[vf].quiet_until_ms = before[vf].quiet_until_ms;
	after[vf].last_nack_ms = before[vf].last_nack_ms;
	if (calls == fake.calls && memcmp(before, after, sizeof(before)) == 0)
		return 0;
	print_error("# %08x %08x of VF %u changes something\n", word0, word1, vf);
	return 1;
}

void
post_and_serve(uint16_t vf, uint32_t word0, uint32_t word1)
{
	world_post(vf, &(struct mbx_msg){ .word = { word0, word1 }, .words = 2 }, false);
	world_serve();
	world_check();
}
