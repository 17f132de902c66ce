#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What costs.py takes out of QEMU's trace, a TAP line for each test.

usage: costs_test.py
"""
import os
import sys

import costs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

ON, OFF = ('handle_qmp_command mon 0x55 req: {"execute": "trace-event-set-state", "arguments": '
           f'{{"name": "memory_region_ops_write", "enable": {state}}}}}' for state in
           ("true", "false"))


def access(way, name):
    return f"memory_region_ops_{way} cpu 0 mr 0x55 addr 0x8 value 0x1 size 4 name '{name}'"


def accesses_count_while_it_is_on():
    windows = costs.windows_of([access("write", "igb-mmio"), ON, ON, access("read", "igb-mmio"),
                                access("write", "igbvf-mmio"), OFF, access("read", "igb-mmio")])
    assert windows == [{("igb-mmio", "read"): 1, ("igbvf-mmio", "write"): 1}], windows


def each_window_has_its_own():
    windows = costs.windows_of([ON, access("write", "msix-table"), OFF, OFF, ON, OFF])
    assert windows == [{("msix-table", "write"): 1}, {}], windows


def other_lines_do_not_count():
    others = ["another line", "handle_qmp_command mon 0x55 req: {}"]
    assert costs.windows_of([ON, *others, OFF]) == [{}]


TESTS = (accesses_count_while_it_is_on, each_window_has_its_own, other_lines_do_not_count)


if __name__ == "__main__":
    sys.exit(tap.run(tap.named(TESTS)))
