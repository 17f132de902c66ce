#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# sluice-cni with VFs of Linux's igbvf, whose netdevs go into network namespaces and come back, and
# with one on vfio-pci. IPAM is the distribution's. What needs no kernel is test/model's.
#
# guest: --ports 1 --wire tap --timeout 120 --with test/guest/stack.sh
# guest: --with /usr/lib/cni/host-local --with doc/kubernetes.md
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-cni/sluice-cni
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh

POD_MAC=(02:00:00:00:c0:00 02:00:00:00:c0:01)
NETWORK=pods
mkdir -p /var/lib

# conf VF KEYS: the network's configuration, for a VF; KEYS are more of it
conf()
{
	printf '{"cniVersion": "1.0.0", "name": "%s", "type": "sluice-cni", "deviceID": "%s", %s
		"ipam": {"type": "host-local", "dataDir": "/run/ipam",
		"ranges": [[{"subnet": "10.9.0.0/24"}], [{"subnet": "fd00:9::/64"}]],
		"routes": [{"dst": "10.8.0.0/16", "gw": "10.9.0.200"}]}}' \
		"$NETWORK" "$(vf_bdf "$PF0" "$1")" "$2"
}

# cni COMMAND POD CONF: what the plugin says is in /run/said
cni()
{
	CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=net1 CNI_PATH=/host \
		sluice-cni <<<"$3" >/run/said
}

# cni_fails CODE WORD ARGS...: with that code, and a word of the message
cni_fails()
{
	local code=$1 word=$2
	shift 2

	! cni "$@" && grep -q "\"code\": $code," /run/said && grep -qF -- "$word" /run/said
}

# keys N: what pod N wants of its VF
keys()
{
	printf '"mac": "%s", "vlan": 30, ' "${POD_MAC[$1]}"
}

# with_result KEYS: and what ADD said, as a runtime hands it on
with_result()
{
	printf '%s"prevResult": %s,' "$1" "$(<"/run/result-$2")"
}

mac_in()
{
	ip -n "$1" -br link show net1 | awk '{ print $3 }'
}

policies()
{
	sluicectl show --json | grep -o '"policy":{[^}]*}'
}

start()
{
	config_for "$PF0" '{"vf": 0, "driver": "igbvf"}' '{"vf": 1, "driver": "igbvf"}' '{"vf": 2}'
	modprobe igbvf
	sluiced_start || return
	for vf in 0 1; do
		wait_for 60 netdev_of "$(vf_bdf "$PF0" $vf)" || return
	done
	HOST_NAME=$(netdev_of "$(vf_bdf "$PF0" 0)")
	HOST_MAC=$(mac_of "$(vf_bdf "$PF0" 0)")
	FRESH=$(policies)
	ip netns add pod0 && ip netns add pod1 && ip netns add pod2
}

# listen_in POD: what its interface hears of others' addresses goes to /run/heard
listen_in()
{
	ip netns exec "$1" tcpdump -n -l -i net1 'arp or icmp6' >/run/heard 2>/run/heard.log &
	LISTENER=$!
	wait_for 60 grep -q 'listening on' /run/heard.log
}

hears()
{
	grep -qE "$1" /run/heard
}

try_add()
{
	local pod

	for pod in 0 1; do
		check "ADD: igbvf's netdev goes to pod$pod" cni ADD pod$pod \
			"$(conf $pod "$(keys $pod)")"
		cp /run/said /run/result-$pod
		check_equal "pod$pod: its address is the configuration's" "${POD_MAC[pod]}" \
			"$(mac_in pod$pod)"
		check "pod$pod: the result has it" grep -q "\"mac\": \"${POD_MAC[pod]}\"" /run/said
		check "CHECK agrees" cni CHECK pod$pod \
			"$(conf $pod "$(with_result "$(keys $pod)" $pod)")"
		((pod != 0)) || listen_in pod0
	done
	check "pod0 hears the announcement of pod1's IPv4 address" wait_for 60 hears \
		"10\.9\.0\.3.* 10\.9\.0\.3|Announcement 10\.9\.0\.3"
	check "pod0 hears the advertisement of pod1's IPv6 address" wait_for 60 hears \
		"neighbor advertisement, tgt is fd00:9::3"
	kill "$LISTENER"
	check "pod0 reaches pod1, in their VLAN" ip netns exec pod0 ping -q -c 3 -W 10 10.9.0.3
	check "pod0 has the route" eval \
		"ip -n pod0 route show 10.8.0.0/16 | grep -q 'via 10.9.0.200 dev net1'"
	check "ADD: a name that the namespace has" cni_fails 101 net1 ADD pod1 "$(conf 2 '')"
	check "a VF on vfio-pci has no netdev to move" cni ADD pod2 "$(conf 2 '"trust": "on", ')"
	check "its result names the device" grep -qF "$(vf_bdf "$PF0" 2)" /run/said
}

try_refusals()
{
	local all

	all=$(policies)
	ip netns add pod3
	ip netns attach own $$
	ip -n pod3 link add net1 type dummy
	cni DEL pod1 "$(conf 1 "$(keys 1)")"
	check "ADD: the interface is there already" cni_fails 101 net1 ADD pod3 \
		"$(conf 1 '"vlan": 9, ')"
	ip -n pod3 link del net1
	check "ADD: IPAM fails" cni_fails 7 nothing ADD pod3 \
		"$(conf 1 '"vlan": 9, ' | sed s/host-local/nothing/)"
	check "and the netdev is back" netdev_of "$(vf_bdf "$PF0" 1)"
	check "ADD: not into the host's own namespace" cni_fails 4 CNI_NETNS ADD own "$(conf 1 '')"
	check "ADD: no such namespace" cni_fails 3 CNI_NETNS ADD nowhere "$(conf 1 '')"
	check "pod1 gets its VF again" cni ADD pod1 "$(conf 1 "$(keys 1)")"
	check_equal "and all is as it was" "$all" "$(policies)"
}

try_check()
{
	local good

	good=$(conf 0 "$(with_result "$(keys 0)" 0)")
	ip -n pod0 link set net1 down
	check "CHECK: the interface is down" cni_fails 102 down CHECK pod0 "$good"
	ip -n pod0 link set net1 up
	ip -n pod0 addr flush dev net1
	check "CHECK: its address is gone" cni_fails 102 10.9.0.2 CHECK pod0 "$good"
	ip -n pod0 addr add 10.9.0.2/24 dev net1
	ip -n pod0 addr add fd00:9::2/64 dev net1
	check "CHECK: all is there again" cni CHECK pod0 "$good"
}

home_again()
{
	[[ $(netdev_of "$(vf_bdf "$PF0" 0)") == "$HOST_NAME" ]]
}

try_del()
{
	check "DEL" cni DEL pod0 "$(conf 0 "$(keys 0)")"
	check_equal "the netdev is home, by its name" "$HOST_NAME" \
		"$(netdev_of "$(vf_bdf "$PF0" 0)")"
	check_equal "with its address" "$HOST_MAC" "$(mac_of "$(vf_bdf "$PF0" 0)")"
	check "DEL again" cni DEL pod0 "$(conf 0 "$(keys 0)")"
	cni ADD pod0 "$(conf 0 "$(keys 0)")"
	ip netns del pod0
	check "DEL after the namespace's end" cni DEL pod0 "$(conf 0 "$(keys 0)")"
	check "the netdev is home, by its name" home_again
	check "DEL of pod1" cni DEL pod1 "$(conf 1 '')"
	check "DEL of pod2" cni DEL pod2 "$(conf 2 '')"
	check_equal "all policies are as before" "$FRESH" "$(policies)"
	check_equal "nothing is remembered" "" "$(ls /var/lib/cni/sluice)"
	check_equal "no address is reserved" "" \
		"$(find /run/ipam -name '10.*' -o -name 'fd00:*')"
}

# guide KIND: the blocks of the documentation that are marked so
guide()
{
	sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" /host/kubernetes.md | grep -v '^```'
}

# Word for word; meanwhile the VF is in the VLAN, and trusted.
try_guide()
{
	local line seen=

	guide json | sed "s/0000:01:10.0/$(vf_bdf "$PF0" 0)/" >net.json
	while read -r line <&3; do
		check "the documentation: $line" eval "$line"
		[[ $line != *show* ]] || seen=$(sluicectl show vf 0)
	done 3< <(guide sh)
	check "ADD of the documentation: VLAN 20, trusted" grep -qE " 20/0 +on " <<<"$seen"
	check_equal "and DEL took it back" "$FRESH" "$(policies)"
}

try_without_daemon()
{
	local gone

	gone=$(conf 2 '')
	cni ADD pod2 "$(conf 2 '"trust": "on", ')"
	kill -KILL "$SLUICED"
	wait "$SLUICED" 2>/dev/null
	check "DEL: the daemon died, its VF is there" cni_fails 11 sluiced DEL pod2 "$gone"
	vfs_remove "$PF0"
	check "DEL: neither is there" cni DEL pod2 "$gone"
	check_equal "nothing is remembered" "" "$(ls /var/lib/cni/sluice)"
}

check "sluiced with two VFs of igbvf and one on vfio-pci" start
try_add
try_refusals
try_check
try_del
try_guide
try_without_daemon
finish
