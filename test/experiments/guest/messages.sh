#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiments E2 and E3: messages of 60 bytes at a given rate from the wire to tenants that send
# them back, and sleep until an interrupt when nothing is there. The processors' time, less that of
# the sender, and how long a message was away.
#
# usage: messages.sh ROUNDS MS TENANTS RATES SETUPS
#	each but the first two a list: messages.sh 3 2000 "1 2" "1000 4000" "sriov pv-tap"
#
# guest: --ports 2 --wire tap --timeout 1500 --hugepages 240 --with test/guest/stack.sh
# guest: --with test/experiments/guest/setups.sh
# guest: --qemu '-device pcie-root-port,id=rpx,bus=pcie.0,chassis=24,slot=24,addr=0x18'
# guest: --qemu '-netdev hubport,hubid=24,id=x0 -device vmxnet3,bus=rpx,netdev=x0,romfile='
# guest: --qemu '-netdev hubport,hubid=24,id=x1'
# guest: --qemu '-device virtio-net-pci,netdev=x1,disable-legacy=on,romfile=,addr=0x8'
# guest: --qemu '-netdev hubport,hubid=25,id=y0 -netdev hubport,hubid=25,id=y1'
# guest: --qemu '-device virtio-net-pci,netdev=y0,disable-legacy=on,iommu_platform=on,addr=0x19'
# guest: --qemu '-device virtio-net-pci,netdev=y1,disable-legacy=on,romfile=,addr=0x9'
# with: app/sluiced/sluiced app/sluicectl/sluicectl drivers/net/librte_net_sluice.so
# with: test/bench/hybrid/round-trip test/experiments/guest/echo-tenant

. /guest/lib.sh
. /host/stack.sh
. /host/setups.sh

PATIENCE_S=2
WARM_UP="100 300"	# messages a second, ms
rounds=$1 ms=$2 tenants_list=$3 rates=$4 setups=$5

# What can have several tenants
SHARED="sriov pv-tap pv-vhost-net"

# send TENANT RATE MS: the sender's report
send()
{
	taskset 1 round-trip "$WIRE" "${tenant_mac[$1]}" "$2" "$3" 0 $PATIENCE_S
}

# field NAME <REPORT
field()
{
	sed -nE "s/.*\"$1\": ([0-9.]+).*/\1/p"
}

# sum NAME: over all reports
sum()
{
	cat /run/report.* | field "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}

# worst NAME: of the reports
worst()
{
	cat /run/report.* | field "$1" | sort -n | tail -n 1
}

# Each tenant has its share of the rate, from a sender of its own.
send_to_all()
{
	local i pids=()

	rm -f /run/report.*
	for ((i = 0; i < tenants; i++)); do
		send $i $((rate / tenants)) "$ms" >"/run/report.$i" &
		pids+=($!)
	done
	wait "${pids[@]}"
}

# turn ROUND: of $setup, $tenants, $rate
turn()
{
	local before after x spent sent busy name

	read -ra before < <(stand)
	send_to_all || return
	read -ra after < <(stand)
	x="\"tenants\": $tenants, \"rate\": $rate"
	sent=$(sum sent)
	spent=$(sum cpu_us)
	busy=$(($(busy_us "${before[@]}" "${after[@]}") - spent))
	result E2 "$setup" "$x" cpu "$(ratio $busy $((after[0] - before[0])) 100)" "%" "$1"
	result E2 "$setup" "$x" cpu_per_message "$(ratio $busy "$sent")" us "$1"
	result E2 "$setup" "$x" sent "$sent" messages "$1"
	result E2 "$setup" "$x" lost "$((sent - $(sum received)))" messages "$1"
	for name in p50 p95 p99; do
		result E3 "$setup" "$x" $name "$(worst ${name}_us)" us "$1"
	done
}

# try_setup ROUND
try_setup()
{
	local i

	WIRE=$(wire_of "$setup")
	setup_up "$setup" "$tenants" || fail "$setup does not come up"
	for ((i = 0; i < tenants; i++)); do
		tenant_start "$setup" $i sleep || fail "$setup: no tenant $i"
	done
	setup_joined "$setup" "$tenants" || fail "$setup: the tenants are not joined"
	# shellcheck disable=SC2086  # its fields
	for ((i = 0; i < tenants; i++)); do
		wait_for 30 answers $i || fail "$setup: tenant $i does not answer"
	done
	for rate in $rates; do
		turn "$1" || fail "$setup: $rate messages were not sent"
	done
	for ((i = 0; i < tenants; i++)); do
		tenant_stop $i || fail "$setup: tenant $i does not end well"
	done
	setup_down "$setup"
}

# answers TENANT: to messages of a warm-up
answers()
{
	# shellcheck disable=SC2086  # its fields
	(($(send "$1" $WARM_UP | field received) > 0))
}

setups_begin
for ((round = 1; round <= rounds; round++)); do
	for tenants in $tenants_list; do
		for setup in $setups; do
			((tenants == 1)) || [[ " $SHARED " == *" $setup "* ]] || continue
			say "round $round of $rounds: $setup, $tenants"
			try_setup "$round"
		done
	done
done
sluiced_stop
