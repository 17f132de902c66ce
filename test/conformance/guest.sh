#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The conformance cases on QEMU's 82576; the arguments go to run_cases.py.
#
# guest: --ports 1 --wire tap --timeout 1800 --python --with test/conformance
# guest: --with /usr/lib/python3/dist-packages/scapy --with /usr/bin/dpdk-dumpcap
# guest: --with /usr/bin/dpdk-proc-info --with /usr/bin/dpdk-telemetry.py
# with: drivers/net/librte_net_sluice.so

. /guest/lib.sh

pf_bind_vfio "$PF0" || exit
ip link set wire0 mtu 9100 promisc on
ethtool -K wire0 gro off gso off tso off tx off rx off >/dev/null 2>&1
export PYTHONPATH=/host PYTHONDONTWRITEBYTECODE=1
exec python3 /host/conformance/run_cases.py --on guest --results /out/results.json "$@"
