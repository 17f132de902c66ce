# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Sequence diagrams: doc/diagrams/NAME.seq, drawn by diagrams.py.

A source has a line each:

    title WORDS
    who KEY WORDS [| MORE WORDS]    a life line, from the left to the right
    group KEY KEY WORDS             a frame around the heads of some that stand side by side
    A -> B: WORDS                   a message; A -> A: what A does by itself
    A => B: WORDS                   data, in another colour
    note WORDS                      across all, in italics
"""
import re

from svg import CHAR, DATA, FRAME, LINE, label, lines_of, opening

STEP, ROW, HEAD, TOP, MARGIN = 150, 34, 44, 66, 80
MESSAGE = re.compile(r"(\w+) ([-=])> (\w+): (.*)")


class Diagram:
    def __init__(self, text):
        self.title, self.heads, self.groups, self.rows = "", {}, [], []
        for number, line in lines_of(text):
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
        parts = opening(width, height, self.title)
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
