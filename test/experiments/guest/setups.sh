# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The ways by which a tenant of the experiments has the network, and what they cost. Needs
# /guest/lib.sh, stack.sh, and a guest with two ports and EXTRA_DEVICES (see messages.sh).
#
#   native          the tenant drives a PF, PF1
#   sriov           a VF of PF0, which sluiced owns
#   pv-virtio-user  virtio-user, and vhost in a stock testpmd that polls it and PF1
#   pv-tap          a TAP, Linux's bridge, and PF1 under Linux's igb
#   pv-vhost-net    virtio-user, and vhost in the kernel with a TAP; else as pv-tap
#   pv-virtio-net   QEMU's virtio-net, pv-vmxnet3: QEMU's vmxnet3; what they cost QEMU is not seen
#
# The processors: 0 for all else, 1 for the software switch, 2 and on for the tenants.

NB_VFS=4
PMDS="bus_pci bus_vdev mempool_ring"	# what guest_testpmd loads
VMXNET3_SLOT=0000:00:18.0 VIRTIO_NET=0000:00:19.0
# The extra wires' ends
VMXNET3_WIRE=0000:00:08.0 VIRTIO_NET_WIRE=0000:00:09.0
NB_CPUS=$(nproc)
declare -A tenant_pid tenant_mac

fail()
{
	say "$*"
	exit 1
}

# setups_begin: what lasts for the whole run
setups_begin()
{
	local vf vfs=()

	for ((vf = 0; vf < NB_VFS; vf++)); do
		vfs+=("{\"vf\": $vf, \"mac\": \"02:00:00:00:10:0$vf\"}")
	done
	config_for "$PF0" "${vfs[@]}"
	sluiced_start || fail "sluiced does not start"
	VMXNET3=$(basename "$(echo "/sys/bus/pci/devices/$VMXNET3_SLOT/"0*.0)")
	name_wire $VMXNET3_WIRE wire-vmxnet3
	name_wire $VIRTIO_NET_WIRE wire-virtio-net
	modprobe -a tun bridge vhost_net
}

# name_wire BDF NAME: of the wires that init does not know; in throughput.sh there are none
name_wire()
{
	local netdev

	netdev=$(netdev_of "$1") || return 0
	ip link set "$netdev" down
	ip link set "$netdev" name "$2" up
}

# wire_of SETUP: the netdev that its frames come to
wire_of()
{
	case $1 in
	sriov) printf 'wire0\n' ;;
	pv-vmxnet3 | pv-virtio-net) printf 'wire-%s\n' "${1#pv-}" ;;
	*) printf 'wire1\n' ;;
	esac
}

# setup_up SETUP TENANTS: all that is below the tenants
setup_up()
{
	case $1 in
	native) pf_bind_vfio "$PF1" ;;
	pv-virtio-user) pf_bind_vfio "$PF1" && switch_up -d "$PLUGIN" -a "$PF1" ;;
	pv-tap | pv-vhost-net) pf_bind_igb "$PF1" && bridge_up "$(netdev_of "$PF1")" ;;
	pv-virtio-net) bind vfio-pci $VIRTIO_NET ;;
	pv-vmxnet3) bind vfio-pci "$VMXNET3" ;;
	esac
}

# setup_joined SETUP TENANTS: what is done once they run
setup_joined()
{
	local i

	[[ $1 == pv-tap || $1 == pv-vhost-net ]] || return 0
	for ((i = 0; i < $2; i++)); do
		join_bridge "tenant$i" "fe:00:00:00:71:0$i" || return
	done
}

# join_bridge TAP MAC: an address that is not its tenant's, whose frames the bridge would keep
join_bridge()
{
	ip link set "$1" down && ip link set "$1" address "$2" && brctl addif br0 "$1" &&
		ip link set "$1" up
}

setup_down()
{
	case $1 in
	pv-virtio-user) testpmd_stop switch ;;
	pv-tap | pv-vhost-net) ip link del br0 ;;
	esac
}

# switch_up EAL...: a stock testpmd between its first port and its second
switch_up()
{
	rm -f /run/vhost0 /run/vhost1
	testpmd_start switch --lcores 0@0,1@1 -d /guest/pmds/librte_net_vhost.so "$@" \
		--vdev net_vhost0,iface=/run/vhost0 -- --forward-mode=io --disable-link-check &&
		testpmd_do switch start >/dev/null
}

bridge_up()
{
	ip link add br0 type bridge && ip link set br0 up && [[ -z ${1-} ]] ||
		brctl addif br0 "$1"
}

# tenant_eal SETUP I: EAL's options of tenant I for its port, one a line
tenant_eal()
{
	case $1 in
	native) printf -- '-d\n%s\n-a\n%s\n' "$PLUGIN" "$PF1" ;;
	sriov) printf -- '-d\n%s\n-a\n%s\n' "$PLUGIN" "$(vf_bdf "$PF0" "$2")" ;;
	pv-virtio-user)
		printf -- '-d\n/guest/pmds/librte_net_virtio.so\n--no-pci\n'
		printf -- '--single-file-segments\n--vdev\nnet_virtio_user0,path=/run/vhost%d,' "$2"
		printf 'mac=02:00:00:00:70:0%d\n' "$2"
		;;
	pv-vhost-net)
		printf -- '-d\n/guest/pmds/librte_net_virtio.so\n--no-pci\n'
		printf -- '--single-file-segments\n--vdev\nnet_virtio_user0,path=/dev/vhost-net,'
		printf 'iface=tenant%d,queue_size=256,mac=02:00:00:00:72:0%d\n' "$2" "$2"
		;;
	pv-tap)
		printf -- '-d\n/guest/pmds/librte_net_tap.so\n--no-pci\n--vdev\nnet_tap0,'
		printf 'iface=tenant%d,mac=02:00:00:00:71:0%d\n' "$2" "$2"
		;;
	pv-virtio-net)
		printf -- '-d\n/guest/pmds/librte_net_virtio.so\n-a\n%s\n' $VIRTIO_NET
		;;
	pv-vmxnet3) printf -- '-d\n/guest/pmds/librte_net_vmxnet3.so\n-a\n%s\n' "$VMXNET3" ;;
	esac
}

# tenant_start SETUP I poll|sleep: echo-tenant; its address goes to tenant_mac
tenant_start()
{
	local eal log=/run/tenant$2.log

	mapfile -t eal < <(pmd_options; tenant_eal "$1" "$2")
	: >"$log"
	echo-tenant -l 2 --file-prefix "tenant$2" -m 32 --vfio-vf-token "$VF_TOKEN" \
		"${eal[@]}" -- "$3" >"$log" 2>&1 &
	tenant_pid[$2]=$!
	wait_for 60 tenant_settled "$2"
	tenant_mac[$2]=$(sed -n 's/^ready //p' "$log")
	[[ -n ${tenant_mac[$2]} ]] || {
		cat "$log"
		return 1
	}
}

tenant_settled()
{
	grep -q '^ready' "/run/tenant$1.log" || ! kill -0 "${tenant_pid[$1]}"
}

tenant_stop()
{
	kill -TERM "${tenant_pid[$1]}"
	wait "${tenant_pid[$1]}"
}

# --- What is measured ---

# The time, and for how long all processors together have been idle since the start, in us
stand()
{
	local cpu user nice system idle iowait

	read -r cpu user nice system idle iowait _ </proc/stat
	printf '%s %s\n' "${EPOCHREALTIME/./}" $(((idle + iowait) * 10000))
}

# busy_us TIME IDLE TIME IDLE: how long processors were busy between two stands, added up
busy_us()
{
	local busy=$((($3 - $1) * NB_CPUS - ($4 - $2)))

	printf '%d\n' $((busy > 0 ? busy : 0))
}

# ratio A B [FACTOR]: with three digits
ratio()
{
	awk -v a="$1" -v b="$2" -v by="${3-1}" 'BEGIN { printf "%.3f\n", b ? a / b * by : 0 }'
}

# result EXPERIMENT SETUP X METRIC VALUE UNIT ROUND: X as JSON, without braces
result()
{
	printf 'RESULT {"experiment": "%s", "setup": "%s", "place": "guest", "x": {%s}, ' \
		"$1" "$2" "$3"
	printf '"metric": "%s", "value": %s, "unit": "%s", "round": %d}\n' "${@:4}"
}
