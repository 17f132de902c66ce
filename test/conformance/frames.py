# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Frames that are sent, and what testpmd tells of those that it receives.

Each frame has a serial number: in its source address, which testpmd prints, and in its
payload, which stays when testpmd forwards it with other addresses.
"""

import dataclasses
import itertools
import logging
import re

logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
# pylint: disable=wrong-import-position
from scapy.compat import raw
from scapy.layers.l2 import Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

BROADCAST = "ff:ff:ff:ff:ff:ff"
FOREIGN_MAC = "02:00:00:aa:bb:cc"
PEER_MAC = "02:00:00:00:99:01"
GROUP = "01:00:5e:00:00:05"
OTHER_GROUP = "01:00:5e:01:02:03"
ETHERTYPE_EXPERIMENT = 0x88b5
MIN_BYTES = 60

_serials = itertools.count(1)
_SERIAL_IN_PAYLOAD = re.compile(rb"#(\d{8})#")
_SOURCE = bytes([0x02, 0x5c])


class Frame:
    """What is sent: bytes, with a serial number."""

    def __init__(self, serial, packet):
        self.serial, self.packet = serial, packet
        self.data = raw(packet)

    def __repr__(self):
        return f"{self.packet.summary()} of {len(self.data)} bytes"


def frame(dst, *layers, size=None, payload=b"", ethertype=None):
    """A frame to dst; layers: scapy's, between Ethernet and payload; size: in all, without CRC."""
    serial = next(_serials)
    head = Ether(dst=dst, src=(_SOURCE + serial.to_bytes(4, "big")).hex(":"))
    if not layers:
        head.type = ETHERTYPE_EXPERIMENT if ethertype is None else ethertype
    for layer in layers:
        head = head / layer
    body = b"#%08d#" % serial + payload
    short = (size or MIN_BYTES) - len(raw(head / Raw(body)))
    return Frame(serial, head / Raw(body + bytes(i & 0xff for i in range(max(0, short)))))


def tagged(vlan, inner=None, **more):
    """The layers of a frame with one VLAN tag, or, with an inner one, two."""
    if inner is None:
        return (Dot1Q(vlan=vlan, type=ETHERTYPE_EXPERIMENT, **more),)
    return (Dot1AD(vlan=vlan, **more), Dot1Q(vlan=inner, type=ETHERTYPE_EXPERIMENT, **more))


def serial_of_payload(data):
    match = _SERIAL_IN_PAYLOAD.search(data)
    return int(match[1]) if match else None


@dataclasses.dataclass
class Received:
    """A frame as testpmd prints it with "set verbose 1"."""
    serial: int
    port: int
    length: int
    segments: int
    queue: int
    hash: int
    vlan: int
    outer_vlan: int
    hw_type: tuple
    flags: frozenset


_HEADER = re.compile(r"(?:^|> )port (\d+)/queue (\d+): received \d+ packets", re.M)
_PACKET = re.compile(
    r"^  src=([0-9A-F:]{17}) - dst=[0-9A-F:]{17} - .*?length=(\d+) - nb_segs=(\d+)(.*)\n"
    r"  ol_flags: (.*)$", re.M)


def _number(pattern, text):
    match = re.search(pattern, text)
    return int(match[1], 16) if match else None


def parse_packet(port, match):
    source = bytes.fromhex(match[1].replace(":", ""))
    if source[:2] != _SOURCE:
        return None
    rest = match[4]
    hw_type = re.search(r"hw ptype: (.*?)\s+- ", rest)
    tagged_twice = "QinQ VLAN tci=" in rest
    return Received(
        serial=int.from_bytes(source[2:], "big"), port=port, length=int(match[2]),
        segments=int(match[3]), queue=_number(r"Receive queue=0x([0-9a-f]+)", rest),
        hash=_number(r"RSS hash=0x([0-9a-f]+)", rest),
        vlan=_number(r"VLAN tci=0x([0-9a-f]+)", rest),
        outer_vlan=_number(r"VLAN tci outer=0x([0-9a-f]+)", rest) if tagged_twice else None,
        hw_type=tuple(hw_type[1].split()) if hw_type else (),
        flags=frozenset(match[5].replace("RTE_MBUF_F_RX_", "").split()))


def parse_received(text):
    """All frames of ours that testpmd's output tells of."""
    result = []
    headers = list(_HEADER.finditer(text))
    for index, header in enumerate(headers):
        end = headers[index + 1].start() if index + 1 < len(headers) else len(text)
        for match in _PACKET.finditer(text, header.end(), end):
            packet = parse_packet(int(header[1]), match)
            if packet is not None:
                result.append(packet)
    return result
