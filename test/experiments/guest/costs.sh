#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiment E7 in the guest: what an interrupt costs each driver beside its work. Frames come one
# by one to a program that sleeps until an interrupt; costs.py starts this, and takes the accesses
# to the device out of QEMU's trace: a window of it for each "window" line printed here.
#
# usage: costs.sh FRAMES
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh --with test/guest/frames.sh
# guest: --with /usr/bin/strace
# with: app/sluiced/sluiced app/sluicectl/sluicectl drivers/net/librte_net_sluice.so
# with: test/traffic/frames-sock test/pmd/rx-sleeper

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh

FRAMES=$1
GAP_US=5000
SETTLE_S=0.5	# until QEMU has heard that it is to trace, and nothing is on its way
EVENTS="memory_region_ops_read memory_region_ops_write"

fail()
{
	say "$*"
	tail -n 20 /run/receiver.log /run/sluiced.log 2>/dev/null
	exit 1
}

# Of a VF's or PF's vectors, or of a netdev's
interrupts_of()
{
	awk -v name="$1" 'index($0, name) {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			sum += $i
	} END { print sum + 0 }' /proc/interrupts
}

is_traced()
{
	grep -qE '^TracerPid:[[:space:]]*[1-9]' "/proc/$1/status"
}

# sleeper DRIVER BDF: a DPDK program; DRIVER as in eal_options
sleeper()
{
	local eal

	mapfile -t eal < <(eal_options "$1")
	rx-sleeper -l 1 --file-prefix sleeper "${eal[@]}" -a "$2" -- $((FRAMES + 1)) 120 \
		>/run/receiver.out 2>/run/receiver.log &
	RECEIVER=$!
}

# socket NETDEV: a program that sleeps until the kernel has a frame
socket()
{
	tcpdump -p -n --immediate-mode -Z root -w /dev/null -i "$1" 2>/run/receiver.log &
	RECEIVER=$!
	MAC=$(<"/sys/class/net/$1/address")
}

receiver_ready()
{
	READY_MAC=$(sed -nE "s/^ready //p; s/^tcpdump: listening on.*/$MAC/p" /run/receiver.out \
		/run/receiver.log)
	[[ -n $READY_MAC ]] || ! kill -0 "$RECEIVER" 2>/dev/null
}

trace_events()
{
	local event

	for event in $EVENTS; do
		qemu_trace "$event" "$1"
	done
}

# window NAME REGION INTERRUPTS-OF RECEIVER...: QEMU's name of the registers. The receiver waits for
# more frames, so that its end is in no window.
window()
{
	local name=$1 region=$2 whose=$3 before after calls tracer
	shift 3

	: >/run/receiver.out
	: >/run/receiver.log
	: >/run/calls
	"$@"
	wait_for 60 receiver_ready
	[[ -n $READY_MAC ]] || fail "$name: nobody receives"
	strace -qq -e signal=none -o /run/calls -p "$RECEIVER" 2>/run/strace.err &
	tracer=$!
	wait_for 60 is_traced "$RECEIVER" || fail "$name: its calls are not traced"
	sleep $SETTLE_S
	trace_events on
	sleep $SETTLE_S
	before=$(interrupts_of "$whose")
	frames-sock --netdev wire0 --mode send --dst "$READY_MAC" --count "$FRAMES" \
		--burst 1 --gap-us $GAP_US >/run/sender.log 2>&1 ||
		fail "$name: the wire takes no frames"
	sleep $SETTLE_S
	after=$(interrupts_of "$whose")
	calls=$(wc -l </run/calls)
	trace_events off
	sleep $SETTLE_S
	kill -KILL "$RECEIVER"
	wait "$RECEIVER" "$tracer" 2>/dev/null
	printf 'window {"driver": "%s", "region": "%s", "frames": %d, ' "$name" "$region" "$FRAMES"
	printf '"interrupts": %d, "calls": %d}\n' $((after - before)) "$calls"
}

vf_windows()
{
	local vf

	vf=$(vf_bdf "$PF0" 0)
	window net_sluice_vf igbvf-mmio "($vf)" sleeper sluice "$vf"
	bind igbvf "$vf" && wait_for 60 netdev_of "$vf" || fail "igbvf takes no VF"
	ip link set "$(netdev_of "$vf")" up
	wait_for 60 carrier_of "$(netdev_of "$vf")"
	window igbvf igbvf-mmio "$(netdev_of "$vf")" socket "$(netdev_of "$vf")"
	bind vfio-pci "$vf"
}

carrier_of()
{
	[[ $(<"/sys/class/net/$1/carrier") == 1 ]]
}

pf_windows()
{
	pf_bind_vfio "$PF0"
	window net_sluice_pf igb-mmio "($PF0)" sleeper sluice "$PF0"
	window net_e1000_igb igb-mmio "($PF0)" sleeper igb_vf "$PF0"
	pf_bind_igb "$PF0" && wait_for 60 carrier_of "$(netdev_of "$PF0")" || fail "no igb"
	window igb igb-mmio "$(netdev_of "$PF0")" socket "$(netdev_of "$PF0")"
}

wire_up
say "costs begin"
config_for "$PF0" '{"vf": 0, "mac": "02:00:00:00:10:00"}'
sluiced_start || fail "sluiced does not start"
vf_windows
sluiced_stop
vfs_remove "$PF0"
pf_windows
