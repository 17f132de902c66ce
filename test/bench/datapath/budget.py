#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Instructions a frame of our datapath against the budget, a TAP line for each path.

usage: budget.py PROGRAM PLUGIN BUDGET [--write]

A path that takes more than its budget fails. What it takes is told: the budget may only fall, and
--write writes what was counted, with a margin.
"""
import json
import subprocess
import sys

CASES = "*-b32-r256-f60"
GROUPS = "82599-pf,82576-pf"
COLUMNS = "sluice*"
HEAD = """\
# Instructions a frame at most, as gcc builds a release for DPDK's baseline; see doc/performance.md.
# What takes less may be written here by budget.py --write; what takes more is a regression.
"""
# A burst may meet the pool's cache at another level when something else has changed.
MARGIN = 1.03


def count(program, plugin):
    """@return instructions by path, in the order in which they were counted"""
    done = subprocess.run([program, "--plugin", plugin, "--count", "--cases", CASES,
                           "--groups", GROUPS, "--columns", COLUMNS],
                          stdout=subprocess.PIPE, check=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()][1:]
    return {" ".join((row["group"], row["column"], row["case"])): row["instructions"][0]
            for row in rows}


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.split() for line in file if not line.startswith("#")]
    return {" ".join(words[:3]): float(words[3]) for words in lines}


def main():
    program, plugin, path = sys.argv[1:4]
    counted = count(program, plugin)
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(HEAD)
            file.writelines(f"{name} {value * MARGIN:.1f}\n" for name, value in counted.items())
        return
    budget = read(path)
    failed = 0
    print(f"1..{len(budget)}")
    for number, (name, most) in enumerate(budget.items(), 1):
        value = counted.get(name)
        good = value is not None and value <= most
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        print(f"# {value} instructions a frame, of {most}")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
