#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Makes a man page of a program's --help and of what no table of it says.

usage: make_man.py PAGE.txt VERSION OUTPUT PROGRAM [WORD BEFORE --help]...

PAGE is name.section; in the text file, the first line is "name - what it is", and then come
sections: a line "# SECTION", and paragraphs. An indented line is shown as it is.
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from help_text import help_of       # noqa: E402


def roff(text):
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return r"\&" + text if text.startswith((".", "'")) else text


def rows(out, title, entries):
    if not entries:
        return
    out.append(f".SH {title}")
    for row in entries:
        out += [".TP", f".B {roff(row.term)}", roff("; ".join(row.columns)) or r"\&"]


def sections_of(text):
    """[(title, paragraphs)]"""
    found = []
    for part in text.strip("\n").split("\n\n"):
        if part.startswith("# "):
            title, _, part = part[2:].partition("\n")
            found.append((title, []))
        if part:
            found[-1][1].append(part)
    return found


def paragraph(part):
    lines = part.split("\n")
    if not lines[0].startswith(" "):
        return [".PP", roff(" ".join(lines))]
    return [".PP", ".nf", ".RS", *(roff(line.strip()) for line in lines), ".RE", ".fi"]


def page(program, text, name, section, version):
    told = help_of(*program)
    first, _, rest = text.partition("\n")
    out = [rf'.\" SPDX-License-Identifier: BSD-3-Clause', f'.TH {name.upper()} {section} "" '
           f'"Sluice {version}" "Sluice"', ".SH NAME", roff(first), ".SH SYNOPSIS",
           f".B {roff(told.usage)}", ".SH DESCRIPTION"]
    out += [line for text in told.paragraphs for line in (".PP", roff(text))]
    for title, parts in sections_of(rest):
        if title == "DESCRIPTION":
            out += [line for part in parts for line in paragraph(part)]
    rows(out, "COMMANDS", told.commands)
    rows(out, "OPTIONS", told.options)
    for title, entries in told.lists.items():
        rows(out, title.upper(), entries)
    for title, parts in sections_of(rest):
        if title != "DESCRIPTION":
            out += [f".SH {title}"] + [line for part in parts for line in paragraph(part)]
    return "\n".join(line for line in out if line) + "\n"


def main(source, version, output, *program):
    name, section = os.path.basename(source).removesuffix(".txt").rsplit(".", 1)
    with open(source, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith("#!"))
    with open(output, "w", encoding="utf-8") as file:
        file.write(page(program, text, name, section, version))


if __name__ == "__main__":
    main(*sys.argv[1:])
