#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Runs commands of the pages as they stand there, on a port of the device model under sluiced.

usage: run_commands.py SOURCE BUILD

Which, rows.py says. Where a page names build/gcc, it is the build at hand; sluicectl finds the
rig's daemon by itself. Programs that wait for what is typed get "quit". What a command is to say,
EXPECTED tells.
"""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../model/server")]
import commands                     # noqa: E402
import rig                          # noqa: E402
from rig import PF, Failed, Rig, expect         # noqa: E402

VFS = 2
# What the first command that matches has to say.
EXPECTED = (
    (r"\./run help", r"\./run test "),
    (r"\./run guest --help", r"--shell"),
    (r".*sluicectl show --json", rf'"pci":"{PF}"'),
    (r".*sluicectl show vf 1", r"received: "),
    (r".*sluicectl show", rf"port {PF}: link up"),
    (r".*sluicectl set vf 1 vlan \d+", r"\A\Z"),      # nothing
    (r".*sluicectl metrics", r"^sriov_vf_rx_packets\{"),
    (r".*sluicectl token", r"^[0-9a-f]{8}-[0-9a-f-]{27}$"),
    (r"sluiced --version", r"^sluiced \d"),
    (r"sluiced --schema", r'"num_vfs"'),
    (r"dpdk-testpmd .*", r"testpmd> "),
    (r"\./run soak", r"82599: 1 cycles in"),
    (r"\./run bench restart", r"82599 +63 +operator"),
    (r"\./run bench model", r"^VF -> switch -> VF +\d"),
    (r"\./run bench mailbox", r"^63 VFs, each asks and waits"),
    (r"\./run bench footprint", r"^ +82599 +1 +8 +\d"),
)


class Shell:
    """What a reader's shell has: our programs on the PATH, and the tree around it."""

    def __init__(self, port, source, build):
        self.source, self.build = source, build
        self.programs = f"{port.folder}/bin"
        os.mkdir(self.programs)
        self.program("sluicectl", f"{build}/app/sluicectl/sluicectl "
                                  f"--socket {port.folder}/control.sock")
        self.program("sluiced", f"{build}/app/sluiced/sluiced")

    def program(self, name, command):
        path = f"{self.programs}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec {command} "$@"\n')
        os.chmod(path, 0o755)

    def run(self, command):
        plugins = [f"{self.build}/test/model/attach/librte_bus_sluicemodel.so",
                   f"{self.build}/drivers/net/librte_net_sluice.so"]
        here = re.sub(r"build/gcc/app/\S*/(sluice\w+)", r"\1", command)
        here = here.replace("build/gcc/", self.build + "/")
        # Two processors are not for a poll mode driver alone.
        here = re.sub(r"^dpdk-testpmd ", "dpdk-testpmd --lcores '(0,1)@(0-%d)' -m 128 "
                      "--no-shconf --no-telemetry " % (os.cpu_count() - 1), here)
        here = here.replace(" -- -i", " -- -i --total-num-mbufs=4096")
        for name, what in (("source", self.source), ("build", self.build),
                           ("plugins", ",".join(plugins))):
            here = here.replace(f"{{{name}}}", what)
        return subprocess.run(["bash", "-c", here], check=False, cwd=self.source, text=True,
                              input="quit\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=rig.WAIT_S,
                              env={**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}"})


def try_command(shell, command, instead):
    done = shell.run(instead)
    if done.returncode != 0:
        raise Failed(f"status {done.returncode}: {done.stderr[-500:]}")
    words = next((words for pattern, words in EXPECTED if re.fullmatch(pattern, command)), None)
    if words is None:
        raise Failed("what is it to say? add a row to EXPECTED")
    if not re.search(words, done.stdout + done.stderr, re.M):
        raise Failed(f"does not say {words}: {done.stdout[-500:]}")


def main(source, build):
    told = commands.Commands(source).to_run()
    with Rig(build, "82599", VFS, wire="null") as port:
        port.start_daemon()
        shell = Shell(port, source, build)
        # A VLAN that was set is seen by what is run later.
        order = sorted(told, key=lambda command: " set " not in command)
        tests = [(command, lambda command=command: try_command(shell, command, told[command]))
                 for command in order]
        tests.append(("there are some", lambda: expect(len(told) > 5, True, told)))
        return rig.run(tests)


if __name__ == "__main__":
    sys.exit(main(*map(os.path.abspath, sys.argv[1:])))
