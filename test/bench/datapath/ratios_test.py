#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Medians and ratios of the datapath benchmark, a TAP line for each test.

usage: ratios_test.py
"""
import os
import sys

import ratios
import report

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402


def row(column, cycles, kind="in-tree", case="rx"):
    return {"group": "port", "case": case, "op": "rx", "column": column, "kind": kind,
            "cycles": cycles}


def compare(*rows):
    return ratios.comparisons(list(rows))[0]


def median_and_spread():
    figure = ratios.Figure([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert (figure.median, figure.low, figure.high) == (6, 2, 10)


def the_best_rival_is_the_cheapest():
    both = compare(row("sluice", [1], "ours"), row("fast", [4]), row("slow", [9]),
                   row("floor", [2], "floor"))
    assert both.best == "fast"


def a_ratio_is_of_the_same_round():
    both = compare(row("sluice", [10, 200, 30], "ours"), row("other", [20, 400, 60]))
    figure = both.ratio()
    assert (figure.median, figure.low, figure.high) == (0.5, 0.5, 0.5)


def no_ratio_to_nobody():
    assert compare(row("sluice", [1], "ours")).ratio() is None
    assert compare(row("other", [1])).ratio() is None


def cases_stay_apart_and_in_order():
    found = ratios.comparisons([row("other", [1], case="tx"), row("other", [2], case="rx"),
                                row("sluice", [3], "ours", case="tx")])
    assert [c.case for c in found] == ["tx", "rx"]
    assert list(found[0].figures) == ["other", "sluice"]


def a_table_has_all_columns():
    lines = report.table("port", ratios.comparisons([row("a", [1.5]), row("b", [3], case="tx")]))
    assert lines[2].startswith("| case | a | b |")
    assert "| rx | 1.5 (1.5 to 1.5) | - |" in lines[4]


def a_slope_is_of_a_line():
    assert round(ratios.slope([1, 2, 4], [10, 12, 16]), 9) == 2
    assert ratios.slope([3], [1]) is None


def idle_lcores_have_their_own_table():
    rows = [dict(row("sluice", [], "ours"), ports=ports, cpu_percent=[share])
            for ports, share in ((1, 0.5), (3, 1.5))]
    for each in rows:
        del each["cycles"]
    assert not ratios.comparisons(rows)
    lines = report.idle_table(rows)
    assert lines[2] == "| ports | 1 | 3 | of each more |"
    assert lines[4] == "| port, sluice | 0.5000 | 1.5000 | 0.5000 |"


TESTS = [a_slope_is_of_a_line, idle_lcores_have_their_own_table, median_and_spread,
         the_best_rival_is_the_cheapest, a_ratio_is_of_the_same_round,
         no_ratio_to_nobody, cases_stay_apart_and_in_order, a_table_has_all_columns]


if __name__ == "__main__":
    sys.exit(tap.run(tap.named(TESTS)))
