#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The stock dpdk-testpmd with our plugin on VFs under sluiced: txonly to rxonly, VF to VF,
# VF to wire and wire to VF; then macswap between two of our test programs, which judges
# each frame's payload. At last the hardware check-list, word for word.
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh
# guest: --with doc/hardware-checklist.md
# with: app/sluiced/sluiced app/sluicectl/sluicectl
# with: test/traffic/frames-dpdk test/traffic/frames-sock drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh

BURSTS=8	# of 32 frames: what start tx_first sends at once and a ring of 512 holds
ROUNDS=8
MACS=(02:00:00:00:00:10 02:00:00:00:00:11)
WIRE_MAC=02:00:00:00:77:01
PMDS="bus_pci bus_vdev mempool_ring"

# Both ports in one process; testpmd keeps one lcore for its prompt.
start_testpmd()
{
	testpmd_start pmd -l 0,1 -d "$PLUGIN" -a "$(vf_bdf "$PF0" 0)" -a "$(vf_bdf "$PF0" 1)" -- \
		-i --total-num-mbufs=2048 --rxd=512 --txd=512 "$@"
}

drives()
{
	[[ $(testpmd_do pmd "show port info $1") == *"Driver name: $2"* ]]
}

# counter PORT NAME, once two readings agree
counter()
{
	local before now

	now=$(testpmd_counter pmd "$1" "$2")
	until [[ $now == "${before-none}" ]]; do
		before=$now
		sleep 0.3
		now=$(testpmd_counter pmd "$1" "$2")
	done
	printf '%s\n' "$now"
}

# A flood that no ring can hold is no test of loss: bursts that fit, again and again.
tx_rounds()
{
	local round

	testpmd_do pmd "clear port stats all" >/dev/null
	for ((round = 0; round < ROUNDS; round++)); do
		testpmd_do pmd "start tx_first $BURSTS" >/dev/null
		testpmd_do pmd stop >/dev/null
	done
}

# Port 0 sends to port 1, which only receives.
try_vf_to_vf()
{
	testpmd_do pmd "set fwd rxonly" >/dev/null
	testpmd_do pmd "set eth-peer 0 ${MACS[1]}" >/dev/null
	testpmd_do pmd "set eth-peer 1 ${MACS[0]}" >/dev/null
	tx_rounds
	check_equal "txonly VF0 to rxonly VF1: all arrived" \
		"$((ROUNDS * BURSTS * 32))" "$(counter 1 RX-packets)"
	check_equal "txonly VF1 to rxonly VF0: all arrived" \
		"$((ROUNDS * BURSTS * 32))" "$(counter 0 RX-packets)"
	check_equal "VF0 sent what VF1 received" "$(counter 0 TX-packets)" "$(counter 1 RX-packets)"
}

wire_counter()
{
	cat /sys/class/net/wire0/statistics/rx_packets
}

try_vf_to_wire()
{
	local before

	testpmd_do pmd "set eth-peer 0 $WIRE_MAC" >/dev/null
	testpmd_do pmd "set eth-peer 1 $WIRE_MAC" >/dev/null
	tcpdump -i wire0 -U -B 16384 -w /run/wire.pcap udp 2>/dev/null &
	local dump=$!
	wait_for 60 test -s /run/wire.pcap
	before=$(wire_counter)
	tx_rounds
	check_equal "txonly on both VFs to the wire: all arrived" \
		"$((2 * ROUNDS * BURSTS * 32))" "$(($(wire_counter) - before))"
	wait_for 60 all_dumped
	kill -INT $dump
	wait $dump
	check_equal "their IP headers and UDP ports are testpmd's" \
		"$((2 * ROUNDS * BURSTS * 32))" "$(testpmd_frames)"
}

# tcpdump -v checks the header's checksum and says "bad cksum" if it is wrong.
testpmd_frames()
{
	tcpdump -nv -r /run/wire.pcap 'udp src port 9 and udp dst port 9 and greater 64' \
		2>/dev/null | grep -v 'bad cksum' | grep -c 'proto UDP'
}

all_dumped()
{
	(($(testpmd_frames) >= 2 * ROUNDS * BURSTS * 32))
}

# The wire sends numbered frames to VF0, testpmd swaps their addresses and sends them back.
try_macswap()
{
	local result

	testpmd_do pmd "set fwd macswap" >/dev/null
	testpmd_do pmd "set portlist 0" >/dev/null
	testpmd_do pmd start >/dev/null
	result=$(frames-sock --netdev wire0 --mode both --dst "${MACS[0]}" --count 2048 \
		--size 60-1514 --timeout 60 --json 2>&1)
	check "wire to testpmd macswap on VF0 and back, payload judged" [ $? = 0 ]
	say "$result"
	testpmd_do pmd stop >/dev/null
}

# checklist_block N: the Nth block of the check-list that is marked as run here
checklist_block()
{
	awk -v wanted="$1" '/^```sh$/ { inside = ++nb == wanted; next }
		/^```$/ { inside = 0 } inside' /host/hardware-checklist.md
}

# The guest's testpmd finds no drivers by itself.
dpdk-testpmd()
{
	local options

	mapfile -t options < <(pmd_options)
	command dpdk-testpmd "${options[@]}" "$@"
}

# What each block's text says is expected, by the block's number.
expected_1() { grep -q '^nothing is to be mended$' /run/checklist.log; }
expected_4() { grep -q ' 20/0 ' /run/checklist.log; }

link_is_up()
{
	sluicectl show | grep -q "^port $PF0: link up 1000 Mb/s, 2 VFs"
}

# The link may come up a moment after the daemon.
expected_2()
{
	[[ $(grep -cE '^ +[01] .* wait-reset ' /run/checklist.log) == 2 ]] && wait_for 60 link_is_up
}

expected_3()
{
	[[ $(grep -cE 'RX-packets: [0-9]{3,}' /run/checklist.log) == 2 ]]
}

expected_5()
{
	grep -Eq "^$PF0 +device +0x10c9" /tmp/sluice-report.txt &&
		grep -Eq "^$PF0 +vf 1 .* requests [1-9]" /tmp/sluice-report.txt &&
		grep -qx 'nothing is to be mended' /tmp/sluice-report.txt
}

expected_6()
{
	[[ $(driver_of "$PF0") == igb ]]
}

try_checklist()
{
	local block text

	PF=$PF0
	modprobe -r vfio-pci
	bind igb "$PF0"
	for block in {1..6}; do
		text=$(checklist_block "$block")
		check "the check-list, block $block" eval "$text"
		cp /run/check.log /run/checklist.log
		check "the check-list, block $block: as expected" "expected_$block"
	done
	tail -n 20 /tmp/sluiced.log
	check_equal "the check-list has no block more" "" "$(checklist_block 7)"
}

config_for "$PF0" "{\"vf\": 0, \"mac\": \"${MACS[0]}\"}" "{\"vf\": 1, \"mac\": \"${MACS[1]}\"}"
check "sluiced starts" sluiced_start
ip link set wire0 down
ip link set wire0 address $WIRE_MAC up
check "testpmd starts" start_testpmd
check "VF0 is driven by net_sluice_vf" drives 0 net_sluice_vf
check "VF1 is driven by net_sluice_vf" drives 1 net_sluice_vf
try_vf_to_vf
try_vf_to_wire
try_macswap
check "testpmd stops" testpmd_stop pmd
check "sluiced stops" sluiced_stop
try_checklist
finish
