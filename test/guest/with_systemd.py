# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What the guest has besides when systemd is its process 1: the host's systemd, with no more
units than it takes to come up and to keep a journal, and what `meson install` lays out of a
build, each file in its own place."""

import os
import subprocess

PROGRAMS = (
    "/lib/systemd/systemd", "/lib/systemd/systemd-journald", "/lib/systemd/systemd-modules-load",
    "/usr/bin/journalctl", "/usr/bin/systemctl", "/usr/bin/systemd-analyze",
    "/usr/bin/systemd-sysusers", "/usr/bin/systemd-tmpfiles",
)

UNITS = (
    "basic.target", "local-fs.target", "multi-user.target", "network-pre.target", "shutdown.target",
    "sockets.target", "sysinit.target", "systemd-journald-dev-log.socket",
    "systemd-journald.service", "systemd-journald.socket", "systemd-modules-load.service",
    "systemd-tmpfiles-setup.service", "umount.target",
)

# What boot.py's --systemd means without a folder.
OF_BUILD = ""

UNIT_DIR = "/lib/systemd/system"

# Of the units above, what is wanted by what: as Debian's package has it.
WANTS = {
    "sockets.target": ("systemd-journald-dev-log.socket", "systemd-journald.socket"),
    "sysinit.target": ("systemd-journald.service", "systemd-modules-load.service",
                       "systemd-tmpfiles-setup.service"),
}


def install(build, to):
    """Runs `meson install` of the build; `to` becomes the root of what it lays out."""
    subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", to],
                   check=True, stdout=subprocess.DEVNULL)
    return to


def installed_files(root):
    """(path in the guest, path on the host) of all that is below `root`."""
    for folder, _, files in os.walk(root):
        for file in files:
            path = os.path.join(folder, file)
            yield "/" + os.path.relpath(path, root), path


def files():
    """(path in the guest, path on the host) of systemd's own."""
    for path in PROGRAMS + tuple(f"{UNIT_DIR}/{name}" for name in UNITS):
        yield path, path
    # Busybox's does not load what is only wished to come along, such as vfio's type 1 IOMMU.
    yield "/usr/sbin/modprobe", "/usr/bin/kmod"


def add_links(archive):
    """The links between units, and what a host has that was set up."""
    archive.add_symlink(f"{UNIT_DIR}/default.target", "multi-user.target")
    for target, units in WANTS.items():
        for unit in units:
            archive.add_symlink(f"{UNIT_DIR}/{target}.wants/{unit}", f"../{unit}")
    archive.add_bytes("/etc/machine-id", b"5e1f0000000000000000000000000001\n")
    archive.add_bytes("/etc/os-release", b"ID=guest\nNAME=guest\n")
