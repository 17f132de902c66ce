#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Everything dies: the daemon, at any moment and again and again, and VFs' applications; while
# frames with numbers go from VF to VF and between VF and wire, and a VF asks for VLANs and
# addresses without a pause. Not a frame may be missed, and no request go unanswered.
#
# usage: chaos.sh [DEATHS]: of the daemon, 100 unless given; half as many of all else
#
# guest: --ports 1 --wire tap --timeout 1500 --hugepages 220
# guest: --with test/guest/stack.sh --with test/guest/frames.sh --with test/guest/kept.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-keeper/sluice-keeper
# with: test/traffic/frames-dpdk test/traffic/frames-sock test/traffic/requests-dpdk
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/kept.sh

DEATHS=${1:-100}
FRAMES_A_ROUND=8000
mkdir -p /var/lib

# in_rounds NAME TIMES CMD...: CMD, again and again, under frames that start anew when they end
in_rounds()
{
	local name=$1 times=$2 done=0 rounds=0
	shift 2

	while ((done < times)); do
		rounds=$((rounds + 1))
		streams_start $FRAMES_A_ROUND || not_ok "$name: frames flow"
		while ((done < times)) && streams_run; do
			"$@" || not_ok "$name, time $((done + 1))" "$(tail /run/sluiced.log)"
			done=$((done + 1))
		done
		streams_check "$name, round $rounds"
	done
	say "$name: $done times"
}

die_at_random()
{
	pause_at_random
	kill_daemon
}

# A fifth VF's application, somewhere between its start and its work.
kill_application()
{
	local eal pid

	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 2 --file-prefix victim "${eal[@]}" -a "$(vf_bdf "$PF0" 4)" -- \
		--mode receive --timeout 100 >/dev/null 2>/run/victim.log &
	pid=$!
	sleep "$((RANDOM % 3)).$((RANDOM % 1000 + 1000))"
	kill -KILL $pid
	wait $pid 2>/dev/null
	sluicectl show >/dev/null
}

# Between two configurations, in which VF 0 may do more and less.
reload()
{
	local trust=$((++reloads % 2))

	chaos_config "\"trust\": \"$(((trust)) && echo on || echo off)\""
	kill -HUP "$(daemon_pid)"
	wait_for 20 trust_is $trust
}

trust_is()
{
	[[ $(vf_shows 0 trust) == "$( (($1)) && echo true || echo false)" ]]
}

chaos_config()
{
	kept_config "$@"
	sed -i 's/"num_vfs": 4/"num_vfs": 5/; s/\]}\]}/, {"vf": 4}]}]}/' "$CONFIG"
}

# VFs that run are not to pay for it.
try_num_vfs()
{
	local rc=0

	sed -i 's/"num_vfs": 5/"num_vfs": 6/' "$CONFIG"
	kill -HUP "$(daemon_pid)"
	check "num_vfs: not while it runs" wait_for 20 grep -q num_vfs /run/sluiced.log
	kill -KILL "$(daemon_pid)"
	check "num_vfs: nor by its successor" wait_for 20 grep -q 'it runs on with 5 VFs' \
		/run/sluiced.log
	chaos_config
	check "num_vfs: as it was, it serves again" wait_for 30 sluicectl show
}

bind igb "$PF0"
wire_up
chaos_config
check "sluiced starts under sluice-keeper" sluiced_start sluice-keeper
check "a VF asks without a pause" requests_start
in_rounds "daemon killed" "$DEATHS" die_at_random
say_away
in_rounds "application killed" $((DEATHS / 2)) kill_application
in_rounds "configuration read again" $((DEATHS / 2)) reload
streams_start $FRAMES_A_ROUND || not_ok "num_vfs: frames flow"
try_num_vfs
streams_check "num_vfs changed"
requests_check "all the time"
check "told to end, both end" sluiced_stop
finish
