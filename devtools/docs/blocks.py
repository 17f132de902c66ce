# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Block diagrams: doc/diagrams/NAME.blocks, drawn by diagrams.py.

A source has a line each:

    title WORDS
    lane KEY WIDTH WORDS [| MORE]   a frame, as high as its boxes need; from the left to the right
    band WORDS [| MORE]             a frame across, below all lanes
    box KEY LANE LEVEL WORDS [| MORE WORDS]
    A -> B: WORDS [| MORE WORDS]    an arrow; <-> at both ends, <.> dashed, <=> data

LEVEL is 0 above the lane, 1 and so on in it, "band" in the band; boxes of one lane and level share
its width. Lines of a box are told apart by |; what is between stars is bold. Arrows run straight up
and down, or to the side within a level; data within the band runs below its boxes. Several between
the same two share their width: the words of the first are on its left.
"""
import re

from svg import DATA, FRAME, LINE, label, lines_of, opening

MARGIN, GAP, PAD, HEADING = 12, 16, 14, 30
TEXT, ROW = 11, 19                              # size of letters, and from line to line
WIDE, BOLD = 6.2, 7.0                           # how wide one is, about
BAND_BOX, BAND_FILL, BAND_LINE = 132, "#fdf3e1", "#9a6b14"
BAND = "band"
ARROW = re.compile(r"(\w+) (<?)([-=.])> (\w+):(.*)")


class Box:
    def __init__(self, words):
        self.lines = [line.strip() for line in words.split("|")]
        self.x = self.y = self.width = 0

    @property
    def height(self):
        return len(self.lines) * ROW + 14

    @property
    def bottom(self):
        return self.y + self.height

    def middle(self):
        return self.x + self.width / 2, self.y + self.height / 2

    def svg(self, line=LINE):
        parts = [frame(self.x, self.y, self.width, self.height, "#ffffff", line, 4)]
        for number, words in enumerate(self.lines):
            x, y = self.x + 9, self.y + 21 + number * ROW
            for index, part in enumerate(words.split("*")):
                if part.strip():
                    parts.append(label(x, y, part.strip(), size=TEXT, anchor="start",
                                       weight="bold" if index % 2 else "normal"))
                    x += len(part) * (BOLD if index % 2 else WIDE) + 3
        return "".join(parts)


def frame(x, y, width, height, fill, line, radius, dashes=""):
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'rx="{radius}" fill="{fill}" stroke="{line}"{dashed}/>')


class Diagram:
    def __init__(self, text):
        self.title, self.lanes, self.band, self.boxes, self.arrows = "", {}, [], {}, []
        self.places = {}                        # (lane, level): keys of boxes
        for number, line in lines_of(text):
            try:
                self.read(line)
            except (KeyError, ValueError) as error:
                raise ValueError(f"line {number}: {line}") from error
        self.width = 2 * MARGIN + sum(width for width, _ in self.lanes.values()) + \
            GAP * (len(self.lanes) - 1)

    def read(self, line):
        word, _, rest = line.partition(" ")
        arrow = ARROW.fullmatch(line)
        if arrow:
            first, both, kind, last, words = arrow.groups()
            self.arrows.append((self.boxes[first], self.boxes[last], bool(both), kind,
                                [part.strip() for part in words.split("|") if part.strip()]))
        elif word == "title":
            self.title = rest
        elif word == "lane":
            key, width, words = rest.split(" ", 2)
            self.lanes[key] = (int(width), [part.strip() for part in words.split("|")])
        elif word == "band":
            self.band = [part.strip() for part in rest.split("|")]
        elif word == "box":
            key, lane, level, words = rest.split(" ", 3)
            level = level if level == BAND else int(level)
            self.boxes[key] = Box(words)
            self.places.setdefault((lane, level), []).append(key)
        else:
            raise ValueError(word)

    def lane_x(self, key):
        before = list(self.lanes).index(key)
        return MARGIN + GAP * before + sum(width for width, _ in
                                           list(self.lanes.values())[:before])

    def level_of(self, box):
        return next(level for (_, level), keys in self.places.items()
                    for key in keys if self.boxes[key] is box)

    def at_level(self, level):
        return [self.boxes[key] for (_, own), keys in self.places.items() for key in keys
                if own == level]

    def put_across(self):
        for (lane, level), keys in self.places.items():
            left, width = self.lane_x(lane) + PAD, self.lanes[lane][0] - 2 * PAD
            own = (width - PAD * (len(keys) - 1)) / len(keys)
            if level == BAND:
                own = min(own, BAND_BOX)
                left += (width - own * len(keys) - PAD * (len(keys) - 1)) / 2
            for index, key in enumerate(keys):
                self.boxes[key].x, self.boxes[key].width = left + index * (own + PAD), own

    def room_above(self, level):
        """What the words of arrows that end at a level want."""
        lines = [len(words) for first, last, _, _, words in self.arrows
                 if self.level_of(last) == level != self.level_of(first)]
        return 22 + 15 * max(lines, default=0)

    def put_down(self):
        """@return (top and bottom of the lanes, top and bottom of the band)"""
        levels = sorted(level for level in {level for _, level in self.places} if level != BAND)
        y, top = MARGIN, MARGIN
        for level in [*levels, BAND]:
            if level == 1:
                top = y + (self.room_above(1) if levels[0] == 0 else 0)
                y = top + HEADING
            elif level == BAND:
                bottom = y + PAD
                y = bottom + self.room_above(BAND) + HEADING / 2
            elif level > 1:
                y += self.room_above(level)
            for box in self.at_level(level):
                box.y = y
            y += max(box.height for box in self.at_level(level))
        return top, bottom, y - max(box.height for box in self.at_level(BAND)) - PAD, y + 34

    def lane_svg(self, key, top, bottom):
        x, (width, words) = self.lane_x(key), self.lanes[key]
        parts = [frame(x, top, width, bottom - top, "#f2f5fa", FRAME, 7, "5 3"),
                 label(x + PAD, top + 19, words[0], size=TEXT, weight="bold", anchor="start")]
        if len(words) > 1:
            parts.append(label(x + width - PAD, top + 19, words[1], size=TEXT, anchor="end"))
        return "".join(parts)

    def band_svg(self, top, bottom):
        parts = [frame(MARGIN, top, self.width - 2 * MARGIN, bottom - top, BAND_FILL, BAND_LINE, 7)]
        for number, words in enumerate(self.band):
            parts.append(label(MARGIN + PAD, top + 24 + number * 17, words, size=TEXT,
                               weight="normal" if number else "bold", anchor="start"))
        return "".join(parts)

    def up_and_down(self, number, first, last, words):
        """The path of an arrow between levels, and its words"""
        same = [index for index, (one, other, *_) in enumerate(self.arrows)
                if one is first and other is last]
        left = max(first.x, last.x)
        share = (min(first.x + first.width, last.x + last.width) - left) / (len(same) + 1)
        x = left + share * (same.index(number) + 1)
        on_left = len(same) > 1 and number == same[0]
        y = (first.bottom + last.y) / 2 + 4 - 7.5 * (len(words) - 1)
        if self.level_of(last) == BAND:
            y = last.y - PAD - 12 - 15 * (len(words) - 1)
        parts = [label(x - 8 if on_left else x + 8, y + 15 * index, line, size=TEXT,
                       anchor="end" if on_left else "start") for index, line in enumerate(words)]
        return f"M {x:.1f} {first.bottom:.1f} V {last.y:.1f}", parts

    @staticmethod
    def sideways(first, last, words, below):
        (x, y), (to, _) = first.middle(), last.middle()
        if below:
            under = max(first.bottom, last.bottom) + 20
            parts = [label((x + to) / 2, under - 6, line, size=TEXT) for line in words]
            return (f"M {x:.1f} {first.bottom:.1f} V {under:.1f} H {to:.1f} "
                    f"V {last.bottom:.1f}"), parts
        x, to = (first.x + first.width, last.x) if x < to else (first.x, last.x + last.width)
        parts = [label((x + to) / 2, y + 16 + 15 * index, line, size=TEXT)
                 for index, line in enumerate(words)]
        return f"M {x:.1f} {y:.1f} H {to:.1f}", parts

    def arrow_svg(self, number):
        first, last, both, kind, words = self.arrows[number]
        if self.level_of(first) == self.level_of(last):
            path, parts = self.sideways(first, last, words, kind == "=")
        else:
            path, parts = self.up_and_down(number, first, last, words)
        colour, name, stroke = (DATA, "data", 2.4) if kind == "=" else (LINE, "line", 1.4)
        start = f' marker-start="url(#{name})"' if both else ""
        dashed = ' stroke-dasharray="4 3"' if kind == "." else ""
        return (f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{stroke}"{dashed} '
                f'marker-end="url(#{name})"{start}/>' + "".join(parts))

    def svg(self):
        self.put_across()
        top, bottom, band_top, band_bottom = self.put_down()
        parts = opening(self.width, round(band_bottom + MARGIN), self.title)
        parts += [self.lane_svg(key, top, bottom) for key in self.lanes]
        parts.append(self.band_svg(band_top, band_bottom))
        banded = self.at_level(BAND)
        parts += [box.svg(BAND_LINE if box in banded else LINE) for box in self.boxes.values()]
        parts += [self.arrow_svg(number) for number in range(len(self.arrows))]
        return "\n".join(parts + ["</svg>"]) + "\n"
