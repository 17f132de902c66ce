# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What hardware computes: suites checksum_offload, unified_packet, vxlan, vf_offload."""

import contextlib
import re

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.layers.sctp import SCTP, SCTPChunkData
from scapy.layers.vxlan import VXLAN

from cases_vlan import VLAN, offered, vlan_port
from frames import frame
from framework import case
from port import expect, expect_equal
from testpmd import NotOffered

WRONG = 0x1234
SEGMENT_BYTES = 400
CSUM_TX = {"ip": "IPV4_CKSUM", "udp": "UDP_CKSUM", "tcp": "TCP_CKSUM", "sctp": "SCTP_CKSUM"}
V4 = {"src": "10.0.0.1", "dst": "10.0.0.2"}
V6 = {"src": "2001:db8::1", "dst": "2001:db8::2"}
VXLAN_PORT = 4789


def checksum_port(port, *hardware):
    """testpmd's checksum engine, with the sums of these protocols left to hardware."""
    offered(port, "tx", *(CSUM_TX[name] for name in hardware))
    port.reconfigure(*(f"csum set {name} hw {{}}" for name in hardware),
                     undo=[f"csum set {name} sw {{}}" for name in hardware])
    port.closed("csum")


def right_sums(packet):
    """The packet as it would be with the sums that scapy computes."""
    copy = packet.copy()
    for layer in (IP, TCP, UDP):
        if layer in copy:
            del copy[layer].chksum
    return Ether(bytes(copy))


def sums(packet):
    return [packet[layer].chksum for layer in (IP, TCP, UDP) if layer in packet]


def wrong_frames(port, *tag):
    """Frames with wrong sums: the IPv4 header's, and the payload's."""
    return [frame(port.mac, *tag, IP(**V4, chksum=WRONG), UDP(dport=9, chksum=WRONG)),
            frame(port.mac, *tag, IP(**V4, chksum=WRONG), TCP(dport=9, chksum=WRONG)),
            frame(port.mac, *tag, IPv6(**V6), UDP(dport=9, chksum=WRONG)),
            frame(port.mac, *tag, IPv6(**V6), TCP(dport=9, chksum=WRONG))]


def check_inserted(port, *tag):
    sent = wrong_frames(port, *tag)
    result = port.exchange(*sent, echo=True)
    for one in sent:
        expect(result.back(one), f"{one!r} does not come back")
        back = Ether(result.back(one))
        expect_equal(f"sums of {one!r}", sums(right_sums(back)), sums(back))


@case("checksum_offload", quick=True)
def insert_checksums(port):
    """Sums of IPv4, UDP and TCP are put in by the hardware"""
    checksum_port(port, "ip", "udp", "tcp")
    check_inserted(port)


@case("checksum_offload")
def no_insert_checksums(port):
    """Without the offloads, testpmd's own sums are sent as they are"""
    checksum_port(port)
    check_inserted(port)


@case("checksum_offload")
def vlan_checksum(port):
    """Sums are put in behind a VLAN tag too, and judged there"""
    if port.kind == "vf":
        vlan_port(port, "filter")
        port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    checksum_port(port, "ip", "udp", "tcp")
    check_inserted(port, Dot1Q(vlan=VLAN))


@case("checksum_offload")
def validate_sctp_checksum(port):
    """SCTP's CRC is put in by the hardware"""
    checksum_port(port, "ip", "sctp")
    sent = frame(port.mac, IP(**V4), SCTP(dport=9, chksum=WRONG), SCTPChunkData(data=b"x" * 32))
    back = port.exchange(sent, echo=True).back(sent)
    expect(back, "it does not come back")
    copy = Ether(back)
    del copy[SCTP].chksum
    expect_equal("CRC", Ether(bytes(copy))[SCTP].chksum, Ether(back)[SCTP].chksum)


def judged(port, *names):
    """A port that judges sums, and receives only."""
    offered(port, "rx", *(f"{name.upper()}_CKSUM" for name in names))
    port.reconfigure(*(f"port config {{}} rx_offload {name}_cksum on" for name in names),
                     undo=[f"port config {{}} rx_offload {name}_cksum off" for name in names])
    port.closed("rxonly")


def check_flags(port, expected):
    """expected: [(frame, flags that it must have, flags that it must not have)]"""
    result = port.exchange(*(one for one, _, _ in expected))
    for one, must, must_not in expected:
        got = result.of(one)
        expect(got, f"{one!r} does not arrive")
        expect(set(must) <= got.flags, f"{one!r}: no {must} in {sorted(got.flags)}")
        expect(not set(must_not) & got.flags, f"{one!r}: {must_not} in {sorted(got.flags)}")


L4_GOOD, L4_BAD = ("L4_CKSUM_GOOD",), ("L4_CKSUM_BAD",)
IP_GOOD, IP_BAD = ("IP_CKSUM_GOOD",), ("IP_CKSUM_BAD",)


@case("checksum_offload", quick=True)
def l4_rx_checksum(port):
    """Good and bad sums of TCP are told apart, and no bad one of UDP is called good

    An 82599 may call good UDP bad, so that its drivers take such a verdict for none.
    """
    judged(port, "udp", "tcp")
    check_flags(port, [
        (frame(port.mac, IP(**V4), UDP(dport=9)), L4_GOOD, L4_BAD),
        (frame(port.mac, IP(**V4), UDP(dport=9, chksum=WRONG)), (), L4_GOOD),
        (frame(port.mac, IP(**V4), TCP(dport=9)), L4_GOOD, L4_BAD),
        (frame(port.mac, IP(**V4), TCP(dport=9, chksum=WRONG)), L4_BAD, L4_GOOD),
        (frame(port.mac, IPv6(**V6), TCP(dport=9)), L4_GOOD, L4_BAD),
        (frame(port.mac, IPv6(**V6), TCP(dport=9, chksum=WRONG)), L4_BAD, L4_GOOD)])


@case("checksum_offload", quick=True)
def l3_rx_checksum(port):
    """Good and bad sums of the IPv4 header are told apart"""
    judged(port, "ipv4")
    check_flags(port, [
        (frame(port.mac, IP(**V4), UDP(dport=9)), IP_GOOD, IP_BAD),
        (frame(port.mac, IP(**V4, chksum=WRONG), UDP(dport=9)), IP_BAD, IP_GOOD)])


@case("checksum_offload")
def validate_rx_checksum(port):
    """All combinations of good and bad sums of header and payload"""
    judged(port, "ipv4", "udp", "tcp")
    expected = []
    for layer in (UDP, TCP):
        for ip in ({}, {"chksum": WRONG}):
            for l4 in ({}, {"chksum": WRONG}):
                expected.append((frame(port.mac, IP(**V4, **ip), layer(dport=9, **l4)),
                                 (IP_BAD if ip else IP_GOOD), (IP_GOOD if ip else IP_BAD)))
                if not ip:
                    expected.append((frame(port.mac, IP(**V4), layer(dport=9, **l4)),
                                     (L4_BAD if l4 and layer is TCP else () if l4 else L4_GOOD),
                                     (L4_GOOD if l4 else L4_BAD)))
    check_flags(port, expected)


# --- unified_packet ---

def announced(port):
    """The packet types that the driver says it tells apart, without their RTE_PTYPE_."""
    answer = port.must("show port {} ptypes")
    return set(re.findall(r"\b(?:INNER_)?(?:L[234]|TUNNEL)_\w+", answer))


def check_types(port, expected, kind=None):
    """expected: [(frame, what its packet type must be)]; L2_ETHER may be missing.

    kind: a type that hardware must know for that; a driver that does not announce it offers
    nothing. Wrong is also what is more than expected: a layer that is not there.
    """
    if kind is not None and kind not in announced(port):
        raise NotOffered(f"packet type {kind} is not announced")
    port.closed("rxonly")
    port.must("set port {} ptype_mask 0x0fffffff")      # testpmd wants none when it starts
    result = port.exchange(*(one for one, _ in expected))
    for one, words in expected:
        got = result.of(one)
        expect(got, f"{one!r} does not arrive")
        expect_equal(f"packet type of {one!r}", set(words.split()) - {"L2_ETHER"},
                     set(got.hw_type) - {"L2_ETHER"})


@case("unified_packet")
def l2_packet_detect(port):
    """Frames that are not IP have no type of layer 3"""
    check_types(port, [(frame(port.mac), "L2_ETHER"), (frame(port.mac, ethertype=0x88cc),
                                                       "L2_ETHER")])


@case("unified_packet", quick=True)
def l3_l4_packet_detect(port):
    """IPv4 with UDP, TCP, SCTP, and others"""
    check_types(port, [
        (frame(port.mac, IP(**V4, proto=253)), "L3_IPV4"),
        (frame(port.mac, IP(**V4), UDP(dport=9)), "L3_IPV4 L4_UDP"),
        (frame(port.mac, IP(**V4), TCP(dport=9)), "L3_IPV4 L4_TCP"),
        (frame(port.mac, IP(**V4), SCTP(dport=9)), "L3_IPV4 L4_SCTP"),
        (frame(port.mac, IP(**V4), ICMP()), "L3_IPV4")], "L3_IPV4")


@case("unified_packet")
def ipv6_l4_packet_detect(port):
    """IPv6 with UDP and TCP"""
    check_types(port, [
        (frame(port.mac, IPv6(**V6, nh=59)), "L3_IPV6"),
        (frame(port.mac, IPv6(**V6), UDP(dport=9)), "L3_IPV6 L4_UDP"),
        (frame(port.mac, IPv6(**V6), TCP(dport=9)), "L3_IPV6 L4_TCP")], "L3_IPV6")


@case("unified_packet")
def l3_tunnel_packet_detect(port):
    """IPv6 and its payload inside IPv4"""
    check_types(port, [
        (frame(port.mac, IP(**V4), IPv6(**V6), UDP(dport=9)),
         "L3_IPV4 TUNNEL_IP INNER_L3_IPV6 INNER_L4_UDP"),
        (frame(port.mac, IP(**V4), IPv6(**V6), TCP(dport=9)),
         "L3_IPV4 TUNNEL_IP INNER_L3_IPV6 INNER_L4_TCP")], "TUNNEL_IP")


@case("unified_packet")
def gre_tunnel_packet_detect(port):
    """IPv4 inside GRE"""
    check_types(port, [(frame(port.mac, IP(**V4), GRE(), IP(**V4), UDP(dport=9)),
                        "L3_IPV4 TUNNEL_GRE INNER_L3_IPV4 INNER_L4_UDP")], "TUNNEL_GRE")


@case("unified_packet")
def vxlan_tunnel_packet_detect(port):
    """A frame inside VXLAN"""
    outer = "L3_IPV4_EXT_UNKNOWN L4_UDP TUNNEL_VXLAN INNER_L2_ETHER"
    with vxlan_port(port):
        check_types(port, [
            (frame(port.mac, *in_vxlan(IP(**V4), UDP(dport=9))),
             f"{outer} INNER_L3_IPV4 INNER_L4_UDP"),
            (frame(port.mac, *in_vxlan(IPv6(**V6), TCP(dport=9))),
             f"{outer} INNER_L3_IPV6 INNER_L4_TCP")], "TUNNEL_VXLAN")


@case("unified_packet")
def nsh_packet_detect(port):
    """A frame with a network service header has that type, or none"""
    check_types(port, [(frame(port.mac, ethertype=0x894f), "L2_ETHER_NSH")], "L2_ETHER_NSH")


# --- vxlan ---

def in_vxlan(*layers, **outer):
    """The layers of a frame inside VXLAN; its own UDP has no checksum, as is usual."""
    return (IP(**V4, **outer), UDP(dport=VXLAN_PORT, chksum=0), VXLAN(vni=1), Ether(), *layers)


@contextlib.contextmanager
def vxlan_port(port):
    """The device knows VXLAN by its UDP port, which is the PF's to say."""
    pf = port.pf or port
    pf.must(f"port config {{}} udp_tunnel_port add vxlan {VXLAN_PORT}")
    try:
        yield
    finally:
        pf.do(f"port config {{}} udp_tunnel_port rm vxlan {VXLAN_PORT}")


def tunnel_sums(packet):
    """The outer header's, and those inside."""
    return [packet[IP].chksum] + sums(packet[VXLAN].payload)


def right_tunnel_sums(packet):
    copy = packet.copy()
    inside = copy[VXLAN].payload
    del copy[IP].chksum
    for layer in (IP, TCP, UDP):
        if layer in inside:
            del inside[layer].chksum
    return tunnel_sums(Ether(bytes(copy)))


@case("vxlan")
def vxlan_ipv4_checksum_offload(port):
    """Sums of a frame inside VXLAN and of the outer IPv4 header are put in by the hardware"""
    offered(port, "tx", "OUTER_IPV4_CKSUM", *(CSUM_TX[name] for name in ("ip", "udp", "tcp")))
    layers = ("ip", "udp", "tcp", "outer-ip")
    port.reconfigure(*(f"csum set {name} hw {{}}" for name in layers), "csum parse-tunnel on {}",
                     undo=["csum parse-tunnel off {}",
                           *(f"csum set {name} sw {{}}" for name in layers)])
    port.closed("csum")
    sent = [frame(port.mac, *in_vxlan(IP(**V4, chksum=WRONG), UDP(dport=9, chksum=WRONG),
                                      chksum=WRONG)),
            frame(port.mac, *in_vxlan(IP(**V4, chksum=WRONG), TCP(dport=9, chksum=WRONG),
                                      chksum=WRONG)),
            frame(port.mac, *in_vxlan(IPv6(**V6), TCP(dport=9, chksum=WRONG), chksum=WRONG))]
    result = port.exchange(*sent, echo=True)
    for one in sent:
        expect(result.back(one), f"{one!r} does not come back")
        back = Ether(result.back(one))
        expect_equal(f"sums of {one!r}", right_tunnel_sums(back), tunnel_sums(back))


@case("vxlan")
def vxlan_rx_checksum(port):
    """Wrong sums of the outer header, the inner one and the payload are told apart"""
    judged(port, "ipv4", "tcp", "outer_ipv4")
    good, outer_bad = (*IP_GOOD, *L4_GOOD), ("OUTER_IP_CKSUM_BAD",)
    with vxlan_port(port):
        check_flags(port, [
            (frame(port.mac, *in_vxlan(IP(**V4), TCP(dport=9))), good, outer_bad),
            (frame(port.mac, *in_vxlan(IP(**V4), TCP(dport=9), chksum=WRONG)),
             (*good, *outer_bad), (*IP_BAD, *L4_BAD)),
            (frame(port.mac, *in_vxlan(IP(**V4, chksum=WRONG), TCP(dport=9))),
             (*IP_BAD, *L4_GOOD), outer_bad),
            (frame(port.mac, *in_vxlan(IP(**V4), TCP(dport=9, chksum=WRONG))),
             (*IP_GOOD, *L4_BAD), outer_bad)])


# --- vf_offload ---

@case("vf_offload", kinds="vf", places="model sluiced guest", quick=True)
def vf_checksums_both_ways(port):
    """A VF judges what it receives and sums what it sends, at once"""
    judged(port, "ipv4", "udp", "tcp")
    checksum_port(port, "ip", "udp", "tcp")
    check_inserted(port)


def segments_of(port, sent):
    """What comes from the port for a frame."""
    every = map(Ether, port.exchange(sent, echo=True).every)
    return [packet for packet in every if TCP in packet]


def cut(port, layer):
    """(payload, segments) of a frame that testpmd has the hardware cut."""
    offered(port, "tx", "TCP_TSO", "TCP_CKSUM", "MULTI_SEGS")
    port.reconfigure("csum set tcp hw {}", "csum set ip hw {}", f"tso set {SEGMENT_BYTES} {{}}",
                     undo=["tso set 0 {}", "csum set tcp sw {}", "csum set ip sw {}"])
    port.closed("csum")
    payload = bytes(index * 7 & 0xff for index in range(1350))
    sent = frame(port.mac, layer, TCP(dport=9, seq=1000, flags="PA"), payload=payload)
    return bytes(sent.packet[TCP].payload), segments_of(port, sent)


def check_tso(port, layer):
    whole, segments = cut(port, layer)
    expect_equal("payloads", [len(whole[at:at + SEGMENT_BYTES])
                              for at in range(0, len(whole), SEGMENT_BYTES)],
                 [payload_bytes(one) for one in segments])
    at = 0
    for index, one in enumerate(segments):
        size = payload_bytes(one)
        expect_equal(f"segment {index}: sequence number", 1000 + at, one[TCP].seq)
        expect(bytes(one[TCP].payload)[:size] == whole[at:at + size],
               f"segment {index}: other content")
        expect_equal(f"segment {index}: sums", sums(right_sums(one)), sums(one))
        at += size


def payload_bytes(packet):
    """Of TCP, without Ethernet's padding."""
    if IP in packet:
        return packet[IP].len - 4 * packet[IP].ihl - 4 * packet[TCP].dataofs
    return packet[IPv6].plen - 4 * packet[TCP].dataofs


@case("rx_tx_offload", quick=True)
def tso_ipv4(port):
    """TCP over IPv4 is cut into segments with the right numbers and sums"""
    check_tso(port, IP(**V4))


@case("rx_tx_offload")
def tso_ipv6(port):
    """TCP over IPv6 is cut into segments with the right numbers and sums"""
    check_tso(port, IPv6(**V6))


@case("rx_tx_offload")
def tso_flags(port):
    """Of the segments, the last one alone has PSH"""
    _, segments = cut(port, IP(**V4))
    expect(segments, "no segments come back")
    expect_equal("PSH", [False] * (len(segments) - 1) + [True],
                 ["P" in one[TCP].flags for one in segments])
