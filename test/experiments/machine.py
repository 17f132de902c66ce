# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What a run was made on and with."""
import datetime
import os
import platform
import re
import subprocess

UNKNOWN = "not there"


def said(*command):
    """The first line that a program prints, or that it is not there."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              check=False)
    except FileNotFoundError:
        return UNKNOWN
    lines = done.stdout.splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else UNKNOWN


def line_of(path, pattern):
    try:
        with open(path, encoding="utf-8") as file:
            match = re.search(pattern, file.read(), re.MULTILINE)
    except OSError:
        return UNKNOWN
    return match[1].strip() if match else UNKNOWN


def memory():
    kb = line_of("/proc/meminfo", r"^MemTotal:\s*(\d+) kB")
    return f"{int(kb) / 2**20:.0f} GiB" if kb.isdigit() else kb


def is_virtual():
    return "yes" if re.search(r"\bhypervisor\b", line_of("/proc/cpuinfo", r"^flags\s*:(.*)$")) \
        else "no"


def revision(root):
    """Of the tree; with a plus if something of it is not committed."""
    commit = said("git", "-C", root, "rev-parse", "--short=12", "HEAD")
    done = subprocess.run(["git", "-C", root, "status", "--porcelain", "-uno"], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return commit + ("+" if done.stdout else "")


def describe(root, quick, build):
    """@param build  what the programs are of. @return what it is -> text"""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "set": "quick: shows that it works, its figures are worth nothing" if quick else "full",
        "revision": revision(root),
        "programs": build,
        "processor": line_of("/proc/cpuinfo", r"^model name\s*:(.*)$"),
        "processors": str(os.cpu_count()),
        "virtual machine": is_virtual(),
        "memory": memory(),
        "kernel": platform.release(),
        "DPDK": said("pkg-config", "--modversion", "libdpdk"),
        "QEMU": said("qemu-system-x86_64", "--version"),
        "compiler": said("gcc", "--version"),
    }
