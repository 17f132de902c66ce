# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""DPDK's own example programs, unmodified, built when the case runs; suites examples and
vf_interrupt_pmd."""

import contextlib
import os
import re
import subprocess
import time

from scapy.layers.inet import IP, UDP

import examples
import frames
from frames import FOREIGN_MAC, frame
from framework import case
from port import Failed, expect, expect_equal
from testpmd import NOT_SUPPORTED, NotOffered

ALL = "model sluiced guest"
FLOWS = 32              # each queue gets some of them
START_SECONDS = 60
ARRIVE_SECONDS = 60


class Program:
    """An example that runs; what it prints goes to a file."""

    def __init__(self, rig, name, eal, arguments):
        self._path = os.path.join(rig.folder, f"{name}.log")
        self._seen = {}
        with open(self._path, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                ["stdbuf", "-oL", examples.build(name), *eal, "--", *arguments],
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **rig.environment})

    def text(self):
        with open(self._path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, pattern, begin=0):
        """begin: what stands before is not looked at"""
        end = time.monotonic() + START_SECONDS
        while not (match := re.search(pattern, self.text()[begin:])):
            if self._process.poll() is not None or time.monotonic() > end:
                self._give_up(pattern)
            time.sleep(0.05)
        return match

    def _give_up(self, pattern):
        lines = [line.strip() for line in self.text().splitlines() if line.strip()]
        last = " / ".join(lines[-3:])
        if NOT_SUPPORTED.search(last):
            raise NotOffered(last)
        raise Failed(f"no {pattern!r}; at the end: {last}\n{self.text()[-1500:]}")

    def wait_for_more(self, pattern):
        """One more line than when this was called last."""
        self._seen[pattern] = self._seen.get(pattern, 0) + 1
        self.wait_for(f"(?s)(?:{pattern}.*?){{{self._seen[pattern]}}}")

    def end(self):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


@contextlib.contextmanager
def running(port, name, *arguments, vfs=(0,)):
    """In place of the port's testpmd; the PF's stays, of a VF's."""
    port.rig.stop_one(port.testpmd)
    program = Program(port.rig, name, port.rig.eal_of(port.kind, "example", vfs), arguments)
    try:
        yield program
    finally:
        program.end()


def comes_back(wire, sent):
    """The frames that come back: {serial: bytes}."""
    found = {}
    for one in sent:
        wire.send(one.data)
    end = time.monotonic() + ARRIVE_SECONDS
    while len(found) < len(sent) and time.monotonic() < end:
        data = wire.receive(0.05)
        serial = frames.serial_of_payload(data) if data else None
        if serial is not None:
            found[serial] = data
    missing = [one for one in sent if one.serial not in found]
    expect(not missing, f"{len(missing)} of {len(sent)} frames do not come back")
    return found


@case("examples", kinds="vf", places=ALL, alone=True)
def l2fwd(port):
    """l2fwd sends on what it receives, with the addresses changed as it does"""
    with running(port, "l2fwd", "-p", "1", "-T", "0") as program:
        mac = program.wait_for(r"Port 0, MAC address: (\S+)")[1].lower()
        program.wait_for(r"Link [Uu]p|entering main loop")
        for data in comes_back(port.wire, [frame(mac, size=200) for _ in range(16)]).values():
            expect(data[:6].hex(":") == "02:00:00:00:00:00" and data[6:12].hex(":") == mac,
                   f"other addresses: {data[:12].hex(':')}")


def outgoing_vlan(rig, data):
    """The frame without the tag that the PF put into it."""
    expect_equal("VLAN of what VF 1 sends", bytes([0x81, 0, 0, rig.VLAN]), data[12:16])
    return data[:12] + data[16:]


def change_links(program, change, state):
    """The program's callback tells of both ports."""
    begin = len(program.text())
    change()
    for number in (0, 1):
        program.wait_for(f"Event type: LSC interrupt\nPort {number} Link {state}", begin)


@case("examples", kinds="vf", places="sluiced", alone=True)
def link_status_interrupt(port):
    """link_status_interrupt tells of the link's end and return, and forwards between two VFs"""
    with running(port, "link_status_interrupt", "-p", "3", "-T", "0", vfs=(0, 1)) as program:
        macs = [program.wait_for(f"Port {number}, MAC address: (\\S+)")[1].lower()
                for number in (0, 1)]
        program.wait_for("entering main loop on lcore 1")
        for _ in range(2):
            sent = [frame(macs[0], size=200) for _ in range(16)]
            for data in comes_back(port.wire, sent).values():
                data = outgoing_vlan(port.rig, data)
                expect_equal("addresses", f"02:00:00:00:00:01:{macs[1]}", data[:12].hex(":"))
            change_links(program, port.wire.unplug, "down")
            change_links(program, port.wire.plug, "up")


@case("examples", kinds="vf", places="sluiced", alone=True)
def rxtx_callbacks(port):
    """rxtx_callbacks forwards between two VFs, through its callbacks, what is others'"""
    with running(port, "rxtx_callbacks", vfs=(0, 1)) as program:
        program.wait_for("forwarding packets")
        sent = [frame(FOREIGN_MAC, size=200) for _ in range(16)]
        found = comes_back(port.wire, sent)
        for one in sent:
            expect_equal("frame", one.data, outgoing_vlan(port.rig, found[one.serial]))


def sleep_and_wake(port, queues, rounds):
    """l3fwd-power, asleep in between, forwards what each of the queues gets."""
    config = ",".join(f"(0,{queue},1)" for queue in range(queues))
    with running(port, "l3fwd-power", "-p", "1", f"--config={config}",
                 "--interrupt-only") as program:
        mac = program.wait_for(r"Address:([0-9A-Fa-f:]{17})")[1].lower()
        program.wait_for("Port 0 Link up")
        program.wait_for("entering main interrupt loop on lcore 1")
        program.wait_for(f"rxqueueid={queues - 1}")
        for first in range(0, rounds * FLOWS, FLOWS):
            sent = [frame(mac, IP(src=f"10.0.{flow % 7}.{flow}", dst="1.1.1.7"), UDP())
                    for flow in range(first, first + FLOWS)]
            comes_back(port.wire, sent)
            for queue in range(queues):
                program.wait_for_more(f"waked up from rx interrupt on port 0 queue {queue}")
            program.wait_for_more(r"sleeps until interrupt triggers")


@case("vf_interrupt_pmd", places=ALL, alone=True)
def nic_interrupt(port):
    """l3fwd-power sleeps until an Rx interrupt wakes it, and forwards then"""
    sleep_and_wake(port, 1, 3)


@case("vf_interrupt_pmd", places=ALL, alone=True)
def nic_multi_queues_interrupt(port):
    """With several Rx queues, l3fwd-power is woken by the interrupt of each"""
    sleep_and_wake(port, 4 if port.kind == "pf" else 2, 2)
