#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What `meson install` or the packages lay out, under a systemd that is process 1: the operator's
# guide word for word, the unit's sandbox, and a daemon that is killed, freezes, is upgraded,
# restarted, drained and stopped as systemd does it.
#
# guest: --ports 1 --wire tap --timeout 280 --systemd --with test/guest/stack.sh
# guest: --with doc/operator-guide.md --with doc/sluiced.md
# guest: --with test/guest/frames.sh --with test/guest/kept.sh
# with: test/traffic/frames-dpdk drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/kept.sh

CONFIG=/etc/sluice/sluiced.json
PAGES=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
CGROUP=/sys/fs/cgroup/system.slice/sluiced.service
DROP_IN=/run/systemd/system/sluiced.service.d
EX_UNAVAILABLE=69 EX_NOPERM=77 EX_CONFIG=78

# property NAME: what systemd says of the unit
property()
{
	systemctl show -P "$1" sluiced
}

is_property()
{
	[[ $(property "$1") == "$2" ]]
}

# in_journal WORDS...: one line of the unit has them all; what is logged gets there later
in_journal()
{
	wait_for 60 journal_has "$@"
}

journal_has()
{
	local word lines

	lines=$(journalctl --no-pager -q -u sluiced)
	for word; do
		lines=$(grep -F -- "$word" <<<"$lines") || return
	done
}

vf_has_vlan()
{
	[[ $(vf_shows "$1" vlan) == "$2" ]]
}

numvfs()
{
	cat "$(pci_dir "$PF0")/sriov_numvfs"
}

# guide KIND: the blocks of the operator's guide that are marked so
guide()
{
	sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" /host/operator-guide.md | grep -v '^```'
}

try_boot()
{
	check_equal "systemd is process 1" systemd "$(</proc/1/comm)"
	check_equal "nothing failed as it came up" running "$(systemctl is-system-running)"
	check_equal "vfio-pci is loaded at boot, and makes VFs" Y \
		"$(cat /sys/module/vfio_pci/parameters/enable_sriov)"
}

# The doctor's first visit is to a host that lacks what the guide has commands for.
bare_host()
{
	modprobe -r vfio-pci vfio_iommu_type1
	printf 0 >$PAGES
	bind igb "$PF0"
	mkdir -p "${CONFIG%/*}"
	guide json | sed "s/0000:01:00.0/$PF0/" >"$CONFIG"
}

first_visit()
{
	local rc=0

	sluicectl doctor >/run/doctor.log 2>&1 || rc=$?
	check_equal "the guide: sluicectl doctor, on a bare host: so much fails" \
		"3, status $EX_UNAVAILABLE" "$(grep -c ^FAIL /run/doctor.log), status $rc"
	check "and it tells the guide's command for vfio-pci" \
		grep -q 'run: modprobe vfio-pci enable_sriov=1$' /run/doctor.log
	check "and the one for huge pages" grep -q "run: echo .* > .*/nr_hugepages" /run/doctor.log
}

run_guide_line()
{
	if [[ $1 == "sluicectl doctor" && ! -e /run/doctor.log ]]; then
		first_visit
	else
		check "the guide: $1" eval "$1"
	fi
}

try_guide()
{
	local line

	while read -r line <&3; do
		run_guide_line "$line"
	done 3< <(guide sh)
	check "and the file is in force again" wait_for 60 vf_has_vlan 1 20
	check "the journal tells what the reload changed" in_journal "vlan" "30" "20"
	printf 200 >$PAGES
}

try_status()
{
	systemctl status --no-pager --lines 100 sluiced >/run/status.log
	check "systemctl status: it runs" grep -q 'Active: active (running)' /run/status.log
	check "and shows what it says" grep -q 'sluiced.*ready, control socket' /run/status.log
	check_equal "it is to start at boot" enabled "$(systemctl is-enabled sluiced)"
	check_equal "the PF's descriptors are in systemd's store" 4 \
		"$(property NFileDescriptorStore)"
}

# as_user CTL-ARGUMENTS...: sluicectl's exit status, of a user who is not root
as_user()
{
	su -s /bin/sh -c "$(command -v sluicectl) $*" tcpdump
}

try_group()
{
	local rc=0

	check "another user may look" as_user show
	as_user set vf 1 vlan 44 >/run/other.log 2>&1 || rc=$?
	check_equal "and not set" $EX_NOPERM $rc
	sed -i 's/^sluice:.*/&tcpdump/' /etc/group
	check "a member of the group sluice may" as_user set vf 1 vlan 44
	check_equal "and it is so" 44 "$(vf_shows 1 vlan)"
	sed -i 's/^sluice:\(.*\)tcpdump/sluice:\1/' /etc/group
}

# inside CMD...: in the daemon's mounts
inside()
{
	nsenter -t "$(property MainPID)" -m -- "$@"
}

# in_cgroup CMD...: where systemd's rules for devices and addresses hold
in_cgroup()
{
	(
		printf '%s' "$BASHPID" >$CGROUP/cgroup.procs
		"$@"
	)
}

refused()
{
	local why=$1
	shift

	! "$@" >/run/refused.log 2>&1 && grep -q "$why" /run/refused.log
}

opens()
{
	: <>"$1"
}

# Each thread has systemd's filters beside the daemon's own, and one capability.
threads_are_confined()
{
	local task

	for task in "/proc/$(property MainPID)/task/"*; do
		grep -q '^CapEff:.0000000000004000$' "$task/status" || return
		grep -q '^CapBnd:.0000000000000000$' "$task/status" || return
		grep -q '^NoNewPrivs:.1$' "$task/status" || return
		(($(sed -n 's/^Seccomp_filters:.//p' "$task/status") > 5)) || return
	done
}

# exposure_in FILE: what systemd-analyze says, or the documentation
exposure_in()
{
	grep -o 'exposure level.*' "$1" | grep -oE '[0-9.]+ [A-Z]+' | head -n 1
}

# 127.0.0.1, discard
send_datagram()
{
	printf x >/dev/udp/127.0.0.1/9
}

try_sandbox()
{
	check "the threads are confined" threads_are_confined
	check "ProtectSystem: /etc cannot be written" refused "Read-only" inside touch /etc/x
	check "its state can" inside touch /var/lib/sluiced/x
	check "and DPDK's directory" inside touch /run/dpdk/x
	touch "$HOME/file"
	check_equal "ProtectHome: nothing of root's is seen" "" "$(inside ls "$HOME")"
	check "ProtectControlGroups" refused "Read-only" inside mkdir /sys/fs/cgroup/x
	check "DevicePolicy: other devices cannot be opened" \
		refused "not permitted" in_cgroup opens /dev/mem
	check "vfio's can" in_cgroup opens /dev/vfio/vfio
	check "IPAddressDeny: nothing is sent" refused "not permitted" in_cgroup send_datagram
	check "which is possible elsewhere" send_datagram
	systemd-analyze security --no-pager sluiced.service >/run/security.log
	check_equal "systemd's view of it is as documented" "$(exposure_in /run/security.log)" \
		"$(tr '\n' ' ' </host/sluiced.md | exposure_in /dev/stdin)"
}

try_bad_reload()
{
	config_for "$PF0" '{"vf": 0, "vlan": 9999}' '{"vf": 1}'
	check "systemctl reload fails with a bad file" refused "failed" systemctl reload sluiced
	check "the journal has why" in_journal "$CONFIG" vlan 9999 4094
	check_equal "the daemon runs on" active "$(systemctl is-active sluiced)"
	config_for "$PF0" "{\"vf\": 0, \"mac\": \"${KEPT_MACS[0]}\"}" \
		"{\"vf\": 1, \"mac\": \"${KEPT_MACS[1]}\"}"
	check "systemctl reload, with a good file" systemctl reload sluiced
	check "it is in force" wait_for 60 vf_has_vlan 1 0
}

# What the unit lets it write, and logrotate's way.
try_audit_log()
{
	local log=/var/log/sluiced/audit.json

	sed -i "1s|{|{\"audit_log\": \"$log\", |" "$CONFIG"
	check "an audit log in the unit's directory: systemctl reload" systemctl reload sluiced
	check "it is there" wait_for 60 test -e $log
	mv $log $log.1
	check "moved away: systemctl reload" systemctl reload sluiced
	check "another is there" wait_for 60 test -e $log
	sluicectl set vf 1 vlan 45
	check_equal "and what is said then is in it only" "1 0" \
		"$(grep -c -- '-> 45 ' $log) $(grep -c -- '-> 45 ' $log.1)"
	sed -i "s|$log|/var/log/audit.json|" "$CONFIG"
	check "elsewhere: systemctl reload" systemctl reload sluiced
	check "the journal tells that it cannot be" in_journal "/var/log/audit.json: Read-only"
	sluicectl set vf 1 vlan 46
	check "and the old one goes on" grep -q -- '-> 46 ' $log
	sluicectl set vf 1 vlan 0
	sed -i "s|/var/log/audit.json|$log|" "$CONFIG"	# without it, no daemon would start
}

# Some 200 frames a second.
stream_start()
{
	local common=(--json --count 5000 --run-id 2)

	VF_TOKEN=$(sluicectl token)
	kept_dpdk receive 1 1 frames-dpdk -- --mode receive --timeout 200 "${common[@]}" &&
		kept_dpdk send 2 0 frames-dpdk -- --mode send --dst "${KEPT_MACS[1]}" \
			--burst 8 --gap-us 40000 "${common[@]}"
}

# replaced NAME CMD...: after CMD another daemon serves, with all that was known
replaced()
{
	local name=$1 pid
	shift

	pid=$(property MainPID)
	check "$name" "$@"
	check "$name: another daemon serves" wait_for 60 another_main "$pid"
	check_equal "$name: what was set live is still so" true "$(vf_shows 0 trust)"
}

another_main()
{
	[[ $(property MainPID) != "$1" ]] && is_property ActiveState active && sluicectl show
}

kill_main()
{
	systemctl kill --kill-whom=main -s "$1" sluiced
}

# The next daemons have less patience: half a minute is a long time for a test.
hasten_watchdog()
{
	mkdir -p $DROP_IN
	printf '[Service]\nWatchdogSec=%s\n' "$1" >$DROP_IN/watchdog.conf
	systemctl daemon-reload
}

PROGRAM=$(command -v sluiced)

# install_other OLD NEW: the installed program with these bytes, \xNN each, changed, in its place
install_other()
{
	local lines= at

	[[ $1 != *x0a* ]] || lines=-z	# those that end with 0
	cp $PROGRAM $PROGRAM.new
	# -P takes no byte that is written so for an operator, as sed does.
	for at in $(LC_ALL=C grep -obUaP $lines "$1" $PROGRAM |
		LC_ALL=C sed -nE 's/^([0-9]+):.*/\1/p'); do
		printf %b "$2" | dd of=$PROGRAM.new bs=1 seek="$at" conv=notrunc status=none
	done
	mv $PROGRAM.new $PROGRAM
}

running_version()
{
	"/proc/$(property MainPID)/exe" --version
}

# hex_bytes NUMBER: 16 digits, as they lie in memory, for sed
hex_bytes()
{
	fold -w 2 <<<"$1" | tac | sed 's/^/\\x/' | tr -d '\n'
}

text_bytes()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../\\x&/g'
}

# Another version goes on where this one was; one with other books is not let try.
try_upgrades()
{
	local version books other

	version=$(sed -nE 's/sluiced ([^ ]*) .*/\1/p' <<<"$(running_version)")
	other=$(tr '0-8' '1-9' <<<"$version")
	install_other "$(text_bytes "$version")" "$(text_bytes "$other")"
	replaced "sluicectl upgrade" sluicectl upgrade
	check_equal "another version runs" "sluiced $other" \
		"$(running_version | grep -o "^sluiced [^ ]*")"
	books=$(sed -nE 's/.*books ([0-9a-f]{16}).*/\1/p' <<<"$(running_version)")
	other=$(tr '0-8' '1-9' <<<"$books")
	cp $PROGRAM /run/sluiced.good
	install_other "$(hex_bytes "$books")" "$(hex_bytes "$other")"
	check_equal "there is a program with other books" "$other" \
		"$($PROGRAM --version | grep -oE '[0-9a-f]{16}')"
	check "sluicectl upgrade refuses it" refused "cannot read the books" sluicectl upgrade
	check "both versions are named" grep -q "$books.*$other\|$other.*$books" /run/refused.log
	mv /run/sluiced.good $PROGRAM
}

try_deaths()
{
	check_equal "the watchdog's time" 30s "$(property WatchdogUSec)"
	hasten_watchdog 8s
	check "sluicectl set" sluicectl set vf 0 trust on
	check "frames flow" stream_start
	replaced "killed" kill_main KILL
	check "killed: the journal tells it" in_journal "Main process exited" "status=9/KILL"
	check "killed: control is back" in_journal "control is back after"
	check_equal "killed: the PF's descriptors are in the store" 4 \
		"$(property NFileDescriptorStore)"
	try_upgrades
	replaced "frozen" kill_main STOP
	check "frozen: the journal tells it" in_journal "Watchdog timeout"
	stream_check "VF 0 could send all the time" send
	stream_check "VF 1 misses none of its frames" receive
	check_equal "and none was told that the PF is gone" "" \
		"$(grep -h 'was reset or is gone' /run/{send,receive}.log)"
	hasten_watchdog 30s
}

try_restart()
{
	check "systemctl restart" systemctl restart sluiced
	check_equal "the VFs are there" 2 "$(numvfs)"
	check_equal "as the file says" false "$(vf_shows 0 trust)"
	check_equal "the store has one daemon's descriptors" 4 "$(property NFileDescriptorStore)"
}

try_stop()
{
	check "sluicectl stop --drain" sluicectl stop --drain --timeout 60
	check_equal "PF and VFs are as they were found" "igb 0" "$(driver_of "$PF0") $(numvfs)"
	check "the unit is at rest" wait_for 60 is_property ActiveState inactive
	check_equal "nothing failed" success "$(property Result)"
	check "systemctl start" systemctl start sluiced
	check "sluicectl stop" sluicectl stop
	check_equal "PF and VFs are so again" "igb 0" "$(driver_of "$PF0") $(numvfs)"
	check "the unit is at rest" wait_for 60 is_property ActiveState inactive
	check "systemctl start" systemctl start sluiced
	check "systemctl stop" systemctl stop sluiced
	check_equal "PF and VFs are so again" "igb 0" "$(driver_of "$PF0") $(numvfs)"
	check_equal "nothing is in the store" 0 "$(property NFileDescriptorStore)"
}

# What only the operator can mend is not tried again.
try_bad_start()
{
	config_for "$PF0" '{"vf": 0, "colour": "red"}'
	check "systemctl start fails with a bad file" refused failed systemctl start sluiced
	check_equal "by the daemon's exit status" $EX_CONFIG "$(property ExecMainStatus)"
	check "the journal has the key" in_journal "$CONFIG" colour
	check_equal "it is not tried again" "failed 0" \
		"$(property ActiveState) $(property NRestarts)"
	check_equal "PF and VFs are untouched" "igb 0" "$(driver_of "$PF0") $(numvfs)"
}

# Without a daemon all else is noise.
give_up_unless_it_runs()
{
	! is_property ActiveState active || return 0
	journalctl --no-pager -q -u sluiced
	finish
}

try_boot
bare_host
try_guide
give_up_unless_it_runs
try_status
try_group
try_sandbox
try_bad_reload
try_audit_log
try_deaths
try_restart
try_stop
try_bad_start
((failed == 0)) || journalctl --no-pager -q -u sluiced
finish
