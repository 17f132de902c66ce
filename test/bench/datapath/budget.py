#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Instructions a frame of our datapath against the budget, a TAP line for each path.

usage: budget.py PROGRAM PLUGIN BUDGET [--write]

A path that takes more than its budget fails, and one that takes less is told of. --write writes
what was counted, with a margin, where that is less: the budget may only fall. A path that has no
budget yet gets one.
"""
import json
import subprocess
import sys

PLAIN = "*-b32-r256-f60,*-b32-r256-f60-offloads"
LONG = "rx-*-r256-*-types,rx-*-r256-*-segments,tx-*-r256-*-segments,*-r256-*-tso"
# What is the same in both families is counted in one: it takes microseconds an instruction.
COUNTED = (("82599-pf", "sluice", PLAIN + "," + LONG),
           ("82599-pf", "sluice-scalar", PLAIN),
           ("82576-pf", "sluice", PLAIN))
HEAD = """\
# Instructions a frame at most, as gcc builds a release for DPDK's baseline; see doc/performance.md.
# budget.py --write writes what takes less; what takes more is a regression.
"""
# A burst may meet the pool's cache at another level when something else has changed.
MARGIN = 1.03


def count(program, plugin):
    """@return instructions by path, in the order in which they were counted"""
    counted = {}
    for group, columns, cases in COUNTED:
        done = subprocess.run([program, "--plugin", plugin, "--count", "--cases", cases,
                               "--groups", group, "--columns", columns],
                              stdout=subprocess.PIPE, check=True, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()][1:]
        counted.update({" ".join((row["group"], row["column"], row["case"])):
                        row["instructions"][0] for row in rows})
    return counted


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return {" ".join(words[:3]): float(words[3]) for words in lines}


def lower(path, counted, budget):
    """Write the lesser of what was counted and what there is."""
    most = {name: round(value * MARGIN, 1) for name, value in counted.items()}
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(f"{name} {min(value, budget.get(name, value))}\n"
                        for name, value in most.items())


def main():
    program, plugin, path = sys.argv[1:4]
    budget = read(path)
    counted = count(program, plugin)
    if "--write" in sys.argv:
        lower(path, counted, budget)
        return
    failed = 0
    print(f"1..{len(budget)}")
    for number, (name, most) in enumerate(budget.items(), 1):
        value = counted.get(name)
        good = value is not None and value <= most
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        less = good and round(value * MARGIN, 1) < most
        print(f"# {value} instructions a frame, of {most}{': --write lowers it' if less else ''}")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
