# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The smaller version of the benchmark: sluice-fwd between two VFs of QEMU's 82576, in the guest.

guest.sh runs there; here is what starts it and what its turns come to.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

import ratios

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "../../.."))
MODES = ("poll", "interrupt", "balanced", "latency", "eco", "paper")
RESULTS = "aic-results-guest.md"
ROUNDS, MS = 3, 3000
QUICK_ROUNDS, QUICK_MS = 1, 1000
ROUNDS_MAX, MS_MAX = 20, 10000

INTRO = """\
sluice-fwd forwards 60-byte frames from one VF of QEMU's 82576 to the other, under sluiced; a
program in the guest sends them into the port's wire and takes them from there. Without KVM each
processor of the guest is emulated, by the same two processors that also emulate the device: times
are those of the emulation, some 100 times what they are on a machine. What can be compared are the
rows. CPU is of the lcore's thread, times are medians of rounds, frames lost their sum."""
CALLS_INTRO = """\
System calls of the lcore's thread, counted by strace at 1000 frames a second. QEMU's device sends
more interrupts than silicon ([registers.md](registers.md)), and what comes before the lcore sleeps
costs it no call."""


def measure(build, modes, rounds, ms):
    """@return {"turns": [...], "calls": [...]}"""
    with tempfile.TemporaryDirectory() as out:
        command = [os.path.join(ROOT, "run"), "guest", "--build", os.path.basename(build), "--out",
                   out, os.path.join(HERE, "guest.sh"), str(rounds), str(ms), *modes]
        status = subprocess.run(command, check=False).returncode
        if status != 0:
            sys.exit(status)
        return {name: lines_of(os.path.join(out, name)) for name in ("turns", "calls")}


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def lost(turn):
    return turn["sent"] - turn["received"]


def per_second(turn, name):
    return turn[name] * 1e9 / turn["elapsed_ns"]


METRICS = (
    ("CPU %", lambda turn: per_second(turn, "cpu_ns") / 1e7, 1),
    ("interrupts/s", lambda turn: per_second(turn, "interrupts"), 0),
    ("sleeps/s", lambda turn: per_second(turn, "sleeps"), 0),
    ("p50 ms", lambda turn: turn["p50_us"] / 1e3, 1),
    ("p99 ms", lambda turn: turn["p99_us"] / 1e3, 1),
)


def row(mode, turns):
    cells = [f"{statistics.median(of(turn) for turn in turns):.{digits}f}"
             for _, of, digits in METRICS]
    missing = sum(lost(turn) for turn in turns)
    return f"| {mode} | {sum(turn['sent'] for turn in turns)} | {missing} | " + \
        " | ".join(cells) + " |"


def tables(turns):
    """A table for each load."""
    grouped = {}
    for turn in turns:
        grouped.setdefault(turn["load"], {}).setdefault(turn["mode"], []).append(turn)
    head = "| mode | sent | lost | " + " | ".join(name for name, _, _ in METRICS) + " |"
    lines = []
    for load, modes in grouped.items():
        lines += ["", f"Load {load}:", "", head, "|---" * (3 + len(METRICS)) + "|"]
        lines += [row(mode, own) for mode, own in modes.items()]
    return lines


def calls_row(mode, interrupts, calls):
    total = sum(calls.values())
    names = ", ".join(f"{name} {nb}" for name, nb in sorted(calls.items())) or "none"
    each = f"{ratios.share(total, interrupts):.2f}" if interrupts else "-"
    return f"| {mode} | {interrupts} | {names} | {each} |"


def calls_table(rows):
    lines = ["| mode | interrupts | system calls | calls per interrupt |", "|---" * 4 + "|"]
    return lines + [calls_row(row_["mode"], row_["interrupts"], row_["calls"]) for row_ in rows]


def text(found):
    """As plain text that is Markdown too."""
    lines = INTRO.splitlines() + tables(found["turns"])
    lines += [""] + CALLS_INTRO.splitlines() + [""] + calls_table(found["calls"])
    return "\n".join(lines) + "\n"


def saved(paths):
    found = {"turns": [], "calls": []}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        for name, rows in found.items():
            rows += content[name]
    return found


def write_doc(found, folder):
    with open(os.path.join(folder, RESULTS), "w", encoding="utf-8") as file:
        file.write("# Wait strategies in the guest: results\n\n"
                   "Written by `./run bench hybrid --guest --doc doc`; "
                   "[testing.md](testing.md) has the version on the device model.\n\n" +
                   text(found))


def modes_of(names):
    modes = names.split(",") if names else list(MODES)
    for mode in modes:
        if mode not in MODES:
            sys.exit(f"no such mode of sluice-fwd: {mode} ({', '.join(MODES)})")
    return modes


def number(option, value, default, most):
    """Of an option's text."""
    if value is None:
        return default
    if not value.isdecimal() or not 1 <= int(value) <= most:
        sys.exit(f"--{option}={value}: allowed is 1 to {most}")
    return int(value)


def main(args):
    """@param args  run.py's"""
    for name in ("family", "loads", "sustained"):
        if getattr(args, name):
            sys.exit(f"--{name} does not go with --guest")
    if args.saved:
        found = saved(args.saved)
    else:
        rounds = number("rounds", args.rounds, QUICK_ROUNDS if args.quick else ROUNDS, ROUNDS_MAX)
        ms = number("ms", args.ms, QUICK_MS if args.quick else MS, MS_MAX)
        found = measure(args.build, modes_of(args.strategies), rounds, ms)
    print(text(found), end="")
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(found, file, indent=1)
            file.write("\n")
    if args.doc:
        write_doc(found, args.doc)
