# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Tables of what was measured, as plain text that is Markdown too, and plots by gnuplot."""
import os
import subprocess

import costs
import ratios

ALLOWANCE = """\
The generator stands still while the application's processor is demonstrably stolen: it has not been
through its loop for 50 us though it does not sleep, or for 150 us after an interrupt was sent to
it; and while the device's own thread is away for more than 50 us. It goes on when the application
is through its loop, or waits with its interrupt armed. Frames that are under way then are not in
the latencies. "raw" counts them, and what would have been lost. A generator that is behind its
schedule by 50 us, because the device has so much to do, does not catch up. Turns that lost more
than a quarter of their time to this are set aside."""

# What is plotted over loads: file, metric, axis, logarithmic, factor.
BY_LOAD = (
    ("cpu-by-load", "cpu", "CPU of the lcore, %", False, 100),
    ("latency-by-load", "p99_us", "p99 latency wire to wire, us", True, 1),
)
# The papers' figures: how the rate of interrupts decides throughput and CPU.
BY_RATE = (
    ("figure-8-throughput", "received_pps", "received, Mpps", 1e-6),
    ("figure-9-cpu", "cpu", "CPU of the lcore, %", 100),
)
RATE_ROWS = (("fixed-1k", "1 kHz"), ("fixed-2k", "2 kHz"), ("fixed-8k", "8 kHz"),
             ("fixed-20k", "20 kHz"), ("aic-1s", "AIC, 1 s"), ("paper", "paper"),
             ("balanced", "balanced"), ("eco", "eco"), ("poll", "poll"))
STEADY = ("1k", "10k", "100k", "1M", "5M", "25%", "50%", "75%", "100%")
BURSTY = ("on-off", "burst", "0-full", "2k-full")
NO_DATA = "?"


def number(value, digits=2):
    if value == 0:
        return "0"
    if abs(value) < 10 ** -digits:
        return f"{value:.1e}"
    return f"{value:.{digits}f}"


def row_text(strategy, cell):
    cpu = cell.figure["cpu"]
    columns = [strategy, f"{cpu.median * 100:.1f} ({cpu.low * 100:.1f} to {cpu.high * 100:.1f})",
               number(cell.median("received_pps") / 1e6, 3),
               number(cell.loss), number(cell.raw_loss)]
    columns += [number(cell.median(name), 1)
                for name in ("p50_us", "p95_us", "p99_us", "p999_us", "raw_p99_us")]
    columns += [f"{cell.median('interrupts_s'):.0f}", f"{cell.median('wakes_s'):.0f}",
                number(cell.median("interval_us"), 0)]
    return "| " + " | ".join(columns) + " |"


HEAD = ("| strategy | CPU % | Mpps back | lost | raw | p50 us | p95 | p99 | p99.9 | raw p99 "
        "| int/s | wakes/s | interval us |\n" + "|---" * 13 + "|")


def tables(turns):
    """A table for each load of one family."""
    table = ratios.cells(turns)
    lines = []
    for load in dict.fromkeys(load for _, load in table):
        lines += ["", f"Load {load}:", "", HEAD]
        lines += [row_text(strategy, cell) for (strategy, of), cell in table.items() if of == load]
    return lines


def ratio_table(turns):
    """CPU of each strategy by that of interrupts at 20 kHz."""
    table = ratios.cells(turns)
    strategies = dict.fromkeys(strategy for strategy, _ in table)
    loads = dict.fromkeys(load for _, load in table)
    lines = ["| CPU / fixed 20 kHz | " + " | ".join(loads) + " |", "|---" * (len(loads) + 1) + "|"]
    for strategy in strategies:
        values = [ratios.ratio(table, strategy, load, "cpu", ratios.REFERENCE) for load in loads]
        lines.append(f"| {strategy} | " +
                     " | ".join("-" if v is None else number(v) for v in values) + " |")
    return lines


def target_table(verdicts):
    lines = ["| profile | load | target | limit | found | |", "|---" * 6 + "|"]
    for verdict in verdicts:
        limit = ("at least " if verdict.least else "at most ") + number(verdict.limit)
        value = "set aside" if verdict.value is None else number(verdict.value)
        lines.append(f"| {verdict.profile} | {verdict.load} | {verdict.what} | {limit} | "
                     f"{value} | {'met' if verdict.met else '**missed**'} |")
    return lines


def family_lines(family, all_turns):
    turns = [turn for turn in all_turns if ratios.is_usable(turn)]
    if not turns:
        return [f"## {family}", "", f"All {len(all_turns)} turns were set aside."]
    sustained = sorted({f"{turn['sustained_pps'] / 1e6:.2f}" for turn in turns}, key=float)
    held = sum(ratios.held_s(turn) for turn in turns)
    seconds = sum(turn["seconds"] for turn in turns)
    verdicts = ratios.targets(turns)
    pages = turns[0].get("pages", "4 KB")
    lines = [f"## {family}", "", f"Mbufs are in pages of {pages}. Polling sustains "
             f"{', '.join(sustained)} Mpps; {len(turns)} turns, {seconds:.0f} s, in {held:.1f} s "
             "of which the generator stood still; "
             f"{len(all_turns) - len(turns)} turns were set aside."]
    if verdicts:
        met = sum(verdict.met for verdict in verdicts)
        lines += ["", f"Targets: {met} of {len(verdicts)} met. t_d is the longest interval that "
                  "was in force.", ""] + target_table(verdicts)
    return lines + [""] + ratio_table(turns) + tables(turns)


def by_family(turns):
    grouped = {}
    for turn in turns:
        grouped.setdefault(turn["family"], []).append(turn)
    return grouped


def text(turns, rows):
    lines = ALLOWANCE.splitlines()
    if rows:
        lines += [""] + costs.lines(rows)
    for family, own in by_family(turns).items():
        lines += [""] + family_lines(family, own)
    return "\n".join(lines) + "\n"


# As many as there are strategies: gnuplot's own begin anew after eight.
COLOURS = ("e6194b", "3cb44b", "4363d8", "f58231", "911eb4", "1ab8b8", "f032e6", "8a9a00", "9a6324",
           "000000", "808080", "000075", "c8a000")


def gnuplot(path, title, body):
    lines = "".join(f'set linetype {i} lc rgb "#{colour}" pt {i} lw 1.5\n'
                    for i, colour in enumerate(COLOURS, 1))
    program = (f'set terminal svg size 760,460 dynamic font "sans,11" background "#ffffff"\n'
               f'set output "{path}"\nset title "{title}"\nset grid ytics lc rgb "#dddddd"\n'
               f'set key outside right\nset border 3\nset tics nomirror\n{lines}{body}')
    subprocess.run(["gnuplot"], input=program, text=True, check=True)
    # Else the file names the machine's version of the program, and differs for nothing.
    with open(path, encoding="utf-8") as file:
        kept = [line.rstrip() for line in file if not line.startswith("<desc>")]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(kept) + "\n")


def block(name, rows):
    return f"${name} << EOD\n" + "\n".join(" ".join(row) for row in rows) + "\nEOD\n"


def cell_value(table, strategy, load, of):
    cell = table.get((strategy, load))
    return NO_DATA if cell is None else f"{of(cell):.6g}"


def plot_loads(path, title, axis, table, loads, strategies, of, log):
    """A line for each strategy over the loads."""
    rows = [[f'"{load}"'] + [cell_value(table, s, load, of) for s in strategies]
            for load in loads]
    body = block("data", rows) + f'set ylabel "{axis}"\nset datafile missing "{NO_DATA}"\n'
    body += "set logscale y\n" if log else "set yrange [0:]\n"
    body += "set style data linespoints\nplot " + ", ".join(
        f'$data using {i}:xtic(1) title "{name}" lw 2 pt 7 ps 0.5'
        for i, name in enumerate(strategies, 2)) + "\n"
    gnuplot(path, title, body)


def plot_bars(path, title, axis, rows, names, log=False):
    """A cluster of bars for each row; the first column is its name."""
    body = block("data", rows) + (
        f'set ylabel "{axis}"\nset datafile missing "{NO_DATA}"\nset style data histogram\n'
        "set style histogram cluster gap 1\nset style fill solid 0.8 noborder\n"
        "set xtics rotate by -30\n")
    body += "set logscale y\nset yrange [1e-7:1]\n" if log else "set yrange [0:]\n"
    body += "plot " + ", ".join(f'$data using {i}:xtic(1) title "{name}"'
                                for i, name in enumerate(names, 2)) + "\n"
    gnuplot(path, title, body)


def plots(turns, folder):
    """Into files aic-FAMILY-....svg of the folder. @return their names"""
    names = []
    for family, own in by_family([t for t in turns if ratios.is_usable(t)]).items():
        table = ratios.cells(own)
        strategies = list(dict.fromkeys(strategy for strategy, _ in table))
        loads = [load for load in STEADY if any(of == load for _, of in table)]
        for what, metric, axis, log, factor in BY_LOAD:
            names.append(f"aic-{family}-{what}.svg")
            plot_loads(os.path.join(folder, names[-1]), f"{family}: {axis}", axis, table, loads,
                       strategies, lambda cell, m=metric, f=factor: cell.median(m) * f, log)
        shares = [load for load in loads if load.endswith("%")]
        rates = [(s, label) for s, label in RATE_ROWS if s in strategies]
        for what, metric, axis, factor in BY_RATE:
            names.append(f"aic-{family}-{what}.svg")
            rows = [[f'"{label}"'] + [cell_value(table, s, load, lambda cell, m=metric, f=factor:
                                                 cell.median(m) * f) for load in shares]
                    for s, label in rates]
            plot_bars(os.path.join(folder, names[-1]),
                      f"{family}: a stream of 64-byte frames, by interrupt rate", axis, rows,
                      [f"load {load}" for load in shares])
        bursty = [load for load in BURSTY if any(of == load for _, of in table)]
        names.append(f"aic-{family}-loss.svg")
        rows = [[f'"{s}"'] + [cell_value(table, s, load, lambda cell: max(cell.loss, 1e-7))
                              for load in bursty] for s in strategies]
        plot_bars(os.path.join(folder, names[-1]), f"{family}: frames lost on bursts and steps",
                  "share of the frames", rows, bursty, log=True)
    return names
