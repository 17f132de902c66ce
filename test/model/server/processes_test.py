#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Several processes at one model port: traffic, and what becomes of others when one of them goes.

usage: processes_test.py BUILD [try]
"""
import collections
import functools
import glob
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import threading
import time

import rig
from rig import Failed, Rig, Tenant, expect, mac_of, until

FAMILIES = ("82576", "82599")
COUNT = 500
LFLAG = 3  # in what tcgetattr returns


def result_of(done, what):
    if done.returncode != 0:
        raise Failed(f"{what}: status {done.returncode}: {done.stderr[-400:]}")
    return json.loads(done.stdout)


def frames(port, function, *args):
    return [port.path("test/traffic/frames-dpdk"), *port.eal(function), "--", "--json", *args]


def start_receiver(port, function, *args):
    receiver = subprocess.Popen(frames(port, function, "--mode", "receive", *args),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = ""
    while not line.startswith("READY"):
        line = receiver.stderr.readline()
        if not line:
            raise Failed(f"receiver: status {receiver.wait()}")
    return receiver


def test_vf_to_vf(build, family):
    with Rig(build, family, 4) as port:
        port.start_daemon()
        receiver = start_receiver(port, "vf1", "--count", str(COUNT), "--linger-ms", "100",
                                  "--size", "60-1514")
        done = subprocess.run(frames(port, "vf0", "--mode", "send", "--dst", mac_of(1), "--count",
                                     str(COUNT), "--size", "60-1514"),
                              capture_output=True, text=True, check=False,
                              timeout=rig.WAIT_S)
        expect(result_of(done, "sender")["sent"], COUNT, "sent")
        out, err = receiver.communicate(timeout=rig.WAIT_S)
        verdict = json.loads(out)
        expect((receiver.returncode, verdict["unique"], verdict["corrupt"],
                verdict["duplicate"], verdict["missing"]), (0, COUNT, 0, 0, 0), f"received {err}")


def test_wire(build, family):
    with Rig(build, family, 2, wire="socket") as port:
        wire = port.wire()
        port.start_daemon()
        ended = threading.Event()
        echo = threading.Thread(target=wire.echo, args=(ended.is_set,))
        echo.start()
        done = subprocess.run(frames(port, "vf0", "--mode", "both", "--dst", "02:00:00:00:09:09",
                                     "--count", str(COUNT), "--size", "60-1514"),
                              capture_output=True, text=True, check=False,
                              timeout=rig.WAIT_S)
        ended.set()
        echo.join()
        verdict = result_of(done, "there and back")
        expect((verdict["sent"], verdict["unique"], verdict["corrupt"]), (COUNT, COUNT, 0),
               "sent and come back")


def exchange(sender, source, receiver, target, wanted=20):
    """That many frames arrive, all in order of the bytes in them."""
    receiver.tally()
    sender.send(source, receiver.mac[target], wanted)
    got = collections.Counter()

    def all_there():
        more, bad, _ = receiver.tally()
        expect(bad, 0, "bad frames")
        got.update(more)
        return got[target, source, receiver.mac[target]] >= wanted

    until(all_there, f"VF {source} to VF {target}", 10)
    expect(dict(got), {(target, source, receiver.mac[target]): wanted}, "received")


def settle(sender, source, receiver, target):
    """Until a frame arrives: all that was sent before it has arrived, or was dropped."""
    number = 1000

    def arrives():
        nonlocal number
        number += 1
        sender.send(source, receiver.mac[target], number=number)
        for _ in range(20):
            if (target, number, receiver.mac[target]) in receiver.tally()[0]:
                return True
            time.sleep(0.01)
        return False

    until(arrives, "the end of a flood")


def doorbells_of(port, *vfs):
    """Of these VFs, those that trapped."""
    found = port.doorbells()
    return [found[f"VF {vf}"] for vf in vfs]


def test_doorbells(build, family):
    """Once they are plain memory, hardly anybody asks the model, whoever sends."""
    with Rig(build, family, 4, model=["--awake"]) as port:
        port.start_daemon()
        one, two = port.tenants(("vf0-1", "vf2-3"))

        def plain():
            before = sum(doorbells_of(port, 0, 2))
            one.flood(0, mac_of(2), 2000)
            two.flood(2, mac_of(0), 2000)
            return sum(doorbells_of(port, 0, 2)) - before < 60

        # Of more than 240 that are rung. Drivers look after their mailboxes once a second, and
        # then some trap again.
        until(plain, "4000 frames with few traps")
        settle(one, 0, two, 2)
        settle(two, 2, one, 0)
        for _ in range(3):
            exchange(one, 0, two, 2)
            exchange(two, 2, one, 0)


def test_hostile_doorbells(build, family):
    """Any words in all doorbell pages, again and again: it is the trouble of who does it."""
    with Rig(build, family, 4, model=["--awake"]) as port:
        port.start_daemon()
        bad, good = port.tenants(("vf0", "vf2-3"))
        for _ in range(3):
            bad.flood(0, mac_of(2), 1000)
            bad.scribble(200)
            settle(good, 2, good, 3)
            exchange(good, 2, good, 3)
            exchange(good, 3, good, 2)
            bad.kill()
            bad, = port.tenants(("vf0",))
        exchange(bad, 0, good, 2)
        exchange(good, 3, bad, 0)


def test_trapping_doorbells(build, family):
    with Rig(build, family, 4) as port:
        port.start_daemon()
        one, two = port.tenants(("vf0-1", "vf2-3"), doorbell="trap")
        before, = doorbells_of(port, 0)
        for _ in range(5):
            exchange(one, 0, two, 2, 20)
        after, = doorbells_of(port, 0)
        if after - before < 100:
            raise Failed(f"{after - before} trapped of 100 doorbells")


def test_kill(build, family):
    with Rig(build, family, 6) as port:
        port.start_daemon()
        one, two, three = port.tenants(("vf0-1", "vf2-3", "vf4-5"), doorbell="poll")
        exchange(one, 0, two, 2)
        exchange(three, 4, two, 2)
        # It has rung and filled more than it ever sees done; others are at it as well.
        one.say(f"flood {one.port[1]} {mac_of(0)} 1 {1 << 31}")
        for number in range(5):
            if number == 2:
                one.kill()
            exchange(two, 3, three, 5)
            exchange(three, 4, two, 3)
        again, = port.tenants(("vf0-1",), doorbell="poll")
        exchange(again, 0, two, 3)
        exchange(two, 2, again, 1)
        for other in (two, three):
            expect(other.finish(), 0, "status of who was not killed")


def test_taken(build, family):
    with Rig(build, family, 2) as port:
        port.start_daemon()
        first, = port.tenants(("vf0",))
        second = Tenant(port, "vf0")
        if second.process.wait(rig.WAIT_S) == 0 or "Device or resource busy" not in second.output():
            raise Failed(f"a VF that somebody has: {second.output()}")
        beyond = Tenant(port, "vf2")
        if beyond.process.wait(rig.WAIT_S) == 0 or "No such device" not in beyond.output():
            raise Failed(f"a VF that there is not: {beyond.output()}")
        expect(first.link(0), "up", "link of who has it")


def test_foreign_memory(build, family):
    with Rig(build, family, 4) as port:
        port.start_daemon()
        bad, good = port.tenants(("vf0-1", "vf2-3"))
        exchange(bad, 0, good, 2)
        bad.foreign(0)
        until(lambda: "VF 0: access to memory" in port.model.output(), "the fault")
        bad.send(0, mac_of(2), 3)
        exchange(good, 2, good, 3)
        exchange(bad, 1, good, 2)
        exchange(good, 3, bad, 1)
        got, _, _ = good.tally()
        expect(dict(got), {}, "from the VF that is stopped")
        expect(port.model.output().count("access to memory"), 1, "faults")
        bad.kill()
        again, = port.tenants(("vf0",))
        exchange(again, 0, good, 2)


def test_memory_kinds(build, family):
    """What is in no file is refused, and how to help it. EAL itself refuses --in-memory here,
    and in later releases --single-file-segments."""
    with Rig(build, family, 4) as port:
        port.start_daemon()
        one, = port.tenants(("vf0-1",))
        two, = port.tenants(("vf2-3",))
        one.say(f"external {one.port[0]}")
        expect(one.line(), "external refused", "memory in no file")
        if "is in no file" not in one.output() or "--mp-alloc=native" not in one.output():
            raise Failed(f"no remedy in: {one.output()}")
        exchange(one, 0, two, 2)
        exchange(two, 3, one, 1)


def test_memory_vanishes(build, family):
    """The model has mapped it, and a descriptor is in what is no more."""
    with Rig(build, family, 4) as port:
        port.start_daemon()
        bad, good = port.tenants(("vf0", "vf2-3"))
        exchange(good, 2, bad, 0)
        bad.vanish()
        good.send(2, mac_of(0), 3)
        until(lambda: "VF 0: access to memory" in port.model.output(), "the fault")
        exchange(good, 2, good, 3)
        good.send(3, mac_of(0), 100)
        exchange(good, 3, good, 2)
        bad.kill()
        again, = port.tenants(("vf0",))
        exchange(again, 0, good, 2)
        exchange(good, 3, again, 0)
        expect(port.model.output().count("access to memory"), 1, "faults")


def test_pf_gone(build, family):
    with Rig(build, family, 2) as port:
        port.start_daemon()
        tenant, = port.tenants(("vf0-1",))
        exchange(tenant, 0, tenant, 1)
        port.daemon.kill()
        until(lambda: tenant.link(0) == "down" and tenant.link(1) == "down", "VFs without a PF")
        tenant.send(0, mac_of(1), 3)
        got, _, _ = tenant.tally()
        expect(dict(got), {}, "received without a PF")
        tenant.kill()
        port.daemon = None
        subprocess.run(["rm", "-f", f"{port.folder}/control.sock"], check=True)
        port.start_daemon()
        again, = port.tenants(("vf0-1",))
        exchange(again, 1, again, 0)


def test_model_gone(build, family):
    with Rig(build, family, 2) as port:
        port.start_daemon()
        tenant, = port.tenants(("vf0",))
        expect(port.model.stop(), 0, "the model's status")
        until(lambda: tenant.link(0) == "down", "a VF whose port is gone")
        tenant.finish()
        until(lambda: not port.daemon.running(), "the daemon's end")


def processes_with(text):
    found = []
    for name in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                if text in file.read():
                    found.append(name)
        except OSError:
            pass  # it has just ended
    return found


def received_by_vf0(build, folder):
    shown = subprocess.run([f"{build}/app/sluicectl/sluicectl", "--socket",
                            f"{folder}/control.sock", "show", "--json"],
                           stdout=subprocess.PIPE, check=True).stdout
    return json.loads(shown)["ports"][0]["vfs"][0]["counters"]["rx_packets"]


def test_try(build):
    """./run try at a terminal, ended by Ctrl-D: testpmd has switched Ctrl-C off."""
    control, terminal = pty.openpty()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "try.sh")
    with subprocess.Popen(["setsid", "--ctty", "--wait", script, build], stdin=terminal,
                          stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        shown = ""

        def read_until(word):
            nonlocal shown
            while word not in shown:
                if not select.select([control], [], [], rig.WAIT_S)[0]:
                    raise Failed(f"try: no {word} in {shown[-2000:]}")
                shown += os.read(control, 65536).decode(errors="replace")

        try:
            read_until("testpmd>")
            folder = re.search(r"(\S+)/control.sock", shown)[1]
            # testpmd writes its prompt, then switches to raw input. A Ctrl-D from before that
            # is no more than a NUL to it.
            until(lambda: not termios.tcgetattr(control)[LFLAG] & termios.ICANON, "raw input")
            os.write(control, b"start\n")
            until(lambda: received_by_vf0(build, folder) > 100, "frames of the wire at VF 0")
            os.write(control, b"\x04")
            status = process.wait(rig.WAIT_S)
        finally:
            os.close(control)  # hangs up, if it still runs
    expect((status, os.path.exists(folder)), (0, False), "status, and what it leaves behind")
    expect(processes_with(folder), [], "processes that it leaves behind")


TESTS = (
    ("frames from one process's VF to another's", test_vf_to_vf),
    ("frames to the wire and back", test_wire),
    ("doorbells are plain memory: few ask the model", test_doorbells),
    ("any words in doorbell pages hurt nobody else", test_hostile_doorbells),
    ("with doorbell=trap each does", test_trapping_doorbells),
    ("a process is killed: others go on, its VFs can be taken again", test_kill),
    ("a function is one process's", test_taken),
    ("memory that a process does not have stops its function alone", test_foreign_memory),
    ("memory of several kinds", test_memory_kinds),
    ("memory that a process takes away stops its function alone", test_memory_vanishes),
    ("the PF's process is killed: VFs stand still until there is another", test_pf_gone),
    ("the model goes: functions are as if pulled out", test_model_gone),
)


def main():
    build, *more = sys.argv[1:]
    return rig.run([(f"{family}: {what}", functools.partial(test, build, family))
                    for family in FAMILIES for what, test in TESTS] +
                   [("./run try, at a terminal", functools.partial(test_try, build))
                    for word in more if word == "try"])


if __name__ == "__main__":
    sys.exit(main())
