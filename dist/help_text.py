# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Reads what a program says to --help: man pages and completions are made of it, so that a table in
the program is the only place where a subcommand, an option or a key is named."""
import re
import subprocess


class Row:
    """One line of a list: what it is about, and its further columns."""

    def __init__(self, line):
        self.term, *self.columns = re.split(r"  +", line.strip())

    def words(self):
        return self.term.split()


class Block:
    """A paragraph, or a list of rows with the paragraph before it as its heading."""

    def __init__(self, text=None, rows=(), heading=None):
        self.text, self.rows, self.heading = text, list(rows), heading


def blocks_of(text):
    blocks = []
    for part in text.strip("\n").split("\n\n"):
        lines = part.split("\n")
        if lines[0].startswith(" "):
            blocks.append(Block(rows=map(Row, lines)))
        elif len(lines) > 1 and lines[0].endswith(":") and lines[1].startswith(" "):
            blocks.append(Block(rows=map(Row, lines[1:]), heading=lines[0].rstrip(":")))
        else:
            blocks.append(Block(text=" ".join(line.strip() for line in lines)))
    return blocks


class Help:
    """usage; paragraphs; options; commands; lists by their heading."""

    def __init__(self, text):
        self.paragraphs, self.options, self.commands, self.lists = [], [], [], {}
        first, *rest = blocks_of(text)
        if not first.text or not first.text.lower().startswith("usage: "):
            raise ValueError(f"no usage: {text[:60]!r}")
        self.usage = first.text[len("usage: "):]
        for block in rest:
            if block.text:
                self.paragraphs.append(block.text)
            elif block.heading:
                self.lists[block.heading] = block.rows
            elif block.rows[0].term.startswith("-"):
                self.options += block.rows
            else:
                self.commands += block.rows


def help_of(*program):
    return Help(subprocess.run([*program, "--help"], check=True, stdout=subprocess.PIPE,
                               text=True).stdout)
