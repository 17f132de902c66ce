#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The daemon as its operator meets it: what it refuses and how, that nothing is changed
# then, live changes, a second daemon, a VF's owner that dies, a VF that floods, its own
# death, with and without a keeper, and that it puts back what it found.
#
# guest: --ports 1 --wire tap --timeout 240 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with test/guest/kept.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-keeper/sluice-keeper
# with: test/traffic/frames-dpdk test/traffic/frames-sock test/traffic/requests-dpdk
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/kept.sh

EX_USAGE=64 EX_UNAVAILABLE=69 EX_TEMPFAIL=75 EX_CONFIG=78
mkdir -p /var/lib

sriov()
{
	cat "$(pci_dir "$PF0")/sriov_$1"
}

# refuses NAME STATUS WORDS...: sluiced ends with STATUS and one line that has all WORDS
refuses()
{
	local name=$1 status=$2 word rc=0
	shift 2

	timeout 60 sluiced -c "$CONFIG" >/run/refused.log 2>&1 || rc=$?
	for word; do
		grep -qF -- "$word" /run/refused.log || rc="$rc, no \"$word\""
	done
	check_equal "$name: exit status, and the line names it" "$status" "$rc"
	check_equal "$name: one line" 1 "$(wc -l </run/refused.log)"
	[[ $rc == "$status" ]] || sed 's/^/#   /' /run/refused.log
	check_equal "$name: PF and VFs untouched" "$(driver_of "$PF0") 0" "$found $(sriov numvfs)"
}

try_bad_configuration()
{
	config_for "$PF0" '{"vf": 0, "vlan": 5000}'
	refuses "VLAN out of range" $EX_CONFIG "$CONFIG" vlan 5000 4094
	config_for "$PF0" '{"vf": 0, "colour": "red"}'
	refuses "unknown key" $EX_CONFIG "$CONFIG" colour
	config_for "$PF0" '{"vf": 3}'
	refuses "no such VF" $EX_CONFIG "$CONFIG" vf 3
	config_for "$PF0" '{"vf": 0, "mac": "03:00:00:00:00:01"}'
	refuses "multicast MAC" $EX_CONFIG "$CONFIG" mac 03:00:00:00:00:01
	config_for 0000:77:00.0 '{"vf": 0}'
	refuses "no such device" $EX_UNAVAILABLE 0000:77:00.0
}

try_bad_machine()
{
	local pages=/proc/sys/vm/nr_hugepages before

	config_for "$PF0" '{"vf": 0}'
	before=$(<$pages)
	printf 0 >$pages
	refuses "no hugepages" $EX_UNAVAILABLE "huge pages" "echo"
	printf '%s' "$before" >$pages
	printf N >/sys/module/vfio_pci/parameters/enable_sriov
	refuses "enable_sriov off" $EX_UNAVAILABLE enable_sriov "echo Y"
	printf Y >/sys/module/vfio_pci/parameters/enable_sriov
}

# ctl_refuses NAME STATUS WORD ARGS...
ctl_refuses()
{
	local name=$1 status=$2 word=$3 rc=0
	shift 3

	sluicectl "$@" >/run/ctl.log 2>&1 || rc=$?
	grep -qF -- "$word" /run/ctl.log || rc="$rc, no \"$word\""
	check_equal "sluicectl $name" "$status" "$rc"
}

try_control()
{
	check "set vlan and qos" sluicectl set vf 1 vlan 20 qos 3
	check_equal "show tells the VLAN" 20 "$(vf_shows 1 vlan)"
	check_equal "show tells the priority" 3 "$(vf_shows 1 qos)"
	check "set mac" sluicectl set vf 1 mac 02:00:00:00:00:99
	check "show tells the MAC, and that it is pinned" shows 1 "02:00:00:00:00:99 pinned"
	ctl_refuses "refuses VLAN 4095" $EX_USAGE 4094 set vf 1 vlan 4095
	ctl_refuses "refuses VF 9" $EX_USAGE 9 set vf 9 vlan 1
	ctl_refuses "refuses a malformed MAC" $EX_USAGE 02:zz set vf 1 mac 02:zz
	ctl_refuses "refuses an unknown key" $EX_USAGE colour set vf 1 colour red
	ctl_refuses "applies nothing of a half-good line" $EX_USAGE 4095 \
		set vf 1 trust on vlan 4095
	check_equal "trust and VLAN stayed as they were" "false 20" \
		"$(vf_shows 1 trust) $(vf_shows 1 vlan)"
	check "clear the VLAN" sluicectl set vf 1 vlan 0
}

try_reload()
{
	config_for "$PF0" '{"vf": 0}' '{"vf": 1, "vlan": 30}'
	kill -HUP "$SLUICED"
	check "SIGHUP applies a changed policy" wait_for 60 vf_has_vlan 1 30
	config_for "$PF0" '{"vf": 0}' '{"vf": 1, "vlan": 9999}'
	kill -HUP "$SLUICED"
	check "SIGHUP with a bad file: one error" wait_for 60 grep -q 9999 /run/sluiced.log
	check_equal "SIGHUP with a bad file: the old policy stays" 30 "$(vf_shows 1 vlan)"
	check "and the daemon runs on" sluicectl show
	config_for "$PF0" '{"vf": 0}' '{"vf": 1}'
	kill -HUP "$SLUICED"
	check "SIGHUP with the first file again" wait_for 60 vf_has_vlan 1 0
}

# Of each thread: only CAP_IPC_LOCK, no way to more, and a filter of system calls.
in_sandbox()
{
	local task

	for task in /proc/"$1"/task/*; do
		grep -q '^CapEff:.0000000000004000$' "$task/status" || return
		grep -q '^CapPrm:.0000000000004000$' "$task/status" || return
		grep -q '^NoNewPrivs:.1$' "$task/status" || return
		grep -q '^Seccomp:.2$' "$task/status" || return
	done
}

# as_other CTL-ARGUMENTS...: the exit status of a user who is neither root nor in the group
as_other()
{
	su -s /bin/sh -c "LD_LIBRARY_PATH=$LD_LIBRARY_PATH $(type -P sluicectl) $*" tcpdump
}

try_privileges()
{
	local rc=0

	check "the daemon is in its sandbox" in_sandbox "$(daemon_pid)"
	check "another user may look" as_other show
	as_other set vf 1 vlan 44 >/run/other.log 2>&1 || rc=$?
	check_equal "and not set" 77 $rc
	rc=0
	as_other token >/run/other.log 2>&1 || rc=$?
	check_equal "nor have the token" 77 $rc
}

# shows VF TEXT: the table has it
shows()
{
	sluicectl show vf "$1" | grep -qF "$2"
}

vf_has_vlan()
{
	[[ $(vf_shows "$1" vlan) == "$2" ]]
}

# vfs_shown: how many VFs the daemon serves
vfs_shown()
{
	sluicectl show --json | grep -o '"vf": *[0-9]' | wc -l
}

# vfs_are N: for daemon and kernel
vfs_are()
{
	[[ "$(vfs_shown) $(sriov numvfs)" == "$1 $1" ]]
}

# As `echo N > sriov_numvfs` would be, and the PF, the books and the VFs' drivers come along.
try_vfs()
{
	local owner eal netdev

	sluicectl set vf 1 vlan 20
	check "vfs create 4" sluicectl vfs create 4
	check_equal "daemon and kernel have 4" "4 4" "$(vfs_shown) $(sriov numvfs)"
	check_equal "the last one is vfio-pci's" vfio-pci "$(driver_of "$(vf_bdf "$PF0" 3)")"
	check_equal "VF1's policy stayed" 20 "$(vf_shows 1 vlan)"
	sluicectl set vf 1 vlan 0
	frames "VF0 to VF1 of four"
	ctl_refuses "vfs create 8: an 82576 has 7" $EX_USAGE 0..7 vfs create 8
	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 1 --file-prefix user "${eal[@]}" -a "$(vf_bdf "$PF0" 2)" -- \
		--mode receive --timeout 100 >/dev/null 2>/run/user.log &
	owner=$!
	check "an application takes VF2" wait_for 30 grep -q READY /run/user.log
	ctl_refuses "vfs create 5 while VF2 is in use" $EX_TEMPFAIL "VF 2" vfs create 5
	ctl_refuses "vfs destroy while VF2 is in use" $EX_TEMPFAIL "in use by" vfs destroy
	check "which changes nothing" vfs_are 4
	kill -KILL $owner
	wait $owner 2>/dev/null
	check "vfs destroy" sluicectl vfs destroy
	check "none is left" vfs_are 0
	ctl_refuses "refuses VF0 then" $EX_USAGE "there are no VFs" show vf 0
	modprobe igbvf
	config_for "$PF0" '{"vf": 0, "driver": "igbvf"}' '{"vf": 1}' '{"vf": 2, "vlan": 40}'
	kill -HUP "$SLUICED"
	check "SIGHUP makes the file's three" wait_for 30 vfs_are 3
	check "and tells the change" wait_for 10 grep -q 'num_vfs 0 -> 3' /run/sluiced.log
	check_equal "with its policy" 40 "$(vf_shows 2 vlan)"
	check_equal "and driver" igbvf "$(driver_of "$(vf_bdf "$PF0" 0)")"
	netdev=$(netdev_of "$(vf_bdf "$PF0" 0)")
	ip link set "$netdev" up
	ctl_refuses "vfs destroy while $netdev is up" $EX_TEMPFAIL "ip link set $netdev down" \
		vfs destroy
	ip link set "$netdev" down
	config_for "$PF0" '{"vf": 0}' '{"vf": 1}'
	kill -HUP "$SLUICED"
	check "SIGHUP makes two of them again" wait_for 30 vfs_are 2
	frames "VF0 to VF1 of two"
}

# Killed while the number changes: it is the old or the new one afterwards, and VFs are served.
try_killed_while_vfs_change()
{
	local pid to from=4 i ends="" wrong=0

	for i in 1 2 3 4 5 6; do
		to=$((i % 2 ? 6 : 3)) pid=$(daemon_pid)
		sluicectl vfs create $to >/dev/null 2>&1 &
		sleep 0.$((RANDOM % 4))$((RANDOM % 10))
		kill -KILL "$pid"
		wait $!
		wait_for 30 another_serves "$pid" || wrong=$((wrong + 1))
		vfs_are $to || vfs_are $from || wrong=$((wrong + 1))
		ends+=" $(vfs_shown)/$(sriov numvfs)"
		from=$(sriov numvfs)
	done
	say "killed on the way to 6, 3, ...: daemon's and kernel's number are$ends"
	check_equal "killed while VFs are made: the old number, or the new one" 0 $wrong
	check_equal "what was set live is still so" true "$(vf_shows 0 trust)"
	check "vfs create 4" sluicectl vfs create 4
	frames "the new VFs are served"
}

try_second_daemon()
{
	local rc=0

	sluiced -c "$CONFIG" >/run/second.log 2>&1 || rc=$?
	check_equal "a second daemon is refused" $EX_TEMPFAIL $rc
	check "and told the first one's pid" grep -q "already running.*$SLUICED" /run/second.log
}

# frames NAME: VF0 to VF1 in one process
frames()
{
	local eal

	mapfile -t eal < <(eal_options sluice)
	check "$1" frames-dpdk -l 1 --file-prefix frames "${eal[@]}" \
		-a "$(vf_bdf "$PF0" 0)" -a "$(vf_bdf "$PF0" 1)" -- \
		--send-port 0 --receive-port 1 --count 256 --timeout 60
}

# Its owner is killed in the middle of its work; vfio resets the VF, the PF sees it.
try_dead_owner()
{
	local eal owner flrs

	flrs=$(vf_shows 0 flrs)
	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 1 --file-prefix victim "${eal[@]}" -a "$(vf_bdf "$PF0" 0)" -- \
		--mode receive --timeout 100 >/dev/null 2>/run/victim.log &
	owner=$!
	check "an application takes VF0" wait_for 60 grep -q READY /run/victim.log
	kill -KILL $owner
	wait $owner 2>/dev/null
	check "its death resets the VF" wait_for 60 more_flrs_than "$flrs"
	frames "VF0 serves its next owner"
}

more_flrs_than()
{
	(($(vf_shows 0 flrs) > $1))
}

# sends N: VF1 sends so many frames, and its hardware counts them
sends()
{
	local eal before

	before=$(vf_shows 1 tx_packets)
	mapfile -t eal < <(eal_options sluice)
	frames-dpdk -l 2 --file-prefix neighbour "${eal[@]}" -a "$(vf_bdf "$PF0" 1)" -- \
		--mode send --dst ff:ff:ff:ff:ff:ff --count "$1" >/dev/null || return
	(($(vf_shows 1 tx_packets) - before >= $1))
}

# A VF that asks too much is shut off. Its driver's reset sets the same bit in the PF as a
# function-level reset, and does not end that.
try_quarantine()
{
	local flrs PMDS="bus_pci bus_vdev mempool_ring"
	local rule='"limit": 30, "window_ms": 60000, "action": "quarantine"'

	sed -i "s/\"vfs\"/\"watch\": {\"mailbox\": {$rule}}, &/" "$CONFIG"
	kill -HUP "$SLUICED"
	check "testpmd takes VF0" testpmd_start flood -l 0,1 -d "$PLUGIN" \
		-a "$(vf_bdf "$PF0" 0)" -- --total-num-mbufs=2048
	for _ in {1..20}; do
		printf 'set allmulti 0 on\nset allmulti 0 off\n' >&"${testpmd_in[flood]}"
	done
	check "a VF that floods is quarantined, and show says why" wait_for 60 \
		shows 0 "quarantined: mailbox flood, 31 requests in 60000 ms, until released"
	check "its neighbour's requests and frames go on" sends 64
	flrs=$(vf_shows 0 flrs)
	testpmd_do flood "port stop 0" >/dev/null
	testpmd_do flood "port reset 0" >/dev/null
	check "its driver resets it" wait_for 60 more_flrs_than "$flrs"
	check "which does not end it" shows 0 "quarantined: mailbox flood"
	check "sluicectl release does" sluicectl release vf 0
	check_equal "and it is held to nothing" "" "$(vf_shows 0 restraint)"
	check "testpmd ends" testpmd_stop flood
	check "quarantined by hand" sluicectl quarantine vf 0 its owner has left
	frames "a function-level reset, for its next owner, ends that"
	config_for "$PF0" '{"vf": 0}' '{"vf": 1}'
	kill -HUP "$SLUICED"
}

# vfio resets the PF when the daemon dies; the next one finds its VFs and goes on.
try_dead_daemon()
{
	kill -KILL "$SLUICED"
	wait "$SLUICED" 2>/dev/null
	check_equal "a killed daemon leaves its VFs" 2 "$(sriov numvfs)"
	check "the next daemon takes them over" sluiced_start
	frames "and serves them"
}

# Somebody else holds the PF, so vfio does not reset it, and the next daemon goes on with the
# books of the last: no frame is missed, and no request goes unanswered.
try_kept_daemon()
{
	kept_config
	check "sluiced starts under sluice-keeper" sluiced_start sluice-keeper
	check "frames flow" streams_start 3200
	check "and requests" requests_start
	sluicectl set vf 0 qos 0 trust on
	kill -STOP "$SLUICED"
	kill -KILL "$(daemon_pid)"
	sleep 1
	kill -CONT "$SLUICED"
	check "the keeper starts the next daemon" wait_for 60 sluicectl show
	for _ in 1 2 3; do
		pause_at_random
		check "killed again" kill_daemon
	done
	check "sluicectl upgrade" sluicectl upgrade
	streams_check "daemon killed"
	requests_check "daemon killed"
	say_away
	check_equal "what was set live is still so" true "$(vf_shows 0 trust)"
	check_equal "the VF's requests are still known" 2 "$(vf_shows 1 resets)"
	frames "the VFs' next owners are served"
}

# No VF is used any more.
try_drain()
{
	local rc=0

	check "stop --drain waits for no VF" sluicectl stop --drain --timeout 60
	check_equal "and until PF and VFs are as they were found" "$found 0" \
		"$(driver_of "$PF0") $(sriov numvfs)"
	wait "$SLUICED" || rc=$?
	check_equal "and both end" 0 $rc
}

vf_recovered()
{
	grep -q 'recovered from the PF' /run/echo.log
}

# more_of VF KEY BEFORE
more_of()
{
	(($(vf_shows "$1" "$2") > $3))
}

# check_grows NAME VF KEY: from what it is now, as long as frames flow
check_grows()
{
	local before

	before=$(vf_shows "$2" "$3")
	if wait_for 60 more_of "$2" "$3" "$before"; then
		ok "$1"
	else
		not_ok "$1" "VF $2, $3: $before at first"$'\n'"$(kept_evidence "$2")"
	fi
}

# is_dead PID: all of its threads have ended, and it holds nothing any more
is_dead()
{
	local threads=("/proc/$1/task/"*)

	[[ ! -e /proc/$1 ]] || { ((${#threads[@]} == 1)) && grep -q '^State:.Z' "/proc/$1/status"; }
}

# vfio resets the PF when nobody holds it any more, and the VFs lose more than their rings.
try_dead_keeper()
{
	local many=(--count 1000000 --run-id 3) daemon

	check "under a keeper once more" sluiced_start sluice-keeper
	check "an application echoes" kept_dpdk echo 1 2 frames-dpdk -- --mode echo \
		--timeout 600 "${many[@]}"
	# While there is no PF, the wire takes no more frames than its queue holds.
	check "what comes from the wire" kept_spawn wire frames-sock --netdev wire0 \
		--mode both --dst "${KEPT_MACS[2]}" --burst 8 --gap-us 20000 --patience 600 \
		"${many[@]}"
	daemon=$(daemon_pid)
	kill -KILL "$SLUICED" "$daemon"
	wait "$SLUICED" 2>/dev/null
	# Its end takes as long as the PF's reset does.
	check "the daemon ends too" wait_for 60 is_dead "$daemon"
	check "keeper and daemon killed: both are started again" sluiced_start sluice-keeper
	check "the application's port comes back by itself" wait_for 60 vf_recovered
	say "$(grep -ho 'there was none for.*' /run/echo.log | tail -n 1)"
	check_grows "it receives as before" 2 rx_packets
	check_grows "and sends" 2 tx_packets
	kill -TERM "${stream_pid[wire]}" "${stream_pid[echo]}"
	wait "${stream_pid[wire]}" "${stream_pid[echo]}" 2>/dev/null
	check "told to end, both end" sluiced_stop
}

ip link set wire0 down
bind igb "$PF0"
found=$(driver_of "$PF0")
check_equal "igb has the PF at first" igb "$found"
try_bad_configuration
try_bad_machine

config_for "$PF0" '{"vf": 0}' '{"vf": 1}'
check "--check finds nothing to mend" sluiced -c "$CONFIG" --check
check "nor does the doctor" sluicectl doctor "$CONFIG"
check_equal "--check changed nothing" "igb 0" "$(driver_of "$PF0") $(sriov numvfs)"
check "sluiced starts" sluiced_start
check_equal "the PF is vfio-pci's" vfio-pci "$(driver_of "$PF0")"
check_equal "the token is its owner's alone" 600 "$(stat -c %a /var/lib/sluiced/vf-token)"
frames "VF0 to VF1"
try_privileges
check "the doctor finds nothing to mend while it runs" sluicectl doctor "$CONFIG"
try_control
try_reload
try_vfs
try_second_daemon
try_dead_owner
try_quarantine
try_dead_daemon
check "sluiced stops" sluiced_stop
wire_up
try_kept_daemon
try_killed_while_vfs_change
try_drain
try_dead_keeper
check_equal "PF and VFs are as they were found" "igb 0" "$(driver_of "$PF0") $(sriov numvfs)"
finish
