#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The device model against QEMU's igb: one test program on both ports, what it sees must agree.
#
# guest: --ports 1 --wire none --timeout 120
# with: test/agree/agree test/model/attach/librte_bus_sluicemodel.so

. /guest/lib.sh

pf_bind_vfio "$PF0" && vfs_create "$PF0" 2 || exit 1
# Its own lines are TAP, and what differs.
exec agree -l 0 -m 16 --in-memory -d /guest/pmds/librte_bus_pci.so \
	-d /guest/pmds/librte_bus_vdev.so -d /host/librte_bus_sluicemodel.so \
	--vfio-vf-token "$VF_TOKEN" -a "$PF0" -a "$(vf_bdf "$PF0" 0)" -a "$(vf_bdf "$PF0" 1)"
