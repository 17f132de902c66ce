# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Plots as SVG of a few hundred lines' worth: lines with marks, and bars. No file, no clock."""
import html
import math

import view

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM, EDGE = 64, 10, 30, 48, 4
KEY_ROW, KEY_COLUMNS = 19, 2
# Told apart by those who see few colours too (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
TICKS = 5
FONT, BOLD_WIDTH = 14, 8.2	# of a letter of a heading


def nice_step(span, wanted=TICKS):
    """1, 2 or 5 times a power of ten, of which about so many fit."""
    raw = span / wanted
    power = 10 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= raw * 0.999)


class Scale:
    """Values to places along an axis, and where its ticks are."""

    def __init__(self, values, first, last, log=False):
        self.first, self.last = first, last
        self.log = log and min(values) > 0
        if self.log:
            self.low = math.floor(math.log10(min(values)))
            self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
            self.ticks = [10.0 ** power for power in range(self.low, self.high + 1)]
        else:
            top = max([*values, 0]) or 1
            step = nice_step(top)
            self.low, self.high = 0, math.ceil(top / step * 0.999) * step
            self.ticks = [step * i for i in range(round(self.high / step) + 1)]

    def at(self, value):
        value = math.log10(value) if self.log else value
        share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)


class Places:
    """Values of x one beside the other, each with the same room."""

    def __init__(self, values, first, last):
        self.values = values
        self.room = (last - first) / len(values)
        self.first = first

    def at(self, value):
        return self.first + (self.values.index(value) + 0.5) * self.room


def text(x, y, words, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{html.escape(words)}</text>'


def heading(words):
    """Smaller where it would not fit."""
    size = min(FONT, FONT * (WIDTH - 2 * EDGE) / (BOLD_WIDTH * len(words)))
    return text(EDGE, 16, words, "start", f' font-weight="bold" font-size="{size:.1f}"')


def colour(number):
    return COLOURS[number % len(COLOURS)]


def frame(grid, y_scale, places, bottom):
    """Axes, ticks and what they are of."""
    parts = [heading(view.heading(grid))]
    for tick in y_scale.ticks:
        y = y_scale.at(tick)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, view.number(tick), "end"))
    every = -(-len(places.values) // 10)
    for value in places.values[::every]:
        parts.append(text(places.at(value), bottom + 16, str(value)))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}" stroke="#333" fill="none"/>')
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 34, grid.along.replace("_", " ")))
    return parts


def key(names, colours, top):
    """Which colour is whose, below the plot."""
    parts = []
    for i, name in enumerate(names):
        x = LEFT + (i % KEY_COLUMNS) * (WIDTH - LEFT) / KEY_COLUMNS
        y = top + (i // KEY_COLUMNS) * KEY_ROW
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="11" height="11" '
                     f'fill="{colour(colours[i])}"/>')
        parts.append(text(x + 16, y + 10, name, "start"))
    return parts


def line(figures, columns, places, y_scale, ink):
    points = [(places.at(column), y_scale.at(figure.median), y_scale.at(figure.low),
               y_scale.at(figure.high))
              for column, figure in zip(columns, figures) if figure is not None]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _, _ in points)
    parts = [f'<path d="M{path}" stroke="{ink}" stroke-width="2" fill="none"/>']
    for x, y, low, high in points:
        parts.append(f'<path d="M{x:.1f} {low:.1f}V{high:.1f}" stroke="{ink}"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>')
    return parts


def bars(grid, places, y_scale, bottom):
    parts = []
    width = places.room * 0.8 / len(grid.rows)
    for i, (_, figures) in enumerate(grid.rows):
        for column, figure in zip(grid.columns, figures):
            if figure is None:
                continue
            x = places.at(column) + (i - len(grid.rows) / 2) * width
            y = y_scale.at(figure.median)
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width * 0.92:.1f}" '
                         f'height="{max(0, bottom - y):.1f}" '
                         f'fill="{colour(grid.colours[i])}"/>')
            middle = x + width * 0.46
            parts.append(f'<path d="M{middle:.1f} {y_scale.at(figure.low):.1f}'
                         f'V{y_scale.at(figure.high):.1f}" stroke="#333"/>')
    return parts


def draw(grid, part):
    """@return the plot as an element that HTML takes too"""
    bottom = HEIGHT - BOTTOM
    values = [value for _, row in grid.rows for figure in row if figure
              for value in (figure.median, figure.low, figure.high)]
    y_scale = Scale(values, bottom, TOP, "y" in part.get("log", []))
    places = Places(grid.columns, LEFT, WIDTH - RIGHT)
    key_rows = -(-len(grid.rows) // KEY_COLUMNS)
    height = HEIGHT + key_rows * KEY_ROW
    parts = frame(grid, y_scale, places, bottom)
    if part.get("kind") == "bars":
        parts += bars(grid, places, y_scale, bottom)
    else:
        for i, (_, figures) in enumerate(grid.rows):
            parts += line(figures, grid.columns, places, y_scale, colour(grid.colours[i]))
    parts += key([name for name, _ in grid.rows], grid.colours, HEIGHT - 4)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'font-family="sans-serif" font-size="{FONT}" fill="#222">'
            f"<title>{html.escape(grid.title)}</title>"
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>' + "\n".join(parts) + "</svg>")
