#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Check the source text against the house rules, a TAP line for each.

usage: check.py [--self-test] [root]

What a compiler cannot know: who may include whom, how long a function may be, and words that do
not belong here. A missing tool is a failure, not a skip. --self-test shows instead that each rule
finds what it is there to find.
"""
import os
import re
import subprocess
import sys
import tempfile

COLUMNS = 100
FUNCTION_LINES = 60
FILE_LINES = 600

# Who may include the headers of whom, besides its own: folders, or single headers. A folder that
# is not listed here has not been thought about, and fails.
PUBLIC_PF = "drivers/net/pf/rte_pmd_sluice.h"
MODERATION = "drivers/net/queue/rte_pmd_sluice_moderation.h"
LIBS = ["lib/reg", "lib/mailbox", "lib/policy", "lib/watch", "lib/service", "lib/iov", "lib/config",
        "lib/control", "lib/aic", "lib/hybrid", "lib/version"]
COMPAT = "drivers/net/dpdk_compat.h"
DRIVER_COMMON = [COMPAT, "drivers/net/devargs.h"]
MAY_INCLUDE = {
    "lib/reg": [],
    "lib/mailbox": [],
    "lib/policy": ["lib/mailbox/message.h"],
    "lib/watch": [],
    "lib/service": ["lib/mailbox", "lib/policy", "lib/watch"],
    "lib/iov": [],
    "lib/aic": [],
    "lib/hybrid": ["lib/aic", MODERATION],
    "lib/config": ["lib/mailbox/message.h", "lib/policy", "lib/watch"],
    "lib/control": ["lib/mailbox/message.h", "lib/policy", "lib/config"],
    "drivers/net/queue": ["lib/reg"] + DRIVER_COMMON,
    "drivers/net/pf": ["lib/reg", "lib/mailbox", "drivers/net/queue"] + DRIVER_COMMON,
    "drivers/net/vf": ["lib/reg", "lib/mailbox", "drivers/net/queue"] + DRIVER_COMMON,
    "drivers/net/pch": DRIVER_COMMON,
    # The plugin's entry composes driver and default service.
    "drivers/net": [PUBLIC_PF, "drivers/net/pf/default_service.h", "lib/mailbox", "lib/policy",
                    "lib/service"],
    "app/sluiced": LIBS + DRIVER_COMMON + [PUBLIC_PF, "drivers/net/pf/pf_probe.h"],
    # What the daemon keeps of them, byte by byte.
    "app/sluiced/books": ["lib/service", "drivers/net/pf"],
    "app/sluice-cni": ["lib/mailbox/message.h", "lib/policy", "lib/config", "lib/control"],
    "app/sluicectl": ["lib/mailbox/message.h", "lib/policy", "lib/config", "lib/control",
                      "lib/iov", "lib/version"],
    "app/sluice-fwd": ["lib/aic", "lib/hybrid", "lib/version", COMPAT],
    "app/sluice-keeper": ["lib/version"],
    "examples/": ["lib/aic", "lib/hybrid"],
    "test/model": ["lib/mailbox", "lib/policy", "lib/service", "test/unit"],
    "test/model/": ["test/model/", "test/unit/cases.h"],
    "test/unit": LIBS + ["app/sluice-fwd", "test/traffic"],
    "test/unit/": LIBS + DRIVER_COMMON + [
        "drivers/net/queue", "drivers/net/vf", "drivers/net/pf/rte_pmd_sluice.h", "app/",
        "test/traffic", "test/unit",
    ],
    "test/fuzz": LIBS + ["drivers/net/queue", "drivers/net/vf", "test/model", "test/unit",
                         "test/unit/queue"] + DRIVER_COMMON,
    "test/negative": LIBS + [PUBLIC_PF, "test/fuzz", "test/model", "test/unit", "test/unit/host"],
    "test/regmap": ["lib/reg", "lib/mailbox", "drivers/net/queue", "drivers/net/pf",
                    "drivers/net/vf", "test/model/nic"] + DRIVER_COMMON,
    "test/pmd": ["lib/mailbox", "lib/policy", "lib/watch", "lib/service", PUBLIC_PF,
                 "lib/aic", "lib/hybrid", MODERATION],
    # A PF's death, in the middle of the driver.
    "test/pmd/takeover": ["lib/mailbox", "lib/service", "drivers/net/pf", "test/pmd"],
    "test/agree": [],
    "test/bench/": ["lib/aic", "lib/hybrid", "drivers/net/queue/rte_pmd_sluice_moderation.h",
                    "test/bench/common", "test/model/", "test/traffic"],
    # The device is that of the benchmarks.
    "test/experiments/": ["test/bench/", "test/model/", "test/traffic"],
    # As an application of somebody else.
    "test/package": [],
    "test/traffic": [],
    "test/guest": [],
}
# No DPDK here: what is pure, and what must run where no DPDK is.
NO_DPDK = ["lib/mailbox/", "lib/policy/", "lib/watch/", "lib/service/", "lib/iov/", "lib/config/",
           "lib/control/", "lib/aic/", "lib/version/", "app/sluicectl/", "test/model/nic/",
           "test/model/datapath/", "test/model/wire/"]
# The version is meson's; who else has to name it.
VERSION_OF = {
    "meson.build": re.compile(r"^ +version: '(.*)',$", re.M),
    "CHANGELOG.md": re.compile(r"^## (\S+)", re.M),
    "debian/changelog": re.compile(r"^sluice \((.*)\) ", re.M),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
RELEASE_TEST = re.compile(r"\bRTE_VER(SION(_NUM)?|_YEAR|_MONTH|_MINOR)\b")
FAMILY_TEST = re.compile(r"mac\.type|\bis_82599|\bis_82576")
# cmocka 2 has other names for these, and lets nobody use the old ones.
RENAMED_CALL = re.compile(r"\bassert_(not_)?in_(range|set)\s*\(")
LOG_CALL = re.compile(r"\b(rte_v?log|[A-Z0-9_]*LOG|[A-Z0-9_]*LOG_DP|v?f?printf|puts|syslog)\s*\(")
UNWANTED = re.compile(
    r"\b(master|slave|blacklist|whitelist)|\b(TODO|FIXME|XXX|HACK)\b", re.IGNORECASE)
# Names that others gave: PCI's, and TAP's mark of a test that is expected to fail.
GIVEN_NAMES = re.compile(r"\b(GIO_|bus )master\w*|# \*TODO", re.IGNORECASE)
HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io|rubygems\.org|proxy\.golang\.org"
    r"|conda\.anaconda\.org|docker\.io|quay\.io|ghcr\.io|(deb|archive|security)\.(debian|ubuntu)\.")
# A link to a file of the tree; whose text, of a file of tests, is the name of one in backticks.
LINK = re.compile(r"\[([^\]\[]*)\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|home/\w+|root|tmp/src|mnt/\w+)/")


class Source:
    """The text files of a tree."""

    def __init__(self, root):
        self.root = root
        self.paths = sorted(self._list())
        self.text = {}
        for path in self.paths:
            with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
                self.text[path] = f.read()
        self.headers = {}
        for path in self.paths:
            if path.endswith(".h"):
                self.headers.setdefault(os.path.basename(path), []).append(path)

    def _list(self):
        # git knows which files are products; a tree without git has none, but for build folders.
        if os.path.exists(os.path.join(self.root, ".git")):
            out = subprocess.run(
                ["git", "-C", self.root, "ls-files", "-co", "--exclude-standard"],
                check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        else:
            out = []
            for folder, folders, files in os.walk(self.root):
                folders[:] = [f for f in folders if not f.startswith((".", "build"))]
                out += [os.path.relpath(os.path.join(folder, f), self.root) for f in files]
        return [p for p in out if is_text(p) and os.path.isfile(os.path.join(self.root, p))]

    def lines(self, wanted):
        """(path, number, line) of all files that wanted(path) accepts."""
        for path in self.paths:
            if wanted(path):
                for number, line in enumerate(self.text[path].splitlines(), 1):
                    yield path, number, line


def is_c(path):
    return path.endswith((".c", ".h"))


def is_packaging(path):
    """What dpkg runs: make and shell, in files whose names it prescribes."""
    return path == "debian/rules" or \
        path.startswith("debian/") and path.endswith(("inst", "rm"))


def is_source(path):
    return is_c(path) or path.endswith((".py", ".sh", "meson.build")) or is_packaging(path) or \
        os.path.basename(path) in ("run", "meson_options.txt")


def is_text(path):
    return is_source(path) or path in VERSION_OF or \
        path.endswith((".md", ".json", ".yml", ".yaml", ".txt", ".conf"))


def not_here(path):
    """These rules name the words they forbid."""
    return not path.startswith("test/style/")


def granted(path):
    """The longest entry of MAY_INCLUDE that holds for a file; one ending in / holds below it."""
    folder = os.path.dirname(path)
    if folder in MAY_INCLUDE:
        return folder, MAY_INCLUDE[folder]
    for key in sorted(MAY_INCLUDE, key=len, reverse=True):
        if key.endswith("/") and path.startswith(key):
            return key, MAY_INCLUDE[key]
    return None, None


def allowed(header, grants):
    for grant in grants:
        if header == grant or os.path.dirname(header) == grant or \
                (grant.endswith("/") and header.startswith(grant)):
            return True
    return False


def check_includes(source):
    """a folder includes only the headers of those below it"""
    for path, number, line in source.lines(is_c):
        match = INCLUDE.match(line)
        if match is None or match.group(1) != '"':
            continue
        name = match.group(2)
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if beside in source.text and not name.startswith(".."):
            continue
        owners = source.headers.get(os.path.basename(name), [])
        folder, grants = granted(path)
        if grants is None:
            yield f"{path}:{number}: no rule for this folder"
        elif name.startswith("..") or not any(allowed(owner, grants) for owner in owners):
            yield f"{path}:{number}: {folder} may not include {name}"


def check_model(source):
    """test/model includes nothing from drivers/"""
    for path, number, line in source.lines(lambda p: is_c(p) and p.startswith("test/model/")):
        match = INCLUDE.match(line)
        if match is None:
            continue
        owners = source.headers.get(os.path.basename(match.group(2)), [])
        if "drivers/" in match.group(2) or \
                (owners and all(owner.startswith("drivers/") for owner in owners)):
            yield f"{path}:{number}: {match.group(2)}"


def check_no_dpdk(source):
    """the libraries without I/O, and the model, know no DPDK"""
    for path, number, line in source.lines(lambda p: is_c(p) and p.startswith(tuple(NO_DPDK))):
        match = INCLUDE.match(line)
        if match and match.group(1) == "<" and match.group(2).startswith(("rte_", "ethdev_")):
            yield f"{path}:{number}: {match.group(2)}"


def check_release_tests(source):
    """DPDK's release is asked for in dpdk_compat.h only"""
    for path, number, line in source.lines(lambda p: is_source(p) and p != COMPAT and not_here(p)):
        if RELEASE_TEST.search(line):
            yield f"{path}:{number}: {line.strip()}"


def check_family_tests(source):
    """what a family is like is asked in family_*.c only"""
    for path, number, line in source.lines(
            lambda p: is_c(p) and not os.path.basename(p).startswith("family_")):
        if FAMILY_TEST.search(line):
            yield f"{path}:{number}: {line.strip()}"


def check_renamed_calls(source):
    """no call of cmocka that has another name from release to release"""
    for path, number, line in source.lines(is_c):
        if RENAMED_CALL.search(line) and not line.lstrip().startswith(("/*", "*")):
            yield f"{path}:{number}: {line.strip()}"


def check_burst_logs(source):
    """the burst files log nothing"""
    for path, number, line in source.lines(lambda p: p.endswith("_burst.c")):
        if LOG_CALL.search(line):
            yield f"{path}:{number}: {line.strip()}"


def check_function_lengths(source):
    """no function is longer than 60 lines"""
    files = [p for p in source.paths if is_c(p)]
    if not files:
        return
    out = subprocess.run(
        ["ctags", "-x", "--_xformat=%{input}\t%{line}\t%{end}\t%{name}", "--languages=C",
         "--langmap=C:.c.h", "--kinds-C=f", "--fields=+ne", "-L", "-"],
        cwd=source.root, input="\n".join(files), check=True, stdout=subprocess.PIPE, text=True)
    found = 0
    for row in out.stdout.splitlines():
        path, first, last, name = row.split("\t")
        found += 1
        length = int(last) - int(first) + 1
        if length > FUNCTION_LINES:
            yield f"{path}:{first}: {name}() has {length} lines"
    if found == 0:
        yield "ctags found no function at all"


def check_file_lengths(source):
    """no source file is longer than 600 lines"""
    for path in source.paths:
        nb = len(source.text[path].splitlines())
        if is_source(path) and nb > FILE_LINES:
            yield f"{path}: {nb} lines"


def check_columns(source):
    """no line of a source file is wider than 100 columns"""
    for path, number, line in source.lines(is_source):
        width = len(line.expandtabs(8))
        if width > COLUMNS:
            yield f"{path}:{number}: {width} columns"


def check_spdx(source):
    """every source file names its licence at the top"""
    for path in source.paths:
        head = source.text[path].splitlines()[:2]
        if is_source(path) and not any("SPDX-License-Identifier: BSD-3-Clause" in h for h in head):
            yield path


def check_words(source):
    """no word of the list of unwanted ones"""
    for path, number, line in source.lines(not_here):
        if UNWANTED.search(GIVEN_NAMES.sub("", line)):
            yield f"{path}:{number}: {line.strip()}"


def check_hosts(source):
    """no host of a package registry"""
    for path, number, line in source.lines(not_here):
        if HOSTS.search(line):
            yield f"{path}:{number}: {line.strip()}"


def check_machine_paths(source):
    """no path that exists on one machine only"""
    for path, number, line in source.lines(not_here):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: {line.strip()}"


def check_white_space(source):
    """no white space at a line's end, a line's end at each file's"""
    for path, number, line in source.lines(is_source):
        if line != line.rstrip():
            yield f"{path}:{number}: white space at the end"
    for path in source.paths:
        if is_source(path) and source.text[path] and not source.text[path].endswith("\n"):
            yield f"{path}: no end of the last line"


def is_test(text, file):
    """Is a link of this text to this file one to a test by its name?"""
    return file.startswith("test/") and file.endswith((".c", ".py", ".sh")) and \
        re.fullmatch(r"`\w+`", text) is not None


def check_links(source):
    """no link to a file that is not there, none by a test's name to a file without it"""
    for path, number, line in source.lines(lambda path: path.endswith(".md")):
        for text, target in LINK.findall(line):
            file = os.path.normpath(os.path.join(os.path.dirname(path), target))
            if not os.path.exists(os.path.join(source.root, file)):
                yield f"{path}:{number}: {target} is not there"
            elif is_test(text, file) and text.strip("`") not in source.text[file]:
                yield f"{path}:{number}: {text} is not in {file}"


def check_version(source):
    """one version: the changelogs' latest is that of the build"""
    found = {}
    for path, pattern in VERSION_OF.items():
        match = pattern.search(source.text.get(path, ""))
        if match is None:
            yield f"{path}: no version in it"
        else:
            found[path] = match[1]
    if len(set(found.values())) > 1:
        yield ", ".join(f"{path} has {version}" for path, version in found.items())


RULES = [
    check_includes, check_model, check_no_dpdk, check_release_tests, check_family_tests,
    check_renamed_calls, check_burst_logs, check_function_lengths, check_file_lengths,
    check_columns, check_spdx, check_words, check_hosts, check_machine_paths,
    check_white_space, check_links, check_version,
]

# For each rule a tree that breaks it, and one that looks like it but does not.
SPDX = "/* SPDX-License-Identifier: BSD-3-Clause */\n"
LONG = "int\nf(void)\n{\n" + "\tg();\n" * 57 + "}\n"
SAMPLES = {
    check_includes: (
        {"lib/policy/p.c": '#include "service.h"\n', "lib/service/service.h": ""},
        {"lib/service/s.c": '#include "policy.h"\n', "lib/policy/policy.h": ""}),
    check_model: (
        {"test/model/m.c": '#include "regs.h"\n', "drivers/net/pf/regs.h": ""},
        {"test/model/m.c": '#include "channel.h"\n', "lib/mailbox/channel.h": ""}),
    check_no_dpdk: (
        {"lib/service/s.c": "#include <rte_ether.h>\n"},
        {"drivers/net/pf/p.c": "#include <rte_ether.h>\n"}),
    check_release_tests: (
        {"drivers/net/pf/pool.c": "#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)\n"},
        {COMPAT: "#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)\n",
         "drivers/net/pf/pool.c": "#define ALLOW_INTERNAL_API\n"}),
    check_family_tests: (
        {"drivers/net/pf/pool.c": "if (hw->mac.type == X)\n"},
        {"drivers/net/queue/family_82576.c": "bool is_82576 = true;\n"}),
    check_renamed_calls: (
        {"test/unit/a.c": "\tassert_in_range(n, 1, 2);\n"},
        {"test/unit/a.c": "/* cmocka's assert_in_range() has another name */\n"
                          "\tassert_true(between(n, 1, 2));\n"}),
    check_burst_logs: (
        {"drivers/net/queue/rx_burst.c": '\tQUEUE_LOG(ERR, "no");\n'},
        {"drivers/net/queue/rxq.c": '\tQUEUE_LOG(ERR, "yes");\n',
         "drivers/net/queue/tx_burst.c": "catalog(1);\n"}),
    check_function_lengths: (
        {"lib/reg/a.c": LONG.replace("{\n", "{\n\tg();\n")},
        {"lib/reg/a.c": LONG}),
    check_file_lengths: (
        {"lib/reg/a.c": "\n" * 601}, {"lib/reg/a.c": "\n" * 600, "doc/a.md": "\n" * 999}),
    check_columns: (
        {"lib/reg/a.c": "\t" + "x" * 93 + "\n"}, {"lib/reg/a.c": "\t" + "x" * 92 + "\n"}),
    check_spdx: (
        {"lib/reg/a.c": "int x;\n"},
        {"lib/reg/a.c": SPDX, "run": "#!/bin/sh\n# SPDX-License-Identifier: BSD-3-Clause\n"}),
    check_words: (
        {"lib/reg/a.c": f"/* {'fixme'.upper()} */\n"},
        {"lib/reg/a.c": "#define CTRL_GIO_MASTER_DISABLE 1\n/* mktemp XXXXXX */\n"}),
    check_hosts: ({"devtools/a.sh": "curl https://pypi.org/\n"}, {"devtools/a.sh": "apt-get\n"}),
    check_machine_paths: (
        {"doc/a.md": f"see {os.path.join(os.sep, 'home', 'user', 'x')}\n"},
        {"doc/a.md": f"see {os.path.join('test', 'work', 'x')} and /dev/vfio\n"}),
    check_white_space: ({"lib/reg/a.c": "int x; \n"}, {"lib/reg/a.c": "int x;\n\n"}),
    check_links: (
        {"doc/a.md": "[`x`](../test/t.py)\n", "test/t.py": "y\n"},
        {"doc/a.md": "[`y`](../test/t.py) [b](b.md#c) [d](../test) [w](https://w.org)\n",
         "doc/b.md": "", "test/t.py": "y\n"}),
    check_version: (
        {"meson.build": "    version: '2',\n", "CHANGELOG.md": "## 2\n",
         "debian/changelog": "sluice (1) unstable\n"},
        {"meson.build": "    version: '2',\n    meson_version: '>= 1.0',\n",
         "CHANGELOG.md": "# Changes\n\n## 2 (today)\n\n## 1\n",
         "debian/changelog": "sluice (2) unstable\n\nsluice (1) unstable\n"}),
}


def violations_of(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
        return list(rule(Source(root)))


def self_test(rule):
    wrong, right = SAMPLES[rule]
    if not violations_of(rule, wrong):
        yield "does not find a violation"
    yield from violations_of(rule, right)


def report(check, subject):
    """Print one TAP line for each rule; returns whether all hold."""
    all_hold = True
    print(f"1..{len(RULES)}")
    for number, rule in enumerate(RULES, 1):
        try:
            found = list(check(rule, subject))
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            found = [f"cannot be checked: {error}"]
        all_hold &= not found
        print(f"{'not ' if found else ''}ok {number} - {rule.__doc__}")
        for violation in found:
            print(f"# {violation}")
    return all_hold


def main(arguments):
    if "--self-test" in arguments:
        return 0 if report(lambda rule, _: self_test(rule), None) else 1
    default_root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    source = Source(os.path.abspath(arguments[0] if arguments else default_root))
    return 0 if report(lambda rule, subject: rule(subject), source) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
