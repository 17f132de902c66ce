#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Compare ways for an lcore to wait for packets, on the device model.

Each round gives each load to each strategy for a short time, in turn, so that what the machine does
besides hits all of them. The device and the generator have one processor, the lcore another; both
are to be free of other work.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import costs
import guest
import ratios
import report

QUICK = {"rounds": "1", "ms": "100", "loads": "0,10k,1M,75%,burst"}
RESULTS = "aic-results.md"


def parse():
    parser = argparse.ArgumentParser(
        prog="./run bench hybrid", description=__doc__.split("\n\n", maxsplit=1)[0],
        epilog="--list tells the loads and strategies")
    parser.add_argument("build", help=argparse.SUPPRESS)
    parser.add_argument("--family", choices=costs.DRIVERS, help="default: both")
    parser.add_argument("--loads", metavar="NAME,...", help="default: all")
    parser.add_argument("--strategies", metavar="NAME,...", help="default: all")
    parser.add_argument("--rounds", metavar="N", help="default: 3")
    parser.add_argument("--ms", metavar="N", help="how long a turn is measured; default: 300")
    parser.add_argument("--sustained", metavar="PPS", help="what polling sustains, if known")
    parser.add_argument("--guest", action="store_true",
                        help="in the guest instead, sluice-fwd between VFs of QEMU's 82576; "
                             f"--strategies are {', '.join(guest.MODES)}")
    parser.add_argument("--quick", action="store_true", help="one round of short turns, few loads")
    parser.add_argument("--json", metavar="FILE", help="write what was measured, and the verdicts")
    parser.add_argument("--from", dest="saved", metavar="FILE", nargs="+",
                        help="measure nothing: report what --json wrote")
    parser.add_argument("--doc", metavar="FOLDER",
                        help=f"write {RESULTS} and the plots there, or {guest.RESULTS}")
    parser.add_argument("--list", action="store_true", help="tell the loads and strategies")
    return parser.parse_args()


def program(args):
    return os.path.join(args.build, "test/bench/hybrid/hybrid_bench")


def measure(args, family):
    """@return turns"""
    command = [program(args), "--family", family]
    for name in ("loads", "strategies", "rounds", "ms", "sustained"):
        value = getattr(args, name) or (QUICK.get(name) if args.quick else None)
        if value:
            command += [f"--{name}", value]
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        done = subprocess.run(command + ["--out", out.name], check=False)
        if done.returncode < 0:
            sys.exit(f"hybrid_bench: ended by signal {-done.returncode}")
        if done.returncode > 0:
            sys.exit(done.returncode)
        return [json.loads(line) for line in out]


def saved(paths):
    """@return all turns, and what an interrupt costs each driver: by the last file that tells"""
    turns, rows = [], {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        turns += content["turns"]
        rows.update({(row["family"], row["driver"]): row for row in content["accesses"]})
    return turns, list(rows.values())


def as_json(turns, rows):
    return {
        "accesses": rows,
        "allowance": " ".join(report.ALLOWANCE.split()),
        "turns": turns,
        "targets": {family: [verdict.as_dict() for verdict in
                             ratios.targets([t for t in own if ratios.is_usable(t)])]
                    for family, own in report.by_family(turns).items()},
    }


def write_doc(turns, rows, folder):
    names = report.plots(turns, folder)
    lines = ["# Wait strategies: results", "",
             "Written by `./run bench hybrid --doc doc`; what is measured, and how, is in "
             "[testing.md](testing.md).",
             "", report.text(turns, rows).rstrip(), "", "## Plots", ""]
    lines += [f"![{name}]({name})" for name in names]
    with open(os.path.join(folder, RESULTS), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    args = parse()
    if args.guest:
        guest.main(args)
        return
    if args.list:
        sys.exit(subprocess.run([program(args), "--list"], check=False).returncode)
    if args.saved:
        turns, rows = saved(args.saved)
    else:
        families = [args.family] if args.family else list(costs.DRIVERS)
        rows = costs.measure(program(args), families)
        turns = [turn for family in families for turn in measure(args, family)]
    print(report.text(turns, rows), end="")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(as_json(turns, rows), file, indent=1)
            file.write("\n")
    if args.doc:
        write_doc(turns, rows, args.doc)


if __name__ == "__main__":
    main()
