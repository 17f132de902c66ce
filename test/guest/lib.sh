# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions for scripts that run in the guest: verdicts, waiting, PCI drivers, VFs,
# testpmd. A script starts with:  . /guest/lib.sh
# and ends with:                  finish
# doc/testing.md lists them with the environment that a script finds.

VF_TOKEN=14d63f20-8445-11ea-8900-1f9ce7d5650d	# shared by all DPDK processes on one PF
PMDS="bus_pci bus_vdev mempool_ring net_e1000"	# what guest_testpmd loads
passed=0 failed=0 skipped=0
declare -A testpmd_pid testpmd_in

say()
{
	printf '# %s\n' "$*"
}

# --- Verdicts: TAP lines, which ./run test counts ---

ok()
{
	passed=$((passed + 1))
	printf 'ok %d - %s\n' $((passed + failed + skipped)) "$1"
}

# not_ok NAME [WHY]
not_ok()
{
	failed=$((failed + 1))
	printf 'not ok %d - %s\n' $((passed + failed + skipped)) "$1"
	[[ -z ${2-} ]] || printf '%s\n' "$2" | sed 's/^/#   /'
}

# skip NAME WHY
skip()
{
	skipped=$((skipped + 1))
	printf 'ok %d - %s # SKIP %s\n' $((passed + failed + skipped)) "$1" "$2"
}

# check NAME CMD...: the verdict is CMD's status; its output is shown if it fails. CMD
# runs in this shell, so it may set variables.
check()
{
	local name=$1 rc=0
	shift

	"$@" >/run/check.log 2>&1 || rc=$?
	if ((rc == 0)); then
		ok "$name"
	else
		not_ok "$name" "$* failed with status $rc"$'\n'"$(tail -n 60 /run/check.log)"
	fi
}

# check_equal NAME EXPECTED ACTUAL
check_equal()
{
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "expected: $2"$'\n'"actual:   $3"
	fi
}

finish()
{
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	exit $((failed > 0 || passed + skipped == 0))
}

# --- Waiting ---

# wait_for SECONDS CMD...: until CMD succeeds; fails when the seconds are over
wait_for()
{
	local end=$((SECONDS + $1 + 1))
	shift

	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# --- PCI devices and their drivers ---

pci_dir()
{
	printf '/sys/bus/pci/devices/%s' "$1"
}

# driver_of BDF: the name of the driver, or nothing
driver_of()
{
	local link

	link=$(readlink "$(pci_dir "$1")/driver") || return 0
	printf '%s\n' "${link##*/}"
}

is_bound_to()
{
	[[ $(driver_of "$2") == "$1" ]]
}

# netdev_of BDF: the name of the device's first netdev
netdev_of()
{
	local dir

	for dir in "$(pci_dir "$1")"/net/* "$(pci_dir "$1")"/virtio*/net/*; do
		if [[ -e $dir ]]; then
			printf '%s\n' "${dir##*/}"
			return
		fi
	done
	return 1
}

iommu_group_of()
{
	local link

	link=$(readlink "$(pci_dir "$1")/iommu_group") && printf '%s\n' "${link##*/}"
}

unbind()
{
	local driver

	driver=$(driver_of "$1")
	[[ -z $driver ]] || printf '%s' "$1" >"/sys/bus/pci/drivers/$driver/unbind"
	printf '\n' >"$(pci_dir "$1")/driver_override"
}

# bind DRIVER BDF: by driver_override, since a VF under a PF of vfio-pci is kept for
# vfio-pci that way, and a VF made with autoprobe off accepts no plain bind
bind()
{
	is_bound_to "$1" "$2" && return
	modprobe "$1" || return
	unbind "$2" || return
	printf '%s' "$1" >"$(pci_dir "$2")/driver_override"
	printf '%s' "$2" >/sys/bus/pci/drivers_probe
	wait_for 60 is_bound_to "$1" "$2" || {
		say "$2 is not bound to $1 but to '$(driver_of "$2")'"
		return 1
	}
}

pf_bind_vfio()
{
	bind vfio-pci "$1"
}

# pf_bind_igb BDF: the kernel's PF driver; its netdev is up when this returns
pf_bind_igb()
{
	bind igb "$1" && wait_for 60 netdev_of "$1" && ip link set "$(netdev_of "$1")" up
}

# wire_link PORT up|down: the cable of PF number PORT is put in, or pulled out
wire_link()
{
	printf 'link %s %s\n' "$1" "$2" >/run/host
}

# qemu_trace EVENT on|off: whether QEMU logs it, wherever --qemu='-D FILE' lets it
qemu_trace()
{
	printf 'trace %s %s\n' "$1" "$2" >/run/host
}

# --- VFs ---

# vfs_create PF N: N VFs. Under a PF of the kernel they have no driver yet; under
# vfio-pci they are bound to vfio-pci.
vfs_create()
{
	local dir

	dir=$(pci_dir "$1")
	printf 0 >"$dir/sriov_drivers_autoprobe"
	printf '%s' "$2" >"$dir/sriov_numvfs" || return
	wait_for 60 test -e "$dir/virtfn$(($2 - 1))"
}

vfs_remove()
{
	printf 0 >"$(pci_dir "$1")/sriov_numvfs"
}

# vf_bdf PF N: the address of VF number N, from 0
vf_bdf()
{
	local link

	link=$(readlink "$(pci_dir "$1")/virtfn$2") && printf '%s\n' "${link##*/}"
}

# --- Kernel netdevs ---

# netns_with NAME NETDEV ADDRESS/BITS: a network namespace with the netdev in it, up
netns_with()
{
	ip netns add "$1" && ip link set "$2" netns "$1" || return
	ip -n "$1" link set lo up
	ip -n "$1" addr add "$3" dev "$2" && ip -n "$1" link set "$2" up
}

has_carrier()
{
	[[ $(ip -n "$1" -br link show "$2") == *LOWER_UP* ]]
}

# --- testpmd ---

pmd_options()
{
	local pmd

	for pmd in $PMDS; do
		printf -- '-d\n/guest/pmds/librte_%s.so\n' "$pmd"
	done
}

# guest_testpmd EAL-OPTIONS -- TESTPMD-OPTIONS: with the drivers of $PMDS, and buffers for
# a small memory. The caller gives -a, --file-prefix and two lcores at least, the first of
# which does not forward: --lcores 0@0,1@1.
guest_testpmd()
{
	local options

	mapfile -t options < <(pmd_options)
	stdbuf -oL dpdk-testpmd "${options[@]}" --vfio-vf-token "$VF_TOKEN" -m 64 "$@" \
		--total-num-mbufs=4096
}

testpmd_log()
{
	printf '/run/testpmd-%s.log' "$1"
}

# testpmd_start NAME ARGS...: guest_testpmd in the background, waiting for commands;
# fails, and shows its log, if there is no prompt within a minute
testpmd_start()
{
	local name=$1 fifo=/run/testpmd-$1.in in
	shift

	rm -f "$fifo"
	mkfifo "$fifo"
	: >"$(testpmd_log "$name")"	# an older prompt is not this one's
	guest_testpmd --file-prefix "$name" "$@" --interactive \
		<"$fifo" >"$(testpmd_log "$name")" 2>&1 &
	testpmd_pid[$name]=$!
	exec {in}<>"$fifo"		# open for reading too: no SIGPIPE if testpmd is gone
	testpmd_in[$name]=$in
	wait_for 60 testpmd_settled "$name" 1
	if ! kill -0 "${testpmd_pid[$name]}" 2>/dev/null; then
		cat "$(testpmd_log "$name")"
		testpmd_stop "$name"
		return 1
	fi
}

testpmd_prompts()
{
	grep -o 'testpmd> ' "$(testpmd_log "$1")" | wc -l
}

# testpmd_settled NAME N: whether N prompts have been seen, or testpmd has ended
testpmd_settled()
{
	(($(testpmd_prompts "$1") >= $2)) || ! kill -0 "${testpmd_pid[$1]}" 2>/dev/null
}

# testpmd_do NAME COMMAND: prints what testpmd answers
testpmd_do()
{
	local log size prompts

	log=$(testpmd_log "$1")
	size=$(stat -c %s "$log")
	prompts=$(testpmd_prompts "$1")
	printf '%s\n' "$2" >&"${testpmd_in[$1]}"
	wait_for 60 testpmd_settled "$1" $((prompts + 1)) || return
	tail -c "+$((size + 1))" "$log"
}

# testpmd_counter NAME PORT COUNTER: RX-packets, TX-packets, RX-missed ... of a port
testpmd_counter()
{
	testpmd_do "$1" "show port stats $2" | sed -nE "s/.*\b$3: *([0-9]+).*/\1/p"
}

testpmd_stop()
{
	local in=${testpmd_in[$1]-}

	[[ -n $in ]] || return
	unset "testpmd_in[$1]"
	printf 'quit\n' >&"$in"
	exec {in}>&-
	wait "${testpmd_pid[$1]}"
}
