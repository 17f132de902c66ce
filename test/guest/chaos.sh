#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Everything dies: the daemon, at any moment and again and again, and VFs' applications; while
# frames with numbers go from VF to VF and between VF and wire, and a VF asks for VLANs and
# addresses without a pause. Not a frame may be missed, and no request go unanswered. Then the
# PF's cable is pulled out and put in again, and the daemon dies in between too.
#
# usage: chaos.sh [DEATHS]: of the daemon, 100 unless given; half as many of all else
#
# guest: --ports 1 --wire tap --timeout 2700 --hugepages 220
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

# Each fourth time, the next daemon dies before it serves.
die_at_random()
{
	pause_at_random
	if ((++deaths % 4 == 0)); then
		kill_daemon_twice
	else
		kill_daemon
	fi
}

# A fifth VF's application, somewhere between its start and its work.
kill_application()
{
	local eal pid

	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 2 --file-prefix victim "${eal[@]}" -a "$(vf_bdf "$PF0" 4)" -- \
		--mode receive --timeout 100 >/dev/null 2>/run/victim.log &
	pid=$!
	sleep "$(random_s 3000)"
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
	wait_for 60 trust_is $trust
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
	check "num_vfs: not while VFs are in use" wait_for 60 grep -q 'num_vfs.* is in use' \
		/run/sluiced.log
	kill -KILL "$(daemon_pid)"
	check "num_vfs: nor by its successor" wait_for 60 grep -q 'it runs on with 5 VFs' \
		/run/sluiced.log
	chaos_config
	check "num_vfs: as it was, it serves again" wait_for 60 sluicectl show
}

link_is()
{
	sluicectl show | grep -q "link $1"
}

# flap: frames pass again; each fifth time, with another daemon
flap()
{
	local before

	wire_link 0 down
	wait_for 60 link_is down || return
	sleep "$(random_s 1000)"
	((++flaps % 5 != 0)) || kill_daemon || return
	wire_link 0 up
	wait_for 60 link_is up || return
	before=$(vf_shows 2 tx_packets)
	wait_for 60 vf_2_sent_more_than "$before"
}

vf_2_sent_more_than()
{
	(($(vf_shows 2 tx_packets) > $1))
}

# Without a link QEMU's 82576 loses what goes from VF to VF too: only what follows is counted.
try_flaps()
{
	local i many=(--count 10000000 --run-id 1)

	check "link: VF 2 echoes" kept_dpdk echo 1 2 frames-dpdk -- --mode echo \
		--timeout 3000 "${many[@]}"
	check "link: the wire sends" kept_spawn wire frames-sock --netdev wire0 --mode both \
		--dst "${KEPT_MACS[2]}" --burst 8 --gap-us 20000 --patience 3000 "${many[@]}"
	for ((i = 0; i < $1; i++)); do
		flap || not_ok "link, time $((i + 1)): VF 2 goes on" "$(kept_evidence 2)"
	done
	say "link: down and up $i times"
	kill -TERM "${stream_pid[wire]}" "${stream_pid[echo]}"
	wait "${stream_pid[wire]}" "${stream_pid[echo]}" 2>/dev/null
	streams_start $FRAMES_A_ROUND || not_ok "link: frames flow"
	streams_check "link up again"
}

deaths=0 reloads=0 flaps=0
bind igb "$PF0"
wire_up
chaos_config
check "sluiced starts under sluice-keeper" sluiced_start sluice-keeper
check "a VF asks without a pause" requests_start
in_rounds "daemon killed" "$DEATHS" die_at_random
say_away
in_rounds "application killed" $((DEATHS / 2)) kill_application
in_rounds "configuration read again" $((DEATHS / 2)) reload
try_flaps $((DEATHS / 2))
streams_start $FRAMES_A_ROUND || not_ok "num_vfs: frames flow"
try_num_vfs
streams_check "num_vfs changed"
requests_check "all the time"
check "told to end, both end" sluiced_stop
finish
