# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions for guest scripts in which the daemon dies and its VFs go on: VF 0 sends to VF 1, VF 2
# echoes what comes from the wire, and VF 3 asks for VLANs and addresses without a pause. Needs
# /guest/lib.sh, stack.sh and frames.sh.

KEPT_MACS=(02:00:00:00:00:10 02:00:00:00:00:11 02:00:00:00:00:12)
declare -A stream_pid

# kept_config MEMBER...: four VFs, with these members of VF 0's object too
kept_config()
{
	local vf vfs=()

	for vf in 0 1 2; do
		vfs+=("{\"vf\": $vf, \"mac\": \"${KEPT_MACS[vf]}\"}")
	done
	# One that is told its address may have no others.
	vfs+=('{"vf": 3}')
	(($# == 0)) || vfs[0]="{\"vf\": 0, \"mac\": \"${KEPT_MACS[0]}\", $1}"
	config_for "$PF0" "${vfs[@]}"
}

daemon_pid()
{
	cat /var/lib/sluiced/lock
}

# kept_spawn NAME PROGRAM ARG...: in the background; returns when it says READY
kept_spawn()
{
	local name=$1
	shift

	: >"/run/$name.log"
	"$@" >"/run/$name.json" 2>"/run/$name.log" &
	stream_pid[$name]=$!
	wait_for 60 kept_settled "$name" && grep -q '^READY' "/run/$name.log"
}

kept_settled()
{
	grep -q '^READY' "/run/$1.log" || ! kill -0 "${stream_pid[$1]}"
}

# kept_dpdk NAME LCORE VF PROGRAM OPTION...
kept_dpdk()
{
	local name=$1 lcore=$2 vf=$3 program=$4 eal
	shift 4

	mapfile -t eal < <(eal_options sluice)
	kept_spawn "$name" "$program" -l "$lcore" --file-prefix "$name" "${eal[@]}" \
		-a "$(vf_bdf "$PF0" "$vf"),auto_reset=on" "$@"
}

# streams_start COUNT: frames each, some 400 a second
streams_start()
{
	local common=(--json --count "$1" --run-id $((run_id += 2)))
	local pace=(--burst 8 --gap-us 20000)

	kept_dpdk receive 1 1 frames-dpdk -- --mode receive --timeout 120 "${common[@]}" &&
		kept_dpdk echo 1 2 frames-dpdk -- --mode echo --timeout 120 "${common[@]}" &&
		kept_dpdk send 2 0 frames-dpdk -- --mode send --dst "${KEPT_MACS[1]}" \
			"${pace[@]}" "${common[@]}" &&
		kept_spawn wire frames-sock --netdev wire0 --mode both \
			--dst "${KEPT_MACS[2]}" --timeout 20 "${pace[@]}" "${common[@]}"
}

# stream_check NAME PROCESS: it has ended well; else what it found
stream_check()
{
	local rc=0

	wait "${stream_pid[$2]}" || rc=$?
	unset "stream_pid[$2]"
	if ((rc == 0)); then
		ok "$1"
	else
		not_ok "$1" "$(cat "/run/$2.json" "/run/$2.log")"$'\n'"$(tail /run/sluiced.log)"
	fi
}

# kept_evidence VF: what is known of one to which, or from which, nothing comes
kept_evidence()
{
	local name

	sluicectl show
	sluicectl show vf "$1"
	ip -s link show wire0
	for name in "${!stream_pid[@]}"; do
		kill -0 "${stream_pid[$name]}" && echo "$name runs" || echo "$name has ended"
		tail -n 5 "/run/$name.log" "/run/$name.json"
	done
	tail /run/sluiced.log
} 2>&1

# streams_check WHAT
streams_check()
{
	stream_check "$1: VF 0 could send all the time" send
	stream_check "$1: VF 1 misses none of VF 0's frames" receive
	stream_check "$1: VF 2 sends back what comes from the wire" echo
	stream_check "$1: none is lost between wire and VF 2" wire
}

streams_run()
{
	kill -0 "${stream_pid[send]}" 2>/dev/null
}

requests_start()
{
	kept_dpdk requests 2 3 requests-dpdk
}

requests_told()
{
	[[ -s /run/requests.json ]]
}

# vf_shows VF KEY: the value that sluicectl tells
vf_shows()
{
	sluicectl show vf "$1" --json | tr ',{}' '\n\n\n' |
		sed -nE "s/^[[:space:]]*\"$2\": *\"?([^\"]*)\"?$/\1/p" | head -n 1
}

# requests_check NAME: each was answered, and PF and VF agree on what came of them
requests_check()
{
	kill -TERM "${stream_pid[requests]}"
	wait_for 90 requests_told
	check_equal "$1: PF and VF agree" 4 "$(vf_shows 3 vlans)"
	say "$1: $(cat /run/requests.json)"
	kill -TERM "${stream_pid[requests]}"
	stream_check "$1: each request is answered" requests
}

# random_s MS: seconds, less than that
random_s()
{
	local ms=$((RANDOM % $1))

	printf '%d.%03d' $((ms / 1000)) $((ms % 1000))
}

pause_at_random()
{
	sleep "$(random_s 2000)"
}

# kill_daemon: returns when the next one serves
kill_daemon()
{
	local pid

	pid=$(daemon_pid)
	kill -KILL "$pid"
	wait_for 60 another_serves "$pid"
}

# kill_daemon_twice: the second time before the next one serves, wherever it is by then
kill_daemon_twice()
{
	local pid

	pid=$(daemon_pid)
	kill -KILL "$pid"
	wait_for 60 another_runs "$pid" || return
	sleep "$(random_s 300)"
	kill_daemon
}

another_runs()
{
	[[ -n $(daemon_pid) && $(daemon_pid) != "$1" ]]
}

another_serves()
{
	[[ $(daemon_pid) != "$1" ]] && sluicectl show
}

# How long control was away, each time, by the daemon's own clock.
away_ms()
{
	sed -nE 's/.*control is back after ([0-9]+) ms.*/\1/p' /run/sluiced.log
}

say_away()
{
	away_ms | sort -n | awk '{ ms[NR] = $1 } END {
		if (NR > 0)
			printf "# control was away %d times: %d to %d ms, median %d\n", NR, ms[1],
				ms[NR], ms[int((NR + 1) / 2)] }'
}
