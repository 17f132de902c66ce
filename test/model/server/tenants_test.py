#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A port with all the VFs that it can have, under sluiced, in several processes.

usage: tenants_test.py BUILD FAMILY VFS PROCESSES

The VFs are in three groups: two port VLANs, and none. Who is of a group reaches who is of it, with
frames that nobody else sees; the wire sees what it is sent, with its tag.
"""
import collections
import json
import sys
import time

import rig
from rig import Failed, Rig, expect, mac_of, until

VLANS = (None, 100, 200)
WIRE = "02:00:00:00:09:09"
BROADCAST = "ff:ff:ff:ff:ff:ff"
SETTLE_S = 0.5


def vlan_of(vf):
    return VLANS[vf % len(VLANS)]


class Port:
    """The VFs, wherever they are, and the wire."""

    def __init__(self, port, nb_vfs, nb_processes):
        each = -(-nb_vfs // nb_processes)
        self.vfs = range(nb_vfs)
        self.rig = port
        self.wire = port.wire()
        port.start_daemon((vf, {"vlan": vlan_of(vf)}) for vf in self.vfs if vlan_of(vf))
        ranges = [(first, min(first + each, nb_vfs) - 1) for first in range(0, nb_vfs, each)]
        self.tenants = port.tenants([f"vf{first}-{last}" for first, last in ranges])
        self.of = {vf: tenant for tenant in self.tenants for vf in tenant.port}
        self.tally(0)

    def send(self, vf, dst, **more):
        self.of[vf].send(vf, dst, **more)

    def tally(self, wanted, seconds=30):
        """What came to VFs: waits for so many frames, and then a while for any beyond."""
        got = collections.Counter()

        def take():
            for tenant in self.tenants:
                more, bad, _ = tenant.tally()
                expect(bad, 0, f"bad frames of {tenant.name}")
                got.update(more)
            return sum(got.values()) >= wanted

        begin = time.monotonic()
        while not take() and time.monotonic() - begin < seconds:
            time.sleep(0.05)
        time.sleep(SETTLE_S)
        take()
        return got


def compare(got, wanted, what):
    """Both Counters; names a few of the differences."""
    if got != wanted:
        raise Failed(f"{what}: {len(wanted - got)} missing such as {list(wanted - got)[:3]}, "
                     f"{len(got - wanted)} too many such as {list(got - wanted)[:3]}")


def test_all_ready(port):
    state = json.loads(port.rig.sluicectl("show", "--json"))
    ready = [vf["vf"] for vf in state["ports"][0]["vfs"] if vf["state"] == "ready"]
    expect(ready, list(port.vfs), "VFs that sluiced has told of being ready")
    expect({vf: port.of[vf].mac[vf] for vf in port.vfs}, {vf: mac_of(vf) for vf in port.vfs},
           "addresses")


def test_pairs(port):
    """Each VF to each other: the pair of one group hears, and nobody else."""
    pairs = [(a, b) for a in port.vfs for b in port.vfs if a != b]
    for sender, receiver in pairs:
        port.send(sender, mac_of(receiver))
    wanted = collections.Counter({(b, a, mac_of(b)): 1 for a, b in pairs
                                  if vlan_of(a) == vlan_of(b)})
    compare(port.tally(sum(wanted.values())), wanted, f"{len(pairs)} pairs")
    port.wire.frames()


def test_broadcast(port):
    senders = port.vfs[:2 * len(VLANS)]
    for vf in senders:
        port.send(vf, BROADCAST)
    wanted = collections.Counter({(b, a, BROADCAST): 1 for a in senders for b in port.vfs
                                  if a != b and vlan_of(a) == vlan_of(b)})
    compare(port.tally(sum(wanted.values())), wanted, "broadcasts")
    port.wire.frames()


def test_to_the_wire(port):
    got, wanted = collections.Counter(), collections.Counter(
        {(WIRE, mac_of(vf), vlan_of(vf), vf): 1 for vf in port.vfs})
    for vf in port.vfs:
        port.send(vf, WIRE)
    until(lambda: got.update(port.wire.frames()) or got == wanted, f"{len(wanted)} on the wire")
    compare(port.tally(0), collections.Counter(), "at VFs")


def test_from_the_wire(port):
    """With its group's tag a frame arrives, with those of the others, or none, it does not."""
    for vf in port.vfs:
        for number, vlan in enumerate(VLANS):
            port.wire.send(mac_of(vf), WIRE, number, vlan)
    wanted = collections.Counter({(vf, VLANS.index(vlan_of(vf)), mac_of(vf)): 1
                                  for vf in port.vfs})
    compare(port.tally(len(wanted)), wanted, "from the wire")


def test_spoofed(port):
    """With a neighbour's address as the source, of its own group, nothing leaves the VF."""
    port.wire.frames()
    for vf in port.vfs:
        other = (vf + len(VLANS)) % len(port.vfs)
        port.send(vf, mac_of(other), src=mac_of(other))
        port.send(vf, WIRE, src=mac_of(other))
    compare(port.tally(0), collections.Counter(), "spoofed")
    expect(port.wire.frames(), [], "spoofed on the wire")


TESTS = (
    ("all VFs negotiate and have their addresses", test_all_ready),
    ("all pairs: who shares a VLAN hears, nobody else", test_pairs),
    ("broadcasts stay in their VLAN", test_broadcast),
    ("to the wire, with the VLAN's tag", test_to_the_wire),
    ("from the wire, by address and VLAN", test_from_the_wire),
    ("a foreign source address goes nowhere", test_spoofed),
)


def main():
    build, family, vfs, processes = sys.argv[1:]
    with Rig(build, family, int(vfs), wire="socket") as started:
        begin = time.monotonic()
        port = Port(started, int(vfs), int(processes))
        print(f"# {family}: {vfs} VFs in {processes} processes up in "
              f"{time.monotonic() - begin:.1f} s")
        status = rig.run([(f"{family}: {what}", lambda test=test: test(port))
                          for what, test in TESTS])
        for tenant in port.tenants:
            expect(tenant.finish(), 0, f"status of {tenant.name}")
    return status


if __name__ == "__main__":
    sys.exit(main())
