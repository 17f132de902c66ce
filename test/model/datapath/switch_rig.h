/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Four pools and a wire, and who is reached by a frame.
 */
#ifndef MODEL_SWITCH_RIG_H
#define MODEL_SWITCH_RIG_H

#include "frame_make.h"
#include "port_rig.h"

#define POOLS	4
#define RING	64
#define WIRE	(-1)
#define TO_WIRE 0x100	/* beside the pools' bits */

extern const uint8_t broadcast[MAC_LEN], multicast[MAC_LEN], stranger[MAC_LEN];
extern struct made made;
/** The last frame that came to a pool. */
extern struct received got;

int switch_setup(void **state);

/** Send what is in made from a pool or the wire. @return who got it: pools' bits, TO_WIRE */
unsigned int send_made(struct rig *rig, int from);
/** Make a frame and send it. @param vid  -1: untagged */
unsigned int send_frame(struct rig *rig, int from, const uint8_t *dst, int vid);
/** ... and fail if it reaches others than @p wanted. */
void expect(struct rig *rig, const char *what, int from, const uint8_t *dst, int vid,
	    unsigned int wanted);

#endif /* MODEL_SWITCH_RIG_H */
