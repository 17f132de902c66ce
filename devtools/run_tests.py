#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the tests and counts them one by one; `./run test` is this program.

Rings: unit (with style) and model run on this machine, as meson test suites, in three
builds, and model lets each fuzz target look for new inputs for a while; guest boots one
guest for each script of test/guest/tests; pages runs those commands of the documentation that
are programs by themselves. Guests and pages run beside the other two rings, which come one after
the other: each side leaves half of two processors idle. What counts as a test is
a line "ok" or "not ok" (TAP) of a test program, or the program itself if it prints none.
The last line tells the sum of all rings; the lines before it name what failed.
"""

import argparse
import concurrent.futures
import dataclasses
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

import fuzz

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
# Where the quick cases run, and on which family of the model; the guest has the 82576.
CONFORMANCE = (("model", "x540"), ("policy", "82599"))
LOG_DIR = os.path.join(BUILD, "log")

EX_USAGE = 64
EX_TEMPFAIL = 75

RINGS = ("unit", "model", "guest", "pages")
# Each side has these, one after the other.
SIDES = (("unit", "model"), ("guest", "pages"))

# As they stand in the pages, but for a shorter time.
PAGES = {
    "docs": ["docs"],
    "monitoring": ["monitoring"],
    "demo": ["demo"],
    "bench-hybrid-guest": ["bench", "hybrid", "--guest", "--strategies", "balanced", "--rounds",
                           "1", "--ms", "500"],
}

# What each ring runs on this machine: (build, suite, suites to leave out). Style is looked at
# once, and so are families that have no code of their own (test/pmd/meson.build).
HOST_RUNS = {
    "unit": (("gcc", "unit"), ("gcc", "style"), ("clang", "unit"), ("asan", "unit")),
    "model": (("gcc", "model"), ("asan", "model", "again")),
}

# How long each target runs; known inputs are run by the suite "model" already.
FUZZ_SECONDS = 30

# A machine that others use as well may be that much slower than what the tests' deadlines suppose.
SLOWNESS = 4

# What a test prints stays together.
PRINTING = threading.RLock()

TAP_LINE = re.compile(r"^(not )?ok\b(?!.*# *TODO)(.*# *SKIP)?", re.I)
TAP_NAME = re.compile(r"^not ok\b *(\d*)[ -]*(.*)", re.I)

# What is named at the end; should more fail, something else is the matter.
NAMED_MAX = 50


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    names: list = dataclasses.field(default_factory=list)	# of what failed

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.names += other.names

    def fail(self, name):
        self.failed += 1
        self.names.append(name)

    def within(self, where):
        """The same, its names with their place in front."""
        self.names = [f"{where}: {name}" for name in self.names]
        return self

    def total(self):
        return self.passed + self.failed + self.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + f", {self.skipped} skipped" if self.skipped else text


def say(text):
    with PRINTING:
        print(f"[test] {text}", flush=True)


def count_tap(text):
    count = Count()
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if match is None:
            continue
        if match[2]:
            count.skipped += 1
        elif match[1]:
            number, name = TAP_NAME.match(line).groups()
            count.fail(name or f"test {number}")
        else:
            count.passed += 1
    return count


def count_program(output, succeeded, skipped=False):
    """The verdicts in a program's output; its own status counts where they do not tell
    of a failure, or tell nothing at all."""
    count = count_tap(output)
    if not succeeded and count.failed == 0:
        count.fail("the program itself")
    elif count.total() == 0:
        count.add(Count(skipped=1) if skipped else Count(passed=1))
    return count


def ensure_build(name):
    return subprocess.run([f"{ROOT}/run", "build", name], check=False).returncode == 0


def read_meson_log(path):
    """The tests of a meson run: dictionaries, one for each program."""
    try:
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        return []


def tests_with(build, word):
    """The names of a build's tests that have the word in them; meson takes no patterns."""
    done = subprocess.run(["meson", "introspect", "--tests", f"{BUILD}/{build}"],
                          stdout=subprocess.PIPE, text=True, check=True)
    return [test["name"] for test in json.loads(done.stdout) if word in test["name"]]


def run_suite(build, suite, word, *without):
    """Runs the tests of one suite, and not of others, in one build."""
    begin = time.monotonic()
    log_base = f"testlog-{suite}"
    json_path = f"{BUILD}/{build}/meson-logs/{log_base}.json"
    if os.path.exists(json_path):
        os.remove(json_path)
    names = tests_with(build, word) if word else []
    if word and not names:
        return Count()
    done = subprocess.run(
        ["meson", "test", "-C", f"{BUILD}/{build}", "--no-rebuild", "--suite", suite,
         "--logbase", log_base, f"--timeout-multiplier={SLOWNESS}",
         *(f"--no-suite={other}" for other in without), *names],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    count = Count()
    for test in read_meson_log(json_path):
        succeeded = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
        one = count_program(test.get("stdout", ""), succeeded, test["result"] == "SKIP")
        count.add(one.within(f"{build}: {test['name'].split(' / ')[-1]}"))
        if one.failed:
            show_failure(f"{build}: {test['name']} ({test['result']})", test)
    if count.total() == 0 and done.returncode != 0 and not word:
        print(done.stdout)
        count.fail(f"{build}: suite {suite} did not run")
    say(f"build/{build}, {suite}: {count} in {time.monotonic() - begin:.1f} s")
    return count


def run_fuzz(word, built):
    """Runs the fuzz targets, each for the same time; each counts as a test."""
    targets = [name for name in fuzz.all_targets() if word in f"fuzz-{name}"]
    if not targets:
        return Count()
    if "fuzz" not in built:
        built["fuzz"] = ensure_build("fuzz")
    if not built["fuzz"]:
        say("FAILED build/fuzz does not build: no fuzz target was run")
        return Count(failed=len(targets), names=["build/fuzz does not build"])
    begin = time.monotonic()
    results = fuzz.run_all(targets, fuzz.seconds_for(targets, FUZZ_SECONDS))
    fuzz.report(results)
    failed = [f"fuzz-{name}" for name, result in results.items() if result.broken]
    count = Count(passed=len(targets) - len(failed), failed=len(failed), names=failed)
    say(f"build/fuzz: {count} in {time.monotonic() - begin:.1f} s")
    return count


def show_failure(title, test):
    with PRINTING:
        say(f"FAILED {title}")
        for stream in ("stdout", "stderr"):
            lines = test.get(stream, "").splitlines()
            print(*lines[-80:], sep="\n", flush=True)


def run_host_ring(ring, word, built):
    count = Count()
    for build, suite, *without in HOST_RUNS[ring]:
        if build not in built:
            built[build] = ensure_build(build)
        if built[build]:
            count.add(run_suite(build, suite, word, *without))
        else:
            say(f"FAILED build/{build} does not build: nothing of {suite} was run in it")
            count.fail(f"build/{build} does not build")
    if ring == "model":
        if built.get("gcc"):
            count.add(run_conformance(word))
        count.add(run_fuzz(word, built))
    return count


def guest_commands(word, log_dir):
    """(name, command) of each test: first the harness itself, then one guest per script, and at the
    end those that have several cases or guests"""
    boot = f"{ROOT}/test/guest/boot.py"
    commands = [("harness", [f"{ROOT}/test/guest/selftest.sh"])]
    for path in sorted(glob.glob(f"{ROOT}/test/guest/tests/*.sh")):
        name = os.path.basename(path).removesuffix(".sh")
        commands.append((name, [boot, "--keep-log", f"{log_dir}/{name}", path]))
    commands.append(("conformance", [boot, "--keep-log", f"{log_dir}/conformance",
                                     f"{ROOT}/test/conformance/guest.sh", "--quick"]))
    commands.append(("experiments", [f"{ROOT}/test/experiments/pipeline_test.py", "gcc", "guest",
                                     f"{log_dir}/experiments"]))
    return [(name, command) for name, command in commands if word in name]


def run_quietly(command):
    """Runs the command; returns (status, output)."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return done.returncode, done.stdout


def last_attempt(output, log_dir):
    """What the script printed the last time, if the guest failed and was booted again."""
    try:
        with open(f"{log_dir}/output.log", errors="replace", encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return output


def run_conformance(word):
    """The conformance cases that take little time, on the model; guest.sh has QEMU's."""
    count = Count()
    for place, family in CONFORMANCE if word in "conformance" else ():
        count.add(run_tap_command(
            f"{place}: conformance",
            [f"{ROOT}/devtools/conformance.py", "--quick", "--on", place, "--family", family],
            f"{BUILD}/conformance"))
    return count


def run_tap_command(name, command, log_dir):
    begin = time.monotonic()
    say(f"{name} ...")
    status, output = run_quietly(command)
    count = count_tap(last_attempt(output, log_dir))
    if count.total() == 0 or status != 0 and count.failed == 0:
        count.fail(f"status {status}")
    count.within(name.split(": ")[-1])
    with PRINTING:
        print(output, end="", flush=True)
        if count.failed:
            why = "the guest failed, twice" if status == EX_TEMPFAIL else f"status {status}"
            say(f"FAILED {name} ({why}); its logs are in {os.path.relpath(log_dir, ROOT)}")
        say(f"{name}: {count} in {time.monotonic() - begin:.1f} s")
    return count


def run_guest_ring(word, built):
    if not built.get("gcc"):
        say("FAILED build/gcc does not build: no guest was booted")
        return Count(failed=1, names=["build/gcc does not build"])
    count, log_dir = Count(), f"{LOG_DIR}/guest"
    for name, command in guest_commands(word, log_dir):
        shutil.rmtree(f"{log_dir}/{name}", ignore_errors=True)
        count.add(run_tap_command(f"guest: {name}", command, f"{log_dir}/{name}"))
    return count


def run_pages_ring(word):
    """Commands of the entry point; one that prints no verdicts is a test by itself."""
    count = Count()
    for name, arguments in PAGES.items():
        if word not in name:
            continue
        begin = time.monotonic()
        say(f"pages: {name} ...")
        status, output = run_quietly([f"{ROOT}/run", *arguments])
        one = count_program(output, status == 0)
        with PRINTING:
            print(output, end="", flush=True)
            say(f"pages: {name}: {one} in {time.monotonic() - begin:.1f} s")
        count.add(one.within(name))
    return count


def run_ring(ring, word, built):
    if ring == "guest":
        count = run_guest_ring(word, built)
    elif ring == "pages":
        count = run_pages_ring(word)
    else:
        count = run_host_ring(ring, word, built)
    say(f"{ring}: {count}")
    return count.within(ring)


def prepare(rings, built):
    """What rings that run side by side would both do at the same time."""
    if "guest" in rings:
        subprocess.run([f"{ROOT}/devtools/setup.sh", "guest"], check=True)
    if "pages" in rings:
        # What cannot be had fails the commands that want it, and no more.
        subprocess.run([f"{ROOT}/devtools/setup.sh", "docs", "monitoring"], check=False)
    built["gcc"] = ensure_build("gcc")


def run_in_order(rings, word, built):
    return {ring: run_ring(ring, word, built) for ring in rings}


def run_rings(rings, word):
    """The counts, by ring."""
    built, counts = {}, {}
    prepare(rings, built)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        runs = [pool.submit(run_in_order, [ring for ring in side if ring in rings], word, built)
                for side in SIDES]
    for run in runs:
        counts |= run.result()
    return counts


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"test: {message}", file=sys.stderr)
        sys.exit(EX_USAGE)


def parse_options(argv):
    parser = Parser(prog="./run test", description="Run the tests of Sluice.",
                    epilog="Exit status: 0 if all passed; 1 if one failed, or a ring ran none; "
                           "64 for bad usage.")
    parser.add_argument("rings", nargs="*", metavar="RING",
                        help=f"{', '.join(RINGS)} (default: all)")
    parser.add_argument("-k", dest="word", default="", metavar="WORD",
                        help="only test programs with WORD in their name")
    options = parser.parse_args(argv)
    for ring in options.rings:
        if ring not in RINGS:
            parser.error(f"no such ring: {ring} (allowed: {', '.join(RINGS)})")
    options.rings = [ring for ring in RINGS if not options.rings or ring in options.rings]
    return options


def main(argv):
    options = parse_options(argv)
    counts = run_rings(options.rings, options.word)
    total = Count()
    for count in counts.values():
        total.add(count)
    empty = [ring for ring, count in counts.items() if count.total() == 0]
    if empty:
        say(f"FAILED no test was run in: {', '.join(empty)}")
    for name in total.names[:NAMED_MAX]:
        say(f"FAILED {name}")
    if len(total.names) > NAMED_MAX:
        say(f"FAILED {len(total.names) - NAMED_MAX} more")
    print(total, flush=True)
    return 1 if total.failed or empty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
