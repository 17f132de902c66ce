# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""DPDK's example programs, built from their source as it is."""

import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(ROOT, "build", "dpdk-sdk", "examples")
BUILT = os.path.join(ROOT, "build", "conformance", "examples")
CARRIED = "/host/examples"      # in the guest, where nothing can be built
EXAMPLES = ("l2fwd", "l3fwd-power", "link_status_interrupt", "rxtx_callbacks")


def words(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def build(name):
    """The program, from the source as it is."""
    if os.path.exists(CARRIED):
        return os.path.join(CARRIED, name)
    folder, program = os.path.join(SOURCE, name), os.path.join(BUILT, name)
    if os.path.exists(program):
        return program
    os.makedirs(BUILT, exist_ok=True)
    sources = [os.path.join(folder, file) for file in sorted(os.listdir(folder))
               if file.endswith(".c")]
    done = subprocess.run(
        ["cc", "-O2", "-w", "-DALLOW_EXPERIMENTAL_API", *words(["pkg-config", "--cflags",
         "libdpdk"]), "-I", os.path.join(SOURCE, "common"), "-I", folder, *sources, "-o",
         program, *words(["pkg-config", "--libs", "libdpdk"])],
        capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{name} does not build: {done.stderr}")
    return program


def build_all():
    for name in EXAMPLES:
        build(name)
