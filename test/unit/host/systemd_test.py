#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The systemd unit, by systemd's own tools: they need no systemd that runs.

usage: systemd_test.py SOURCE SLUICED
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

THRESHOLD = 25          # tenths: 0 is safest, 100 is none at all


def analyze(*args):
    return subprocess.run(["systemd-analyze", "--no-pager", *args], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Unit:
    def __init__(self, source, sluiced, folder):
        self.source, self.folder, self.sluiced = source, folder, sluiced
        self.path = f"{folder}/sluiced.service"
        with open(self.path, "w", encoding="utf-8") as file:
            text = read(f"{source}/dist/systemd/sluiced.service.in")
            for name in ("sluiced", "sluicectl"):       # the latter: any program will do
                text = text.replace(f"@{name}@", sluiced)
            file.write(text)

    def test_unit_is_valid(self):
        done = analyze("verify", "--man=no", self.path)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout

    def test_verify_would_say(self):
        path = f"{self.folder}/broken.service"
        with open(path, "w", encoding="utf-8") as file:
            file.write(read(self.path).replace("ProtectHome=yes", "ProtectHome=perhaps"))
        said = analyze("verify", "--man=no", path).stdout
        assert re.search("protect ?home", said, re.I), said

    def test_exposure_is_as_documented(self):
        done = analyze("security", "--offline=true", f"--threshold={THRESHOLD}", self.path)
        assert done.returncode == 0, done.stdout
        level = re.search(r"Overall exposure level for sluiced.service: ([0-9.]+ \w+)", done.stdout)
        told = re.search(r"exposure level of ([0-9.]+ \w+)", read(f"{self.source}/doc/sluiced.md"))
        assert level[1] == told[1], f"{level[1]}, and doc/sluiced.md says {told[1]}"

    def test_system_calls_of_the_daemon_are_allowed(self):
        """What the daemon leaves itself is a part of what systemd lets it start with."""
        groups = analyze("syscall-filter").stdout
        allowed = set(re.search(r"^SystemCallFilter=(.*)", read(self.path), re.M)[1].split())
        assert "seccomp" in allowed, "libseccomp needs it to confine threads that run already"
        wanted = [word for word in allowed if word.startswith("@")]
        while wanted:
            block = re.search(rf"^{wanted.pop()}\n((?:    .*\n)*)", groups, re.M)[1]
            words = re.findall(r"^    (@?\w[\w-]*)$", block, re.M)
            allowed |= set(words)
            wanted += [word for word in words if word.startswith("@")]
        used = set(re.findall(r"SCMP_SYS\((\w+)\)", read(f"{self.source}/app/sluiced/seccomp.c")))
        assert len(used) > 50 and used <= allowed, used - allowed

    def test_descriptors_of_all_ports_can_be_held(self):
        held = int(re.search(r"^FileDescriptorStoreMax=(\d+)", read(self.path), re.M)[1])
        ports = int(re.search(r"#define CONFIG_PORTS_MAX\s+(\d+)",
                              read(f"{self.source}/lib/config/config.h"))[1])
        assert held >= 4 * ports, held

    def test_failure_is_tried_again_only_with_descriptors_held(self):
        prevented = re.search(r"^RestartPreventExitStatus=(.*)", read(self.path), re.M)[1].split()
        for held, is_final in (("LISTEN_FDS=1 LISTEN_PID=$$", False), ("", True)):
            done = subprocess.run(["sh", "-c", f'{held} exec "$0" -c /nowhere/x.json 3</dev/null',
                                   self.sluiced], check=False, stderr=subprocess.PIPE, text=True)
            assert done.stderr.count("\n") == 1 and "/nowhere/x.json" in done.stderr, done.stderr
            assert (str(done.returncode) in prevented) == is_final, (held, done.returncode)

    def test_successor_is_started(self):
        """After the exit status by which the daemon asks for it, which is no failure."""
        status = re.search(r"#define EXIT_SUCCESSOR (\d+)",
                           read(f"{self.source}/app/sluiced/leave.c"))[1]
        for key in ("RestartForceExitStatus", "SuccessExitStatus"):
            assert re.search(rf"^{key}={status}$", read(self.path), re.M), key

    def test_users_and_folders_are_valid(self):
        for name, command in (("sysusers", ["systemd-sysusers"]),
                              ("tmpfiles", ["systemd-tmpfiles", "--create"])):
            root = f"{self.folder}/{name}"
            os.makedirs(f"{root}/etc")
            done = subprocess.run([*command, f"--root={root}", "-"], check=False, text=True,
                                  input=read(f"{self.source}/dist/systemd/{name}.conf"),
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, done.stdout
        assert re.search(r"^sluice:", read(f"{self.folder}/sysusers/etc/group"), re.M)
        assert os.path.isdir(f"{self.folder}/tmpfiles/run/dpdk")


def main(source, sluiced):
    with tempfile.TemporaryDirectory(prefix="sluice-systemd-") as folder:
        unit = Unit(source, sluiced, folder)
        return tap.run(tap.methods(unit), (AssertionError, OSError, TypeError))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.path.abspath(sys.argv[2])))
