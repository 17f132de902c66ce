#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""sluice-cni beside sluiced: the CNI specification's cases, with VFs that DPDK programs drive.

usage: cni_test.py BUILD FAMILY
"""
import collections
import concurrent.futures
import glob
import json
import os
import shutil
import subprocess
import sys

import rig
from rig import PF, Failed, Rig, expect, mac_of, until

VFS = 4
NETNS = "/proc/self/ns/net"             # no netdev goes there, so nobody minds whose it is
PLUGINS = "/usr/lib/cni"
VERSIONS = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
POD_MAC, OTHER_MAC = "ca:fe:c0:ff:ee:00", "ca:fe:c0:ff:ee:01"
INCOMPATIBLE, UNSUPPORTED, UNKNOWN, ENVIRONMENT, IO, NOT_DECODED, CONFIG = 1, 2, 3, 4, 5, 6, 7
TRY_AGAIN, NOT_AVAILABLE, EXISTS, NOT_AS_ADDED, NOT_PERMITTED = 11, 50, 101, 102, 103
OF_GO = 999                             # what plugins made with libcni say of most


def device(vf):
    return f"0000:f0:10.{vf}"


class Test:
    def __init__(self, port):
        self.port = port
        self.state = f"{port.folder}/cni"
        port.start_daemon()
        self.fresh = self.policies()

    def shown(self, what):
        """of each VF"""
        shown = json.loads(self.port.sluicectl("show", "--json"))
        return [vf[what] for vf in shown["ports"][0]["vfs"]]

    def policies(self):
        return self.shown("policy")

    def conf(self, vf=0, version="1.0.0", **keys):
        return {"cniVersion": version, "name": "net1", "type": "sluice-cni",
                "deviceID": device(vf), "controlSocket": f"{self.port.folder}/control.sock",
                "stateDir": self.state, **keys}

    def run(self, command, conf, container="pod1", env=(), **more):
        """@return the exit status, and what is said; bytes or text goes in as it is"""
        text = conf if isinstance(conf, str) else json.dumps(conf)
        words = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_NETNS": NETNS,
                 "CNI_IFNAME": "net1", "CNI_PATH": PLUGINS, **rig.CNI_ANY_NETNS, **dict(env)}
        done = subprocess.run([self.port.path("app/sluice-cni/sluice-cni")], input=text,
                              env={word: value for word, value in words.items()
                                   if value is not None}, check=False, text=True,
                              stdout=subprocess.PIPE, timeout=rig.WAIT_S, **more)
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    def good(self, command, conf, container="pod1", env=(), **more):
        status, said = self.run(command, conf, container, env, **more)
        expect(status, 0, f"{command}: status, saying {said}")
        return said

    def refused(self, code, words, command, conf, container="pod1", env=(), **more):
        """With that code, and a message that has the words; and no VF is another one after it."""
        before = self.policies() if self.port.daemon.running() else None
        status, said = self.run(command, conf, container, env, **more)
        expect((status, sorted(said)), (1, ["cniVersion", "code", "msg"]), f"{command}: {said}")
        expect(said["code"], code, f"code of {said}")
        for word in words:
            if word not in said["msg"]:
                raise Failed(f"no \"{word}\" in {said['msg']}")
        if before is not None:
            expect(self.policies(), before, "policies after a refusal")
        return said

    def records(self):
        return sorted(os.path.basename(path) for path in glob.glob(f"{self.state}/*"))

    def is_fresh(self, what):
        expect(self.policies(), self.fresh, f"policies after {what}")
        expect(self.records(), [], f"records after {what}")

    def test_runs_anywhere(self):
        """On a host that has none of its libraries, where a DaemonSet's container puts it."""
        expect(self.run("VERSION", "", env={"PATH": None})[0], 0, "status")
        if self.port.path("").rstrip("/").endswith("asan"):
            return
        done = subprocess.run(["readelf", "-d", "-l",
                               self.port.path("app/sluice-cni/sluice-cni")], check=True,
                              stdout=subprocess.PIPE, text=True)
        for word in ("NEEDED", "INTERP"):
            expect(word in done.stdout, False, f"{word} in the program's header")

    def test_versions(self):
        for version in ["1.0.0", "0.1.0", "9.9.9"]:
            said = self.good("VERSION", {"cniVersion": version})
            expect(said, {"cniVersion": version, "supportedVersions": VERSIONS}, "VERSION")
        expect(self.good("VERSION", "")["supportedVersions"], VERSIONS, "without a configuration")
        for version in ("0.2.0", "2.0.0", "1", ""):
            self.refused(INCOMPATIBLE, ["cniVersion", version], "ADD", self.conf(version=version))
        conf = self.conf()
        del conf["cniVersion"]
        self.refused(INCOMPATIBLE, ["cniVersion"], "ADD", conf)
        self.refused(INCOMPATIBLE, ["CHECK", "0.4.0"], "CHECK", self.conf(version="0.3.1"))
        for command in ("GC", "STATUS"):
            self.refused(INCOMPATIBLE, [command, "1.1.0"], command, self.conf())

    def test_environment(self):
        for word in ("CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"):
            for value in (None, ""):
                self.refused(ENVIRONMENT, [word], "ADD", self.conf(), env={word: value})
        self.refused(ENVIRONMENT, ["CNI_CONTAINERID", "CNI_IFNAME"], "DEL", self.conf(),
                     env={"CNI_CONTAINERID": None, "CNI_IFNAME": None})
        self.refused(ENVIRONMENT, ["CNI_PATH"], "GC", self.conf(version="1.1.0"),
                     env={"CNI_PATH": None})
        for name in ("../x", "a/b", "-a", "a b", "x" * 300):
            self.refused(ENVIRONMENT, ["CNI_CONTAINERID"], "ADD", self.conf(), container=name)
        for name in ("a/b", "a:b", "..", "sixteen-letters-", "a b"):
            self.refused(ENVIRONMENT, ["CNI_IFNAME"], "ADD", self.conf(),
                         env={"CNI_IFNAME": name})
        self.refused(ENVIRONMENT, ["CNI_COMMAND", "ADDD"], "ADDD", self.conf())
        for args, word in (("MAC", "MAC"), ("FOO=1", "FOO"), ("MAC=x", "MAC")):
            code = CONFIG if args == "MAC=x" else ENVIRONMENT
            self.refused(code, ["CNI_ARGS", word], "ADD", self.conf(), env={"CNI_ARGS": args})
        self.refused(UNKNOWN, ["CNI_NETNS"], "ADD", self.conf(), env={"CNI_NETNS": "/nowhere/x"})
        self.refused(UNKNOWN, ["CNI_NETNS"], "ADD", self.conf(), env={"CNI_NETNS": "/dev/null"})
        self.is_fresh("bad environments")

    def test_bad_json(self):
        for text in ("", "{", "[]", "1", '{"a": 1, "a": 2}', "\0", "x" * 2000):
            self.refused(NOT_DECODED, ["network configuration"], "ADD", text)
        self.refused(IO, ["standard input"], "ADD", '"' + "x" * 1100000)

    def test_bad_values(self):
        """Each names what is wrong, and what would be right; nothing is half-applied."""
        good = {"trust": "on", "spoofchk": "off"}
        for keys, code, words in (
                ({"vlan": 4095}, CONFIG, ["vlan: 4095", "0..4094"]),
                ({"vlan": "7"}, CONFIG, ["vlan", "0..4094"]),
                ({"vlan": -1}, CONFIG, ["vlan: -1", "0..4094"]),
                ({"vlan": 7, "vlanQoS": 8}, CONFIG, ["vlanQoS: 8", "0..7"]),
                ({"vlanQoS": 3}, CONFIG, ["vlanQoS", "vlan"]),
                ({"vlan": 0, "vlanQoS": 3}, CONFIG, ["vlanQoS: 3"]),
                ({"vlanProto": "802.1q"}, CONFIG, ["vlanProto", "vlan"]),
                ({"vlan": 7, "vlanProto": "802.1ad"}, UNSUPPORTED, ["vlanProto", "802.1ad"]),
                ({"vlan": 7, "vlanProto": "x"}, CONFIG, ["vlanProto", "802.1Q"]),
                ({"min_tx_rate": 10}, UNSUPPORTED, ["min_tx_rate", "10"]),
                ({"max_tx_rate": 100001}, CONFIG, ["max_tx_rate: 100001", "0..100000"]),
                ({"spoofchk": "maybe"}, CONFIG, ["spoofchk", "maybe"]),
                ({"trust": 1}, CONFIG, ["trust: 1"]),
                ({"link_state": "up"}, CONFIG, ["link_state", "up", "auto", "enable", "disable"]),
                ({"mac": "ca:fe"}, CONFIG, ["mac", "ca:fe"]),
                ({"mac": "01:00:00:00:00:01"}, CONFIG, ["mac", "unicast"]),
                ({"runtimeConfig": {"mac": "zz"}}, CONFIG, ["runtimeConfig.mac", "zz"]),
                ({"mac": mac_of(2)}, CONFIG, ["mac", "VF 2"]),
                ({"deviceID": "0000:f0:10"}, CONFIG, ["deviceID", "0000:f0:10"]),
                ({"deviceID": "0000:f0:1f.7"}, CONFIG, ["deviceID", "0000:f0:1f.7"]),
                ({"deviceID": PF}, CONFIG, ["deviceID", PF]),
                ({"deviceID": None}, CONFIG, ["deviceID"]),
                ({"name": "a/b"}, CONFIG, ["name", "a/b"]),
                ({"stateDir": "x"}, CONFIG, ["stateDir", "x"]),
                ({"ipam": {"type": "../x"}}, CONFIG, ["ipam.type", "../x"]),
                ({"spoofcheck": "on"}, UNSUPPORTED, ["spoofcheck", "on"])):
            self.refused(code, words, "ADD", self.conf(**{**good, **keys}))
        for key in ("name", "deviceID"):
            conf = self.conf(**good)
            del conf[key]
            self.refused(CONFIG, [key, "missing"], "ADD", conf)
        self.is_fresh("bad values")

    def test_each_key(self):
        """By itself, and as sluicectl shows it then; DEL puts back what was."""
        for key, value, policy, wanted in (
                ("mac", POD_MAC.upper(), "mac", POD_MAC), ("vlan", 1000, "vlan", 1000),
                ("spoofchk", "off", "spoofchk", False), ("trust", "on", "trust", True),
                ("link_state", "disable", "state", "disable"),
                ("link_state", "enable", "state", "enable"),
                ("min_tx_rate", 0, "min_tx_rate", 0),
                ("max_tx_rate", 150, "max_tx_rate", 150)):
            result = self.good("ADD", self.conf(1, **{key: value}))
            changed = {**self.fresh[1], policy: wanted}
            expect(self.policies()[1], changed, f"policy with {key} {value}")
            mac = wanted if key == "mac" else mac_of(1)
            expect(result, {"cniVersion": "1.0.0", "interfaces": [
                {"name": "net1", "sandbox": NETNS, "mac": mac, "pciID": device(1)}]}, "result")
            expect(self.good("CHECK", self.conf(1, **{key: value}, prevResult=result)), None,
                   "CHECK")
            expect(self.good("DEL", self.conf(1, **{key: value}, prevResult=result)), None, "DEL")
            self.is_fresh(f"DEL with {key}")

    def test_all_keys(self):
        """At once, over what an operator had set; a MAC of the pod's goes before the network's."""
        self.port.sluicectl("set", "vf", "1", "vlan", "5", "qos", "2", "max_macs", "3")
        before = self.policies()[1]
        keys = {"vlan": 6, "vlanProto": "802.1Q", "mac": OTHER_MAC, "trust": "on",
                "spoofchk": "", "capabilities": {"mac": True}, "pciBusID": device(1),
                "runtimeConfig": {"mac": POD_MAC}, "logLevel": "debug"}
        self.good("ADD", self.conf(1, **keys),
                  env={"CNI_ARGS": f"IgnoreUnknown=1;K8S_POD_NAME=x;MAC={mac_of(7)}"})
        expect(self.policies()[1],
               {**before, "mac": POD_MAC, "vlan": 6, "qos": 0, "trust": True}, "policy")
        self.good("DEL", self.conf(1, **keys))
        expect(self.policies()[1], before, "policy after DEL")
        self.port.sluicectl("set", "vf", "1", "vlan", "0", "max_macs", "18")
        self.is_fresh("all keys")

    def test_results_by_version(self):
        for version in VERSIONS:
            result = self.good("ADD", self.conf(2, version=version))
            wanted = {"name": "net1", "sandbox": NETNS, "mac": mac_of(2)}
            if version >= "1":
                wanted["pciID"] = device(2)
            expect(result, {"cniVersion": version, "interfaces": [wanted]}, version)
            self.good("DEL", self.conf(2, version=version))
        previous = {"cniVersion": "1.0.0", "interfaces": [{"name": "eth0"}],
                    "ips": [{"address": "10.0.0.1/8", "interface": 0}]}
        result = self.good("ADD", self.conf(2, prevResult=previous))
        expect((result["interfaces"][0], result["ips"], result["interfaces"][1]["pciID"]),
               (previous["interfaces"][0], previous["ips"], device(2)), "chained")
        self.good("DEL", self.conf(2))
        self.is_fresh("results")

    def test_twice(self):
        self.good("ADD", self.conf(0, vlan=10))
        self.refused(EXISTS, ["pod1", "net1"], "ADD", self.conf(0, vlan=11))
        self.refused(EXISTS, ["pod1", "net1"], "ADD", self.conf(1, vlan=11))
        self.refused(TRY_AGAIN, [device(0), "pod1"], "ADD", self.conf(0, vlan=11), "pod2")
        self.good("ADD", self.conf(1, vlan=12), env={"CNI_IFNAME": "net2"})
        expect([policy["vlan"] for policy in self.policies()], [10, 12, 0, 0], "VLANs")
        self.good("DEL", self.conf(1), "pod2")
        self.good("DEL", self.conf(0))
        expect([policy["vlan"] for policy in self.policies()], [0, 12, 0, 0], "VLANs")
        for _ in range(2):
            self.good("DEL", self.conf(1), env={"CNI_IFNAME": "net2"})
        self.is_fresh("both DELs")

    def test_del_needs_little(self):
        """No namespace, no previous result, and no configuration that an ADD would take."""
        self.good("ADD", self.conf(0, trust="on"))
        conf = {**self.conf(0, colour="red", vlan=9999), "deviceID": None}
        self.good("DEL", conf, env={"CNI_NETNS": None, "CNI_PATH": None})
        self.is_fresh("DEL")
        self.good("DEL", self.conf(0, stateDir="/nowhere/state"))

    def test_check_sees_what_others_changed(self):
        conf = self.conf(0, vlan=10, trust="on")
        conf["prevResult"] = self.good("ADD", conf)
        self.good("CHECK", conf)
        self.port.sluicectl("set", "vf", "0", "vlan", "11")
        self.refused(NOT_AS_ADDED, ["vlan: 11", "10"], "CHECK", conf)
        self.port.sluicectl("set", "vf", "0", "vlan", "10", "max_vlans", "2")
        self.good("CHECK", conf)
        self.refused(NOT_AS_ADDED, ["deviceID"], "CHECK", {**conf, "deviceID": device(1)})
        self.refused(NOT_AS_ADDED, ["prevResult", "net1"], "CHECK",
                     {**conf, "prevResult": {"cniVersion": "1.0.0"}})
        self.refused(UNKNOWN, ["pod2"], "CHECK", conf, "pod2")
        del conf["prevResult"]
        self.refused(CONFIG, ["prevResult"], "CHECK", conf)
        self.port.sluicectl("set", "vf", "0", "max_vlans", "16")
        self.good("DEL", conf)
        self.is_fresh("DEL")

    def test_what_a_pod_has_outlives_a_reload(self):
        """Of the VF, what ADD set stays, and all else is the file's; after DEL the file rules."""
        vfs = self.port.config["ports"][0]["vfs"]
        self.good("ADD", self.conf(0, vlan=10, trust="on"))
        expect(self.shown("held"), [["vlan", "qos", "trust"], [], [], []], "held")
        vfs[0]["spoofchk"], vfs[1]["vlan"] = False, 77
        self.port.reload()
        until(lambda: self.policies()[1]["vlan"] == 77, "the file's VLAN")
        policy = self.policies()[0]
        expect((policy["vlan"], policy["trust"], policy["spoofchk"]), (10, True, False), "VF 0")
        self.good("DEL", self.conf(0))
        expect(self.shown("held"), [[], [], [], []], "held after DEL")
        vfs[0]["vlan"] = 78
        self.port.reload()
        until(lambda: self.policies()[0]["vlan"] == 78, "the file's VLAN after DEL")
        expect(self.policies()[0]["trust"], False, "trust")
        del vfs[0]["vlan"], vfs[0]["spoofchk"], vfs[1]["vlan"]
        self.port.reload()
        until(lambda: self.policies() == self.fresh, "the file of before")
        self.is_fresh("DEL")

    def test_what_was_is_taken_meanwhile(self):
        """The address that the VF had is another's by now; all else is put back."""
        self.good("ADD", self.conf(0, mac=POD_MAC, trust="on"))
        self.port.sluicectl("set", "vf", "1", "mac", mac_of(0))
        self.good("DEL", self.conf(0), stderr=subprocess.DEVNULL)
        expect((self.policies()[0]["mac"], self.policies()[0]["trust"]), (POD_MAC, False), "VF 0")
        self.port.sluicectl("set", "vf", "1", "mac", mac_of(1))
        self.port.sluicectl("set", "vf", "0", "mac", mac_of(0))
        self.is_fresh("DEL")

    def test_a_program_gets_what_the_pod_asked_for(self):
        """A DPDK program in the VF: it has the address, and its frames are in the VLAN."""
        for vf, mac in ((2, POD_MAC), (3, OTHER_MAC)):
            self.good("ADD", self.conf(vf, mac=mac, vlan=40, vlanQoS=3), f"pod{vf}")
        tenant, = self.port.tenants(["vf2-3"])
        expect(tenant.mac, {2: POD_MAC, 3: OTHER_MAC}, "addresses")
        got = collections.Counter()
        tenant.send(2, OTHER_MAC, 5)
        until(lambda: got.update(tenant.tally()[0]) or got[3, 2, OTHER_MAC] == 5,
              "frames from pod to pod")
        self.port.sluicectl("set", "vf", "3", "vlan", "41")
        self.refused(NOT_AS_ADDED, ["vlan: 41"], "CHECK",
                     self.conf(3, prevResult={"interfaces": [{"name": "net1", "sandbox": NETNS}]}),
                     "pod3")
        tenant.finish()
        for vf in (2, 3):
            self.good("DEL", self.conf(vf), f"pod{vf}")
        self.is_fresh("both DELs")

    def test_ipam(self):
        data = f"{self.port.folder}/ipam"
        local = {"type": "host-local", "subnet": "10.9.0.0/24", "dataDir": data,
                 "gateway": "10.9.0.254", "routes": [{"dst": "0.0.0.0/0"}]}
        for version, family in (("0.4.0", {"version": "4"}), ("1.0.0", {})):
            conf = self.conf(0, version=version, ipam=local, trust="on")
            result = self.good("ADD", conf)
            address = result["ips"][0]["address"]
            expect(result["ips"], [{"address": address, "gateway": "10.9.0.254", "interface": 0,
                                    **family}], "ips")
            expect(result["routes"], [{"dst": "0.0.0.0/0"}], "routes")
            self.good("CHECK", {**conf, "prevResult": result})
            for path in glob.glob(f"{data}/net1/10.*"):
                os.unlink(path)
            self.refused(OF_GO, ["ipam host-local"], "CHECK", {**conf, "prevResult": result})
            self.good("DEL", {**conf, "prevResult": result})
            self.good("DEL", conf)
        conf = self.conf(0, ipam={"type": "static", "addresses": [{"address": "fd00::5/64"}],
                                  "dns": {"domain": "pods"}})
        result = self.good("ADD", conf)
        expect((result["ips"], result["dns"]),
               ([{"address": "fd00::5/64", "interface": 0}], {"domain": "pods"}), "static")
        self.good("DEL", conf)
        self.is_fresh("IPAM")

    def test_ipam_that_fails(self):
        """All that was done before is undone, and its reservation given up."""
        data = f"{self.port.folder}/few"
        few = {"type": "host-local", "dataDir": data, "subnet": "10.9.1.0/30"}
        self.good("ADD", self.conf(0, ipam=few))
        self.refused(OF_GO, ["ipam host-local", "ADD"], "ADD",
                     self.conf(1, vlan=3, ipam=few), "pod2")
        expect(len(glob.glob(f"{data}/net1/10.*")), 1, "addresses reserved")
        self.refused(CONFIG, ["ipam.type", "nothing", PLUGINS], "ADD",
                     self.conf(1, ipam={"type": "nothing"}), "pod2", stderr=subprocess.DEVNULL)
        self.good("DEL", self.conf(0, ipam=few))
        expect(len(glob.glob(f"{data}/net1/10.*")), 0, "addresses reserved")
        self.is_fresh("failures")

    @staticmethod
    def ipam_knows_gc():
        done = subprocess.run([f"{PLUGINS}/host-local"], env={"CNI_COMMAND": "VERSION"},
                              input="{}", check=True, stdout=subprocess.PIPE, text=True)
        return "1.1.0" in json.loads(done.stdout)["supportedVersions"]

    def test_gc(self):
        for vf, name in ((0, "net1"), (1, "net1"), (2, "other")):
            self.good("ADD", self.conf(vf, vlan=20 + vf, name=name), f"pod{vf}")
        valid = [{"containerID": "pod1", "ifname": "net1"},
                 {"containerID": "pod0", "ifname": "net9"}]
        conf = self.conf(version="1.1.0", **{"cni.dev/valid-attachments": valid})
        nobody = {"CNI_CONTAINERID": None, "CNI_IFNAME": None, "CNI_NETNS": None}
        for _ in range(2):
            expect(self.good("GC", conf, env=nobody), None, "GC")
            expect([policy["vlan"] for policy in self.policies()], [0, 21, 22, 0], "VLANs")
        self.refused(CONFIG, ["valid-attachments"], "GC", self.conf(version="1.1.0"), env=nobody)
        # One of the distribution's plugins may know no GC: that is told, and all else is done.
        conf = {**conf, "cni.dev/valid-attachments": [], "ipam": {"type": "host-local"}}
        status, said = self.run("GC", conf, env=nobody)
        if self.ipam_knows_gc():
            expect((status, said), (0, None), "GC")
        else:
            expect((status, "ipam host-local" in said["msg"]), (1, True), f"GC: {said}")
        expect([policy["vlan"] for policy in self.policies()], [0, 0, 22, 0], "VLANs")
        self.good("DEL", self.conf(2), "pod2")
        self.is_fresh("GC")

    def test_many_at_once(self):
        """Runtimes add pods in parallel: who comes second for a VF is told to come again."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda i: self.run("ADD", self.conf(i % VFS, vlan=100 + i),
                                                    f"pod{i}"), range(3 * VFS)))
            won = {i % VFS: i for i, (status, _) in enumerate(done) if status == 0}
            expect((len(won), sum(status == 0 for status, _ in done)), (VFS, VFS), "who won")
            expect({said["code"] for status, said in done if status != 0}, {TRY_AGAIN}, "others")
            expect([policy["vlan"] for policy in self.policies()],
                   [100 + won[vf] for vf in range(VFS)], "VLANs")
            list(pool.map(lambda i: self.good("DEL", self.conf(i % VFS), f"pod{i}"),
                          range(3 * VFS)))
        self.is_fresh("all DELs")

    def test_who_may(self):
        """The daemon's rules hold for the plugin too."""
        if os.geteuid() != 0:
            return
        somebody = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chmod(self.port.folder, 0o711)
        place = f"{self.port.folder}/somebody"
        os.mkdir(place)
        os.chown(place, 65534, 65534)
        self.refused(NOT_PERMITTED, ["not permitted"], "ADD",
                     self.conf(0, trust="on", stateDir=place), **somebody)
        expect(os.listdir(place), [], "records")

    def test_state_that_cannot_be_kept(self):
        with open(f"{self.port.folder}/file", "w", encoding="ascii"):
            pass
        self.refused(IO, ["stateDir"], "ADD",
                     self.conf(0, trust="on", stateDir=f"{self.port.folder}/file"))
        self.good("ADD", self.conf(0, trust="on"))
        record, = glob.glob(f"{self.state}/*.json")
        shutil.copy(record, f"{self.port.folder}/kept")
        with open(record, "w", encoding="ascii") as file:
            file.write("{")
        self.refused(IO, [record], "DEL", self.conf(0))
        self.refused(IO, [record], "ADD", self.conf(1, trust="on"), "pod2")
        shutil.move(f"{self.port.folder}/kept", record)
        self.good("DEL", self.conf(0))
        self.is_fresh("DEL")

    def test_status(self):
        conf = self.conf(version="1.1.0")
        self.good("STATUS", conf, env={"CNI_CONTAINERID": None})
        self.refused(NOT_AVAILABLE, ["0000:f0:1f.7"], "STATUS",
                     {**conf, "deviceID": "0000:f0:1f.7"})
        del conf["deviceID"]
        self.good("STATUS", conf)

    def test_without_the_daemon(self):
        """The last. DEL has to come again: the VF is there, and its next owner would inherit."""
        conf = self.conf(0, version="1.1.0", trust="on")
        conf["prevResult"] = self.good("ADD", conf)
        expect(self.port.daemon.stop(), 0, "status of sluiced")
        for command in ("DEL", "CHECK"):
            self.refused(TRY_AGAIN, ["sluiced is not running"], command, conf)
        self.refused(TRY_AGAIN, ["sluiced is not running"], "ADD", self.conf(1), "pod2")
        self.refused(NOT_AVAILABLE, ["sluiced is not running"], "STATUS", conf)
        self.refused(TRY_AGAIN, ["sluiced is not running"], "GC",
                     {**conf, "cni.dev/valid-attachments": []})
        expect(self.records(), ["pod1:net1.json"], "records")
        self.good("DEL", self.conf(1), "pod2")
        self.port.start_daemon(vfs={0: {"trust": "on"}})
        self.good("DEL", conf)
        self.is_fresh("DEL")


def main(build, family):
    with Rig(build, family, VFS) as port:
        test = Test(port)
        names = [name for name in dir(Test) if name.startswith("test_")]
        names.remove("test_without_the_daemon")
        return rig.run([(f"{name[5:]}, {family}".replace("_", " "), getattr(test, name))
                        for name in names + ["test_without_the_daemon"]])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
