#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiments E1 and E5: what a tenant, a stock testpmd, gets out of its port (E1), and what it gets
# to its neighbour on the same host (E5): by the NIC's switch, or by one in software. Nobody listens
# on the ports' wires.
#
# usage: throughput.sh ROUNDS MS SIZES SETUPS NEIGHBOURS
#	the last three are lists: throughput.sh 3 1000 "64 1514" "native sriov" "sriov pv-tap"
#
# guest: --ports 2 --wire none --cpus 4 --timeout 1500 --hugepages 240 --with test/guest/stack.sh
# guest: --with test/experiments/guest/setups.sh
# guest: --qemu '-device pcie-root-port,id=rpx,bus=pcie.0,chassis=24,slot=24,addr=0x18'
# guest: --qemu '-netdev hubport,hubid=24,id=x0 -device vmxnet3,bus=rpx,netdev=x0,romfile='
# guest: --qemu '-netdev user,id=y0,restrict=on'
# guest: --qemu '-device virtio-net-pci,netdev=y0,disable-legacy=on,iommu_platform=on,addr=0x19'
# with: app/sluiced/sluiced app/sluicectl/sluicectl drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/setups.sh

WIRE_MAC=02:00:00:00:77:01
WARM_UP_S=0.3
NEIGHBOUR_SIZE=64
CRC_BYTES=4
rounds=$1 ms=$2 sizes=$3 setups=$4 neighbours=$5

# tenant_testpmd I PEER-MAC: tenant I of $setup as a testpmd on processor 2 + I
tenant_testpmd()
{
	local eal

	mapfile -t eal < <(tenant_eal "$setup" "$1")
	testpmd_start "tenant$1" --lcores "0@0,1@$((2 + $1))" "${eal[@]}" -- \
		--disable-link-check --eth-peer="0,$2" && wait_for 60 has_link "tenant$1"
}

has_link()
{
	[[ $(testpmd_do "$1" "show port info 0") == *"Link status: up"* ]]
}

mac_of_tenant()
{
	testpmd_do "tenant$1" "show port info 0" | sed -nE 's/^MAC address: *//p'
}

# Frames that have left the host, or the testpmd that is last on the way there
sent()
{
	case $setup in
	pv-virtio-user) testpmd_counter switch 0 TX-packets ;;
	pv-tap | pv-vhost-net) cat "/sys/class/net/$(netdev_of "$PF1")/statistics/tx_packets" ;;
	*) testpmd_counter tenant0 0 TX-packets ;;
	esac
}

# flow COUNTER-COMMAND...: for $ms; sets elapsed (us), busy (us) and frames
flow()
{
	local before after first

	sleep $WARM_UP_S
	first=$("$@")
	read -ra before < <(stand)
	sleep "$(ratio "$ms" 1000)"
	read -ra after < <(stand)
	frames=$(($("$@") - first))
	elapsed=$((after[0] - before[0]))
	busy=$(busy_us "${before[@]}" "${after[@]}")
}

# report EXPERIMENT SIZE ROUND
report()
{
	local x="\"size\": $2"

	result "$1" "$setup" "$x" pps "$(ratio "$frames" "$elapsed" 1000000)" "frames/s" "$3"
	result "$1" "$setup" "$x" throughput \
		"$(ratio $((frames * ($2 + CRC_BYTES) * 8)) "$elapsed")" Mbit/s "$3"
	result "$1" "$setup" "$x" cpu_per_packet "$(ratio "$busy" "$frames")" us "$3"
	result "$1" "$setup" "$x" cpu "$(ratio "$busy" "$elapsed" 100)" "%" "$3"
}

try_setup()
{
	local size

	setup_up "$setup" 1 || fail "$setup does not come up"
	tenant_testpmd 0 $WIRE_MAC || fail "$setup: no tenant"
	setup_joined "$setup" 1 || fail "$setup: the tenant is not joined"
	testpmd_do tenant0 "set fwd txonly" >/dev/null
	for size in $sizes; do
		testpmd_do tenant0 "set txpkts $size" >/dev/null
		testpmd_do tenant0 start >/dev/null
		flow sent
		report E1 "$size" "$1"
		testpmd_do tenant0 stop >/dev/null
	done
	testpmd_stop tenant0 || fail "$setup: the tenant does not end well"
	setup_down "$setup"
}

# Between neighbours no port is needed, but for the NIC's own switch.
neighbours_up()
{
	case $setup in
	pv-virtio-user) switch_up --no-pci --vdev net_vhost1,iface=/run/vhost1 ;;
	pv-tap | pv-vhost-net) bridge_up ;;
	esac
}

received()
{
	testpmd_counter tenant0 0 RX-packets
}

try_neighbours()
{
	neighbours_up || fail "$setup does not come up"
	tenant_testpmd 0 $WIRE_MAC || fail "$setup: no tenant"
	tenant_testpmd 1 "$(mac_of_tenant 0)" || fail "$setup: no second tenant"
	setup_joined "$setup" 2 || fail "$setup: the tenants are not joined"
	testpmd_do tenant0 "set fwd rxonly" >/dev/null
	testpmd_do tenant0 start >/dev/null
	testpmd_do tenant1 "set fwd txonly" >/dev/null
	testpmd_do tenant1 start >/dev/null
	flow received
	report E5 $NEIGHBOUR_SIZE "$1"
	testpmd_stop tenant1 || fail "$setup: the second tenant does not end well"
	testpmd_stop tenant0 || fail "$setup: the tenant does not end well"
	setup_down "$setup"
}

setups_begin
for ((round = 1; round <= rounds; round++)); do
	for setup in $setups; do
		say "round $round of $rounds: $setup"
		try_setup "$round"
	done
	for setup in $neighbours; do
		say "round $round of $rounds: neighbours, $setup"
		try_neighbours "$round"
	done
done
sluiced_stop
