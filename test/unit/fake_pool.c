/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdatomic.h>

#include "fake_pool.h"

struct fake_pool fake;

void
fake_clear(uint16_t nb_vfs)
{
	memset(&fake, 0, sizeof(fake));
	fake.nb_vfs = nb_vfs;
	fake.info.min_tx_mbps = 1;
	fake.info.max_tx_mbps = FAKE_MBPS;
}

void
fake_fail(unsigned int nth, unsigned int more, int rc)
{
	fake.fail_at = nth == 0 ? 0 : fake.calls + nth;
	fake.fail_more = more;
	fake.fail_rc = rc;
}

int
fake_find(enum fake_call call, unsigned int from)
{
	for (unsigned int i = from; i < fake.calls && i < FAKE_LOG; i++) {
		if (fake.log[i] == call)
			return (int)i;
	}
	return -1;
}

static void
leave(struct fake_vf **pool)
{
	(void)pool;
	atomic_signal_fence(memory_order_seq_cst);
	fake.inside = false;
}

/* Before the result of enter(). */
#define UNTIL_LEAVE __attribute__((cleanup(leave)))

/* Common to all calls. Returns the VF, or NULL with *rc set if the call is to fail. */
static struct fake_vf *
enter(enum fake_call call, uint16_t port_id, uint16_t vf, int *rc)
{
	fake.inside = true;
	atomic_signal_fence(memory_order_seq_cst);
	if (fake.calls < FAKE_LOG)
		fake.log[fake.calls] = call;
	fake.calls++;
	*rc = 0;
	if (port_id != FAKE_PORT || vf >= fake.nb_vfs) {
		fake.violations++;
		*rc = -EINVAL;
		return NULL;
	}
	if (fake.fail_at != 0 && fake.calls >= fake.fail_at &&
	    fake.calls <= fake.fail_at + fake.fail_more) {
		*rc = fake.fail_rc;
		return NULL;
	}
	return &fake.vf[vf];
}

static int
fake_reset(uint16_t port_id, uint16_t vf)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_RESET, port_id, vf, &rc);

	if (pool == NULL) {
		fake.vf[vf % SERVICE_VFS_MAX].unclean = true;
		return rc;
	}
	/* Rubbish where the contract promises no value, so that nobody relies on one. */
	memset(pool, 0, sizeof(*pool));
	pool->accept = 0xdead;
	pool->max_frame = 0xdead;
	return 0;
}

static int
fake_enable(uint16_t port_id, uint16_t vf)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_ENABLE, port_id, vf, &rc);

	if (pool != NULL)
		pool->enabled = true;
	return rc;
}

static int
fake_disable(uint16_t port_id, uint16_t vf)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_DISABLE, port_id, vf, &rc);

	if (pool != NULL)
		pool->enabled = false;
	return rc;
}

static unsigned int
find_mac(const struct fake_vf *pool, const struct mac_addr *mac)
{
	unsigned int i;

	for (i = 0; i < pool->nb_macs; i++) {
		if (mac_equal(&pool->mac[i], mac))
			break;
	}
	return i;
}

static int
fake_add_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_ADD_MAC, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (fake.resuming && find_mac(pool, mac) < pool->nb_macs)
		return 0;
	if (!mac_is_unicast(mac) || find_mac(pool, mac) < pool->nb_macs)
		fake.violations++;
	pool->mac[pool->nb_macs++] = *mac;
	return 0;
}

static int
fake_remove_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_REMOVE_MAC, port_id, vf, &rc);
	unsigned int i;

	if (pool == NULL)
		return rc;
	i = find_mac(pool, mac);
	if (i == pool->nb_macs) {
		fake.violations += !fake.resuming;
		return -ENOENT;
	}
	pool->mac[i] = pool->mac[--pool->nb_macs];
	return 0;
}

static int
fake_set_multicast(uint16_t port_id, uint16_t vf, const uint16_t *hashes, uint16_t nb)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_SET_MULTICAST, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (nb > QUOTA_MULTICASTS) {
		fake.violations++;
		return -EINVAL;
	}
	for (uint16_t i = 0; i < nb; i++) {
		if (hashes[i] >= 4096)
			fake.violations++;
		pool->multicast[i] = hashes[i];
	}
	pool->nb_multicast = nb;
	return 0;
}

static int
fake_set_accept(uint16_t port_id, uint16_t vf, uint32_t accept)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_SET_ACCEPT, port_id, vf, &rc);

	if (pool != NULL)
		pool->accept = accept;
	return rc;
}

static unsigned int
find_vlan(const struct fake_vf *pool, uint16_t vlan)
{
	unsigned int i;

	for (i = 0; i < pool->nb_vlans; i++) {
		if (pool->vlan[i] == vlan)
			break;
	}
	return i;
}

static int
fake_add_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_ADD_VLAN, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (fake.resuming && find_vlan(pool, vlan) < pool->nb_vlans)
		return 0;
	if (vlan > VLAN_ID_MAX || find_vlan(pool, vlan) < pool->nb_vlans)
		fake.violations++;
	pool->vlan[pool->nb_vlans++] = vlan;
	return 0;
}

static int
fake_remove_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_REMOVE_VLAN, port_id, vf, &rc);
	unsigned int i;

	if (pool == NULL)
		return rc;
	i = find_vlan(pool, vlan);
	if (i == pool->nb_vlans) {
		fake.violations += !fake.resuming;
		return -ENOENT;
	}
	pool->vlan[i] = pool->vlan[--pool->nb_vlans];
	return 0;
}

static int
fake_set_port_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan, uint8_t qos)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_SET_PORT_VLAN, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (vlan > VLAN_ID_MAX || qos > VLAN_QOS_MAX)
		fake.violations++;
	pool->port_vlan = vlan;
	pool->qos = qos;
	return 0;
}

static int
fake_set_max_frame(uint16_t port_id, uint16_t vf, uint32_t bytes)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_SET_MAX_FRAME, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (bytes < FRAME_BYTES_MIN || bytes > FRAME_BYTES_MAX - 4)
		fake.violations++;
	pool->max_frame = bytes;
	return 0;
}

static int
fake_set_spoof_check(uint16_t port_id, uint16_t vf, bool on)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter(FAKE_SET_SPOOF_CHECK, port_id, vf, &rc);

	if (pool != NULL)
		pool->spoof_check = on;
	return rc;
}

/* As enter(), for what this hardware may not have. */
static struct fake_vf *
enter_optional(enum fake_call call, uint16_t port_id, uint16_t vf, int *rc)
{
	struct fake_vf *pool = enter(call, port_id, vf, rc);

	if (pool == NULL || (fake.lacks >> call & 1) == 0)
		return pool;
	*rc = -ENOTSUP;
	return NULL;
}

static int
fake_set_tx_rate(uint16_t port_id, uint16_t vf, uint32_t mbps)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter_optional(FAKE_SET_TX_RATE, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (mbps > fake.info.max_tx_mbps)
		return -ERANGE;
	pool->tx_rate = mbps;
	return 0;
}

static int
fake_set_loopback(uint16_t port_id, uint16_t vf, bool on)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter_optional(FAKE_SET_LOOPBACK, port_id, vf, &rc);

	if (pool != NULL)
		pool->no_loopback = !on;
	return rc;
}

static int
fake_set_mirror(uint16_t port_id, uint16_t vf, uint16_t to)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter_optional(FAKE_SET_MIRROR, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (to < POOL_MIRROR_PF && (to >= fake.nb_vfs || to == vf))
		fake.violations++;
	pool->mirrored = to != POOL_MIRROR_NONE;
	pool->mirror = pool->mirrored ? to : 0;
	return 0;
}

static int
fake_set_drop(uint16_t port_id, uint16_t vf, bool on)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter_optional(FAKE_SET_DROP, port_id, vf, &rc);

	if (pool != NULL)
		pool->blocks = !on;
	return rc;
}

static int
fake_limit_interrupts(uint16_t port_id, uint16_t vf, uint32_t min_us, uint32_t max_us)
{
	int rc;
	UNTIL_LEAVE struct fake_vf *pool = enter_optional(FAKE_LIMIT_INTERRUPTS, port_id, vf, &rc);

	if (pool == NULL)
		return rc;
	if (max_us != 0 && max_us < min_us)
		fake.violations++;
	pool->min_us = min_us;
	pool->max_us = max_us;
	return 0;
}

static int
fake_hold_off(uint16_t port_id, uint16_t vf, uint32_t ms)
{
	if (port_id != FAKE_PORT || vf >= fake.nb_vfs)
		fake.violations++;
	else
		fake.vf[vf].held_ms = ms;
	return 0;
}

static int
fake_get_info(uint16_t port_id, uint16_t vf, struct pool_info *info)
{
	if (port_id != FAKE_PORT || vf >= fake.nb_vfs)
		fake.violations++;
	*info = fake.info;
	return fake.info_rc;
}

static int
fake_get_rss(uint16_t port_id, uint16_t vf, struct pool_rss *rss)
{
	if (port_id != FAKE_PORT || vf >= fake.nb_vfs)
		fake.violations++;
	*rss = fake.rss;
	return fake.rss_rc;
}

const struct pool_ops fake_pool_ops = {
	.reset = fake_reset,
	.enable = fake_enable,
	.disable = fake_disable,
	.add_mac = fake_add_mac,
	.remove_mac = fake_remove_mac,
	.set_multicast = fake_set_multicast,
	.set_accept = fake_set_accept,
	.add_vlan = fake_add_vlan,
	.remove_vlan = fake_remove_vlan,
	.set_port_vlan = fake_set_port_vlan,
	.set_max_frame = fake_set_max_frame,
	.set_spoof_check = fake_set_spoof_check,
	.get_info = fake_get_info,
	.get_rss = fake_get_rss,
	.set_tx_rate = fake_set_tx_rate,
	.set_loopback = fake_set_loopback,
	.set_mirror = fake_set_mirror,
	.set_drop = fake_set_drop,
	.limit_interrupts = fake_limit_interrupts,
	.hold_off = fake_hold_off,
};

bool
fake_has_mac(uint16_t vf, const struct mac_addr *mac)
{
	return find_mac(&fake.vf[vf], mac) < fake.vf[vf].nb_macs;
}

bool
fake_has_vlan(uint16_t vf, uint16_t vlan)
{
	return find_vlan(&fake.vf[vf], vlan) < fake.vf[vf].nb_vlans;
}

/* The flags as the sheet's table of goals has them (8.3), written down a second time. */
static uint32_t
expected_accept(const struct vf_entry *entry)
{
	const struct vf_policy *policy = &entry->policy;
	bool all_multicast = entry->all_multicast || entry->multicast_overflow;
	uint32_t groups = (entry->nb_multicast > 0 ? 1u << 2 : 0) | (all_multicast ? 1u << 3 : 0);

	return (policy->vlan == 0 && !policy->no_untagged ? 1u << 0 : 0) |
	       (policy->no_broadcast ? 0 : 1u << 1) | (policy->no_multicast ? 0 : groups) |
	       (entry->promiscuous || policy->unknown_unicast ? 1u << 4 : 0) |
	       (entry->takes_larger ? 1u << 5 : 0);
}

static const char *
mismatch_of_macs(const struct vf_entry *entry, uint16_t vf)
{
	unsigned int own = mac_is_zero(&entry->mac) ? 0 : 1;

	if (fake.vf[vf].nb_macs != own + entry->nb_extra)
		return "number of addresses";
	if (own != 0 && !fake_has_mac(vf, &entry->mac))
		return "own address";
	for (unsigned int i = 0; i < entry->nb_extra; i++) {
		if (!fake_has_mac(vf, &entry->extra[i]))
			return "additional address";
	}
	return NULL;
}

static const char *
mismatch_of_vlans(const struct vf_entry *entry, uint16_t vf)
{
	const struct fake_vf *pool = &fake.vf[vf];

	if (pool->port_vlan != entry->policy.vlan)
		return "port VLAN";
	if (entry->policy.vlan != 0) {
		if (pool->qos != entry->policy.qos)
			return "priority";
		return pool->nb_vlans == 1 && pool->vlan[0] == entry->policy.vlan ?
			       NULL : "filter of the port VLAN";
	}
	if (pool->nb_vlans != entry->nb_vlans)
		return "number of VLANs";
	for (unsigned int i = 0; i < entry->nb_vlans; i++) {
		if (!fake_has_vlan(vf, entry->vlans[i]))
			return "VLAN";
	}
	return NULL;
}

static const char *
mismatch_of_options(const struct vf_policy *policy, const struct fake_vf *pool)
{
	uint16_t mirror = policy->mirror == POLICY_MIRROR_NONE ? 0 :
			  policy->mirror == POLICY_MIRROR_PF ? 0xfffe : policy->mirror - 2;

	if (pool->tx_rate != policy->max_tx_rate)
		return "rate";
	if (pool->no_loopback != policy->no_loopback)
		return "loopback";
	if (pool->mirrored != (policy->mirror != 0) || pool->mirror != mirror)
		return "mirror";
	if (pool->blocks != policy->blocks)
		return "drop";
	if (pool->min_us != policy->min_interrupt_us || pool->max_us != policy->max_interrupt_us)
		return "interrupts";
	return NULL;
}

const char *
fake_mismatch(const struct vf_service *service, uint16_t vf)
{
	const struct vf_entry *entry = &service->vf[vf];
	const struct fake_vf *pool = &fake.vf[vf];
	const char *what;

	if (pool->enabled != (entry->enabled && entry->policy.state != POLICY_STATE_DISABLE))
		return "enabled";
	if (!entry->enabled && (pool->unclean || pool->nb_macs + pool->nb_vlans == 0))
		return NULL;
	if (!entry->enabled)
		return "a closed pool has filters";
	what = mismatch_of_macs(entry, vf);
	if (what == NULL)
		what = mismatch_of_vlans(entry, vf);
	if (what != NULL)
		return what;
	if (pool->nb_multicast != entry->nb_multicast ||
	    memcmp(pool->multicast, entry->multicast, 2 * entry->nb_multicast) != 0)
		return "multicast hashes";
	if (pool->accept != expected_accept(entry))
		return "accept flags";
	if (pool->max_frame != entry->max_frame)
		return "max frame";
	if (pool->spoof_check != entry->policy.spoof_check)
		return "spoof check";
	return mismatch_of_options(&entry->policy, pool);
}
