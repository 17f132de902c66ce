#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The demo: real TCP between two Linux stacks, through sluice-fwd on two of our VFs, with
# sluiced owning the PF and answering a VF of Linux's igbvf as well.
#
#   client (netns, VLAN 10 on the wire) -> VF0 (VLAN 10) -> sluice-fwd -> VF1 (VLAN 20)
#     -> the NIC's own switch -> VF2 (VLAN 20, Linux igbvf) -> server (netns)
#
# Leaves result.json and capture.pcap in /out. Fails if anything is not as it should be.
# guest: --ports 1 --wire tap --timeout 180 --with test/guest/stack.sh
# with: app/sluiced/sluiced app/sluicectl/sluicectl app/sluice-fwd/sluice-fwd
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh

BULK_MB=8
BULK_FRAMES=$((BULK_MB * 1024 * 1024 / 1448))	# at least: no segment holds more
CLIENT_IP=10.10.0.1
SERVER_IP=10.10.0.2
MAC_VF0=02:00:00:00:10:00
MAC_VF1=02:00:00:00:20:01
MAC_VF2=02:00:00:00:20:02
FWD_JSON=/run/sluice-fwd.json
declare -A result

# Show the log of whoever is to blame, and end.
give_up()
{
	say "$1"
	tail -n 30 /run/sluiced.log /run/sluice-fwd.log 2>/dev/null
	exit 1
}

start_daemon()
{
	config_for "$PF0" \
		"{\"vf\": 0, \"mac\": \"$MAC_VF0\", \"vlan\": 10}" \
		"{\"vf\": 1, \"mac\": \"$MAC_VF1\", \"vlan\": 20}" \
		"{\"vf\": 2, \"mac\": \"$MAC_VF2\", \"vlan\": 20, \"driver\": \"igbvf\"}"
	modprobe igbvf
	sluiced_start || give_up "sluiced did not start"
	say "sluiced owns $PF0 and serves 3 VFs after $SLUICED_READY_MS ms"
}

# Both ends have the next hop's address fixed: sluice-fwd rewrites addresses as a router
# does, and answers no ARP.
start_server()
{
	local netdev

	wait_for 60 netdev_of "$(vf_bdf "$PF0" 2)" || give_up "igbvf has no netdev for VF2"
	netdev=$(netdev_of "$(vf_bdf "$PF0" 2)")
	netns_with server "$netdev" $SERVER_IP/24
	ip -n server neigh add $CLIENT_IP lladdr $MAC_VF1 dev "$netdev" nud permanent
	wait_for 60 has_carrier server "$netdev" || give_up "VF2 (igbvf) has no link"
	SERVER_NETDEV=$netdev
}

start_client()
{
	ip netns add client
	ip link set wire0 netns client
	ip -n client link set wire0 up
	ip -n client link add link wire0 name vlan10 type vlan id 10
	ip -n client addr add $CLIENT_IP/24 dev vlan10
	ip -n client link set vlan10 up
	ip -n client neigh add $SERVER_IP lladdr $MAC_VF0 dev vlan10 nud permanent
	MAC_CLIENT=$(ip netns exec client cat /sys/class/net/vlan10/address)
}

start_forwarder()
{
	local eal

	mapfile -t eal < <(eal_options sluice)
	sluice-fwd -l 1 --file-prefix fwd "${eal[@]}" \
		-a "$(vf_bdf "$PF0" 0)" -a "$(vf_bdf "$PF0" 1)" -- \
		--mac-mode rewrite --eth-dest "0,$MAC_CLIENT" --eth-dest "1,$MAC_VF2" \
		--promisc off --capture /out/capture.pcap --stats-json "$FWD_JSON" \
		>/run/sluice-fwd.log 2>&1 &
	FWD=$!
	wait_for 60 grep -q 'sluice-fwd: forwarding' /run/sluice-fwd.log ||
		give_up "sluice-fwd did not start"
}

try_ping()
{
	check "ping: 10 of 10 answered" \
		ip netns exec client ping -q -c 10 -i 0.2 -W 5 $SERVER_IP
}

try_bulk()
{
	local began sent received

	head -c $((BULK_MB * 1024 * 1024)) /dev/urandom >/run/bulk
	# Its input stays open: a server that has nothing to say would end the connection.
	ip netns exec server nc -l -p 5001 < <(sleep 100) >/run/bulk.received &
	wait_for 60 listens_on 5001
	began=${EPOCHREALTIME/./}
	ip netns exec client timeout 90 nc $SERVER_IP 5001 </run/bulk
	wait $!
	result[bulk_ms]=$(((${EPOCHREALTIME/./} - began) / 1000))
	sent=$(sha256sum </run/bulk)
	received=$(sha256sum </run/bulk.received)
	check_equal "bulk TCP: $BULK_MB MB arrived with the same SHA-256" "$sent" "$received"
}

listens_on()
{
	[[ -n $(ip netns exec server ss -Hltn "sport = :$1") ]]
}

try_http()
{
	mkdir -p /run/www
	head -c 300000 /dev/urandom | base64 >/run/www/page
	ip netns exec server httpd -f -p 80 -h /run/www &
	HTTPD=$!
	wait_for 60 listens_on 80
	ip netns exec client curl -sS --max-time 60 -o /run/page http://$SERVER_IP/page
	check "HTTP: the page fetched is the page served" cmp /run/page /run/www/page
	kill $HTTPD
}

json_number()
{
	sed -nE "s/.*\"$2\": *([0-9]+).*/\1/p" "$1" | head -n 1
}

# vf_counter VF COUNTER, as sluiced knows it
vf_counter()
{
	sluicectl show vf "$1" --json | tr ',{}' '\n\n\n' | sed -nE "s/.*\"$2\": *([0-9]+).*/\1/p" |
		head -n 1
}

# netdev_counter NETNS NETDEV rx|tx
netdev_counter()
{
	ip netns exec "$1" cat "/sys/class/net/$2/statistics/$3_packets"
}

measure()
{
	local vf side

	result[sluiced_ready_ms]=$SLUICED_READY_MS
	result[sluiced_mb]=$(resident_mb "$SLUICED")
	result[fwd_mb]=$(resident_mb "$FWD")
	result[fwd_hugepages_mb]=$(hugepages_mb "$FWD")
	for vf in 0 1 2; do
		result[vf${vf}_rx]=$(vf_counter $vf rx_packets)
		result[vf${vf}_tx]=$(vf_counter $vf tx_packets)
		result[vf${vf}_requests]=$(vf_counter $vf requests)
		result[vf${vf}_nacked]=$(vf_counter $vf nacked)
	done
	for side in rx tx; do
		result[client_$side]=$(netdev_counter client vlan10 $side)
		result[server_$side]=$(netdev_counter server "$SERVER_NETDEV" $side)
	done
}

stop_all()
{
	kill -TERM $FWD
	wait $FWD
	check_equal "sluice-fwd ended cleanly" 0 $?
	result[captured]=$(tcpdump -r /out/capture.pcap 2>/dev/null | wc -l)
	ip netns del server
	bind vfio-pci "$(vf_bdf "$PF0" 2)"
	sluiced_stop
	check_equal "sluiced ended cleanly" 0 $?
	check_equal "sluiced removed its VFs" 0 "$(<"$(pci_dir "$PF0")/sriov_numvfs")"
}

at_least()
{
	(($1 >= $2))
}

judge()
{
	local hop

	for hop in vf0_rx vf1_tx vf2_rx captured; do
		check "$hop saw all of the bulk transfer" at_least "${result[$hop]}" $BULK_FRAMES
	done
	check "igbvf's requests were answered by sluiced" at_least "${result[vf2_requests]}" 3
	check "sluiced holds 100 MB or less" at_least 100 "${result[sluiced_mb]}"
	check "sluice-fwd runs in 64 MB of hugepages" at_least 64 "${result[fwd_hugepages_mb]}"
}

row()
{
	printf '  %-22s %-26s %10s %10s %10s %8s\n' "$@"
}

vf_row()
{
	row "$2" "$3" "${result[vf$1_rx]}" "${result[vf$1_tx]}" "${result[vf$1_requests]}" \
		"${result[vf$1_nacked]}"
}

table()
{
	printf '\n'
	row hop owner rx tx requests refused
	row "client, VLAN 10" "Linux, netns client" \
		"${result[client_rx]}" "${result[client_tx]}" - -
	vf_row 0 "VF0, VLAN 10" "sluice-fwd, net_sluice_vf"
	vf_row 1 "VF1, VLAN 20" "sluice-fwd, net_sluice_vf"
	vf_row 2 "VF2, VLAN 20" "Linux igbvf, netns server"
	row "PF $PF0" "sluiced, net_sluice_pf" - - - -
	printf '\n  sluiced: ready in %d ms, %d MB resident with hugepages\n' \
		"${result[sluiced_ready_ms]}" "${result[sluiced_mb]}"
	printf '  sluice-fwd: %d MB resident, of which %d MB hugepages\n' \
		"${result[fwd_mb]}" "${result[fwd_hugepages_mb]}"
	printf '  bulk TCP: %d MB in %d ms; %d packets captured\n\n' \
		"$BULK_MB" "${result[bulk_ms]}" "${result[captured]}"
}

write_json()
{
	local key separator=

	{
		printf '{\n  "passed": %d,\n  "failed": %d,\n  "figures": {' "$passed" "$failed"
		for key in $(printf '%s\n' "${!result[@]}" | sort); do
			printf '%s\n    "%s": %d' "$separator" "$key" "${result[$key]}"
			separator=,
		done
		printf '\n  },\n  "sluice_fwd": '
		cat "$FWD_JSON"
		printf '}\n'
	} >/out/result.json
}

start_daemon
start_server
start_client
start_forwarder
try_ping
try_bulk
try_http
measure
stop_all
judge
table
write_json
finish
