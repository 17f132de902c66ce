# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions for guest scripts that run Sluice itself: the daemon, the CLI, sluice-fwd, and
# the test program frames over any of the VF drivers. Needs /guest/lib.sh.

CONFIG=/run/sluiced.json
PLUGIN=/host/librte_net_sluice.so

# --- sluiced ---

# config_for PF VF-OBJECT...: writes $CONFIG; each object is one entry of "vfs"
config_for()
{
	local pf=$1 IFS=,
	shift

	printf '{"ports": [{"pci": "%s", "num_vfs": %d, "vfs": [%s]}]}\n' "$pf" $# "$*" >"$CONFIG"
}

# sluiced_start [KEEPER]: the daemon with $CONFIG, or who keeps it; returns when it serves,
# fails with its log
sluiced_start()
{
	local began=${EPOCHREALTIME/./}

	mkdir -p /var/lib
	"$@" sluiced -c "$CONFIG" >/run/sluiced.log 2>&1 &
	SLUICED=$!
	wait_for 60 sluiced_settled
	sluicectl show >/dev/null 2>&1 || {
		cat /run/sluiced.log
		return 1
	}
	SLUICED_READY_MS=$(((${EPOCHREALTIME/./} - began) / 1000))
	VF_TOKEN=$(sluicectl token)
}

sluiced_settled()
{
	sluicectl show || ! kill -0 "$SLUICED"
}

# sluiced_stop: the daemon's exit status
sluiced_stop()
{
	kill -TERM "$SLUICED"
	wait "$SLUICED"
}

# resident_mb PID: what a process holds, hugepages included
resident_mb()
{
	awk '/^(VmRSS|HugetlbPages):/ { kb += $2 } END { printf "%d\n", (kb + 1023) / 1024 }' \
		"/proc/$1/status"
}

hugepages_mb()
{
	awk '/^HugetlbPages:/ { printf "%d\n", $2 / 1024 }' "/proc/$1/status"
}

# --- VF drivers: sluice (ours), igb_vf (DPDK's), igbvf (Linux's) ---

# eal_options DRIVER: what a DPDK program needs to drive VFs by it
eal_options()
{
	local pmd

	for pmd in bus_pci bus_vdev mempool_ring; do
		printf -- '-d\n/guest/pmds/librte_%s.so\n' "$pmd"
	done
	case $1 in
	sluice) printf -- '-d\n%s\n' "$PLUGIN" ;;
	igb_vf) printf -- '-d\n/guest/pmds/librte_net_e1000.so\n' ;;
	esac
	printf -- '--vfio-vf-token\n%s\n-m\n64\n' "$VF_TOKEN"
}

# mac_of BDF: the address of a netdev
mac_of()
{
	cat "$(pci_dir "$1")/net/"*/address
}
