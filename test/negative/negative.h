/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What the negative tests share: VFs that are ready, and requests that must come to nothing.
 */
#ifndef SLUICE_NEGATIVE_H
#define SLUICE_NEGATIVE_H

#include "cases.h"
#include "rig.h"
#include "world.h"

#define GRANTED(word0) (((word0) & (MBX_OPCODE | MBX_INFO)) | MBX_ACK | MBX_CTS)
#define REFUSED(opcode) ((opcode) | MBX_NACK | MBX_CTS)

#define MAC_ADD	  (MBX_SET_MAC | MBX_MAC_FILTER_ADD << MBX_INFO_SHIFT)
#define MAC_CLEAR (MBX_SET_MAC | MBX_MAC_FILTERS_CLEAR << MBX_INFO_SHIFT)

/** Set-up: the rig, every VF ready, with Linux's default policy. */
int negative_ready(void **state);

/** Set-up and tear-down of tests that go through the mailbox: a world, VF 0 and 1 ready. */
int negative_world(void **state);
int negative_world_end(void **state);

/** A test with the rig, and one with the world. */
#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, negative_ready, rig_finish)
#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, negative_world, negative_world_end)

/** A request of two words; the reply's word 0, or 0 if there was none. */
uint32_t ask(uint16_t vf, uint32_t word0, uint32_t word1);

/** Does the request change nothing at all: no call of the pool, no book but the counters? */
unsigned int changes_something(uint16_t vf, uint32_t word0, uint32_t word1);

/** Through the mailbox: post, and let the PF serve. */
void post_and_serve(uint16_t vf, uint32_t word0, uint32_t word1);

_Noreturn void negative_stop(void);

#endif /* SLUICE_NEGATIVE_H */
