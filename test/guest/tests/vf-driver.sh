#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Our VF driver in the stock dpdk-testpmd under sluiced: filters that it asks for, what is
# refused, counters, frame sizes, stop and start, reset, close, an application that is
# killed, and a daemon that is.
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with test/guest/nic.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl
# with: test/traffic/frames-dpdk test/traffic/frames-sock test/traffic/secondary
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/nic.sh

PINNED_MAC=02:00:00:00:10:01

start_daemon()
{
	config_for "$PF0" '{"vf": 0}' "{\"vf\": 1, \"mac\": \"$PINNED_MAC\"}"
	sluiced_start
}

# vf_state VF KEY, of sluicectl's
vf_state()
{
	sluicectl show vf "$1" --json | grep -oE "\"$2\": *\"?[^\",}]*" |
		sed -n '1s/.*[": ]//p'
}

is_refused()
{
	[[ $(testpmd_do nic "$1") == *"sluice: "*"the PF refuses"* ]]
}

try_trust()
{
	check "promiscuous mode is refused, in the log too" is_refused "set promisc 0 on"
	takes "not trusted: what is addressed to others does not arrive" 0 60 "$OTHER_MAC"
	check "sluicectl trusts the VF" sluicectl set vf 0 trust on
	try_promiscuous
	check "sluicectl trusts it no longer" sluicectl set vf 0 trust off
}

try_daemon_counters()
{
	local rx tx

	rx=$(($(vf_state 0 rx_packets) - RX_BEFORE))
	tx=$(($(vf_state 0 tx_packets) - TX_BEFORE))
	check_equal "sluicectl shows what the VF's hardware counts" \
		"$(xstat rx_hw_packets) $(xstat tx_hw_packets)" "$rx $tx"
}

try_pinned()
{
	frames_on "sluice@$(vf_bdf "$PF0" 1)" 2 --mode receive --count 1 --timeout 1 \
		--set-mac "$OTHER_MAC" >/run/pinned.log 2>&1
	check_equal "a pinned address cannot be changed: status 77" 77 $?
	check "the VF's driver says that it is refused" \
		grep -qi "the PF refuses address $OTHER_MAC" /run/pinned.log
}

reattach()
{
	nic stop
	nic "port stop 0"
	nic "port close 0"
	nic "device detach $VF0"
	nic "port attach $VF0"
	nic "port start 0"
	nic_ready
}

try_close()
{
	check "port close, detach, attach" reattach
	takes "it receives after that" 32 60 "$MAC"
}

is_reset()
{
	[[ $(vf_state 0 state) == wait-reset ]] && (($(vf_state 0 flrs) > FLRS_BEFORE))
}

# What testpmd_start has started is a shell, with testpmd as its child.
kill_testpmd()
{
	local in=${testpmd_in[nic]}

	kill -KILL "$(<"/proc/${testpmd_pid[nic]}/task/${testpmd_pid[nic]}/children")"
	wait "${testpmd_pid[nic]}"
	unset "testpmd_in[nic]"
	exec {in}>&-
}

try_kill()
{
	FLRS_BEFORE=$(vf_state 0 flrs)
	kill_testpmd 2>/dev/null
	check "killed: sluiced sees the VF's reset" wait_for 60 is_reset
	check "testpmd starts again" nic_start -a "$VF0" --
	check "its link comes up" nic_ready
	takes "own address" 32 60 "$MAC"
	takes "another address: filtered" 0 60 "$OTHER_MAC"
}

wants_reset()
{
	nic_log | grep -q 'the PF was reset or is gone: the port needs a reset'
}

# vfio resets the PF whose process ends; the VFs stay, and nobody answers them.
try_no_pf()
{
	local answer

	kill -KILL "$SLUICED"
	wait "$SLUICED" 2>/dev/null
	check "sluiced killed: the VF's driver says so" wait_for 60 wants_reset
	nic stop
	nic "port stop 0"
	answer=$(testpmd_do nic "port start 0")
	check_equal "port start fails, in one line of ours" \
		"no PF answers the mailbox (is sluiced or a PF driver running?)" \
		"$(sed -nE 's/^sluice: .*: (no PF.*)/\1/p' <<<"$answer")"
	check "testpmd says that it failed" grep -q 'Fail to start port 0' <<<"$answer"
	check "another sluiced starts" sluiced_start
	check "port reset" nic_restart "port reset 0"
	MAC=$(nic_field 'MAC address')
	takes "it receives after that" 32 60 "$MAC"
	check "testpmd ends with status 0" testpmd_stop nic
}

wire_up 9000
check "sluiced starts" start_daemon
VF0=$(vf_bdf "$PF0" 0)
check "testpmd starts" nic_start -a "$VF0" --
check "its link comes up" nic_ready
check_equal "net_sluice_vf drives the VF" net_sluice_vf "$(nic_field 'Driver name')"
try_addresses
try_pinned
try_groups
try_trust
takes "tagged, no VLAN joined: filtered" 0 60 "$MAC" --vlan 5
try_vlans
RX_BEFORE=$(vf_state 0 rx_packets) TX_BEFORE=$(vf_state 0 tx_packets)
try_counters rx_hw_packets tx_hw_packets
try_daemon_counters
try_sizes
try_secondary "$VF0"
try_restarts
try_close
try_kill
try_no_pf
try_payload "$VF0"
check "sluiced stops" sluiced_stop
finish
