#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Runs the conformance cases of test/conformance, and writes their table.

`./run conformance` is this program. Results are kept in build/conformance, so that a run
of a part renews a part of the table in doc/conformance.md.
"""

import argparse
import collections
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build")
RESULTS = os.path.join(BUILD, "conformance")
CASES_DIR = os.path.join(ROOT, "test", "conformance")
DOC = os.path.join(ROOT, "doc", "conformance.md")
sys.path.insert(0, CASES_DIR)
import examples  # noqa: E402 pylint: disable=wrong-import-position

TABLE_MARK = "<!-- ./run conformance --write-doc makes what follows -->\n"

EX_USAGE = 64

PMDS = ("sluice", "in-tree")
PLACES = ("model", "sluiced", "policy", "guest")
FAMILIES = ("82576", "i350", "82599", "x540", "x550")
KEY = ("pmd", "place", "family", "kind", "suite", "case")
WHERE = 4           # how many of these say where a case was run
NAMES = {"i350": "I350", "x540": "X540", "x550": "X550"}
# In the order of the table; how a cell says it.
VERDICTS = {"pass": "passes", "fail": "fails", "not offered": "not offered",
            "impossible": "cannot"}


def load(path):
    """The results of a file of JSON lines, by key."""
    try:
        with open(path, encoding="utf-8") as file:
            found = [json.loads(line) for line in file if line.strip()]
    except FileNotFoundError:
        return {}
    return {tuple(result[name] for name in KEY): result for result in found}


def remember(new, whole):
    """Adds results to those of former runs, whose place they take.

    whole: all cases were run; one that is not among them is there no more.
    """
    path = f"{RESULTS}/all.json"
    lock = open(path + ".lock", "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    known = load(path)
    if whole:
        where = {key[:WHERE] for key in new}
        known = {key: result for key, result in known.items() if key[:WHERE] not in where}
    known.update(new)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(result) + "\n" for result in known.values())
    os.rename(path + ".new", path)
    lock.close()


def case_arguments(options, pmd):
    arguments = ["--pmd", pmd]
    if options.word:
        arguments += ["-k", options.word]
    if options.quick:
        arguments.append("--quick")
    return arguments


def command_for(options, pmd, place, out):
    """(command, file that its results come in)"""
    if place != "guest":
        path = f"{out}/results.json"
        return ["/usr/bin/python3", f"{CASES_DIR}/run_cases.py", "--on", place,
                "--build", os.path.join(BUILD, options.build), "--results", path,
                "--family", *options.family, *case_arguments(options, pmd)], path
    examples.build_all()
    return [f"{ROOT}/test/guest/boot.py", "--build", options.build, "--out", out,
            "--with", examples.BUILT,
            "--keep-log", f"{BUILD}/log/conformance-{pmd}", f"{CASES_DIR}/guest.sh",
            *case_arguments(options, pmd)], f"{out}/results.json"


def say(text):
    print(f"[conformance] {text}", flush=True)


def summary(results):
    counts = collections.Counter(result["verdict"] for result in results.values())
    return ", ".join(f"{counts[verdict]} {word}" for verdict, word in VERDICTS.items())


def run(options):
    """Whether all went well, where ours ran: of ours."""
    good = {}
    for pmd in options.pmd:
        for place in options.on:
            if place == "guest" and "82576" not in options.family:
                continue
            os.makedirs(RESULTS, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=RESULTS) as out:
                begin = time.monotonic()
                say(f"{pmd}, {place}")
                command, path = command_for(options, pmd, place, out)
                done = subprocess.run(command, check=False)
                say(f"{pmd}, {place}: {summary(load(path))} in {time.monotonic() - begin:.0f} s")
                remember(load(path), whole=not (options.word or options.quick))
            good[pmd] = good.get(pmd, True) and done.returncode == 0
    return good.get("sluice", all(good.values()))


def environment_name(result):
    name = NAMES.get(result["family"], result["family"])
    return {"guest": "QEMU", "sluiced": f"{name} under sluiced",
            "policy": f"{name} by policy"}.get(result["place"], name)


def cell(results):
    """One field of the table: what became of a case with one driver, wherever it ran."""
    by_verdict = {}
    for result in results:
        by_verdict.setdefault(result["verdict"], []).append(environment_name(result))
    parts = [(word, by_verdict[verdict]) for verdict, word in VERDICTS.items()
             if verdict in by_verdict]
    if len(parts) == 1:
        return parts[0][0]
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in parts) or "not run"


def remarks(results):
    """Each remark once, with the environments it holds for, if not for all of that driver."""
    found = {}
    for result in results:
        if result["remark"]:
            text = result["remark"].splitlines()[0][:160].replace("|", "\\|")
            who = "" if result["verdict"] in ("pass", "impossible") else \
                f"{'ours' if result['pmd'] == 'sluice' else 'in-tree'}, "
            found.setdefault((who, text), []).append(environment_name(result))
    return "<br>".join(f"{who}{', '.join(dict.fromkeys(names))}: {text}"
                       for (who, text), names in found.items())


def table(results):
    rows = {}
    for result in results:
        rows.setdefault((result["suite"], result["case"], result["kind"]), []).append(result)
    lines, suite = [], None
    for (of_suite, name, kind), found in sorted(rows.items()):
        if of_suite != suite:
            suite = of_suite
            lines += ["", f"## {suite}", "",
                      "| case | port | ours | in-tree | remark |", "|---|---|---|---|---|"]
        columns = [cell([result for result in found if result["pmd"] == pmd]) for pmd in PMDS]
        lines.append(f"| {name.replace('_', ' ')}: {found[0]['what']} | {kind.upper()} | "
                     f"{columns[0]} | {columns[1]} | {remarks(found)} |")
    return "\n".join(lines) + "\n"


def totals(results):
    lines = ["| | passes | fails | not offered | cannot |", "|---|---|---|---|---|"]
    for pmd in PMDS:
        counts = [sum(r["verdict"] == verdict and r["pmd"] == pmd for r in results)
                  for verdict in VERDICTS]
        lines.append(f"| {'ours' if pmd == 'sluice' else 'in-tree'} | " +
                     " | ".join(map(str, counts)) + " |")
    return "\n".join(lines) + "\n"


def write_doc():
    results = list(load(f"{RESULTS}/all.json").values())
    have = {(result["pmd"], result["place"]) for result in results}
    missing = [f"--pmd {pmd} --on {place}" for pmd in PMDS for place in PLACES
               if (pmd, place) not in have]
    gap = f"Not run yet: `{'`, `'.join(missing)}`.\n\n" if missing else ""
    with open(DOC, encoding="utf-8") as file:
        head = file.read().split(TABLE_MARK)[0]
    with open(DOC, "w", encoding="utf-8") as file:
        file.write(head + TABLE_MARK + "\n" + gap + totals(results) + table(results))


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"conformance: {message}", file=sys.stderr)
        sys.exit(EX_USAGE)


def parse_options(argv):
    parser = Parser(prog="./run conformance",
                    description="Drive stock testpmd and scapy through the cases of DPDK's own "
                                "test suites.",
                    epilog="Exit status: 0 if all passed (of ours, where ours ran); 1 if not; "
                           "64 for bad usage.")
    add = parser.add_argument
    add("--pmd", choices=PMDS + ("both",), default="sluice", help="whose drivers")
    add("--on", choices=PLACES + ("all",), default="all",
        help="the device model, the same with a PF that sluiced has, without and with a policy "
             "that sets limits, QEMU's 82576 in the guest, or all of them (default)")
    add("--family", choices=FAMILIES, nargs="+", default=list(FAMILIES),
        help="of the model's; the guest has the 82576 only")
    add("-k", dest="word", default="", metavar="WORD", help="only cases with WORD in their name")
    add("--quick", action="store_true", help="only the cases that ./run test has")
    add("--build", default="gcc", metavar="NAME", help="build/NAME (default gcc)")
    add("--write-doc", action="store_true",
        help="put all results so far into doc/conformance.md")
    options = parser.parse_args(argv)
    options.pmd = PMDS if options.pmd == "both" else (options.pmd,)
    options.on = PLACES if options.on == "all" else (options.on,)
    return options


def main(argv):
    options = parse_options(argv)
    good = run(options)
    if options.write_doc:
        write_doc()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
