# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""experiments.md and its plots, of the same figures as the page."""
import glob
import os
import textwrap

import page
import svg
import view

NAME = "experiments.md"


def wrap(words):
    return textwrap.wrap(words, 100, break_long_words=False, break_on_hyphens=False)


def table(grid):
    lines = [f"{view.heading(grid)}:", "",
             f"| {grid.along.replace('_', ' ')} | " + " | ".join(map(str, grid.columns)) + " |",
             "|---" * (len(grid.columns) + 1) + "|"]
    for name, figures in grid.rows:
        cells = []
        for figure in figures:
            median, spread = view.cell(figure)
            cells.append(f"{median} ({spread})" if spread else median)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def claims(experiment):
    verdicts = experiment["summary"]["verdicts"]
    if not verdicts:
        return []
    lines = ["| claim | paper's ratio | found | verdict |", "|---" * 4 + "|"]
    for verdict in verdicts:
        paper = "-" if verdict["paper"] is None else f"{verdict['paper']:g}"
        lines.append(f"| {verdict['text']} | {paper} | {page.ratio_text(verdict)} | "
                     f"{page.verdict_text(verdict)} |")
    return [*lines, ""]


def plots(experiment, folder):
    """Into files of the folder. @return lines that show them"""
    lines = []
    for number, (grid, part) in enumerate(view.plots(experiment), 1):
        name = f"experiments-{experiment['spec']['name']}-{number}.svg"
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(svg.draw(grid, part) + "\n")
        lines.append(f"![{grid.title}]({name})")
    return [*lines, ""] if lines else []


def section(experiment, folder):
    spec = experiment["spec"]
    lines = [f"## {spec['name']}: {spec['title']}", "", *wrap(spec["what"]), ""]
    for problem in experiment["problems"]:
        lines += [f"**Failed:** {problem}", ""]
    lines += [*wrap(f"The paper: {spec['paper']}"), "", *claims(experiment),
              *plots(experiment, folder)]
    for grid in view.tables(experiment):
        lines += table(grid)
    return lines + [*wrap(f"What it means: {spec['means']}"), "",
                    *wrap(f"What it does not: {spec['limits']}"), ""]


def machine_lines(made_on):
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in made_on.items()), ""]


def write(folder, experiments):
    """@return the file's path"""
    for old in glob.glob(os.path.join(folder, "experiments-*.svg")):
        os.remove(old)
    lines = ["# The papers' evaluation: results", "",
             *wrap("Written by `./run experiments --doc doc`; what each setup is, and how it is "
                   "measured, is in [test/experiments/README.md](../test/experiments/README.md)."),
             "", *wrap(page.INTRO), "", *wrap(page.FIGURES), ""]
    quick = page.short_sets(experiments)
    lines += [*wrap(quick), ""] if quick else []
    for one in experiments:
        lines += section(one, folder)
    lines += ["## Made on and with", ""]
    for made_on in view.machines(experiments):
        lines += machine_lines(made_on)
    path = os.path.join(folder, NAME)
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines).rstrip() + "\n")
    return path
