#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Runs cases in one place, on the machine it is started on; prints TAP.

./run conformance starts it, in the guest too. Exit status: 0 if nothing failed.
"""

import argparse
import dataclasses
import json
import os
import signal
import sys

# pylint: disable=unused-import
import cases_examples
import cases_filters
import cases_offload
import cases_policy
import cases_port
import cases_process
import cases_queues
import cases_vf
import cases_vlan
from framework import CASES, IMPOSSIBLE, NOT_OFFERED, PASS, Session
from rigs import GuestRig, ModelRig, PolicyRig, SluicedRig


class Reporter:
    """One TAP line a case, and all results as lines of JSON."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8") if path else None
        self._number = 0
        self.failed = 0
        self.total = 0

    def __call__(self, case, result):
        self.total += 1
        self._number += 1
        name = f"{self._number} - {result.pmd}, {result.place}, {result.family}: " \
               f"{case.title(result.kind)}"
        remark = result.remark.replace("#", "").splitlines()
        first = remark[0] if remark else ""
        # What the hardware cannot do, and what another's driver does not offer, is no failure.
        if result.verdict == PASS:
            print(f"ok {name}")
        elif result.verdict == IMPOSSIBLE or \
                (result.verdict == NOT_OFFERED and result.pmd != "sluice"):
            print(f"ok {name} # SKIP {result.verdict}: {first}")
        else:
            self.failed += 1
            print(f"not ok {name}")
            lines = [result.verdict] + remark + result.evidence.splitlines()
            print(*(f"#   {line}" for line in lines), sep="\n")
        sys.stdout.flush()
        if self._file:
            self._file.write(json.dumps(dataclasses.asdict(result)) + "\n")
            self._file.flush()


def chosen(options, kind, place):
    return [case for case in CASES
            if kind in case.kinds and place in case.places and
            (place in case.quick or not options.quick) and
            (options.word in case.title(kind) or options.word in case.suite)]


RIGS = {"model": ModelRig, "sluiced": SluicedRig, "policy": PolicyRig, "guest": GuestRig}


def make_rig(options, family):
    if options.on == "guest":
        return GuestRig(options.pmd)
    return RIGS[options.on](family, options.pmd, options.build)


def run(options):
    report = Reporter(options.results)
    for family in options.family:
        for kind in options.kind:
            cases = chosen(options, kind, options.on)
            if not cases or kind not in RIGS[options.on].KINDS:
                continue
            rig = make_rig(options, family)
            try:
                Session(rig, kind, report).run(cases)
            finally:
                rig.close()
    return 1 if report.failed or report.total == 0 else 0


def parse_options(argv):
    parser = argparse.ArgumentParser(description="Run conformance cases.")
    parser.add_argument("--on", choices=tuple(RIGS), default="model")
    parser.add_argument("--pmd", choices=("sluice", "in-tree"), default="sluice")
    parser.add_argument("--family", nargs="+", default=["82576"])
    parser.add_argument("--kind", nargs="+", choices=("pf", "vf"), default=["pf", "vf"])
    parser.add_argument("--build", default="build/gcc", help="folder of the build, for the model")
    parser.add_argument("--results", help="file for the results as JSON, a line each")
    parser.add_argument("--quick", action="store_true", help="only those that ./run test has")
    parser.add_argument("-k", dest="word", default="", help="only cases with WORD in their name")
    options = parser.parse_args(argv)
    options.build = os.path.abspath(options.build)
    return options


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run(parse_options(sys.argv[1:])))
