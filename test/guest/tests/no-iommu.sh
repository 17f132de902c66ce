#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A machine whose IOMMU is off: the daemon says so, with the remedy, and changes nothing.
#
# guest: --ports 1 --wire none --timeout 60 --append intel_iommu=off --with test/guest/stack.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl

. /guest/lib.sh
. /host/stack.sh

EX_UNAVAILABLE=69
mkdir -p /var/lib
config_for "$PF0" '{"vf": 0}'
rc=0
sluiced -c "$CONFIG" >/run/refused.log 2>&1 || rc=$?

check_equal "sluiced is refused" $EX_UNAVAILABLE $rc
check "it says what is missing and the remedy" \
	grep -q 'no IOMMU: .*intel_iommu=on' /run/refused.log
check "it names the PF" grep -q "$PF0: is not behind an IOMMU" /run/refused.log
rc=0
sluicectl doctor "$CONFIG" >/run/doctor.log 2>&1 || rc=$?
check_equal "the doctor finds something to mend" $EX_UNAVAILABLE $rc
check "that of the machine" \
	grep -Eq '^FAIL +host +iommu +no IOMMU: .*intel_iommu=on' /run/doctor.log
check "that of the PF" grep -Eq "^FAIL +$PF0 +iommu +is not behind an IOMMU" /run/doctor.log
check "and that all else is good" grep -Eq '^ok +host +vfio-pci' /run/doctor.log
check_equal "the PF has no driver, as before" "" "$(driver_of "$PF0")"
check_equal "it has no VFs" 0 "$(<"$(pci_dir "$PF0")/sriov_numvfs")"
finish
