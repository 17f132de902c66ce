/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>

#include "book.h"
#include "settings.h"

enum step_kind {
	ADD_MAC,
	ADD_VLAN,
	SET,
	REMOVE_VLAN,
	REMOVE_MAC,
};

struct setting;

/* One call of the pool. What a SET step sets is in the book it is run with. */
struct step {
	enum step_kind kind;
	uint16_t vlan;
	struct mac_addr mac;
	const struct setting *setting;
};

/* At most: every address and VLAN exchanged for another one, and each setting changed. */
#define STEPS_MAX (2 * (SERVICE_MACS_MAX + 1) + 2 * (SERVICE_VLANS_MAX + 1) + SETTINGS_NB + 1)

struct plan {
	struct step step[STEPS_MAX];
	unsigned int nb;
};

/* The VF's addresses, as one list: index 0 is its own. */
static const struct mac_addr *
mac_at(const struct vf_entry *entry, unsigned int i)
{
	return i == 0 ? &entry->mac : &entry->extra[i - 1];
}

/* The VLANs of the VF's pool. */
static unsigned int
count_vlans(const struct vf_entry *entry)
{
	return entry->policy.vlan != 0 ? 1 : entry->nb_vlans;
}

static uint16_t
vlan_at(const struct vf_entry *entry, unsigned int i)
{
	return entry->policy.vlan != 0 ? entry->policy.vlan : entry->vlans[i];
}

bool
book_passes_frames(const struct vf_entry *entry)
{
	return entry->enabled && entry->policy.state != POLICY_STATE_DISABLE;
}

bool
book_has_mac(const struct vf_entry *entry, const struct mac_addr *mac)
{
	for (unsigned int i = 0; i <= entry->nb_extra; i++) {
		if (mac_equal(mac_at(entry, i), mac))
			return true;
	}
	return false;
}

bool
book_has_vlan(const struct vf_entry *entry, uint16_t vlan)
{
	for (unsigned int i = 0; i < entry->nb_vlans; i++) {
		if (entry->vlans[i] == vlan)
			return true;
	}
	return false;
}

static bool
pool_has_vlan(const struct vf_entry *entry, uint16_t vlan)
{
	return entry->policy.vlan != 0 ? entry->policy.vlan == vlan : book_has_vlan(entry, vlan);
}

void
book_remove_extra(struct vf_entry *entry, const struct mac_addr *mac)
{
	for (unsigned int i = 0; i < entry->nb_extra; i++) {
		if (mac_equal(&entry->extra[i], mac)) {
			entry->extra[i] = entry->extra[--entry->nb_extra];
			return;
		}
	}
}

void
book_clear(struct vf_entry *entry)
{
	entry->enabled = false;
	memset(&entry->mac, 0, sizeof(entry->mac));
	entry->nb_extra = 0;
	entry->nb_vlans = 0;
	entry->nb_multicast = 0;
	entry->multicast_overflow = false;
	entry->max_frame = SERVICE_FRAME_BYTES;
	entry->promiscuous = false;
	entry->all_multicast = false;
	entry->takes_larger = false;
	entry->api = MBX_API_10;
}

static struct step *
add_step(struct plan *plan, enum step_kind kind)
{
	struct step *step = &plan->step[plan->nb++];

	assert(plan->nb <= STEPS_MAX);
	step->kind = kind;
	return step;
}

/* A step for each address that @p book has and @p other has not. */
static void
plan_macs(struct plan *plan, enum step_kind kind, const struct vf_entry *book,
	  const struct vf_entry *other)
{
	for (unsigned int i = 0; i <= book->nb_extra; i++) {
		const struct mac_addr *mac = mac_at(book, i);

		if (!mac_is_zero(mac) && !book_has_mac(other, mac))
			add_step(plan, kind)->mac = *mac;
	}
}

static void
plan_vlans(struct plan *plan, enum step_kind kind, const struct vf_entry *book,
	   const struct vf_entry *other)
{
	for (unsigned int i = 0; i < count_vlans(book); i++) {
		if (!pool_has_vlan(other, vlan_at(book, i)))
			add_step(plan, kind)->vlan = vlan_at(book, i);
	}
}

/* The settings that differ; of a clean pool, all whose defaults nobody promises. */
static void
plan_settings(struct plan *plan, const struct vf_entry *from, const struct vf_entry *to,
	      bool clean_pool)
{
	for (unsigned int i = 0; i < SETTINGS_NB; i++) {
		const struct setting *setting = &settings[i];

		if ((clean_pool && !setting_is_optional(setting)) || !setting->same(from, to))
			add_step(plan, SET)->setting = setting;
	}
}

static int
call_pool(struct vf_service *service, uint16_t vf, const struct step *step,
	  const struct vf_entry *book)
{
	const struct pool_ops *pool = service->pool;
	uint16_t port = service->port_id;

	switch (step->kind) {
	case ADD_MAC:
		return pool->add_mac(port, vf, &step->mac);
	case REMOVE_MAC:
		return pool->remove_mac(port, vf, &step->mac);
	case ADD_VLAN:
		return pool->add_vlan(port, vf, step->vlan);
	case REMOVE_VLAN:
		return pool->remove_vlan(port, vf, step->vlan);
	case SET:
		return setting_set(service, vf, step->setting, book);
	}
	assert(false);
	return 0;
}

/* What is gone already was removed by somebody who died before he could note it. */
static int
run_step(struct vf_service *service, uint16_t vf, const struct step *step,
	 const struct vf_entry *book)
{
	bool removes = step->kind == REMOVE_MAC || step->kind == REMOVE_VLAN;
	int rc = call_pool(service, vf, step, book);

	return removes && rc == -ENOENT ? 0 : rc;
}

static struct step
inverse(const struct step *step)
{
	static const enum step_kind inverse_kind[] = {
		[ADD_MAC] = REMOVE_MAC,
		[REMOVE_MAC] = ADD_MAC,
		[ADD_VLAN] = REMOVE_VLAN,
		[REMOVE_VLAN] = ADD_VLAN,
		[SET] = SET,
	};
	struct step back = *step;

	back.kind = inverse_kind[step->kind];
	return back;
}

/* Returns how many steps succeeded. */
static unsigned int
run_plan(struct vf_service *service, uint16_t vf, const struct plan *plan,
	 const struct vf_entry *to, int *rc)
{
	unsigned int done;

	for (done = 0; done < plan->nb; done++) {
		*rc = run_step(service, vf, &plan->step[done], to);
		if (*rc < 0)
			break;
	}
	return done;
}

static int
undo_plan(struct vf_service *service, uint16_t vf, const struct plan *plan, unsigned int done)
{
	while (done-- > 0) {
		struct step back = inverse(&plan->step[done]);
		int rc = run_step(service, vf, &back, &service->vf[vf]);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* --- The journal: its order of stores is what a death in between finds --- */

static void
note(struct vf_service *service, enum book_stage stage)
{
	atomic_signal_fence(memory_order_seq_cst);
	*(volatile enum book_stage *)&service->journal.stage = stage;
	atomic_signal_fence(memory_order_seq_cst);
}

static void
begin(struct vf_service *service, enum book_stage stage, uint16_t vf, const struct vf_entry *next)
{
	assert(service->journal.stage == BOOK_AT_REST);
	service->journal.vf = vf;
	service->journal.next = *next;
	note(service, stage);
}

static void
commit(struct vf_service *service)
{
	note(service, BOOK_COMMITTING);
	service->vf[service->journal.vf] = service->journal.next;
	note(service, BOOK_AT_REST);
}

/* --- What the journal says --- */

/* Disabled first: the filters go one by one, and frames must not take the wrong way. */
static int
clean_pool(struct vf_service *service, uint16_t vf)
{
	int disabled = service->pool->disable(service->port_id, vf);
	int reset = service->pool->reset(service->port_id, vf);

	return disabled < 0 ? disabled : reset;
}

static int
do_close(struct vf_service *service)
{
	int rc = clean_pool(service, service->journal.vf);
	struct vf_entry *next = &service->journal.next;

	book_clear(next);
	next->state = next->quarantine.on ? VF_QUARANTINED : VF_WAIT_RESET;
	commit(service);
	return rc;
}

static void
make_plan(struct plan *plan, const struct vf_entry *from, const struct vf_entry *to)
{
	bool stops = book_passes_frames(from) && !book_passes_frames(to);
	bool starts = !book_passes_frames(from) && book_passes_frames(to);

	plan->nb = 0;
	if (!from->enabled)
		return;
	if (stops)
		add_step(plan, SET)->setting = &setting_data_path;
	plan_macs(plan, ADD_MAC, to, from);
	plan_vlans(plan, ADD_VLAN, to, from);
	plan_settings(plan, from, to, false);
	plan_vlans(plan, REMOVE_VLAN, from, to);
	plan_macs(plan, REMOVE_MAC, from, to);
	if (starts)
		add_step(plan, SET)->setting = &setting_data_path;
}

/* A pool in a state that nobody knows must not go on receiving. */
static void
shut_off(struct vf_service *service)
{
	struct vf_entry *next = &service->journal.next;

	note(service, BOOK_CLOSING);
	*next = service->vf[service->journal.vf];
	next->reset_wanted = true;
	next->reset_notices = 0;
	(void)do_close(service);
}

static int
do_move(struct vf_service *service)
{
	uint16_t vf = service->journal.vf;
	const struct vf_entry *next = &service->journal.next;
	struct plan plan;
	unsigned int done;
	int rc = 0;

	make_plan(&plan, &service->vf[vf], next);
	done = run_plan(service, vf, &plan, next, &rc);
	if (rc == 0) {
		commit(service);
		return 0;
	}
	note(service, BOOK_UNDOING);
	if (undo_plan(service, vf, &plan, done) < 0)
		shut_off(service);
	else
		note(service, BOOK_AT_REST);
	return rc;
}

/* How far the dead one came back is not known: all of the way is gone again. */
static int
do_undo(struct vf_service *service)
{
	uint16_t vf = service->journal.vf;
	struct plan plan;
	int rc = 0;

	make_plan(&plan, &service->journal.next, &service->vf[vf]);
	run_plan(service, vf, &plan, &service->vf[vf], &rc);
	if (rc < 0)
		shut_off(service);
	else
		note(service, BOOK_AT_REST);
	return rc;
}

static int
do_open(struct vf_service *service)
{
	static const struct vf_entry nothing;
	uint16_t vf = service->journal.vf;
	struct vf_entry *next = &service->journal.next;
	struct plan plan = { .nb = 0 };
	int rc = clean_pool(service, vf);

	plan_macs(&plan, ADD_MAC, next, &nothing);
	plan_vlans(&plan, ADD_VLAN, next, &nothing);
	plan_settings(&plan, &nothing, next, true);
	if (rc == 0)
		run_plan(service, vf, &plan, next, &rc);
	next->enabled = true;
	if (rc == 0 && book_passes_frames(next))
		rc = service->pool->enable(service->port_id, vf);
	if (rc == 0) {
		commit(service);
		return 0;
	}
	note(service, BOOK_CLOSING);
	*next = service->vf[vf];
	(void)do_close(service);
	return rc;
}

int
book_move(struct vf_service *service, uint16_t vf, const struct vf_entry *next)
{
	begin(service, BOOK_MOVING, vf, next);
	return do_move(service);
}

int
book_open(struct vf_service *service, uint16_t vf, const struct vf_entry *next)
{
	begin(service, BOOK_OPENING, vf, next);
	return do_open(service);
}

int
book_close(struct vf_service *service, uint16_t vf)
{
	return book_close_as(service, vf, &service->vf[vf]);
}

int
book_close_as(struct vf_service *service, uint16_t vf, const struct vf_entry *next)
{
	begin(service, BOOK_CLOSING, vf, next);
	return do_close(service);
}

int
book_try(struct vf_service *service, uint16_t vf, const struct vf_entry *next)
{
	static const struct vf_entry usual;
	int rc = 0;

	for (unsigned int i = 0; i < SETTINGS_NB && rc == 0; i++) {
		const struct setting *setting = &settings[i];

		if (!setting_is_optional(setting) || setting->same(next, &usual))
			continue;
		rc = setting_set(service, vf, setting, next);
		if (rc == 0)
			rc = setting_set(service, vf, setting, &usual);
	}
	return rc;
}

int
book_resume(struct vf_service *service)
{
	switch (service->journal.stage) {
	case BOOK_AT_REST:
		break;
	case BOOK_MOVING:
		return do_move(service);
	case BOOK_UNDOING:
		return do_undo(service);
	case BOOK_OPENING:
		return do_open(service);
	case BOOK_CLOSING:
		return do_close(service);
	case BOOK_COMMITTING:
		commit(service);
		break;
	}
	return 0;
}
