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
import subprocess
import sys
import tempfile
import time

FRAMES = 400
RATE = 2000
PATIENCE_S = 60
EAL = ["-l", "0", "--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "--iova-mode=va",
       "-m", "256"]


class Tap:
    number = 0
    failed = False

    def check(self, name, good, more=""):
        self.number += 1
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        if not good:
            self.failed = True
            print("".join(f"# {line}\n" for line in str(more).splitlines()), flush=True)

    def equal(self, name, expected, got, more=""):
        self.check(name, expected == got, f"expected {expected}, got {got}\n{more}")


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


def forward(tap, fwd, plugins, family, options):
    name = f"{family}, {' '.join(options)}"
    report_path = "report.json"
    command = [fwd, *EAL, *plugins, *model_ports(family), "--", "--stats-period", "1",
               "--stats-json", report_path, *options]
    status, log = run_until(command, lambda text: received(text) >= FRAMES)
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


def sleeping(tap, fwd, plugins, family, options):
    name, report, log = forward(tap, fwd, plugins, family, options)
    lcore = report["lcores"][0] if report["lcores"] else {"queues": [{}]}
    queue = lcore["queues"][0]
    tap.check(f"{name}: by interrupts", queue.get("interrupts", 0) > 0 and
              lcore.get("slept_ns", 0) > 0, log)
    tap.check(f"{name}: that the device keeps apart", queue.get("is_moderated") == 1, log)
    tap.check(f"{name}: the table tells how", re.search(r"CPU .* %, \w+, wake-ups \d+", log) and
              re.search(r"port 0 q0: \d+ pps, IF \d+/s", log), log)


def by_time(tap, fwd):
    """DPDK's own null ports have no interrupts; its source never ends."""
    command = [fwd, *EAL, "--vdev", "net_null0", "--vdev", "net_ring0", "--", "--stats-period",
               "1", "--mode", "hybrid"]
    status, log = run_until(command, lambda text: received(text) >= FRAMES)
    tap.equal("a port without interrupts is slept on by time", 0, status, log)
    tap.check("and says so", "by time)" in log, log)


def example(tap, program, plugins, family):
    command = [program, *EAL, *plugins, *model_ports(family), "--", "balanced", str(FRAMES)]
    status, log = run_until(command, lambda text: False)
    tap.equal(f"{family}, hybrid-l2fwd: it ends well", 0, status, log)
    got = re.search(r"packets (\d+), sleeps (\d+)", log)
    tap.check(f"{family}, hybrid-l2fwd: all frames pass, and it slept",
              got and int(got[1]) >= FRAMES and int(got[2]) > 0, log)


def main():
    fwd, program, bus, net = sys.argv[1:]
    tap = Tap()
    plugins = ["-d", bus, "-d", net]
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        for family in ("82576", "82599"):
            sleeping(tap, fwd, plugins, family, ["--mode", "hybrid"])
            example(tap, program, plugins, family)
        sleeping(tap, fwd, plugins, "82599", ["--mode", "interrupt", "--aic", "lif=500"])
        forward(tap, fwd, plugins, "82599", ["--mode", "poll"])
        by_time(tap, fwd)
        os.chdir("/")
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
