#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Interop matrix, PF under Linux's igb: our VF driver, Linux's igbvf and DPDK's in-tree
# net_e1000_igb_vf, VF to VF and VF to wire, both ways.
#
# guest: --ports 1 --wire tap --timeout 400 --with test/guest/stack.sh --with test/guest/interop.sh
# with: test/traffic/frames-dpdk test/traffic/frames-sock drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/interop.sh

check "igb owns the PF" pf_bind_igb "$PF0"
check "two VFs" vfs_create "$PF0" 2
netdev=$(netdev_of "$PF0")
for vf in 0 1; do
	ip link set "$netdev" vf $vf mac "${VF_MACS[$vf]}"
done
interop_row igb
finish
