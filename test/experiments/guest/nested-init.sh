#!/bin/busybox sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Process 1 of the tenant in nested.sh. What it finds goes to its console, as "tenant: NAME VALUE".

tell()
{
	echo "tenant: $*"
}

setting()
{
	sed -n "s/.*\\<$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline
}

# until_true SECONDS COMMAND...
until_true()
{
	left=$(($1 * 10))
	shift

	until "$@" 2>/dev/null; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.1
	done
}

netdev()
{
	NETDEV=$(ls /sys/class/net | grep -v '^lo$')
	[ -n "$NETDEV" ]
}

has_carrier()
{
	grep -q 1 "/sys/class/net/$NETDEV/carrier"
}

interrupts()
{
	awk -v name="$NETDEV" 'index($0, name) {
		for (i = 2; $i ~ /^[0-9]+$/; i++)
			sum += $i
	} END { print sum + 0 }' /proc/interrupts
}

/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
insmod /igbvf.ko
until_true 30 netdev
ip link set "$NETDEV" up
until_true 60 has_carrier
ip addr add "$(setting tenant)" dev "$NETDEV"
tell mac "$(cat "/sys/class/net/$NETDEV/address")"
tell vlans "$(ls /proc/net/vlan 2>/dev/null | grep -vc config)"
tell ready
ping -c "$(setting pings)" -i 0.1 -W 10 "$(setting peer)" >/ping.log
tell sent "$(sed -nE 's/^([0-9]+) packets transmitted.*/\1/p' /ping.log)"
tell received "$(sed -nE 's/.* ([0-9]+) (packets )?received.*/\1/p' /ping.log)"
tell rtt "$(grep round-trip /ping.log)"
tell interrupts "$(interrupts)"
tell done
poweroff -f
