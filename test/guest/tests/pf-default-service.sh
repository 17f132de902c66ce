#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The PF in the stock dpdk-testpmd, no daemon: a VF each of our driver, DPDK's in-tree one
# and Linux's igbvf live on the default service, and on while the PF's port is stopped.
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with test/guest/nic.sh
# with: test/traffic/frames-dpdk test/traffic/frames-sock drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/nic.sh

try_eight_vfs()
{
	vfs_create "$PF0" 8
	nic_start -a "$PF0" --
	check_equal "8 VFs are refused, in one line" \
		"sluice: $PF0: 8 VFs leave no pool to the PF" "$(nic_log | sed 's/:[^:]*write.*//')"
	testpmd_stop nic
	vfs_remove "$PF0"
}

start_igbvf()
{
	bind igbvf "$1" && wait_for 60 netdev_of "$1" || return
	IGBVF=$(netdev_of "$1")
	ip link set "$IGBVF" up
	wait_for 60 igbvf_has_carrier
}

igbvf_has_carrier()
{
	[[ $(<"/sys/class/net/$IGBVF/carrier") == 1 ]]
}

try_ways()
{
	check_way "our VF to igbvf" "$OURS" "$IGBVF"
	check_way "igbvf to our VF" "$IGBVF" "$OURS"
	check_way "our VF to DPDK's in-tree VF" "$OURS" "$IN_TREE"
	check_way "DPDK's in-tree VF to igbvf" "$IN_TREE" "$IGBVF"
	check_way "our VF to the wire" "$OURS" wire0
	check_way "the wire to our VF" wire0 "$OURS"
	check_way "the wire to DPDK's in-tree VF" wire0 "$IN_TREE"
	check_way "igbvf to the wire" "$IGBVF" wire0
	check_way "the wire to igbvf" wire0 "$IGBVF"
}

try_refusal()
{
	frames_on "$OURS" 1 --mode receive --count 1 --timeout 1 --promisc >/run/promisc.log 2>&1
	check_equal "unicast promiscuous is refused: status 77" 77 $?
	check "and the VF's driver says so" \
		grep -q 'the PF refuses promiscuous mode' /run/promisc.log
}

# A receiver that was there before the PF's port was stopped goes on; then a new one, whose
# reset the stopped port answers.
try_pf_stop()
{
	listen "$OURS"
	check "the PF's port stops" stops
	emit wire0 --dst "$READY_MAC"
	check_heard "PF stopped: the wire to our VF, which was running"
	check_way "PF stopped: igbvf to our VF, started anew" "$IGBVF" "$OURS"
	check "the PF's port starts" nic_restart
	check_way "PF started: the wire to igbvf" wire0 "$IGBVF"
}

stops()
{
	nic "port stop 0"
	[[ $(testpmd_do nic start) == *"Not all ports were started"* ]]
}

check "vfio-pci gets the PF" pf_bind_vfio "$PF0"
wire_up
try_eight_vfs
check "3 VFs" vfs_create "$PF0" 3
check "testpmd starts on the PF" nic_start -a "$PF0" --
check "it serves 3 VFs" grep -q 'serving 3 VFs with the default policy' "$(testpmd_log nic)"
OURS=sluice@$(vf_bdf "$PF0" 0)
IN_TREE=igb_vf@$(vf_bdf "$PF0" 1)
check "igbvf comes up on a VF" start_igbvf "$(vf_bdf "$PF0" 2)"
try_ways
try_refusal
try_pf_stop
bind vfio-pci "$(vf_bdf "$PF0" 2)"
check "testpmd ends with status 0" testpmd_stop nic
finish
