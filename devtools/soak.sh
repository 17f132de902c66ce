#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Stops, resets, detaches and starts a PF and two VFs on the model under traffic, again and again,
# and looks for what they leave behind: mbufs, memzones, file descriptors. The counts of each family
# are in build/log/soak-FAMILY.log.
#
# With `chaos`, a guest in which the daemon and VFs' applications are killed under traffic.
#
# Usage: devtools/soak.sh BUILD_DIR CYCLES [FAMILY...]
#        devtools/soak.sh BUILD_DIR chaos [DEATHS]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly FAMILIES="82576 i350 82599 x540 x550"

(($# >= 2)) || die "$EX_USAGE" "which build, and how many cycles?"
build=$1
cycles=$2
shift 2
if [[ $cycles == chaos ]]; then
	exec "$ROOT/test/guest/boot.py" --keep-log "$LOG_DIR/chaos" \
		"$ROOT/test/guest/chaos.sh" "$@"
fi
# shellcheck disable=SC2086
(($#)) || set -- $FAMILIES
plugins=$build/test/model/attach/librte_bus_sluicemodel.so,$build/drivers/net/librte_net_sluice.so

for family; do
	[[ " $FAMILIES " == *" $family "* ]] ||
		die "$EX_USAGE" "no such family: $family ($FAMILIES)"
	logged "soak-$family" "$family: $cycles cycles of stop, reset, detachment and start" \
		env ASAN_OPTIONS=detect_leaks=0 \
		"$build/test/pmd/pmd_soak_test" "$plugins" "$family" "$cycles"
done
