#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Run the papers' evaluation: each experiment is a small file, all results go into one page.

Results are written to results.json in the folder --out, with index.html beside it, which opens
from the disk. Both processors of the machine are to be free of other work.
"""
import argparse
import json
import os
import subprocess
import sys

import doc
import execute
import machine
import page
import progress
import results
import spec

ROOT = os.path.normpath(os.path.join(spec.HERE, "../.."))
FORMAT = 1
EX_USAGE = 64


class Parser(argparse.ArgumentParser):
    """Bad usage is told in one line."""

    def error(self, message):
        print(f"experiments: {message}", file=sys.stderr)
        sys.exit(EX_USAGE)


def parse(argv):
    parser = Parser(prog="./run experiments", description=__doc__.split("\n\n", maxsplit=1)[0],
                    epilog="NAME may be the beginning of several: e1 is e1-guest and e1-model.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which (default: all)")
    parser.add_argument("--list", action="store_true", help="tell which experiments there are")
    parser.add_argument("--quick", action="store_true",
                        help="the short set: whether it all works, not what is found")
    parser.add_argument("--place", choices=spec.PLACES, help="only those on the model, or in the "
                        "guest")
    parser.add_argument("--from", dest="saved", metavar="JSON", nargs="+",
                        help="run nothing: make the page of saved results; of experiments that are "
                             "in several files the last one's count")
    parser.add_argument("--out", metavar="FOLDER", default=os.path.join(ROOT, "build/experiments"),
                        help="where results go (default: build/experiments)")
    parser.add_argument("--doc", metavar="FOLDER", help="write experiments.md and its plots there")
    parser.add_argument("--build", metavar="NAME",
                        help="use build/NAME as it is (default: build gcc, and use it)")
    return parser.parse_args(argv)


def chosen(args):
    specs = spec.choose(spec.read_all(), args.names)
    specs = [one for one in specs if args.place in (None, one["place"])]
    if args.quick:
        specs = [one for one in specs if "quick" in one]
    if not specs:
        raise spec.Wrong("none of these is in that set")
    return specs


def show_list(specs):
    for one in specs:
        took = ", ".join(f"{name} {one[name]['seconds']:.0f} s" for name in spec.SETS
                         if name in one)
        print(f"{one['name']:14} {one['place']:6} {one['title']} ({took})")


def load(paths):
    """@return experiments of saved files"""
    found = {}
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
            if content["format"] != FORMAT:
                raise spec.Wrong(f"{path}: format {content['format']} (allowed: {FORMAT})")
            for one in content["experiments"]:
                found.pop(one["spec"]["name"], None)
                found[one["spec"]["name"]] = one
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise spec.Wrong(f"{path}: {error}") from error
        except (KeyError, TypeError) as error:
            raise spec.Wrong(f"{path}: not results of ./run experiments") from error
    return [found[name] for name in sorted(found)]


def select(experiments, names):
    specs = {one["spec"]["name"]: one["spec"] for one in experiments}
    wanted = {one["name"] for one in spec.choose(specs, names)}
    return [one for one in experiments if one["spec"]["name"] in wanted]


def save(folder, experiments):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "results.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"format": FORMAT, "experiments": experiments}, file, indent=1)
        file.write("\n")
    return path


def write_page(folder, experiments):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "index.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page.page(experiments))
    return path


def prepare(args, specs):
    """Build and install what they need."""
    commands = [] if args.build else [["run", "build", "gcc"]]
    args.build = args.build or "gcc"
    if any(one["place"] == "guest" for one in specs):
        commands.append(["devtools/setup.sh", "guest"])
    for name, *words in commands:
        status = subprocess.run([os.path.join(ROOT, name), *words], check=False).returncode
        if status != 0:
            sys.exit(status)
    if not os.path.exists(os.path.join(ROOT, "build", args.build, "build.ninja")):
        raise spec.Wrong(f"--build {args.build}: build/{args.build} is not there")


def run_all(args, specs):
    """What has been found is saved after each one."""
    programs = "as they were in the build named" if args.build else "built for this run"
    prepare(args, specs)
    made_on = machine.describe(ROOT, args.quick, programs)
    which = "quick" if args.quick else "full"
    bar = progress.Progress(sum(one[which]["seconds"] for one in specs))
    experiments = []
    for one in specs:
        found = execute.run(ROOT, args, one, which, bar)
        found["machine"] = made_on
        found["summary"] = results.summary(found["results"], one)
        experiments.append(found)
        save(args.out, experiments)
    return experiments


def told(experiments):
    """@return lines for a terminal, and whether all has gone well"""
    lines, good = [], True
    for one in experiments:
        for problem in one["problems"]:
            lines.append(f"{one['spec']['name']}: FAILED {problem}")
            good = False
        for verdict in one["summary"]["verdicts"]:
            lines.append(f"{one['spec']['name']}: {verdict['text']}: {page.verdict_text(verdict)}")
    return lines, good


def main(argv):
    args = parse(argv)
    try:
        if args.saved:
            experiments = select(load(args.saved), args.names)
            for one in experiments:
                one["summary"] = results.summary(one["results"], one["spec"])
        elif args.list:
            show_list(chosen(args))
            return 0
        else:
            experiments = run_all(args, chosen(args))
    except spec.Wrong as error:
        print(f"experiments: {error}", file=sys.stderr)
        return EX_USAGE
    lines, good = told(experiments)
    print("\n".join(lines))
    print(f"page: {write_page(args.out, experiments)}")
    if args.doc:
        print(f"doc: {doc.write(args.doc, experiments)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
