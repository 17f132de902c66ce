#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Starts, stops and resets a PF and two VFs on the model under traffic, again and again, and looks
# for what they leave behind: mbufs, memzones, file descriptors.
#
# Usage: devtools/soak.sh BUILD_DIR CYCLES [FAMILY...]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

declare -A MBPS=([82576]=1000 [i350]=1000 [82599]=10000 [x540]=10000 [x550]=10000)

(($# >= 2)) || die "$EX_USAGE" "which build, and how many cycles?"
build=$1
cycles=$2
shift 2
(($#)) || set -- 82576 i350 82599 x540 x550
plugins=$build/test/model/attach/librte_bus_sluicemodel.so,$build/drivers/net/librte_net_sluice.so

for family; do
	[[ -n ${MBPS[$family]:-} ]] || die "$EX_USAGE" "no such family: $family (${!MBPS[*]})"
	logged "soak-$family" "$cycles cycles of start, frames, stop and reset" \
		env ASAN_OPTIONS=detect_leaks=0 \
		"$build/test/pmd/pmd_life_test" "$plugins" "$family" "${MBPS[$family]}" "$cycles"
done
