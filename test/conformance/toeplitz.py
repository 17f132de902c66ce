# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The hash of RSS in software, from Microsoft's description of it."""

import ipaddress

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6


def toeplitz(key, data):
    """For each bit of data that is set, the 32 bits of the key from there on are added."""
    bits = int.from_bytes(key, "big")
    length = 8 * len(key)
    result = 0
    for index in range(8 * len(data)):
        if data[index // 8] >> (7 - index % 8) & 1:
            result ^= bits >> (length - 32 - index) & 0xffffffff
    return result


def flow_of(packet):
    """The bytes that are hashed: addresses, and the ports of TCP."""
    layer = packet.getlayer(IP) or packet.getlayer(IPv6)
    flow = ipaddress.ip_address(layer.src).packed + ipaddress.ip_address(layer.dst).packed
    if TCP in packet:
        flow += packet[TCP].sport.to_bytes(2, "big") + packet[TCP].dport.to_bytes(2, "big")
    return flow
