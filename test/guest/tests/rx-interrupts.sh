#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A DPDK program that sleeps until an interrupt of its Rx queue: on a VF under sluiced, and on a PF
# alone. It looks at its ring when it was woken only, so what arrives has woken it. While it works
# it makes no system call but epoll_wait and the read of the eventfd. Then sluice-fwd, which sleeps
# likewise between two VFs, and how the guest's version of the benchmark sends and times frames.
#
# guest: --ports 1 --wire tap --timeout 240 --hugepages 64 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with /usr/bin/strace
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-fwd/sluice-fwd
# with: test/traffic/frames-sock test/pmd/rx-sleeper drivers/net/librte_net_sluice.so
# with: test/bench/hybrid/round-trip

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh

BURSTS=6 BURST=32
FRAMES=256
VF0_MAC=02:00:00:00:10:00 VF1_MAC=02:00:00:00:10:01

# sleeper BDF OPTION...: in the background; returns when it is ready, with its
# address in READY_MAC
sleeper()
{
	local bdf=$1 eal
	shift

	: >/run/sleeper.log
	mapfile -t eal < <(eal_options sluice)
	rx-sleeper -l 1 --file-prefix sleeper "${eal[@]}" -a "$bdf$*" -- \
		$((BURSTS * BURST)) 60 >/run/sleeper.log 2>/run/sleeper.err &
	SLEEPER=$!
	wait_for 60 sleeper_settled
	READY_MAC=$(sed -n 's/^ready //p' /run/sleeper.log)
	[[ -n $READY_MAC ]] || {
		cat /run/sleeper.log /run/sleeper.err
		return 1
	}
}

# Its first thread only, and from now on: all else of it may call what it likes.
trace()
{
	: >/run/calls
	strace -qq -e signal=none -o /run/calls -p "$SLEEPER" 2>/run/strace.err &
	TRACER=$!
	wait_for 60 grep -qE '^TracerPid:[[:space:]]*[1-9]' "/proc/$SLEEPER/status" || {
		cat /run/strace.err
		return 1
	}
}

sleeper_settled()
{
	grep -q '^ready' /run/sleeper.log || ! kill -0 "$SLEEPER"
}

send_bursts()
{
	local i

	for ((i = 0; i < BURSTS; i++)); do
		frames-sock --netdev wire0 --mode send --count $BURST --burst $BURST \
			--dst "$READY_MAC" || return
	done
}

# The calls until its second line.
calls()
{
	sed '/^write(1, "awake/,$d' /run/calls
}

field()
{
	sed -nE "s/^awake:.* $1 ([0-9]+).*/\1/p" /run/sleeper.log
}

# try NAME BDF OPTION...
try()
{
	local name=$1
	shift

	check "$name: the program gets its Rx interrupt" sleeper "$@"
	check "$name: its calls are traced" trace
	check "$name: bursts are sent" send_bursts
	wait "$SLEEPER"
	check_equal "$name: nothing of them is lost in its sleep" \
		"status 0, frames $((BURSTS * BURST))" "status $?, frames $(field frames)"
	wait "$TRACER"
	say "$name: $(sed -n 's/^awake: //p' /run/sleeper.log)"
	check_equal "$name: it slept and was woken" 1 "$(($(field wakes) > 0))"
	check_equal "$name: and made these calls only" "epoll_wait read" \
		"$(calls | sed -E 's/\(.*//' | sort -u | tr '\n' ' ' | sed 's/ $//')"
}

forward()
{
	local eal

	mapfile -t eal < <(eal_options sluice)
	sluice-fwd -l 1 --file-prefix fwd "${eal[@]}" -a "$(vf_bdf "$PF0" 0)" \
		-a "$(vf_bdf "$PF0" 1)" -- --mode hybrid --promisc off --mac-mode rewrite \
		--eth-dest "1,$WIRE_MAC" --stats-json /run/fwd.json >/run/fwd.log 2>&1 &
	FWD=$!
	wait_for 60 grep -q 'sluice-fwd: forwarding' /run/fwd.log || {
		cat /run/fwd.log
		return 1
	}
}

# In hundredths of a second, user and system.
cpu_of()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

say_idle_cpu()
{
	local before

	before=$(cpu_of "$FWD")
	sleep 1
	say "sluice-fwd: $(($(cpu_of "$FWD") - before)) % of a processor while nothing comes"
}

# fwd_field NAME: its first value in the report
fwd_field()
{
	sed -nE "s/.*\"$1\": *([0-9]+).*/\1/p" /run/fwd.json | head -n 1
}

try_round_trips()
{
	local report

	report=$(round-trip wire0 "$VF0_MAC" 200 500)
	say "round-trip: $report"
	check "round-trip: frames are sent, and all of them are back, once and undamaged" grep -qE \
		'"sent": ([1-9][0-9]*), .*"received": \1, "corrupt": 0, "duplicate": 0' <<<"$report"
}

try_forwarding()
{
	check "sluice-fwd starts in hybrid mode" forward
	say_idle_cpu
	check "the wire listens" listen wire0
	check "frames are sent to its first VF" emit wire0 --dst "$VF0_MAC"
	check_heard "all of them leave by its second VF"
	try_round_trips
	kill -TERM "$FWD"
	wait "$FWD"
	check_equal "sluice-fwd ends well" 0 $?
	say "sluice-fwd: $(fwd_field wakes) wake-ups, $(fwd_field interrupts) interrupts"
	check_equal "it was woken by interrupts" 1 "$(($(fwd_field interrupts) > 0))"
}

wire_up
config_for "$PF0" "{\"vf\": 0, \"mac\": \"$VF0_MAC\"}" "{\"vf\": 1, \"mac\": \"$VF1_MAC\"}"
check "sluiced starts" sluiced_start
try "VF" "$(vf_bdf "$PF0" 0)"
try_forwarding
check "sluiced stops" sluiced_stop
vfs_remove "$PF0"
check "the PF is on vfio-pci" pf_bind_vfio "$PF0"
try "PF" "$PF0"
finish
