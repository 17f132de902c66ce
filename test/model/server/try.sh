#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A port of the device model to play with: sluiced has its PF, testpmd two VFs, and the wire
# sends 1000 frames a second to the first. No root, no huge pages, no hardware.
# usage: try.sh BUILD_FOLDER [FAMILY]     (82576, i350, 82599, x540, x550)

set -euo pipefail

build=$(realpath "$1")
family=${2:-82599}
folder=$(mktemp -d -t sluice-try.XXXXXX)
readonly build family folder
readonly PF=0000:f0:00.0 VF0_MAC=02:00:00:00:00:10 VF1_MAC=02:00:00:00:00:11
readonly GENERATOR_MAC=02:00:00:00:00:99
pids=()

# The last to come goes first: VFs, then the PF, then the port.
clean_up()
{
	local i

	trap - EXIT INT TERM HUP
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		kill "${pids[i]}" 2>/dev/null || true
		wait "${pids[i]}" 2>/dev/null || true
	done
	rm -rf "$folder"
}

# start NAME SOCKET COMMAND...: in a session of its own, so that Ctrl-C is for us to deal with
start()
{
	local name=$1 socket=$2

	setsid "${@:3}" >"$folder/$name.log" 2>&1 &
	pids+=($!)
	for _ in {1..200}; do
		[[ -S $socket ]] && return
		kill -0 "${pids[-1]}" 2>/dev/null || break
		sleep 0.05
	done
	cat "$folder/$name.log" >&2
	printf 'try: %s does not start\n' "$name" >&2
	exit 69
}

configure()
{
	cat >"$folder/sluiced.json" <<-END
		{
		  "control_socket": "$folder/control.sock",
		  "state_dir": "$folder/state",
		  "hugepages_mb": 32,
		  "eal": ["--no-huge", "--no-pci",
		          "--vdev=sluicemodel0,connect=$folder/nic.sock,function=pf"],
		  "ports": [{ "pci": "$PF", "num_vfs": 2, "external": true, "vfs": [
		    { "vf": 0, "mac": "$VF0_MAC" },
		    { "vf": 1, "mac": "$VF1_MAC" }] }]
		}
	END
}

explain()
{
	local ctl="$build/app/sluicectl/sluicectl --socket $folder/control.sock"

	cat <<-END

		A model of an $family: sluiced has its PF, this testpmd its VFs 0 and 1.
		The wire sends 1000 frames a second to VF 0. Type here, at testpmd's prompt:

		    start                     each port answers what it receives
		    show port stats all
		    stop
		    quit                      or Ctrl-D: ends all of it

		and in another terminal, for instance:

		    $ctl show
		    $ctl set vf 0 vlan 100
		    $ctl set vf 0 vlan 0
		    tail -f $folder/sluiced.log

	END
}

main()
{
	local cpus

	cpus=0-$(($(nproc --all) - 1))
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	start model "$folder/nic.sock" "$build/test/model/server/sluice-model" \
		--listen "$folder/nic.sock" --family "$family" --vfs 2 \
		--wire "gen:rate=1000:size=128:dst=$VF0_MAC:src=$GENERATOR_MAC"
	configure
	start sluiced "$folder/control.sock" \
		"$build/test/model/server/sluiced-on-model" -c "$folder/sluiced.json"
	explain
	dpdk-testpmd --lcores="0@($cpus),1@($cpus)" --no-huge -m 128 --no-pci --no-shconf \
		--no-telemetry --log-level=lib.eal:warning \
		-d "$build/test/model/attach/librte_bus_sluicemodel.so" \
		-d "$build/drivers/net/librte_net_sluice.so" \
		--vdev "sluicemodel0,connect=$folder/nic.sock,function=vf0-1" \
		-- -i --nb-cores=1 --total-num-mbufs=4096 --forward-mode=macswap \
		--port-topology=loop || exit $?
}

main
