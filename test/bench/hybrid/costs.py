# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What an interrupt costs each driver beside its work: accesses to registers, system calls."""
import collections
import json
import os
import re
import subprocess
import tempfile

import ratios

# family -> drivers of its PF: ours, DPDK's own
DRIVERS = {"82576": ("net_sluice_pf", "net_e1000_igb"), "82599": ("net_sluice_pf", "net_ixgbe")}
# strategies whose system calls are counted, and by what they wait
WAITS = {"l3fwd-power": "rte_epoll_wait", "balanced": "lib/hybrid"}
TRACED = ["--loads", "1k", "--sustained", "1000000", "--rounds", "1", "--ms", "500"]
# Where registers trap all is slow: turns are added up until there are so many interrupts.
ENOUGH, TURNS_MAX = 100, 8
INTRO = """\
System calls of the lcore's thread are counted by strace at 1000 frames a second, in a wait by EAL's
rte_epoll_wait as in l3fwd-power, and by lib/hybrid; those in the model's trap for registers are
left out, and sleeps that end by time are in."""


def count_calls(lines):
    """System calls in strace's output of a thread, but for those of a SIGSEGV's handler: there the
    model is asked for a register. @return name -> number"""
    calls, trapped = collections.Counter(), False
    for line in lines:
        if line.startswith("--- SIGSEGV"):
            trapped = True
        name = re.match(r"(\w+)\(", line)
        if name and not trapped:
            calls[name[1]] += 1
        if line.startswith("rt_sigreturn("):
            if not trapped:
                calls.clear()       # it was there when strace came
            trapped = False
    return dict(calls)


def accesses(program, family, driver):
    done = subprocess.run([program, "--family", family, "--driver", driver, "--anywhere",
                           "--accesses"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def turn(program, family, driver, strategy):
    """@return interrupts, and the lcore's system calls"""
    with tempfile.TemporaryDirectory() as folder:
        out, calls = (os.path.join(folder, name) for name in ("out", "calls"))
        subprocess.run([program, "--family", family, "--driver", driver, "--anywhere", *TRACED,
                        "--strategies", strategy, "--out", out, "--calls", calls],
                       stderr=subprocess.DEVNULL, check=True)
        with open(out, encoding="utf-8") as file:
            interrupts = json.load(file)["interrupts"]
        with open(calls, encoding="utf-8") as file:
            return interrupts, count_calls(file)


def traced(program, family, driver, strategy):
    interrupts, calls = 0, collections.Counter()
    for _ in range(TURNS_MAX):
        more, of_turn = turn(program, family, driver, strategy)
        interrupts += more
        calls.update(of_turn)
        if interrupts >= ENOUGH:
            break
    return {"interrupts": interrupts, "calls": dict(calls)}


def measure(program, families):
    """@return a row for each driver of the families"""
    rows = []
    for family in families:
        for driver in DRIVERS[family]:
            row = accesses(program, family, driver)
            row["waits"] = {strategy: traced(program, family, driver, strategy)
                            for strategy in WAITS}
            rows.append(row)
    return rows


def calls_text(wait):
    total = sum(wait["calls"].values())
    if wait["interrupts"] == 0:
        return "?"
    names = ", ".join(sorted(wait["calls"])) or "none"
    return f"{ratios.share(total, wait['interrupts']):.1f} ({names})"


def lines(rows):
    """A table."""
    names = "".join(f" calls per interrupt, {by} |" for by in WAITS.values())
    table = INTRO.splitlines() + [
        "", f"| | registers touched to arm an interrupt | to mask it |{names}",
        "|---" * (3 + len(WAITS)) + "|"]
    for row in rows:
        # What was saved before system calls were counted has none.
        calls = [calls_text(row["waits"][name]) if "waits" in row else "?" for name in WAITS]
        table.append(f"| {row['family']}, {row['driver']} | {row['arm']} | {row['mask']} | " +
                     " | ".join(calls) + " |")
    return table
