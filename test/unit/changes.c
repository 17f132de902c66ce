/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include "changes.h"
#include "cases.h"
#include "rig.h"

static const struct vf_policy trusted = { .trusted = true, .spoof_check = true };

void
changes_prepare(void)
{
	struct mac_addr mac;

	rig_start(&trusted);
	rig_reset(0);
	rig_set_mac(0, &mac_a);
	for (unsigned int i = 0; i < 3; i++) {
		mac = rig_mac(i);
		rig_add_mac(0, &mac);
		rig_set_vlan(0, (uint16_t)(10 + i), true);
	}
	rig_set_multicast(0, 5, false);
	rig_set_max_frame(0, 4000);
}

static uint32_t
set_policy(const struct vf_policy *policy)
{
	return service_set_policy(&rig, 0, policy) == 0 ? MBX_ACK : MBX_NACK | MBX_CTS;
}

static uint32_t
do_set_mac(void)
{
	return rig_set_mac(0, &mac_b);
}

static uint32_t
do_promote_mac(void)
{
	struct mac_addr mac = rig_mac(1);

	return rig_set_mac(0, &mac);
}

static uint32_t
do_add_mac(void)
{
	return rig_add_mac(0, &mac_b);
}

static uint32_t
do_clear_macs(void)
{
	return rig_clear_macs(0);
}

static uint32_t
do_add_vlan(void)
{
	return rig_set_vlan(0, 77, true);
}

static uint32_t
do_remove_vlan(void)
{
	return rig_set_vlan(0, 11, false);
}

static uint32_t
do_fewer_multicasts(void)
{
	return rig_set_multicast(0, 0, false);
}

static uint32_t
do_multicast_overflow(void)
{
	return rig_set_multicast(0, 30, true);
}

static uint32_t
do_max_frame(void)
{
	return rig_set_max_frame(0, 9000);
}

static uint32_t
do_promiscuous(void)
{
	return rig_set_promiscuous(0, true, true);
}

static uint32_t
do_port_vlan(void)
{
	return set_policy(&(struct vf_policy){ .vlan = 33, .qos = 2, .trusted = true });
}

static uint32_t
do_everything(void)
{
	return set_policy(&(struct vf_policy){ .mac = mac_c, .vlan = 11, .qos = 7 });
}

static uint32_t
do_disable(void)
{
	return set_policy(&(struct vf_policy){ .trusted = true, .spoof_check = true,
					       .state = POLICY_STATE_DISABLE });
}

/* Of the VLANs 10 to 12, one stays. */
static uint32_t
do_trunk(void)
{
	return set_policy(&(struct vf_policy){ .trusted = true, .spoof_check = true,
					       .trunk = { 1u << 11 } });
}

static uint32_t
do_all_off(void)
{
	return set_policy(&(struct vf_policy){ .trusted = true, .spoof_check = true,
					       .no_untagged = true, .no_broadcast = true,
					       .no_multicast = true });
}

static uint32_t
do_options(void)
{
	return set_policy(&(struct vf_policy){
		.trusted = true, .max_tx_rate = 100, .no_loopback = true, .blocks = true,
		.mirror = POLICY_MIRROR_VF + 2, .min_interrupt_us = 50, .max_interrupt_us = 500 });
}

const struct change changes[] = {
	{ "another own address", do_set_mac, 2 },
	{ "an additional address becomes the own one", do_promote_mac, 1 },
	{ "an additional address", do_add_mac, 1 },
	{ "no additional addresses", do_clear_macs, 3 },
	{ "a VLAN more", do_add_vlan, 1 },
	{ "a VLAN less", do_remove_vlan, 1 },
	{ "no multicast", do_fewer_multicasts, 2 },
	{ "more multicast than fits", do_multicast_overflow, 2 },
	{ "larger frames", do_max_frame, 1 },
	{ "promiscuous", do_promiscuous, 1 },
	{ "a port VLAN", do_port_vlan, 7 },
	{ "a pin, a port VLAN, no trust, no spoof check", do_everything, 10 },
	{ "disabled", do_disable, 1 },
	{ "a trunk that leaves out what it has", do_trunk, 2 },
	{ "nothing that is not to it alone", do_all_off, 1 },
	{ "rate, loopback, mirror, drop, interrupts", do_options, 6 },
};

const size_t changes_nb = CASES(changes);
