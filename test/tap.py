# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""TAP of programs in Python: of a list of tests, or of checks one by one."""


def named(tests):
    """[(name, function)] of functions that need no arguments."""
    return [(test.__name__, test) for test in tests]


def methods(case):
    """The same of an object's methods test_*, in the order in which its class has them."""
    return [(name[5:].replace("_", " "), getattr(case, name))
            for name in type(case).__dict__ if name.startswith("test_")]


def run(tests, wrong=(AssertionError,)):
    """Call each of [(name, function)], which fails by one of @p wrong. @return the exit status"""
    failed = 0
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except wrong as error:
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            print(f"# {type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
    return 1 if failed else 0


class Checks:
    """What holds as a program goes on, a TAP line each; how many there were it tells at its end."""

    def __init__(self):
        self.number = self.failed = 0

    def check(self, what, good, more=""):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {what}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in str(more).splitlines()), flush=True)

    def equal(self, what, expected, got, more=""):
        self.check(what, expected == got, f"expected {expected}, got {got}\n{more}")

    def end(self):
        """@return the exit status"""
        print(f"1..{self.number}")
        return 1 if self.failed else 0
