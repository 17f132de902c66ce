# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""VLAN tags: suites vlan, dual_vlan, vf_vlan."""

import itertools

from scapy.layers.l2 import Dot1Q

from frames import ETHERTYPE_EXPERIMENT, frame, tagged
from framework import case
from port import expect, expect_equal
from testpmd import NotOffered

VLAN, OTHER_VLAN, INSERTED = 5, 6, 51
OUTER, INNER = 1, 2
TAG_BYTES = 4


def offered(port, direction, *names):
    missing = [name for name in names if name not in port.offloads(direction)]
    if missing:
        raise NotOffered(f"no {direction} offload {', '.join(missing)}")


def vlan_port(port, *on, mode="mac"):
    """A port with VLAN offloads on: strip, filter, qinq_strip. On a stopped port, as DPDK's
    drivers take some of them only so."""
    names = {"strip": "VLAN_STRIP", "filter": "VLAN_FILTER", "qinq_strip": "QINQ_STRIP"}
    offered(port, "rx", *(names[one] for one in on))
    port.reconfigure(*(f"vlan set {one} on {{}}" for one in on),
                     undo=[f"vlan set {one} off {{}}" for one in on])
    port.closed(mode)


def tag_of(data):
    """The first VLAN tag's TCI, or None."""
    has_tag = data[12:14] in (b"\x81\x00", b"\x88\xa8")
    return int.from_bytes(data[14:16], "big") if has_tag else None


def may_send(port, vlan):
    """A VF may send in VLANs that it has joined: its PF may look for spoofed ones."""
    if port.kind == "vf" and "VLAN_FILTER" in port.offloads("rx"):
        vlan_port(port, "filter")
        port.must(f"rx_vlan add {vlan} {{}}", undo=f"rx_vlan rm {vlan} {{}}")


@case("vlan", quick=True)
def vlan_receipt_no_stripping(port):
    """A frame of a VLAN that was joined keeps its tag"""
    vlan_port(port, "filter")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    sent = frame(port.mac, *tagged(VLAN))
    result = port.exchange(sent, echo=True)
    expect(result.of(sent), "it does not arrive")
    expect_equal("length", len(sent.data), result.of(sent).length)
    expect_equal("tag of what comes back", VLAN, tag_of(result.back(sent)))


@case("vlan", quick=True)
def vlan_receipt_stripping(port):
    """With stripping the tag is in the mbuf, and no longer in the frame"""
    vlan_port(port, "strip", "filter")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    sent, plain = frame(port.mac, *tagged(VLAN, prio=3), size=100), frame(port.mac)
    result = port.exchange(sent, plain, echo=True)
    expect(result.of(sent), "it does not arrive")
    expect_equal("length", len(sent.data) - TAG_BYTES, result.of(sent).length)
    expect_equal("tag in the mbuf", 3 << 13 | VLAN, result.of(sent).vlan)
    expect("VLAN_STRIPPED" in result.of(sent).flags, "no flag VLAN_STRIPPED")
    expect_equal("tag of what comes back", None, tag_of(result.back(sent)))
    expect_equal("tag of an untagged frame", None, result.of(plain) and result.of(plain).vlan)


@case("vlan", quick=True)
def vlan_no_receipt(port):
    """With the filter on, frames of other VLANs do not arrive, nor of one that was left"""
    vlan_port(port, "filter", mode="rxonly")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    port.takes("joined", frame(port.mac, *tagged(VLAN)), frame(port.mac))
    port.ignores("another VLAN", frame(port.mac, *tagged(OTHER_VLAN)))
    port.must(f"rx_vlan rm {VLAN} {{}}")
    port.ignores("left", frame(port.mac, *tagged(VLAN)))


@case("vlan", quick=True)
def vlan_header_insertion(port):
    """What is sent gets the tag that testpmd was told"""
    offered(port, "tx", "VLAN_INSERT")
    may_send(port, INSERTED)
    port.reconfigure(f"tx_vlan set {{}} {INSERTED}", undo=["tx_vlan reset {}"])
    port.closed("mac")
    sent = frame(port.mac, size=100)
    back = port.exchange(sent, echo=True).back(sent)
    expect(back, "it does not come back")
    expect_equal("length", len(sent.data) + TAG_BYTES, len(back))
    expect_equal("tag", INSERTED, tag_of(back))


@case("dual_vlan")
def insert_second_vlan(port):
    """A frame that has a tag gets a second one before it"""
    offered(port, "tx", "VLAN_INSERT")
    vlan_port(port, "filter")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    may_send(port, INSERTED)
    port.reconfigure(f"tx_vlan set {{}} {INSERTED}", undo=["tx_vlan reset {}"])
    port.forward()
    sent = frame(port.mac, *tagged(VLAN), size=100)
    back = port.exchange(sent, echo=True).back(sent)
    expect(back, "it does not come back")
    expect_equal("outer tag", INSERTED, tag_of(back))
    expect_equal("inner tag and payload", sent.data[12:], back[16:])


def two_tags(port, prio=0):
    return frame(port.mac, Dot1Q(vlan=OUTER, prio=prio),
                 Dot1Q(vlan=INNER, prio=prio, type=ETHERTYPE_EXPERIMENT), size=100)


@case("dual_vlan")
def all_vlan_functions(port):
    """Strip and filter treat the outer of two tags, in all combinations"""
    offered(port, "rx", "VLAN_STRIP", "VLAN_FILTER")
    for strip, outer, inner in itertools.product((False, True), repeat=3):
        joined = [VLAN] + [OUTER] * outer + [INNER] * inner
        vlan_port(port, *["strip"] * strip, "filter", mode="rxonly")
        for vlan in joined:
            port.must(f"rx_vlan add {vlan} {{}}", undo=f"rx_vlan rm {vlan} {{}}")
        sent = two_tags(port)
        got = port.exchange(sent).of(sent)
        what = f"strip {strip}, outer joined {outer}, inner joined {inner}"
        expect_equal(f"{what}: arrives", outer, got is not None)
        if outer:
            expect_equal(f"{what}: length and tag in the mbuf",
                         (len(sent.data) - TAG_BYTES * strip, OUTER if strip else None),
                         (got.length, got.vlan if strip else None))
        port.restore()


@case("dual_vlan")
def maintains_priority(port):
    """Two tags and their priorities stay as they are"""
    vlan_port(port, "filter")
    port.must(f"rx_vlan add {OUTER} {{}}", undo=f"rx_vlan rm {OUTER} {{}}")
    sent = two_tags(port, prio=6)
    back = port.exchange(sent, echo=True).back(sent)
    expect_equal("all behind the addresses", sent.data[12:], (back or b"")[12:])


@case("vf_vlan", kinds="vf", places="model sluiced guest")
def many_vlans(port):
    """Several VLANs can be joined at once, and left one by one"""
    vlan_port(port, "filter", mode="rxonly")
    vlans = (1, 2, 100, 4094)
    for vlan in vlans:
        port.must(f"rx_vlan add {vlan} {{}}")
    port.takes("all joined", *(frame(port.mac, *tagged(vlan)) for vlan in vlans))
    for index, vlan in enumerate(vlans):
        port.must(f"rx_vlan rm {vlan} {{}}")
        port.ignores("left", frame(port.mac, *tagged(vlan)))
        port.takes("still joined", *(frame(port.mac, *tagged(rest)) for rest in vlans[index + 1:]))


@case("vf_vlan", kinds="vf", places="model sluiced guest")
def restart_keeps_vlans(port):
    """After stop and start the VLANs are joined as before"""
    vlan_port(port, "filter", mode="rxonly")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    port.reconfigure()
    port.forward("rxonly")
    port.takes("joined", frame(port.mac, *tagged(VLAN)))
    port.ignores("another", frame(port.mac, *tagged(OTHER_VLAN)))
