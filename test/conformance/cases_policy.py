# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What the operator of a PF may say of its VFs: suites vf_daemon, sriov_kvm, veb_switch.

The port is VF 0, port.other VF 1, each in a testpmd of its own; the PF is sluiced's, told by
sluicectl. Each case ends with the policy it began with.
"""

import contextlib

from cases_port import round_trip, several
from cases_vf import hop
from cases_vlan import OTHER_VLAN, VLAN, tag_of
from frames import BROADCAST, FOREIGN_MAC, GROUP, frame, tagged
from framework import case
from port import expect, expect_equal
from testpmd import NotOffered, Refused

OTHER_MAC = "02:00:00:00:77:01"
RING = 512                  # descriptors, more than testpmd's
HERE = {"kinds": "vf", "places": "policy"}


def learn(port):
    """The VF resets itself, as far as its driver can, and so learns what its PF says."""
    port.stop()
    try:
        port.must("port reset {}")
    except NotOffered:
        pass
    port.start()


@contextlib.contextmanager
def policy(port, vf=0, reset=False, **keys):
    """A VF's policy, for as long; reset: of the VF of the port, which learns of it then."""
    before = port.rig.policy_of(vf)
    port.rig.set_policy(vf, **keys)
    try:
        if reset:
            learn(port)
        yield
    finally:
        port.rig.set_policy(vf, **{key: before[key] for key in keys})
        if reset:
            learn(port)


def own(port, *layers):
    """What makes a mark that arrives where broadcasts do not."""
    return lambda: frame(port.mac, *layers)


def came(port, *sent, mark=None):
    """Those of the frames that arrived."""
    result = port.exchange(*sent, mark=mark or own(port))
    return [one for one in sent if result.of(one) is not None]


def check_came(what, port, wanted, *others, mark=None):
    """Of all the frames, the wanted ones arrive and the others do not."""
    arrived = came(port, *wanted, *others, mark=mark)
    for one in wanted:
        expect(one in arrived, f"{what}: {one!r} does not arrive")
    for one in others:
        expect(one not in arrived, f"{what}: {one!r} arrives")


def refused(port, what, vf=0, **keys):
    """The daemon says no, in one line with the key, and changes nothing."""
    before = port.rig.policy_of(vf)
    status, text = port.rig.sluicectl(*port.rig.set_words(vf, keys))
    expect(status != 0, f"{what} is accepted")
    expect_equal(f"{what}: lines of the answer", 1, len(text.strip().splitlines()))
    expect(next(iter(keys)) in text, f"{what}: the answer does not name it: {text.strip()}")
    expect_equal(f"{what}: policy afterwards", before, port.rig.policy_of(vf))


@contextlib.contextmanager
def forwarding_to(sender, receiver):
    """What comes to one VF, it sends to the other."""
    sender.closed("mac")
    sender.halt()
    sender.do(f"set eth-peer {{}} {receiver.mac}")
    sender.must("start")
    try:
        yield
    finally:
        sender.do("stop")


def what_it_sends(port, wait):
    """What a forwarding port does with a frame; wait: until it comes."""
    sent = frame(port.mac)
    result = port.exchange(sent, echo=wait)
    expect(result.of(sent), "it does not arrive")
    return result.every + port.listen_quietly().every


# --- vf_daemon ---

@case("vf_daemon", quick="policy", **HERE)
def vlan_insert_and_strip(port):
    """With a port VLAN, what the VF sends is tagged, and what it gets has no tag any more"""
    with policy(port, vlan=VLAN, qos=3, reset=True):
        port.closed("mac")
        sent = frame(port.mac, *tagged(VLAN))
        untagged = frame(port.mac)
        result = port.exchange(sent, untagged, mark=own(port, *tagged(VLAN)), echo=True)
        expect(result.of(sent), "a frame of its VLAN does not arrive")
        expect(result.of(untagged) is None, "a frame without a tag arrives")
        expect_equal("length without the tag", len(sent.data) - 4, result.of(sent).length)
        expect_equal("tag of what it sends", 3 << 13 | VLAN, tag_of(result.back(sent)))
    port.closed("mac")
    sent = frame(port.mac)
    expect_equal("tag afterwards", None, tag_of(port.exchange(sent, echo=True).back(sent)))


@case("vf_daemon", **HERE)
def vlan_antispoof(port):
    """With the spoof check, a VF sends in the VLANs only that it has joined"""
    port.must("vlan set filter on {}", undo="vlan set filter off {}")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    for spoofchk, vlan, goes in (("on", VLAN, True), ("on", OTHER_VLAN, False),
                                 ("off", OTHER_VLAN, True)):
        with policy(port, spoofchk=spoofchk):
            port.reconfigure(f"tx_vlan set {{}} {vlan}", undo=["tx_vlan reset {}"])
            port.closed("mac")
            back = any(tag_of(data) == vlan for data in what_it_sends(port, goes))
            expect_equal(f"spoofchk {spoofchk}, VLAN {vlan}: it goes out", goes, back)
            port.halt()


@case("vf_daemon", quick="policy", **HERE)
def mac_antispoof(port):
    """With the spoof check, frames with another's source address do not leave the VF"""
    for spoofchk, goes in (("on", False), ("off", True)):
        with policy(port, spoofchk=spoofchk):
            port.closed("io")
            expect_equal(f"spoofchk {spoofchk}: it goes out", goes,
                         bool(what_it_sends(port, goes)))
            port.halt()


@case("vf_daemon", quick="policy", **HERE)
def set_mac_of_vf(port):
    """The address that the operator gives is the VF's from its next reset on"""
    before = port.mac
    with policy(port, mac=OTHER_MAC, reset=True):
        expect_equal("address", OTHER_MAC, port.info()["MAC address"].lower())
        port.closed("rxonly")
        check_came("new address", port, [frame(OTHER_MAC)], frame(before),
                   mark=lambda: frame(OTHER_MAC))
    port.mac = port.info()["MAC address"].lower()
    expect_equal("address afterwards", before, port.mac)


@case("vf_daemon", **HERE)
def tx_loopback(port):
    """Without loopback, what goes from VF to VF goes to the wire instead"""
    hop(port.other, port)
    with port.rig.port_keys(loopback=False):
        sender = port.other
        port.closed("rxonly")
        begin = len(port.testpmd.text)
        sent = several(sender, 4)
        with forwarding_to(sender, port):
            result = sender.exchange(*sent, mark=own(sender), echo=True)
        expect(all(result.back(one) for one in sent), "it is not on the wire")
        port.exchange(mark=own(port))
        wanted = f"src={sender.mac.upper()} - dst={port.mac.upper()}"
        expect(wanted not in port.testpmd.text[begin:], "it arrives at the other VF")
    hop(port.other, port)


@case("vf_daemon", **HERE)
def all_queues_drop_on(port):
    """A VF whose ring is full does not keep its neighbour from receiving"""
    port.halt()
    port.other.closed("rxonly")
    for one in several(port, 2 * RING):
        port.wire.send(one.data)
    check_came("beside a full ring", port.other, several(port.other, 20))
    port.closed("rxonly")
    check_came("the ring, emptied", port, several(port, 4))


@case("vf_daemon", quick="policy", **HERE)
def show_stats(port):
    """What the daemon counts of a VF is what it received and sent"""
    port.closed("mac")
    before = port.rig.show(0)["counters"]
    sent = several(port, 10)
    marks = round_trip(port, sent, "counted").marks
    port.halt()
    after = port.rig.show(0)["counters"]
    # The marks of the exchange are broadcasts, which come and go too.
    for name in ("rx_packets", "tx_packets"):
        grown = after[name] - before[name]
        expect(len(sent) <= grown <= len(sent) + 2 * marks, f"{name} has grown by {grown}")


@case("vf_daemon", quick="policy", **HERE)
def vlan_trunk(port):
    """Of the trunk's VLANs a VF gets those it asks for, and others never"""
    with policy(port, trunk=str(VLAN)):
        port.must("vlan set filter on {}", undo="vlan set filter off {}")
        port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
        try:
            port.must(f"rx_vlan add {OTHER_VLAN} {{}}")
        except Refused:
            pass
        port.closed("rxonly")
        check_came("trunk", port, [frame(port.mac), frame(port.mac, *tagged(VLAN))],
                   frame(port.mac, *tagged(OTHER_VLAN)))


@case("vf_daemon", quick="policy", **HERE)
def untagged(port):
    """A VF that gets no untagged frames gets those of its VLANs"""
    port.must("vlan set filter on {}", undo="vlan set filter off {}")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    port.closed("rxonly")
    with policy(port, untagged="off"):
        check_came("untagged off", port, [frame(port.mac, *tagged(VLAN))], frame(port.mac),
                   mark=own(port, *tagged(VLAN)))
    check_came("untagged on", port, [frame(port.mac, *tagged(VLAN)), frame(port.mac)])


@case("vf_daemon", quick="policy", **HERE)
def broadcast_mode(port):
    """Broadcasts come to a VF that may have them"""
    port.closed("rxonly")
    for _ in range(2):
        with policy(port, broadcast="off"):
            check_came("off", port, [frame(port.mac)], frame(BROADCAST))
        check_came("on", port, [frame(port.mac), frame(BROADCAST)])


@case("vf_daemon", quick="policy", **HERE)
def multicast_mode(port):
    """Groups that were joined come to a VF that may have them"""
    port.must(f"mcast_addr add {{}} {GROUP}", undo=f"mcast_addr remove {{}} {GROUP}")
    port.closed("rxonly")
    check_came("on", port, [frame(GROUP)])
    with policy(port, multicast="off"):
        check_came("off", port, [frame(port.mac)], frame(GROUP))
    check_came("on again", port, [frame(GROUP)])


@case("vf_daemon", quick="policy", **HERE)
def promisc_mode(port):
    """A VF is promiscuous if it asks for it and is trusted, and not otherwise"""
    port.closed("rxonly")
    port.do("set promisc {} on")
    check_came("not trusted", port, [frame(port.mac)], frame(FOREIGN_MAC))
    port.do("set promisc {} off")
    with policy(port, trust="on"):
        port.must("set promisc {} on")
        check_came("trusted", port, [frame(port.mac), frame(FOREIGN_MAC)])
    check_came("trust withdrawn", port, [frame(port.mac)], frame(FOREIGN_MAC))
    port.do("set promisc {} off")


@case("vf_daemon", **HERE)
def jumbo_asked_for(port):
    """The daemon shows the frame size that the VF asked for"""
    size = int(port.rig.show(0)["max_frame"])
    expect(1518 <= size <= 1526, f"with an MTU of 1500: {size}")


# --- sriov_kvm ---

@case("sriov_kvm", quick="policy", **HERE)
def between_vfs(port):
    """What VF 0 sends to VF 1 goes there and back, and is not on the wire"""
    hop(port, port.other)
    hop(port.other, port)


@case("sriov_kvm", **HERE)
def pool_mirror(port):
    """Mirrored to VF 1, it gets a copy of what VF 0 receives"""
    port.closed("rxonly")
    port.other.closed("rxonly")
    for mirror, copies in (("none", 0), ("vf 1", 4), ("none", 0)):
        with policy(port, mirror=mirror):
            begin = len(port.other.testpmd.text)
            sent = several(port, 4)
            check_came(f"mirror {mirror}", port, sent)
            port.other.exchange(mark=own(port.other))
            text = port.other.testpmd.text[begin:]
            seen = sum(one.packet.src.upper() in text for one in sent)
            expect_equal(f"mirror {mirror}: copies at VF 1", copies, seen)


@case("sriov_kvm", **HERE)
def several_addresses(port):
    """A VF that may have three addresses gets three, and a fourth is refused"""
    with policy(port, mac="00:00:00:00:00:00", max_macs=3, reset=True):
        added = [f"02:00:00:00:66:{i:02x}" for i in range(3)]
        for mac in added[:2]:
            port.must(f"mac_addr add {{}} {mac}", undo=f"mac_addr remove {{}} {mac}")
        port.do(f"mac_addr add {{}} {added[2]}")
        port.closed("rxonly")
        check_came("three addresses", port, [frame(mac) for mac in added[:2]], frame(added[2]))
        port.restore()


@case("sriov_kvm", quick="policy", **HERE)
def unknown_unicast(port):
    """A VF with unknown_unicast gets what is addressed to nobody, without asking"""
    port.closed("rxonly")
    with policy(port, unknown_unicast="on"):
        check_came("on", port, [frame(port.mac), frame(FOREIGN_MAC)])
    check_came("off", port, [frame(port.mac)], frame(FOREIGN_MAC))


@case("sriov_kvm", quick="policy", alone=True, **HERE)
def pause_queues(port):
    """With its link state disabled a VF neither receives nor sends, and then does again"""
    port.other.closed("rxonly")
    for _ in range(2):
        port.closed("mac")
        with policy(port, state="disable"):
            port.wire.send(frame(port.mac).data)
            expect(not port.listen_quietly().every, "it sends while disabled")
            check_came("its neighbour", port.other, several(port.other))
        learn(port)
        port.closed("mac")
        round_trip(port, several(port, 4), "enabled again")


@case("sriov_kvm", quick="policy", **HERE)
def negative_input(port):
    """A VF that does not exist, and values out of range, are refused by name"""
    for words, name in (
            (["set", "vf", "65", "trust", "on"], "vf"),
            (["set", "vf", "-1", "trust", "on"], "vf"),
            (["set", "vf", "0", "trust", "onn"], "trust"),
            (["set", "vf", "0", "state", "up"], "state"),
            (["set", "vf", "0", "speed", "1"], "speed")):
        status, text = port.rig.sluicectl(*words)
        expect(status != 0 and name in text, f"{' '.join(words)}: {status}, {text.strip()}")
    for key, value in (("vlan", 4095), ("qos", 8), ("qos", 3), ("min_tx_rate", 10),
                       ("proto", "802.1ad"), ("trunk", "0-5000"), ("max_macs", 65),
                       ("mirror", "vf 0"), ("mirror", "vf 9"), ("broadcast", "2"),
                       ("loopback", "off")):
        refused(port, f"{key} {value}", **{key: value})


# --- veb_switch ---

@case("veb_switch", **HERE)
def vf_to_vf_by_vlan(port):
    """VFs of one VLAN reach each other, and those of two do not"""
    for vlan, arrives in ((OTHER_VLAN, False), (VLAN, True)):
        with policy(port, vf=1, vlan=vlan), policy(port, vlan=VLAN):
            learn(port.other)
            learn(port)
            port.other.closed("rxonly")
            begin = len(port.other.testpmd.text)
            with forwarding_to(port, port.other):
                port.exchange(*(frame(port.mac, *tagged(VLAN)) for _ in range(4)),
                              mark=own(port, *tagged(VLAN)))
            port.other.exchange(mark=own(port.other, *tagged(vlan)))
            there = f"src={port.mac.upper()} - dst={port.other.mac.upper()}" \
                in port.other.testpmd.text[begin:]
            expect_equal(f"VF 0 in VLAN {VLAN}, VF 1 in {vlan}: it arrives", arrives, there)
            port.other.halt()
    learn(port.other)
    learn(port)


@case("veb_switch", alone=True, **HERE)
def neighbours_of_a_reset(port):
    """A VF that is reset ten times costs its neighbour nothing"""
    port.other.closed("mac")
    for _ in range(10):
        learn(port)
        round_trip(port.other, several(port.other, 4), "the neighbour")
    counters = port.rig.show(0)["counters"]
    expect(counters["resets"] >= 10, f"ten resets are counted as {counters}")
