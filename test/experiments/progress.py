# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""How far a run is: a bar on a terminal, and plain lines elsewhere."""
import shutil
import sys
import time

BAR = 24
# Until it has ended nothing is done with it.
NEARLY = 0.99


class Progress:
    """Of work whose length is only reckoned; @p out is told."""

    def __init__(self, total_s, out=None, clock=time.monotonic):
        self.out = out or sys.stderr
        self.total_s, self.done_s = total_s, 0
        self.clock = clock
        self.name, self.begin, self.seconds = "", 0, 0
        self.is_terminal = self.out.isatty()

    def start(self, name, seconds):
        self.name, self.seconds, self.begin = name, seconds, self.clock()
        if self.is_terminal:
            self.tick(0)
        else:
            self.say(f"{name}: about {seconds:.0f} s ...")

    def share(self):
        """Of all, between 0 and 1."""
        passed = min(self.clock() - self.begin, NEARLY * self.seconds) if self.name else 0
        return min(1, (self.done_s + passed) / self.total_s) if self.total_s else 1

    def tick(self, found):
        """@param found  results so far"""
        if not self.is_terminal:
            return
        full = int(self.share() * BAR)
        left = max(0, self.total_s * (1 - self.share()))
        text = f"[{'#' * full}{'.' * (BAR - full)}] {self.share() * 100:3.0f} %  {self.name}, " \
            f"{found} results, about {left / 60:.0f} min left"
        self.out.write("\r" + text[:shutil.get_terminal_size().columns - 1].ljust(BAR) + "\033[K")
        self.out.flush()

    def end(self, text):
        """The piece has ended."""
        took = self.clock() - self.begin
        self.done_s += self.seconds
        name, self.name = self.name, ""
        self.say(f"{name}: {text}, {took:.0f} s")

    def say(self, text):
        self.out.write(("\r\033[K" if self.is_terminal else "") + f"[experiments] {text}\n")
        self.out.flush()
