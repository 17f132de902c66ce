#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Medians, ratios and verdicts of the benchmark of wait strategies, a TAP line for each test.

usage: ratios_test.py
"""
import json
import os
import sys
import tempfile

import costs
import guest
import ratios
import report
import run

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402


def turn(strategy, load, **values):
    row = {"strategy": strategy, "load": load, "seconds": 0.5, "sent": 1000, "received": 1000,
           "lost": 0, "raw_lost": 0, "held_app_ms": 0, "held_device_ms": 0, "late_us": 0,
           "cpu": 0.5, "sleeps": 10, "interrupts": 20, "interval_us": 50, "longest_us": 50,
           "p50_us": 1, "p95_us": 2, "p99_us": 3, "p999_us": 4, "raw_p99_us": 3}
    row.update(values)
    return row


def verdict_of(turns, profile, load, what):
    found = [v for v in ratios.targets(turns)
             if (v.profile, v.load) == (profile, load) and v.what.startswith(what)]
    assert len(found) <= 1, found
    return found[0] if found else None


def medians_and_spread():
    table = ratios.cells([turn("poll", "1M", cpu=c) for c in (0.9, 0.1, 0.4)])
    figure = table[("poll", "1M")].figure["cpu"]
    assert (figure.median, figure.low, figure.high) == (0.4, 0.1, 0.9)


def counters_become_rates():
    cell = ratios.cells([turn("poll", "1M")])[("poll", "1M")]
    assert cell.median("wakes_s") == 20 and cell.median("interrupts_s") == 40


def losses_add_up():
    rows = [turn("poll", "1M", lost=1, raw_lost=3), turn("poll", "1M", lost=3, raw_lost=5)]
    cell = ratios.cells(rows)[("poll", "1M")]
    assert cell.loss == 4 / 2000 and cell.raw_loss == 8 / 2000
    assert ratios.share(0, 0) == 0


def a_ratio_is_of_medians():
    rows = [turn("balanced", "10k", cpu=c) for c in (0.1, 0.2, 0.9)]
    rows += [turn("fixed-20k", "10k", cpu=c) for c in (0.4, 0.4, 0.1)]
    assert ratios.ratio(ratios.cells(rows), "balanced", "10k", "cpu", "fixed-20k") == 0.5


def no_ratio_to_nothing():
    rows = [turn("balanced", "0", cpu=0.1), turn("fixed-20k", "0", cpu=0)]
    table = ratios.cells(rows)
    assert ratios.ratio(table, "balanced", "0", "cpu", "fixed-20k") is None
    assert ratios.ratio(table, "balanced", "1k", "cpu", "fixed-20k") is None


def cpu_is_met_at_the_limit_and_not_above():
    reference = turn("fixed-20k", "10k", cpu=1.0)
    at = verdict_of([reference, turn("balanced", "10k", cpu=0.6)], "balanced", "10k", "CPU")
    above = verdict_of([reference, turn("balanced", "10k", cpu=0.61)], "balanced", "10k", "CPU")
    assert at.met and not above.met and at.limit == 0.6


def loss_counts_where_polling_loses_nothing():
    rows = [turn("balanced", "burst", lost=1), turn("poll", "burst")]
    assert not verdict_of(rows, "balanced", "burst", "frames lost").met
    rows[1]["lost"] = 1
    assert verdict_of(rows, "balanced", "burst", "frames lost") is None


def latency_may_be_an_interval_and_a_wake_up():
    rows = [turn("balanced", "1k", interval_us=0, longest_us=40, p99_us=150)]
    assert verdict_of(rows, "balanced", "1k", "p99").met
    rows[0]["p99_us"] = 151
    assert not verdict_of(rows, "balanced", "1k", "p99").met


def what_was_set_aside_is_not_met():
    rows = [turn("balanced", "1k"), turn("fixed-20k", "1k"), turn("fixed-20k", "10k")]
    verdict = verdict_of(rows, "balanced", "10k", "CPU")
    assert verdict.value is None and not verdict.met
    assert verdict_of(rows, "balanced", "100k", "CPU") is None
    assert verdict_of(rows[:1], "balanced", "1k", "CPU") is None


def throughput_must_not_be_less():
    rows = [turn("poll", "100%", received=1000), turn("latency", "100%", received=989)]
    assert not verdict_of(rows, "latency", "100%", "throughput").met
    rows[1]["received"] = 990
    assert verdict_of(rows, "latency", "100%", "throughput").met


def stolen_turns_say_nothing():
    assert ratios.is_usable(turn("poll", "1M", held_app_ms=100, held_device_ms=25))
    assert not ratios.is_usable(turn("poll", "1M", held_app_ms=100, held_device_ms=26))
    assert not ratios.is_usable(turn("poll", "1M", held_app_ms=100, late_us=150001))


def idle_has_its_own_limits():
    rows = [turn("balanced", "0", cpu=0.001, sleeps=5, sent=0)]
    assert verdict_of(rows, "balanced", "0", "CPU").met
    assert verdict_of(rows, "balanced", "0", "wake-ups").met
    rows = [turn("balanced", "0", cpu=0.0011, sleeps=6, sent=0)]
    assert not verdict_of(rows, "balanced", "0", "CPU").met
    assert not verdict_of(rows, "balanced", "0", "wake-ups").met


def guest_turns_are_told_per_mode():
    row = {"round": 0, "mode": "eco", "load": "1k", "elapsed_ns": 2 * 10**9, "cpu_ns": 10**9,
           "interrupts": 50, "sleeps": 20, "sent": 10, "received": 9, "p50_us": 1500,
           "p99_us": 3000}
    more = dict(row, received=8, cpu_ns=5 * 10**8)
    found = guest.text({"turns": [row, more], "calls": [
        {"mode": "eco", "interrupts": 4, "calls": {"read": 3, "epoll_wait": 3}},
        {"mode": "poll", "interrupts": 0, "calls": {}}]})
    assert "| eco | 20 | 3 | 37.5 | 25 | 10 | 1.5 | 3.0 |" in found, found
    assert "| eco | 4 | epoll_wait 3, read 3 | 1.50 |" in found, found
    assert "| poll | 0 | none | - |" in found, found


def calls_of_a_trap_do_not_count():
    calls = costs.count_calls([
        "epoll_wait(14, [{events=EPOLLIN}], 1, 10) = 1", "read(16, \"1\", 8) = 8",
        "--- SIGSEGV {si_signo=SIGSEGV} ---", "futex(0x7f, FUTEX_WAKE_PRIVATE, 1) = 0",
        "rt_sigreturn({mask=[]}) = 0", "epoll_wait(14,  <detached ...>"])
    assert calls == {"epoll_wait": 2, "read": 1}, calls
    calls = costs.count_calls(["futex(0x7f) = 0", "rt_sigreturn({mask=[]}) = 0", "read(16) = 8"])
    assert calls == {"read": 1}, calls


def a_driver_is_a_row_of_costs():
    wait = {"interrupts": 10, "calls": {"read": 10, "epoll_wait": 11}}
    row = {"family": "82599", "driver": "net_ixgbe", "arm": 3, "mask": 2,
           "waits": {"l3fwd-power": wait, "balanced": {"interrupts": 10, "calls": {}}}}
    assert costs.lines([row])[-1] == \
        "| 82599, net_ixgbe | 3 | 2 | 2.1 (epoll_wait, read) | 0.0 (none) |", costs.lines([row])
    del row["waits"]
    assert costs.lines([row])[-1] == "| 82599, net_ixgbe | 3 | 2 | ? | ? |"


def saved_files_are_one_run():
    """Of what an interrupt costs, the last file tells."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for arm in (3, 2):
            paths.append(os.path.join(folder, str(arm)))
            rows = [{"family": "82599", "driver": "net_ixgbe", "arm": arm, "mask": 1}]
            turns = [turn("poll", "1k", family="82599", sustained_pps=arm * 10**6)]
            with open(paths[-1], "w", encoding="utf-8") as file:
                json.dump({"turns": turns, "accesses": rows}, file)
        turns, rows = run.saved(paths)
    text = report.text(turns, rows)
    assert text.count("net_ixgbe") == 1 and "| 82599, net_ixgbe | 2 | 1 |" in text, text
    assert "sustains 2.00, 3.00 Mpps; 2 turns" in text, text


TESTS = (medians_and_spread, counters_become_rates, losses_add_up, a_ratio_is_of_medians,
         no_ratio_to_nothing, cpu_is_met_at_the_limit_and_not_above,
         loss_counts_where_polling_loses_nothing, latency_may_be_an_interval_and_a_wake_up,
         what_was_set_aside_is_not_met, throughput_must_not_be_less,
         stolen_turns_say_nothing, idle_has_its_own_limits, guest_turns_are_told_per_mode,
         calls_of_a_trap_do_not_count, a_driver_is_a_row_of_costs, saved_files_are_one_run)


if __name__ == "__main__":
    sys.exit(tap.run(tap.named(TESTS)))
