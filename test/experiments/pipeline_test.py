#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The quick set on the device model, from the programs to the page, a TAP line for each check.

usage: pipeline_test.py BUILD

What is found is not looked at: the machine has other things to do meanwhile.
"""
import filecmp
import json
import os
import subprocess
import sys
import tempfile

import spec

RUN = os.path.join(spec.HERE, "run.py")
PATIENCE_S = 280


class Tap:
    number, failed = 0, False

    def check(self, what, good, more=""):
        self.number += 1
        self.failed = self.failed or not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {what}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in str(more).splitlines()), flush=True)


def run(*words):
    """@return status and what it printed"""
    done = subprocess.run([RUN, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=PATIENCE_S)
    return done.returncode, done.stdout


def check_experiment(tap, one, page):
    name, declared = one["spec"]["name"], one["spec"]
    tap.check(f"{name} has no problem", one["problems"] == [], one["problems"])
    tap.check(f"{name} has results of all that is shown",
              all(any(result["metric"] == part["metric"] for result in one["results"])
                  for part in declared.get("tables", []) + declared.get("plots", [])),
              sorted({result["metric"] for result in one["results"]}))
    tap.check(f"{name} is on the page", f'id="{name}"' in page)


def main():
    tap = Tap()
    wanted = [name for name, one in spec.read_all().items()
              if one["place"] == "model" and "quick" in one]
    with tempfile.TemporaryDirectory() as folder:
        found, again = os.path.join(folder, "found"), os.path.join(folder, "again")
        status, text = run("--quick", "--place", "model", "--build", sys.argv[1], "--out", found)
        tap.check("the quick set runs", status == 0, text)
        with open(os.path.join(found, "results.json"), encoding="utf-8") as file:
            experiments = json.load(file)["experiments"]
        tap.check("all of it", [one["spec"]["name"] for one in experiments] == wanted, text)
        with open(os.path.join(found, "index.html"), encoding="utf-8") as file:
            page = file.read()
        for one in experiments:
            check_experiment(tap, one, page)
        status, text = run("--from", os.path.join(found, "results.json"), "--out", again,
                           "--doc", folder)
        tap.check("the page can be made again", status == 0 and filecmp.cmp(
            os.path.join(found, "index.html"), os.path.join(again, "index.html"), False), text)
        tap.check("and the doc", os.path.exists(os.path.join(folder, "experiments.md")), text)
        status, text = run("e99")
        tap.check("who asks for another one is told which there are",
                  status == 64 and "e99" in text and wanted[0] in text, text)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
