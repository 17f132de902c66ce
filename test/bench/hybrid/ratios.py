# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What the turns of a benchmark come to: medians, ratios, and the targets that are met or not.

A turn is a dictionary as hybrid_bench prints it. Nothing here reads a file or a clock.
"""
import statistics

REFERENCE = "fixed-20k"
POLL = "poll"
LOSS_MAX = 1e-5
HELD_MAX = 0.25     # of a turn: whose processors were stolen for longer says nothing
WAKE_US = 110       # a wake-up and its tail, in the targets for latency
IDLE_CPU = 0.001
IDLE_WAKES = 10
STEPS = ("0-full", "2k-full", "burst")

# Of a core, in comparison with interrupts at a fixed 20 kHz: profile -> load -> at most.
CPU_TARGETS = {
    "balanced": {"1k": 1.0, "10k": 0.6, "100k": 0.35, "1M": 0.4, "5M": 0.75, "on-off": 0.75},
    "eco": {"10k": 0.2, "100k": 0.2, "5M": 0.5},
}
LATENCY_LOADS = ("50%", "75%", "100%")


class Figure:
    """Median of a few values, and how far they lie apart."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.low = min(values)
        self.high = max(values)


def rate(name):
    """Of a counter of a turn, in each second."""
    return lambda turn: turn[name] / turn["seconds"]


METRICS = {
    "cpu": lambda turn: turn["cpu"],
    "received_pps": rate("received"),
    "interrupts_s": rate("interrupts"),
    "wakes_s": rate("sleeps"),
    "interval_us": lambda turn: turn["interval_us"],
    # Of a turn in which it changes, what a frame may have waited for.
    "longest_us": lambda turn: max(turn["longest_us"], turn["interval_us"]),
    "p50_us": lambda turn: turn["p50_us"],
    "p95_us": lambda turn: turn["p95_us"],
    "p99_us": lambda turn: turn["p99_us"],
    "p999_us": lambda turn: turn["p999_us"],
    "raw_p99_us": lambda turn: turn["raw_p99_us"],
}


class Cell:
    """All rounds of one strategy under one load."""

    def __init__(self, turns):
        self.rounds = len(turns)
        self.figure = {name: Figure([of(turn) for turn in turns])
                       for name, of in METRICS.items()}
        self.sent = sum(turn["sent"] for turn in turns)
        self.lost = sum(turn["lost"] for turn in turns)
        self.raw_lost = sum(turn["raw_lost"] for turn in turns)
        self.loss = share(self.lost, self.sent)
        self.raw_loss = share(self.raw_lost, self.sent)
        self.held_s = sum(held_s(turn) for turn in turns)
        self.seconds = sum(turn["seconds"] for turn in turns)

    def median(self, name):
        return self.figure[name].median


def share(part, whole):
    return part / whole if whole else 0.0


def held_s(turn):
    """For so long the generator stood still, or was behind its schedule."""
    return (turn["held_app_ms"] + turn["held_device_ms"]) / 1e3 + turn["late_us"] / 1e6


def is_usable(turn):
    """Had it its processors for most of the time?"""
    return held_s(turn) <= HELD_MAX * turn["seconds"]


def cells(turns):
    """(strategy, load) -> Cell, in the order in which they first came."""
    grouped = {}
    for turn in turns:
        grouped.setdefault((turn["strategy"], turn["load"]), []).append(turn)
    return {key: Cell(group) for key, group in grouped.items()}


def ratio(table, strategy, load, metric, to):
    """Of two medians; None where one of them is not there or nothing."""
    this, that = table.get((strategy, load)), table.get((to, load))
    if this is None or that is None or that.median(metric) == 0:
        return None
    return this.median(metric) / that.median(metric)


class Verdict:
    """A target, and what was found; None: no turn of it was usable."""

    def __init__(self, profile, load, what, limit, value, least=False):
        self.profile, self.load, self.what = profile, load, what
        self.limit, self.value = limit, value
        self.least = least
        self.met = value is not None and (value >= limit if least else value <= limit)

    def as_dict(self):
        return dict(vars(self))


def is_asked(table, load, *strategies):
    """Was it measured, with these? Turns may all have been set aside, though."""
    return (any(of == load for _, of in table) and
            all(any(name == strategy for name, _ in table) for strategy in strategies))


def idle_targets(table, profile):
    cell = table.get((profile, "0"))
    if cell is None:
        return []
    return [Verdict(profile, "0", "CPU, share of a core", IDLE_CPU, cell.median("cpu")),
            Verdict(profile, "0", "wake-ups/s", IDLE_WAKES, cell.median("wakes_s"))]


def cpu_targets(table, profile):
    found = []
    for load, limit in CPU_TARGETS.get(profile, {}).items():
        value = ratio(table, profile, load, "cpu", REFERENCE)
        if is_asked(table, load, profile, REFERENCE):
            found.append(Verdict(profile, load, "CPU / fixed 20 kHz", limit, value))
    return found


def loss_targets(table, profile, loads=None):
    """Wherever static polling loses nothing."""
    found = []
    for (strategy, load), cell in table.items():
        poll = table.get((POLL, load))
        if strategy != profile or poll is None or poll.lost != 0 or cell.sent == 0:
            continue
        if loads is None or load in loads:
            found.append(Verdict(profile, load, "frames lost, share", LOSS_MAX, cell.loss))
    return found


def bounded_latency(table, profile):
    found = []
    for (strategy, load), cell in table.items():
        if strategy == profile and cell.sent != 0:
            found.append(Verdict(profile, load, "p99 us, t_d + 110",
                                 cell.median("longest_us") + WAKE_US, cell.median("p99_us")))
    return found


def latency_as_polling(table, profile):
    found = []
    for load in LATENCY_LOADS:
        value = ratio(table, profile, load, "p99_us", POLL)
        if is_asked(table, load, profile, POLL):
            found.append(Verdict(profile, load, "p99 / static poll", 1.5, value))
    value = ratio(table, profile, "100%", "received_pps", POLL)
    if is_asked(table, "100%", profile, POLL):
        found.append(Verdict(profile, "100%", "throughput / static poll", 0.99, value, least=True))
    return found


def targets(turns):
    """All verdicts on the turns of one family."""
    table = cells(turns)
    return (idle_targets(table, "balanced") + cpu_targets(table, "balanced") +
            bounded_latency(table, "balanced") + loss_targets(table, "balanced") +
            idle_targets(table, "latency") + latency_as_polling(table, "latency") +
            loss_targets(table, "latency") +
            cpu_targets(table, "eco") + loss_targets(table, "eco", STEPS))
