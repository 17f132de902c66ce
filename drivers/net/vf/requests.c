/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include <rte_cycles.h>

#include "vf.h"

#define REPEAT_TRIES 3
#define REPEAT_US    50000

/* The PF lost track of us, or we of it: only the reset sequence brings both together again. */
static void
want_reset(struct vf *vf)
{
	vf->ready = false;
	vf->reset_wanted = true;
}

void
vf_note_control(struct vf *vf, uint32_t word)
{
	if ((word & MBX_OPCODE) == MBX_PF_CONTROL && (word & MBX_CTS) == 0)
		want_reset(vf);
}

/* One request and its answer; -EBADMSG: what came was none. */
static int
exchange_once(struct vf *vf, const struct mbx_msg *request)
{
	struct mbx_msg reply;
	uint32_t control = 0;
	int rc;

	rc = vf_channel_request(&vf->channel, request, &reply, MBX_REPLY_WORDS, &control);
	vf_note_control(vf, control);
	if (rc == -EBUSY)
		return rc;
	if (rc < 0) {
		want_reset(vf);
		return rc;
	}
	rc = mbx_check_reply(request, &reply);
	/* A PF that granted our reset says so in every later answer, refusals included. */
	if (rc == -EPERM && (reply.word[0] & MBX_CTS) == 0) {
		want_reset(vf);
		return -EAGAIN;
	}
	return rc;
}

/*
 * DPDK's own PF answers the acknowledgement of each of its replies with a bare NACK, and when the
 * next request is there by then, that NACK overwrites the reply to it. All requests may be
 * repeated; the pause lets the PF, whose interrupts are up to 33 ms apart, catch up.
 */
static int
exchange(struct vf *vf, const struct mbx_msg *request)
{
	int rc = exchange_once(vf, request);

	for (unsigned int i = 0; i < REPEAT_TRIES && rc == -EBADMSG; i++) {
		rte_delay_us_sleep(REPEAT_US);
		rc = exchange_once(vf, request);
	}
	return rc;
}

static int
ask(struct vf *vf, const struct mbx_msg *request)
{
	int rc;

	pthread_mutex_lock(&vf->lock);
	if (vf->ready)
		rc = exchange(vf, request);
	else
		rc = vf->running ? -EAGAIN : 0;
	pthread_mutex_unlock(&vf->lock);
	return rc;
}

static int
ask_mac(struct vf *vf, enum mbx_mac_action action, const struct mac_addr *mac)
{
	struct mbx_set_mac request = { .action = MBX_MAC_SET, .mac = *mac };
	struct mbx_msg msg;

	/* With an address in every case, see vf_ask_mac_clear(). */
	mbx_encode_set_mac(&msg, &request);
	msg.word[0] |= (uint32_t)action << MBX_INFO_SHIFT;
	return ask(vf, &msg);
}

int
vf_ask_mac(struct vf *vf, const struct mac_addr *mac)
{
	return ask_mac(vf, MBX_MAC_SET, mac);
}

int
vf_ask_mac_add(struct vf *vf, const struct mac_addr *mac)
{
	return ask_mac(vf, MBX_MAC_FILTER_ADD, mac);
}

int
vf_ask_mac_clear(struct vf *vf, const struct mac_addr *own)
{
	/*
	 * The address means nothing in this request, but Linux's PF refuses it with an invalid
	 * one, and DPDK's takes it for the VF's new address.
	 */
	return ask_mac(vf, MBX_MAC_FILTERS_CLEAR, own);
}

int
vf_ask_multicast(struct vf *vf)
{
	struct mbx_msg msg;

	mbx_encode_set_multicast(&msg, &vf->groups);
	return ask(vf, &msg);
}

int
vf_ask_vlan(struct vf *vf, uint16_t vlan, bool add)
{
	struct mbx_set_vlan request = { .vlan = vlan, .add = add };
	struct mbx_msg msg;

	mbx_encode_set_vlan(&msg, &request);
	return ask(vf, &msg);
}

int
vf_ask_max_frame(struct vf *vf, uint32_t bytes)
{
	struct mbx_set_max_frame request = { .bytes = bytes };
	struct mbx_msg msg;

	mbx_encode_set_max_frame(&msg, &request);
	return ask(vf, &msg);
}

static int
ask_receive_mode(struct vf *vf, bool unicast, bool multicast)
{
	struct mbx_set_promiscuous request = { .unicast = unicast, .multicast = multicast };
	struct mbx_msg msg;

	mbx_encode_set_promiscuous(&msg, &request);
	return ask(vf, &msg);
}

int
vf_ask_receive_mode(struct vf *vf, bool unicast, bool multicast)
{
	int rc;

	/* Not only a saving: DPDK's own PF refuses even to turn off what it never turned on. */
	if (unicast == vf->unicast && multicast == vf->multicast)
		return 0;
	rc = ask_receive_mode(vf, unicast, multicast);
	if (rc == -EPERM) {
		/* Linux's PF grants the multicast half of what it refuses: back to a known state. */
		ask_receive_mode(vf, vf->unicast, vf->multicast);
		return rc;
	}
	if (rc == 0 && vf->ready) {
		vf->unicast = unicast;
		vf->multicast = multicast;
	}
	return rc;
}
