# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What is to be seen wherever Sluice is installed, be it by dpkg or by meson. To be sourced by a
# script that has VERSION as its argument, in the folder of use.c and the model port.

VERSION=$1
MODEL=$PWD/librte_bus_sluicemodel.so
WORK=$(mktemp -d)
number=0

# test_that NAME COMMAND...: what it prints is shown if it fails
test_that()
{
	local name=$1 verdict=ok
	shift

	number=$((number + 1))
	"$@" >"$WORK/out" 2>&1 </dev/null || verdict="not ok"
	printf '%s %d - %s\n' "$verdict" "$number" "$name"
	if [[ $verdict != ok ]]; then
		sed 's/^/# /' "$WORK/out" | tail -n 60
	fi
}

# in_testpmd COMMANDS: stock testpmd, which is told of the port on the model, and of no driver
in_testpmd()
{
	(sleep 3; printf '%s\n' "$@" quit; sleep 1) |
		timeout 120 dpdk-testpmd --no-huge --no-pci --no-shconf --no-telemetry -m 256 \
			--lcores 0@0,1@0 -d "$MODEL" \
			--vdev sluicemodel0,family=82599,vfs=1,wire=loop -- -i \
			--total-num-mbufs=4096 --forward-mode=rxonly
}

driver_is_found()
{
	in_testpmd "show port info all" >"$WORK/info"
	cat "$WORK/info"
	grep -q 'Driver name: net_sluice_pf' "$WORK/info" &&
		grep -q 'Driver name: net_sluice_vf' "$WORK/info"
}

# application_is_built EXAMPLE: use.c, and lib/hybrid's example
application_is_built()
{
	local flags

	# shellcheck disable=SC2046  # pkg-config's words
	cc -Wall -Wextra -Werror $(pkg-config --cflags sluice-hybrid sluice-pmd) \
		-o "$WORK/use" use.c $(pkg-config --libs sluice-hybrid sluice-pmd) &&
		cc -Wall -Wextra -Werror $(pkg-config --cflags sluice-hybrid) -o "$WORK/l2fwd" \
			"$1" $(pkg-config --libs sluice-hybrid)
	flags=$(pkg-config --modversion sluice-aic)
	echo "$flags"
	[[ -x $WORK/l2fwd && $flags == "$VERSION" ]]
}

application_runs()
{
	"$WORK/use" --no-huge --no-pci --no-shconf --no-telemetry -m 64 -l 0 -d "$MODEL" \
		--vdev sluicemodel0,family=82599,vfs=1,wire=loop >"$WORK/said"
	cat "$WORK/said"
	grep -qE '^net_sluice_pf, [1-9][0-9]* ns$' "$WORK/said"
}
