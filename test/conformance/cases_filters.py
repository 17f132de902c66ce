# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Which frames a port takes: suites mac_filter, promisc_support, dynamic_config."""

from frames import BROADCAST, FOREIGN_MAC, GROUP, OTHER_GROUP, frame
from framework import case
from port import expect, expect_equal
from testpmd import NotOffered, Refused

OTHER_MAC = "02:00:00:aa:bb:cd"


@case("mac_filter", quick=True)
def add_remove_mac_addresses(port):
    """A port takes its own address and those that were added, until they are removed"""
    port.closed()
    port.takes("its own address", frame(port.mac))
    port.ignores("another address", frame(FOREIGN_MAC))
    port.must(f"mac_addr add {{}} {FOREIGN_MAC}")
    port.takes("an address that was added", frame(FOREIGN_MAC), frame(port.mac))
    port.ignores("one that was not", frame(OTHER_MAC))
    port.must(f"mac_addr remove {{}} {FOREIGN_MAC}")
    port.ignores("an address that was removed", frame(FOREIGN_MAC))
    port.takes("its own address, after that", frame(port.mac))


def is_refused(port, command):
    try:
        port.must(command)
    except (Refused, NotOffered):
        return True
    return False


@case("mac_filter", quick=True)
def invalid_address(port):
    """The default address is not removed, zeros are not added, and a full table says so"""
    expect(is_refused(port, f"mac_addr remove {{}} {port.mac}"), "the default address is removed")
    expect(is_refused(port, "mac_addr add {} 00:00:00:00:00:00"), "zeros are added")
    port.closed()
    limit = int(port.info()["Maximum number of MAC addresses"])
    added = []
    for index in range(1, limit + 1):
        address = f"02:00:00:0f:{index >> 8:02x}:{index & 0xff:02x}"
        if is_refused(port, f"mac_addr add {{}} {address}"):
            break
        added.append(address)
    if not added:
        raise NotOffered("no address is added to the default one")
    expect(len(added) < limit, f"{len(added)} addresses are added to the default one; "
                               f"there is room for {limit}")
    port.takes("the addresses added first and last", frame(added[0]), frame(added[-1]))
    for address in added:
        port.must(f"mac_addr remove {{}} {address}")
    port.ignores("the last, removed", frame(added[-1]))


@case("mac_filter", quick=True)
def multicast_filter(port):
    """A port takes the multicast groups that it has joined, until it leaves them"""
    port.closed()
    port.ignores("a group not joined", frame(GROUP))
    port.must(f"mcast_addr add {{}} {GROUP}")
    port.takes("a group that was joined", frame(GROUP))
    port.ignores("another group", frame(OTHER_GROUP))
    port.must(f"mcast_addr remove {{}} {GROUP}")
    port.ignores("a group that was left", frame(GROUP))


@case("mac_filter", quick=True)
def default_address(port):
    """The default address can be set; the former one is then another's"""
    former = port.mac
    port.closed()
    port.must(f"mac_addr set {{}} {OTHER_MAC}", undo=f"mac_addr set {{}} {former}")
    port.takes("the new address", frame(OTHER_MAC))
    port.ignores("the former address", frame(former))
    expect_equal("address shown", OTHER_MAC, port.info()["MAC address"].lower())


def promiscuous(port):
    """Whether promiscuous mode could be had. A VF's PF may refuse: that must be told, and seen."""
    answer = port.do("set promisc {} on")
    is_on = port.info()["Promiscuous mode"] == "enabled"
    if port.kind == "pf":
        expect(is_on, f"promiscuous mode is not on: {answer}")
    elif not is_on:
        expect("rror" in answer, "promiscuous mode is not on, and nobody says why")
    return is_on


@case("promisc_support", quick=True)
def promisc_packets(port):
    """Promiscuous mode takes what is addressed to others; a VF is told if it may not"""
    port.closed()
    port.ignores("off: another's address", frame(FOREIGN_MAC))
    if not promiscuous(port):
        port.ignores("refused: another's address", frame(FOREIGN_MAC))
        return "the PF refuses it, and the VF says so"
    port.takes("on: another's address", frame(FOREIGN_MAC), frame(port.mac), frame(OTHER_GROUP))
    port.must("set promisc {} off")
    port.ignores("off again: another's address", frame(FOREIGN_MAC))
    port.takes("off again: its own", frame(port.mac))
    return None


@case("dynamic_config", kinds="pf")
def default_mode(port):
    """testpmd's default, promiscuous mode, takes all"""
    port.must("set promisc {} on", undo="set promisc {} off")
    port.forward("rxonly")
    port.takes("its own address and another's", frame(port.mac), frame(FOREIGN_MAC))


@case("dynamic_config")
def disable_promisc(port):
    """Without promiscuous mode a running port takes its own address only"""
    port.do("set promisc {} on")
    port.do("set allmulti {} off")
    port.forward("rxonly")
    port.must("set promisc {} off")
    port.takes("its own address", frame(port.mac))
    port.ignores("another's", frame(FOREIGN_MAC))


@case("dynamic_config")
def disable_promisc_broadcast(port):
    """Without promiscuous mode a port takes broadcasts"""
    port.closed()
    port.takes("a broadcast", frame(BROADCAST))
    port.ignores("another's address", frame(FOREIGN_MAC))


@case("dynamic_config")
def disable_promisc_multicast(port):
    """All-multicast takes each group, and no address of others"""
    port.closed()
    port.ignores("a group", frame(OTHER_GROUP))
    port.must("set allmulti {} on", undo="set allmulti {} off")
    port.takes("all-multicast: two groups", frame(GROUP), frame(OTHER_GROUP))
    port.ignores("all-multicast: another's address", frame(FOREIGN_MAC))
    port.must("set allmulti {} off")
    port.ignores("no longer: a group", frame(OTHER_GROUP))
