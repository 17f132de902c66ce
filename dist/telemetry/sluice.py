# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluiced's VFs for dpdk-telemetry-exporter.py, which comes with DPDK from 23.11 on:

    dpdk-telemetry-exporter.py -p DIRECTORY-OF-THIS-FILE -s /run/dpdk/sluiced/dpdk_telemetry.v2

The names and labels are those of sriov-network-metrics-exporter; the exporter puts its own
"dpdk_sluice_" before them.
"""

# Of /sluice/vf: (its name there, ours, what it is)
VF_COUNTERS = (
    ("counters_rx_packets", "sriov_vf_rx_packets", "Frames that the VF received."),
    ("counters_rx_bytes", "sriov_vf_rx_bytes", "Bytes that the VF received."),
    ("counters_tx_packets", "sriov_vf_tx_packets", "Frames that the VF sent."),
    ("counters_tx_bytes", "sriov_vf_tx_bytes", "Bytes that the VF sent."),
    ("counters_rx_multicast", "sriov_vf_rx_multicast", "Multicast frames that the VF received."),
    ("counters_malicious", "sriov_vf_malicious", "Queues that were stopped as malicious."),
    ("counters_requests", "sriov_vf_requests", "Mailbox requests of the VF."),
    ("counters_acked", "sriov_vf_acked", "Mailbox requests that were granted."),
    ("counters_nacked", "sriov_vf_nacked", "Mailbox requests that were refused."),
    ("counters_malformed", "sriov_vf_malformed", "Mailbox requests that made no sense."),
    ("counters_resets", "sriov_vf_resets", "Resets that the VF asked for."),
    ("counters_flrs", "sriov_vf_flrs", "Function level resets of the VF."),
)

# Of /sluice/pf, as gauges.
PF_GAUGES = (
    ("link_up", "sriov_pf_link_up", "Whether the PF has link."),
    ("link_mbps", "sriov_pf_link_mbps", "Speed of the link, Mbit/s; 0 without one."),
    ("num_vfs", "sriov_pf_num_vfs", "How many VFs the PF has."),
)


def info():
    """{name: (what it is, type)}"""
    return {**{name: (what, "counter") for _, name, what in VF_COUNTERS},
            **{name: (what, "gauge") for _, name, what in PF_GAUGES}}


def numa_label(pf):
    """Empty where the machine does not say, as with the exporter whose labels these are."""
    return "" if pf["numa_node"] < 0 else str(pf["numa_node"])


def metrics(sock):
    """[(name, value, labels)]"""
    found = []
    for address in sock.cmd("/sluice/pf"):
        pf = sock.cmd("/sluice/pf", address)
        labels = {"pf": address, "numa_node": numa_label(pf)}
        found += [(name, pf[key], labels) for key, name, _ in PF_GAUGES]
        for number in sock.cmd("/sluice/vf", address):
            vf = sock.cmd("/sluice/vf", f"{address},{number}")
            labels = {"pciAddr": vf["pci"], "pf": address, "vf": number,
                      "numa_node": numa_label(pf)}
            found += [(name, vf[key], labels) for key, name, _ in VF_COUNTERS]
    return found
