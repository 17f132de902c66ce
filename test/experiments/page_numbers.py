# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Whether each number on the page is one of the results it was made of: the page is read as a
browser reads it, and what may be there is reckoned from the results anew.
"""
import html.parser
import math
import statistics

import results
import view

VOID = ("meta", "link", "br", "path", "rect", "circle")
# Of a plot's height, by which a mark may be off: places are written with one decimal.
NEAR = 0.002


class Drawing:
    """A plot's labels and marks."""

    def __init__(self):
        self.labels, self.marks, self.bars = [], [], []

    def ticks(self):
        """@return (height, value) of the vertical axis"""
        return [(y - 4, value_of(text)) for anchor, y, text in self.labels if anchor == "end"]


class Section:
    """Of one experiment, or of the machine."""

    def __init__(self, name):
        self.name = name
        self.tables, self.drawings = [], []


class Reader(html.parser.HTMLParser):
    """Takes tables (lists of cells: class or heading, text) and plots out of a page."""

    def __init__(self):
        super().__init__()
        self.sections, self.links = [], []
        self.open, self.cell = [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.sections.append(Section(attrs["id"]))
        elif tag == "table":
            self.sections[-1].tables.append([])
        elif tag == "svg":
            self.sections[-1].drawings.append(Drawing())
        elif tag in ("td", "th", "small"):
            self.cell = [attrs.get("data-is", tag), ""]
            self.sections[-1].tables[-1].append(self.cell)
        elif tag == "li" and "nav" in self.open:
            self.links.append("")
        elif "svg" in self.open:
            self.drawn(tag, attrs)

    def drawn(self, tag, attrs):
        drawing = self.sections[-1].drawings[-1]
        if tag == "circle":
            drawing.marks.append(float(attrs["cy"]))
        elif tag == "text":
            drawing.labels.append([attrs["text-anchor"], float(attrs["y"]), ""])
        elif tag == "rect" and "y" in attrs and attrs["width"] != "11":
            drawing.bars.append(float(attrs["y"]))

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if tag in ("td", "th", "small"):
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell[1] += data
        elif self.open and self.open[-1] == "text":
            self.sections[-1].drawings[-1].labels[-1][2] += data
        elif "nav" in self.open and self.links:
            self.links[-1] += data


def value_of(text):
    """Of a tick: "20.0 k"."""
    number, _, sign = text.partition(" ")
    return float(number) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[sign]


def spread(values):
    values = sorted(values)
    return [values[round((len(values) - 1) * share)] for share in (0.1, 0.9)]


def groups(found, part, column):
    """@return the values of each cell of a table, or each mark of a plot"""
    cells = {}
    for result in found:
        x, where = result["x"], part.get("where", {})
        if result["metric"] == part["metric"] and column in x and \
                all(x.get(name) == value for name, value in where.items()):
            cells.setdefault((result["setup"], str(sorted(x.items()))), []).append(result["value"])
    return list(cells.values())


def of_table(cells, found, part):
    """@return what is there and should not be, and how many numbers are right"""
    wanted = groups(found, part, part["columns"])
    medians = {view.number(statistics.median(values)) for values in wanted}
    spreads = {" to ".join(map(view.number, spread(values))) for values in wanted}
    columns = {str(result["x"].get(part["columns"])) for result in found}
    strange = []
    heads = [text for kind, text in cells if kind == "th"][1:]
    strange += [f"column {text}" for text in heads if text not in columns]
    body = [cell for cell in cells if cell[0] != "th"]
    # The first of a row is its name.
    rows = [text for kind, text in body if kind == "td"]
    figures = [text for i, text in enumerate(rows) if i % (len(heads) + 1)]
    strange += [text for text in figures if text not in medians | {"-"}]
    strange += [text for kind, text in body if kind == "small" and text not in spreads]
    shown = sum(text != "-" for text in figures)
    if shown != len(wanted):
        strange.append(f"{shown} of {len(wanted)} figures of {part['metric']}")
    return strange, len(body)


def of_claims(cells, experiment):
    wanted = []
    for claim in experiment["spec"]["claims"]:
        ratio = results.ratio(experiment["results"], claim)
        paper = claim.get("paper")
        wanted += [("their ratio", "-" if paper is None else f"{paper:g}"),
                   ("found", "-" if ratio is None else
                    f"{ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f})")]
    there = [(kind, text) for kind, text in cells if kind in ("their ratio", "found")]
    return [f"{a} for {b}" for a, b in zip(there, wanted) if a != b] + \
        (["claims"] if len(there) != len(wanted) else []), len(there)


def of_plot(drawing, found, part):
    """Each figure has its mark, at the height of its median."""
    (low_y, low), *_, (high_y, high) = drawing.ticks()
    scale = (lambda value: value) if low == 0 else math.log10

    def height(value):
        share = (scale(value) - scale(low)) / (scale(high) - scale(low))
        return low_y + share * (high_y - low_y)

    wanted = sorted(height(statistics.median(values)) for values in groups(found, part, part["x"]))
    there = sorted(drawing.bars if part.get("kind") == "bars" else drawing.marks)
    if len(there) != len(wanted):
        return [f"{len(there)} marks for {len(wanted)} figures of {part['metric']}"], 0
    off = [f"a mark of {part['metric']} at {a}, not {b:.1f}" for a, b in zip(there, wanted)
           if abs(a - b) > NEAR * abs(high_y - low_y)]
    return off, len(there)


def shown(experiment, parts, along):
    """Those that have results."""
    return [part for part in experiment["spec"].get(parts, [])
            if groups(experiment["results"], part, part[along])]


def of_section(section, experiment):
    found = experiment["results"]
    tables = list(section.tables)
    checks = []
    if experiment["spec"].get("claims"):
        checks.append(of_claims(tables.pop(0), experiment))
    for things, check, parts in (
            (tables, of_table, shown(experiment, "tables", "columns")),
            (section.drawings, of_plot, shown(experiment, "plots", "x"))):
        if len(things) != len(parts):
            checks.append(([f"{len(things)} tables or plots of {len(parts)}"], 0))
        checks += [check(thing, found, part) for thing, part in zip(things, parts)]
    strange = [f"{section.name}: {one}" for some, _ in checks for one in some]
    return strange, sum(count for _, count in checks)


def of_machine(section, experiments):
    known = {str(value) for one in experiments for value in one["machine"].values()}
    values = [text for cells in section.tables for _, text in cells[1::2]]
    return [text for text in values if text not in known], len(values)


def of_links(links, experiments):
    """How many claims are met."""
    wanted = []
    for one in experiments:
        verdicts = [verdict for verdict in results.verdicts(one["results"], one["spec"])
                    if verdict.ratio is not None]
        met = sum(verdict.verdict == results.REPRODUCED for verdict in verdicts)
        wanted.append(f": {met} of {len(verdicts)} measured claims" if verdicts else "")
    return [link for link, text in zip(links, wanted) if text not in link], len(links)


def strangers(page, experiments):
    """@return what is on the page and not in the results, or the other way round; and how many
    numbers have been looked at"""
    reader = Reader()
    reader.feed(page)
    by_name = {one["spec"]["name"]: one for one in experiments}
    checks = [of_links(reader.links, experiments)]
    for section in reader.sections:
        if section.name in by_name:
            checks.append(of_section(section, by_name.pop(section.name)))
        else:
            checks.append(of_machine(section, experiments))
    strange = [one for some, _ in checks for one in some] + [f"no {name}" for name in by_name]
    return strange, sum(count for _, count in checks)
