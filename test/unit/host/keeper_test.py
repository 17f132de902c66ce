#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluice-keeper, with programs that speak to it by libsystemd, as sluiced does.

usage: keeper_test.py KEEPER

The program that it keeps is this file too, as `keeper_test.py --program NAME FOLDER`.
"""
import contextlib
import ctypes
import functools
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

WAIT_S = 60
LIVES = 10
systemd = ctypes.CDLL("libsystemd.so.0", use_errno=True)


# --- What is kept ---

def notify(text, fds=()):
    array = (ctypes.c_int * max(1, len(fds)))(*fds)
    sent = systemd.sd_pid_notify_with_fds(0, 0, text.encode(), array, len(fds))
    assert sent > 0, f"{text!r}: {sent}"


def barrier():
    """Until all that was said has been read."""
    assert systemd.sd_notify_barrier(0, ctypes.c_uint64(WAIT_S * 1000000)) > 0


def handed_over():
    """[(name, descriptor)] by libsystemd's own reading."""
    names = ctypes.POINTER(ctypes.c_char_p)()
    nb = systemd.sd_listen_fds_with_names(0, ctypes.byref(names))
    assert nb >= 0, nb
    return [(names[i].decode(), 3 + i) for i in range(nb)]


def note(folder, text):
    with open(f"{folder}/notes", "a", encoding="utf-8") as file:
        file.write(text + "\n")


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def new_file(name):
    return os.memfd_create(name)


def lives(folder):
    """The first makes a file, each adds a line to it and is killed right after."""
    held = handed_over()
    if not held:
        fd = new_file("lives")
        notify("FDSTORE=1\nFDNAME=state", [fd])
    else:
        fd = dict(held)["state"]
        assert len(held) == 1, held
    os.write(fd, b"x")
    life = os.fstat(fd).st_size
    note(folder, f"life {life}")
    if life < LIVES:
        notify("READY=1")
        die()


def names(folder):
    held = handed_over()
    if held:
        note(folder, " ".join(f"{name}={os.pread(fd, 9, 0).decode()}" for name, fd in held))
        return
    for name in ("a", "b", "c"):
        fd = new_file(name)
        os.write(fd, name.encode())
        notify(f"FDSTORE=1\nFDNAME={name}", [fd])
    notify("FDSTORE=1\nFDNAME=again", [fd])      # c's file under another name
    notify("FDSTORE=1\nFDNAME=bad:name", [new_file("bad")])
    notify("FDSTOREREMOVE=1\nFDNAME=b")
    notify("FDSTORE=1", [new_file("nameless")])
    barrier()
    note(folder, "said")
    die()


def stranger(folder):
    """Somebody else who has the address, here a child, keeps nothing there."""
    held = handed_over()
    if held:
        note(folder, " ".join(name for name, _ in held))
        return
    notify("FDSTORE=1\nFDNAME=own", [new_file("own")])
    child = os.fork()
    if child == 0:
        notify("FDSTORE=1\nFDNAME=foreign", [new_file("foreign")])
        os._exit(0)
    os.waitpid(child, 0)
    die()


def fails(folder):
    note(folder, "started")
    sys.exit(3)


def fails_later(folder):
    """Ready once, then not able to start for a while: it is tried again."""
    if not os.path.exists(f"{folder}/notes"):
        note(folder, "ready")
        notify("READY=1")
        die()
    note(folder, "tried")
    with open(f"{folder}/notes", encoding="utf-8") as file:
        sys.exit(0 if len(file.readlines()) == 5 else 70)


def obeys(folder):
    def on_hangup(*_):
        note(folder, "hangup")

    def on_term(*_):
        note(folder, "term")
        sys.exit(5)

    signal.signal(signal.SIGHUP, on_hangup)
    signal.signal(signal.SIGTERM, on_term)
    notify("READY=1")
    note(folder, "ready")
    while True:
        signal.pause()


def inherited():
    """The descriptors that came by exec; what Python or a library has opened since ends with it."""
    fds = []
    for fd in sorted(int(name) for name in os.listdir("/proc/self/fd")):
        with contextlib.suppress(OSError):      # that of the folder itself is closed again
            if os.get_inheritable(fd):
                fds.append(fd)
    return fds


def clean(folder):
    """What the keeper has open is not for the program; no signal is blocked."""
    note(folder, str(inherited()))
    note(folder, str(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))))


PROGRAMS = {function.__name__: function
            for function in (lives, names, stranger, fails, fails_later, obeys, clean)}


# --- The tests ---

class Failed(Exception):
    pass


def expect(what, expected, got):
    if expected != got:
        raise Failed(f"{what}: expected {expected!r}, got {got!r}")


class Kept:
    """A program under the keeper."""

    def __init__(self, keeper, name):
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [keeper, sys.executable, os.path.realpath(__file__), "--program", name,
             self._folder.name], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def notes(self):
        try:
            with open(f"{self._folder.name}/notes", encoding="utf-8") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def wait_for(self, line, times=1):
        end = time.monotonic() + WAIT_S
        while self.notes().count(line) < times:
            if time.monotonic() > end or self._process.poll() is not None:
                raise Failed(f"no {line!r} in {self.notes()}")
            time.sleep(0.01)

    def signal(self, number):
        self._process.send_signal(number)

    def end(self):
        """(status, notes, what was logged)"""
        _, log = self._process.communicate(timeout=WAIT_S)
        return self._process.returncode, self.notes(), log


def test_descriptors_outlive_sigkill(keeper):
    status, notes, log = Kept(keeper, "lives").end()
    expect("notes", [f"life {life + 1}" for life in range(LIVES)], notes)
    expect("status", 0, status)
    expect("new starts", LIVES - 1, log.count("started again with 1 descriptors"))


def test_names_and_order(keeper):
    status, notes, log = Kept(keeper, "names").end()
    expect("notes", ["said", "a=a c=c stored="], notes)
    expect("status", 0, status)
    expect("the bad name is told", 1, log.count("'bad:name' is not kept"))


def test_only_the_program_is_heard(keeper):
    status, notes, _ = Kept(keeper, "stranger").end()
    expect("status, notes", (0, ["own"]), (status, notes))


def test_a_program_that_was_never_ready_is_given_up(keeper):
    status, notes, _ = Kept(keeper, "fails").end()
    expect("status, notes", (3, ["started"]), (status, notes))


def test_a_program_that_was_ready_is_tried_again(keeper):
    status, notes, _ = Kept(keeper, "fails_later").end()
    expect("status, notes", (0, ["ready"] + 4 * ["tried"]), (status, notes))


def test_signals_are_passed_on(keeper):
    kept = Kept(keeper, "obeys")
    kept.wait_for("ready")
    for times in (1, 2):
        kept.signal(signal.SIGHUP)
        kept.wait_for("hangup", times)
    kept.signal(signal.SIGTERM)
    status, notes, _ = kept.end()
    expect("status, notes", (5, ["ready", "hangup", "hangup", "term"]), (status, notes))


def test_a_program_starts_clean(keeper):
    status, notes, _ = Kept(keeper, "clean").end()
    expect("status, notes", (0, ["[0, 1, 2]", "[]"]), (status, notes))


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WAIT_S)
    return done.returncode, done.stderr


def test_usage(keeper):
    for arguments, says in (((), "no program"), (("--frob",), "no options")):
        status, error = run(keeper, *arguments)
        expect("status", 64, status)
        expect(f"{error!r} has {says!r}", True, says in error)
    expect("--help", 0, run(keeper, "--help")[0])
    status, error = run(keeper, "/no/such/program")
    expect("status", 69, status)
    expect("it is named", True, "/no/such/program: No such file" in error)


def main(argv):
    if argv[1:2] == ["--program"]:
        PROGRAMS[argv[2]](argv[3])
        return 0
    tests = [(name.removeprefix("test_").replace("_", " "), functools.partial(test, argv[1]))
             for name, test in globals().items() if name.startswith("test_")]
    return tap.run(tests, (Failed, subprocess.TimeoutExpired))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
