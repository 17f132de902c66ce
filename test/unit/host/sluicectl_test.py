#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""What of sluicectl needs no daemon, its completion, and the man pages.

usage: sluicectl_test.py SOURCE SLUICECTL COMPLETION MAN-PAGE...
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

USAGE, UNAVAILABLE, CONFIG = 64, 69, 78
NOWHERE = "/nowhere/control.sock"

# Asks bash's completion for the last of the words, as a shell does when tab is pressed.
ASK = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_sluicectl
printf '%s\\n' "${COMPREPLY[@]}"
"""

# Answers all that it is asked, and tells it; at the word that is to be its last it hangs up, has
# something to give back, and ends. For a successor another one is there without a gap.
DAEMON = """
import json, os, socket, sys, time
path, last = sys.argv[1:]

def listen():
    server = socket.socket(socket.AF_UNIX)
    server.bind(path + ".new")
    server.listen()
    os.rename(path + ".new", path)
    return server

server, cmd = listen(), None
print("ready", flush=True)
while cmd != last:
    client = server.accept()[0]
    line = client.makefile().readline()
    if line:
        cmd = json.loads(line)["cmd"]
        print(cmd, flush=True)
        client.sendall(b'{"ok":true}\\n')
    client.close()
if last == "upgrade":
    if os.fork() == 0:
        server, cmd = listen(), None
        while cmd != "show":
            client = server.accept()[0]
            cmd = json.loads(client.makefile().readline())["cmd"]
            client.sendall(b'{"ok":true}\\n')
    sys.exit()
os.unlink(path)
server.close()
time.sleep(0.3)
print("gave back", flush=True)
"""


class Tool:
    def __init__(self, source, program, completion, pages):
        self.source, self.program = source, program
        self.completion, self.pages = completion, pages
        self.folder = tempfile.mkdtemp(prefix="sluice-ctl-")

    def ctl(self, *args):
        done = subprocess.run([self.program, "--socket", NOWHERE, *args], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout, done.stderr

    def of_daemon(self, last, *args):
        """@return sluicectl's status, whether the daemon was gone then, and what it had told"""
        path = f"{self.folder}/socket"
        with subprocess.Popen([sys.executable, "-c", DAEMON, path, last], text=True,
                              stdout=subprocess.PIPE) as daemon:
            assert daemon.stdout.readline() == "ready\n"
            rc, _, err = self.ctl("--socket", path, *args)
            is_gone = daemon.poll() is not None
            daemon.kill()
            return rc, err, is_gone, daemon.stdout.read().split("\n")[:-1]

    def file(self, text):
        path = f"{self.folder}/some.json"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def complete(self, *words):
        done = subprocess.run(["bash", "-c", ASK, "bash", self.completion, "sluicectl", *words],
                              check=True, text=True, stdout=subprocess.PIPE)
        return done.stdout.split()

    def help(self):
        return self.ctl("--help")[1]

    def test_examples_are_valid(self):
        files = glob.glob(f"{self.source}/examples/config/*.json")
        assert files
        for path in files:
            assert self.ctl("validate", path)[0] == 0, path
        rc, out, _ = self.ctl("validate", f"{self.source}/examples/config/two-ports.json")
        assert (rc, out.split(": ", 1)[1]) == (0, "good: 8 VFs of 2 PFs\n"), out

    def test_bad_file_is_one_line_that_names_it(self):
        path = self.file('{"ports": [{"pci": "0000:01:00.0", "num_vfs": 99}]}')
        rc, out, err = self.ctl("validate", path)
        assert (rc, out, err.count("\n")) == (CONFIG, "", 1), err
        for word in (path, "ports[0].num_vfs", "99", "0..63"):
            assert word in err, err
        rc, out, err = self.ctl("validate", "--json", path)
        answer = json.loads(out)
        assert (rc, err, answer["ok"], answer["code"]) == (CONFIG, "", False, CONFIG), out
        assert "num_vfs" in answer["error"]

    def test_arguments_of_validate(self):
        assert self.ctl("validate")[0] == USAGE
        assert self.ctl("validate", "a", "b")[0] == USAGE
        assert self.ctl("validate", "/nowhere/x.json")[0] == CONFIG

    def test_doctor_names_each_check_once(self):
        """Whatever this machine lacks: what is said is the same in text and JSON."""
        path = self.file('{"ports": [{"pci": "ffff:ff:1f.7", "num_vfs": 2}]}')
        rc, out, err = self.ctl("doctor", path, "--json")
        answer = json.loads(out)
        assert (rc, err, answer["ok"]) == (UNAVAILABLE, "", False), out
        found = {(f["subject"], f["check"]): f for f in answer["findings"]}
        assert len(found) == len(answer["findings"]), out
        for check in ("config", "daemon", "group", "iommu", "vfio-pci", "vfio", "sysfs",
                      "hugepages", "memlock"):
            assert ("host", check) in found, check
        assert found["host", "config"]["verdict"] == "ok"
        assert found["host", "daemon"]["remedy"] == "systemctl start sluiced"
        device = found["ffff:ff:1f.7", "sriov"]
        assert (device["verdict"], device["text"]) == \
            ("FAIL", "no such PCI device; see: lspci -D"), device
        rc, text, _ = self.ctl("doctor", path)
        assert rc == UNAVAILABLE
        bad = sum(f["verdict"] == "FAIL" for f in found.values())
        assert text.endswith(f"\n{bad} to be mended\n"), text
        for finding in found.values():
            assert finding["text"] in text, finding

    def test_doctor_of_a_bad_file(self):
        rc, out, _ = self.ctl("doctor", self.file("{}"), "--json")
        config = json.loads(out)["findings"][0]
        assert (rc, config["check"], config["verdict"]) == (UNAVAILABLE, "config", "FAIL"), config
        assert "ports" in config["text"]

    def test_report_of_the_doctor(self):
        path = self.file('{"ports": [{"pci": "ffff:ff:1f.7", "num_vfs": 2}]}')
        rc, out, err = self.ctl("doctor", "--report", path)
        assert (rc, err) == (UNAVAILABLE, ""), err
        places = [out.index(f"== {part}\n") for part in ("machine", "checks", "counters")]
        assert places == sorted(places) and places[0] == 0, out
        assert re.search(r"^sluicectl +version +\d", out, re.M), out
        with open("/proc/sys/kernel/osrelease", encoding="ascii") as file:
            assert re.search(rf"^kernel +osrelease +{re.escape(file.read().strip())}$", out, re.M)
        checks = self.ctl("doctor", path)[1]
        assert checks.rsplit("\n", 2)[0] in out, "all that the doctor says is in its report"
        assert out.endswith("sluiced does not run\n" + checks.rsplit("\n", 2)[1] + "\n"), out
        assert self.ctl("doctor", "--report", "--json")[0] == USAGE

    def test_unknown_subcommand(self):
        rc, _, err = self.ctl("dance")
        assert rc == USAGE and "dance" in err and "doctor" in err, err

    def test_negative_numbers_are_named(self):
        for words, name in ((("set", "vf", "-1", "trust", "on"), "vf"),
                            (("set", "vf", "1", "max_tx_rate", "-5"), "max_tx_rate")):
            rc, _, err = self.ctl(*words)
            number = next(word for word in words if word.startswith("-"))
            assert rc == USAGE and f"{name}: {number} is not in 0.." in err, err

    def test_a_value_of_two_words(self):
        """What is good goes to the daemon, which is not there."""
        for words, code, part in (("mirror vf 3", UNAVAILABLE, ""),
                                  ("mirror vf 3 vlan 10", UNAVAILABLE, ""),
                                  ("vlan 10 mirror vf 3", UNAVAILABLE, ""),
                                  ("mirror 3 vlan 10", UNAVAILABLE, ""),
                                  ("mirror pf", UNAVAILABLE, ""),
                                  ("mirror", USAGE, "mirror: to what?"),
                                  ("mirror vf", USAGE, 'mirror: "vf" is not'),
                                  ("mirror vf 64", USAGE, 'mirror: "vf 64" is not'),
                                  ("mirror vf vlan 10", USAGE, 'mirror: "vf vlan" is not'),
                                  ("mirror vf " + 40 * "9", USAGE, 'mirror: "vf" is not'),
                                  ("mirror vf 3 vlan", USAGE, "vlan: to what?"),
                                  ("mirror vf 3 4", USAGE, "4: to what?"),
                                  ("vlan vf 3", USAGE, 'vlan: "vf" is not')):
            rc, _, err = self.ctl("set", "vf", "0", *words.split())
            assert rc == code and part in err and err.count("\n") == 1, (words, rc, err)
        rc, _, err = self.ctl("set", "vf", "0", "mirror", "vf 3")
        assert rc == UNAVAILABLE, err

    def test_arguments_of_vfs(self):
        for words, part in ((("vfs",), "vfs create 4"), (("vfs", "make"), "make: neither create"),
                            (("vfs", "create"), "how many"), (("vfs", "create", "4", "5"), "5: "),
                            (("vfs", "create", "64"), "create: 64 is not in 0..63"),
                            (("vfs", "create", "4x"), "create: 4x is not in 0..63"),
                            (("vfs", "destroy", "4"), "4: not expected here"),
                            (("vfs", "0000:1:0.0", "destroy"), "0000:1:0.0")):
            rc, _, err = self.ctl(*words)
            assert rc == USAGE and part in err and err.count("\n") == 1, err

    def test_stop_returns_when_the_daemon_is_gone(self):
        for words, last, told in (("stop", "stop", ["stop"]),
                                  ("stop --json", "stop", ["stop"]),
                                  ("stop --drain", "drain", ["drain"]),
                                  ("stop --drain --timeout 90", "drain", ["drain"])):
            answer = self.of_daemon(last, *words.split())
            assert answer == (0, "", True, [*told, "gave back"]), (words, answer)

    def test_stop_after_draining_for_long_enough(self):
        rc, err, is_gone, told = self.of_daemon("stop", "stop", "--drain", "--timeout", "1")
        assert (rc, is_gone, told) == (0, True, ["drain", "show", "stop", "gave back"]), told
        assert "still in use after 1 s" in err, err

    def test_upgrade_to_a_successor_that_is_there_at_once(self):
        assert self.of_daemon("upgrade", "upgrade") == (0, "", True, ["upgrade"])

    def test_completes_subcommands(self):
        told = re.findall(r"^  ([a-z]+) ", self.help().split("\n\n")[1], re.M)
        assert len(told) > 4 and sorted(self.complete("")) == sorted(told), told
        assert self.complete("do") == ["doctor"]
        assert self.complete("--json", "--socket", "/x", "tok") == ["token"]

    def test_completes_options(self):
        assert self.complete("--js") == ["--json"]
        assert "--socket" in self.complete("show", "--")

    def test_completes_vfs_and_keys(self):
        assert self.complete("set", "") == ["vf"]
        assert self.complete("show", "v") == ["vf"]
        assert self.complete("set", "vf", "0", "spoof") == ["spoofchk"]
        assert self.complete("set", "vf", "0", "trust", "") == ["on", "off"]
        assert self.complete("set", "vf", "0", "trust", "on", "vlan", "") == []
        assert "qos" in self.complete("set", "vf", "0", "vlan", "3", "")
        assert self.complete("show", "vf", "0", "") == []
        assert self.complete("set", "vf", "0", "mirror", "") == ["none", "pf", "vf"]
        assert self.complete("set", "vf", "0", "mirror", "vf", "") == []
        assert "qos" in self.complete("set", "vf", "0", "mirror", "vf", "3", "")
        assert "qos" in self.complete("set", "vf", "0", "mirror", "pf", "")

    def test_completes_what_to_do(self):
        assert self.complete("vfs", "") == ["create", "destroy"]
        assert self.complete("vfs", "d") == ["destroy"]
        assert self.complete("vfs", "create", "") == []
        assert self.complete("stop", "") == []

    def test_completes_files(self):
        path = self.file("{}")
        assert self.complete("validate", path[:-3]) == [path]
        assert self.complete("--socket", path[:-3]) == [path]

    def test_man_pages_are_clean(self):
        for path in self.pages:
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", path], check=False,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert (done.returncode, done.stdout) == (0, ""), f"{path}: {done.stdout}"

    def test_man_page_has_what_help_has(self):
        path, = (path for path in self.pages if path.endswith("sluicectl.1"))
        shown = subprocess.run(["groff", "-man", "-Tascii", "-P-cbou", "-rLL=150n", path],
                               check=True, text=True, stdout=subprocess.PIPE).stdout
        shown = " ".join(shown.split())
        for line in self.help().split("\n"):
            for part in re.split(r"  +", line.strip()):
                if line.startswith("  ") and part not in shown:
                    raise AssertionError(f"{part!r} is not in the man page")


def main(source, program, completion, *pages):
    tool = Tool(source, program, completion, pages)
    status = tap.run(tap.methods(tool), (AssertionError, OSError, KeyError, ValueError,
                                         subprocess.SubprocessError))
    for path in glob.glob(f"{tool.folder}/*"):
        os.unlink(path)
    os.rmdir(tool.folder)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
