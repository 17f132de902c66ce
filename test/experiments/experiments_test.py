#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Declarations, results, verdicts and the page, a TAP line for each test.

usage: experiments_test.py
"""
import argparse
import copy
import io
import json
import os
import re
import sys
import tempfile
import xml.etree.ElementTree

import doc
import execute
import page
import page_numbers
import progress
import results
import run
import spec
import svg
import view

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402

CLAIM = {"text": "a VF is cheaper", "metric": "cpu", "of": {"setup": "pv"},
         "to": {"setup": "sriov"}, "wanted": "above", "paper": 1.3}
SPEC = {
    "name": "e0", "place": "model", "title": "a < title", "paper": "what it says",
    "what": "what is done", "means": "this", "limits": "that",
    "setups": {"sriov": "SR-IOV: a VF", "pv": "PV: a port"},
    "full": {"seconds": 1, "commands": [["true"]]},
    "claims": [CLAIM],
    "plots": [{"metric": "cpu", "x": "size", "kind": "bars"},
              {"metric": "cpu", "x": "size", "log": ["y"]}],
    "tables": [{"metric": "cpu", "columns": "size"}],
}


def result(setup, value, size=64, number=1, **more):
    return {"experiment": "E0", "setup": setup, "place": "model", "x": {"size": size},
            "metric": "cpu", "value": value, "unit": "ns", "round": number, **more}


def measured():
    return [result(setup, value * factor, size, number)
            for number, factor in ((1, 1), (2, 1.1), (3, 0.9))
            for size in (64, 1518) for setup, value in (("pv", 432.1), ("sriov", 33.25))]


def experiment(found=None, **more):
    declared = {**copy.deepcopy(SPEC), **more}
    found = measured() if found is None else found
    return {"spec": declared, "set": "full", "seconds": 1.5, "problems": [], "results": found,
            "machine": {"date": "then", "processor": "P <1>"},
            "summary": results.summary(found, declared)}


def refused(what, *parts):
    """It is, with a line that names all of these."""
    try:
        what()
    except (spec.Wrong, results.Wrong) as error:
        assert all(part in str(error) for part in parts), error
        assert "\n" not in str(error), error
        return
    raise AssertionError("it was taken")


def changed(**more):
    return lambda: spec.check("e0.json", {**copy.deepcopy(SPEC), **more})


def all_declarations_are_right():
    assert spec.read_all()


def what_is_wrong_in_a_declaration_is_named():
    assert spec.check("e0.json", SPEC) == SPEC
    refused(changed(nme="x"), "e0.json", "nme", "allowed", "name")
    refused(changed(place="moon"), "place", "moon", "model, guest")
    refused(changed(title=""), "title")
    refused(changed(full={"seconds": 0, "commands": [["a"]]}), "full", "seconds", "1 to 3600")
    refused(changed(full={"seconds": 1, "commands": []}), "full", "commands")
    refused(changed(full={"seconds": 1, "commands": [["a"]], "guest": []}), "guest", "allowed")
    refused(changed(claims=[{**CLAIM, "wanted": "more"}]), "claims 1", "more", "above, below")
    refused(changed(claims=[{**CLAIM, "to": {}}]), "claims 1", "to", "setup")
    refused(changed(plots=[{"metric": "cpu", "x": "size", "kind": "pie"}]), "pie", "lines, bars")
    refused(changed(plots=[{"metric": "cpu", "x": "size", "log": ["x"]}]), "'x'", "y")
    refused(changed(plots=[{"metric": "cpu", "x": "size", "kind": "bars", "log": ["y"]}]), "log",
            "0")


def a_broken_file_is_named():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "e1.json")
        for content, told in (("{", "e1.json"), (json.dumps(SPEC), "e0")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            refused(lambda: spec.read_all(folder), told)


def names_choose():
    specs = {name: {"name": name} for name in ("e1-guest", "e1-model", "e10-model")}
    names = lambda *asked: [one["name"] for one in spec.choose(specs, asked)]
    assert names() == list(specs)
    assert names("e1") == ["e1-guest", "e1-model"]
    assert names("e10-model", "e1-guest") == ["e1-guest", "e10-model"]
    refused(lambda: names("e2"), "e2", "e1-guest, e1-model, e10-model")


def a_line_is_a_result_or_none():
    one = result("sriov", 1.5)
    assert results.parse_line(f"[  1.23] RESULT {json.dumps(one)}\r\n") == one
    assert results.parse_line("the RESULT is good") is None
    refused(lambda: results.parse_line('RESULT {"value": 1,}'), "value")
    refused(lambda: results.parse_line("RESULT " + json.dumps({**one, "more": 1})), "more")
    refused(lambda: results.parse_line("RESULT " + json.dumps({**one, "value": "x"})), "value")
    refused(lambda: results.parse_line("RESULT " + json.dumps({**one, "value": True})), "value")
    refused(lambda: results.parse_line('RESULT {"experiment": "E0"}'), "setup")


def a_figure_is_median_and_spread():
    figure = results.Figure([11, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert (figure.median, figure.low, figure.high, figure.rounds) == (6, 2, 10, 11)


def a_ratio_is_of_the_same_round_and_place():
    found = [result("pv", 2, 64, 1), result("sriov", 1, 64, 1), result("pv", 60, 1518, 1),
             result("sriov", 30, 1518, 1), result("pv", 400, 64, 2), result("sriov", 200, 64, 2),
             result("pv", 9, 64, 3)]
    ratio = results.ratio(found, CLAIM)
    assert (ratio.median, ratio.low, ratio.high, ratio.rounds) == (2, 2, 2, 3)
    assert results.ratio(found, {**CLAIM, "x": {"size": 99}}) is None
    between = {**CLAIM, "of": {"setup": "pv", "x": {"size": 1518}},
               "to": {"setup": "pv", "x": {"size": 64}}}
    assert results.ratio(found, between).median == 30


def verdict(values, **more):
    found = [one for number, value in enumerate(values)
             for one in (result("pv", value, 64, number), result("sriov", 10, 64, number))]
    return results.Verdict(found, {**CLAIM, **more})


def a_verdict_has_a_reason():
    assert verdict([20, 21]).verdict == results.REPRODUCED
    assert verdict([5, 6], why="of this").as_dict()["why"] == "of this"
    assert verdict([5, 6]).verdict == results.NOT_REPRODUCED
    assert verdict([5, 20, 21]).verdict == results.NOT_SHOWN
    assert verdict([]).verdict == results.NOT_SHOWN
    assert verdict([5], wanted="below").verdict == results.REPRODUCED
    assert verdict([25], wanted="below", bound=3).verdict == results.REPRODUCED
    assert verdict([9, 11], wanted="within", bound=1.2).verdict == results.REPRODUCED
    assert verdict([30], wanted="within", bound=1.2).verdict == results.NOT_REPRODUCED


def numbers_have_three_digits():
    wanted = {0: "0", 0.0012: "1.2e-03", 0.5: "0.50", 33.25: "33.2", 432.1: "432", 1600: "1600",
              16000: "16.0 k", 3.559e6: "3.56 M", 35.4e9: "35.4 G"}
    for value, text in wanted.items():
        assert view.number(value) == text, (view.number(value), text)


def tables_have_rows_in_the_declared_order():
    grid = view.tables(experiment())[0]
    assert [name for name, _ in grid.rows] == ["SR-IOV", "PV"]
    assert grid.columns == [64, 1518]
    assert view.cell(grid.rows[1][1][0]) == ("432", "389 to 475")
    assert view.cell(None) == ("-", "")
    more = experiment([{**one, "x": {"size": 64, "tenants": n}} for n, one in
                       enumerate(measured())])
    assert view.tables(more)[0].rows[0][0].startswith("SR-IOV, tenants ")


def plots_are_well_formed():
    holes = [one for one in measured() if (one["setup"], one["x"]["size"]) != ("pv", 64)]
    nothing = [result("pv", 0), result("sriov", 0)]
    for found in (measured(), holes, nothing, [result("pv", 7)]):
        plots = view.plots(experiment(found))
        assert len(plots) == 2
        for grid, part in plots:
            xml.etree.ElementTree.fromstring(svg.draw(grid, part))


def the_page_needs_nothing_else():
    text = page.page([experiment()])
    assert not re.search(r"<script|<link|<img|src=|@import|url\(", text)
    for reference in re.findall(r'(?:href|xmlns)="([^"]*)"', text):
        assert reference.startswith("#") or reference == "http://www.w3.org/2000/svg"
    assert "a &lt; title" in text and "P &lt;1&gt;" in text
    assert 'name="viewport"' in text


def each_number_of_the_page_is_a_result():
    good = experiment()
    text = page.page([good])
    ratio = f"{432.1 / 33.25:.2f}"
    assert f"{ratio} ({ratio} to {ratio})" in text
    strange, found = page_numbers.strangers(text, [good])
    assert strange == [] and found > 20, (strange, found)
    for old, new, told in ((">432<", ">433<", "433"), ("389 to 475", "389 to 476", "476"),
                           (f"{ratio} (", "9.99 (", "9.99"), (">1.3<", ">1.4<", "1.4"),
                           (">1518<", ">1519<", "1519"), ("1 of 1 measured", "2 of 1", "2 of 1"),
                           ("<td>then<", "<td>now<", "now"), ('r="3"', 'r="3" cy="9"', "a mark")):
        strange, _ = page_numbers.strangers(changed_text(text, old, new), [good])
        assert any(told in one for one in strange), (old, new, strange)
    fewer = {**good, "results": good["results"][8:]}
    assert page_numbers.strangers(text, [fewer])[0]
    assert page_numbers.strangers(text, [good, experiment(name="e1")])[0]


def changed_text(text, old, new):
    assert old in text, old
    return text.replace(old, new)


def what_failed_is_shown():
    failed = {**experiment([]), "problems": ["status 1 of <it>"]}
    assert "status 1 of &lt;it&gt;" in page.page([failed])
    lines, good = run.told([failed])
    assert not good and "e0: FAILED status 1 of <it>" in lines
    assert run.told([experiment()])[1]


def commands(*scripts, seconds=1):
    """An experiment of these, run."""
    declared = {**copy.deepcopy(SPEC), "full": {
        "seconds": seconds, "commands": [["/bin/sh", "-c", script] for script in scripts]}}
    with tempfile.TemporaryDirectory() as folder:
        args = argparse.Namespace(build="none", out=folder)
        return execute.run(folder, args, declared, "full", progress.Progress(1, io.StringIO()))


def a_failure_loses_nothing_else():
    line = f"echo 'RESULT {json.dumps(result('sriov', 1))}'"
    found = commands(line, f"{line}; exit 3", "echo 'RESULT {}'", line)
    assert len(found["results"]) == 3, found
    assert len(found["problems"]) == 2 and "status 3" in found["problems"][0], found
    assert commands("true")["problems"][0].startswith("no result"), "no result is a problem"


def who_does_not_end_is_ended():
    patience, execute.PATIENCE_S = execute.PATIENCE_S, -execute.SLOWER
    try:
        found = commands("sleep 1000 & wait")
    finally:
        execute.PATIENCE_S = patience
    assert len(found["problems"]) == 1 and "took longer" in found["problems"][0], found
    assert found["seconds"] < 900, found


def a_quick_run_is_named():
    assert "Of a quick run" not in page.page([experiment()])
    assert "worth nothing: e0." in page.page([{**experiment(), "set": "quick"}])


def a_saved_run_makes_the_same_page_and_doc():
    with tempfile.TemporaryDirectory() as folder:
        path = run.save(folder, [experiment()])
        loaded = run.load([path, path])
        assert page.page(loaded) == page.page([experiment()])
        text = open(doc.write(folder, loaded), encoding="utf-8").read()
        for name in re.findall(r"\]\((experiments-[^)]*)\)", text):
            assert os.path.exists(os.path.join(folder, name))
        assert "| SR-IOV | 33.2 (29.9 to 36.6) |" in text
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"format": 99}')
        refused(lambda: run.load([path]), "99", "allowed: 1")
        refused(lambda: run.load([path + "x"]), path + "x")


class Terminal(io.StringIO):
    def isatty(self):
        return True


def progress_is_a_bar_or_lines():
    now = [0]
    for out, told in ((io.StringIO(), "e0: about 10 s"), (Terminal(), "[######......")):
        bar = progress.Progress(20, out, lambda: now[0])
        now[0] = 0
        bar.start("e0", 10)
        now[0] = 5
        bar.tick(3)
        assert told in out.getvalue(), out.getvalue()
        now[0] = 60
        assert bar.share() < 0.5
        bar.end("3 results")
        assert bar.share() == 0.5
        assert "[experiments] e0: 3 results, 60 s\n" in out.getvalue()


TESTS = [
    all_declarations_are_right, what_is_wrong_in_a_declaration_is_named, a_broken_file_is_named,
    names_choose, a_line_is_a_result_or_none, a_figure_is_median_and_spread,
    a_ratio_is_of_the_same_round_and_place, a_verdict_has_a_reason, numbers_have_three_digits,
    tables_have_rows_in_the_declared_order, plots_are_well_formed, the_page_needs_nothing_else,
    each_number_of_the_page_is_a_result, what_failed_is_shown,
    a_failure_loses_nothing_else, who_does_not_end_is_ended, a_quick_run_is_named,
    a_saved_run_makes_the_same_page_and_doc, progress_is_a_bar_or_lines,
]


if __name__ == "__main__":
    sys.exit(tap.run(tap.named(TESTS), (AssertionError, spec.Wrong, results.Wrong)))
