# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What turns come to: medians with spread, and ratios of what was measured side by side.

A row is a dictionary as datapath_bench prints it: "cycles" has a figure for each round. Nothing
here reads a file or a clock.
"""
import statistics

OURS = "sluice"
LOW, HIGH = 0.1, 0.9


def quantile(values, share):
    values = sorted(values)
    return values[round((len(values) - 1) * share)]


def slope(places, values):
    """Of the line that fits best. @return None: there is no line"""
    if len(set(places)) < 2:
        return None
    return statistics.linear_regression(places, values).slope


class Figure:
    """A median, and between which values eight of ten lie."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.low = quantile(values, LOW)
        self.high = quantile(values, HIGH)

    def as_dict(self):
        return {"median": round(self.median, 3), "low": round(self.low, 3),
                "high": round(self.high, 3)}


class Comparison:
    """One case in one group: all columns."""

    def __init__(self, rows):
        self.group, self.case, self.op = rows[0]["group"], rows[0]["case"], rows[0]["op"]
        self.rows = {row["column"]: row for row in rows}
        self.figures = {row["column"]: Figure(row["cycles"]) for row in rows}
        rivals = [row["column"] for row in rows if row["kind"] == "in-tree"]
        self.best = min(rivals, key=lambda name: self.figures[name].median, default=None)

    def ratio(self, of=OURS, to=None):
        """Of turns of the same round. @return a figure, or None: one of them was not measured"""
        to = to or self.best
        if of not in self.rows or to not in self.rows:
            return None
        pairs = zip(self.rows[of]["cycles"], self.rows[to]["cycles"])
        return Figure([one / other for one, other in pairs if other > 0])

    def as_dict(self):
        result = {"group": self.group, "case": self.case, "op": self.op, "best": self.best,
                  "cycles": {name: figure.as_dict() for name, figure in self.figures.items()}}
        ratio = self.ratio()
        if ratio is not None:
            result["ratio"] = ratio.as_dict()
        return result


def comparisons(rows):
    """In the order in which they were measured."""
    together = {}
    for row in (row for row in rows if "cycles" in row):
        together.setdefault((row["group"], row["case"]), []).append(row)
    return [Comparison(rows) for rows in together.values()]
