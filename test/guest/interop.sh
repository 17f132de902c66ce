# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# One row of the interop matrix: the VF drivers of every kind under one PF, each with
# numbered frames to a second VF and to the wire, both ways, counted at both ends.
# Needs /guest/lib.sh and stack.sh. The caller brings the PF up and calls interop_row.

FRAMES=2048
WIRE_MAC=02:00:00:00:77:01
VF_MACS=(02:00:00:00:00:10 02:00:00:00:00:11)
declare -A matrix
run_id=0

# An endpoint is "wire" or KIND@VF with KIND one of sluice, igb_vf, igbvf.
endpoint_mac()
{
	case $1 in
	wire) printf '%s\n' "$WIRE_MAC" ;;
	*) printf '%s\n' "${VF_MACS[${1#*@}]}" ;;
	esac
}

# frames_at ENDPOINT LCORE ARGS...: the test program, over whatever drives the endpoint
frames_at()
{
	local kind=${1%@*} bdf eal
	bdf=$(vf_bdf "$PF0" "${1#*@}")
	local lcore=$2
	shift 2

	case $kind in
	wire) frames-sock --netdev wire0 "$@" ;;
	igbvf)
		# Without carrier, Linux takes frames and drops them without a word.
		wait_for 60 carrier_of "$bdf"
		frames-sock --netdev "$(netdev_of "$bdf")" "$@"
		;;
	*)
		mapfile -t eal < <(eal_options "$kind")
		frames-dpdk -l "$lcore" --file-prefix "frames$lcore" "${eal[@]}" -a "$bdf" -- "$@"
		;;
	esac
}

# prepare KIND VF: the VF has the driver that KIND needs
prepare()
{
	local bdf

	bdf=$(vf_bdf "$PF0" "$2")
	case $1 in
	igbvf)
		bind igbvf "$bdf" && wait_for 60 netdev_of "$bdf" || return
		ip link set "$(netdev_of "$bdf")" up
		wait_for 60 carrier_of "$bdf"
		;;
	*) bind vfio-pci "$bdf" ;;
	esac
}

prepare_both()
{
	prepare "$1" 0 && prepare "$2" 1
}

carrier_of()
{
	[[ $(<"/sys/class/net/$(netdev_of "$1")/carrier") == 1 ]]
}

json_field()
{
	sed -nE "s/.*\"$2\": *([0-9]+).*/\1/p" "$1" | tail -n 1
}

# send_frames FROM TO: prints "SENT ARRIVED", and fails if a frame is missing or corrupt
send_frames()
{
	local common receiver rc=0

	run_id=$((run_id + 1))
	rm -f /run/sent.json /run/arrived.json
	# Now, not by the receiver's shell: that may come after the first look for READY.
	: >/run/receiver.log
	common=(--json --count "$FRAMES" --run-id "$run_id")
	frames_at "$2" 1 --mode receive --timeout 60 "${common[@]}" \
		>/run/arrived.json 2>/run/receiver.log &
	receiver=$!
	wait_for 60 receiver_settled "$receiver"
	frames_at "$1" 2 --mode send --dst "$(endpoint_mac "$2")" "${common[@]}" \
		>/run/sent.json 2>/run/sender.log || rc=1
	((rc == 0)) || kill -INT "$receiver" 2>/dev/null
	wait "$receiver" || rc=1
	printf '%s %s\n' "$(json_field /run/sent.json sent)" \
		"$(json_field /run/arrived.json unique)"
	return $rc
}

receiver_settled()
{
	grep -q '^READY' /run/receiver.log || ! kill -0 "$1"
}

# one_way NAME FROM TO
one_way()
{
	local counts

	if counts=$(send_frames "$2" "$3"); then
		ok "$1: ${counts% *} sent, ${counts#* } arrived"
	else
		not_ok "$1" "sent, arrived: $counts"$'\n'"$(evidence)"
	fi
	last=${counts% *}/${counts#* }
}

evidence()
{
	tail -n 5 /run/receiver.log /run/sender.log
	ip -br link
	dmesg | tail -n 10
}

# cell NAME A B: both ways; the result stands in matrix[NAME]
cell()
{
	local there back last

	one_way "$1: there" "$2" "$3"
	there=$last
	one_way "$1: back" "$3" "$2"
	back=$last
	matrix["$1"]="$there, $back"
}

# interop_row PF-KIND: all VF drivers
interop_row()
{
	local kind

	ip link set wire0 down
	ip link set wire0 address "$WIRE_MAC" up
	for kind in sluice igbvf igb_vf; do
		check "PF $1: both VFs go to $kind" prepare_both $kind $kind
		cell "PF $1, VF $kind, VF to VF" $kind@0 $kind@1
		cell "PF $1, VF $kind, VF to wire" $kind@0 wire
	done
	check "PF $1: a VF each goes to sluice and igbvf" prepare_both sluice igbvf
	cell "PF $1, VF sluice and igbvf, VF to VF" sluice@0 igbvf@1
	print_row "$1"
}

print_row()
{
	local name

	say "sent/arrived there, sent/arrived back"
	for name in "${!matrix[@]}"; do
		say "$name: ${matrix[$name]}"
	done | sort
}
