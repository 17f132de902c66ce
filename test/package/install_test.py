#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What `meson install` lays out below DESTDIR, and an application that is built with that.

usage: install_test.py SOURCE BUILD MODEL-PLUGIN PREFIX LIBDIR PMD-DIR CC...
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402

EAL = ["--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "64", "-l", "0"]

FILES = """
bin/sluice-fwd bin/sluicectl libexec/cni/sluice-cni sbin/sluice-keeper sbin/sluiced
include/sluice/aic.h include/sluice/controller.h include/sluice/estimator.h include/sluice/hybrid.h
include/sluice/message.h include/sluice/pool_info.h include/sluice/rte_pmd_sluice.h
include/sluice/rte_pmd_sluice_moderation.h
LIBDIR/libsluice_aic.a LIBDIR/libsluice_hybrid.a LIBDIR/pkgconfig/sluice-aic.pc
LIBDIR/pkgconfig/sluice-hybrid.pc LIBDIR/pkgconfig/sluice-pmd.pc
lib/modprobe.d/sluice.conf lib/modules-load.d/sluice.conf lib/systemd/system/sluiced.service
lib/sysusers.d/sluice.conf lib/tmpfiles.d/sluice.conf
share/bash-completion/completions/sluicectl share/dpdk/telemetry-endpoints/sluice.py
share/man/man1/sluice-fwd.1 share/man/man1/sluicectl.1 share/man/man8/sluice-keeper.8
share/man/man8/sluiced.8 share/sluice/sluiced.schema.json
""".split()


def run(*command, **more):
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)
    assert done.returncode == 0, f"{command[0]}: {done.stdout}"
    return done.stdout


class Install:
    def __init__(self, root, source, build, model, prefix, libdir, pmd_dir, *compiler):
        self.root, self.source, self.model = root, source, model
        self.prefix, self.libdir, self.pmd_dir = prefix, f"{prefix}/{libdir}", pmd_dir
        self.compiler, self.program = compiler, f"{root}/use"
        self.wanted = {f"{prefix}/{path.replace('LIBDIR', libdir)}" for path in FILES}
        run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", root)

    def flags(self, which, *names):
        """pkg-config's, of files that know no place but the one they are made for."""
        moved = f"{self.root}/moved"
        shutil.copytree(f"{self.root}{self.libdir}/pkgconfig", moved, dirs_exist_ok=True)
        for name in os.listdir(moved):
            with open(f"{moved}/{name}", "r+", encoding="utf-8") as file:
                text = re.sub(r"^(prefix|pmd_dir)=/", rf"\1={self.root}/", file.read(), flags=re.M)
                file.seek(0)
                file.write(text)
        return run("pkg-config", which, *names,
                   env={**os.environ, "PKG_CONFIG_PATH": moved}).split()

    def test_all_files_are_there(self):
        found = set()
        for folder, _, files in os.walk(self.root):
            found |= {f"{folder}/{file}".removeprefix(self.root) for file in files}
        found -= {path for path in found if path.startswith("/moved/")} | {"/use"}
        wanted = self.wanted | {f"{self.pmd_dir}/librte_net_sluice.so"}
        assert found == wanted, f"missing {wanted - found}, unexpected {found - wanted}"

    def test_plugin_is_where_dpdk_looks(self):
        """Which the library itself knows."""
        eal = run("cc", "-print-file-name=librte_eal.so").strip()
        with open(eal, "rb") as file:
            assert self.pmd_dir.encode() + b"\0" in file.read(), self.pmd_dir

    def test_no_program_needs_the_build_tree(self):
        for name in ("bin/sluice-fwd", "bin/sluicectl", "sbin/sluiced"):
            dynamic = run("readelf", "-d", f"{self.root}{self.prefix}/{name}")
            assert "RUNPATH" not in dynamic and "RPATH" not in dynamic, dynamic

    def test_unit_names_the_installed_programs(self):
        with open(f"{self.root}{self.prefix}/lib/systemd/system/sluiced.service",
                  encoding="utf-8") as file:
            text = file.read()
        for key, program in (("ExecStart", "sbin/sluiced"), ("ExecReload", "bin/sluicectl")):
            assert f"\n{key}={self.prefix}/{program} " in text, text

    def test_application_is_built_and_runs(self):
        names = ("sluice-hybrid", "sluice-pmd")
        run(*self.compiler, "-Wall", "-Wextra", "-Werror", *self.flags("--cflags", *names),
            "-o", self.program, f"{self.source}/test/package/use.c", *self.flags("--libs", *names))
        said = run(self.program, *EAL, "-d", self.model, "--vdev",
                   "sluicemodel0,family=82599,vfs=1,wire=loop")
        assert re.search(r"^net_sluice_pf, [1-9]\d* ns$", said, re.M), said

    def test_example_is_built(self):
        run(*self.compiler, "-Wall", "-Wextra", "-Werror", *self.flags("--cflags", "sluice-hybrid"),
            "-o", self.program, f"{self.source}/examples/hybrid-l2fwd/main.c",
            *self.flags("--libs", "sluice-hybrid"))

    def test_each_pkg_config_file_is_enough(self):
        """A program that includes all of its headers compiles with its flags alone."""
        for name, header in (("sluice-aic", "controller.h"), ("sluice-hybrid", "hybrid.h"),
                             ("sluice-pmd", "rte_pmd_sluice_moderation.h")):
            run(*self.compiler, "-Werror", *self.flags("--cflags", name), "-fsyntax-only", "-xc",
                "-", input=f"#include <{header}>\nint main(void) {{ return 0; }}\n")


def main(source, build, *args):
    # EAL loads nothing from below a folder that anybody may write to.
    with tempfile.TemporaryDirectory(dir=build) as folder:
        os.chmod(folder, 0o755)
        install = Install(folder, source, build, *args)
        return tap.run(tap.methods(install), (AssertionError, OSError))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
