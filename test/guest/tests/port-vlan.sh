#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Port VLANs and the operator's live changes: VF0 and VF1 (ours) in VLAN 10, VF2 (Linux's
# igbvf) in VLAN 20. The VFs see untagged frames, the wire tagged ones; VLANs keep apart.
# And what else an igbvf may want of its PF, beside VFs of other drivers.
#
# usage: port-vlan.sh [TIMES]: igbvf goes and comes, 3 unless given
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with test/guest/nic.sh --with test/guest/kept.sh
# guest: --with test/guest/kernel_vf.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl
# with: test/traffic/frames-dpdk test/traffic/frames-sock drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/nic.sh
. /host/kept.sh
. /host/kernel_vf.sh

MACS=(02:00:00:00:10:00 02:00:00:00:10:01 02:00:00:00:20:02)
NEW_MAC_VF2=02:00:00:00:20:99
NEW_MAC_VF0=02:00:00:00:10:99

start_daemon()
{
	config_for "$PF0" \
		"{\"vf\": 0, \"mac\": \"${MACS[0]}\", \"vlan\": 10}" \
		"{\"vf\": 1, \"mac\": \"${MACS[1]}\", \"vlan\": 10}" \
		"{\"vf\": 2, \"mac\": \"${MACS[2]}\", \"vlan\": 20, \"driver\": \"igbvf\"}"
	modprobe igbvf
	sluiced_start
}

start_igbvf()
{
	BDF2=$(vf_bdf "$PF0" 2)
	wait_for 60 netdev_of "$BDF2" || return
	VF2=$(netdev_of "$BDF2")
	ip link set "$VF2" up
	wait_for 60 igbvf_has_carrier
}

igbvf_has_carrier()
{
	[[ $(<"/sys/class/net/$VF2/carrier") == 1 ]]
}

try_separation()
{
	check_way "VF0 to VF1, the same VLAN: untagged" "$VF0" "$VF1"

	listen "$VF2"
	stray "$VF0" --dst "${MACS[2]}"
	stray wire0 --dst "${MACS[2]}"
	emit wire0 --dst "${MACS[2]}" --vlan 20
	check_heard "VF2 gets what the wire tags 20, untagged; not VF0's, nor what has no tag"

	listen wire0 --vlan 10
	emit "$VF0" --dst "$WIRE_MAC"
	check_heard "VF0 to the wire: tagged 10" 0 "$FRAMES"

	listen "$VF0"
	stray wire0 --dst "${MACS[0]}" --vlan 20
	emit wire0 --dst "${MACS[0]}" --vlan 10
	check_heard "VF0 gets what the wire tags 10, untagged; not what it tags 20"
}

# One receiver on VF1 sees both sides of the change.
try_move()
{
	listen "$VF1"
	check "sluicectl moves VF1 to VLAN 20" sluicectl set vf 1 vlan 20
	stray "$VF0" --dst "${MACS[1]}"
	emit "$VF2" --dst "${MACS[1]}"
	check_heard "VF1, running, gets VF2's frames and no longer VF0's"
	listen wire0 --vlan 20
	emit "$VF1" --dst "$WIRE_MAC"
	check_heard "VF1 to the wire: tagged 20" 0 "$FRAMES"
}

# Each of VF1's switches for a while; the one receiver on it tells what came meanwhile.
try_switches()
{
	local group=01:00:5e:01:02:03 broadcast=ff:ff:ff:ff:ff:ff set="sluicectl set vf 1"

	check "VF1 leaves its port VLAN" $set vlan 0
	listen "$VF1" --join-group $group --join-vlan 30
	stray wire0 --dst $broadcast
	stray wire0 --dst "$READY_MAC"
	check "broadcast off" $set broadcast off
	stray wire0 --dst $broadcast
	check "multicast off" $set broadcast on multicast off
	stray wire0 --dst $group
	check "untagged off" $set multicast on untagged off
	stray wire0 --dst "$READY_MAC"
	check "a trunk without VLAN 30" $set untagged on trunk 31-39
	stray wire0 --dst "$READY_MAC" --vlan 30
	emit wire0 --dst $group
	check_heard "VF1, running, gets what it may at that time only" $((2 * FRAMES))
	check_equal "VLAN 30 is not to be had" 77 "$(join_vlan 30)"
	listen "$VF1" --join-vlan 31 --vlan 31
	emit wire0 --dst "$READY_MAC" --vlan 31
	check_heard "VLAN 31 is" 0 "$FRAMES"
	check "the trunk goes" $set trunk all
}

# join_vlan VID: how a receiver ends that wants it
join_vlan()
{
	local rc=0

	frames_on "$VF1" 1 --mode receive --timeout 1 --join-vlan "$1" >/run/joined.log 2>&1 ||
		rc=$?
	echo $rc
}

# Disabled, it comes up and is served all the same; enabled again, it need not come up anew.
try_state()
{
	check "sluicectl disables VF1" sluicectl set vf 1 state disable
	check "VF1 comes up" listen "$VF1"
	stray wire0 --dst "$READY_MAC"
	check "sluicectl enables VF1" sluicectl set vf 1 state auto
	emit wire0 --dst "$READY_MAC"
	check_heard "VF1 gets nothing while it is disabled"
	check "VF1 goes back to VLAN 20" sluicectl set vf 1 vlan 20
}

vf2_has_mac()
{
	[[ $(mac_of "$BDF2") == "$1" ]] && igbvf_has_carrier
}

# QEMU raises the vector below the one that igbvf chose for its mailbox, so igbvf does not
# hear that it is to reset itself: it is taken down and up instead.
try_mac_igbvf()
{
	check "sluicectl gives VF2 another address" sluicectl set vf 2 mac $NEW_MAC_VF2
	ip link set "$VF2" down
	ip link set "$VF2" up
	check "igbvf's next reset takes it" wait_for 60 vf2_has_mac $NEW_MAC_VF2
	listen "$VF2"
	stray wire0 --dst "${MACS[2]}" --vlan 20
	emit wire0 --dst $NEW_MAC_VF2 --vlan 20
	check_heard "VF2 gets what is sent to the new address, not what to the old one"
}

wants_reset()
{
	nic_log | grep -q 'the port needs a reset'
}

try_mac_ours()
{
	check "testpmd starts on VF0" nic_start -a "$(vf_bdf "$PF0" 0)" --
	check "sluicectl gives VF0 another address" sluicectl set vf 0 mac $NEW_MAC_VF0
	check "our VF driver says that the port needs a reset" wait_for 60 wants_reset
	check "port reset" nic_restart "port reset 0"
	check_equal "the port has the new address" $NEW_MAC_VF0 \
		"$(nic_field 'MAC address' | tr A-F a-f)"
	testpmd_stop nic
}

check "sluiced starts" start_daemon
wire_up
VF0=sluice@$(vf_bdf "$PF0" 0)
VF1=sluice@$(vf_bdf "$PF0" 1)
check "igbvf is up on VF2" start_igbvf
try_separation
try_move
try_switches
try_state
try_mac_igbvf
try_mac_ours
check "igbvf leaves its port VLAN" sluicectl set vf 2 vlan 0
kernel_vf_all "${1:-3}"
sluicectl show
bind vfio-pci "$BDF2"
check "sluiced stops" sluiced_stop
finish
