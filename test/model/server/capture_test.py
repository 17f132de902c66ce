#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluicectl capture: what a VF receives, frame by frame, and nothing else.

usage: capture_test.py BUILD
"""
import json
import os
import select
import signal
import struct
import subprocess
import sys

import rig
from rig import Failed, Rig, expect, mac_of, until

VFS = 6
PF_MAC = "02:00:00:00:00:01"
OUTSIDE = "02:00:00:00:ee:01"
BROADCAST = "ff:ff:ff:ff:ff:ff"
SOMEBODY = 65534
MAGIC_NS = 0xA1B23C4D


def frame_of(dst, src, number, vlan=None):
    tag = b"" if vlan is None else b"\x81\x00" + vlan.to_bytes(2, "big")
    return (bytes.fromhex((dst + src).replace(":", "")) + tag +
            rig.ETHERTYPE.to_bytes(2, "big") + rig.payload(number))


def packets(data):
    """(time in ns, length on the wire, bytes) of each packet of a file."""
    magic, _, _, _, _, snaplen, link = struct.unpack("=IHHiIII", data[:24])
    expect((magic, link), (MAGIC_NS, 1), "magic and link type")
    found, at = [], 24
    while at < len(data):
        seconds, ns, caplen, length = struct.unpack("=IIII", data[at:at + 16])
        if caplen > snaplen:
            raise Failed(f"{caplen} bytes in a file of {snaplen}")
        found.append((seconds * 10**9 + ns, length, data[at + 16:at + 16 + caplen]))
        at += 16 + caplen
    return found


class Test:
    def __init__(self, port, wire):
        self.port, self.wire = port, wire
        port.start_daemon()
        self.tenant, = port.tenants([f"vf0-{VFS - 1}"])
        self.file = f"{port.folder}/out.pcap"

    def told(self, what):
        return sum(what in line.get("reason", "") for line in self.port.audit())

    def command(self, *args):
        return [self.port.path("app/sluicectl/sluicectl"), "--socket",
                f"{self.port.folder}/control.sock", *args]

    def ctl(self, *args, **more):
        return subprocess.run(self.command(*args), check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=rig.WAIT_S, **more)

    def start(self, *args, file=None):
        """@return the process, when it sees frames"""
        begun = self.told("capture begun")
        process = subprocess.Popen(self.command("capture", "vf", "1", "-w", file or self.file,
                                                *args),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until(lambda: self.told("capture begun") > begun or process.poll() is not None,
              "the capture's begin")
        if process.poll() is not None:
            raise Failed(f"capture: {process.stderr.read()}")
        return process

    def finish(self, process):
        """@return its status, and the number of packets: captured, received, dropped, missed"""
        out, err = process.communicate(timeout=rig.WAIT_S)
        until(lambda: self.told("capture ended") == self.told("capture begun"), "its end")
        return process.returncode, out, [int(line.split()[0]) for line in err.decode().splitlines()]

    def written(self):
        with open(self.file, "rb") as file:
            return packets(file.read())

    def test_what_the_vf_receives(self):
        """From the wire and a neighbour, in order; not what others get, and not what it sends."""
        process = self.start("-c", "31")
        wanted = []
        for number in range(10):
            for dst in (mac_of(1), mac_of(0), PF_MAC, BROADCAST):
                self.wire.send(dst, OUTSIDE, number)
                if dst in (mac_of(1), BROADCAST):
                    wanted.append(frame_of(dst, OUTSIDE, number))
        until(lambda: len(self.written()) == 20, "the wire's")
        self.tenant.send(1, BROADCAST, 3)
        self.tenant.send(1, mac_of(2), 3)
        self.tenant.send(0, mac_of(1), 10)
        wanted += 10 * [frame_of(mac_of(1), mac_of(0), 0)]
        until(lambda: len(self.written()) == 30, "a neighbour's")
        self.wire.send(mac_of(1), OUTSIDE, 77)
        wanted.append(frame_of(mac_of(1), OUTSIDE, 77))
        expect(self.finish(process), (0, b"", [31, 31, 0, 0]), "status and summary")
        found = self.written()
        expect([data for _, _, data in found], wanted, "frames")
        expect([length for _, length, _ in found], [len(data) for data in wanted], "lengths")
        times = [time for time, _, _ in found]
        expect(times, sorted(times), "times")

    def test_filter_and_snaplen(self):
        """A pipe, for whom each frame is there at once; the filter sees more than is kept."""
        process = self.start("-s", "20", "ether[14:4]", "=", "0x5 or", "ether src", mac_of(3),
                             file="-")
        for number in range(10):
            self.wire.send(mac_of(1), OUTSIDE, number)
        self.tenant.send(3, mac_of(1), number=8)
        data = b""
        while len(data) < 24 + 2 * 36:
            if not select.select([process.stdout], [], [], rig.WAIT_S)[0]:
                raise Failed(f"{len(data)} bytes in the pipe")
            data += os.read(process.stdout.fileno(), 65536)
        process.send_signal(signal.SIGINT)
        status, more, summary = self.finish(process)
        expect((status, summary), (0, [2, 11, 0, 0]), "status and summary")
        wanted = [frame_of(mac_of(1), OUTSIDE, 5), frame_of(mac_of(1), mac_of(3), 8)]
        expect([(length, kept) for _, length, kept in packets(data + more)],
               [(len(frame), frame[:20]) for frame in wanted], "frames")

    def test_tags_and_port_vlans(self):
        """A port VLAN's tag, which the VF does not see, is in the file; other VLANs are not.

        82576 and I350 take it off all that is replicated, broadcasts among it."""
        left = None if self.port.family == "82576" else 30
        self.ctl("set", "vf", "1", "vlan", "30")
        process = self.start("--seconds", "86400", "--json")
        for vlan in (None, 31, 30):
            self.wire.send(mac_of(1), OUTSIDE, 1, vlan)
            self.wire.send(BROADCAST, OUTSIDE, 2, vlan)
        until(lambda: len(self.written()) == 2, "two frames")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=rig.WAIT_S)
        expect((process.returncode, json.loads(out)["captured"]), (0, 2), "status and summary")
        expect([data for _, _, data in self.written()],
               [frame_of(mac_of(1), OUTSIDE, 1, 30), frame_of(BROADCAST, OUTSIDE, 2, left)],
               "frames")
        self.ctl("set", "vf", "1", "vlan", "0")

    def test_bad_arguments_switch_nothing(self):
        begun = self.told("capture begun")
        with open(self.file, "w", encoding="ascii") as file:
            file.write("kept")
        for args, words in ((("tcp", "and", "and"), ("filter 'tcp and and': ", "syntax")),
                            (("-c", "x"), ("-c: x is not in 0..",)),
                            (("-s", "65536"), ("-s: 65536 is not in 0..65535",)),
                            (("--seconds", "9999999"), ("--seconds: 9999999 is not in",))):
            done = self.ctl("capture", "vf", "1", "-w", self.file, *args)
            for word in words:
                expect((done.returncode, word in done.stderr), (64, True), f"{args}: {done.stderr}")
        expect(self.ctl("capture", "vf", "1").returncode, 64, "without a file")
        expect(self.ctl("capture", "-w", self.file).returncode, 64, "without a VF")
        expect(self.ctl("capture", "vf", str(VFS), "-w", self.file).returncode, 64, "no such VF")
        if os.geteuid() == 0:
            os.chmod(self.port.folder, 0o711)
            other = {"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []}
            done = self.ctl("capture", "vf", "1", "-w", "/dev/null", **other)
            expect(done.returncode, 77, "status for another user")
        expect(self.told("capture begun"), begun, "captures begun")
        with open(self.file, encoding="ascii") as file:
            expect(file.read(), "kept", "the file that was there")
        done = self.ctl("capture", "vf", "1", "-w", "/nowhere/x.pcap")
        expect((done.returncode, "/nowhere/x.pcap" in done.stderr), (73, True), done.stderr)
        until(lambda: self.told("capture ended") == begun + 1, "the end of that")

    def test_mirrors_of_the_operator_stay(self):
        for vf, mirror, word in ((1, "2", "mirrored to vf 2 already"),
                                 (3, "pf", "vf 3: mirrored to the PF")):
            self.ctl("set", "vf", str(vf), "mirror", mirror)
            done = self.ctl("capture", "vf", "1", "-w", self.file)
            expect((done.returncode, word in done.stderr), (75, True), done.stderr)
            self.ctl("set", "vf", str(vf), "mirror", "none")
        # Its own one to the PF is as good as any, and is there afterwards.
        self.ctl("set", "vf", "1", "mirror", "pf")
        process = self.start("-c", "1")
        self.wire.send(mac_of(1), OUTSIDE, 4)
        expect(self.finish(process)[0], 0, "status")
        shown = json.loads(self.ctl("show", "vf", "1", "--json").stdout)
        expect(shown["ports"][0]["vfs"][0]["policy"]["mirror"], "pf", "the operator's mirror")
        self.ctl("set", "vf", "1", "mirror", "none")
        for vf in (0, 2, 3, 4):
            expect(self.ctl("set", "vf", str(vf), "mirror", str((vf + 1) % VFS)).returncode, 0,
                   "status of a mirror")
        done = self.ctl("capture", "vf", "1", "-w", self.file)
        expect((done.returncode, done.stderr),
               (71, "sluicectl: mirror: the port has no room for one more\n"), "a fifth rule")
        for vf in (0, 2, 3, 4):
            self.ctl("set", "vf", str(vf), "mirror", "none")

    def test_who_is_killed_leaves_nothing(self):
        process = self.start()
        done = self.ctl("capture", "vf", "2", "-w", "/dev/null")
        expect((done.returncode, "a capture runs" in done.stderr), (75, True), done.stderr)
        process.kill()
        process.wait()
        until(lambda: self.told("capture ended") == self.told("capture begun"), "its end")
        process = self.start("-c", "1")
        self.wire.send(mac_of(1), OUTSIDE, 9)
        expect(self.finish(process)[::2], (0, [1, 1, 0, 0]), "status and summary")

    def test_over_a_reset_of_the_vf(self):
        process = self.start("-c", "1")
        self.tenant.finish()
        self.tenant, = self.port.tenants(["vf1"])
        self.wire.send(mac_of(1), OUTSIDE, 6)
        expect(self.finish(process)[0], 0, "status")
        expect([data for _, _, data in self.written()], [frame_of(mac_of(1), OUTSIDE, 6)], "frames")

    def test_the_daemon_ends(self):
        process = self.start()
        expect(self.port.daemon.stop(), 0, "the daemon's status")
        _, err = process.communicate(timeout=rig.WAIT_S)
        expect((process.returncode, b"sluiced has ended" in err), (69, True), f"status: {err}")
        expect(self.written(), [], "frames")


def main(build, family):
    with Rig(build, family, VFS, wire="socket", model=["--mac", PF_MAC]) as port:
        test = Test(port, port.wire())
        return rig.run([(name[5:].replace("_", " "), getattr(test, name))
                        for name in Test.__dict__ if name.startswith("test_")])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
