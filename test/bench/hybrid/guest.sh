#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# How sluice-fwd waits between two VFs of QEMU's 82576 under sluiced: each load is given to each
# mode in turn. For each a line of JSON in /out/turns; guest.py starts it and reads them.
#
# usage: guest.sh ROUNDS MS MODE... (MS of each turn)
#
# guest: --ports 1 --wire tap --timeout 1800 --with test/guest/stack.sh --with /usr/bin/strace
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-fwd/sluice-fwd
# with: test/bench/hybrid/round-trip drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh

VF0_MAC=02:00:00:00:10:00 VF1_MAC=02:00:00:00:10:01 WIRE_MAC=02:00:00:00:77:01
WARM_UP_MS=500
PATIENCE_S=2	# for frames that are late, so that a loss does not stretch a turn by much
# name, frames a second, share of a turn that is silence before them in %
LOADS=("0 0 0" "100 100 0" "1k 1000 0" "0-2k 2000 50")
# At which the system calls are counted.
CALLS_PPS=1000
rounds=$1 ms=$2
shift 2

fail()
{
	say "$*"
	exit 1
}

options_of()
{
	case $1 in
	poll | interrupt) printf -- '--mode %s' "$1" ;;
	*) printf -- '--mode hybrid --profile %s' "$1" ;;
	esac
}

# The one lcore is the program's first thread.
forward()
{
	local eal mode

	mapfile -t eal < <(eal_options sluice)
	read -ra mode < <(options_of "$1"; echo)
	# The next look is not to find what the one before said.
	rm -f /run/fwd.log
	sluice-fwd -l 1 --file-prefix fwd "${eal[@]}" -a "$VF0" -a "$VF1" -- "${mode[@]}" \
		--promisc off --mac-mode rewrite --eth-dest "1,$WIRE_MAC" >/run/fwd.log 2>&1 &
	FWD=$!
	wait_for 60 grep -q 'sluice-fwd: forwarding' /run/fwd.log || {
		cat /run/fwd.log
		return 1
	}
}

forward_no_more()
{
	kill -TERM "$FWD"
	wait "$FWD"
}

send()
{
	round-trip wire0 "$VF0_MAC" "$@"
}

# Its time, and what the lcore has used: ns, ns, times that it slept, interrupts of the VFs.
stand()
{
	local status=/proc/$FWD/task/$FWD

	printf '%s %s %s %s\n' "${EPOCHREALTIME/./}000" \
		"$(awk '{ print $1 }' "$status/schedstat")" \
		"$(sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' "$status/status")" \
		"$(awk -v vf0="($VF0)" -v vf1="($VF1)" '
			index($0, vf0) || index($0, vf1) {
				for (i = 2; $i ~ /^[0-9]+$/; i++)
					sum += $i
			}
			END { print sum + 0 }' /proc/interrupts)"
}

# turn ROUND MODE LOAD PPS IDLE-PERCENT
turn()
{
	local before after sent names=(elapsed_ns cpu_ns sleeps interrupts) i

	read -ra before < <(stand)
	sent=$(send "$4" $((ms * (100 - $5) / 100)) $((ms * $5 / 100)) $PATIENCE_S) || return
	read -ra after < <(stand)
	printf '{"round": %d, "mode": "%s", "load": "%s", "pps": %d' "$1" "$2" "$3" "$4"
	for ((i = 0; i < ${#names[@]}; i++)); do
		printf ', "%s": %d' "${names[i]}" $((after[i] - before[i]))
	done
	printf ', %s\n' "${sent#\{}"
}

is_traced()
{
	grep -qE '^TracerPid:[[:space:]]*[1-9]' "/proc/$FWD/status"
}

# calls MODE: which system calls the lcore makes, and how many interrupts there are
calls()
{
	local before after tracer

	strace -c -U calls,name -o /run/calls -p "$FWD" 2>/run/strace.err &
	tracer=$!
	wait_for 60 is_traced || return
	read -ra before < <(stand)
	send "$CALLS_PPS" "$ms" >/dev/null || return
	read -ra after < <(stand)
	kill -INT "$tracer"
	wait "$tracer"
	printf '{"mode": "%s", "interrupts": %d, "calls": {%s}}\n' "$1" \
		$((after[3] - before[3])) \
		"$(awk '$1 ~ /^[0-9]+$/ && $2 != "total" {
			printf "%s\"%s\": %d", separator, $2, $1
			separator = ", "
		}' /run/calls)"
}

try_mode()
{
	local load

	forward "$2" || fail "sluice-fwd does not start: $2"
	send 100 "$WARM_UP_MS" >/dev/null || fail "the wire takes no frames"
	for load in "${LOADS[@]}"; do
		# shellcheck disable=SC2086  # its fields
		turn "$1" "$2" $load >>/out/turns || fail "turn $2 $load failed"
	done
	if (($1 == 0)); then
		calls "$2" >>/out/calls || fail "system calls were not counted: $2"
	fi
	forward_no_more || fail "sluice-fwd does not end well: $2"
}

ip link set wire0 down
ip link set wire0 address "$WIRE_MAC" up
config_for "$PF0" "{\"vf\": 0, \"mac\": \"$VF0_MAC\"}" "{\"vf\": 1, \"mac\": \"$VF1_MAC\"}"
sluiced_start || fail "sluiced does not start"
VF0=$(vf_bdf "$PF0" 0) VF1=$(vf_bdf "$PF0" 1)
: >/out/turns
: >/out/calls
for ((round = 0; round < rounds; round++)); do
	for mode; do
		say "round $((round + 1)) of $rounds: $mode"
		try_mode "$round" "$mode"
	done
done
sluiced_stop
