#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiment E4 in the guest: up to 8 ports with 7 VFs each, all under one sluiced. Each tenant is a
# network stack of its own with a VF under Linux's igbvf, and sends at the same rate; how many
# arrive in all, and what a tenant more costs.
#
# usage: tenants.sh ROUNDS MS RATE COUNTS: tenants.sh 2 3000 100 "1 8 56"
#
# guest: --ports 8 --wire tap --timeout 1200 --hugepages 160 --with test/guest/stack.sh
# guest: --with test/experiments/guest/setups.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl test/bench/hybrid/round-trip

. /guest/lib.sh
. /host/stack.sh
. /host/setups.sh

VFS=7		# of the 82576's 8 pools the PF keeps one, as under igb and DPDK's driver
WARM_UP_MS=500
START_MS=60	# of a sender
rounds=$1 ms=$2 rate=$3 counts=$4

# Tenant T has VF T / GUEST_PORTS of port T % GUEST_PORTS.
pf_of()
{
	local name=PF$(($1 % GUEST_PORTS))

	printf '%s\n' "${!name}"
}

ports_config()
{
	local port pf vf vfs IFS=,

	for ((port = 0; port < GUEST_PORTS; port++)); do
		vfs=()
		for ((vf = 0; vf < VFS; vf++)); do
			vfs+=("{\"vf\": $vf, \"driver\": \"igbvf\"}")
		done
		pf=PF$port
		printf '{"pci": "%s", "num_vfs": %d, "vfs": [%s]}\n' "${!pf}" $VFS "${vfs[*]}"
	done
}

all_config()
{
	printf '{"ports": [%s]}\n' "$(ports_config | paste -s -d , -)" >"$CONFIG"
}

# tenant_up T: its netdev is in a namespace of its own, with a link
tenant_up()
{
	local bdf netdev

	bdf=$(vf_bdf "$(pf_of "$1")" $(($1 / GUEST_PORTS)))
	wait_for 60 netdev_of "$bdf" || return
	netdev=$(netdev_of "$bdf")
	ip netns add "tenant$1" && ip link set "$netdev" netns "tenant$1" name eth0 &&
		ip -n "tenant$1" link set eth0 up
}

most()
{
	printf '%s\n' "$@" | sort -n | tail -n 1
}

tenants_up()
{
	local tenant nb

	# shellcheck disable=SC2086  # a list
	nb=$(most $counts)
	for ((tenant = 0; tenant < nb; tenant++)); do
		tenant_up $tenant || fail "tenant $tenant has no netdev"
	done
	for ((tenant = 0; tenant < nb; tenant++)); do
		wait_for 60 has_carrier tenant$tenant eth0 || fail "tenant $tenant has no link"
	done
}

# Frames that all wires have taken in
arrived()
{
	cat /sys/class/net/wire*/statistics/rx_packets | awk '{ sum += $1 } END { print sum }'
}

wire_mac()
{
	cat "/sys/class/net/wire$(($1 % GUEST_PORTS))/address"
}

field_sum()
{
	cat /run/report.* | sed -nE "s/.*\"$1\": ([0-9]+).*/\1/p" |
		awk '{ sum += $1 } END { print sum + 0 }'
}

# start_senders TENANTS: they go on for $ms after all of them have been started, if one is in
# START_MS
start_senders()
{
	local tenant

	rm -f /run/report.*
	pids=()
	for ((tenant = 0; tenant < $1; tenant++)); do
		ip netns exec tenant$tenant round-trip eth0 "$(wire_mac $tenant)" "$rate" \
			$((ms + WARM_UP_MS + ($1 + 1) * START_MS)) 0 0 >/run/report.$tenant &
		pids+=($!)
	done
	sleep "$(ratio $WARM_UP_MS 1000)"
}

# turn ROUND TENANTS
turn()
{
	local before after first begin pids x="\"tenants\": $2" us busy

	first=$(arrived)
	start_senders "$2"
	begin=$(arrived)
	read -ra before < <(stand)
	sleep "$(ratio "$ms" 1000)"
	read -ra after < <(stand)
	us=$((after[0] - before[0]))
	busy=$(busy_us "${before[@]}" "${after[@]}")
	result E4 sriov "$x" throughput \
		"$(ratio $(($(arrived) - begin)) $us 1000000)" "frames/s" "$1"
	result E4 sriov "$x" cpu "$(ratio "$busy" $us 100)" "%" "$1"
	wait "${pids[@]}"
	sleep "$(ratio $WARM_UP_MS 1000)"
	result E4 sriov "$x" lost $(($(field_sum sent) - $(arrived) + first)) frames "$1"
}

modprobe igbvf
all_config
sluiced_start || fail "sluiced does not start"
say "sluiced serves $((GUEST_PORTS * VFS)) VFs of $GUEST_PORTS ports after $SLUICED_READY_MS ms"
tenants_up
say "the tenants' links are up; memory used: $(free -m | awk '/^Mem:/ { print $3 }') MB"
for ((round = 1; round <= rounds; round++)); do
	for count in $counts; do
		say "round $round of $rounds: $count tenants"
		turn $round "$count"
	done
done
sluiced_stop
