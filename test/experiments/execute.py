# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Runs the commands of an experiment and takes the results out of what they print."""
import os
import selectors
import signal
import subprocess
import tempfile
import time

import results

TICK_S = 0.5
READ_BYTES = 65536
# A program may take so many times what is reckoned for the experiment, and so long besides.
SLOWER, PATIENCE_S = 4, 600


def words(command, places):
    """{root}, {build}, {name} and {round} stand for what they are now."""
    for name, value in places.items():
        command = [word.replace("{" + name + "}", str(value)) for word in command]
    return command


def command_line(root, args, one, run, command, number):
    places = {"root": root, "build": os.path.join(root, "build", args.build), "name": args.build,
              "round": number}
    if one["place"] == "guest" and not run.get("starts_guest"):
        out = os.path.join(os.path.abspath(args.out), "guest", one["name"])
        command = ["{root}/run", "guest", "--build", "{name}", "--keep-log", out,
                   *run.get("guest", []), *command]
    return words(command, places)


class Output:
    """Of a program, as it comes: into a log, and its results into a list."""

    def __init__(self, log, found, problems):
        self.log, self.found, self.problems = log, found, problems
        self.rest = b""

    def take(self, data):
        self.log.write(data)
        self.log.flush()
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.line(line.decode("utf-8", "replace"))

    def line(self, text):
        try:
            result = results.parse_line(text)
        except results.Wrong as error:
            self.problems.append(str(error))
            return
        if result is not None:
            self.found.append(result)

    def end(self):
        self.take(b"\n")


class TookTooLong(Exception):
    """A program has been ended."""


def watch(process, output, tick, limit_s):
    """Until its output ends."""
    end = time.monotonic() + limit_s
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(TICK_S):
                data = os.read(process.stdout.fileno(), READ_BYTES)
                if not data:
                    return
                output.take(data)
            if time.monotonic() > end:
                raise TookTooLong
            tick()


def stop(process):
    """With all that it has started, should it still run."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run_command(line, log, found, problems, tick, limit_s):
    """@return the exit status"""
    output = Output(log, found, problems)
    log.write(("$ " + " ".join(line) + "\n").encode())
    try:
        # Sockets and what else a program leaves are gone with the folder.
        with tempfile.TemporaryDirectory(prefix="sluice-") as folder, \
                subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, cwd=folder,
                                 start_new_session=True) as process:
            try:
                watch(process, output, tick, limit_s)
            except BaseException:
                stop(process)
                raise
    except TookTooLong:
        problems.append(f"ended, as it took longer than {limit_s:.0f} s: {line[0]}")
        output.end()
        return 0
    except OSError as error:
        problems.append(f"{line[0]}: {error.strerror}")
        return 0
    output.end()
    return process.returncode


def rounds(run):
    """Commands take turns, so that what else the machine does hits all of them."""
    for number in range(1, run.get("rounds", 1) + 1):
        for command in run["commands"]:
            yield number, command


def run(root, args, one, which, bar):
    """@return what is kept of it"""
    found, problems = [], []
    folder = os.path.join(args.out, "log")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{one['name']}.log")
    begin = time.monotonic()
    bar.start(one["name"], one[which]["seconds"])
    with open(path, "wb") as log:
        for number, command in rounds(one[which]):
            line = command_line(root, args, one, one[which], command, number)
            got = []
            status = run_command(line, log, got, problems, lambda: bar.tick(len(found)),
                                 PATIENCE_S + SLOWER * one[which]["seconds"])
            for result in got:
                # A program that knows of no rounds has one.
                result["round"] += (number - 1) * 1000
            found += got
            if status != 0:
                problems.append(f"status {status} of {' '.join(line[-3:])}; see "
                                f"{os.path.relpath(path, root)}")
    if not found and not problems:
        problems.append(f"no result; see {os.path.relpath(path, root)}")
    bar.end("FAILED: " + problems[0] if problems else f"{len(found)} results")
    return {"spec": one, "set": which, "seconds": round(time.monotonic() - begin, 1),
            "problems": problems, "results": found}
