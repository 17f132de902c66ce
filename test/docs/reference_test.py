#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The reference pages that ./run docs makes: is all that the programs know in them?

usage: reference_test.py SOURCE BUILD
"""
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True


def said(program, option):
    return subprocess.run([program, option], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def options_of(text):
    """Options of a --help, of its own part where EAL's come first."""
    return set(re.findall(r"^  +(--?[a-z][\w-]*)", text.rpartition("\nUsage: ")[2], re.M))


def keys_of(schema):
    for key, part in schema.get("properties", {}).items():
        yield key
        yield from keys_of(part)
        yield from keys_of(part.get("items", {}))


def program_pages(pages, reference, build):
    for name, (place, _) in reference.PROGRAMS.items():
        options = options_of(said(f"{build}/{place}", "--help"))
        missing = [option for option in options if f"`{option}" not in pages[name]]
        # A program without a list of them has a usage.
        yield (f"{name}: {len(options)} options are in its page",
               not missing and re.search(rf"^```text\n{name} .", pages[name], re.M))


def all_pages(pages, reference, build):
    yield from program_pages(pages, reference, build)
    sluiced = f"{build}/{reference.PROGRAMS['sluiced'][0]}"
    keys = set(keys_of(json.loads(said(sluiced, "--schema"))))
    told = pages["configuration"]
    missing = [key for key in keys if not re.search(rf"^\| `[\w.\[\]]*\b{key}`", told, re.M)]
    yield f"the configuration: {len(keys)} keys {missing}", keys and not missing
    rows = re.findall(r"^\| [A-Z].* \| [YP]? \| [YP]? \|$", pages["features"], re.M)
    yield f"the feature matrix: {len(rows)} rows", len(rows) > 20
    names = reference.metrics()
    missing = [name for name in names if f"| `{name}` |" not in pages["metrics"]]
    yield f"metrics: {len(names)} {missing}", len(names) > 10 and not missing
    yield from devargs_told(pages, reference)
    yield from guides(pages, reference, build)
    headers = re.findall(r"\[`(\w+\.h)`\]", pages["api"])
    with open(f"{reference.ROOT}/devtools/docs/Doxyfile", encoding="utf-8") as file:
        inputs = file.read()
    unread = [name for name in headers if name not in inputs and
              not os.path.exists(f"{reference.ROOT}/lib/aic/{name}")]
    yield f"the API: {len(headers)} headers, which Doxygen reads {unread}", headers and not unread


def doc(reference, name):
    with open(f"{reference.ROOT}/doc/{name}", encoding="utf-8") as file:
        return file.read()


def guides(pages, reference, build):
    """What is told by hand: is it all there, and nothing else?"""
    known = options_of(said(f"{build}/app/sluice-fwd/sluice-fwd", "--help"))
    known -= {"--help", "-h", "--version"}
    told = set(re.findall(r"`(--[a-z-]+)[` ]", "".join(
        line for line in doc(reference, "sluice-fwd.md").splitlines() if line.startswith("| `"))))
    yield f"sluice-fwd.md: {len(told)} options {known ^ told}", told == known
    words = doc(reference, "sluiced.md")
    commands = set(re.findall(r"^\| `(\w+)", pages["sluicectl"].partition("## Options")[0], re.M))
    missing = [name for name in commands
               if not re.search(rf"^sluicectl {name}\b", words, re.M)]
    yield f"sluiced.md: {len(commands)} subcommands {missing}", commands and not missing


def devargs_told(pages, reference):
    """In their page, and explained in the driver guide."""
    guide = re.findall(r"^\| `(\w+)=", doc(reference, "drivers.md"), re.M)
    keys = [word.partition("=")[0] for words in reference.devargs().values() for word in words]
    missing = [key for key in keys if f"`{key}=" not in pages["devargs"]]
    yield (f"devargs: {sorted(set(keys))}, told: {sorted(guide)} {missing}",
           bool(keys) and set(keys) == set(guide) and not missing)


def main(source, build):
    sys.path.insert(0, f"{source}/devtools/docs")
    import reference            # pylint: disable=import-outside-toplevel
    verdicts = list(all_pages(reference.pages(build), reference, build))
    print(f"1..{len(verdicts)}")
    for number, (what, holds) in enumerate(verdicts, 1):
        print(f"{'' if holds else 'not '}ok {number} - {what}")
    return 0 if all(holds for _, holds in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
