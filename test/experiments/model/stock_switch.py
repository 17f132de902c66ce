#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A stock testpmd as the software switch between two tenants with virtio-user, for E5.

usage: stock_switch.py ROUNDS MS SIZES [--anywhere]

The tenants are the ports of a second testpmd, on the other processor, and send each other what
they receive. Both count the cycles of bursts that are not empty (--record-core-cycles).
"""
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "../../conformance"))

from testpmd import Testpmd  # noqa: E402  pylint: disable=wrong-import-position

RING = 256		# as in the other setups; setup.h
BURSTS = 6		# of 32 frames, on their way in each direction: fewer than a ring holds
WARM_UP_S = 0.2
CRC_BYTES = 4
CYCLES = re.compile(r"CPU cycles/packet=([\d.]+) .* at (\d+) MHz")


def processors(anywhere):
    """@return lcores of the switch and of the tenants: one that waits, one that polls"""
    cpus = sorted(os.sched_getaffinity(0))
    if anywhere or len(cpus) < 2:
        everywhere = ",".join(map(str, cpus))
        return [f"0@({everywhere}),1@({everywhere})"] * 2
    return f"0@{cpus[0]},1@{cpus[1]}", f"0@{cpus[0]},1@{cpus[0]}"


def start(name, lcores, vdevs):
    eal = [word for vdev in vdevs for word in ("--vdev", vdev)]
    return Testpmd(["dpdk-testpmd", "--lcores", lcores, "--no-huge", "-m", "256", "--no-pci",
                    "--no-shconf", "--no-telemetry", "--file-prefix", f"{name}-{os.getpid()}",
                    *eal, "--", "-i", "--nb-cores=1", "--forward-mode=io",
                    "--total-num-mbufs=4096", f"--rxd={RING}", f"--txd={RING}",
                    "--disable-link-check", "--record-core-cycles"])


def cycles_ns(testpmd):
    """Of a frame, since the figures were cleared."""
    text = testpmd.do("show fwd stats all")
    match = CYCLES.search(text)
    if match is None:
        sys.exit(f"no frame passes testpmd: {text}")
    return float(match[1]) * 1000 / int(match[2])


def measure(switch, tenants, size, seconds):
    """@return ns of a frame: the switch's, both tenants'"""
    tenants.do(f"set txpkts {size}")
    tenants.do(f"start tx_first {BURSTS}")
    time.sleep(WARM_UP_S)
    for testpmd in (switch, tenants):
        testpmd.do("clear fwd stats all")
    time.sleep(seconds)
    found = cycles_ns(switch), cycles_ns(tenants)
    tenants.do("stop")
    # What is still on its way is not to meet frames of another size.
    tenants.do("set fwd rxonly")
    tenants.do("start")
    time.sleep(WARM_UP_S)
    tenants.do("stop")
    tenants.do("set fwd io")
    return found


def report(size, number, host, of_tenants):
    for metric, value in (("cpu", host + of_tenants), ("cpu_tenants", of_tenants),
                          ("cpu_host", host)):
        print(f'RESULT {{"experiment": "E5", "setup": "pv-testpmd", "place": "model", '
              f'"x": {{"size": {size + CRC_BYTES}, "tenants": 2}}, "metric": "{metric}", '
              f'"value": {value:.4f}, "unit": "ns a frame", "round": {number}}}', flush=True)


def main(rounds, ms, sizes, *more):
    of_switch, of_tenants = processors("--anywhere" in more)
    switch = start("switch", of_switch, [f"net_vhost{i},iface=stock{i}" for i in (0, 1)])
    tenants = None
    try:
        tenants = start("tenants", of_tenants, [
            f"net_virtio_user{i},path=stock{i},queue_size={RING}" for i in (0, 1)])
        switch.do("start")
        for number in range(1, int(rounds) + 1):
            for size in map(int, sizes.split(",")):
                report(size, number, *measure(switch, tenants, size, int(ms) / 1000))
    finally:
        for testpmd in (tenants, switch):
            if testpmd is not None:
                testpmd.quit()


if __name__ == "__main__":
    main(*sys.argv[1:])
