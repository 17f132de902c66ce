#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiment E6, TCP_STREAM and TCP_RR: Linux's TCP from the wire to a tenant's stack, which has a
# TAP, and sluice-fwd between this and a VF. sluice-fwd waits by AIC, or is woken at a fixed rate.
#
#	client (netns) -> wire -> VF -> sluice-fwd -> TAP -> server (netns)
#
# usage: tcp.sh ROUNDS MS RATES STRATEGIES
#	RATES: of the client, in Mbit/s; 0: as fast as it can; rr: a request, its answer, the next
#	Such as tcp.sh 3 3000 "0 4 rr" "fixed-1000 balanced"
#
# guest: --ports 1 --wire tap --timeout 1200 --with test/guest/stack.sh
# guest: --with test/experiments/guest/setups.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-fwd/sluice-fwd
# with: drivers/net/librte_net_sluice.so test/experiments/guest/tcp-rr

. /guest/lib.sh
. /host/stack.sh
. /host/setups.sh

VF_MAC=02:00:00:00:10:00 WIRE_MAC=02:00:00:00:77:01
CLIENT_IP=10.10.0.1 SERVER_IP=10.10.0.2 PORT=5001
WARM_UP_S=0.5
STACKS_CPUS=5	# a mask: not sluice-fwd's
rounds=$1 ms=$2 rates=$3 strategies=$4

# options_of STRATEGY
options_of()
{
	case $1 in
	poll) printf -- '--mode poll' ;;
	fixed-*) printf -- '--mode interrupt --aic lif=%d' "${1#fixed-}" ;;
	*) printf -- '--mode hybrid --profile %s' "$1" ;;
	esac
}

# The TAP has the VF's address, so what is sent to one is the other's.
forward()
{
	local eal mode

	mapfile -t eal < <(eal_options sluice)
	read -ra mode < <(options_of "$1"; echo)
	: >/run/fwd.log		# what the last one said is not this one's
	sluice-fwd -l 1 --file-prefix fwd "${eal[@]}" -d /guest/pmds/librte_net_tap.so \
		-a "$(vf_bdf "$PF0" 0)" --vdev "net_tap0,iface=tenant,mac=$VF_MAC" -- \
		"${mode[@]}" --promisc off --stats-json /run/fwd.json >/run/fwd.log 2>&1 &
	FWD=$!
	wait_for 60 grep -q 'sluice-fwd: forwarding' /run/fwd.log || {
		cat /run/fwd.log
		return 1
	}
}

# The tenant's stack, which has the TAP
server_up()
{
	netns_with server tenant $SERVER_IP/24 || return
	ip -n server neigh add $CLIENT_IP lladdr $WIRE_MAC dev tenant nud permanent
}

# server_start RATE
server_start()
{
	if [[ $1 == rr ]]; then
		ip netns exec server taskset $STACKS_CPUS tcp-rr serve $PORT &
	else
		ip netns exec server taskset $STACKS_CPUS nc -l -p $PORT < <(sleep 1000) \
			>/dev/null 2>&1 &
	fi
	SERVER=$!
	wait_for 30 listens
}

listens()
{
	[[ -n $(ip netns exec server ss -Hltn "sport = :$PORT") ]]
}

client_up()
{
	ip link set wire0 down
	ip link set wire0 address $WIRE_MAC
	netns_with client wire0 $CLIENT_IP/24 || return
	ip -n client neigh add $SERVER_IP lladdr $VF_MAC dev wire0 nud permanent
	# A rate is one of frames, not of bursts.
	ip netns exec client ethtool -K wire0 gso off tso off >/dev/null
}

# pace MBIT: the client sends no faster than that; 0: as fast as it can
pace()
{
	ip netns exec client tc qdisc del dev wire0 root 2>/dev/null
	(($1 == 0)) || ip netns exec client tc qdisc add dev wire0 root netem rate "$1mbit"
}

interrupts()
{
	awk -v vf="($(vf_bdf "$PF0" 0))" 'index($0, vf) {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			sum += $i
	} END { print sum + 0 }' /proc/interrupts
}

# What has come to the tenant's stack, in bytes
octets()
{
	cat /proc/"$SERVER"/net/netstat | awk '/^IpExt:/ {
		if (!seen++) { for (i = 2; i <= NF; i++) if ($i == "InOctets") at = i }
		else print $at
	}'
}

lcore_ns()
{
	awk '{ print $1 }' "/proc/$FWD/task/$FWD/schedstat"
}

stand_of_all()
{
	printf '%s %s %s %s\n' "$(stand)" "$(octets)" "$(interrupts)" "$(lcore_ns)"
}

# report_load ROUND STRATEGY X: between two stands in before and after
report_load()
{
	local us=$((after[0] - before[0]))

	result E6 "$2" "$3" interrupts "$(ratio $((after[3] - before[3])) $us 1000000)" "per s" "$1"
	result E6 "$2" "$3" cpu_lcore "$(ratio $((after[4] - before[4])) $us 0.1)" "%" "$1"
	result E6 "$2" "$3" cpu \
		"$(ratio "$(busy_us "${before[@]:0:2}" "${after[@]:0:2}")" $us 100)" "%" "$1"
}

# field NAME <REPORT
field()
{
	sed -nE "s/.*\"$1\": ([0-9.]+).*/\1/p"
}

# turn_of_requests ROUND STRATEGY
turn_of_requests()
{
	local before after said name x='"stream": "requests"'

	pace 0
	read -ra before < <(stand_of_all)
	said=$(ip netns exec client taskset $STACKS_CPUS \
		tcp-rr ask $SERVER_IP $PORT "$ms") || return
	read -ra after < <(stand_of_all)
	result E6 "$2" "$x" transactions "$(field a_second <<<"$said")" "per s" "$1"
	for name in p50 p95 p99; do
		result E6 "$2" "\"of\": \"$name\"" answer "$(field ${name}_us <<<"$said")" us "$1"
	done
	report_load "$1" "$2" "$x"
}

# turn ROUND STRATEGY MBIT
turn()
{
	local before after us client x

	x='"stream": "as fast as it can"'
	(($3 == 0)) || x="\"stream\": \"$3 Mbit/s\""
	pace "$3" || fail "the client is not paced"
	ip netns exec client taskset $STACKS_CPUS nc $SERVER_IP $PORT </dev/zero >/dev/null 2>&1 &
	client=$!
	sleep $WARM_UP_S
	read -ra before < <(stand_of_all)
	sleep "$(ratio "$ms" 1000)"
	read -ra after < <(stand_of_all)
	kill $client 2>/dev/null
	wait $client 2>/dev/null
	us=$((after[0] - before[0]))
	result E6 "$2" "$x" throughput \
		"$(ratio $(((after[2] - before[2]) * 8)) $us)" Mbit/s "$1"
	result E6 "$2" "$x" cpu_per_mbit \
		"$(ratio $((after[4] - before[4])) $(((after[2] - before[2]) * 8)))" ms "$1"
	report_load "$1" "$2" "$x"
}

# try_strategy ROUND STRATEGY
try_strategy()
{
	local rate

	forward "$2" || fail "sluice-fwd does not start: $2"
	server_up || fail "no network for the server"
	for rate in $rates; do
		server_start "$rate" || fail "no server"
		if [[ $rate == rr ]]; then
			turn_of_requests "$1" "$2" || fail "$2: a request has no answer"
		else
			turn "$1" "$2" "$rate" || fail "$2: no stream"
		fi
		kill -KILL "$SERVER" 2>/dev/null
		wait "$SERVER" 2>/dev/null
	done
	kill -TERM "$FWD"
	wait "$FWD" || fail "sluice-fwd does not end well: $2"
	ip netns del server
}

modprobe -a tun sch_netem
config_for "$PF0" "{\"vf\": 0, \"mac\": \"$VF_MAC\"}"
sluiced_start || fail "sluiced does not start"
client_up || fail "no client"
for ((round = 1; round <= rounds; round++)); do
	for strategy in $strategies; do
		say "round $round of $rounds: $strategy"
		try_strategy "$round" "$strategy"
	done
done
sluiced_stop
