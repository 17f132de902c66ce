# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What programs print, and what that comes to: figures, ratios, verdicts. No file, no clock.

A result is a dictionary as in a line "RESULT {...}": experiment, setup, place, x, metric, value,
unit, round.
"""
import json
import math
import re
import statistics

LINE = re.compile(r"\bRESULT (\{.*\})\s*$")
KEYS = {"experiment": str, "setup": str, "place": str, "x": dict, "metric": str,
        "value": (int, float), "unit": str, "round": int}
# What a spread is of: the rounds in the middle.
LOW, HIGH = 0.1, 0.9


class Wrong(Exception):
    """A line is not as it has to be."""


def parse_line(line):
    """@return the result in a line, or None: it is another one"""
    match = LINE.search(line)
    if match is None:
        return None
    try:
        result = json.loads(match[1])
    except json.JSONDecodeError as error:
        raise Wrong(f"{line.strip()}: {error}") from error
    for key, kind in KEYS.items():
        if not isinstance(result.get(key), kind) or isinstance(result[key], bool):
            raise Wrong(f"{line.strip()}: {key} is missing, or of another kind")
    if set(result) - set(KEYS):
        raise Wrong(f"{line.strip()}: no such key: {', '.join(set(result) - set(KEYS))}")
    if not math.isfinite(result["value"]):
        raise Wrong(f"{line.strip()}: value has to be finite")
    return result


def quantile(values, share):
    values = sorted(values)
    return values[round((len(values) - 1) * share)]


class Figure:
    """A median, and between which values eight of ten lie."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.low, self.high = quantile(values, LOW), quantile(values, HIGH)
        self.rounds = len(values)

    def as_dict(self):
        return dict(vars(self))


def key_of(x):
    return tuple(sorted(x.items()))


def figures(results):
    """@return (metric, setup, x) -> Figure, in the order in which they first came"""
    grouped = {}
    for result in results:
        key = (result["metric"], result["setup"], key_of(result["x"]))
        grouped.setdefault(key, []).append(result["value"])
    return {key: Figure(values) for key, values in grouped.items()}


def units(results):
    return {result["metric"]: result["unit"] for result in results}


def ordered(values):
    """Numbers by size, words as they came."""
    values = list(dict.fromkeys(values))
    if all(isinstance(value, (int, float)) for value in values):
        return sorted(values)
    return values


def axis(results, name):
    """All values of one parameter."""
    return ordered(result["x"][name] for result in results if name in result["x"])


def is_at(x, wanted):
    return all(x.get(name) == value for name, value in wanted.items())


def by_round(results, metric, end, at):
    """@return (rest of x, round) -> value"""
    wanted = {**at, **end.get("x", {})}
    found = {}
    for result in results:
        if result["metric"] == end.get("metric", metric) and result["setup"] == end["setup"] \
                and is_at(result["x"], wanted):
            rest = {k: v for k, v in result["x"].items() if k not in wanted}
            found.setdefault((key_of(rest), result["round"]), []).append(result["value"])
    return {key: statistics.median(values) for key, values in found.items()}


def ratio(results, claim):
    """Of turns of the same round. @return Figure, or None: one of them was not measured"""
    at = claim.get("x", {})
    these = by_round(results, claim["metric"], claim["of"], at)
    those = by_round(results, claim["metric"], claim["to"], at)
    values = [these[key] / those[key] for key in these if those.get(key)]
    return Figure(values) if values else None


def bound_of(claim):
    return claim.get("bound", 1)


def is_met(value, claim):
    if claim["wanted"] == "above":
        return value > bound_of(claim)
    if claim["wanted"] == "below":
        return value < bound_of(claim)
    # Within a factor of the bound to 1, either way.
    most = max(bound_of(claim), 1 / bound_of(claim))
    return 1 / most <= value <= most


REPRODUCED = "reproduced: direction"
NOT_REPRODUCED = "not reproduced"
NOT_SHOWN = "not shown"


class Verdict:
    """A claim of the paper's, and what was found."""

    def __init__(self, results, claim):
        self.text, self.paper = claim["text"], claim.get("paper")
        self.ratio = ratio(results, claim)
        self.met = self.ratio is not None and is_met(self.ratio.median, claim)
        self.verdict, self.why = self.judge(claim)

    def judge(self, claim):
        if self.ratio is None:
            return NOT_SHOWN, "not measured in this run"
        if not self.met:
            return NOT_REPRODUCED, claim.get("why", "no reason is known")
        if not is_met(self.ratio.low, claim) or not is_met(self.ratio.high, claim):
            return NOT_SHOWN, "rounds differ by more than that"
        return REPRODUCED, ""

    def as_dict(self):
        return {"text": self.text, "paper": self.paper, "verdict": self.verdict, "why": self.why,
                "ratio": self.ratio and self.ratio.as_dict()}


def verdicts(results, spec):
    return [Verdict(results, claim) for claim in spec.get("claims", [])]


def summary(results, spec):
    """As it is kept beside the results."""
    return {
        "figures": [{"metric": metric, "setup": setup, "x": dict(x), **figure.as_dict()}
                    for (metric, setup, x), figure in figures(results).items()],
        "verdicts": [verdict.as_dict() for verdict in verdicts(results, spec)],
    }
