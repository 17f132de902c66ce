#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Measures what was built into build/gcc, on the last processor of this machine.
#
# Usage: devtools/bench.sh model [SECONDS FOR EACH]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
model)
	progress bench "the device model and what drives its rings, in one thread on one core"
	exec taskset -c "$(($(nproc --all) - 1))" "$BUILD/gcc/test/model/datapath_bench" "${2:-3}"
	;;
*)
	die "$EX_USAGE" "no such benchmark: ${1:-} (model)"
	;;
esac
