#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What the daemon knows of VFs from counters alone: a VF that sends under others' addresses, and
one that sends broadcasts without end, on a port of the device model.

usage: monitors_test.py BUILD FAMILY
"""
import re
import sys

import daemon_test
import rig
from daemon_test import VFS, drain
from rig import Failed, Rig, expect, mac_of, until

BROADCAST = "ff:ff:ff:ff:ff:ff"
STATION = daemon_test.STATION
BAD, HONEST = 0, 1
FRAMES = 20             # at once
WINDOW_MS = 60000       # however slow this machine is
TELLS_SPOOFER = ("82576", "i350")


def begin(port, **rule):
    """Both VFs have rings, and their senders are watched."""
    for vf in (BAD, HONEST):
        port.hostile.reset(vf)
        port.hostile.do("listen", vf)
    port.rig.watch(**{kind: {"limit": limit, "window_ms": WINDOW_MS, "action": "quarantine"}
                      for kind, limit in rule.items()})
    drain(port.wire)


def send(port, vf, dst, src):
    """@return whether the device has taken the frame from the ring"""
    return port.hostile.do("send", vf, dst, src, rig.ETHERTYPE) == ["1"]


def sources(port):
    """Of what has come to the wire."""
    return {frame[6:12].hex(":") for frame in drain(port.wire)}


def until_shut_off(port, dst, src):
    """Again and again, as the daemon looks at its counters once a second."""
    seen = set()

    def shut_off():
        for _ in range(FRAMES):
            send(port, BAD, dst, src)
        send(port, HONEST, STATION, mac_of(HONEST))
        seen.update(sources(port))
        return port.show(BAD)["state"] == "quarantined"
    until(shut_off, "the VF is shut off")
    return seen


def verdict(port, pattern):
    """Why, in each place where that is told; of the VF that did it and of no other."""
    shown = port.show()
    reason = shown[BAD]["restraint"]
    if not re.fullmatch(f"quarantined: {pattern} in {WINDOW_MS} ms, until released", reason):
        raise Failed(f"the reason is {reason}")
    expect([vf["restraint"] for vf in shown if vf["vf"] != BAD], [""] * (VFS - 1), "of the others")
    told = [line for line in port.rig.audit() if line.get("request") == "watch"][-1]
    expect((told["vf"], told["reason"]), (BAD, reason.removesuffix(", until released")),
           "the audit log's last verdict")


def end(port):
    """Nothing leaves the VF that was shut off, its neighbour sends; released, both do."""
    sources(port)
    expect(send(port, BAD, STATION, mac_of(BAD)), False, "it sends in quarantine")
    expect(send(port, HONEST, STATION, mac_of(HONEST)), True, "its neighbour sends")
    until(lambda: mac_of(HONEST) in sources(port), "its neighbour's frame on the wire")
    port.rig.watch()
    port.rig.sluicectl("release", "vf", str(BAD))
    begin(port)
    expect(send(port, BAD, STATION, mac_of(BAD)), True, "it sends when it is released")
    until(lambda: mac_of(BAD) in sources(port), "its frame on the wire")
    port.settled()


def test_spoofer(port):
    """Frames under a neighbour's address: none leaves, and where the hardware tells whose they
    were, their VF is shut off."""
    begin(port, spoof=3)
    if port.rig.family in TELLS_SPOOFER:
        seen = until_shut_off(port, STATION, mac_of(2))
        verdict(port, r"spoofed sources, \d+ findings")
    else:
        for _ in range(FRAMES):
            send(port, BAD, STATION, mac_of(2))
        send(port, HONEST, STATION, mac_of(HONEST))
        seen = set()
        until(lambda: seen.update(sources(port)) or seen, "a frame on the wire")
    expect(seen, {mac_of(HONEST)}, "sources on the wire")
    if port.rig.family in TELLS_SPOOFER:
        end(port)


def test_broadcast_storm(port):
    """More broadcasts than the others can have sent: the VF that must have is shut off."""
    begin(port, broadcast=40)
    for _ in range(FRAMES):
        send(port, HONEST, BROADCAST, mac_of(HONEST))
    until_shut_off(port, BROADCAST, mac_of(BAD))
    verdict(port, r"broadcast storm, \d+ frames")
    end(port)


TESTS = (
    ("malicious_vf_spoofs", test_spoofer),
    ("malicious_vf_storms", test_broadcast_storm),
)


def main():
    build, family = sys.argv[1:]
    with Rig(build, family, VFS, wire="socket") as started:
        port = daemon_test.Daemon(started)
        return rig.run([(f"{family}: {name}", lambda test=test: test(port))
                        for name, test in TESTS])


if __name__ == "__main__":
    sys.exit(main())
