# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""DPDK's own example programs, unmodified, built when the case runs; suite examples."""

import contextlib
import os
import re
import subprocess
import time

from scapy.layers.inet import IP, UDP

import frames
from frames import frame
from framework import case
from port import Failed, expect

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(ROOT, "build", "dpdk-sdk", "examples")
BUILT = os.path.join(ROOT, "build", "conformance", "examples")
START_SECONDS = 60
ARRIVE_SECONDS = 20


def words(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def build(name):
    """The program, from the source as it is."""
    folder, program = os.path.join(SOURCE, name), os.path.join(BUILT, name)
    if os.path.exists(program):
        return program
    os.makedirs(BUILT, exist_ok=True)
    sources = [os.path.join(folder, file) for file in sorted(os.listdir(folder))
               if file.endswith(".c")]
    done = subprocess.run(
        ["cc", "-O2", "-w", "-DALLOW_EXPERIMENTAL_API", *words(["pkg-config", "--cflags",
         "libdpdk"]), "-I", os.path.join(SOURCE, "common"), "-I", folder, *sources, "-o",
         program, *words(["pkg-config", "--libs", "libdpdk"])],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"{name} does not build: {done.stderr}")
    return program


class Program:
    """An example that runs; what it prints goes to a file."""

    def __init__(self, rig, name, device, arguments):
        self._path = os.path.join(rig.folder, f"{name}.log")
        self._seen = {}
        with open(self._path, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                ["stdbuf", "-oL", build(name), *rig.eal_on(device), "--", *arguments],
                stdout=log, stderr=subprocess.STDOUT)

    def text(self):
        with open(self._path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_for(self, pattern, seconds=START_SECONDS):
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.text())):
            if self._process.poll() is not None or time.monotonic() > end:
                raise Failed(f"no {pattern!r} in: {self.text()[-1500:]}")
            time.sleep(0.05)
        return match

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
def running(port, name, device, *arguments):
    """In place of the VF's testpmd; the PF's stays."""
    port.rig.stop_one(port.testpmd)
    program = Program(port.rig, name, device, arguments)
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


@case("examples", kinds="vf", places="model", alone=True)
def l2fwd(port):
    """l2fwd sends on what it receives, with the addresses changed as it does"""
    with running(port, "l2fwd", "vf0", "-p", "1", "-T", "0") as program:
        mac = program.wait_for(r"Port 0, MAC address: (\S+)")[1].lower()
        program.wait_for(r"Link [Uu]p|entering main loop")
        for data in comes_back(port.wire, [frame(mac, size=200) for _ in range(16)]).values():
            expect(data[:6].hex(":") == "02:00:00:00:00:00" and data[6:12].hex(":") == mac,
                   f"other addresses: {data[:12].hex(':')}")


@case("examples", kinds="vf", places="model", alone=True)
def l3fwd_power_interrupts(port):
    """l3fwd-power sleeps until an Rx interrupt wakes it, and forwards then"""
    with running(port, "l3fwd-power", "vf0", "-p", "1", "--config=(0,0,1)",
                 "--interrupt-only") as program:
        mac = program.wait_for(r"Address:([0-9A-Fa-f:]{17})")[1].lower()
        program.wait_for("Port 0 Link up")
        program.wait_for("entering main interrupt loop on lcore 1")
        program.wait_for("rxqueueid=0")
        for _ in range(3):
            sent = [frame(mac, IP(src="10.0.0.1", dst="1.1.1.7"), UDP()) for _ in range(8)]
            comes_back(port.wire, sent)
            program.wait_for_more(r"waked up from rx interrupt on port 0 queue 0")
            program.wait_for_more(r"sleeps until interrupt triggers")
