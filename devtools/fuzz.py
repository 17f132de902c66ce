#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the fuzz targets of build/fuzz; `./run fuzz` is this program.

All targets share the time on two processors: each gets the same, and none runs twice at once.
Inputs that a target learnt from stay in build/fuzz/corpus, those that break an invariant in
build/fuzz/findings. Committed ones (test/fuzz/corpus) are read and never written.
"""

import argparse
import dataclasses
import glob
import os
import re
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "fuzz")
SOURCE = os.path.join(ROOT, "test", "fuzz")
SUFFIX = "_fuzz"

EX_USAGE = 64

LANES = 2
SLICE_MIN = 1	# seconds: libFuzzer counts in whole ones, and 0 would be for ever
INPUT_BYTES_MAX = 2048	# longer ones teach the same, more slowly
HANG_SECONDS = 60	# for one input; on a busy machine ordinary ones have taken 20

LOADED = re.compile(r"^INFO: Loaded .*\((\d+) (?:inline 8-bit )?counters\)", re.M)
COVERED = re.compile(r"\bcov: (\d+)")
EXECUTED = re.compile(r"^stat::number_of_executed_units: *(\d+)", re.M)
FINDING = re.compile(r"Test unit written to (\S+)")
REASON = re.compile(r"must hold: .*|ERROR: \w+: .*|runtime error: .*")


@dataclasses.dataclass
class Result:
    executed: int = 0
    covered: int = 0
    edges: int = 0
    seconds: float = 0
    findings: list = dataclasses.field(default_factory=list)
    broken: str = ""	# why a run ended that was not to end yet


def say(text):
    print(f"[fuzz] {text}", flush=True)


def all_targets():
    paths = glob.glob(f"{SOURCE}/*{SUFFIX}.c")
    return sorted(os.path.basename(path).removesuffix(f"{SUFFIX}.c") for path in paths)


def schedule(targets, seconds):
    """One list of (target, seconds) for each lane, every target for as long as the others.

    Filled one lane after the other. A target that reaches over the end of one lane begins the
    next, and so never runs at the same time twice: it takes no longer than a lane.
    """
    share = min(seconds, seconds * LANES / len(targets))
    lanes, room = [[] for _ in range(LANES)], seconds
    lane = 0
    for target in targets:
        left = share
        while left >= SLICE_MIN and lane < LANES:
            piece = min(left, room)
            if piece >= SLICE_MIN:
                lanes[lane].append((target, piece))
            left -= piece
            room -= piece
            if room < SLICE_MIN:
                lane, room = lane + 1, seconds
    return lanes


def seconds_for(targets, each):
    """How long all lanes take if each target is to run so many seconds."""
    return max(each, each * len(targets) / LANES)


def command_of(target, seconds):
    corpus, findings = f"{BUILD}/corpus/{target}", f"{BUILD}/findings"
    os.makedirs(corpus, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    dictionary = f"{SOURCE}/{target}.dict"
    command = [f"{BUILD}/test/fuzz/{target}{SUFFIX}", f"-max_total_time={round(seconds)}",
               f"-max_len={INPUT_BYTES_MAX}", f"-timeout={HANG_SECONDS}", "-print_final_stats=1",
               "-close_fd_mask=0", f"-artifact_prefix={findings}/{target}-"]
    if os.path.exists(dictionary):
        command.append(f"-dict={dictionary}")
    return command + [corpus, f"{SOURCE}/corpus/{target}"]


def last_number(pattern, text):
    found = pattern.findall(text)
    return int(found[-1]) if found else 0


def run_slice(target, seconds, result):
    begin = time.monotonic()
    done = subprocess.run(command_of(target, seconds), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, cwd=BUILD)
    result.seconds += time.monotonic() - begin
    result.executed += last_number(EXECUTED, done.stdout)
    result.covered = max(result.covered, last_number(COVERED, done.stdout))
    result.edges = max(result.edges, last_number(LOADED, done.stdout))
    if done.returncode != 0:
        result.findings += FINDING.findall(done.stdout)
        reason = REASON.search(done.stdout)
        result.broken = reason[0] if reason else f"status {done.returncode}"
        with open(f"{BUILD}/findings/{target}.log", "w", encoding="utf-8") as log:
            log.write(done.stdout)
    elif result.executed == 0:
        result.broken = "no input was run"


def run_lane(slices, results):
    for target, seconds in slices:
        if not results[target].broken:
            run_slice(target, seconds, results[target])


def run_all(targets, seconds):
    results = {target: Result() for target in targets}
    threads = [threading.Thread(target=run_lane, args=(slices, results))
               for slices in schedule(targets, seconds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def describe(target, result):
    share = 100 * result.covered / result.edges if result.edges else 0
    speed = result.executed / result.seconds if result.seconds else 0
    return (f"fuzz {target}: {result.executed} inputs in {result.seconds:.0f} s "
            f"({speed:.0f} a second), {result.covered} of {result.edges} edges ({share:.0f} %)")


def report(results):
    """A TAP line for each target; returns whether all are well."""
    print(f"1..{len(results)}")
    for number, (target, result) in enumerate(results.items(), 1):
        print(f"{'not ' if result.broken else ''}ok {number} - {describe(target, result)}")
        if result.broken:
            print(f"# {result.broken}")
            print(f"# see {os.path.relpath(BUILD, ROOT)}/findings/{target}.log")
        for path in result.findings:
            print(f"# reproduce: build/fuzz/test/fuzz/{target}{SUFFIX} "
                  f"{os.path.relpath(path, ROOT)}")
    sys.stdout.flush()
    return not any(result.broken for result in results.values())


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"fuzz: {message}", file=sys.stderr)
        sys.exit(EX_USAGE)


def parse_options(argv):
    names = all_targets()
    parser = Parser(prog="./run fuzz", description="Run the fuzz targets, two at a time.",
                    epilog="Exit status: 0 if nothing was found; 1 if something was; "
                           "64 for bad usage.")
    parser.add_argument("minutes", type=float, metavar="MINUTES",
                        help="for all targets together; may be a fraction")
    parser.add_argument("targets", nargs="*", metavar="TARGET",
                        help=f"{', '.join(names)} (default: all)")
    options = parser.parse_args(argv)
    for target in options.targets:
        if target not in names:
            parser.error(f"no such target: {target} (allowed: {', '.join(names)})")
    options.targets = [name for name in names if not options.targets or name in options.targets]
    if not 60 * options.minutes * min(LANES, len(options.targets)) >= \
            len(options.targets) * SLICE_MIN:
        parser.error(f"{options.minutes:g} minutes are too few for {len(options.targets)} targets")
    return options


def main(argv):
    options = parse_options(argv)
    say(f"{options.minutes:g} minutes for {', '.join(options.targets)}")
    return 0 if report(run_all(options.targets, 60 * options.minutes)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
