/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>

#include "book.h"
#include "settings.h"

#define SERVICE_WHY_BYTES 80

/* --- What all hardware has --- */

static bool
same_multicast(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->nb_multicast == b->nb_multicast &&
	       memcmp(a->multicast, b->multicast, a->nb_multicast * sizeof(a->multicast[0])) == 0;
}

static int
set_multicast(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	return pool->set_multicast(port, vf, book->multicast, book->nb_multicast);
}

static bool
same_port_vlan(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.vlan == b->policy.vlan &&
	       (a->policy.vlan == 0 || a->policy.qos == b->policy.qos);
}

static int
set_port_vlan(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	const struct vf_policy *policy = &book->policy;

	return pool->set_port_vlan(port, vf, policy->vlan, policy->vlan != 0 ? policy->qos : 0);
}

static uint32_t
accept_of(const struct vf_entry *entry)
{
	const struct vf_policy *policy = &entry->policy;
	uint32_t accept = 0;

	if (!policy->no_broadcast)
		accept |= POOL_ACCEPT_BROADCAST;
	if (entry->takes_larger)
		accept |= POOL_ACCEPT_LARGER;
	/* Behind a port VLAN every frame has a tag. */
	if (policy->vlan == 0 && !policy->no_untagged)
		accept |= POOL_ACCEPT_UNTAGGED;
	/* The hash table is shared: a VF without groups is not to see those of its neighbours. */
	if (entry->nb_multicast > 0 && !policy->no_multicast)
		accept |= POOL_ACCEPT_MULTICAST;
	if ((entry->all_multicast || entry->multicast_overflow) && !policy->no_multicast)
		accept |= POOL_ACCEPT_ALL_MULTICAST;
	if (entry->promiscuous || policy->unknown_unicast)
		accept |= POOL_ACCEPT_ALL_UNICAST;
	return accept;
}

static bool
same_accept(const struct vf_entry *a, const struct vf_entry *b)
{
	return accept_of(a) == accept_of(b);
}

static int
set_accept(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	return pool->set_accept(port, vf, accept_of(book));
}

static bool
same_max_frame(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->max_frame == b->max_frame;
}

static int
set_max_frame(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	return pool->set_max_frame(port, vf, book->max_frame);
}

static bool
same_spoof_check(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.spoof_check == b->policy.spoof_check;
}

static int
set_spoof_check(const struct pool_ops *pool, uint16_t port, uint16_t vf,
		const struct vf_entry *book)
{
	return pool->set_spoof_check(port, vf, book->policy.spoof_check);
}

/* --- What some has --- */

static bool
same_tx_rate(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.max_tx_rate == b->policy.max_tx_rate;
}

static int
set_tx_rate(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	if (pool->set_tx_rate == NULL)
		return -ENOTSUP;
	return pool->set_tx_rate(port, vf, book->policy.max_tx_rate);
}

static bool
same_loopback(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.no_loopback == b->policy.no_loopback;
}

static int
set_loopback(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	if (pool->set_loopback == NULL)
		return -ENOTSUP;
	return pool->set_loopback(port, vf, !book->policy.no_loopback);
}

static uint16_t
mirror_of(const struct vf_entry *entry)
{
	if (entry->captured && entry->policy.mirror == POLICY_MIRROR_NONE)
		return POLICY_MIRROR_PF;
	return entry->policy.mirror;
}

static bool
same_mirror(const struct vf_entry *a, const struct vf_entry *b)
{
	return mirror_of(a) == mirror_of(b);
}

static int
set_mirror(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	uint16_t mirror = mirror_of(book);

	if (pool->set_mirror == NULL)
		return -ENOTSUP;
	if (mirror >= POLICY_MIRROR_VF)
		return pool->set_mirror(port, vf, mirror - POLICY_MIRROR_VF);
	return pool->set_mirror(port, vf,
				mirror == POLICY_MIRROR_PF ? POOL_MIRROR_PF : POOL_MIRROR_NONE);
}

static bool
same_drop(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.blocks == b->policy.blocks;
}

static int
set_drop(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	if (pool->set_drop == NULL)
		return -ENOTSUP;
	return pool->set_drop(port, vf, !book->policy.blocks);
}

static bool
same_interrupts(const struct vf_entry *a, const struct vf_entry *b)
{
	return a->policy.min_interrupt_us == b->policy.min_interrupt_us &&
	       a->policy.max_interrupt_us == b->policy.max_interrupt_us;
}

static int
limit_interrupts(const struct pool_ops *pool, uint16_t port, uint16_t vf,
		 const struct vf_entry *book)
{
	if (pool->limit_interrupts == NULL)
		return -ENOTSUP;
	return pool->limit_interrupts(port, vf, book->policy.min_interrupt_us,
				      book->policy.max_interrupt_us);
}

static void
range_of_rate(const struct pool_info *info, char *text, size_t bytes)
{
	snprintf(text, bytes, "not 0 or in %u..%u, this port's range", info->min_tx_mbps,
		 info->max_tx_mbps);
}

static void
range_of_intervals(const struct pool_info *info, char *text, size_t bytes)
{
	snprintf(text, bytes, "not in 0..%u, this port's range", info->max_interrupt_us);
}

/* In the order in which they are set. */
const struct setting settings[SETTINGS_NB] = {
	{ same_multicast, set_multicast },
	{ same_port_vlan, set_port_vlan },
	{ same_accept, set_accept },
	{ same_max_frame, set_max_frame },
	{ same_spoof_check, set_spoof_check },
	{ same_tx_rate, set_tx_rate, "max_tx_rate", "this hardware has no Tx rate limit",
	  range_of_rate },
	{ same_loopback, set_loopback, "loopback", "this hardware switches for all VFs or none" },
	{ same_mirror, set_mirror, "mirror", "this hardware does not mirror" },
	{ same_drop, set_drop, "drop", "this hardware has no such switch" },
	{ same_interrupts, limit_interrupts, "min_interrupt_us and max_interrupt_us",
	  "this hardware cannot hold a VF to an interval", range_of_intervals },
};

/* --- The data path --- */

static bool
same_data_path(const struct vf_entry *a, const struct vf_entry *b)
{
	return book_passes_frames(a) == book_passes_frames(b);
}

static int
set_data_path(const struct pool_ops *pool, uint16_t port, uint16_t vf, const struct vf_entry *book)
{
	return book_passes_frames(book) ? pool->enable(port, vf) : pool->disable(port, vf);
}

const struct setting setting_data_path = { same_data_path, set_data_path };

int
setting_set(struct vf_service *service, uint16_t vf, const struct setting *setting,
	    const struct vf_entry *book)
{
	static const struct vf_entry usual;
	int rc = setting->set(service->pool, service->port_id, vf, book);

	if (rc == -ENOTSUP && setting_is_optional(setting) && setting->same(book, &usual))
		return 0;
	if (rc < 0)
		service->refused = setting_is_optional(setting) ? 1 + (setting - settings) : 0;
	return rc;
}

/* What is allowed, where that depends on the port. */
static void
tell_range(const struct vf_service *service, const struct setting *setting, char *text,
	   size_t bytes)
{
	struct pool_info info;

	if (setting->range == NULL || service->pool->get_info(service->port_id, 0, &info) < 0)
		snprintf(text, bytes, "out of this port's range");
	else
		setting->range(&info, text, bytes);
}

void
service_refusal(const struct vf_service *service, int rc, char *text, size_t bytes)
{
	const struct setting *setting = NULL;
	char why[SERVICE_WHY_BYTES];

	if (service->refused >= 1 && service->refused <= SETTINGS_NB)
		setting = &settings[service->refused - 1];
	if (setting == NULL || setting->key == NULL) {
		snprintf(text, bytes, "the hardware refuses: %s", strerror(-rc));
		return;
	}
	if (rc == -ENOTSUP)
		snprintf(why, sizeof(why), "%s", setting->lacking);
	else if (rc == -ERANGE)
		tell_range(service, setting, why, sizeof(why));
	else if (rc == -ENOSPC)
		snprintf(why, sizeof(why), "the port has no room for one more");
	else
		snprintf(why, sizeof(why), "%s", strerror(-rc));
	snprintf(text, bytes, "%s: %s", setting->key, why);
}
