#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""How long VFs and the operator have no daemon when it is killed and its keeper starts it again.

The PF is a model's, which is reset with its process: all of a start is in it, besides opening vfio.
`./run bench restart` is this program.
"""
import json
import os
import random
import select
import signal
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../negative"))
import daemon_test  # noqa: E402
from rig import Failed, Rig, expect, until  # noqa: E402

ACK = 0x80000000
PAUSE_S = (0.2, 0.6)        # between two deaths
LOOK_S = 0.0005


def daemon_pid(port):
    with open(f"{port.folder}/state/lock", encoding="ascii") as file:
        return int(file.read())


def is_dead(pid):
    """Have all of its threads ended, be it not yet reaped?"""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return len(os.listdir(f"/proc/{pid}/task")) == 1 and \
                file.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


class Operator:
    """Asks for what there is until somebody answers."""

    def __init__(self, path):
        self.path, self.socket, self.answer = path, None, b""

    def step(self):
        """@return whether it is answered"""
        if self.socket is None:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(self.path)
                self.socket.sendall(b'{"cmd": "show"}\n')
                self.socket.setblocking(False)
            except OSError:
                self.socket = None
            return False
        try:
            part = self.socket.recv(1 << 16)
        except BlockingIOError:
            return False
        except ConnectionResetError:    # it was the dead one's
            part = b""
        self.answer += part
        if not part:
            self.socket, self.answer = None, b""
            return False
        return self.answer.endswith(b"\n") and json.loads(self.answer)["ok"]


def death(port, hostile):
    """@return seconds until the daemon was gone, VF 0 answered, the operator answered"""
    pid, gone, vf, shown = daemon_pid(port), None, None, None
    operator = Operator(f"{port.folder}/control.sock")
    begin = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    while not is_dead(pid):
        pass
    gone = time.monotonic() - begin
    hostile.process.stdin.write(f"back 0 {daemon_test.RESET:x}\n".encode())
    while vf is None or shown is None:
        if time.monotonic() - begin > 60:
            raise Failed(f"nobody answers {'the VF' if vf is None else 'the operator'}")
        if select.select([hostile.process.stdout], [], [], LOOK_S)[0] and vf is None:
            vf = time.monotonic() - begin
            words = hostile.line().split()
            expect(words[0], "back", "answer")
            expect(int(words[1], 16) & ACK, ACK, "answer to RESET")
        if shown is None and operator.step():
            shown = time.monotonic() - begin
    expect(daemon_pid(port) != pid, True, "another daemon serves")
    return gone, vf, shown


def percentile(values, percent):
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


def measure(build, family, vfs, deaths):
    daemon_test.VFS = 1
    with Rig(build, family, vfs) as port:
        hostile = daemon_test.Hostile(port)
        port.start_daemon(keeper=[port.path("app/sluice-keeper/sluice-keeper")])
        hostile.reset(0)
        found = []
        for _ in range(deaths):
            time.sleep(random.uniform(*PAUSE_S))
            found.append(death(port, hostile))
        until(lambda: port.sluicectl("show"), "sluicectl")
    for what, values in zip(("gone", "VF", "operator"), zip(*found)):
        ms = [1000 * value for value in values]
        print(f"{family:>6} {vfs:>4} {what:>9} {percentile(ms, 50):>8.0f} "
              f"{percentile(ms, 99):>8.0f} {max(ms):>8.0f}", flush=True)


def main(build, deaths):
    print(f"ms from SIGKILL, {deaths} deaths: until the daemon is gone, and another one answers a "
          "VF's RESET, and the operator")
    print(f"{'family':>6} {'VFs':>4} {'until':>9} {'p50':>8} {'p99':>8} {'longest':>8}")
    for family, vfs in (("82576", 7), ("82599", 63)):
        measure(build, family, vfs, deaths)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: restart.py BUILD DEATHS")
    main(sys.argv[1], int(sys.argv[2]))
