#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The PF as an ordinary NIC, without VFs, in the stock dpdk-testpmd: who gets the device,
# devargs, filters, frame sizes, stop and start, reset, close.
#
# guest: --ports 1 --wire tap --timeout 300 --with test/guest/stack.sh
# guest: --with test/guest/frames.sh --with test/guest/nic.sh
# with: test/traffic/frames-dpdk test/traffic/frames-sock test/traffic/secondary
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh
. /host/stack.sh
. /host/frames.sh
. /host/nic.sh

# check_driver NAME DRIVER DEVARGS: who drives the PF with the in-tree driver loaded first
check_driver()
{
	local PMDS="$PMDS net_e1000" driver

	nic_start -a "$PF0$3" -- --disable-device-start
	driver=$(nic_field 'Driver name')
	check_equal "$1" "$2" "$driver"
	testpmd_stop nic
}

try_who_drives()
{
	check_driver "net_e1000 loaded first: net_sluice_pf gets the PF" net_sluice_pf ""
	check_driver "sluice=off: net_e1000_igb gets the PF" net_e1000_igb ,sluice=off
}

try_bad_devarg()
{
	nic_start -a "$PF0,sluice=maybe" --
	check_equal "sluice=maybe is refused, in one line" \
		"sluice: $PF0: sluice=maybe: allowed is on, off" "$(nic_log)"
	check "no port comes of it" grep -q 'No probed ethernet devices' "$(testpmd_log nic)"
	testpmd_stop nic
}

try_close()
{
	nic stop
	nic "port stop 0"
	check "port close" closes
	check "testpmd ends with status 0" testpmd_stop nic
}

closes()
{
	nic "port close 0"
	[[ $(testpmd_do nic "show port info 0") == *"Invalid port 0"* ]]
}

check "vfio-pci gets the PF" pf_bind_vfio "$PF0"
wire_up 9000
try_who_drives
try_bad_devarg
check "testpmd starts" nic_start -a "$PF0" --
check "its link comes up" nic_ready
try_addresses
try_groups
try_promiscuous
takes "VLAN filter off: tagged" 32 60 "$MAC" --vlan 5
try_vlans
try_counters port_rx_good_packets port_tx_good_packets
try_sizes
try_secondary "$PF0"
try_restarts
try_close
try_payload "$PF0"
finish
