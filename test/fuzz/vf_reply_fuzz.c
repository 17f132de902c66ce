/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * A PF that answers our VF driver with whatever it likes: words, locks, silence, resets. The first
 * byte chooses the family; then each step, each answer and each pause takes what it needs.
 */

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_log.h>

#include "input.h"
#include "vf.h"

#define MS 1000

/* A transfer waits 10 ms for the lock, 1 s for the acknowledgement, 1 s for each of the messages
 * that may come before the reply; and all of it once more. */
#define REQUEST_US_MAX (2 * (10 + 1000 + 9 * (1000 + 10)) * MS)

/* How the PF answers the next request. */
enum manner {
	AS_ASKED,	/* the reply that was asked for, with some bits flipped */
	ANYTHING,	/* any words */
	SILENCE,	/* read, and not answered */
	NOT_READ,	/* not even acknowledged */
	LOCKED,		/* the PF keeps the buffer */
	GONE,		/* the device leaves the bus */
	NB_MANNERS,
};

struct pf {
	struct vf vf;
	struct rte_eth_dev dev;
	struct rte_eth_dev_data data;
	struct rte_ether_addr macs[16];
	struct input in;
	uint32_t control;		/* V2PMAILBOX */
	uint32_t buffer[MBX_WORDS];
	bool locked, gone;
	bool granted;			/* a well-formed consent was in the buffer */
	bool owned_by_vf;
	uint64_t now_us;
};

static struct pf pf;

static uint32_t
read_control(void *ctx)
{
	uint32_t value = pf.control | (pf.locked ? V2P_PFU : 0);

	(void)ctx;
	pf.control &= ~(V2P_PFSTS | V2P_PFACK | V2P_RSTD);
	return pf.gone ? UINT32_MAX : value;
}

static bool
is_consent(uint32_t word, uint32_t request)
{
	return (word & MBX_OPCODE) == (request & MBX_OPCODE) &&
		(word & (MBX_ACK | MBX_NACK)) == MBX_ACK;
}

static void
write_reply(uint32_t request)
{
	uint8_t flags = take_byte(&pf.in);

	memset(pf.buffer, 0, sizeof(pf.buffer));
	pf.buffer[0] = (request & (MBX_OPCODE | MBX_INFO)) | (uint32_t)(flags & 0xe0) << 24;
	if ((flags & 1) != 0)
		pf.buffer[0] ^= take_word(&pf.in);
	pf.buffer[1] = take_word(&pf.in);
	pf.buffer[2] = take_word(&pf.in);
	pf.control |= V2P_PFACK | V2P_PFSTS;
	if ((flags & 2) != 0)
		pf.control |= take_byte(&pf.in) & (V2P_RSTI | V2P_RSTD);
}

static void
answer(uint32_t request)
{
	switch ((enum manner)take_below(&pf.in, NB_MANNERS)) {
	case AS_ASKED:
		write_reply(request);
		break;
	case ANYTHING:
		for (unsigned int i = 0; i < 3; i++)
			pf.buffer[i] = take_word(&pf.in);
		pf.control |= take_byte(&pf.in) & ~V2P_VFU;
		break;
	case SILENCE:
		pf.control |= V2P_PFACK;
		break;
	case LOCKED:
		pf.locked = true;
		break;
	case GONE:
		pf.gone = true;
		break;
	case NOT_READ:
	case NB_MANNERS:
		break;
	}
	pf.granted |= is_consent(pf.buffer[0], request);
}

static void
write_control(void *ctx, uint32_t value)
{
	(void)ctx;
	must((value & ~(V2P_REQ | V2P_ACK | V2P_VFU)) == 0, "the VF writes %08x", value);
	pf.control &= ~V2P_VFU;
	if ((value & V2P_VFU) != 0 && !pf.locked)
		pf.control |= V2P_VFU;
	if ((value & V2P_REQ) != 0)
		answer(pf.buffer[0]);
}

static uint32_t
read_word(void *ctx, uint8_t word)
{
	(void)ctx;
	must(word < MBX_WORDS, "word %u", word);
	must((pf.control & V2P_VFU) != 0, "read without owning the buffer");
	return pf.gone ? UINT32_MAX : pf.buffer[word];
}

static void
write_word(void *ctx, uint8_t word, uint32_t value)
{
	(void)ctx;
	must(word < MBX_WORDS, "word %u", word);
	must((pf.control & V2P_VFU) != 0, "written without owning the buffer");
	pf.buffer[word] = value;
}

/* While the VF waits, the PF may still change its mind: a message of its own, or another one. */
static void
delay_us(void *ctx, unsigned int us)
{
	uint8_t chance;

	(void)ctx;
	must(us > 0, "a pause of no length");
	pf.now_us += us;
	if (pf.in.left == 0)
		return;
	chance = take_byte(&pf.in);
	if (chance < 0xe0)
		return;
	pf.locked = (chance & 1) != 0;
	pf.gone = pf.gone && (chance & 2) == 0;
	if ((chance & 4) != 0) {
		pf.buffer[0] = take_word(&pf.in);
		pf.control |= V2P_PFSTS;
		pf.granted = true;	/* it may be one now: not followed any further */
	}
	if ((chance & 8) != 0)
		pf.control |= V2P_PFACK;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	rte_log_set_global_level(RTE_LOG_EMERG);
	return 0;
}

static void
create_vf(void)
{
	memset(&pf.vf, 0, sizeof(pf.vf));
	pthread_mutex_init(&pf.vf.lock, NULL);
	pf.vf.port.max_frame = 1522;
	pf.vf.ready = true;
	pf.vf.running = true;
	pf.vf.family = (take_byte(&pf.in) & 1) != 0 ? &vf_family_82599 : &vf_family_82576;
	pf.vf.channel.io = (struct mailbox_io){
		.read_control = read_control,
		.write_control = write_control,
		.read_word = read_word,
		.write_word = write_word,
		.delay_us = delay_us,
	};
	memset(&pf.dev, 0, sizeof(pf.dev));
	memset(&pf.data, 0, sizeof(pf.data));
	memset(pf.macs, 0, sizeof(pf.macs));
	pf.data.dev_private = &pf.vf;
	pf.data.mac_addrs = pf.macs;
	pf.dev.data = &pf.data;
	memset(pf.buffer, 0, sizeof(pf.buffer));
	pf.control = 0;
	pf.locked = pf.gone = false;
	pf.now_us = 0;
}

/* Any list of groups, more of them than fit into a message too. */
static int
set_multicast(void)
{
	struct rte_ether_addr list[48];
	uint32_t nb = take_below(&pf.in, 49);

	for (uint32_t i = 0; i < nb; i++)
		list[i] = (struct rte_ether_addr){ { 1, 0, 0x5e, 0, (uint8_t)i, (uint8_t)nb } };
	return vf_set_mc_addr_list(&pf.dev, list, nb);
}

/* What the PF told about itself is in range, whatever it said. */
static void
check_introduced(void)
{
	uint16_t queues = pf.vf.port.row.max_queues;

	must(queues >= 1 && queues <= pf.vf.family->queues->rxq.count, "%u queues", queues);
	must(pf.vf.api <= MBX_API_13, "version %d", pf.vf.api);
}

/* As reset.c does it, without the registers. */
static int
reset_exchange(void)
{
	const struct vf_dialect *dialect = pf.vf.family->dialect;
	struct mac_addr mac = { { 2, 0, 0, 0, 0, 1 } };
	struct mbx_msg request, reply;
	int rc;

	mbx_encode_reset(&request);
	rc = vf_channel_request(&pf.vf.channel, &request, &reply, dialect->reset_reply_words,
				NULL);
	if (rc < 0)
		return rc;
	rc = mbx_check_reset_reply(&reply, &mac);
	must(rc == 0 || rc == -ENODATA || rc == -EBADMSG, "reply to RESET: %d", rc);
	must(rc != 0 || mac_is_unicast(&mac), "the PF's address is none");
	if (rc == 0 && dialect->introduce != NULL) {
		pthread_mutex_lock(&pf.vf.lock);
		rc = dialect->introduce(&pf.vf, &reply);
		pthread_mutex_unlock(&pf.vf.lock);
		must(rc == 0 || rc == -EAGAIN, "introduction: %d", rc);
		if (rc == 0)
			check_introduced();
	}
	return rc == 0 ? 0 : -EPERM;
}

static int
ask(uint8_t what)
{
	static const struct mac_addr mac = { { 2, 0x11, 0x22, 0x33, 0x44, 0x55 } };

	switch (what % 10) {
	case 0:
		return vf_ask_mac(&pf.vf, &mac);
	case 1:
		return vf_ask_mac_add(&pf.vf, &mac);
	case 2:
		return vf_ask_mac_clear(&pf.vf, &mac);
	case 3:
		return set_multicast();
	case 4:
		return vf_ask_vlan(&pf.vf, take_half(&pf.in) & 0xfff, true);
	case 5:
		return vf_ask_max_frame(&pf.vf, take_half(&pf.in));
	case 6:
		return vf_promiscuous_enable(&pf.dev);
	case 7:
		return vf_allmulticast_enable(&pf.dev);
	case 8:
		return vf_allmulticast_disable(&pf.dev);
	default:
		return reset_exchange();
	}
}

/* What came of it is one of few things, in time; and the modes are those that were granted. */
static void
check(int rc, bool was_ready, uint64_t took_us, uint8_t what)
{
	static const int known[] = { 0, -EPERM, -EAGAIN, -EBUSY, -EIO, -ETIMEDOUT, -EBADMSG };
	bool found = false;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		found |= rc == known[i];
	must(found, "status %d", rc);
	/* Up to six exchanges, in the longest introduction. */
	must(took_us <= 6 * REQUEST_US_MAX, "%u us", (unsigned int)took_us);
	must(was_ready || what % 10 == 9 || took_us == 0, "asked a PF that does not know us");
	must(pf.vf.ready || pf.vf.reset_wanted, "not ready, and no reset wanted");
	must(pf.vf.channel.seen == (pf.vf.channel.seen & (V2P_PFSTS | V2P_PFACK | V2P_RSTD)),
	     "seen %08x", pf.vf.channel.seen);
	must(pthread_mutex_trylock(&pf.vf.lock) == 0, "the mailbox stays locked");
	pthread_mutex_unlock(&pf.vf.lock);
	must(pf.vf.groups.nb <= MBX_MULTICASTS_MAX, "%u groups", pf.vf.groups.nb);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	pf.in = (struct input){ data, bytes };
	create_vf();
	for (unsigned int i = 0; i < 16 && pf.in.left > 0; i++) {
		bool was_ready = pf.vf.ready, unicast = pf.vf.unicast;
		uint64_t begin_us = pf.now_us;
		uint8_t what = take_byte(&pf.in);
		int rc;

		pf.granted = false;
		rc = ask(what);
		check(rc, was_ready, pf.now_us - begin_us, what);
		must(rc != 0 || pf.granted || what % 10 == 3 || what % 10 >= 6,
		     "granted by nobody");
		must(pf.vf.unicast == unicast || pf.granted, "promiscuous by nobody's grant");
		/* The driver resets the VF; this rig only says that it did. */
		if ((what & 0x80) != 0) {
			pf.locked = pf.gone = false;
			pf.control = 0;
			vf_channel_forget(&pf.vf.channel);
			pf.vf.ready = true;
			pf.vf.reset_wanted = false;
			pf.vf.unicast = pf.vf.multicast = false;
		}
	}
	pthread_mutex_destroy(&pf.vf.lock);
	return 0;
}
