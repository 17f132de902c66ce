#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluiced as its operator's tools see it: its sandbox, who may do what, telemetry and metrics.

usage: operator_test.py SOURCE BUILD
"""
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families

import rig
from endpoint import TelemetrySocket, load_endpoint
from rig import PF, Failed, Rig, expect, mac_of, until

VFS = 3
SOMEBODY = 65534                        # a user, and a group, of nobody here
CAP_IPC_LOCK = 1 << 14
SECCOMP_FILTER = "2"
NOT_PERMITTED = 77


def status_of(task):
    with open(f"/proc/{task}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


class Test:
    def __init__(self, port, source):
        self.port, self.source = port, source
        port.start_daemon()
        self.tenant, = port.tenants(["vf0-1"])
        self.asker, self.last_watcher, self.trust = None, None, "off"
        self.pid = port.daemon.process.pid
        self.telemetry = TelemetrySocket(f"{port.folder}/dpdk/sluiced/dpdk_telemetry.v2")

    def ctl(self, *args, **more):
        return subprocess.run([self.port.path("app/sluicectl/sluicectl"), "--socket",
                               f"{self.port.folder}/control.sock", *args], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def shown(self):
        return json.loads(self.ctl("show", "--json").stdout)["ports"][0]

    def vlan(self, vf):
        return self.shown()["vfs"][vf]["policy"]["vlan"]

    def test_every_thread_is_in_the_sandbox(self):
        tasks = os.listdir(f"/proc/{self.pid}/task")
        if len(tasks) < 3:
            raise Failed(f"{len(tasks)} threads, without DPDK's")
        kept = CAP_IPC_LOCK if os.geteuid() == 0 else 0
        for task in tasks:
            status = status_of(f"{self.pid}/task/{task}")
            name = status["Name"]
            for word in ("CapEff", "CapPrm"):
                expect(int(status[word], 16), kept, f"{word} of {name}")
            for word in ("CapInh", "CapAmb"):
                expect(int(status[word], 16), 0, f"{word} of {name}")
            expect(status["NoNewPrivs"], "1", f"new privileges of {name}")
            expect(status["Seccomp"], SECCOMP_FILTER, f"seccomp of {name}")

    def test_policy_is_reloaded(self):
        self.port.config["ports"][0]["vfs"][1]["vlan"] = 77
        self.reload()
        until(lambda: self.vlan(1) == 77, "the VLAN of the file")

    def reload(self, place=None, **keys):
        """The file anew, in one step as editors do it, and SIGHUP. @param place  it lies there"""
        config = self.port.config
        config.update(keys)
        file = place or f"{self.port.folder}/sluiced.json"
        with open(f"{file}.new", "w", encoding="utf-8") as stream:
            json.dump(config, stream)
        os.rename(f"{file}.new", file)
        self.port.daemon.process.send_signal(signal.SIGHUP)

    def reload_is_refused(self, word, why):
        """One more line tells so. @param word  with the reason"""
        said = self.port.daemon.output()
        self.port.daemon.process.send_signal(signal.SIGHUP)
        until(lambda: re.search(f"{word}.*{why}", self.port.daemon.output()[len(said):]),
              f"a line with {word} and {why}")

    def change(self, vf, vlan):
        """An operator's, which the audit log tells. @return its part of the line"""
        expect(self.ctl("set", "vf", str(vf), "vlan", str(vlan)).returncode, 0, "set")
        return f"-> {vlan} "

    def audited(self, path, text):
        try:
            with open(path, encoding="utf-8") as stream:
                return text in stream.read()
        except FileNotFoundError:
            return False

    def test_audit_log_is_opened_anew(self):
        """As logrotate does it: what is said before SIGHUP goes to the old file still."""
        path = f"{self.port.folder}/audit.json"
        for turn in range(2):
            old = f"{path}.{turn}"
            os.rename(path, old)
            said = self.change(2, 100 + turn)
            expect((self.audited(old, said), os.path.exists(path)), (True, False),
                   "in the old file")
            self.port.daemon.process.send_signal(signal.SIGHUP)
            until(lambda: os.path.exists(path), "the new file")
            said = self.change(2, 200 + turn)
            expect((self.audited(path, said), self.audited(old, said)), (True, False),
                   "in the new file only")

    def test_audit_log_moves_to_another_directory(self):
        old, new = f"{self.port.folder}/audit.json", f"{self.port.folder}/log/audit.json"
        os.mkdir(os.path.dirname(new))
        self.reload(audit_log=new)
        until(lambda: os.path.exists(new), "the new file")
        said = self.change(2, 300)
        expect((self.audited(new, said), self.audited(old, said)), (True, False),
               "in the new file only")

    def test_audit_log_that_cannot_be_opened(self):
        """Without CAP_DAC_OVERRIDE, root may not write where the directory's owner does not let
        it. The file of before is kept, and the policies of the reload are in force."""
        log, before = f"{self.port.folder}/locked", self.port.config["audit_log"]
        os.mkdir(log, 0o500)
        for path, why in ((f"{log}/audit.json", "Permission denied"),
                          (f"{self.port.folder}/none/audit.json", "No such file or directory")):
            said = len(self.port.daemon.output())
            self.port.config["ports"][0]["vfs"][1]["vlan"] = vlan = self.vlan(1) + 1
            self.reload(audit_log=path)
            until(lambda: self.vlan(1) == vlan, "the file's VLAN")
            until(lambda: re.search(f"audit_log: {path}: {why}; .*{before}",
                                    self.port.daemon.output()[said:]), f"{path}: {why}")
            expect(self.audited(before, self.change(2, vlan + 400)), True, "in the old file")
        self.reload(audit_log=before)

    def test_policy_file_moves(self):
        """Its name leads elsewhere at each SIGHUP: by links, as a mounted ConfigMap, and then to a
        directory of files."""
        folder, file = self.port.folder, f"{self.port.folder}/sluiced.json"
        for turn in range(2):
            os.mkdir(f"{folder}/data-{turn}")
            os.symlink(f"data-{turn}/sluiced.json", f"{file}.link")
            self.port.config["ports"][0]["vfs"][1]["vlan"] = 500 + turn
            os.rename(f"{file}.link", file)
            self.reload(f"{folder}/data-{turn}/sluiced.json")
            until(lambda: self.vlan(1) == 500 + turn, "the VLAN of the file behind the link")
        os.unlink(file)
        os.mkdir(file)
        self.port.config["ports"][0]["vfs"][1]["vlan"] = 510
        self.reload(f"{file}/sluiced.json")
        until(lambda: self.vlan(1) == 510, "the VLAN of the directory's file")
        os.rename(file, f"{file}.d")
        self.reload_is_refused("sluiced.json", "No such file or directory")
        self.reload()
        expect(self.vlan(1), 510, "the VLAN after all")

    def test_policy_file_that_may_not_be_read(self):
        if os.geteuid() != 0:
            return              # whoever starts it may read it
        file = f"{self.port.folder}/sluiced.json"
        os.chmod(file, 0)
        self.reload_is_refused("sluiced.json", "Permission denied")
        os.chmod(file, 0o600)
        self.port.config["ports"][0]["vfs"][1]["vlan"] = 77
        self.reload()
        until(lambda: self.vlan(1) == 77, "the VLAN of the file")

    def test_mirror_in_the_words_of_ip_link(self):
        for words, mirror, vlan in ((("mirror", "vf", "2", "vlan", "5"), "vf 2", 5),
                                    (("vlan", "6", "mirror", "pf"), "pf", 6),
                                    (("mirror", "vf 2"), "vf 2", 6),
                                    (("mirror", "none", "vlan", "0"), "none", 0)):
            expect(self.ctl("set", "vf", "0", *words).returncode, 0, " ".join(words))
            policy = self.shown()["vfs"][0]["policy"]
            expect((policy["mirror"], policy["vlan"]), (mirror, vlan), " ".join(words))

    def test_others_may_only_look(self):
        if os.geteuid() != 0:
            return              # nobody else can be tried
        os.chmod(self.port.folder, 0o711)
        other = {"user": SOMEBODY, "group": SOMEBODY, "extra_groups": []}
        expect(self.ctl("show", **other).returncode, 0, "show by another user")
        for args in (("set", "vf", "0", "vlan", "5"), ("token",)):
            done = self.ctl(*args, **other)
            expect(done.returncode, NOT_PERMITTED, f"{args[0]} by another user")
            expect("not permitted" in done.stderr, True, f"{args[0]}'s reason: {done.stderr}")
        expect(self.vlan(0), 0, "the VLAN that another user wanted")
        expect(self.ctl("set", "vf", "0", "trust", "on").returncode, 0, "set by root")

    def start_watching(self, *args):
        """@return the process, once it is seen to get a change that is made for that."""
        watching = subprocess.Popen([self.port.path("app/sluicectl/sluicectl"), "--socket",
                                     f"{self.port.folder}/control.sock", "watch", *args],
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(watching.stdout.fileno(), False)
        watching.seen = ""

        def sees_mark():
            self.trust = "off" if self.trust == "on" else "on"
            self.ctl("set", "vf", "1", "trust", self.trust)
            return "trust " in self.watched(watching)
        until(sees_mark, "the first event")
        return watching

    @staticmethod
    def watched(watching):
        """All that it has printed so far."""
        watching.seen += (watching.stdout.read() or b"").decode()
        return watching.seen

    def test_watch(self):
        """The audit log's lines, live; a VF of one that asks for VLANs, and an operator."""
        text, lines = self.start_watching(), self.start_watching("--vf", "1", "--json")
        self.asker, = self.port.tenants(["vf2"])
        self.ctl("quarantine", "vf", "2", "it", "scans")
        self.ctl("release", "vf", "2")
        self.ctl("set", "vf", "1", "vlan", "78")
        until(lambda: "vlan 77 -> 78" in self.watched(lines), "the operator's change")
        until(lambda: "vlan 77 -> 78" in self.watched(text), "the same in words")
        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        for wanted in ("reset: ready", r"negotiate \(version 1\.\d\): version agreed on",
                       r"set-max-frame \(1518 bytes\): max frame set",
                       r"operator: quarantined by uid \d+ \(pid \d+\): it scans",
                       r"operator: released by uid \d+ \(pid \d+\)"):
            if not re.search(f"^{stamp} {PF} vf 2: {wanted}$", text.seen, re.M):
                raise Failed(f"no {wanted} in {text.seen}")
        events = [json.loads(line) for line in lines.seen.splitlines()]
        expect({event["vf"] for event in events if "vf" in event}, {1}, "VFs in the stream of VF 1")
        audit = self.port.audit()
        for event in events:
            if event not in audit:
                raise Failed(f"not in the audit log: {event}")
        for signal_number, watching in ((signal.SIGINT, text), (signal.SIGTERM, lines)):
            watching.send_signal(signal_number)
            expect(watching.wait(rig.WAIT_S), 0, "its status")
            expect(watching.stderr.read(), b"", "its complaints")
        self.asker.finish()
        self.asker, = self.port.tenants(["vf2"])

    def test_watcher_that_does_not_read(self):
        """It is stopped while more happens than there is room for; the daemon answers on."""
        watching = self.start_watching("--json")
        watching.send_signal(signal.SIGSTOP)
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(rig.WAIT_S)
        sock.connect(f"{self.port.folder}/control.sock")
        for number in range(6000):
            sock.sendall(b'{"cmd":"set","vf":1,"vlan":%d}\n' % (1 + number % 2))
            reply = sock.recv(4096)
            expect(reply, b'{"ok":true}\n', f"reply {number}")
        sock.close()
        watching.send_signal(signal.SIGCONT)
        until(lambda: re.search(r'^{"lost":\d+}$', self.watched(watching), re.M), "the loss")
        self.ctl("set", "vf", "1", "vlan", "77")
        until(lambda: "-> 77 " in self.watched(watching), "an event after the loss")
        lost = sum(map(int, re.findall(r'{"lost":(\d+)}', watching.seen)))
        changes = len(re.findall(r"vlan \d+ -> [12] ", watching.seen))
        # The first may change nothing.
        if changes + lost not in (5999, 6000) or lost == 0:
            raise Failed(f"{changes} events and {lost} lost, of 6000")
        watching.send_signal(signal.SIGINT)
        expect(watching.wait(rig.WAIT_S), 0, "its status")

    def test_too_many_watch(self):
        many = [self.start_watching("--json") for _ in range(8)]
        done = self.ctl("watch")
        expect((done.returncode, done.stderr),
               (75, "sluicectl: too many watch or capture already\n"), "one more")
        for watching in many[1:]:
            watching.kill()
            watching.wait()
        self.last_watcher = many[0]

    def test_telemetry_shows_what_sluicectl_shows(self):
        expect(self.telemetry.cmd("/sluice/pf"), [PF], "PFs")
        expect(self.telemetry.cmd("/sluice/vf", PF), list(range(VFS)), "VFs")
        pf, port = self.telemetry.cmd("/sluice/pf", PF), self.shown()
        expect((pf["pci"], pf["link_up"], pf["num_vfs"]), (PF, port["link"]["up"], VFS), "the PF")
        for vf in port["vfs"]:
            told = self.telemetry.cmd("/sluice/vf", f"{PF},{vf['vf']}")
            expect((told["vf"], told["mac"], told["state"], told["policy_vlan"]),
                   (vf["vf"], mac_of(vf["vf"]), vf["state"], vf["policy"]["vlan"]), "a VF")
            expect(told["counters_requests"], vf["counters"]["requests"], "requests")

    def test_telemetry_refuses_rubbish(self):
        for args in ("", "x", PF + "x", f"{PF},", f"{PF},x", f"{PF},-1", f"{PF},{VFS}",
                     f"{PF},4294967296", f"{PF},0,0", "," * 900):
            expect(self.telemetry.cmd("/sluice/vf", args), None, f"/sluice/vf,{args[:40]}")
        expect(self.telemetry.cmd("/sluice/vf"), None, "/sluice/vf")
        expect(self.telemetry.cmd("/sluice/pf", f"{PF},0"), None, "a VF as a PF")

    def test_dpdk_telemetry(self):
        done = subprocess.run(["dpdk-telemetry.py", "-f", "sluiced"], check=True, text=True,
                              input=f"/sluice/vf,{PF},1\n", stdout=subprocess.PIPE,
                              env={**os.environ, "RUNTIME_DIRECTORY": self.port.folder})
        answer = json.loads(re.search(r'\{\s*"/sluice/vf".*', done.stdout, re.S)[0])
        expect(answer["/sluice/vf"]["mac"], mac_of(1), "MAC by dpdk-telemetry.py")

    def test_exporter_endpoint(self):
        endpoint = load_endpoint(f"{self.source}/dist/telemetry/sluice.py")
        info, found = endpoint.info(), endpoint.metrics(self.telemetry)
        expect({name for name, _, _ in found}, set(info), "metrics told and announced")
        for what, kind in info.values():
            expect((bool(what), kind in ("counter", "gauge")), (True, True), "what a metric is")
        resets = {labels["vf"]: value for name, value, labels in found
                  if name == "sriov_vf_resets"}
        expect(resets, {vf["vf"]: vf["counters"]["resets"] for vf in self.shown()["vfs"]},
               "resets")
        for name, _, labels in found:
            if name.startswith("sriov_vf_"):
                expect(set(labels), {"pciAddr", "pf", "vf", "numa_node"}, f"labels of {name}")

    def test_metrics_as_text(self):
        """The endpoint's, without its prefix; each metric's samples stand together."""
        text = self.ctl("metrics").stdout
        endpoint = load_endpoint(f"{self.source}/dist/telemetry/sluice.py")
        order = [line.split("{")[0] for line in text.splitlines() if not line.startswith("#")]
        names = list(dict.fromkeys(order))
        expect(order, [name for name in names for _ in range(order.count(name))], "order")
        for name in names:
            expect(text.count(f"# HELP {name} "), 1, f"help of {name}")
            expect(text.count(f"# TYPE {name} "), 1, f"type of {name}")
        wanted = set(endpoint.info())
        if not wanted <= set(names):
            raise Failed(f"missing: {wanted - set(names)}")
        families = list(text_string_to_metric_families(text))   # Prometheus' own parser
        expect({(family.name, family.type) for family in families if family.name in wanted},
               {(name, kind) for name, (_, kind) in endpoint.info().items()}, "names and types")
        expect({sample.name: sample.value for family in families for sample in family.samples
                if sample.labels["pf"] == PF and "vf" not in sample.labels},
               {name: value for name, value, labels in endpoint.metrics(self.telemetry)
                if "vf" not in labels}, "gauges of the PF, there and here")
        resets = dict(re.findall(r'sriov_vf_resets\{numa_node="",pciAddr="0000:f0:10\.\d",pf="%s",'
                                 r'vf="(\d+)"\} (\d+)\n' % PF, text))
        expect(resets, {str(vf["vf"]): str(vf["counters"]["resets"])
                        for vf in self.shown()["vfs"]}, "resets")

    def test_top(self):
        lines = self.ctl("top", "--once").stdout.splitlines()
        expect(len(lines), 1 + VFS, "lines of top")
        expect(lines[0].split()[:4], ["port", "vf", "state", "rx-pps"], "its head")
        expect([line.split()[:2] for line in lines[1:]], [[PF, str(vf)] for vf in range(VFS)],
               "its VFs")
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.port.path("app/sluicectl/sluicectl"),
                      ["sluicectl", "--socket", f"{self.port.folder}/control.sock", "top"],
                      {**os.environ, "TERM": "vt100"})
        shown = b""
        while b"q: quit" not in shown:
            if not select.select([terminal], [], [], rig.WAIT_S)[0]:
                raise Failed(f"top: silent, after {shown[-200:]}")
            shown += os.read(terminal, 65536)
        os.write(terminal, b"q")
        expect(PF.encode() in shown, True, "a PF on the screen")
        expect(os.waitpid(pid, 0)[1], 0, "its status")
        os.close(terminal)

    def test_dashboard(self):
        with open(f"{self.source}/examples/grafana/sluice.json", encoding="utf-8") as file:
            board = json.load(file)
        endpoint = load_endpoint(f"{self.source}/dist/telemetry/sluice.py")
        queries = [target["expr"] for panel in board["panels"]
                   for target in panel.get("targets", ())]
        used = set(re.findall(r"dpdk_sluice_(\w+)", " ".join(queries)))
        if not queries or not used <= set(endpoint.info()):
            raise Failed(f"metrics that nobody tells: {used - set(endpoint.info())}")
        ids = [panel["id"] for panel in board["panels"]]
        expect(len(set(ids)), len(ids), "panels with an id of their own")

    def test_doctor_of_a_running_daemon(self):
        done = self.ctl("doctor", f"{self.port.folder}/sluiced.json", "--json")
        answer = json.loads(done.stdout)
        expect((done.returncode, answer["ok"]), (0, True), f"doctor: {answer}")
        checks = {finding["check"]: finding["verdict"] for finding in answer["findings"]}
        expect((checks["config"], checks["daemon"]), ("ok", "ok"), "what it looked at")

    def test_report_of_the_doctor_tells_no_secrets(self):
        done = self.ctl("doctor", f"{self.port.folder}/sluiced.json", "--report")
        expect((done.returncode, done.stderr), (0, ""), f"doctor --report: {done.stdout}")
        counted = re.findall(r"^\S+ +vf (\d) +\S+ \S+: requests (\d+) acked", done.stdout, re.M)
        shown = [(str(vf["vf"]), str(vf["counters"]["requests"])) for vf in self.shown()["vfs"]]
        expect(counted, shown, "VFs and their requests")
        for secret in [mac_of(vf) for vf in range(VFS)] + [self.ctl("token").stdout.strip()]:
            if not secret or secret in done.stdout:
                raise Failed(f"{secret!r} is in the report")

    def test_it_stops(self):
        for tenant in (self.tenant, self.asker):
            expect(tenant.finish(), 0, "the tenant's exit status")
        expect(self.port.daemon.stop(), 0, "the daemon's exit status")
        expect((self.last_watcher.wait(rig.WAIT_S), self.last_watcher.stderr.read()),
               (69, b"sluicectl: sluiced has ended\n"), "what a watcher says to that")


def main(source, build):
    with Rig(build, "82599", VFS) as port:
        test = Test(port, source)
        return rig.run([(name[5:].replace("_", " "), getattr(test, name))
                        for name in type(test).__dict__ if name.startswith("test_")])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
