# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Other processes, DPDK's own tools and EAL's options: suites packet_capture, blocklist, tools.

A second process needs memory that it can share, in huge pages, which the model does without.
"""

import contextlib
import glob
import json
import os
import re
import shutil
import struct
import subprocess
import time

from scapy.layers.inet import IP, TCP, UDP

from frames import PEER_MAC, frame, serial_of_payload
from framework import case
from port import Failed, expect, expect_equal

# dpdk-dumpcap has no option for drivers: it loads what is here, and in the guest nothing is.
PLUGIN_DIR = "/usr/lib/x86_64-linux-gnu/dpdk/pmds-23.0"
TELEMETRY = "dpdk-telemetry.py"
# A pool's operations are told by their place in a process's table. Debian's testpmd is linked with
# these ones, which so come first there; the other process must have them first too.
LIKE_TESTPMD = {"LD_PRELOAD": "librte_mempool_dpaa.so.23"}
LOG = "/run/dumpcap.log"
CAPTURE = "/run/capture.pcap"
START_SECONDS = 60
LOOK_SECONDS = 2        # a driver looks at its counters once a second
MBPS = {"Mbps": 1, "Gbps": 1000}


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
    # The line before, "Capturing on", comes too early.
    while "Packets captured" not in (text := read_log()):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed(f"dpdk-dumpcap captures nothing: {text}")
        time.sleep(0.1)


def captured():
    """The serial numbers in a pcap file, in order, and where each frame goes."""
    with open(CAPTURE, "rb") as file:
        data = file.read()
    at, found = 24, []
    while at + 16 <= len(data):
        length = struct.unpack_from("=I", data, at + 8)[0]
        frame_data = data[at + 16:at + 16 + length]
        found.append((serial_of_payload(frame_data), frame_data[:6].hex(":")))
        at += 16 + length
    return found


@contextlib.contextmanager
def capturable(port):
    """dpdk-dumpcap has no option for the token that vfio-pci wants of each process on a VF whose
    PF is on vfio-pci too; under Linux's PF it wants none."""
    if port.kind == "pf":
        yield port
        return
    with port.rig.under_linux(1) as vf:
        vf.wait_for_link()
        yield vf


def capture(port, sent, *options):
    """What dpdk-dumpcap saw of the frames, received and sent."""
    if os.path.exists(CAPTURE):
        os.unlink(CAPTURE)      # or what is longer in it stays
    with default_plugins(port.rig.plugin_paths()), open(LOG, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            ["stdbuf", "-oL", "dpdk-dumpcap", "--file-prefix=nic", "-i", "0", "-P", "-w", CAPTURE,
             *options], stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, **LIKE_TESTPMD})
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
    found = captured()
    expect(found, f"dpdk-dumpcap, status {process.returncode}, has nothing: {read_log()[-800:]}")
    return found


@case("packet_capture", places="guest", alone=True)
def dumpcap(port):
    """dpdk-dumpcap records what the port receives and sends"""
    with capturable(port) as taken:
        taken.closed("mac")
        sent = [frame(taken.mac, IP(), UDP(), size=60 + 100 * index) for index in range(6)]
        found = capture(taken, sent)
    for one in sent:
        for to in (taken.mac, PEER_MAC):
            expect_equal(f"{one!r}: records of it, to {to}", 1, found.count((one.serial, to)))


@case("packet_capture", places="guest", alone=True)
def dumpcap_filter(port):
    """dpdk-dumpcap records what its filter lets through, and no more"""
    with capturable(port) as taken:
        taken.closed("mac")
        udp = [frame(taken.mac, IP(), UDP()) for _ in range(3)]
        tcp = [frame(taken.mac, IP(), TCP()) for _ in range(3)]
        found = capture(taken, udp + tcp, "-f", "udp")
    wanted = [(one.serial, to) for to in (taken.mac, PEER_MAC) for one in udp]
    expect_equal("records", sorted(wanted), sorted(found, key=lambda one: (one[0] or 0, one[1])))


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


def proc_info(port, *arguments):
    """What dpdk-proc-info prints, as a secondary process beside the port's."""
    done = subprocess.run(
        ["dpdk-proc-info", *port.rig.secondary(port.kind), "--", *arguments],
        capture_output=True, text=True, timeout=START_SECONDS, check=False)
    expect(done.returncode == 0,
           f"dpdk-proc-info {arguments}: status {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def counters(text):
    return {name: int(value) for name, value in re.findall(r"([RT]X-[a-z]+): +(\d+)", text)}


def extended(text):
    return {name: int(value) for name, value in re.findall(r"^(\w+): (\d+)$", text, re.M)}


def expect_same(what, ours, theirs):
    """Two dictionaries."""
    differ = [f"{name}: {ours.get(name)}, {theirs.get(name)}" for name in sorted({*ours, *theirs})
              if ours.get(name) != theirs.get(name)]
    expect(not differ and ours, f"{what}: {differ or 'nothing'}")


@case("tools", places="guest", quick="guest")
def proc_info_counters(port):
    """dpdk-proc-info, a second process, shows the counters that the port's own process shows"""
    port.closed("mac")
    port.exchange(*(frame(port.mac, size=60 + 100 * index) for index in range(8)), echo=True)
    port.halt()
    time.sleep(LOOK_SECONDS)
    shown = proc_info(port, "--stats")
    there, here = counters(shown.split("Stats reg")[0]), port.stats()
    here.pop("RX-missed")       # it shows all but this one
    expect_same("counters there, here", there, here)
    shown = extended(proc_info(port, "--xstats"))
    expect_same("extended counters there, here", shown, port.xstats())
    expect(shown["rx_good_packets"] >= 8, f"rx_good_packets: {shown['rx_good_packets']}")


@case("tools", places="guest")
def proc_info_port(port):
    """dpdk-proc-info shows the port: driver, address, link, queues"""
    shown, info = proc_info(port, "--show-port"), port.info()
    for wanted in (info["Driver name"], info["MAC address"], f"mtu ({info['MTU']})",
                   f"Link up at {info['Link speed']}", "rx queue", "tx queue"):
        expect(wanted.lower() in shown.lower(), f"{wanted!r} is not in: {shown}")


def ask_telemetry(port, *commands):
    """The answers of the port's process, by command."""
    program = shutil.which(TELEMETRY)
    expect(program is not None, f"there is no {TELEMETRY}")
    done = subprocess.run(
        ["python3", program, "--file-prefix", port.rig.PORT], input="\n".join(commands),
        env={**os.environ, **port.rig.environment}, capture_output=True, text=True,
        timeout=START_SECONDS, check=False)
    lines = done.stdout.splitlines()
    expect(done.returncode == 0 and len(lines) == len(commands),
           f"{TELEMETRY}: status {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}")
    return [answer for line in lines for answer in json.loads(line).values()]


@case("tools", quick=True)
def telemetry(port):
    """dpdk-telemetry.py shows the port, its link and its counters as testpmd does"""
    port.closed("mac")
    port.exchange(frame(port.mac), frame(port.mac, size=500), echo=True)
    port.halt()
    ports, info, link, stats, xstats = ask_telemetry(
        port, "/ethdev/list", "/ethdev/info,0", "/ethdev/link_status,0", "/ethdev/stats,0",
        "/ethdev/xstats,0")
    here, counted = port.info(), port.stats()
    expect_equal("ports", [0], ports)
    expect_equal("address, MTU", (here["MAC address"], int(here["MTU"])),
                 (info["mac_addr"], info["mtu"]))
    speed, unit = here["Link speed"].split()
    expect_equal("link", (here["Link status"], int(speed) * MBPS[unit]),
                 (link["status"].lower(), link["speed"]))
    expect_equal("counters", [counted[name] for name in ("RX-packets", "TX-bytes")],
                 [stats["ipackets"], stats["obytes"]])
    expect_same("extended counters there, here", xstats, port.xstats())
