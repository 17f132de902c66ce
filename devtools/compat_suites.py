#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds the tree with one compiler and runs its unit and model tests, within a chroot of
compat.sh; a line `RESULT suite passed failed` for each suite tells how that went.

usage: compat_suites.py gcc|clang|arm64
"""

import os
import subprocess
import sys

import run_tests

# What the tests of a suite are run without; see HOST_RUNS of run_tests.py for "again".
SUITES = {
    "gcc": {"unit": (), "model": ()},
    "clang": {"unit": (), "model": ("again",)},
    "arm64": {"unit": ()},
}


def build_arm64():
    folder = f"{run_tests.BUILD}/arm64"
    commands = (
        ["meson", "setup", "--cross-file", f"{run_tests.ROOT}/devtools/cross-arm64.ini",
         "--buildtype=release", "-Dwerror=true", folder, run_tests.ROOT],
        ["ninja", "-C", folder],
    )
    return all(subprocess.run(command, check=False).returncode == 0 for command in commands)


def main(compiler):
    built = build_arm64() if compiler == "arm64" else run_tests.ensure_build(compiler)
    failed = not built
    for suite, without in SUITES[compiler].items():
        if built:
            count = run_tests.run_suite(compiler, suite, "", *without)
        else:
            count = run_tests.Count(failed=1, names=["does not build"])
        # One that was skipped has not been passed.
        bad = count.failed + count.skipped
        print(f"RESULT {suite} {count.passed} {bad}", flush=True)
        failed |= bad > 0 or count.passed == 0
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in SUITES:
        sys.exit(__doc__)
    os.chdir(run_tests.ROOT)
    sys.exit(main(sys.argv[1]))
