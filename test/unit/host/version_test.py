#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What the programs say that they are, and where the commit in it comes from.

usage: version_test.py SOURCE VERSION DPDK SLUICE-FWD SLUICE-KEEPER SLUICECTL SLUICED
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

COMMIT = "0123456789ab"
GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]


def said(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


class Version:
    def __init__(self, source, version, dpdk, *programs):
        self.source = source
        self.line = rf"{re.escape(version)} \((git [0-9a-f]{{12,}}\+?|no git), " \
                    rf"DPDK {re.escape(dpdk)}\)"
        self.fwd, self.keeper, self.ctl, self.daemon = programs

    def revision(self, tree):
        done = subprocess.run([f"{self.source}/lib/version/revision.sh", tree], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    def test_programs_tell_theirs(self):
        lines = [(said(self.fwd, "--", "--version"), "sluice-fwd", ""),
                 (said(self.keeper, "--version"), "sluice-keeper", ""),
                 (said(self.ctl, "--version"), "sluicectl", ""),
                 (said(self.ctl, "version"), "sluicectl", ""),
                 (said(self.daemon, "--version"), "sluiced", r" \(books [0-9a-f]{16}\)")]
        for line, name, more in lines:
            assert re.fullmatch(f"{name} {self.line}{more}\n", line), line
        assert len({re.search(r"\((.*?)\)", line)[1] for line, _, _ in lines}) == 1, lines

    def test_more_words_are_refused(self):
        assert subprocess.run([self.ctl, "version", "x"], check=False,
                              stderr=subprocess.DEVNULL).returncode == 64

    def test_commit_is_that_of_git(self):
        """With a mark if a file was changed since; another tree's is not taken for it."""
        with tempfile.TemporaryDirectory() as tree:
            for command in (["init", "-q", tree], ["-C", tree, "add", "."]):
                with open(f"{tree}/file", "w", encoding="utf-8") as file:
                    file.write("one\n")
                subprocess.run([*GIT, *command], check=True)
            subprocess.run([*GIT, "-C", tree, "commit", "-q", "-m", "one"], check=True)
            commit = said("git", "-C", tree, "rev-parse", "HEAD")[:12]
            assert self.revision(tree) == f"git {commit}\n", self.revision(tree)
            with open(f"{tree}/file", "w", encoding="utf-8") as file:
                file.write("two\n")
            assert self.revision(tree) == f"git {commit}+\n", self.revision(tree)
            os.mkdir(f"{tree}/inside")
            assert self.revision(f"{tree}/inside") is None

    def test_archive_has_its_commit(self):
        with tempfile.TemporaryDirectory() as tree:
            assert self.revision(tree) is None
            for text, wanted in ((f"{COMMIT}+\n", f"git {COMMIT}+\n"), ("$Format:%h$\n", None)):
                with open(f"{tree}/REVISION", "w", encoding="utf-8") as file:
                    file.write(text)
                assert self.revision(tree) == wanted, self.revision(tree)


def main(*args):
    wrong = (AssertionError, OSError, subprocess.CalledProcessError)
    return tap.run(tap.methods(Version(*args)), wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
