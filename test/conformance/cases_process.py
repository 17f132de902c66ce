# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Other processes and EAL's options, in the guest: suites packet_capture, blocklist.

A second process needs memory that it can share, in huge pages, which the model does without.
"""

import contextlib
import glob
import os
import re
import struct
import subprocess
import time

from scapy.layers.inet import IP, TCP, UDP

from frames import frame, serial_of_payload
from framework import case
from port import Failed, expect_equal

# dpdk-dumpcap has no option for drivers: it loads what is here, and in the guest nothing is.
PLUGIN_DIR = "/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0"
LOG = "/run/dumpcap.log"
CAPTURE = "/run/capture.pcap"
START_SECONDS = 60


@contextlib.contextmanager
def default_plugins(paths):
    os.makedirs(PLUGIN_DIR)
    try:
        for path in paths:
            os.symlink(os.path.realpath(path), f"{PLUGIN_DIR}/{os.path.basename(path)}")
        yield
    finally:
        for path in glob.glob(f"{PLUGIN_DIR}/*"):
            os.unlink(path)
        os.rmdir(PLUGIN_DIR)


def read_log():
    with open(LOG, encoding="utf-8", errors="replace") as file:
        return file.read()


def wait_for_capture(process):
    end = time.monotonic() + START_SECONDS
    while "Capturing on" not in (text := read_log()):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed(f"dpdk-dumpcap captures nothing: {text}")
        time.sleep(0.1)


def captured():
    """The serial numbers in a pcap file, in order."""
    with open(CAPTURE, "rb") as file:
        data = file.read()
    at, found = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from("=I", data, at + 8)[0]
        found.append(serial_of_payload(data[at + 16:at + 16 + length]))
        at += 16 + length
    return found


def capture(port, sent, *options):
    """What dpdk-dumpcap saw of the frames, received and sent."""
    with default_plugins(port.rig.plugin_paths()), open(LOG, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            ["stdbuf", "-oL", "dpdk-dumpcap", "--file-prefix=nic", "-i", "0", "-P", "-w", CAPTURE,
             *options], stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_for_capture(process)
            port.exchange(*sent, echo=True)
            time.sleep(1)       # it polls its ring now and then
            process.terminate()
            process.wait(START_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    return captured()


@case("packet_capture", places="guest", alone=True)
def dumpcap(port):
    """dpdk-dumpcap records what the port receives and sends"""
    port.closed("mac")
    sent = [frame(port.mac, IP(), UDP(), size=60 + 100 * index) for index in range(6)]
    found = capture(port, sent)
    for one in sent:
        expect_equal(f"{one!r}: records", 2, found.count(one.serial))


@case("packet_capture", places="guest", alone=True)
def dumpcap_filter(port):
    """dpdk-dumpcap records what its filter lets through, and no more"""
    port.closed("mac")
    udp = [frame(port.mac, IP(), UDP()) for _ in range(3)]
    tcp = [frame(port.mac, IP(), TCP()) for _ in range(3)]
    found = capture(port, udp + tcp, "-f", "udp")
    expect_equal("records of UDP", 6, sum(found.count(one.serial) for one in udp))
    expect_equal("records in all", 6, len(found))


def ports_with(rig, blocked):
    """How many ports a testpmd finds that is told to leave devices alone."""
    select = [word for device in blocked for word in ("-b", device)]
    testpmd = rig.testpmd_on(select, "blocked")
    number = re.search(r"Number of available ports: (\d+)",
                       testpmd.do("show port summary all"))
    rig.stop_one(testpmd)
    return int(number[1]) if number else 0


@case("blocklist", places="guest", alone=True)
def blocklisted_ports(port):
    """EAL's -b keeps our ports out, one by one"""
    rig = port.rig
    if port.kind == "pf":
        rig.stop()
        expect_equal("ports, none blocked", 1, ports_with(rig, []))
        expect_equal("ports, the PF blocked", 0, ports_with(rig, [rig.pf_bdf]))
        return
    rig.restart("vf", vfs=3)
    taken = [rig.pf_bdf, rig.vf_bdfs[0]]
    expect_equal("ports, no free one blocked", 2, ports_with(rig, taken))
    expect_equal("ports, one blocked", 1, ports_with(rig, taken + rig.vf_bdfs[1:2]))
    expect_equal("ports, all blocked", 0, ports_with(rig, taken + rig.vf_bdfs[1:]))
