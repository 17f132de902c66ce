#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Cycles a frame of our drivers beside DPDK's own, on the device model.

All that is compared runs in one process, on one core, in short turns that alternate. The device
does its work between the times that are measured. The core is to be free of other work, and so is
the other half of it.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import ratios
import report

QUICK = {"rounds": "11", "cases": "*-b32-r1024-f60,*-offloads,*-segments,*-tso"}
LIVE = {"cases": "forward-b32-r1024-f60,forward-*-offloads,forward-*-segments"}


def parse():
    parser = argparse.ArgumentParser(
        prog="./run bench datapath", description=__doc__.split("\n\n", maxsplit=1)[0],
        epilog="NAMES are patterns, separated by commas; --list tells which there are")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--groups", metavar="NAMES", help="ports: family and PF or VF")
    parser.add_argument("--columns", metavar="NAMES", help="drivers, and what they may use")
    parser.add_argument("--cases", metavar="NAMES", help="what is done with which frames")
    parser.add_argument("--rounds", metavar="N", help="turns of each; default: 51")
    parser.add_argument("--quick", action="store_true", help=f"only cases {QUICK['cases']}")
    parser.add_argument("--live", action="store_true",
                        help="the device works meanwhile, on another processor; "
                             f"default: cases {LIVE['cases']}")
    parser.add_argument("--json", metavar="FILE", help="write what was measured")
    parser.add_argument("--from", dest="saved", metavar="FILE",
                        help="measure nothing: report what --json wrote")
    parser.add_argument("--list", action="store_true", help="tell groups, columns and cases")
    return parser.parse_args()


def program(args):
    return [os.path.join(args.build, "test/bench/datapath/datapath_bench"),
            "--plugin", os.path.join(args.build, "drivers/net/librte_net_sluice.so")]


def measure(args):
    """@return what was measured on, and rows"""
    command = program(args) + (["--live"] if args.live else [])
    defaults = (QUICK if args.quick else {}) | (LIVE if args.live else {})
    for name in ("groups", "columns", "cases", "rounds"):
        value = getattr(args, name) or defaults.get(name)
        if value:
            command += [f"--{name}", value]
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        done = subprocess.run(command + ["--out", out.name], check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
        head, *rows = [json.loads(line) for line in out]
        return head, rows


def main():
    args = parse()
    if args.list:
        sys.exit(subprocess.run(program(args) + ["--list"], check=False).returncode)
    if args.saved:
        with open(args.saved, encoding="utf-8") as file:
            content = json.load(file)
        head, rows = content["head"], content["rows"]
    else:
        head, rows = measure(args)
    print(report.text(head, rows), end="")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump({"head": head, "rows": rows,
                       "comparisons": [c.as_dict() for c in ratios.comparisons(rows)]},
                      file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
