#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The daemon itself on a port of the device model, and VFs that stop at nothing (hostile.c).

usage: daemon_test.py BUILD FAMILY

The name of a test is that of the flaw: a CVE, a commit, or an item of a list of what to fuzz.
"""
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../model/server"))
import rig  # noqa: E402
from rig import Failed, Program, Rig, expect, mac_of, until  # noqa: E402

VFS = 4
BYSTANDER = VFS - 1
# What three VFs do at once, of hostile.c's storms.
STORMS = (("requests", "rewrite", "lock"), ("resets", "flr", "garbage"))
STORM_S = 0.1
KEPT_S = 1.5
EX_OK, EX_USAGE, EX_IOERR, EX_TEMPFAIL = 0, 64, 74, 75

RESET, SET_MAC, SET_MULTICAST, SET_VLAN, SET_MAX_FRAME, NEGOTIATE = 1, 2, 3, 4, 5, 8
ADD, OPCODE = 0x10000, 0xffff
ACK, NACK, CTS = 0x80000000, 0x40000000, 0x20000000
GET_LINK_STATE = 0x10
VERSIONS = {"82576": (), "82599": (0, 2, 3, 4)}    # 1.0, 1.1, 1.2, 1.3
STATION = "02:00:00:00:09:09"
# Each key of a policy, a value that restricts or allows something, and the usual one.
KEYS = (
    ("vlan", "5", "0"), ("trust", "on", "off"), ("spoofchk", "off", "on"),
    ("state", "disable", "auto"), ("trunk", "10,20-29", "all"), ("untagged", "off", "on"),
    ("max_tx_rate", "500", "0"), ("query_rss", "on", "off"), ("broadcast", "off", "on"),
    ("multicast", "off", "on"), ("unknown_unicast", "on", "off"), ("loopback", "off", "on"),
    ("mirror", "pf", "none"), ("mirror", "2", "none"), ("max_macs", "1", "18"),
    ("max_vlans", "1", "16"), ("max_multicasts", "1", "30"), ("drop", "off", "on"),
    ("min_interrupt_us", "50", "0"), ("max_interrupt_us", "500", "0"),
)
LACKING = {"82576": ("loopback",), "82599": ("loopback", "min_interrupt_us", "max_interrupt_us")}
PAUSE_MAC, PAUSE_TYPE = "01:80:c2:00:00:01", 0x8808


class Hostile(Program):
    """hostile.c with all VFs of the port."""

    def __init__(self, port):
        device = f"connect={port.nic},function=vf0-{VFS - 1},doorbell=trap"
        super().__init__(port, "hostile", [
            port.path("test/negative/hostile"), "--no-huge", "-m", "64", "--no-pci",
            "--no-shconf", "--no-telemetry", "--log-level=lib.eal:warning",
            f"--lcores=0@(0-{os.cpu_count() - 1})",
            "-d", port.path("test/model/attach/librte_bus_sluicemodel.so"),
            f"--vdev=sluicemodel0,{device}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.rig, self.unread = port, b""
        expect(self.line(), f"ready {VFS}", "hostile")

    def line(self):
        while b"\n" not in self.unread:
            if not select.select([self.process.stdout], [], [], rig.WAIT_S)[0]:
                raise Failed(f"hostile: silent for {rig.WAIT_S} s")
            part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                raise Failed(f"hostile: ended ({self.process.wait(rig.WAIT_S)})")
            self.unread += part
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def do(self, what, vf, *words):
        """@return the words of the answer behind the command's name"""
        text = " ".join(f"{word:x}" if isinstance(word, int) else word for word in words)
        self.process.stdin.write(f"{what} {vf} {text}\n".encode())
        found = self.line().split()
        expect(found[:1], [what], "answer")
        return found[1:]

    def ask(self, vf, *words):
        """@return all words of the reply"""
        found = self.do("ask", vf, *words)
        if found[0].startswith("un"):
            raise Failed(f"VF {vf}: {words[0]:08x} is {found[0]}, VFMAILBOX {found[1]}, buffer "
                         f"{' '.join(found[2:])}\n{self.known_of(vf)}")
        return [int(word, 16) for word in found]

    def known_of(self, vf):
        """What the daemon knows of a VF: lines of a comment."""
        lines = []
        try:
            shown = json.loads(self.rig.sluicectl("show", "--json"))["ports"][0]["vfs"][vf]
            lines.append(f"{shown['state']} {shown['restraint']} {shown['counters']}")
            lines += [json.dumps(line) for line in self.rig.audit() if line.get("vf") == vf][-8:]
        except (OSError, subprocess.SubprocessError) as error:
            lines.append(f"sluiced says nothing: {error}")
        return "\n".join(f"#   {line}" for line in lines)

    def granted(self, vf, *words):
        word = self.ask(vf, *words)[0]
        if word & (ACK | NACK) != ACK or (word ^ words[0]) & OPCODE != 0:
            raise Failed(f"VF {vf}: {words[0]:08x} is answered by {word:08x}\n{self.known_of(vf)}")

    def reset(self, vf):
        """As the VF's next owner does it: function-level reset, then RESET."""
        self.do("flr", vf)
        self.granted(vf, RESET)


class Daemon:
    """Rig, daemon and hostile VFs."""

    def __init__(self, port):
        self.rig = port
        self.wire = port.wire()
        self.hostile = Hostile(port)
        self.start()
        self.hostile.reset(BYSTANDER)

    def start(self):
        self.rig.start_daemon()

    def stop(self, wanted=EX_OK):
        expect(self.rig.daemon.stop(), wanted, "sluiced's status")

    def show(self, vf=None):
        vfs = json.loads(self.rig.sluicectl("show", "--json"))["ports"][0]["vfs"]
        return vfs if vf is None else vfs[vf]

    def all_ready(self):
        for vf in range(VFS):
            self.hostile.reset(vf)
            self.hostile.granted(vf, SET_VLAN, 0)

    def bystander(self, what):
        """The VF that does nothing wrong gets what it asks for."""
        begin = time.monotonic()
        for _ in range(2):
            self.hostile.granted(BYSTANDER, SET_VLAN | ADD, 9)
            self.hostile.granted(BYSTANDER, SET_VLAN, 9)
        print(f"# {what}: four requests of a bystander in {time.monotonic() - begin:.3f} s")

    def settled(self):
        """Whatever the others did: one address, its own; nothing that it may not have."""
        for shown in self.show():
            expect((shown["macs"] <= 18, shown["vlans"] <= 16, shown["promiscuous"]),
                   (True, True, False), f"VF {shown['vf']}: quotas, promiscuous")
            if shown["state"] == "ready":
                expect(shown["mac"], mac_of(shown["vf"]), "address")
            counters = shown["counters"]
            expect(counters["requests"], counters["acked"] + counters["nacked"], "requests")


def test_opcodes_in_every_state(port):
    """CVE-2025-39969: nothing but RESET has an effect before a RESET, in whatever way it is due."""
    def after_nothing(vf):
        expect(port.show(vf)["state"], "wait-reset", "at first")

    def after_flr(vf):
        port.hostile.reset(vf)
        port.hostile.do("flr", vf)

    def after_policy(vf):
        port.hostile.reset(vf)
        port.rig.sluicectl("set", "vf", str(vf), "mac", f"02:00:00:00:77:{vf:02x}")
        port.rig.sluicectl("set", "vf", str(vf), "mac", mac_of(vf))

    for enter in (after_nothing, after_flr, after_policy):
        enter(0)
        until(lambda: port.show(0)["state"] == "wait-reset", enter.__name__)
        before = port.show(0)
        for opcode in (*range(0, 0x20), 0x100, 0x101, 0xff, 0xffff):
            for info in (0, ADD):
                if opcode != RESET:
                    expect(port.hostile.do("post", 0, opcode | info, 64), ["1"], "taken")
        after = port.show(0)
        expect((after["state"], after["counters"]["acked"], after["vlans"], after["max_frame"]),
               (before["state"], before["counters"]["acked"], before["vlans"],
                before["max_frame"]), f"state and acked after {enter.__name__}")
    port.hostile.reset(0)
    for opcode in (*range(0x20, 0x40), 0xff, 0x101, 0xffff):
        expect(port.hostile.ask(0, opcode, 0)[0], opcode | NACK | CTS, "in state ready")


def test_versions(port):
    """CVE-2025-40104: 1.0 to 1.7 and 2.0, as they cross the mailbox, and what is none."""
    for number in (*range(0, 10), 0x100, 0x10000, 0xffffffff):
        spoken = number in VERSIONS[port.rig.family]
        port.hostile.reset(0)
        expect(port.hostile.ask(0, NEGOTIATE, number)[0],
               NEGOTIATE | CTS | (ACK if spoken else NACK), f"version {number}")
        port.hostile.granted(0, SET_VLAN | ADD, 5)


def test_reset_reply(port):
    """CVE-2022-48949: the buffer is zero behind the reply, whatever was in it."""
    for _ in range(3):
        expect(port.hostile.do("post", 0, *([0xa5a5a5a5] * 16)), ["1"], "taken")
        words = port.hostile.ask(0, RESET)
        expect((words[0], words[2] >> 16, words[4:], words[3]), (RESET | ACK, 0, [0] * 12, 0),
               "reply to RESET")


def test_flr_at_each_step(port):
    """A VF is reset before each access of a request and each of its looks for the reply."""
    for accesses in range(0, 24):
        port.hostile.do("cut", 0, accesses)
    port.hostile.reset(0)
    until(lambda: port.show(0)["vlans"] == 0, "no VLAN of before")
    port.bystander("resets at each step")


def start_storm(port, kinds):
    for vf, kind in enumerate(kinds):
        port.hostile.do("storm", vf, kind)


def end_storm(port, kinds):
    rounds = [int(port.hostile.do("calm", vf)[0]) for vf in range(len(kinds))]
    print(f"# {', '.join(kinds)}: {rounds} rounds")
    port.settled()
    port.all_ready()
    port.settled()


def test_storms(port):
    """The lock is held for ever, requests are rewritten while the PF reads, storms of requests,
    resets, function-level resets, and any bits at all; and who does none of it is served."""
    for kinds in STORMS:
        start_storm(port, kinds)
        time.sleep(STORM_S)
        port.bystander(f"{', '.join(kinds)}")
        end_storm(port, kinds)


def test_operator_in_a_flood(port):
    """GSD-2022-1004525: the daemon's main thread looks for requests too, and is not kept by them.
    sluicectl gives up after 5 s."""
    kinds = ("lock", "requests", "lock")
    start_storm(port, kinds)
    end = time.monotonic() + KEPT_S
    while time.monotonic() < end:
        port.show()
        time.sleep(0.02)
    end_storm(port, kinds)


def test_reset_all(port):
    """CVE-2024-36020: the operator has all VFs reset themselves while they do so anyhow."""
    start_storm(port, ("resets", "flr", "resets"))
    for turn in range(4):
        for vf in range(BYSTANDER):
            port.rig.sluicectl("set", "vf", str(vf), "mac",
                               f"02:00:00:00:77:{vf:02x}" if turn % 2 == 0 else mac_of(vf))
    end_storm(port, ("resets", "flr", "resets"))
    expect([vf["state"] for vf in port.show()], ["ready"] * VFS, "states")


def test_lock_is_taken_back(port):
    """A VF asks and keeps the buffer: it is served all the same, and nobody waits for it."""
    before = port.show(0)["counters"]
    port.hostile.do("flr", 0)
    expect(port.hostile.do("hog", 0, RESET), ["1"], "taken")
    until(lambda: port.show(0)["state"] == "ready", "the RESET is served")
    expect(port.hostile.do("hog", 0, SET_VLAN | ADD, 77), ["1"], "taken")
    until(lambda: port.show(0)["vlans"] == 1, "the request is served")
    after = port.show(0)["counters"]
    expect(after["lock_taken"] - before["lock_taken"] >= 2, True, "counted as taken")
    port.bystander("with a hog")
    port.hostile.reset(0)


def test_quarantine(port):
    """mdd, qed, fm10k, ice: a VF that floods is shut off. RESET does not end that; its function's
    reset and the operator do. Its neighbour hears and is served."""
    for vf in range(2):
        port.hostile.reset(vf)
        port.hostile.do("listen", vf)
        until(lambda: hears(port, vf), "a frame")
    port.rig.watch(mailbox={"limit": 300, "window_ms": 1000, "action": "quarantine"})
    port.hostile.do("storm", 0, "requests")
    until(lambda: port.show(0)["state"] == "quarantined", "the flood is seen")
    port.bystander("with a VF in quarantine")
    port.hostile.do("calm", 0)
    reason = port.show(0)["restraint"]
    if not re.fullmatch(r"quarantined: mailbox flood, 3\d\d requests in 1000 ms, until released",
                        reason):
        raise Failed(f"the reason is {reason}")
    if reason not in port.rig.sluicectl("show"):
        raise Failed("sluicectl show does not tell why")
    told = [line for line in port.rig.audit()
            if line.get("vf") == 0 and line.get("request") == "watch"]
    expect([line["reason"] for line in told], [reason.removesuffix(", until released")],
           "in the audit log")
    for _ in range(5):
        expect(port.hostile.do("post", 0, RESET), ["1"], "taken")
    expect(port.show(0)["state"], "quarantined", "after RESET")
    port.hostile.do("heard", 0)
    for _ in range(20):
        port.wire.send(mac_of(0), STATION, 4)
    until(lambda: hears(port, 1), "a frame for the neighbour")
    expect(port.hostile.do("heard", 0), ["0"], "frames in quarantine")
    port.rig.sluicectl("release", "vf", "0")
    expect(port.show(0)["state"], "wait-reset", "released")
    port.hostile.granted(0, RESET)
    port.rig.sluicectl("quarantine", "vf", "0", "for", "a", "test")
    expect(port.show(0)["restraint"], "quarantined: for a test, until released", "by hand")
    port.hostile.reset(0)
    expect((port.show(0)["state"], port.show(0)["restraint"]), ("ready", ""), "after its FLR")
    port.rig.watch()


def test_throttle(port):
    """A flood beyond a VF's budget is not answered, and ends with its time."""
    port.hostile.reset(0)
    port.rig.watch(mailbox={"limit": 100, "window_ms": 1000, "action": "throttle",
                            "release_s": 1})
    before = port.show(0)["counters"]
    port.hostile.do("storm", 0, "requests")
    until(lambda: "throttled: mailbox flood" in port.show(0)["restraint"], "the flood is seen")
    port.bystander("with a throttled flood")
    port.hostile.do("calm", 0)
    until(lambda: port.show(0)["restraint"] == "", "its time is over")
    after = port.show(0)["counters"]
    expect(after["throttled"] > before["throttled"], True, "some went unanswered")
    port.rig.watch()
    port.settled()
    port.hostile.reset(0)


def test_no_such_vf(port):
    """ixgbe 600a507ddcb9: the operator names VFs that there are not."""
    before = port.show()
    for vf in (VFS, VFS + 1, 7, 8, 63, 64, 255, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 64, -1):
        for line in ({"cmd": "set", "vf": vf, "vlan": 5}, {"cmd": "show", "vf": vf}):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(rig.WAIT_S)
                sock.connect(f"{port.rig.folder}/control.sock")
                sock.sendall(json.dumps(line).encode() + b"\n")
                reply = json.loads(sock.makefile().readline())
            expect((reply["ok"], reply.get("code")), (False, EX_USAGE), f"{line}")
    expect(port.show(), before, "all VFs")


def set_policy(port, *words):
    """@return whether it is taken, and what sluicectl says"""
    try:
        return True, port.rig.sluicectl("set", "vf", "0", *words, stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        expect(error.returncode, EX_USAGE, " ".join(words))
        return False, error.stdout


def test_every_key(port):
    """All words of a policy, with the VF up or not: in force, also for the VF's next owner, or
    refused by name, and then the VF comes up as before."""
    lacking, before = LACKING[port.rig.family], port.show(0)["policy"]
    for comes_up in (True, False):
        for key, value, usual in KEYS:
            port.hostile.reset(0)
            if not comes_up:
                port.hostile.do("flr", 0)
            taken, said = set_policy(port, key, value)
            expect(taken, key not in lacking, f"{key} {value} is taken: {said}")
            if not taken and not re.search(f"{key}.*: this hardware ", said):
                raise Failed(f"{key} is refused without a reason: {said}")
            expect(port.show(0)["policy"][key] != before[key], taken, f"{key} is shown as changed")
            port.hostile.reset(0)
            expect(set_policy(port, key, usual)[0], True, f"{key} {usual}")
    port.hostile.reset(0)
    expect(port.show(0)["policy"], before, "at the end")


def test_disabled(port):
    """What the operator turned off, no reset turns on; a VF that asks is told."""
    for state, told in (("disable", 0), ("auto", 1)):
        expect(set_policy(port, "state", state)[0], True, state)
        for _ in range(2):
            port.hostile.reset(0)
            port.hostile.granted(0, SET_VLAN, 0)
            if port.rig.family != "82576":
                port.hostile.granted(0, NEGOTIATE, 3)
                expect(port.hostile.ask(0, GET_LINK_STATE)[1], told, f"link state, {state}")
        expect(port.rig.sluicectl("show").count("disabled"), 1 - told, "VFs marked in the table")
    expect(port.show(0)["policy"]["state"], "auto", "state")


def test_pause_frames(port):
    """CVE-2015-1142857: behind a port VLAN a VF's PAUSE frame leaves with a tag, so that no
    switch obeys it."""
    port.rig.sluicectl("set", "vf", "0", "vlan", "33")
    port.hostile.reset(0)
    port.hostile.do("listen", 0)
    drain(port.wire)
    for _ in range(3):
        expect(port.hostile.do("send", 0, PAUSE_MAC, mac_of(0), PAUSE_TYPE), ["1"], "sent")
    expect(port.hostile.do("send", 0, STATION, mac_of(0), rig.ETHERTYPE), ["1"], "sent")
    seen = []
    until(lambda: seen.extend(drain(port.wire)) or any(frame[:6] == bytes.fromhex(
        STATION.replace(":", "")) for frame in seen), "the frame behind them")
    for frame in seen:
        expect(frame[12:16].hex(), "81000021", "EtherType and tag")
    port.rig.sluicectl("set", "vf", "0", "vlan", "0")
    port.hostile.reset(0)


def drain(wire):
    found = []
    while True:
        try:
            found.append(wire.socket.recv(16384))
        except BlockingIOError:
            return found


def hears(port, vf):
    port.wire.send(mac_of(vf), STATION, 1)
    return int(port.hostile.do("heard", vf)[0]) > 0


def test_nothing_is_written_later(port):
    """CVE-2022-48941: who was told that its queues are off finds nothing new in its memory."""
    for vf in range(2):
        port.hostile.reset(vf)
        port.hostile.do("listen", vf)
        until(lambda: hears(port, vf), "a frame")
    port.hostile.do("flr", 0)
    port.hostile.do("heard", 0)
    until(lambda: hears(port, 1), "a frame for the other")
    for _ in range(20):
        port.wire.send(mac_of(0), STATION, 2)
    until(lambda: hears(port, 1), "a frame behind them")
    expect(port.hostile.do("heard", 0), ["0"], "frames after the reset")
    port.stop()
    port.hostile.do("heard", 1)
    for _ in range(20):
        port.wire.send(mac_of(1), STATION, 3)
    time.sleep(STORM_S)
    expect(port.hostile.do("heard", 1), ["0"], "frames without a PF")
    port.start()
    port.all_ready()


def test_stop_in_a_flood(port):
    """GSD-2022-1004525, and igb's lock: the VFs go while they are served. Neither a crash nor a
    standstill, and the next PF finds them fit."""
    for kinds in STORMS:
        start_storm(port, kinds)
        time.sleep(STORM_S)
        port.stop()
        port.start()
        end_storm(port, kinds)


def test_start_in_a_flood(port):
    """The PF comes while all VFs are at it already."""
    port.stop()
    kinds = ("requests", "flr", "garbage")
    start_storm(port, kinds)
    port.start()
    port.hostile.reset(BYSTANDER)
    port.bystander("from the start")
    end_storm(port, kinds)


def change_vfs(port, number):
    port.rig.set_vfs(number)
    port.rig.sluicectl("vfs", *(("create", str(number)) if number else ("destroy",)))
    expect(len(port.show()), number, "VFs")


def test_numvfs_in_a_flood(port):
    """CVE-2025-21883, i40e and igb: VFs come and go while they ask, reset and write any bits at
    all. Each time the PF is set up anew; policies stay with the VFs' numbers."""
    kinds = ("requests", "garbage", "flr")
    start_storm(port, kinds)
    for turn in range(20):
        change_vfs(port, (1, VFS, 0, 2, 7, VFS)[turn % 6])
    change_vfs(port, VFS)
    port.hostile.reset(BYSTANDER)
    port.bystander("after 20 changes")
    end_storm(port, kinds)
    expect([vf["mac"] for vf in port.show()], [mac_of(vf) for vf in range(VFS)], "addresses")


def test_numvfs_refused(port):
    """What cannot be changes nothing, and says why."""
    before = port.show()
    for number, status, word in ((VFS + 1, EX_TEMPFAIL, f"has {VFS} VFs"), (64, EX_USAGE, "0..63"),
                                 (-1, EX_USAGE, "0..63"), ("x", EX_USAGE, "x")):
        found = subprocess.run([port.rig.path("app/sluicectl/sluicectl"), "--socket",
                                f"{port.rig.folder}/control.sock", "vfs", "create", str(number)],
                               check=False, capture_output=True, text=True)
        expect((found.returncode, word in found.stderr, found.stderr.count("\n")),
               (status, True, 1), f"{number} VFs: {found.stderr}")
    port.rig.config["ports"][0]["num_vfs"] = VFS + 1
    port.rig.write_config()
    port.rig.daemon.process.send_signal(signal.SIGHUP)
    until(lambda: "all stays as it was" in port.rig.daemon.output(), "the reload is refused")
    port.rig.config["ports"][0]["num_vfs"] = VFS
    port.rig.write_config()
    expect(port.show(), before, "all VFs")


def test_numvfs_by_reload(port):
    """The file's word, with the policies of its VFs."""
    vfs = port.rig.config["ports"][0]["vfs"]
    wanted = port.rig.config["ports"][0] = {
        **port.rig.config["ports"][0], "num_vfs": 2, "vfs": [{**vfs[0], "vlan": 77}, vfs[1]]}
    port.rig.set_vfs(2)
    port.rig.write_config()
    port.rig.daemon.process.send_signal(signal.SIGHUP)
    until(lambda: [vf["policy"]["vlan"] for vf in port.show()] == [77, 0], "two VFs, a new VLAN")
    port.rig.set_vfs(VFS)
    wanted.update(num_vfs=VFS, vfs=vfs)
    port.rig.write_config()
    port.rig.daemon.process.send_signal(signal.SIGHUP)
    until(lambda: [vf["policy"]["vlan"] for vf in port.show()] == [0] * VFS, "all VFs, as before")
    port.all_ready()
    port.settled()


def test_vf_killed_while_pf_stops(port):
    """CVE-2022-48941: a VF's process goes while its PF does, in either order."""
    for first in ("pf", "vf", "both"):
        for vf in range(VFS):
            port.hostile.do("listen", vf)
            port.hostile.do("storm", vf, "requests")
        if first == "vf":
            port.hostile.kill()
        port.rig.daemon.process.terminate()
        if first == "both":
            port.hostile.kill()
        port.stop()
        port.hostile.kill()
        expect(port.rig.model.running(), True, "the model runs")
        port.hostile = Hostile(port.rig)
        port.start()
        port.all_ready()


def test_all_ones(port):
    """The device vanishes under a flood: all registers read ones. The daemon says so, and ends."""
    for vf in range(VFS):
        port.hostile.do("storm", vf, "requests")
    expect(port.rig.model.stop(), EX_OK, "the model's status")
    expect(port.rig.daemon.process.wait(rig.WAIT_S), EX_IOERR, "sluiced's status")
    if not re.search("the device is gone", port.rig.daemon.output()):
        raise Failed("sluiced does not say why")


TESTS = (
    ("cve_2025_39969_opcodes_in_every_state", test_opcodes_in_every_state),
    ("cve_2025_40104_versions", test_versions),
    ("cve_2022_48949_reset_reply", test_reset_reply),
    ("function_level_reset_at_each_step", test_flr_at_each_step),
    ("lock_rewriting_and_storms", test_storms),
    ("lock_is_taken_back", test_lock_is_taken_back),
    ("malicious_vf_is_quarantined", test_quarantine),
    ("ice_mailbox_overflow_is_throttled", test_throttle),
    ("gsd_2022_1004525_operator_in_a_flood", test_operator_in_a_flood),
    ("cve_2024_36020_reset_all_while_they_reset", test_reset_all),
    ("ixgbe_600a507ddcb9_no_such_vf", test_no_such_vf),
    ("every_key_of_a_policy", test_every_key),
    ("disabled_over_resets", test_disabled),
    ("cve_2015_1142857_pause_frames", test_pause_frames),
    ("cve_2022_48941_nothing_is_written_later", test_nothing_is_written_later),
    ("gsd_2022_1004525_stop_in_a_flood", test_stop_in_a_flood),
    ("start_in_a_flood", test_start_in_a_flood),
    ("cve_2025_21883_numvfs_changes_in_a_flood", test_numvfs_in_a_flood),
    ("numvfs_refused", test_numvfs_refused),
    ("numvfs_by_reload", test_numvfs_by_reload),
    ("cve_2022_48941_vf_killed_while_pf_stops", test_vf_killed_while_pf_stops),
    ("all_ones", test_all_ones),
)


def main():
    build, family = sys.argv[1:]
    with Rig(build, family, VFS, wire="socket") as started:
        port = Daemon(started)
        return rig.run([(f"{family}: {name}", lambda test=test: test(port))
                        for name, test in TESTS])


if __name__ == "__main__":
    sys.exit(main())
