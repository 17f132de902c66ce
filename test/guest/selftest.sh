#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Tests the guest's harness itself: that status, output and files come out, that programs
# and libraries go in, and that each way of going wrong is told apart and ended in time.
# Runs on the host, boots about seven guests, prints TAP lines. `./run test guest` runs it
# first, under the name "harness".

set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BOOT=$HERE/boot.py
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
count=0 failed=0

verdict()
{
	local rc=$1 name=$2

	count=$((count + 1))
	if ((rc == 0)); then
		printf 'ok %d - %s\n' "$count" "$name"
		return
	fi
	failed=$((failed + 1))
	printf 'not ok %d - %s\n' "$count" "$name"
	tail -n 40 "$WORK/log" | sed 's/^/#   /'
}

# script NAME: takes a guest script from stdin
script()
{
	cat >"$WORK/$1.sh"
}

# boot ARGS...: sets rc; what is printed goes to $WORK/log
boot()
{
	rc=0
	"$BOOT" --keep-log "$WORK/kept" "$@" >"$WORK/log" 2>&1 </dev/null || rc=$?
}

# Whether the script of the newest attempt has
has_spoken()
{
	local attempts_before

	attempts_before=$(grep -c 'once more' "$WORK/log")
	[[ $(grep -c '^speaking$' "$WORK/log") -gt $attempts_before ]]
}

# boot_and_signal SIGNAL TIMES ARGS...: sends SIGNAL to QEMU once the script has spoken,
# in so many attempts
boot_and_signal()
{
	local signal=$1 times=$2 runner pid last=
	shift 2

	rm -rf "$WORK/kept"
	"$BOOT" --keep-log "$WORK/kept" "$@" >"$WORK/log" 2>&1 </dev/null &
	runner=$!
	while kill -0 "$runner" 2>/dev/null; do
		pid=$(cat "$WORK/kept/qemu.pid" 2>/dev/null)
		if ((times > 0)) && [[ $pid != "$last" ]] && has_spoken; then
			kill "-$signal" "$pid"
			last=$pid
			times=$((times - 1))
		fi
		sleep 0.2
	done
	rc=0
	wait "$runner" || rc=$?
}

log_has()
{
	grep -q -e "$1" "$WORK/log"
}

test_inputs_and_outputs()
{
	mkdir -p "$WORK/tree/below"
	printf 'deep\n' >"$WORK/tree/below/file"
	script io <<-'END'
		printf 'args:%s|%s env:%s\n' "$1" "$2" "$COLOUR"
		printf 'ports:%s %s %s\n' "$GUEST_PORTS" "$PF1" "$WIRE1"
		xz --version | head -n 1
		ldd_path=$(command -v xz); printf 'at:%s\n' "$ldd_path"
		cat /host/tree/below/file
		mkdir /out/dir
		printf 'brought back\n' >/out/dir/file
		printf 'to stderr\n' >/dev/stderr
		(sleep 1000 &)
		exit 7
	END
	boot --ports 2 --with "$(command -v xz)" --with "$WORK/tree" --out "$WORK/out" \
		--env 'COLOUR=dark red' "$WORK/io.sh" 'one arg' two
	((rc == 7)); verdict $? "the script's status comes out"
	log_has '^args:one arg|two env:dark red$'; verdict $? "arguments and environment go in"
	log_has '^ports:2 0000:02:00.0 wire1$'; verdict $? "ports and wires have their names"
	log_has '^xz (XZ Utils)' && log_has '^at:/host/xz$'
	verdict $? "a program goes in with its libraries"
	log_has '^deep$'; verdict $? "a directory goes in whole"
	log_has '^to stderr$'; verdict $? "a script may open /dev/stderr"
	[[ $(<"$WORK/out/dir/file") == "brought back" ]]
	verdict $? "files in /out come out"
	[[ -s $WORK/kept/console.log || -e $WORK/kept/console.log ]] &&
		grep -q '^args:' "$WORK/kept/output.log"
	verdict $? "logs are kept"
}

# The options of a script's header, and a script that does not end.
test_overtime()
{
	script slow <<-'END'
		# guest: --ports 0 --wire none --env TONE=high --timeout 3
		printf 'ports:%s wire:%s tone:%s\n' "$GUEST_PORTS" "$GUEST_WIRE" "$TONE"
		printf 'kept anyway\n' >/out/file
		sleep 1000
	END
	boot --env TONE=low --out "$WORK/slow-out" "$WORK/slow.sh"
	log_has '^ports:0 wire:none tone:low$'
	verdict $? "options come from the header, and the command line goes first"
	((rc == 124)) && log_has '^guest: script ran over 3 s$' && ! log_has infrastructure
	verdict $? "a script that takes too long gives status 124, and no second try"
	[[ $(<"$WORK/slow-out/file") == "kept anyway" ]]
	verdict $? "files in /out come out after that too"
}

speaking_script()
{
	script speaking <<-END
		printf 'speaking\n'
		sleep $1
		exit 3
	END
}

test_abort()
{
	speaking_script 3
	boot_and_signal ABRT 1 "$WORK/speaking.sh"
	log_has 'infrastructure failure: QEMU was ended by SIGABRT' && log_has 'trying once more' &&
		((rc == 3))
	verdict $? "after a crash of QEMU the script runs once more"
}

# At the first try QEMU is stopped before the script mutes the guest; at the second it is not.
test_freeze_and_watchdog()
{
	script mute <<-'END'
		printf 'speaking\n'
		sleep 5
		for pid in /proc/[0-9]*; do
			grep -qs '^NSpid' "$pid/status" || continue
			[[ $(<"$pid/comm") != init || $pid == /proc/1 ]] || kill -STOP "${pid##*/}"
		done
		sleep 1000
	END
	boot_and_signal STOP 1 --freeze 20 "$WORK/mute.sh"
	[[ $(grep -c 'infrastructure failure: no sign of life for 20 s' "$WORK/log") == 1 ]]
	verdict $? "a guest that freezes is ended, and tried once more"
	log_has "infrastructure failure: the guest's watchdog fired" && ((rc == 75))
	verdict $? "one that stops feeding its watchdog is ended by it; two failures give status 75"
	grep -q 'Kernel panic' "$WORK/kept/console.log"
	verdict $? "the kernel then tells where it was"
}

test_usage()
{
	boot --ports 77 "$WORK/io.sh"
	((rc == 64)) && log_has '77'; verdict $? "a bad option gives status 64 and is named"
	boot --with /no/such/file "$WORK/io.sh"
	((rc == 69)) && log_has '/no/such/file'
	verdict $? "a missing file gives status 69 and is named"
}

# The shell gets a terminal, as a user has it.
test_shell()
{
	/usr/bin/python3 - "$BOOT" >"$WORK/log" 2>&1 <<-'END'
		import os, pty, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[1], [sys.argv[1], "--shell"])
		seen, sent = b"", 0
		lines = (b"tty; echo $((6 * 7)) jobs $-\n", b"vf_bdf x 0; exit 5\n")
		while True:
		    try:
		        data = os.read(fd, 4096)
		    except OSError:
		        break
		    if not data:
		        break
		    seen += data
		    if sent < 2 and seen.count(b"# ") > sent:
		        os.write(fd, lines[sent])
		        sent += 1
		print(seen.decode(errors="replace"))
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	local rc=$?
	((rc == 5)) && log_has '^42 jobs .*m' && log_has '/dev/hvc0'
	verdict $? "--shell gives a shell with a terminal, and its status"
}

test_inputs_and_outputs
test_usage
test_overtime
test_abort
test_freeze_and_watchdog
test_shell
printf '1..%d\n' "$count"
exit $((failed > 0))
