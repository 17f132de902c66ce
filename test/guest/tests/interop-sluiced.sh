#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Interop matrix, PF under sluiced: our VF driver, Linux's igbvf and DPDK's in-tree
# net_e1000_igb_vf, VF to VF and VF to wire, both ways.
#
# guest: --ports 1 --wire tap --timeout 400 --with test/guest/stack.sh --with test/guest/interop.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl
# with: test/traffic/frames-dpdk test/traffic/frames-sock drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/interop.sh

config_for "$PF0" \
	"{\"vf\": 0, \"mac\": \"${VF_MACS[0]}\"}" \
	"{\"vf\": 1, \"mac\": \"${VF_MACS[1]}\"}"
check "sluiced starts" sluiced_start
interop_row sluiced
sluicectl show
prepare sluice 1
check "sluiced stops" sluiced_stop
finish
