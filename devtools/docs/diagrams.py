#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Draws the diagrams: doc/diagrams/NAME.seq or NAME.blocks becomes NAME.svg beside it.

usage: diagrams.py [--check]     --check writes nothing: are the drawings those of their sources?

What a source says, sequence.py and blocks.py tell.
"""
import glob
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.normpath(os.path.join(HERE, "../../doc/diagrams"))
sys.path.insert(0, HERE)
import blocks                       # noqa: E402
import sequence                     # noqa: E402

KINDS = {".seq": sequence.Diagram, ".blocks": blocks.Diagram}


def drawn(path):
    with open(path, encoding="utf-8") as file:
        return KINDS[os.path.splitext(path)[1]](file.read()).svg()


def svg_path(path):
    return os.path.splitext(path)[0] + ".svg"


def is_as_drawn(path):
    try:
        with open(svg_path(path), encoding="utf-8") as file:
            return file.read() == drawn(path)
    except FileNotFoundError:
        return False


def check(paths):
    verdicts = [(is_as_drawn(path), f"{os.path.basename(path)} is drawn as it is (if not: "
                 "devtools/docs/diagrams.py)") for path in paths]
    drawings = set(glob.glob(f"{FOLDER}/*.svg"))
    verdicts.append((bool(paths) and drawings == set(map(svg_path, paths)),
                     "each drawing has a source"))
    print(f"1..{len(verdicts)}")
    for number, (holds, what) in enumerate(verdicts, 1):
        print(f"{'' if holds else 'not '}ok {number} - {what}")
    return 0 if all(holds for holds, _ in verdicts) else 1


def main(arguments):
    paths = sorted(path for kind in KINDS for path in glob.glob(f"{FOLDER}/*{kind}"))
    if arguments == ["--check"]:
        return check(paths)
    for path in paths:
        with open(svg_path(path), "w", encoding="utf-8") as file:
            file.write(drawn(path))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
