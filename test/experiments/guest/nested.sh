#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
#
# Experiment E8: a tenant that is a virtual machine of its own. QEMU runs inside the guest, on its
# emulated SVM, and has one VF passed through by vfio with the VF token. In it Linux's igbvf runs
# against sluiced: it has its MAC address and VLAN from there, and pings the wire.
#
# usage: nested.sh [PINGS]
#
# guest: --ports 1 --wire tap --timeout 240 --hugepages 64 --with test/guest/stack.sh
# guest: --with test/experiments/guest/nested-init.sh --with build/guest/kernel/image
# guest: --with /usr/bin/qemu-system-x86_64 --with /usr/share/seabios/bios-256k.bin
# guest: --with /usr/share/qemu/pvh.bin --with /usr/share/qemu/kvmvapic.bin
# with: app/sluiced/sluiced app/sluicectl/sluicectl

. /guest/lib.sh
. /host/stack.sh

PINGS=${1:-50}
VF_MAC=02:00:00:00:10:00
VLAN=10 WIRE_IP=10.9.0.1 TENANT_IP=10.9.0.2
LOG=/run/tenant.log

wire_vlan_up()
{
	ip link add link wire0 name vlan$VLAN type vlan id $VLAN
	ip addr add $WIRE_IP/24 dev vlan$VLAN
	ip link set vlan$VLAN up
}

# The tenant's root file system: busybox, its driver, its init.
make_initrd()
{
	local root=/run/tenant

	mkdir -p $root/bin $root/dev $root/proc $root/sys
	cp "$(type -P busybox)" $root/bin/busybox
	cp "/lib/modules/$(uname -r)/igbvf.ko" $root/igbvf.ko
	cp /host/nested-init.sh $root/init
	chmod 755 $root/init
	(cd $root && find . | busybox cpio -o -H newc) >/run/tenant.initrd
}

start_tenant()
{
	STARTED=${EPOCHREALTIME/./}
	qemu-system-x86_64 -M q35 -accel kvm -cpu host -m 384 -L /host -nodefaults -display none \
		-no-user-config -no-reboot -serial stdio -kernel /host/image \
		-initrd /run/tenant.initrd -append "console=ttyS0 quiet panic=-1 mitigations=off \
tenant=$TENANT_IP/24 peer=$WIRE_IP pings=$PINGS" \
		-device "vfio-pci,host=$(vf_bdf "$PF0" 0),vf-token=$VF_TOKEN" \
		</dev/null >"$LOG" 2>&1 &
	TENANT=$!
	wait_for 90 tenant_settled && kill -0 $TENANT
}

tenant_settled()
{
	told ready >/dev/null || ! kill -0 $TENANT
}

fail()
{
	not_ok "$1" "$(tail -n 50 "$LOG" /run/sluiced.log)"
	exit 1
}

# told NAME: what the tenant has said of it
told()
{
	tr -d '\r' <"$LOG" | sed -n "s/^tenant: $1 *//p" | grep ''
}

# result METRIC OF VALUE UNIT
result()
{
	printf 'RESULT {"experiment": "E8", "setup": "sriov", "place": "guest", '
	printf '"metric": "%s", "x": {"of": "%s"}, "value": %s, "unit": "%s", "round": 1}\n' "$@"
}

# The one line of ping's summary with the times, in ms: its mean, and its largest
round_trip_ms()
{
	told rtt | sed -nE "s:.*= *[0-9.]+/([0-9.]+)/([0-9.]+).*:\\$1:p"
}

check "sluiced's configuration" config_for "$PF0" \
	"{\"vf\": 0, \"mac\": \"$VF_MAC\", \"vlan\": $VLAN}"
check "sluiced starts" sluiced_start
check "the wire is in VLAN $VLAN" wire_vlan_up
check "KVM comes up in the guest" modprobe kvm-amd
check "the tenant's root file system is made" make_initrd
start_tenant || fail "the tenant does not come up with the VF"
ok "the tenant boots with the VF"
result time "boot to ping" "$(((${EPOCHREALTIME/./} - STARTED) / 1000000))" s
wait_for 120 told done || fail "the tenant does not come to an end"
check_equal "it has the VF's address from sluiced" $VF_MAC "$(told mac)"
check_equal "its frames are in sluiced's VLAN, for each ping is answered" "$PINGS of $PINGS" \
	"$(told received) of $(told sent)"
check_equal "it knows nothing of that VLAN" 0 "$(told vlans)"
check "its VF has raised interrupts" test "$(told interrupts)" -gt 0
result count "pings sent" "$(told sent)" ""
result count "pings answered" "$(told received)" ""
result count "interrupts of the VF" "$(told interrupts)" ""
result round_trip mean "$(round_trip_ms 1)" ms
result round_trip longest "$(round_trip_ms 2)" ms
wait_for 60 eval '! kill -0 $TENANT'
((failed == 0)) || tail -n 40 "$LOG" /run/sluiced.log
check "sluiced stops" sluiced_stop
finish
