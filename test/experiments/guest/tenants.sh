#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiment E4 in the guest: 10 ports with up to 7 VFs each, under two sluiceds. Each tenant is a
# network stack of its own with a VF under Linux's igbvf, and sends at the same rate; how many
# arrive in all, and what a tenant more costs.
#
# usage: tenants.sh ROUNDS MS RATE COUNTS: tenants.sh 2 3000 100 "1 8 64"
#
# guest: --ports 10 --wire tap --timeout 1200 --hugepages 160 --with test/guest/stack.sh
# guest: --with test/experiments/guest/setups.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl test/bench/hybrid/round-trip

. /guest/lib.sh
. /host/stack.sh
. /host/setups.sh

VFS_MAX=7		# of the 82576's 8 pools the PF keeps one, as under igb and DPDK's driver
PORTS_A_DAEMON=8	# at most
WARM_UP_MS=500
START_MS=60	# of a sender
rounds=$1 ms=$2 rate=$3 counts=$4

# Tenant T has VF T / GUEST_PORTS of port T % GUEST_PORTS.
pf_of()
{
	local name=PF$(($1 % GUEST_PORTS))

	printf '%s\n' "${!name}"
}

# vfs_of PORT: for all tenants there will ever be
vfs_of()
{
	printf '%d\n' $(((nb_tenants - $1 + GUEST_PORTS - 1) / GUEST_PORTS))
}

# port_config PORT
port_config()
{
	local vf nb pf=PF$1 vfs=() IFS=,

	nb=$(vfs_of "$1")
	for ((vf = 0; vf < nb; vf++)); do
		vfs+=("{\"vf\": $vf, \"driver\": \"igbvf\"}")
	done
	printf '{"pci": "%s", "num_vfs": %d, "vfs": [%s]}\n' "${!pf}" "$nb" "${vfs[*]}"
}

# daemon_up FIRST LAST: a sluiced for these ports, with a socket of its own
daemon_up()
{
	local port folder=/run/sluiced$1

	mkdir -p "$folder"
	for ((port = $1; port <= $2; port++)); do
		port_config $port
	done | paste -s -d , - | {
		printf '{"control_socket": "%s/control.sock", "state_dir": "%s/state", ' \
			"$folder" "$folder"
		printf '"ports": [%s]}\n' "$(cat)"
	} >"$folder/sluiced.json"
	sluiced -c "$folder/sluiced.json" >"$folder/log" 2>&1 &
	daemons+=($!)
	wait_for 120 daemon_settled "$folder" $!
	sluicectl --socket "$folder/control.sock" show >/dev/null || {
		cat "$folder/log"
		return 1
	}
}

# daemon_settled FOLDER PID
daemon_settled()
{
	sluicectl --socket "$1/control.sock" show || ! kill -0 "$2"
}

# Ports that have no tenant have no daemon.
daemons_up()
{
	local first last used=$((nb_tenants < GUEST_PORTS ? nb_tenants : GUEST_PORTS))

	for ((first = 0; first < used; first += PORTS_A_DAEMON)); do
		last=$((first + PORTS_A_DAEMON < used ? first + PORTS_A_DAEMON - 1 : used - 1))
		daemon_up $first $last || return
	done
}

daemons_stop()
{
	kill -TERM "${daemons[@]}"
	wait "${daemons[@]}"
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
	local tenant

	for ((tenant = 0; tenant < nb_tenants; tenant++)); do
		tenant_up $tenant || fail "tenant $tenant has no netdev"
	done
	for ((tenant = 0; tenant < nb_tenants; tenant++)); do
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

# shellcheck disable=SC2086  # a list
nb_tenants=$(most $counts)
((nb_tenants <= VFS_MAX * GUEST_PORTS)) || fail "$GUEST_PORTS ports have no $nb_tenants VFs"
daemons=()
modprobe igbvf
daemons_up || fail "sluiced does not start"
say "${#daemons[@]} sluiced serve $nb_tenants VFs"
tenants_up
say "the tenants' links are up; memory used: $(free -m | awk '/^Mem:/ { print $3 }') MB"
for ((round = 1; round <= rounds; round++)); do
	for count in $counts; do
		say "round $round of $rounds: $count tenants"
		turn $round "$count"
	done
done
daemons_stop
