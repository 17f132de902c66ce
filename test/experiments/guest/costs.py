#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Experiment E7 in the guest: accesses to the device and system calls for each interrupt.

Runs costs.sh there with QEMU's trace of accesses to device memory, each of which would be an exit
of a virtual machine, and prints RESULT lines.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../../.."))
BEGIN = "# costs begin"
WINDOW = "window "
VECTORS = "msix-table"
ACCESS = re.compile(r"memory_region_ops_(read|write) .* name '([^']+)'")
SWITCHED = re.compile(r'handle_qmp_command .*"trace-event-set-state".*"enable": (true|false)')


def windows_of(lines):
    """Accesses by (QEMU's name of the memory, read or write), of each time that tracing was on."""
    windows, on = [], False
    for line in lines:
        switched = SWITCHED.search(line)
        if switched:
            if switched[1] == "true" and not on:
                windows.append(collections.Counter())
            on = switched[1] == "true"
        access = ACCESS.search(line)
        if access and on:
            windows[-1][access[2], access[1]] += 1
    return windows


def result(driver, metric, what, value):
    print("RESULT " + json.dumps({
        "experiment": "E7", "setup": driver, "place": "guest", "x": {"of": what},
        "metric": metric, "value": round(value, 3), "unit": metric.replace("_", " "), "round": 1}))


def report(told, accesses):
    """A driver's figures. Without an interrupt there is nothing to divide by."""
    driver, interrupts = told["driver"], told["interrupts"]
    if interrupts == 0:
        sys.exit(f"{driver}: no interrupt was seen")
    reads, writes = (accesses[told["region"], way] for way in ("read", "write"))
    masks = accesses[VECTORS, "write"]
    for what, number in (("register reads", reads), ("register writes", writes),
                         ("vector writes", masks), ("system calls", told["calls"])):
        result(driver, "per_interrupt", what, number / interrupts)
    result(driver, "per_frame", "accesses to the device", (reads + writes + masks) / told["frames"])
    result(driver, "per_frame", "system calls", told["calls"] / told["frames"])
    result(driver, "per_frame", "interrupts", interrupts / told["frames"])


def measure(args, trace):
    """@return what the guest told of its windows"""
    command = [os.path.join(ROOT, "run"), "guest", "--build", args.build,
               f"--qemu=-D {trace} -trace handle_qmp_command"]
    if args.keep_log:
        command += ["--keep-log", args.keep_log]
    done = subprocess.run([*command, os.path.join(HERE, "costs.sh"), str(args.frames)],
                          stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    # A guest that failed has been tried again.
    last = done.stdout[done.stdout.rindex(BEGIN):]
    return [json.loads(line.removeprefix(WINDOW)) for line in last.splitlines()
            if line.startswith(WINDOW)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build", default="gcc", metavar="NAME", help="which build (gcc)")
    parser.add_argument("--keep-log", metavar="DIR", help="leave the guest's logs there")
    parser.add_argument("frames", nargs="?", type=int, default=400, help="for each driver (400)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "trace")
        told = measure(args, trace)
        with open(trace, encoding="utf-8", errors="replace") as file:
            windows = windows_of(file)
    if len(windows) != len(told):
        sys.exit(f"QEMU's trace has {len(windows)} windows, the guest told of {len(told)}")
    for driver, accesses in zip(told, windows):
        report(driver, accesses)


if __name__ == "__main__":
    main()
