/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <string.h>

#include "oracle.h"
#include "world.h"

#define AMBUSHES 4

struct ambush {
	uint16_t after;		/* accesses until then; 0: none */
	struct vf_move move;
};

/* A VF, its mailbox, and the PF's end of it. */
struct side {
	struct mailbox_model model;
	struct mailbox_io pf_io, vf_io;	/* the model's own */
	struct pf_channel pf;
	struct vf_channel vf;
	struct ambush ambush[AMBUSHES];
	unsigned int moves;		/* counted, to know whether one came in between */
	bool was_reset;			/* VFLRE: the PF has not seen it yet */
	bool hogs, storms;

	/* What the checks remember. */
	struct mac_addr mac;		/* what the VF may be told is its own */
	uint64_t said_ms;		/* the PF's last word, 0: none */
	uint64_t nacked_ms;		/* its last refusal of a VF that had not reset itself */
};

static struct side sides[RIG_VFS];
static uint64_t now_us;

void
world_wait(uint64_t us)
{
	now_us += us;
	rig_now_ms = now_us / 1000;
}

static void
reset_function(struct side *side)
{
	struct mailbox_model *model = &side->model;

	side->was_reset = true;
	side->hogs = false;
	model->vf_owns = false;
	model->vf_request = false;
	model->vf_ack = false;
	model->message = false;
	model->acknowledged = false;
}

void
world_move(uint16_t vf, const struct vf_move *move)
{
	struct side *side = &sides[vf];
	const struct mailbox_io *io = &side->vf_io;

	side->moves++;
	switch (move->act) {
	case ACT_WRITE_WORD:
		io->write_word(io->ctx, move->word % MBX_WORDS, move->value);
		break;
	case ACT_REQUEST:
		io->write_control(io->ctx, V2P_REQ);
		break;
	case ACT_ACKNOWLEDGE:
		io->write_control(io->ctx, V2P_ACK);
		break;
	case ACT_LOCK:
		io->write_control(io->ctx, V2P_VFU);
		break;
	case ACT_UNLOCK:
		io->write_control(io->ctx, 0);
		break;
	case ACT_READ_CONTROL:
		(void)io->read_control(io->ctx);
		break;
	case ACT_WRITE_CONTROL:
		io->write_control(io->ctx, move->value);
		break;
	case ACT_RESET:
		reset_function(side);
		break;
	case ACT_HOG:
		side->hogs = !side->hogs;
		break;
	case ACT_STORM:
		side->storms = !side->storms;
		break;
	case ACT_VANISH:
		side->model.gone = !side->model.gone;
		break;
	case ACT_NB:
		break;
	}
}

void
world_ambush(uint16_t vf, uint16_t after, const struct vf_move *move)
{
	for (unsigned int i = 0; i < AMBUSHES; i++) {
		if (sides[vf].ambush[i].after == 0) {
			sides[vf].ambush[i] = (struct ambush){ (uint16_t)(after + 1), *move };
			return;
		}
	}
}

/* Between two accesses of the PF. */
static void
spring(struct side *side)
{
	for (unsigned int i = 0; i < AMBUSHES; i++) {
		struct ambush *ambush = &side->ambush[i];

		if (ambush->after != 0 && --ambush->after == 0)
			world_move((uint16_t)(side - sides), &ambush->move);
	}
}

static uint32_t
read_control(void *ctx)
{
	struct side *side = ctx;

	spring(side);
	return side->pf_io.read_control(side->pf_io.ctx);
}

static void
write_control(void *ctx, uint32_t value)
{
	struct side *side = ctx;

	spring(side);
	must((value & ~(P2V_STS | P2V_ACK | P2V_VFU | P2V_PFU | P2V_RVFU)) == 0,
	     "the PF writes reserved bits: %08x", value);
	side->pf_io.write_control(side->pf_io.ctx, value);
}

static uint32_t
read_word(void *ctx, uint8_t word)
{
	struct side *side = ctx;

	spring(side);
	must(word < MBX_WORDS, "the PF reads word %u", word);
	return side->pf_io.read_word(side->pf_io.ctx, word);
}

static void
write_word(void *ctx, uint8_t word, uint32_t value)
{
	struct side *side = ctx;

	spring(side);
	must(word < MBX_WORDS, "the PF writes word %u", word);
	side->pf_io.write_word(side->pf_io.ctx, word, value);
}

/* The VFs that never let go have their turn while the PF pauses. */
static void
meanwhile(void)
{
	for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
		struct side *side = &sides[vf];

		if (side->hogs)
			world_move(vf, &(struct vf_move){ ACT_LOCK });
		if (side->storms)
			world_move(vf, &(struct vf_move){ ACT_REQUEST });
	}
}

static void
pause_us(void *ctx, unsigned int us)
{
	struct side *side = ctx;

	must(us > 0, "a pause of no length");
	spring(side);
	world_wait(us);
	meanwhile();
}

static bool
request_pending(void *ctx)
{
	struct side *side = ctx;

	spring(side);
	return side->pf_io.request_pending(side->pf_io.ctx);
}

static void
create_side(struct side *side)
{
	memset(side, 0, sizeof(*side));
	model_create(&side->model);
	side->pf_io = model_pf_io(&side->model);
	side->vf_io = model_vf_io(&side->model);
	side->pf.io = (struct mailbox_io){
		.read_control = read_control,
		.write_control = write_control,
		.read_word = read_word,
		.write_word = write_word,
		.delay_us = pause_us,
		.request_pending = request_pending,
		.ctx = side,
	};
}

void
world_create(enum mbx_dialect dialect, uint32_t shared_max_frame)
{
	if (dialect == MBX_DIALECT_82599)
		rig_start_82599(NULL);
	else
		rig_start(NULL);
	fake.info.shared_max_frame = shared_max_frame;
	rig.pf_mac = rig_mac(0);
	now_us = rig_now_ms * 1000;
	oracle_start();
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		create_side(&sides[vf]);
}

void
world_free(void)
{
	for (uint16_t vf = 0; vf < RIG_VFS; vf++)
		model_free(&sides[vf].model);
	memset(&rig.pf_mac, 0, sizeof(rig.pf_mac));
}

void
world_post(uint16_t vf, const struct mbx_msg *msg, bool rude)
{
	struct side *side = &sides[vf];
	const struct mailbox_io *io = &side->vf_io;

	if (!rude)
		io->write_control(io->ctx, V2P_VFU);
	for (uint8_t i = 0; i < msg->words && i < MBX_WORDS; i++)
		io->write_word(io->ctx, i, msg->word[i]);
	io->write_control(io->ctx, V2P_REQ);
	side->moves++;
}

/* The PF said something: the buffer holds that and nothing else, unless the VF interfered. */
static void
check_sent(const struct side *side, const struct mbx_msg *msg, unsigned int moves)
{
	must(!side->model.pf_owns, "the PF keeps the buffer");
	if (side->moves != moves)
		return;
	for (uint8_t i = 0; i < MBX_WORDS; i++)
		must(side->model.buffer[i] == (i < msg->words ? msg->word[i] : 0),
		     "word %u of the buffer is %08x", i, side->model.buffer[i]);
}

static void
send(struct side *side, const struct mbx_msg *msg)
{
	unsigned int moves = side->moves;
	uint64_t begin_us = now_us;
	int rc = pf_channel_send(&side->pf, msg);

	must(rc == 0 || rc == -EBUSY || rc == -EAGAIN || rc == -EIO, "send: %d", rc);
	must(now_us - begin_us <= WORLD_SERVE_US / 2, "send took %u us",
	     (unsigned int)(now_us - begin_us));
	if (rc == 0)
		check_sent(side, msg, moves);
}

/* What the VF may be told: its address since its last function-level reset, or its pin. */
static void
check_reset_reply(uint16_t vf, const struct mbx_msg *reply)
{
	struct mac_addr told;
	int rc = mbx_check_reset_reply(reply, &told);
	const struct mac_addr *pin = &rig.vf[vf].policy.mac;
	const struct mac_addr *own = mac_is_zero(pin) ? &sides[vf].mac : pin;

	if ((reply->word[0] & MBX_OPCODE) != MBX_VF_RESET || rig.vf[vf].state != VF_READY ||
	    (reply->word[0] & MBX_CTS) != 0)
		return;
	must(rc == (mac_is_zero(own) ? -ENODATA : 0), "reply to RESET: %d", rc);
	must(rc != 0 || mac_equal(&told, own), "the reply to RESET tells a foreign address");
}

/* Refusals to a VF that has not reset itself are paced. */
static void
check_pace(struct side *side, enum vf_state state)
{
	uint64_t now_ms = now_us / 1000;

	if (state == VF_READY)
		return;
	must(side->nacked_ms == 0 || now_ms - side->nacked_ms >= SERVICE_NACK_MS,
	     "refused again after %u ms", (unsigned int)(now_ms - side->nacked_ms));
	side->nacked_ms = now_ms;
}

/* Nobody's pool or book but the VF's own changed. */
static void
check_neighbours(uint16_t vf, const struct fake_vf *pools, const struct vf_entry *entries)
{
	for (uint16_t other = 0; other < RIG_VFS; other++) {
		if (other == vf)
			continue;
		must(memcmp(&pools[other], &fake.vf[other], sizeof(*pools)) == 0,
		     "VF %u changed the pool of VF %u", vf, other);
		must(memcmp(&entries[other], &rig.vf[other], sizeof(*entries)) == 0,
		     "VF %u changed the book of VF %u", vf, other);
	}
}

/* The part of the exchange that is the service's: request in, reply out. */
static bool
check_service(uint16_t vf, const struct mbx_msg *msg, struct mbx_msg *reply)
{
	static struct fake_vf pools[RIG_VFS];
	static struct vf_entry entries[RIG_VFS];
	enum vf_state before = rig.vf[vf].state;
	bool malformed = oracle_malformed(vf, msg);
	unsigned int calls = fake.calls;
	const char *wrong;
	bool answered;

	memcpy(pools, fake.vf, sizeof(pools));
	memcpy(entries, rig.vf, sizeof(entries));
	memset(reply, 0xee, sizeof(*reply));
	answered = service_on_request(&rig, vf, msg, now_us / 1000, reply);
	check_neighbours(vf, pools, entries);

	if (malformed || (before != VF_READY && (msg->word[0] & MBX_OPCODE) != 1))
		must(fake.calls == calls, "%08x had an effect on the pool", msg->word[0]);
	if (rig.vf[vf].state == VF_READY && before == VF_READY &&
	    rig.vf[vf].counters.acked > entries[vf].counters.acked &&
	    msg->word[0] == MBX_SET_MAC)
		sides[vf].mac = rig.vf[vf].mac;
	/* Shut off because the pool failed: what it held is gone. */
	if (!rig.vf[vf].enabled)
		memset(&sides[vf].mac, 0, sizeof(sides[vf].mac));
	if (!answered)
		return false;
	wrong = oracle_reply(vf, msg, malformed, reply);
	must(wrong == NULL, "reply %08x to %08x: %s", reply->word[0], msg->word[0], wrong);
	check_reset_reply(vf, reply);
	check_pace(&sides[vf], rig.vf[vf].state);
	return true;
}

static void
serve_request(uint16_t vf)
{
	struct side *side = &sides[vf];
	uint64_t begin_us = now_us;
	struct mbx_msg msg, reply;
	int rc;

	memset(side->model.reads, 0, sizeof(side->model.reads));
	rc = pf_channel_receive(&side->pf, &msg);
	must(rc == 0 || rc == -EBUSY || rc == -EIO, "receive: %d", rc);
	for (unsigned int i = 0; i < MBX_WORDS; i++)
		must(side->model.reads[i] == (rc == 0), "word %u was read %u times", i,
		     side->model.reads[i]);
	if (rc == 0) {
		must(!side->model.pf_owns, "the PF keeps the buffer");
		if (check_service(vf, &msg, &reply)) {
			side->said_ms = now_us / 1000;
			send(side, &reply);
		}
	}
	must(now_us - begin_us <= WORLD_SERVE_US, "VF %u kept the PF for %u us", vf,
	     (unsigned int)(now_us - begin_us));
}

static void
serve_reset(uint16_t vf)
{
	service_on_vf_reset(&rig, vf);
	must(rig.vf[vf].state == VF_WAIT_RESET && !rig.vf[vf].enabled, "alive after a reset");
	memset(&sides[vf].mac, 0, sizeof(sides[vf].mac));
}

void
world_serve(void)
{
	for (uint16_t vf = 0; vf < rig.nb_vfs; vf++) {
		if (sides[vf].was_reset) {
			sides[vf].was_reset = false;
			serve_reset(vf);
		}
	}
	for (uint16_t vf = 0; vf < rig.nb_vfs; vf++) {
		if (model_take_request(&sides[vf].model))
			serve_request(vf);
	}
}

void
world_notices(bool link_changed)
{
	for (uint16_t vf = 0; vf < rig.nb_vfs; vf++) {
		uint64_t now_ms = now_us / 1000;
		struct side *side = &sides[vf];
		struct mbx_msg msg;
		const char *wrong;

		memset(&msg, 0xee, sizeof(msg));
		if (!service_notice(&rig, vf, link_changed, now_ms, &msg))
			continue;
		wrong = oracle_notice(&msg);
		must(wrong == NULL, "notice %08x: %s", msg.word[0], wrong);
		must(side->said_ms == 0 || now_ms - side->said_ms >= SERVICE_QUIET_MS,
		     "a notice %u ms after a reply", (unsigned int)(now_ms - side->said_ms));
		side->said_ms = now_ms;
		send(side, &msg);
	}
}

void
world_set_policy(uint16_t vf, const struct vf_policy *policy)
{
	oracle_policy(policy);
	(void)service_set_policy(&rig, vf, policy);
	/* It may have taken addresses away, from others too. */
	for (uint16_t other = 0; other < RIG_VFS; other++)
		sides[other].mac = rig.vf[other].mac;
}

void
world_set_vfs(uint16_t nb_vfs)
{
	struct pool_info info = fake.info;
	unsigned int lacks = fake.lacks;
	int rc;

	must(fake.violations == 0, "%u violations", fake.violations);
	fake_clear(nb_vfs);
	fake.info = info;
	fake.lacks = lacks;
	rc = service_start(&rig, FAKE_PORT, nb_vfs, &fake_pool_ops, NULL);
	must(rc == 0, "no start with %u VFs: %d", nb_vfs, rc);
	for (uint16_t vf = 0; vf < RIG_VFS; vf++) {
		reset_function(&sides[vf]);
		memset(&sides[vf].mac, 0, sizeof(sides[vf].mac));
		sides[vf].said_ms = 0;
		sides[vf].nacked_ms = 0;
	}
}

void
world_read(uint16_t vf, uint32_t words[MBX_WORDS])
{
	memcpy(words, sides[vf].model.buffer, sizeof(sides[vf].model.buffer));
}

void
world_check(void)
{
	must(fake.violations == 0, "%u violations of the pool's contract", fake.violations);
	for (uint16_t vf = 0; vf < rig.nb_vfs; vf++) {
		const char *wrong = oracle_vf(vf);

		must(wrong == NULL, "VF %u: %s", vf, wrong);
		must(!sides[vf].model.pf_owns, "the PF keeps the buffer of VF %u", vf);
	}
}

/* The others go on with what they do while the bystander waits. */
static void
bystander_waits(struct mailbox_model *model)
{
	(void)model;
	world_wait(1);
	meanwhile();
	world_serve();
}

static void
ask_for_bystander(const struct mbx_msg *request, struct mbx_msg *reply)
{
	struct side *side = &sides[WORLD_BYSTANDER];
	uint64_t begin_us = now_us;
	int rc;

	side->vf.io = side->vf_io;
	side->model.meanwhile = bystander_waits;
	rc = vf_channel_request(&side->vf, request, reply, MBX_RESET_REPLY_WORDS, NULL);
	side->model.meanwhile = NULL;
	must(rc == 0, "the bystander gets no reply: %d", rc);
	must(now_us - begin_us <= 3 * RIG_VFS * WORLD_SERVE_US, "the bystander waits %u us",
	     (unsigned int)(now_us - begin_us));
}

void
world_serve_bystander(void)
{
	struct side *side = &sides[WORLD_BYSTANDER];
	struct mbx_msg request, reply;

	if (rig.nb_vfs <= WORLD_BYSTANDER)
		return;
	fake_fail(0, 0, 0);
	fake.info_rc = 0;
	memset(side->ambush, 0, sizeof(side->ambush));
	/* What it left in its mailbox is of no use to anyone by now. */
	reset_function(side);
	world_serve();
	mbx_encode_reset(&request);
	ask_for_bystander(&request, &reply);
	must(rig.vf[WORLD_BYSTANDER].state == VF_READY, "the bystander is not ready");
	mbx_encode_set_vlan(&request, &(struct mbx_set_vlan){ .vlan = 9, .add = true });
	ask_for_bystander(&request, &reply);
	must(mbx_check_reply(&request, &reply) ==
	     (policy_set_vlan(&rig.vf[WORLD_BYSTANDER].policy, 9, true, 0) == POLICY_OK ?
	      0 : -EPERM),
	     "the bystander's VLAN: %08x", reply.word[0]);
	world_check();
}
