/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>

#include "vf.h"

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

/* -EAGAIN: a refusal by a PF that does not know us. One that granted our reset says so (CTS). */
static int
exchange_once(struct vf *vf, const struct mbx_msg *request, struct mbx_msg *reply, uint8_t words)
{
	uint32_t control = 0;
	int rc;

	rc = vf_channel_request(&vf->channel, request, reply, words, &control);
	vf_note_control(vf, control);
	if (rc < 0)
		return rc;
	rc = mbx_check_reply(request, reply);
	return rc == -EPERM && (reply->word[0] & MBX_CTS) == 0 ? -EAGAIN : rc;
}

/*
 * DPDK's own PF answers every acknowledgement with a NACK of its own, and a request that comes
 * in just then is lost. All requests may be repeated.
 */
int
vf_exchange(struct vf *vf, const struct mbx_msg *request, struct mbx_msg *reply, uint8_t words)
{
	int rc = exchange_once(vf, request, reply, words);

	if (rc == -ETIMEDOUT && !vf_channel_pf_resetting(&vf->channel))
		rc = exchange_once(vf, request, reply, words);
	if (rc < 0 && rc != -EPERM && rc != -EBUSY)
		want_reset(vf);
	return rc;
}

int
vf_ask(struct vf *vf, const struct mbx_msg *request, struct mbx_msg *reply, uint8_t words)
{
	int rc;

	if (vf->gone)
		return -ENODEV;
	pthread_mutex_lock(&vf->lock);
	if (vf->ready)
		rc = vf_exchange(vf, request, reply, words);
	else
		rc = vf->running ? -EAGAIN : 0;
	pthread_mutex_unlock(&vf->lock);
	return rc;
}

static int
ask(struct vf *vf, const struct mbx_msg *request)
{
	struct mbx_msg reply;

	return vf_ask(vf, request, &reply, MBX_REPLY_WORDS);
}

int
vf_ask_mac(struct vf *vf, const struct mac_addr *mac)
{
	struct mbx_set_mac request = { .action = MBX_MAC_SET, .mac = *mac };
	struct mbx_msg msg;

	mbx_encode_set_mac(&msg, &request);
	return ask(vf, &msg);
}

int
vf_ask_mac_add(struct vf *vf, const struct mac_addr *mac)
{
	struct mbx_msg msg;

	vf->family->dialect->encode_mac_add(&msg, mac);
	return ask(vf, &msg);
}

int
vf_ask_mac_clear(struct vf *vf, const struct mac_addr *own)
{
	struct mbx_msg msg;

	vf->family->dialect->encode_mac_clear(&msg, own);
	return ask(vf, &msg);
}

int
vf_ask_multicast(struct vf *vf)
{
	struct mbx_msg msg;

	vf->family->dialect->encode_multicast(&msg, &vf->groups);
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
	struct mbx_msg msg;

	vf->family->dialect->encode_max_frame(&msg, bytes);
	return ask(vf, &msg);
}

int
vf_ask_receive_mode(struct vf *vf, bool unicast, bool multicast)
{
	const struct vf_dialect *dialect = vf->family->dialect;
	int rc;

	/* Not only a saving: DPDK's own PF refuses even to turn off what it never turned on. */
	if (unicast == vf->unicast && multicast == vf->multicast)
		return 0;
	rc = dialect->ask_receive_mode(vf, unicast, multicast);
	if (rc == -EPERM) {
		/* Linux's PF grants the multicast half of what it refuses: undo that. */
		dialect->ask_receive_mode(vf, vf->unicast, vf->multicast);
		return rc;
	}
	if (rc == 0 && vf->ready) {
		vf->unicast = unicast;
		vf->multicast = multicast;
	}
	return rc;
}
