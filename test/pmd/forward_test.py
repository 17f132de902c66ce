#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluice-fwd and examples/hybrid-l2fwd between two ports of the model, in each mode.

usage: forward_test.py SLUICE-FWD HYBRID-L2FWD BUS-PLUGIN NET-PLUGIN

What is received from the generator on one port's wire has to leave by the other port, whatever the
mode; who may sleep has slept, and was woken by interrupts, or by time where the driver has none.
The generator begins when the link is up, which is before the port is ready for all of its frames.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Checks  # noqa: E402

FRAMES = 400
RATE = 2000
PATIENCE_S = 60
EAL = ["-l", "0", "--no-huge", "--no-pci", "--iova-mode=va", "-m", "256"]
QUIET = ["--no-shconf", "--no-telemetry"]
# How an lcore waits, as sluice-fwd's tables tell it.
LCORE_LINE = re.compile(r"^lcore 0: CPU ([\d.]+) %, (\w+), wake-ups (\d+), of these idle (\d+), "
                        r"late by up to (\d+) us$", re.MULTILINE)
QUEUE_LINE = re.compile(r"^  port 0 q0: (\d+) pps, IF (\d+)/s \(t_d ([\d.]+) us\), "
                        r"interrupts (\d+)/s, found (\d+), most (\d+) of (\d+)$", re.MULTILINE)


def model_ports(family):
    return ["--vdev", f"sluicemodel0,family={family},wire=gen:rate={RATE}",
            "--vdev", f"sluicemodel1,family={family},wire=null"]


def received(log):
    """Frames in the latest table of sluice-fwd, of port 0."""
    rows = re.findall(r"^ +0 +up +(\d+)", log, re.MULTILINE)
    return int(rows[-1]) if rows else 0


def run_until(command, done):
    """Start it, end it when done(output) is true; (status, output)."""
    with tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:
            end = time.monotonic() + PATIENCE_S
            text = ""
            while time.monotonic() < end and process.poll() is None and not done(text):
                time.sleep(0.1)
                log.seek(0)
                text = log.read()
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                status = "killed"
        log.seek(0)
        return status, log.read()


class Telemetry:
    """sluice-fwd's socket, asked when there is something to tell."""
    OPTIONS = ["--file-prefix", "fwd"]

    def __init__(self):
        self.told = {}

    def ask(self, text):
        """@return True, as run_until() wants it"""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked:
            asked.settimeout(PATIENCE_S)
            asked.connect(f"{os.environ['RUNTIME_DIRECTORY']}/dpdk/fwd/dpdk_telemetry.v2")
            room = json.loads(asked.recv(1024))["max_output_len"]
            for command in ("/sluice/fwd/lcores", "/sluice/fwd/lcores,0", "/sluice/fwd/lcores,1"):
                asked.send(command.encode())
                self.told[command] = next(iter(json.loads(asked.recv(room)).values()))
        return True


def forward(tap, fwd, plugins, family, options, eal=QUIET, then=lambda text: True):
    """@param then  called with what was printed when all frames have come; true: it may end"""
    name = f"{family}, {' '.join(options)}"
    report_path = "report.json"
    command = [fwd, *EAL, *eal, *plugins, *model_ports(family), "--", "--stats-period", "1",
               "--stats-json", report_path, *options]
    status, log = run_until(command, lambda text: received(text) >= FRAMES and then(text))
    tap.equal(f"{name}: it ends well", 0, status, log)
    with open(report_path, encoding="utf-8") as file:
        text = file.read()
    report = json.loads(text) if text else {"ports": [{}, {}], "lcores": []}
    got = report["ports"][0].get("rx", 0)
    tap.check(f"{name}: frames come", got >= FRAMES, log)
    # A ring that the model had no processor to empty is no matter of waiting.
    sent = report["ports"][1]
    tap.equal(f"{name}: and all of them leave", got, sent.get("tx", 0) + sent.get("dropped", 0),
              log)
    return name, report, log


def sleeping(tap, fwd, plugins, family, options, **more):
    name, report, log = forward(tap, fwd, plugins, family, options, **more)
    lcore = report["lcores"][0] if report["lcores"] else {"queues": [{}]}
    queue = lcore["queues"][0]
    tap.check(f"{name}: by interrupts", queue.get("interrupts", 0) > 0 and
              lcore.get("slept_ns", 0) > 0, log)
    tap.check(f"{name}: that the device keeps apart", queue.get("is_moderated") == 1, log)
    table(tap, name, lcore, log)
    return name, lcore, log


def table(tap, name, lcore, log):
    """The last one is printed at the end, as the report is."""
    lines, queues = LCORE_LINE.findall(log), QUEUE_LINE.findall(log)
    tap.check(f"{name}: the table tells how", lines and queues, log)
    if not lines or not queues:
        return
    state, wakes, idle = lines[-1][1:4]
    told = lcore["queues"][0]
    tap.equal(f"{name}: the lcore's line has the report's numbers",
              [["sleeping", "spinning"][lcore["spinning"]], lcore["wakes"], lcore["idle_wakes"]],
              [state, int(wakes), int(idle)], log)
    tap.check(f"{name}: CPU is a share", all(0 <= float(line[0]) <= 110 for line in lines), log)
    frequency, most, bufs = (int(queues[-1][i]) for i in (1, 5, 6))
    tap.equal(f"{name}: the queue's line too",
              [told["interrupt_frequency"], told["found_most"], told["bufs"]],
              [frequency, most, bufs], log)
    tap.check(f"{name}: IF and t_d belong together", all(
        abs(int(line[1]) * float(line[2]) / 1e6 - 1) < 0.01 for line in queues), log)


def telemetry(tap, fwd, plugins, family):
    """What is told there is what the report has, but that was written later."""
    asked = Telemetry()
    name, lcore, log = sleeping(tap, fwd, plugins, family, ["--mode", "hybrid"],
                                eal=Telemetry.OPTIONS, then=asked.ask)
    told = asked.told.get("/sluice/fwd/lcores,0") or {}
    queue, last = told.get("port0_q0", {}), lcore["queues"][0]
    tap.equal(f"{name}: telemetry lists lcores", [0], asked.told.get("/sluice/fwd/lcores"), log)
    tap.equal(f"{name}: and knows no other", None, asked.told.get("/sluice/fwd/lcores,1"), log)
    tap.equal(f"{name}: it has what the report has of an lcore",
              set(lcore) - {"lcore", "queues"} | {"port0_q0", "port1_q0"}, set(told), log)
    tap.equal(f"{name}: and of its queues", set(last) - {"port", "queue"}, set(queue), log)
    tap.equal(f"{name}: what does not change is alike",
              [lcore.get("mode"), last.get("bufs"), last.get("is_moderated")],
              [told.get("mode"), queue.get("bufs"), queue.get("is_moderated")], log)
    grown = [(values.get(key, -1), later.get(key, -1)) for values, later, key in
             [(told, lcore, "cpu_ns"), (told, lcore, "wakes"), (told, lcore, "slept_ns"),
              (queue, last, "packets"), (queue, last, "interrupts")]]
    tap.check(f"{name}: what counts has come so far", all(0 < now <= end for now, end in grown),
              f"{grown}\n{log}")


def by_time(tap, fwd):
    """DPDK's own null ports have no interrupts; its source never ends."""
    command = [fwd, *EAL, *QUIET, "--vdev", "net_null0", "--vdev", "net_ring0", "--",
               "--stats-period", "1", "--mode", "hybrid"]
    status, log = run_until(command, lambda text: received(text) >= FRAMES)
    tap.equal("a port without interrupts is slept on by time", 0, status, log)
    tap.check("and says so", "by time)" in log, log)


def no_pool(tap, fwd, plugins):
    command = [fwd, *EAL, *QUIET, "--mbuf-pool-ops-name=nonsense", *plugins,
               *model_ports("82599"), "--"]
    status, log = run_until(command, lambda text: False)
    tap.equal("a pool that there is not: it ends", os.EX_UNAVAILABLE, status, log)
    tap.check("and says so", "by the handler nonsense" in log and "no memory" not in log, log)


def example(tap, program, plugins, family):
    command = [program, *EAL, *QUIET, *plugins, *model_ports(family), "--", "balanced", str(FRAMES)]
    status, log = run_until(command, lambda text: False)
    tap.equal(f"{family}, hybrid-l2fwd: it ends well", 0, status, log)
    got = re.search(r"packets (\d+), sleeps (\d+)", log)
    tap.check(f"{family}, hybrid-l2fwd: all frames pass, and it slept",
              got and int(got[1]) >= FRAMES and int(got[2]) > 0, log)


def main():
    fwd, program, bus, net = sys.argv[1:]
    tap = Checks()
    plugins = ["-d", bus, "-d", net]
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        os.environ["RUNTIME_DIRECTORY"] = scratch
        sleeping(tap, fwd, plugins, "82576", ["--mode", "hybrid"])
        telemetry(tap, fwd, plugins, "82599")
        for family in ("82576", "82599"):
            example(tap, program, plugins, family)
        sleeping(tap, fwd, plugins, "82599", ["--mode", "interrupt", "--aic", "lif=500"])
        forward(tap, fwd, plugins, "82599", ["--mode", "poll"],
                eal=[*QUIET, "--mbuf-pool-ops-name=stack"])
        by_time(tap, fwd)
        no_pool(tap, fwd, plugins)
        os.chdir("/")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
