#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# What system calls a program makes that sleeps until its Rx queue interrupts: epoll_wait, and the
# read of the eventfd, and no other. Those between a SIGSEGV and its return are the model's, which
# is asked for a register there.
#
# usage: sleeper.sh RX-SLEEPER BUS-PLUGIN NET-PLUGIN
set -u

FRAMES=100
TIMEOUT_S=30
sleeper=$1 bus=$2 net=$3
failed=0 number=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

is_stopped()
{
	[[ $(sed -nE 's/^State:[[:space:]]*(.).*/\1/p' "/proc/$1/status" 2>/dev/null) == T ]]
}

# The tracer comes while the program is stopped, just before it is ready.
run()
{
	"$sleeper" -l 0 --no-huge --no-pci --no-shconf --no-telemetry --iova-mode=va -m 256 \
		-d "$bus" -d "$net" \
		--vdev "sluicemodel0,family=$1,vfs=$2,wire=gen:rate=500" -- \
		$FRAMES $TIMEOUT_S stop >log 2>errors &
	local pid=$! tracer rc

	until is_stopped "$pid" || ! kill -0 "$pid" 2>/dev/null; do
		sleep 0.02
	done
	strace -qq -o calls -p "$pid" 2>>errors &
	tracer=$!
	until grep -qsE '^TracerPid:[[:space:]]*[1-9]' "/proc/$pid/status" ||
		! kill -0 "$tracer" 2>/dev/null; do
		sleep 0.02
	done
	kill -CONT "$pid"
	wait "$pid"
	rc=$?
	wait "$tracer"
	return "$rc"
}

calls()
{
	sed -n '/^write(1, "ready/,/^write(1, "awake/p' calls | sed '1d;$d' |
		awk '/^--- SIGSEGV/ { inside = 1 } !inside && !/^---/ { print }
			/^rt_sigreturn/ { inside = 0 }' |
		sed -E 's/\(.*//' | sort -u | tr '\n' ' '
}

verdict()
{
	number=$((number + 1))
	if [[ $2 == "$3" ]]; then
		printf 'ok %d - %s\n' $number "$1"
		return
	fi
	failed=1
	printf 'not ok %d - %s\n# expected: %s\n# actual:   %s\n' $number "$1" "$2" "$3"
	sed 's/^/# /' log errors
}

printf '1..8\n'
for family in 82576 82599; do
	for vfs in 0 1; do
		function=$([[ $vfs == 0 ]] && printf PF || printf VF)
		run $family $vfs
		verdict "$family $function: it is woken for its frames" 0 $?
		verdict "$family $function: and calls nothing else" "epoll_wait read " "$(calls)"
	done
done
exit $failed
