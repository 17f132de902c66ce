#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Draws sequence diagrams: doc/diagrams/NAME.seq becomes NAME.svg beside it.

usage: sequence.py [--check]     --check writes nothing: are the drawings those of their sources?

A source has a line each:

    title WORDS
    who KEY WORDS [| MORE WORDS]    a life line, from the left to the right
    group KEY KEY WORDS             a frame around the heads of some that stand side by side
    A -> B: WORDS                   a message; A -> A: what A does by itself
    A => B: WORDS                   data, in another colour
    note WORDS                      across all, in italics
"""
import glob
import html
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STEP, ROW, HEAD, TOP, MARGIN = 150, 34, 44, 66, 80
CHAR = 5.7                                      # of a small letter, about
LINE, DATA, FRAME = "#2d3142", "#1b6db8", "#8d99ae"
MESSAGE = re.compile(r"(\w+) ([-=])> (\w+): (.*)")


class Diagram:
    def __init__(self, text):
        self.title, self.heads, self.groups, self.rows = "", {}, [], []
        for number, line in enumerate(text.splitlines(), 1):
            line = line.strip()
            if line and not line.startswith("#"):
                self.read(line, number)

    def read(self, line, number):
        word, _, rest = line.partition(" ")
        message = MESSAGE.fullmatch(line)
        if message:
            first, kind, last, text = message.groups()
            if first not in self.heads or last not in self.heads:
                raise ValueError(f"line {number}: {first} or {last} is nobody")
            self.rows.append((first, last, kind == "=", text))
        elif word == "title":
            self.title = rest
        elif word == "note":
            self.rows.append((None, None, False, rest))
        elif word == "who":
            key, _, text = rest.partition(" ")
            self.heads[key] = text.split(" | ")
        elif word == "group":
            first, last, text = rest.split(" ", 2)
            self.groups.append((first, last, text))
        else:
            raise ValueError(f"line {number}: {line}")

    def x(self, key):
        return MARGIN + list(self.heads).index(key) * STEP

    def svg(self):
        width = 2 * MARGIN + (len(self.heads) - 1) * STEP
        height = TOP + HEAD + len(self.rows) * ROW + 40
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                 f'width="{width}" height="{height}" role="img" font-family="\'DejaVu Sans\', '
                 'system-ui, sans-serif">',
                 f"<title>{html.escape(self.title)}</title>",
                 f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
        parts += [arrow_head("line", LINE), arrow_head("data", DATA)]
        parts += [self.group(*group) for group in self.groups]
        parts += [self.life_line(key, text, height) for key, text in self.heads.items()]
        parts += [self.row(number, row, width) for number, row in enumerate(self.rows)]
        return "\n".join(parts + ["</svg>"]) + "\n"

    def group(self, first, last, text):
        x, width = self.x(first) - 70, self.x(last) - self.x(first) + 140
        return (f'<rect x="{x}" y="8" width="{width}" height="{TOP + HEAD - 4}" rx="6" '
                f'fill="#f2f5fa" stroke="{FRAME}" stroke-dasharray="4 3"/>'
                + label(x + 8, 25, text, size=11, weight="bold", anchor="start"))

    def life_line(self, key, lines, height):
        x, y = self.x(key), TOP - 30
        parts = [f'<line x1="{x}" y1="{TOP + HEAD - 18}" x2="{x}" y2="{height - 12}" '
                 f'stroke="{FRAME}"/>',
                 f'<rect x="{x - 64}" y="{y}" width="128" height="{HEAD + 12}" rx="4" '
                 f'fill="#ffffff" stroke="{LINE}"/>']
        parts += [label(x, y + 24 + 17 * number - 6 * (len(lines) - 2), line,
                        size=12 if number == 0 else 10, weight="bold" if number == 0 else "normal")
                  for number, line in enumerate(lines)]
        return "".join(parts)

    def row(self, number, row, width):
        first, last, is_data, text = row
        y = TOP + HEAD + 28 + number * ROW
        if first is None:
            return label(width / 2, y, text, style="italic", backed=True)
        colour, name = (DATA, "data") if is_data else (LINE, "line")
        x, to = self.x(first), self.x(last)
        if first == last:
            path = f"M {x} {y - 8} h 14 v 12 h -12"
            # By itself, it is told on the side that has room.
            left = x + 20 + len(text) * CHAR > width
            words = label(x - 8 if left else x + 20, y + 2, text, backed=True,
                          anchor="end" if left else "start")
        else:
            path = f"M {x} {y} H {to - 2 if to > x else to + 2}"
            words = label((x + to) / 2, y - 5, text, backed=True)
        stroke = 2 if is_data else 1.3
        return (f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{stroke}" '
                f'marker-end="url(#{name})"/>{words}')


def arrow_head(name, colour):
    return (f'<defs><marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
            f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
            f'<path d="M 0 0 L 8 4 L 0 8 z" fill="{colour}"/></marker></defs>')


def label(x, y, text, size=10, weight="normal", anchor="middle", style="normal", backed=False):
    """Words; backed: what is behind them does not run through them."""
    back = ""
    if backed:
        wide = len(text) * CHAR + 4
        left = x - {"start": 2, "middle": wide / 2, "end": wide - 2}[anchor]
        back = (f'<rect x="{left:.1f}" y="{y - size:.1f}" width="{wide:.1f}" '
                f'height="{size + 3}" fill="#ffffff" fill-opacity="0.85"/>')
    return back + (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
                   f'font-style="{style}" text-anchor="{anchor}" fill="{LINE}">'
                   f"{html.escape(text)}</text>")


def drawn(path):
    with open(path, encoding="utf-8") as file:
        return Diagram(file.read()).svg()


def is_as_drawn(path):
    try:
        with open(path.removesuffix(".seq") + ".svg", encoding="utf-8") as file:
            return file.read() == drawn(path)
    except FileNotFoundError:
        return False


def main(arguments):
    paths = sorted(glob.glob(f"{ROOT}/doc/diagrams/*.seq"))
    if arguments == ["--check"]:
        print(f"1..{len(paths) + 1}")
        verdicts = [(is_as_drawn(path), f"{os.path.basename(path)} is drawn as it is (if not: "
                     "devtools/docs/sequence.py)") for path in paths]
        verdicts.append((bool(paths), "there are diagrams"))
        for number, (holds, what) in enumerate(verdicts, 1):
            print(f"{'' if holds else 'not '}ok {number} - {what}")
        return 0 if all(holds for holds, _ in verdicts) else 1
    for path in paths:
        with open(path.removesuffix(".seq") + ".svg", "w", encoding="utf-8") as file:
            file.write(drawn(path))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
