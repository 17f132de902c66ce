# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The port as a whole: suites smoke_tests, mtu, port_control, port_restart_config_persistency,
port_stats, l2fwd, buffer_scatter."""

import re

from scapy.layers.inet import IP, UDP

from cases_queues import with_queues
from frames import FOREIGN_MAC, OTHER_GROUP, frame
from framework import case
from port import expect, expect_equal
from testpmd import NotOffered

HEAD_BYTES = 14
TAGS_BYTES = 8              # what a driver may leave room for
DRIVERS = {
    ("sluice", "pf"): ("net_sluice_pf",), ("sluice", "vf"): ("net_sluice_vf",),
    ("in-tree", "pf"): ("net_e1000_igb", "net_ixgbe"),
    ("in-tree", "vf"): ("net_e1000_igb_vf", "net_ixgbe_vf"),
}


@case("smoke_tests", quick="model guest")
def device_bound_to_driver(port):
    """testpmd has the port, with the driver under test, an address and a link"""
    info = port.info()
    expect(info["Driver name"] in DRIVERS[port.rig.pmd, port.kind],
           f"its driver is {info['Driver name']}")
    expect_equal("link", "up", info["Link status"])
    expect(int(info["MAC address"][:2], 16) & 1 == 0, f"its address is {info['MAC address']}")


@case("smoke_tests", quick="model guest")
def devices_listed_in_testpmd(port):
    """The port is in testpmd's summary, and takes and sends a frame"""
    summary = port.do("show port summary {}")
    expect(port.info()["MAC address"] in summary, f"not in the summary: {summary}")
    port.forward()
    sent = frame(port.mac)
    expect(port.exchange(sent, echo=True).back(sent), "a frame is not sent back")


def want_segments(port):
    """What comes in several buffers goes out so."""
    if "MULTI_SEGS" in port.offloads("tx"):
        port.reconfigure("port config {} tx_offload multi_segs on",
                         undo=["port config {} tx_offload multi_segs off"])


def set_mtu(port, mtu):
    """On a VF's port, for the PF first: an 82599 has one limit for both."""
    if port.pf is not None:
        port.stop()
        port.pf.reconfigure(f"port config mtu {{}} {mtu}")
    port.reconfigure(f"port config mtu {{}} {mtu}")


def check_limit(port, mtu):
    """Frames up to the MTU arrive, and come back whole; longer ones do not arrive."""
    port.forward()
    small, full = frame(port.mac), frame(port.mac, size=mtu + HEAD_BYTES)
    long = frame(port.mac, size=mtu + HEAD_BYTES + TAGS_BYTES + 1)
    result = port.exchange(small, full, long, echo=True)
    expect_equal(f"MTU {mtu}: length received", mtu + HEAD_BYTES,
                 result.of(full) and result.of(full).length)
    expect(result.of(small), f"MTU {mtu}: a short frame does not arrive")
    expect(result.of(long) is None, f"MTU {mtu}: a frame of {len(long.data)} bytes arrives")
    expect_equal(f"MTU {mtu}: payload sent back", full.data[12:], (result.back(full) or b"")[12:])


@case("mtu", quick=True)
def runtime_mtu_updating_and_forwarding(port):
    """MTUs of 1500, 2400, 4800 and 9000 hold, and 1500 again"""
    want_segments(port)
    try:
        for mtu in (1500, 2400, 4800, 9000, 1500):
            set_mtu(port, mtu)
            expect_equal("MTU shown", str(mtu), port.info()["MTU"])
            check_limit(port, mtu)
    finally:
        port.halt()


@case("mtu", alone=True)
def cli_jumbo_forwarding_for_jumbo_mtu(port):
    """A maximum frame size given at start holds"""
    port = port.rig.restart(port.kind, f"--max-pkt-len={9000 + HEAD_BYTES + 4}")
    want_segments(port)
    check_limit(port, 9000)


def round_trip(port, frames_sent, what):
    """All come back whole; other addresses are all that changes."""
    result = port.exchange(*frames_sent, echo=True)
    for sent in frames_sent:
        back = result.back(sent)
        expect(back is not None, f"{what}: {sent!r} does not come back")
        expect(back[12:] == sent.data[12:], f"{what}: {sent!r} comes back changed")
    return result


def several(port, number=8, size=None):
    return [frame(port.mac, size=size) for _ in range(number)]


@case("port_control", quick=True)
def start_ports(port):
    """A started port forwards"""
    port.closed("mac")
    round_trip(port, several(port), "started")


@case("port_control", quick=True)
def stop_ports(port):
    """A stopped port receives nothing; started, it forwards again"""
    port.closed("mac")
    port.stop()
    port.wire.send(frame(port.mac).data)
    expect(not port.listen_quietly().echo, "a stopped port forwards")
    port.start()
    port.closed("mac")
    round_trip(port, several(port), "started again")


@case("port_control", alone=True)
def close_ports(port):
    """A closed port is gone, and testpmd ends well"""
    port.stop()
    port.must("port close {}")
    answer = port.do("show port info {}")
    expect("nvalid port" in answer, f"it is still there: {answer}")
    expect(port.rig.stop(), "a testpmd ends with an error")


def shown(port, command, pattern):
    match = re.search(pattern, port.do(command))
    expect(match, f"{command}: no line {pattern}")
    return match[1]


@case("port_restart_config_persistency", quick=True)
def port_configuration_persistence(port):
    """MTU, promiscuous mode, all-multicast and ring sizes outlast stop and start"""
    port.closed("rxonly")
    port.reconfigure("port config mtu {} 1400", "port config {} rxq 0 ring_size 256",
                     "port config {} txq 0 ring_size 128",
                     undo=["port config mtu {} 1500", "port config {} rxq 0 ring_size 512",
                           "port config {} txq 0 ring_size 512"])
    port.must("set allmulti {} on", undo="set allmulti {} off")
    for _ in range(2):
        port.reconfigure()
        info = port.info()
        expect_equal("MTU", "1400", info["MTU"])
        expect_equal("promiscuous mode", "disabled", info["Promiscuous mode"])
        expect_equal("all-multicast", "enabled", info["Allmulticast mode"])
        expect_equal("Rx ring", "256", shown(port, "show rxq info {} 0", r"RXDs: (\d+)"))
        expect_equal("Tx ring", "128", shown(port, "show txq info {} 0", r"TXDs: (\d+)"))
    port.forward("rxonly")
    port.takes("a group, by all-multicast", frame(OTHER_GROUP))
    port.ignores("another's address", frame(FOREIGN_MAC))


@case("port_restart_config_persistency", kinds="pf")
def flow_ctrl_port_configuration_persistence(port):
    """Flow control outlasts stop and start"""
    port.must("set flow_ctrl pause_time 1234 {}", undo="set flow_ctrl pause_time 1664 {}")
    for when in ("set", "after stop and start"):
        expect_equal(f"pause time, {when}", "0x4d2",
                     shown(port, "show port {} flow_ctrl", r"Pause time: (\w+)"))
        port.reconfigure()


@case("port_stats", quick=True)
def stats_updates(port):
    """Packets and bytes, received and sent, are counted one by one, and cleared"""
    size, number = 100, 8
    port.closed("mac")
    port.must("clear port stats {}")
    expect_equal("cleared", 0, port.stats()["RX-packets"])
    marks = port.exchange(*several(port, number, size), echo=True).marks
    port.halt()
    mark_bytes = 60
    packets, octets = number + marks, number * size + marks * mark_bytes
    stats = port.stats()
    expect_equal("counters", (packets, octets, packets, octets),
                 tuple(stats[name] for name in ("RX-packets", "RX-bytes", "TX-packets",
                                                "TX-bytes")))
    expect_equal("errors and losses", 0, stats["RX-missed"] + stats["RX-errors"] +
                 stats["RX-nombuf"] + stats["TX-errors"])
    xstats = port.xstats()
    expect_equal("xstats", (packets, octets), (xstats["rx_good_packets"], xstats["tx_good_bytes"]))
    port.must("clear port stats {}")
    stats = port.stats()
    expect_equal("cleared", 0, stats["RX-packets"] + stats["TX-bytes"])


@case("l2fwd")
def l2fwd_integrity(port):
    """Frames of all kinds come back whole, whatever the number of queues"""
    most = min(int(port.info()["Max possible RX queues"]),
               int(port.info()["Max possible TX queues"]), 8)
    for queues in (1, 2, 4, 8):
        if queues > most:
            break
        with_queues(port, queues)
        port.closed("mac")
        sent = [frame(port.mac, IP(dst=f"10.0.0.{index}"), UDP(dport=1000 + index),
                      size=60 + 131 * index) for index in range(11)]
        round_trip(port, sent[:6], f"{queues} queues")
        round_trip(port, sent[6:], f"{queues} queues")
        port.restore()


def scatter(port):
    """Sizes about that of a buffer, and of two."""
    want_segments(port)
    set_mtu(port, 9000)
    port.closed("mac")
    for size, segments in ((2047, 1), (2048, 1), (2049, 2), (2053, 2), (4096, 2), (4097, 3)):
        sent = frame(port.mac, size=size)
        got = round_trip(port, [sent], f"{size} bytes").of(sent)
        expect_equal(f"{size} bytes: length and segments", (size, segments),
                     (got.length, got.segments))
    port.halt()
    set_mtu(port, 1500)


@case("buffer_scatter", quick=True)
def scatter_mbuf_2048(port):
    """Frames longer than a buffer come in several, and go out so"""
    scatter(port)


@case("buffer_scatter")
def scatter_mbuf_2048_with_offload(port):
    """The same with the offload SCATTER asked for"""
    if "SCATTER" not in port.offloads("rx"):
        raise NotOffered("no rx offload SCATTER")
    port.reconfigure("port config {} rx_offload scatter on",
                     undo=["port config {} rx_offload scatter off"])
    scatter(port)
