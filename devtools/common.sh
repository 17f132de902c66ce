# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034
#
# What every shell program of this repository shares: where the tree is, how
# progress is told, and how a noisy command is kept in a log until it fails.
# To be sourced.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD=$ROOT/build
LOG_DIR=$BUILD/log

readonly EX_USAGE=64 EX_UNAVAILABLE=69 EX_TEMPFAIL=75

progress()
{
	printf '[%s] %s\n' "$1" "$2" >&2
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

seconds_since()
{
	local now=${EPOCHREALTIME/[.,]/}

	printf '%d.%d' $(((now - $1) / 1000000)) $((((now - $1) / 100000) % 10))
}

# logged TAG WHAT CMD...: runs CMD with its output in build/log/TAG.log; says what is
# going on and how long it took, and shows the log's end if CMD fails.
logged()
{
	local tag=$1 what=$2 log=$LOG_DIR/$1.log begin start rc=0
	shift 2

	mkdir -p "$LOG_DIR"
	progress "$tag" "$what ..."
	begin=${EPOCHREALTIME/[.,]/}
	start=$(($(stat -c %s "$log" 2>/dev/null || echo 0) + 1))
	printf '\n== %s\n' "$what" >>"$log"
	"$@" >>"$log" 2>&1 </dev/null || rc=$?
	if ((rc != 0)); then
		progress "$tag" "$what: failed with status $rc; the end of ${log#"$ROOT"/}:"
		tail -c "+$start" "$log" | tail -n 40 >&2
		return "$rc"
	fi
	progress "$tag" "$what: done in $(seconds_since "$begin") s"
}
