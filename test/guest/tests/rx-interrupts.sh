#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A DPDK program that sleeps until an interrupt of its Rx queue: on a VF under sluiced, and on a PF
# alone. It looks at its ring when it was woken only, so what arrives has woken it. While it works
# it makes no system call but epoll_wait and the read of the eventfd.
#
# guest: --ports 1 --wire tap --timeout 240 --with test/guest/stack.sh
# guest: --with /usr/bin/strace
# with: app/sluiced/sluiced app/sluicectl/sluicectl
# with: test/traffic/frames-sock test/pmd/rx-sleeper drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh

BURSTS=6 BURST=32
WIRE_MAC=02:00:00:00:77:01

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

ip link set wire0 address "$WIRE_MAC" up
config_for "$PF0" '{"vf": 0}'
check "sluiced starts" sluiced_start
try "VF" "$(vf_bdf "$PF0" 0)"
check "sluiced stops" sluiced_stop
vfs_remove "$PF0"
check "the PF is on vfio-pci" pf_bind_vfio "$PF0"
try "PF" "$PF0"
finish
