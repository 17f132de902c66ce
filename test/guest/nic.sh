# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What is asked of a NIC, PF or VF: tests of port 0 of a testpmd called "nic", which counts
# what the wire sends, and of the same device in frames-dpdk, which judges the payload.
# Needs /guest/lib.sh, stack.sh and frames.sh.

# shellcheck disable=SC2034  # lib.sh reads it
PMDS="bus_pci bus_vdev mempool_ring"
BROADCAST=ff:ff:ff:ff:ff:ff
OTHER_MAC=02:00:00:aa:bb:cc
GROUP=01:00:5e:00:00:05
OTHER_GROUP=01:00:5e:01:02:03
MARKS=4 MARK_BYTES=1000

# nic_start ARGS...: with our driver, as testpmd_start. Its lcores may run anywhere, for then
# EAL lets its interrupt thread, which answers the VFs' mailboxes, run anywhere too. Pinned
# to the one CPU that the lcores leave over, it waits whenever igbvf, in this very kernel,
# waits there for its answer: igbvf spins with softirqs off, for a second.
nic_start()
{
	testpmd_start nic --lcores "(0,1)@(0-$(($(nproc) - 1)))" -d "$PLUGIN" "$@"
}

# nic_ready: its link is up, it counts what it receives; its address is in MAC
nic_ready()
{
	wait_for 60 nic_has_link || return
	MAC=$(nic_field 'MAC address')
	nic "set promisc 0 off"
	nic "set allmulti 0 off"
	nic "set fwd rxonly"
	nic start
}

nic()
{
	testpmd_do nic "$1" >/dev/null
}

nic_field()
{
	testpmd_do nic "show port info 0" | sed -nE "s/^$1: *//p"
}

nic_has_link()
{
	[[ $(testpmd_do nic "show port info 0") == *"Link status: up"* ]]
}

# nic_log: what our drivers and the default service have said
nic_log()
{
	grep 'sluice: ' "$(testpmd_log nic)"
}

# nic_restart COMMAND...: testpmd's, while the port is stopped
nic_restart()
{
	local command

	nic stop
	nic "port stop 0"
	for command; do
		nic "$command"
	done
	nic "port start 0"
	wait_for 60 nic_has_link || return
	nic start
}

nic_restart_five_times()
{
	local i

	for ((i = 0; i < 5; i++)); do
		nic_restart || return
	done
}

# nic_rx: "PACKETS BYTES"
nic_rx()
{
	testpmd_do nic "show port stats 0" |
		sed -nE 's/.*RX-packets: *([0-9]+).*RX-bytes: *([0-9]+).*/\1 \2/p'
}

xstat()
{
	testpmd_do nic "show port xstats 0" | sed -nE "s/^$1: *//p"
}

from_wire()
{
	frames-sock --netdev wire0 --mode send "$@" >/run/sender.log 2>&1
}

# takes NAME EXPECTED SIZE DST [OPTION...]: of 32 frames from the wire, the port counts
# EXPECTED. Marks, broadcasts of another size, follow; once these have been counted,
# nothing is still on its way.
takes()
{
	local name=$1 expected=$2 size=$3 dst=$4 was
	shift 4

	was=$(nic_rx)
	from_wire --count 32 --size "$size" --dst "$dst" "$@"
	from_wire --count $MARKS --size $MARK_BYTES --dst $BROADCAST
	[[ $* != *--vlan* ]] || size=$((size + 4))
	TAKEN=none
	wait_for 60 marks_counted "$size" "$was"
	if [[ $TAKEN == "$expected" ]]; then
		ok "$name"
	else
		not_ok "$name" "expected: $expected"$'\n'"actual:   $TAKEN"$'\n'"$(nic_log | tail)"
	fi
}

# Of PACKETS with BYTES in all, the marks are those that make the sum differ.
marks_counted()
{
	local packets bytes was_packets was_bytes

	read -r packets bytes < <(nic_rx)
	read -r was_packets was_bytes <<<"$2"
	packets=$((packets - was_packets))
	bytes=$((bytes - was_bytes))
	TAKEN=$((packets - MARKS))
	((bytes - $1 * packets == MARKS * (MARK_BYTES - $1)))
}

try_addresses()
{
	takes "own address" 32 60 "$MAC"
	takes "another address: filtered" 0 60 $OTHER_MAC
	takes "broadcast" 32 60 $BROADCAST
	nic "mac_addr add 0 $OTHER_MAC"
	takes "address added" 32 60 $OTHER_MAC
	nic "mac_addr remove 0 $OTHER_MAC"
	takes "address removed" 0 60 $OTHER_MAC
	nic "mac_addr set 0 $OTHER_MAC"
	takes "default address set" 32 60 $OTHER_MAC
	takes "the former one: filtered" 0 60 "$MAC"
	nic "mac_addr set 0 $MAC"
}

try_groups()
{
	takes "multicast: filtered" 0 60 $GROUP
	nic "mcast_addr add 0 $GROUP"
	takes "multicast group joined" 32 60 $GROUP
	takes "another group: filtered" 0 60 $OTHER_GROUP
	nic "mcast_addr remove 0 $GROUP"
	takes "multicast group left" 0 60 $GROUP
	nic "set allmulti 0 on"
	takes "all multicast" 32 60 $OTHER_GROUP
	nic "set allmulti 0 off"
	takes "no longer all multicast" 0 60 $OTHER_GROUP
}

try_promiscuous()
{
	nic "set promisc 0 on"
	takes "promiscuous" 32 60 $OTHER_MAC
	nic "set promisc 0 off"
	takes "no longer promiscuous" 0 60 $OTHER_MAC
	takes "nor all multicast" 0 60 $OTHER_GROUP
}

try_vlans()
{
	nic "vlan set filter on 0"
	takes "VLAN filter on: tagged, not joined" 0 60 "$MAC" --vlan 5
	takes "VLAN filter on: untagged" 32 60 "$MAC"
	nic "rx_vlan add 5 0"
	takes "VLAN joined" 32 60 "$MAC" --vlan 5
	takes "another VLAN: filtered" 0 60 "$MAC" --vlan 6
	takes "frames of 1514 bytes and a tag" 32 1514 "$MAC" --vlan 5
	nic "rx_vlan rm 5 0"
	takes "VLAN left" 0 60 "$MAC" --vlan 5
	nic "vlan set filter off 0"
}

try_sizes()
{
	takes "frames of 1514 bytes" 32 1514 "$MAC"
	takes "frames of 1600 bytes are too long" 0 1600 "$MAC"
	check "MTU 9000" nic_restart "port config mtu 0 9000"
	takes "frames of 9014 bytes, in several mbufs" 32 9014 "$MAC"
	takes "frames of 60 bytes among them" 32 60 "$MAC"
	check "MTU 1500 again" nic_restart "port config mtu 0 1500"
	takes "frames of 9014 bytes are too long again" 0 9014 "$MAC"
}

try_restarts()
{
	check "stop and start, five times" nic_restart_five_times
	takes "it receives after that" 32 60 "$MAC"
	check "port reset" nic_restart "port reset 0"
	takes "it receives after a reset" 32 60 "$MAC"
	takes "its filters hold after a reset" 0 60 $OTHER_MAC
}

wire_received()
{
	cat /sys/class/net/wire0/statistics/rx_packets
}

tx_counted()
{
	(($(testpmd_counter nic 0 TX-packets) == $1))
}

wire_counted()
{
	(($(wire_received) >= $1))
}

# try_counters RX-XSTAT TX-XSTAT: of the hardware, to agree with those of the driver
try_counters()
{
	local before

	before=$(wire_received)
	nic "clear port stats 0"
	nic "clear port xstats 0"
	check_equal "counters cleared" "0 0" "$(nic_rx)"
	takes "32 frames after that" 32 60 "$MAC"
	nic stop
	nic "set eth-peer 0 $WIRE_MAC"
	nic "start tx_first 8"
	check "8 bursts of 32 frames: 256 counted" wait_for 60 tx_counted 256
	wait_for 60 wire_counted $((before + 256))
	check_equal "the wire counts them too" 256 "$(($(wire_received) - before))"
	check_equal "xstats: good packets" "36 256" \
		"$(xstat rx_good_packets) $(xstat tx_good_packets)"
	check_equal "xstats: the hardware's, $1 and $2" "36 256" "$(xstat "$1") $(xstat "$2")"
}

# try_payload BDF: without testpmd
try_payload()
{
	listen wire0
	emit "sluice@$1" --dst "$WIRE_MAC" --mtu 9000 --size 60-9014 --segments 3 --burst 16
	check_heard "to the wire: 60 to 9014 bytes in three segments and more"
	listen "sluice@$1" --mtu 9000
	emit wire0 --dst "$READY_MAC" --size 60-9014 --burst 16
	check_heard "from the wire: 60 to 9014 bytes, scattered"
}

secondary_settled()
{
	grep -q '^ready' /run/secondary.log || ! kill -0 "$SECONDARY"
}

# try_secondary BDF: a second process polls the port, and changes nothing else of it. Its
# counters are shared; those of the hardware it shows as testpmd's process read them. A pool's
# operations are told by their place in a table: of those preloaded testpmd has some first.
try_secondary()
{
	local eal before rc

	nic stop
	before=$(nic_rx)
	mapfile -t eal < <(eal_options sluice)
	LD_PRELOAD=librte_mempool_dpaa.so.23 secondary -l 1 --proc-type=secondary \
		--file-prefix nic "${eal[@]}" -a "$1" -- 32 >/run/secondary.log 2>&1 &
	SECONDARY=$!
	wait_for 60 secondary_settled
	from_wire --count 32 --dst "$MAC"
	wait $SECONDARY
	rc=$?
	check_equal "a second process may not change the port, and answers its frames" 0 $rc
	((rc == 0)) || cat /run/secondary.log
	check_equal "testpmd counts them" $((${before% *} + 32)) "$(nic_rx | cut -d' ' -f1)"
	check_equal "the second process shows the counters that testpmd shows" \
		"$(testpmd_do nic "show port xstats 0" | grep -E '^[rt]x_good')" \
		"$(grep -E '^[rt]x_good' /run/secondary.log)"
	nic start
}
