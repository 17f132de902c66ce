#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What sluiced costs the machine that it runs on: memory, and time while nobody asks.

Each port is a model's, in a process of its own; `./run bench footprint` is this program.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

VFS = 8
START_SECONDS = 60
REST_SECONDS = 6        # after which the daemon looks for events at its slowest
TICKS = os.sysconf("SC_CLK_TCK")


class Setup:
    """Models, and a daemon that has all of their PFs."""

    def __init__(self, build, family, ports):
        self._build, self._running = build, []
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-footprint.")
        path = self.folder.name
        sockets = [f"{path}/nic{port}" for port in range(ports)]
        for socket in sockets:
            self._start("test/model/server/sluice-model", "--listen", socket, "--family", family,
                        "--vfs", str(VFS), "--wire", "null", waits_for=socket)
        config = {
            "control_socket": f"{path}/control.sock", "state_dir": f"{path}/state",
            "hugepages_mb": 64, "log_level": "error",
            "eal": ["--no-huge", "--no-pci"] + [
                f"--vdev=sluicemodel{port},connect={socket},function=pf,doorbell=poll"
                for port, socket in enumerate(sockets)],
            "ports": [{"pci": f"0000:{0xf0 + port:02x}:00.0", "num_vfs": VFS, "external": True}
                      for port in range(ports)],
        }
        with open(f"{path}/sluiced.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        self.daemon = self._start("test/model/server/sluiced-on-model", "-c",
                                  f"{path}/sluiced.json", waits_for=config["control_socket"])

    def _start(self, program, *arguments, waits_for):
        process = subprocess.Popen([os.path.join(self._build, program), *arguments],
                                   stdout=subprocess.DEVNULL)
        self._running.append(process)
        end = time.monotonic() + START_SECONDS
        while not os.path.exists(waits_for):
            if process.poll() is not None or time.monotonic() > end:
                self.stop()
                sys.exit(f"footprint: {os.path.basename(program)} does not start")
            time.sleep(0.02)
        return process.pid

    def stop(self):
        for process in reversed(self._running):
            process.terminate()
        for process in self._running:
            process.wait()
        self.folder.cleanup()


def memory_mb(pid):
    """(resident, and of that its own)"""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        sizes = {line.split()[0]: int(line.split()[1]) for line in file.readlines()[1:]}
    own = sizes["Private_Clean:"] + sizes["Private_Dirty:"]
    return sizes["Rss:"] / 1024, own / 1024


def busy_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(build, family, ports, seconds):
    setup = Setup(build, family, ports)
    try:
        time.sleep(REST_SECONDS)
        before, begin = busy_seconds(setup.daemon), time.monotonic()
        time.sleep(seconds)
        busy = (busy_seconds(setup.daemon) - before) / (time.monotonic() - begin)
        resident, own = memory_mb(setup.daemon)
    finally:
        setup.stop()
    print(f"{family:>6} {ports:>6} {ports * VFS:>5} {resident:>12.1f} {own:>8.1f} "
          f"{100 * busy:>11.2f}", flush=True)


def main(build, seconds, families=("82599", "x550"), numbers=(1, 2, 4, 8)):
    print(f"{'family':>6} {'ports':>6} {'VFs':>5} {'resident MB':>12} {'own MB':>8} "
          f"{'% of a core':>11}")
    for family in families:
        for ports in numbers:
            measure(build, family, ports, seconds)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 5):
        sys.exit("usage: footprint.py BUILD SECONDS [FAMILY PORTS]")
    main(sys.argv[1], int(sys.argv[2]),
         *([part] for part in (*sys.argv[3:4], *map(int, sys.argv[4:]))))
