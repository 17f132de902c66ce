# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A VF and its PF: suites vf_packet_rxtx, vf_port_start_stop, vf_jumboframe, vf_macfilter,
vf_pf_reset."""

from cases_port import HEAD_BYTES, check_limit, round_trip, several, set_mtu, want_segments
from cases_vlan import VLAN, OTHER_VLAN
from frames import BROADCAST, FOREIGN_MAC, GROUP, frame, tagged
from framework import case
from port import Failed, expect, expect_equal

RESTARTS = 5
HOP_BYTES = 200
EVENT_SECONDS = 60
ALL = "model sluiced guest"


@case("vf_packet_rxtx", kinds="vf", places=ALL, quick=True)
def from_and_to_the_wire(port):
    """What the wire sends to a VF, and to all, comes; what the VF sends goes to the wire"""
    port.closed("mac")
    round_trip(port, several(port) + several(port, size=1514), "unicast")
    round_trip(port, [frame(BROADCAST) for _ in range(4)], "broadcast")


def hop(sender, receiver):
    """Frames from the wire to one port, which sends them on to the other; none is on the wire."""
    number = 4
    receiver.closed("rxonly")
    sender.closed("mac")
    sender.halt()
    sender.do(f"set eth-peer {{}} {receiver.mac}")
    sender.must("start")
    receiver_testpmd = receiver.testpmd
    begin = len(receiver_testpmd.text)
    sender.exchange(*several(sender, number, HOP_BYTES))
    wanted = f"src={sender.mac.upper()} - dst={receiver.mac.upper()}"
    lines = []

    def all_came():
        lines[:] = [line for line in receiver_testpmd.text[begin:].splitlines()
                    if wanted in line and f"length={HOP_BYTES} " in line]
        return len(lines) >= number

    receiver_testpmd.wait(all_came, EVENT_SECONDS, f"frames from {sender.kind}")
    expect_equal("frames that came", number, len(lines))
    back = sender.listen_quietly()
    expect(not back.every, "they are on the wire too")
    sender.do("stop")
    receiver.halt()


@case("vf_packet_rxtx", kinds="vf", quick=True)
def vf_to_pf(port):
    """What a VF sends to its PF's address goes there, and not to the wire"""
    hop(port, port.pf)


@case("vf_packet_rxtx", kinds="vf", quick=True)
def pf_to_vf(port):
    """What the PF sends to a VF's address goes there, and not to the wire"""
    hop(port.pf, port)


@case("vf_port_start_stop", kinds="vf", places=ALL, quick=True)
def start_stop_under_traffic(port):
    """Stopped and started again and again, the VF forwards each time"""
    for _ in range(RESTARTS):
        port.closed("mac")
        port.wire.send(frame(port.mac).data)
        port.reconfigure()
        port.forward()
        round_trip(port, several(port, 4), "started again")


@case("vf_jumboframe", kinds="vf", places=ALL)
def without_jumbo(port):
    """With an MTU of 1500, frames of 1514 bytes come and longer ones do not"""
    port.closed("mac")
    check_limit(port, 1500)


@case("vf_jumboframe", kinds="vf", places=ALL, alone=True)
def with_jumbo(port):
    """With jumbo frames on PF and VF, 9014 bytes come and go"""
    port = port.rig.restart("vf", f"--max-pkt-len={9000 + HEAD_BYTES + 4}")
    want_segments(port)
    port.closed("mac")
    round_trip(port, several(port, 3, 9000 + HEAD_BYTES) + several(port, 2), "jumbo")


@case("vf_macfilter", kinds="vf", places=ALL, quick=True)
def filters_outlast_restart(port):
    """Addresses, groups and VLANs hold after the VF's stop and start"""
    port.closed("rxonly")
    port.must(f"mac_addr add {{}} {FOREIGN_MAC}", undo=f"mac_addr remove {{}} {FOREIGN_MAC}")
    port.must(f"mcast_addr add {{}} {GROUP}", undo=f"mcast_addr remove {{}} {GROUP}")
    port.reconfigure()
    port.forward("rxonly")
    port.takes("its own, the one added, the group", frame(port.mac), frame(FOREIGN_MAC),
               frame(GROUP))


def vf_reset(port):
    port.halt()
    port.must("port stop {}")
    port.must("port reset {}")
    port.must("port start {}")
    port.wait_for_link()


@case("vf_pf_reset", kinds="vf", places=ALL, quick=True)
def vf_resets_itself(port):
    """A VF that is reset by itself works on, with its VLANs"""
    port.must("vlan set filter on {}", undo="vlan set filter off {}")
    port.must(f"rx_vlan add {VLAN} {{}}", undo=f"rx_vlan rm {VLAN} {{}}")
    vf_reset(port)
    port.closed("rxonly")
    port.takes("its own address, and its VLAN", frame(port.mac),
               frame(port.mac, *tagged(VLAN)))
    port.ignores("another address and VLAN", frame(FOREIGN_MAC),
                 frame(port.mac, *tagged(OTHER_VLAN)))


@case("vf_pf_reset", kinds="vf", places=ALL, alone=True)
def pf_reset_event(port):
    """When the PF is reset, the VF's application gets the event for it"""
    port.closed("mac")
    begin = len(port.testpmd.text)
    port.rig.reset_pf(port)
    port.testpmd.wait(lambda: "reset event" in port.testpmd.text[begin:], EVENT_SECONDS,
                      "event of a reset")


@case("vf_pf_reset", kinds="vf", places=ALL, alone=True)
def vf_works_after_pf_reset(port):
    """After the PF's reset and its own, the VF works again, as it was set up"""
    port.closed("mac")
    round_trip(port, several(port, 4), "before")
    port.rig.reset_pf(port)
    try:
        vf_reset(port)
    except Failed as error:
        raise Failed(f"after the PF's reset: {error}") from error
    port.closed("mac")
    round_trip(port, several(port, 4), "after")
    port.ignores("another's address", frame(FOREIGN_MAC))


@case("vf_pf_reset", kinds="vf", places=ALL, alone=True)
def vf_restart_after_pf_reset(port):
    """After the PF's stop and start, the VF's stop and start is enough"""
    port.closed("mac")
    port.rig.restart_pf(port)
    port.reconfigure()
    port.closed("mac")
    round_trip(port, several(port, 4), "after")


@case("vf_jumboframe", kinds="vf", places=ALL)
def mtu_of_the_vf_alone(port):
    """A VF's MTU below its PF's is its own limit"""
    set_mtu(port, 9000)
    port.reconfigure("port config mtu {} 1500")
    port.closed("mac")
    check_limit(port, 1500)
    port.halt()
    set_mtu(port, 1500)
