#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The quick set of one place, from the programs to the page, a TAP line for each check.

usage: pipeline_test.py BUILD [model|guest [FOLDER]]

Results and logs go to FOLDER, if it is given. Whether figures are likely is not looked at: the
machine has other things to do meanwhile.
"""
import filecmp
import json
import os
import subprocess
import sys
import tempfile

import page_numbers
import spec

sys.path.insert(0, os.path.join(spec.HERE, ".."))
from tap import Checks  # noqa: E402

RUN = os.path.join(spec.HERE, "run.py")
# A guest that fails is booted once more.
PATIENCE_S = {"model": 280, "guest": 2400}


def run(*words, patience_s=60):
    """@return status and what it printed"""
    done = subprocess.run([RUN, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=patience_s)
    return done.returncode, done.stdout


def check_experiment(tap, one, page):
    name, declared = one["spec"]["name"], one["spec"]
    tap.check(f"{name} has no problem", one["problems"] == [], one["problems"])
    tap.check(f"{name} has results of all that is shown",
              all(any(result["metric"] == part["metric"] for result in one["results"])
                  for part in declared.get("tables", []) + declared.get("plots", [])),
              sorted({result["metric"] for result in one["results"]}))
    tap.check(f"{name} is on the page", f'id="{name}"' in page)


def check_page(tap, experiments, folder):
    with open(os.path.join(folder, "index.html"), encoding="utf-8") as file:
        page = file.read()
    for one in experiments:
        check_experiment(tap, one, page)
    strangers, found = page_numbers.strangers(page, experiments)
    tap.check("each number on the page is one of this run's", found > 0 and strangers == [],
              f"{found} numbers; others: {strangers}")


def check_again(tap, found, folder):
    """From what was saved."""
    again = os.path.join(folder, "again")
    status, text = run("--from", os.path.join(found, "results.json"), "--out", again,
                       "--doc", again)
    tap.check("the page can be made again", status == 0 and filecmp.cmp(
        os.path.join(found, "index.html"), os.path.join(again, "index.html"), False), text)
    tap.check("and the doc", os.path.exists(os.path.join(again, "experiments.md")), text)


def check_set(tap, build, place, found):
    wanted = [name for name, one in spec.read_all().items()
              if one["place"] == place and "quick" in one]
    status, text = run("--quick", "--place", place, "--build", build, "--out", found,
                       patience_s=PATIENCE_S[place])
    tap.check("the quick set runs", status == 0, text)
    with open(os.path.join(found, "results.json"), encoding="utf-8") as file:
        experiments = json.load(file)["experiments"]
    tap.check("all of it", [one["spec"]["name"] for one in experiments] == wanted, text)
    check_page(tap, experiments, found)
    status, text = run("e99")
    tap.check("who asks for another one is told which there are",
              status == 64 and "e99" in text and wanted[0] in text, text)


def main(build, place="model", found=None):
    tap = Checks()
    with tempfile.TemporaryDirectory() as folder:
        found = os.path.abspath(found) if found else os.path.join(folder, "found")
        check_set(tap, build, place, found)
        check_again(tap, found, folder)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
