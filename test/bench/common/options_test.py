#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A benchmark that is started wrongly says what is wrong and measures nothing, a TAP line each.

usage: options_test.py PROGRAM...
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

WRONG = {"an unknown option": ("--nonsense", "nonsense"),
         "an option without its value": ("--rounds", "rounds"),
         "a value out of range": ("--rounds=0", "1 to"),
         "a word that is no option": ("nonsense", "nonsense")}


def refused(program, argument, told):
    done = subprocess.run([program, argument], capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == os.EX_USAGE, f"{done.returncode}, {done.stderr}"
    assert told in done.stderr, done.stderr
    assert done.stdout == "", done.stdout


def tests(programs):
    for program in programs:
        for what, (argument, told) in WRONG.items():
            yield (f"{os.path.basename(program)}: {what}",
                   lambda p=program, a=argument, t=told: refused(p, a, t))


if __name__ == "__main__":
    sys.exit(tap.run(list(tests(sys.argv[1:])), (AssertionError, subprocess.TimeoutExpired)))
