#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Interrupt rates under UDP-like streams, by hybrid_bench, as results of ./run experiments.

usage: rates.py HYBRID_BENCH ROUND MS LOADS STRATEGIES [--anywhere]

Turns in which a processor was stolen for too long are left out, as ./run bench hybrid does.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../../bench/hybrid"))

import ratios  # noqa: E402  pylint: disable=wrong-import-position

METRICS = (
    ("throughput", lambda turn: turn["received"] / turn["seconds"], "frames/s"),
    ("cpu", lambda turn: turn["cpu"] * 100, "% of a core"),
    ("loss", lambda turn: ratios.share(turn["lost"], turn["sent"]) * 100, "% of the frames"),
    ("interrupts", lambda turn: turn["interrupts"] / turn["seconds"], "a second"),
    ("p95", lambda turn: turn["p95_us"], "us"),
    ("p99", lambda turn: turn["p99_us"], "us"),
)


def results(turn, number):
    for metric, of, unit in METRICS:
        yield {"experiment": "E6", "setup": turn["strategy"], "place": "model",
               "x": {"load": turn["load"]}, "metric": metric, "value": round(of(turn), 4),
               "unit": unit, "round": number}


def main():
    program, number, ms, loads, strategies, *more = sys.argv[1:]
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        status = subprocess.run([program, "--family", "82599", "--rounds", "1", "--ms", ms,
                                 "--loads", loads, "--strategies", strategies, "--out", out.name,
                                 *more], check=False).returncode
        if status != 0:
            return status
        turns = [json.loads(line) for line in out]
    # Of threads that are anywhere nobody wants figures, only that there are some.
    usable = [turn for turn in turns if "--anywhere" in more or ratios.is_usable(turn)]
    for turn in usable:
        for result in results(turn, int(number)):
            print(f"RESULT {json.dumps(result)}")
    print(f"{len(turns) - len(usable)} of {len(turns)} turns were set aside")
    return 0


if __name__ == "__main__":
    sys.exit(main())
