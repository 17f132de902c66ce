# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Declarations of experiments: JSON files beside this one and in guest/, read and checked.

README.md tells what they may say. What is wrong is told in one line with the file, the offender and
what is allowed.
"""
import glob
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
PLACES = ("model", "guest")
KINDS = ("lines", "bars")
SIDES = ("above", "below", "within")
SETS = ("full", "quick")
TEXTS = ("title", "paper", "what", "means", "limits")


class Wrong(Exception):
    """A declaration is not as it has to be; the text is for a person."""


class Checker:
    """Looks at the values of one object in a file, and names it in what it says."""

    def __init__(self, where, value, required, optional=()):
        self.where, self.value = where, value
        if not isinstance(value, dict):
            raise Wrong(f"{where}: has to be an object")
        for name in value:
            if name not in required and name not in optional:
                allowed = ", ".join(sorted([*required, *optional]))
                raise Wrong(f"{where}: no such key: {name} (allowed: {allowed})")
        for name in required:
            if name not in value:
                raise Wrong(f"{where}: {name} is missing")

    def text(self, name):
        if not isinstance(self.value[name], str) or not self.value[name]:
            raise Wrong(f"{self.where}: {name} has to be a text")

    def one_of(self, name, allowed):
        if name in self.value and self.value[name] not in allowed:
            raise Wrong(f"{self.where}: {name} {self.value[name]!r} "
                        f"(allowed: {', '.join(allowed)})")

    def number(self, name, least, most):
        value = self.value.get(name, least)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or \
                not least <= value <= most:
            raise Wrong(f"{self.where}: {name} {value!r} (allowed: {least} to {most})")

    def list_of(self, name, kind, what):
        value = self.value.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, kind) for one in value):
            raise Wrong(f"{self.where}: {name} has to be a list of {what}")
        return value


def check_end(where, value):
    """One end of a ratio: which results it is of."""
    end = Checker(where, value, ("setup",), ("x", "metric"))
    end.text("setup")
    if not isinstance(value.get("x", {}), dict):
        raise Wrong(f"{where}: x has to be an object")


def check_claim(where, value):
    claim = Checker(where, value, ("text", "metric", "of", "to", "wanted"),
                    ("x", "paper", "why", "bound"))
    for name in ("text", "metric"):
        claim.text(name)
    claim.one_of("wanted", SIDES)
    for name in ("of", "to"):
        check_end(f"{where}: {name}", value[name])
    for name in ("paper", "bound"):
        if value.get(name) is not None:
            claim.number(name, 0, 1e12)


def check_plot(where, value):
    plot = Checker(where, value, ("metric", "x"), ("kind", "title", "log", "where"))
    plot.text("metric")
    plot.text("x")
    plot.one_of("kind", KINDS)
    for axis in plot.list_of("log", str, "axes"):
        if axis != "y":
            raise Wrong(f"{where}: log {axis!r} (allowed: y)")
        if value.get("kind") == "bars":
            raise Wrong(f"{where}: log: a bar begins at 0")


def check_table(where, value):
    table = Checker(where, value, ("metric", "columns"), ("title", "where"))
    table.text("metric")
    table.text("columns")


def check_commands(where, value, place):
    """Of one set: what is run, and how long that takes about."""
    required = ("commands", "seconds")
    optional = ("rounds", "guest", "starts_guest") if place == "guest" else ("rounds",)
    run = Checker(where, value, required, optional)
    run.number("seconds", 1, 3600)
    run.number("rounds", 1, 100)
    run.list_of("guest", str, "options of ./run guest")
    for command in run.list_of("commands", list, "commands, which are lists of words"):
        if not command or not all(isinstance(word, str) for word in command):
            raise Wrong(f"{where}: a command is a list of words")
    if not value["commands"]:
        raise Wrong(f"{where}: commands has none")


def check(where, value):
    """@return the declaration, which is as it has to be"""
    spec = Checker(where, value, ("name", "place", "full", *TEXTS),
                   ("quick", "setups", "claims", "plots", "tables"))
    for name in ("name", *TEXTS):
        spec.text(name)
    spec.one_of("place", PLACES)
    for name in SETS:
        if name in value:
            check_commands(f"{where}: {name}", value[name], value["place"])
    if not isinstance(value.get("setups", {}), dict):
        raise Wrong(f"{where}: setups has to be an object: setup to what it is")
    for name, one in (("claims", check_claim), ("plots", check_plot), ("tables", check_table)):
        for number, item in enumerate(spec.list_of(name, dict, "objects"), 1):
            one(f"{where}: {name} {number}", item)
    return value


def read(path):
    where = os.path.relpath(path, HERE)
    try:
        with open(path, encoding="utf-8") as file:
            value = check(where, json.load(file))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Wrong(f"{where}: {error}") from error
    if value["name"] != os.path.basename(path).removesuffix(".json"):
        raise Wrong(f"{where}: name {value['name']!r} is not the file's")
    return value


def read_all(folder=HERE):
    """@return name -> declaration, in the order of their names"""
    paths = glob.glob(os.path.join(folder, "*.json")) + \
        glob.glob(os.path.join(folder, "guest", "*.json"))
    specs = {}
    for path in sorted(paths, key=os.path.basename):
        spec = read(path)
        if spec["name"] in specs:
            raise Wrong(f"{os.path.relpath(path, folder)}: there are two of that name")
        specs[spec["name"]] = spec
    return specs


def choose(specs, names):
    """@param names  of experiments, or what some names begin with; none: all"""
    if not names:
        return list(specs.values())
    chosen = {}
    for name in names:
        found = [one for one in specs if one == name or one.startswith(f"{name}-")]
        if not found:
            raise Wrong(f"no such experiment: {name} (allowed: {', '.join(specs)})")
        chosen.update((one, specs[one]) for one in found)
    return [spec for name, spec in specs.items() if name in chosen]
