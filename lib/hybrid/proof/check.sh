#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Has spin look at all states of wait.pml. What is right must have no error; what was broken on
# purpose must have one, so that it is known that one would be found.
#
# usage: check.sh wait.pml
set -u

model=$(realpath "$1")
number=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# errors DEFINE...: how many spin finds, or what went wrong
errors()
{
	rm -f pan* wait.pml*
	cp "$model" wait.pml
	spin -a "$@" wait.pml >spin.log 2>&1 || {
		printf 'spin failed'
		return
	}
	gcc -O0 -w -DSAFETY -o pan pan.c >gcc.log 2>&1 || {
		printf 'gcc failed'
		return
	}
	./pan -m10000 -w18 >pan.log 2>&1
	if grep -q 'search depth too small' pan.log; then
		printf 'search is not complete'
	else
		sed -nE 's/.*errors: ([0-9]+).*/\1/p' pan.log
	fi
}

# verdict NAME EXPECTED DEFINE...
verdict()
{
	local name=$1 expected=$2 got

	shift 2
	number=$((number + 1))
	got=$(errors "$@")
	if [[ $got == "$expected" ]]; then
		printf 'ok %d - %s\n' $number "$name"
		return
	fi
	failed=1
	printf 'not ok %d - %s\n# errors: expected %s, got %s\n' $number "$name" "$expected" "$got"
	sed 's/^/# /' spin.log pan.log 2>/dev/null
}

printf '1..9\n'
verdict "a device that latches: no wake-up is lost" 0 -DLATCHES
verdict "and none with the time beside it" 0 -DLATCHES -DTIMED
verdict "a device that does not latch: none is lost by time" 0 -DTIMED
verdict "messages kept apart: none is lost" 0 -DLATCHES -DSPACED
verdict "an interval without end leaves no ring to overflow" 0 -DLATCHES -DSPACED -DENDLESS
verdict "nor with packets that may lie there in peace" 0 -DLATCHES -DSPACED -DENDLESS -DLOW=3
verdict "without the look after arming it may" 1 -DLATCHES -DSPACED -DENDLESS -DNO_LOOK
verdict "without the look after arming one is lost" 1 -DNO_LOOK -DTIMED
verdict "with the look before arming one is lost" 1 -DNO_ARM -DTIMED
exit $failed
