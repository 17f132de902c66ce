# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The port as a whole: suites smoke_tests, mtu."""

from frames import frame
from framework import case
from port import expect, expect_equal

HEAD_BYTES = 14
TAGS_BYTES = 8              # what a driver may leave room for
DRIVERS = {
    ("sluice", "pf"): ("net_sluice_pf",), ("sluice", "vf"): ("net_sluice_vf",),
    ("in-tree", "pf"): ("net_e1000_igb", "net_ixgbe"),
    ("in-tree", "vf"): ("net_e1000_igb_vf", "net_ixgbe_vf"),
}


@case("smoke_tests", quick=True)
def device_bound_to_driver(port):
    """testpmd has the port, with the driver under test, an address and a link"""
    info = port.info()
    expect(info["Driver name"] in DRIVERS[port.rig.pmd, port.kind],
           f"its driver is {info['Driver name']}")
    expect_equal("link", "up", info["Link status"])
    expect(int(info["MAC address"][:2], 16) & 1 == 0, f"its address is {info['MAC address']}")


@case("smoke_tests", quick=True)
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
    if port.kind == "vf":
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
