#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Measures what was built into build/gcc.
#
# Usage: devtools/bench.sh model|mailbox|footprint [SECONDS FOR EACH]
#        devtools/bench.sh restart [DEATHS]
#        devtools/bench.sh hybrid|datapath [OPTIONS]

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
model)
	progress bench "the device model and what drives its rings, in one thread on one core"
	exec taskset -c "$(($(nproc --all) - 1))" "$BUILD/gcc/test/model/datapath_bench" "${2:-3}"
	;;
mailbox)
	progress bench "VFs' requests to the PF, on the device model"
	plugins=$BUILD/gcc/test/model/attach/librte_bus_sluicemodel.so
	plugins+=,$BUILD/gcc/drivers/net/librte_net_sluice.so
	exec "$BUILD/gcc/test/pmd/mailbox_bench" "$plugins" "${2:-3}"
	;;
footprint)
	progress bench "sluiced with up to 8 ports of 8 VFs that nobody uses, on the device model"
	exec "$ROOT/test/model/server/footprint.py" "$BUILD/gcc" "${2:-10}"
	;;
restart)
	progress bench "sluiced killed and started again by its keeper, on the device model"
	exec "$ROOT/test/model/server/restart.py" "$BUILD/gcc" "${2:-100}"
	;;
hybrid | datapath)
	exec "$ROOT/test/bench/$1/run.py" "$BUILD/gcc" "${@:2}"
	;;
*)
	names="model, mailbox, footprint, restart, hybrid, datapath"
	die "$EX_USAGE" "no such benchmark: ${1:-} ($names)"
	;;
esac
