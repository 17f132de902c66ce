#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Builds the site of doc/ into build/docs; `./run docs` is this program.

usage: build.py BUILD_FOLDER

BUILD_FOLDER has the programs, whose reference pages are made of what they print. A warning of
Sphinx or Doxygen is an error. What it makes needs no server and no network: build/docs/index.html.
"""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, f"{ROOT}/test/docs"]
import commands                     # noqa: E402
import reference                    # noqa: E402
from stage import Problem, Stage, read, write       # noqa: E402

SITE, STAGE, EXTRA = (f"{ROOT}/build/docs{part}" for part in ("", "-source", "-extra"))
# What would be fetched from somewhere else when a page is shown.
REMOTE = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"(?:https?:)?//|"
                    r"<link\b(?![^>]*rel=\"canonical\")[^>]*\bhref=\"(?:https?:)?//|"
                    r"@import\s+(?:url\()?[\"']?(?:https?:)?//|url\([\"']?(?:https?:)?//")


def stage(build):
    for folder in (STAGE, EXTRA):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    made = Stage(ROOT, STAGE, EXTRA)
    made.stage_pages()
    made.folder_index("decisions", "Decisions")
    made.copy_source("test/pmd/introspect_features.c")
    names, made_pages = [], reference.pages(build)
    made_pages["commands"] = commands.Commands(ROOT).markdown()
    for name, text in made_pages.items():
        names.append(f"reference/{name}")
        write(f"{STAGE}/reference/{name}.md", text)
    made.stage_index(names)


def run_sphinx():
    version = re.search(r"version: '([^']*)'", read(f"{ROOT}/meson.build"))[1]
    subprocess.run([sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going",
                    "-E", "-j", "2", "-d", f"{ROOT}/build/docs-doctrees", "-c", HERE, STAGE, SITE],
                   check=True, env={**os.environ, "SLUICE_VERSION": version,
                                     "SLUICE_EXTRA": EXTRA})


def run_doxygen():
    settings = read(f"{HERE}/Doxyfile") + f"\nOUTPUT_DIRECTORY = {SITE}\n"
    subprocess.run(["doxygen", "-"], check=True, cwd=ROOT, input=settings, text=True)


def look_for_remote_parts():
    for folder, _, files in os.walk(SITE):
        for name in files:
            path = os.path.join(folder, name)
            if name.endswith((".html", ".css")) and REMOTE.search(read(path)):
                raise Problem(f"{path}: {REMOTE.search(read(path))[0]} is not of this site")


def main(build):
    shutil.rmtree(SITE, ignore_errors=True)
    try:
        stage(build)
        run_sphinx()
        run_doxygen()
        look_for_remote_parts()
    except (Problem, ValueError, KeyError) as problem:
        sys.exit(f"docs: {problem}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"docs: {error.cmd[0]} ended with status {error.returncode}")
    for folder in (STAGE, EXTRA, f"{ROOT}/build/docs-doctrees"):
        shutil.rmtree(folder)
    nb = sum(name.endswith(".html") for _, _, files in os.walk(SITE) for name in files)
    print(f"build/docs/index.html: {nb} pages")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(64)
    main(os.path.abspath(sys.argv[1]))
