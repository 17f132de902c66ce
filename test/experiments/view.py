# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What of an experiment's figures is shown where: tables and plots, as data."""
import results

NAMES = {"native": "native: the PF", "sriov": "SR-IOV: a VF"}
# From which value on: a rate of some thousand is written as it is.
SCALES = ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))


def number(value):
    """Three digits that count, as people write them."""
    if value == 0:
        return "0"
    size = abs(value)
    for least, scale, sign in SCALES:
        if size >= least:
            return f"{number(value / scale)} {sign}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 0.01:
        return f"{value:.2f}"
    return f"{value:.1e}"


def setup_name(spec, setup):
    return spec.get("setups", {}).get(setup, NAMES.get(setup, setup))


def pairs(x):
    return ", ".join(f"{name} {value}" for name, value in x.items())


def short(name):
    """The first words of a name, for keys and rows."""
    return name.split(":", maxsplit=1)[0]


def chosen(found, part):
    """Results of a plot's or a table's metric, at its place."""
    return [result for result in found if result["metric"] == part["metric"] and
            results.is_at(result["x"], part.get("where", {}))]


def differing(found):
    """Parameters that are not the same everywhere."""
    names = dict.fromkeys(name for result in found for name in result["x"])
    return [name for name in names
            if len({result["x"].get(name) for result in found}) > 1]


def row_key(result, along, names):
    rest = {k: v for k, v in result["x"].items() if k != along and k in names}
    return result["setup"], results.key_of(rest)


def in_order(spec, keys):
    """As the declaration names setups, so that each has its colour in all plots."""
    setups = list(spec.get("setups", {}))
    return sorted(keys, key=lambda key: (setups.index(key[0]) if key[0] in setups else
                                         len(setups), key[1]))


def row_name(spec, key):
    setup, rest = key
    return ", ".join(word for word in (short(setup_name(spec, setup)), pairs(dict(rest))) if word)


def colours(spec, setups):
    """@return a number for each row: a setup has its own in all plots, where it has but one row"""
    known = list(spec.get("setups", {}))
    if len(set(setups)) < len(setups) or not set(setups) <= set(known):
        return list(range(len(setups)))
    return [known.index(setup) for setup in setups]


class Grid:
    """Figures by row (setup, and what else differs) and column (values of one parameter)."""

    def __init__(self, experiment, part, along):
        spec = experiment["spec"]
        found = chosen(experiment["results"], part)
        where, names = part.get("where", {}), differing(found)
        self.unit = results.units(found).get(part["metric"], "")
        self.along = along
        self.columns = results.axis(found, along)
        cells = {}
        for result in found:
            if along in result["x"]:
                key = (row_key(result, along, names), result["x"][along])
                cells.setdefault(key, []).append(result["value"])
        self.cells = {key: results.Figure(values) for key, values in cells.items()}
        keys = in_order(spec, dict.fromkeys(key for key, _ in cells))
        self.rows = [(row_name(spec, key), [self.cells.get((key, column))
                                            for column in self.columns]) for key in keys]
        self.colours = colours(spec, [setup for setup, _ in keys])
        self.title = part.get("title", part["metric"].replace("_", " "))
        if where:
            self.title += f" ({pairs(where)})"


def heading(grid):
    """What it is of, and in what unit, if there is one."""
    return f"{grid.title}, {grid.unit}" if grid.unit else grid.title


def tables(experiment):
    grids = [Grid(experiment, part, part["columns"])
             for part in experiment["spec"].get("tables", [])]
    return [grid for grid in grids if grid.rows]


def plots(experiment):
    """@return (grid, how it is drawn)"""
    found = [(Grid(experiment, part, part["x"]), part)
             for part in experiment["spec"].get("plots", [])]
    return [(grid, part) for grid, part in found if grid.rows]


def cell(figure):
    """Median, and the spread if there is one."""
    if figure is None:
        return "-", ""
    low, high, median = number(figure.low), number(figure.high), number(figure.median)
    return median, "" if low == high == median else f"{low} to {high}"


def machines(experiments):
    """What the runs were made on, each once."""
    found = []
    for experiment in experiments:
        if experiment["machine"] not in found:
            found.append(experiment["machine"])
    return found


def verdict_text(verdict):
    return verdict["verdict"] + (f", because {verdict['why']}" if verdict["why"] else "")
