#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The JSON Schema that sluiced prints, against what sluiced takes and refuses itself.

usage: schema_test.py SLUICED ROOT

Ports are external, so that nothing of this machine is asked for.
"""
import functools
import glob
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
import tap  # noqa: E402

EX_OK, EX_CONFIG = 0, 78

PORT = {"pci": "0000:01:00.0", "num_vfs": 3, "external": True}


def top(**keys):
    return {"ports": [PORT], **keys}


def port(**keys):
    return {"ports": [{**PORT, **keys}]}


def vf(**keys):
    return port(vfs=[{"vf": 1, **keys}])


SWITCHES = ("trust", "spoofchk", "untagged", "query_rss", "broadcast", "multicast",
            "unknown_unicast", "loopback", "drop")
LIMITS = {"vlan": 4094, "max_tx_rate": 100000, "min_tx_rate": 0, "max_macs": 64, "max_vlans": 64,
          "max_multicasts": 30, "min_interrupt_us": 10000, "max_interrupt_us": 10000}

WATCHED = ("mailbox", "resets", "lock", "spoof", "malicious", "broadcast")

GOOD = [
    top(), top(lcore=0), top(lcore=127), top(hugepages_mb=16), top(hugepages_mb=1024),
    top(log_level="debug"), top(control_group="g"), top(control_socket="/s"), top(eal=[]),
    top(eal=["--no-huge"]), port(mtu=68), port(mtu=9710), port(num_vfs=63), port(num_vfs=0),
    port(vfs=[]),
    port(loopback=False), port(storm_broadcast=0), port(storm_multicast=1000000),
    port(pci="00F0:aB:1f.7"), top(audit_log="/a"), port(watch={}),
    *(port(watch={kind: {"limit": 0, "window_ms": 8, "action": action, "release_s": 2592000}})
      for kind in WATCHED for action in ("log", "nack", "quarantine")),
    *(port(watch={kind: {"limit": 1000000000, "window_ms": 3600000, "action": "throttle"}})
      for kind in WATCHED[:3]),
    vf(mac="02:00:00:00:Ab:cD"), vf(mac="00:00:00:00:00:00"), vf(vlan=5, qos=7), vf(qos=0),
    vf(proto="802.1Q"), vf(proto="802.1q"), vf(state="auto"), vf(state="enable"),
    vf(state="disable"), vf(trunk="all"), vf(trunk=1), vf(trunk=4094), vf(trunk="1"),
    vf(trunk="10,20-29,4000-4094"), vf(vlan=5, trunk="all"), vf(vlan=0, trunk="7"),
    vf(mirror="none"), vf(mirror="pf"), vf(mirror="vf 2"), vf(mirror="0"), vf(mirror=2),
    *(vf(**{key: value}) for key in SWITCHES for value in (True, False, "on", "off")),
    *(vf(**{key: value}) for key, limit in LIMITS.items() for value in {0, limit}),
]

# What both refuse.
BAD = [
    top(audit_log="a"), port(watch=[]), port(watch={"flood": {}}), port(watch={"lock": 1}),
    port(watch={"lock": {"max": 1}}), port(watch={"lock": {"limit": -1}}),
    port(watch={"lock": {"limit": 1000000001}}), port(watch={"lock": {"window_ms": 7}}),
    port(watch={"lock": {"window_ms": 3600001}}), port(watch={"lock": {"release_s": 2592001}}),
    port(watch={"lock": {"action": "kill"}}),
    *(port(watch={kind: {"action": "throttle"}}) for kind in WATCHED[3:]),
    {}, [], {"ports": []}, {"ports": [PORT] * 9}, {"ports": 1}, {"ports": [1]}, top(colour="red"),
    top(lcore=-1), top(lcore=128), top(lcore="1"), top(lcore=True), top(hugepages_mb=15),
    top(hugepages_mb=1025), top(log_level="loud"), top(control_group=""), top(control_socket="s"),
    top(control_socket="/" + "x" * 107), top(state_dir=1), top(eal="x"), top(eal=["x"] * 17),
    top(eal=[1]), top(eal=["x" * 256]),
    port(loopback=1), port(storm_broadcast=-1), port(storm_multicast=1000001),
    port(mtu=67), port(mtu=9711), port(num_vfs=-1), port(num_vfs=64), port(num_vfs="3"),
    port(pci="01:00.0"), port(pci="0000:01:00.8"), port(vf=1), port(restore=False), port(vfs={}),
    port(vfs=[1]), port(vfs=[{"vlan": 1}]), port(vfs=[{"vf": -1}]), port(vfs=[{"vf": 63}]),
    port(external=1), {"ports": [{"num_vfs": 1}]}, {"ports": [{"pci": "0000:01:00.0"}]},
    vf(driver="igbvf"), vf(colour=1), vf(mac="01:00:5e:00:00:01"), vf(mac="02:00:00:00:01"),
    vf(mac=1), vf(qos=8, vlan=1), vf(qos=1), vf(qos=1, vlan=0), vf(proto="802.1ad"),
    vf(state="up"), vf(trunk=0), vf(trunk=4095), vf(trunk=""), vf(trunk="none"), vf(trunk="010"),
    vf(trunk="1,"), vf(trunk="4095"), vf(trunk="1-2-3"), vf(vlan=5, trunk="7"), vf(vlan=5, trunk=7),
    vf(mirror="vf"), vf(mirror="vf 64"), vf(mirror=64), vf(mirror=-1), vf(mirror="all"),
    vf(mirror="00"),
    *(vf(**{key: value}) for key in SWITCHES for value in ("yes", 1, None)),
    *(vf(**{key: value}) for key, limit in LIMITS.items() for value in (-1, limit + 1, "1", True)),
]

# What takes more than a schema to see.
BEYOND = [
    vf(trunk="20-10"), vf(mirror="vf 1"), vf(mirror=3), port(vfs=[{"vf": 3}]),
    vf(min_interrupt_us=9, max_interrupt_us=8), port(vfs=[{"vf": 0}, {"vf": 0}]),
    {"ports": [PORT, PORT]}, vf(trunk=",".join(str(n) for n in range(1, 131, 2))),
    port(vfs=[{"vf": n, "mac": "02:00:00:00:00:01"} for n in range(2)]),
]


class Daemon:
    """sluiced, as one who is asked whether a file is good."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.schema = json.loads(self.run("--schema").stdout)

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def takes(self, config):
        if isinstance(config, dict) and "state_dir" not in config:
            config = {**config, "state_dir": f"{self.folder}/state"}
        path = f"{self.folder}/case.json"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return self.takes_file(path)

    def takes_file(self, path):
        done = self.run("-c", path, "--check")
        lines = done.stderr.splitlines()
        if done.returncode == EX_CONFIG:
            assert len(lines) == 1 and path in lines[0], lines
        return done.returncode != EX_CONFIG


def schema_takes(schema, config):
    return jsonschema.Draft7Validator(schema).is_valid(config)


def the_schema_is_one(daemon, root):
    jsonschema.Draft7Validator.check_schema(daemon.schema)
    assert daemon.schema["properties"]["ports"]["items"]["properties"]["vfs"]


def samples(daemon, root):
    paths = sorted(glob.glob(f"{root}/examples/config/*.json"))
    assert paths
    for path in paths:
        with open(path, encoding="utf-8") as file:
            assert schema_takes(daemon.schema, json.load(file)), path
        assert daemon.takes_file(path), path


def what_both_take(daemon, root):
    for config in GOOD:
        assert schema_takes(daemon.schema, config), config
        assert daemon.takes(config), config


def what_both_refuse(daemon, root):
    for config in BAD:
        assert not schema_takes(daemon.schema, config), config
        assert not daemon.takes(config), config


def what_only_the_daemon_sees(daemon, root):
    for config in BEYOND:
        assert schema_takes(daemon.schema, config), config
        assert not daemon.takes(config), config


def the_manual_has_every_key(daemon, root):
    with open(f"{root}/doc/sluiced.md", encoding="utf-8") as file:
        manual = file.read()
    ports = daemon.schema["properties"]["ports"]["items"]["properties"]
    policy = ports["vfs"]["items"]["properties"]
    names = [*daemon.schema["properties"], *ports, *policy]
    assert len(policy) > 20
    missing = [name for name in names if f"`{name}`" not in manual and
               f"`ports[].{name}`" not in manual and f"`ports[].vfs[].{name}`" not in manual and
               name not in ("ports", "vfs")]
    assert not missing, missing
    assert policy["max_macs"]["default"] == 18 and policy["spoofchk"]["default"] is True


CASES = [the_schema_is_one, samples, what_both_take, what_both_refuse, what_only_the_daemon_sees,
         the_manual_has_every_key]


def main(program, root):
    with tempfile.TemporaryDirectory() as folder:
        daemon = Daemon(program, folder)
        return tap.run([(case.__name__, functools.partial(case, daemon, root)) for case in CASES])


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), sys.argv[2]))
