# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A TAP line for each test of a program: what such programs end with."""


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
