# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Numbered frames for guest scripts, between any two places, judged by the receiver. Needs
# /guest/lib.sh and stack.sh.
#
# A place is a netdev, or KIND@BDF with KIND one of sluice, igb_vf: frames-dpdk over that
# driver. "Nothing arrives" is never concluded from silence: what follows on the same way
# and must arrive tells when to look.

# shellcheck disable=SC2034  # for the scripts
WIRE_MAC=02:00:00:00:77:01
FRAMES=512
run_id=0

# wire_up [MTU]
wire_up()
{
	ip link set wire0 down
	ip link set wire0 mtu "${1-1500}" address "$WIRE_MAC" up
}

# frames_on PLACE LCORE OPTION...
frames_on()
{
	local place=$1 lcore=$2 eal
	shift 2

	if [[ $place != *@* ]]; then
		frames-sock --netdev "$place" "$@"
		return
	fi
	mapfile -t eal < <(eal_options "${place%@*}")
	frames-dpdk -l "$lcore" --file-prefix "frames$lcore" "${eal[@]}" -a "${place#*@}" -- "$@"
}

# --- From one place to another ---

# listen PLACE OPTION...: a receiver in the background; returns when it listens, with its
# address in READY_MAC
listen()
{
	local place=$1
	shift

	run_id=$((run_id + 2))
	# Both now, not by the receiver's shell: that may come after the first look for READY.
	: >/run/sender.log
	: >/run/receiver.log
	frames_on "$place" 1 --mode receive --timeout 60 --json --count "$FRAMES" \
		--run-id "$run_id" "$@" >/run/arrived.json 2>/run/receiver.log &
	RECEIVER=$!
	wait_for 60 receiver_settled
	READY_MAC=$(sed -n 's/^READY //p' /run/receiver.log)
	[[ -n $READY_MAC ]]
}

receiver_settled()
{
	grep -q '^READY' /run/receiver.log || ! kill -0 "$RECEIVER"
}

# emit PLACE OPTION...: what the receiver waits for; it waits no longer if this fails
emit()
{
	send_run "$run_id" "$@" || {
		kill -INT "$RECEIVER"
		return 1
	}
}

# stray PLACE OPTION...: as many frames that the receiver counts apart, as foreign
stray()
{
	send_run $((run_id + 1)) "$@"
}

send_run()
{
	local run=$1 place=$2
	shift 2

	frames_on "$place" 2 --mode send --count "$FRAMES" --run-id "$run" "$@" \
		>>/run/sender.log 2>&1
}

arrived()
{
	sed -nE "s/.*\"$1\": *([0-9]+).*/\1/p" /run/arrived.json
}

# check_heard NAME [FOREIGN [TAGGED]]: all that was emitted has arrived once and intact,
# and FOREIGN of the strays
check_heard()
{
	local want="unique $FRAMES, foreign ${2-0}, tagged ${3-0}, corrupt 0, duplicate 0"
	local got

	wait "$RECEIVER"
	got="unique $(arrived unique), foreign $(arrived foreign), tagged $(arrived tagged)"
	got+=", corrupt $(arrived corrupt), duplicate $(arrived duplicate)"
	if [[ $got == "$want" ]]; then
		ok "$1"
	else
		not_ok "$1" "expected: $want"$'\n'"actual:   $got"$'\n'"$(frames_evidence)"
	fi
}

frames_evidence()
{
	tail -n 8 /run/receiver.log /run/sender.log
	dmesg | tail -n 5
}

# check_way NAME FROM TO [SENDER-OPTION...]: FROM sends to what TO says is its address
check_way()
{
	local name=$1 from=$2 to=$3
	shift 3

	listen "$to" && emit "$from" --dst "$READY_MAC" "$@"
	check_heard "$name"
}
