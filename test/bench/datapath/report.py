# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Tables of what was measured, as plain text that is Markdown too."""
import statistics

import ratios

NO_DATA = "-"


def figure_text(figure, digits=1):
    if figure is None:
        return NO_DATA
    return f"{figure.median:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"


def names_of(comparisons):
    names = []
    for comparison in comparisons:
        names += [name for name in comparison.figures if name not in names]
    return names


def table(group, comparisons):
    names = names_of(comparisons)
    lines = [f"### {group}", "",
             "| case | " + " | ".join(names) + " | ratio to the best in-tree |",
             "|---" * (len(names) + 2) + "|"]
    for comparison in comparisons:
        cells = [comparison.case]
        cells += [figure_text(comparison.figures.get(name)) for name in names]
        ratio = figure_text(comparison.ratio(), 2)
        cells.append(ratio if comparison.best is None else f"{ratio}, {comparison.best}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def idle_table(rows):
    """What an lcore that waits takes of its processor, by ports."""
    by_group = {}
    for row in rows:
        by_group.setdefault((row["group"], row["column"]), []).append(row)
    ports = sorted({row["ports"] for row in rows})
    lines = ["### CPU of an lcore that waits by lib/hybrid where nothing comes, in percent", "",
             "| ports | " + " | ".join(map(str, ports)) + " | of each more |",
             "|---" * (len(ports) + 2) + "|"]
    for (group, column), found in by_group.items():
        shares = {row["ports"]: statistics.median(row["cpu_percent"]) for row in found}
        cells = [f"{shares[nb]:.4f}" if nb in shares else NO_DATA for nb in ports]
        more = ratios.slope(list(shares), list(shares.values()))
        cells.append(NO_DATA if more is None else f"{more:.4f}")
        lines.append(f"| {group}, {column} | " + " | ".join(cells) + " |")
    return lines + [""]


def live_table(rows):
    """What came through while the device worked on another processor."""
    names = list(dict.fromkeys(row["column"] for row in rows))
    lines = ["### Forwarded, in millions of frames a second", "",
             "| ports, case | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    together = {}
    for row in rows:
        figures = together.setdefault((row["group"], row["case"]), {})
        figures[row["column"]] = ratios.Figure(row["mpps"])
    for (group, case), figures in together.items():
        cells = [figure_text(figures.get(name), 2) for name in names]
        lines.append(f"| {group}, {case} | " + " | ".join(cells) + " |")
    return lines + [""]


def text(head, rows):
    lines = [f"TSC cycles a frame: median (10 % to 90 %) of turns; TSC {head['tsc_hz'] / 1e9:.3f} "
             f"GHz, mbufs in pages of {head['mbuf_pages']}", ""]
    by_group = {}
    idle = [row for row in rows if "cpu_percent" in row]
    live = [row for row in rows if "mpps" in row]
    if live:
        lines += ["The device works meanwhile, on another processor; polls that found nothing are "
                  "not counted.", ""]
    for comparison in ratios.comparisons(rows):
        by_group.setdefault(comparison.group, []).append(comparison)
    for group, comparisons in by_group.items():
        lines += table(group, comparisons) + [""]
    if live:
        lines += live_table(live)
    if idle:
        lines += idle_table(idle)
    return "\n".join(lines)
