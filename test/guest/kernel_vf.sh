# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the legacy DPDK Test Suite's plan vf_kernel asks of a PF, with Linux's igbvf as the tenant:
# its cases by name. Needs /guest/lib.sh, stack.sh and frames.sh, wire0 up, sluiced, and of its VFs
# $BDF2 with igbvf as the netdev $VF2, in no port VLAN; nobody else uses one.

# kernel_vf_all TIMES: what is done again and again
kernel_vf_all()
{
	kernel_vf_link "$1"
	kernel_vf_ping
	kernel_vf_address
	kernel_vf_vlan
	kernel_vf_statistics
	kernel_vf_mtu
	kernel_vf_promisc
	kernel_vf_neighbours
	kernel_vf_stress "$1"
}

kernel_vf_is_up()
{
	[[ $(<"/sys/class/net/$1/carrier") == 1 ]]
} 2>/dev/null

# vf2_link down|up: returns when it is so
vf2_link()
{
	ip link set "$VF2" "$1" || return
	[[ $1 == down ]] || wait_for 60 kernel_vf_is_up "$VF2"
}

# again TIMES CMD...: each time with success
again()
{
	local i times=$1
	shift

	for ((i = 0; i < times; i++)); do
		"$@" || return
	done
}

down_and_up()
{
	vf2_link down && ! kernel_vf_is_up "$VF2" && vf2_link up
}

kernel_vf_link()
{
	check "vf_kernel, link: igbvf goes down and up $1 times" again "$1" down_and_up
}

pings_both_ways()
{
	ip netns exec tenant ping -q -c 3 -i 0.2 -W 10 10.9.0.1 &&
		ping -q -c 3 -i 0.2 -W 10 10.9.0.2
}

tenant_down_and_up()
{
	ip -n tenant link set "$VF2" down && ip -n tenant link set "$VF2" up &&
		wait_for 60 has_carrier tenant "$VF2"
}

kernel_vf_ping()
{
	ip addr add 10.9.0.1/24 dev wire0
	check "vf_kernel, ping: igbvf is in a namespace" netns_with tenant "$VF2" 10.9.0.2/24
	wait_for 60 has_carrier tenant "$VF2"
	check "vf_kernel, ping: from it and to it" pings_both_ways
	check "vf_kernel, ping: down and up" tenant_down_and_up
	check "vf_kernel, ping: from it and to it again" pings_both_ways
	ip netns del tenant
	ip addr del 10.9.0.1/24 dev wire0
	wire_up # which forgets its neighbours, before the kernel asks whether they are still there
	wait_for 60 netdev_of "$BDF2"
	VF2=$(netdev_of "$BDF2")
	vf2_link up
}

# An address of igbvf's own choice, and a group such as comes with each address of IPv6.
kernel_vf_address()
{
	local own group=33:33:ff:00:00:05 other=02:00:00:00:51:51

	own=$(mac_of "$BDF2")
	ip link set "$VF2" address $other 2>/dev/null
	check_equal "vf_kernel, address: not trusted, it keeps the one it was given" "$own" \
		"$(mac_of "$BDF2")"
	sluicectl set vf 2 trust on
	check "vf_kernel, address: trusted, it takes another" ip link set "$VF2" address $other
	listen "$VF2" --promisc
	stray wire0 --dst "$own"
	emit wire0 --dst $other
	check_heard "vf_kernel, address: what is sent to that one comes, not what to the old one"
	sluicectl set vf 2 trust off
	vf2_link down
	vf2_link up
	check_equal "vf_kernel, address: it has its own again" "$own" "$(mac_of "$BDF2")"
	check "vf_kernel, address: it joins a group" ip maddr add $group dev "$VF2"
	listen "$VF2"
	emit wire0 --dst $group
	check_heard "vf_kernel, address: the group's frames come"
	check "vf_kernel, address: and leaves it" ip maddr del $group dev "$VF2"
	listen "$VF2"
	stray wire0 --dst $group
	emit wire0 --dst "$own"
	check_heard "vf_kernel, address: and then they do not"
}

kernel_vf_vlan()
{
	local before

	check "vf_kernel, VLAN: 51 is added" ip link add link "$VF2" name vf2.51 type vlan id 51
	ip link set vf2.51 up
	before=$(vf_shows 2 rx_packets)
	listen vf2.51
	stray wire0 --dst "$READY_MAC" --vlan 52
	emit wire0 --dst "$READY_MAC" --vlan 51
	check_heard "vf_kernel, VLAN: its frames come"
	check "vf_kernel, VLAN: another's are not even received" \
		test $(($(vf_shows 2 rx_packets) - before)) -lt $((2 * FRAMES))
	check "vf_kernel, VLAN: 51 is removed" ip link del vf2.51
	before=$(vf_shows 2 rx_packets)
	listen "$VF2"
	stray wire0 --dst "$READY_MAC" --vlan 51
	emit wire0 --dst "$READY_MAC"
	check_heard "vf_kernel, VLAN: frames without a tag come"
	check "vf_kernel, VLAN: its frames come no longer" \
		test $(($(vf_shows 2 rx_packets) - before)) -lt $((2 * FRAMES))
}

# counted: what the hardware has counted for igbvf
counted()
{
	ethtool -S "$VF2" | sed -nE 's/^ *rx_packets: ([0-9]+)$/\1/p'
}

counted_at_least()
{
	(($(counted) >= $1))
}

kernel_vf_statistics()
{
	local before

	before=$(counted)
	check_way "vf_kernel, statistics: frames come" wire0 "$VF2"
	check "vf_kernel, statistics: ethtool -S counts them" wait_for 60 counted_at_least \
		$((before + FRAMES))
}

kernel_vf_mtu()
{
	wire_up 3000
	listen "$VF2"
	stray wire0 --dst "$READY_MAC" --size 2000
	emit wire0 --dst "$READY_MAC"
	check_heard "vf_kernel, MTU: with 1500 no frames of 2000 bytes come"
	check "vf_kernel, MTU: igbvf asks for 3000" ip link set "$VF2" mtu 3000
	wait_for 60 kernel_vf_is_up "$VF2"
	check_way "vf_kernel, MTU: then they do" wire0 "$VF2" --size 2000
	ip link set "$VF2" mtu 1500
	wait_for 60 kernel_vf_is_up "$VF2"
	wire_up
}

# igbvf has no message for it, so whatever it wants it gets what is its own.
kernel_vf_promisc()
{
	ip link set "$VF2" promisc on
	listen "$VF2" --promisc
	stray wire0 --dst 02:00:00:00:66:66
	emit wire0 --dst "$READY_MAC"
	check_heard "vf_kernel, promiscuous: igbvf gets what is its own"
	ip link set "$VF2" promisc off
}

# kernel_vf_goes_on WHAT-HAPPENED
kernel_vf_goes_on()
{
	check_way "vf_kernel, reset: $1, igbvf goes on" wire0 "$VF2"
}

# Beside another igbvf on VF 1, and our driver on VF 0.
kernel_vf_neighbours()
{
	local bdf other victim eal

	bdf=$(vf_bdf "$PF0" 1)
	bind igbvf "$bdf" && wait_for 60 netdev_of "$bdf"
	other=$(netdev_of "$bdf")
	ip link set "$other" up
	check "vf_kernel, reset: another igbvf on VF 1" wait_for 60 kernel_vf_is_up "$other"
	ip link set "$other" down
	kernel_vf_goes_on "its neighbour is down"
	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 1 --file-prefix victim "${eal[@]}" -a "$(vf_bdf "$PF0" 0)" -- \
		--mode receive --timeout 100 >/dev/null 2>/run/victim.log &
	victim=$!
	check "vf_kernel, reset: our driver on VF 0" wait_for 60 grep -q READY /run/victim.log
	kernel_vf_goes_on "beside a program of DPDK"
	kill -KILL $victim
	wait $victim 2>/dev/null
	kernel_vf_goes_on "that program is killed"
	unbind "$bdf"
	kernel_vf_goes_on "its neighbour has no driver"
	wire_link 0 down
	wait_for 60 shows_link down
	wire_link 0 up
	wait_for 60 shows_link up
	wait_for 60 kernel_vf_is_up "$VF2"
	kernel_vf_goes_on "the PF's link went down and up"
}

shows_link()
{
	sluicectl show | grep -q "link $1"
}

unload_and_load()
{
	bind igbvf "$1" && wait_for 60 netdev_of "$1" && unbind "$1"
}

kernel_vf_stress()
{
	local bdf

	bdf=$(vf_bdf "$PF0" 1)
	check "vf_kernel, stress: igbvf comes and goes $1 times" again "$1" unload_and_load "$bdf"
	kernel_vf_goes_on "after that"
	bind vfio-pci "$bdf"
}
