# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A stock dpdk-testpmd that is told what to do, and whose answers are read."""

import os
import re
import selectors
import subprocess
import time

PROMPT = "testpmd> "
START_SECONDS = 90
ANSWER_SECONDS = 60
NUDGE_SECONDS = 3
EVIDENCE_LINES = 120
EVENT = re.compile(r"^Port \d+: .* event", re.M)

# How testpmd and its drivers say no; and those of them that mean "no such thing here".
REFUSED = re.compile(
    r"\berror\b|fail|invalid|bad arguments|not supported|unable to|cannot|refuse|not permitted",
    re.I)
NOT_SUPPORTED = re.compile(
    r"not support|unsupported|ENOTSUP|\(-95\)|-95\b|not implemented|operation not supported",
    re.I)


class Refused(Exception):
    """testpmd said that a command did not work."""


class NotOffered(Exception):
    """The driver says that it has no such thing."""


class Died(Exception):
    """testpmd ended, or answers no more."""


class Testpmd:
    """One process. All that it prints is kept in `text`."""

    def __init__(self, command, environment=None, idle=None):
        """idle: called again and again while this waits"""
        self.text = ""
        self.name = command[command.index("--file-prefix") + 1]
        self._judged_from = 0
        self._idle = idle or (lambda: None)
        self._prompts = 0
        # Lines come as they are printed, in order with the prompts, which are written at once.
        self._process = subprocess.Popen(
            ["stdbuf", "-oL", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
        os.set_blocking(self._process.stdout.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)
        try:
            self.wait(lambda: self.text.count(PROMPT) > 0, START_SECONDS, "the first prompt")
        except Died:
            self.kill()
            raise

    def pump(self, seconds=0.02):
        """Reads what has come, waiting a little for it; whether testpmd still runs."""
        self._idle()
        if self._selector.select(seconds):
            data = self._process.stdout.read()
            if data == b"":
                self._selector.unregister(self._process.stdout)
                return False
            self.text += (data or b"").decode(errors="replace")
        return True

    def wait(self, is_done, seconds, what):
        end = time.monotonic() + seconds
        while not is_done():
            self._pump_or_die(end, seconds, what)

    def _pump_or_die(self, end, seconds, what):
        if time.monotonic() > end:
            raise Died(f"testpmd: no {what} within {seconds} s; last lines:\n{self.tail()}")
        if not self._selector.get_map() or not self.pump():
            raise Died(f"testpmd ended, waiting for {what}; last lines:\n{self.tail()}")

    def tail(self, lines=25):
        return "\n".join(self.text.splitlines()[-lines:])

    def begin_evidence(self):
        self._judged_from = len(self.text)

    def evidence(self, lines=EVIDENCE_LINES):
        """What it printed since begin_evidence(), or the last of it."""
        return "\n".join(self.text[self._judged_from:].splitlines()[-lines:])

    def do(self, command, seconds=ANSWER_SECONDS):
        """What testpmd prints from the command to its next prompt."""
        begin = len(self.text)
        try:
            self._process.stdin.write(command.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise Died(f"testpmd has gone, at: {command}; last lines:\n{self.tail()}") from error
        self._wait_for_prompt(begin, seconds, command)
        return self.text[begin:]

    def _wait_for_prompt(self, begin, seconds, command):
        """An event that is printed in the midst of a prompt spoils it: an empty line gets
        another one."""
        what = f"answer to: {command}"
        end, nudge = time.monotonic() + seconds, time.monotonic() + NUDGE_SECONDS
        while PROMPT not in self.text[begin:]:
            size = len(self.text)
            self._pump_or_die(end, seconds, what)
            if len(self.text) != size:
                nudge = time.monotonic() + NUDGE_SECONDS
            elif time.monotonic() > nudge and EVENT.search(self.text[begin:]):
                nudge = end
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    def must(self, command):
        """do(), where a complaint in the answer is an exception."""
        answer = self.do(command)
        said = [line for line in answer.splitlines()
                if REFUSED.search(line) and not line.startswith("EAL: ")]
        if said:
            kind = NotOffered if NOT_SUPPORTED.search("\n".join(said)) else Refused
            raise kind(f"{command}: {' / '.join(said)}")
        return answer

    def quit(self):
        """Ends testpmd; its status."""
        try:
            self._process.stdin.write(b"quit\n")
            self._process.stdin.flush()
            self.wait(lambda: self._process.poll() is not None, ANSWER_SECONDS, "end")
        except (OSError, Died):
            pass
        return self.kill()

    def kill(self):
        if self._process.poll() is None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
        status = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except OSError:
                pass
        self._selector.close()
        return status
