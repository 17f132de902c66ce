#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""dist/kubernetes: does it fit together, and do the programs take what is in it?

usage: kubernetes_test.py SOURCE BUILD
"""
import glob
import json
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import yaml

import rig
from rig import Rig, expect

VFS = 2
NETNS = "/proc/self/ns/net"
PLUGINS = "/usr/lib/cni"
NETWORKS = "k8s.v1.cni.cncf.io/networks"
RESOURCE = "k8s.v1.cni.cncf.io/resourceName"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Of sriov-network-device-plugin, as far as they are ours.
RESOURCE_KEYS = {"resourceName", "resourcePrefix", "selectors", "additionalInfo", "excludeTopology",
                 "deviceType"}
SELECTOR_KEYS = {"vendors", "devices", "drivers", "pciAddresses", "rootDevices", "isRdma"}
# What its documentation says a pod finds.
INFO = ('{{"0000:3b:02.6":{{"extraInfo":{{"token":"{0}"}},"generic":{{"deviceID":"0000:3b:02.6"}},'
        '"vfio":{{"dev-mount":"/dev/vfio/169","mount":"/dev/vfio/vfio"}}}}}}')


class Test:
    def __init__(self, port, source):
        self.port, self.source = port, source
        self.parts = []
        for path in sorted(glob.glob(f"{source}/dist/kubernetes/*.yaml")):
            with open(path, encoding="utf-8") as file:
                self.parts += list(yaml.safe_load_all(file))
        port.start_daemon()

    def kind(self, kind, name=None):
        return [part for part in self.parts if part["kind"] == kind and
                name in (None, part["metadata"]["name"])]

    def one(self, kind, name=None):
        found = self.kind(kind, name)
        expect(len(found), 1, f"{kind} {name or ''}")
        return found[0]

    def resources(self):
        config = self.one("ConfigMap", "sriovdp-config")["data"]["config.json"]
        return json.loads(config)["resourceList"]

    def networks(self):
        return {part["metadata"]["name"]: part for part in
                self.kind("NetworkAttachmentDefinition")}

    def pod_specs(self):
        return ([part["spec"] for part in self.kind("Pod")] +
                [part["spec"]["template"]["spec"] for part in self.kind("DaemonSet")])

    def containers(self):
        return [container for spec in self.pod_specs()
                for container in spec["containers"] + spec.get("initContainers", [])]

    def test_versions(self):
        expect({part["kind"]: part["apiVersion"] for part in self.parts},
               {"ConfigMap": "v1", "DaemonSet": "apps/v1", "Pod": "v1", "Secret": "v1",
                "NetworkAttachmentDefinition": "k8s.cni.cncf.io/v1"}, "kinds")
        names = [(part["kind"], part["metadata"]["name"]) for part in self.parts]
        expect(len(set(names)), len(names), "names")

    def test_volumes(self):
        """Each mount has its volume, each volume is mounted, and refers to what there is."""
        for spec in self.pod_specs():
            mounted = {mount["name"] for container in
                       spec["containers"] + spec.get("initContainers", [])
                       for mount in container["volumeMounts"]}
            expect(mounted, {volume["name"] for volume in spec["volumes"]}, "volumes")
            for volume in spec["volumes"]:
                if "configMap" in volume:
                    self.one("ConfigMap", volume["configMap"]["name"])
                if "secret" in volume:
                    self.one("Secret", volume["secret"]["secretName"])
        for daemon_set in self.kind("DaemonSet"):
            wanted = daemon_set["spec"]["selector"]["matchLabels"]
            labels = daemon_set["spec"]["template"]["metadata"]["labels"]
            expect({key: labels.get(key) for key in wanted}, wanted, "labels")

    def test_resources(self):
        """Of the device plugin's, the networks and the pod, by one name; of keys that it knows."""
        named = set()
        for resource in self.resources():
            expect(set(resource) - RESOURCE_KEYS, set(), "keys of a resource")
            for selector in resource["selectors"]:
                expect(set(selector) - SELECTOR_KEYS, set(), "keys of a selector")
            named.add(f"{resource['resourcePrefix']}/{resource['resourceName']}")
        networks = self.networks()
        expect({part["metadata"]["annotations"][RESOURCE] for part in networks.values()}, named,
               "networks' resources")
        for pod in self.kind("Pod"):
            wanted = json.loads(pod["metadata"]["annotations"][NETWORKS])
            asked = [networks[network["name"]]["metadata"]["annotations"][RESOURCE]
                     for network in wanted]
            limits = pod["spec"]["containers"][0]["resources"]["limits"]
            expect([name for name in limits if name in named], asked, "the pod's resources")
            expect(pod["spec"]["containers"][0]["resources"]["requests"], limits, "requests")

    def test_vf_ids(self):
        """The device plugin's are those that our VF driver takes, all of them."""
        with open(f"{self.source}/drivers/net/vf/vf_ethdev.c", encoding="utf-8") as file:
            ids = set(re.findall(r"#define PCI_DEVICE_\w+_VF\t0x([0-9a-f]{4})\n", file.read()))
        expect(len(ids) >= 5, True, f"the driver's ids: {ids}")
        for resource in self.resources():
            for selector in resource["selectors"]:
                expect((selector["vendors"], set(selector["devices"])), (["8086"], ids), "VF ids")

    def test_token(self):
        token = self.one("Secret")["stringData"]["vf-token"]
        expect(bool(re.fullmatch(UUID, token)), True, f"{token} is a UUID")
        infos = [resource["additionalInfo"]["*"]["token"] for resource in self.resources()
                 if "vfio-pci" in resource["selectors"][0]["drivers"]]
        expect(infos, [token], "the device plugin's token")

    def test_daemon_takes_its_configuration(self):
        file = f"{self.port.folder}/config.json"
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(self.one("ConfigMap", "sluiced-config")["data"]["sluiced.json"])
        self.port.sluicectl("validate", file)

    def test_programs_are_where_they_are_installed(self):
        done = subprocess.run(["/usr/bin/meson", "introspect", "--installed", self.port.build],
                              check=True, stdout=subprocess.PIPE, text=True)
        installed = set(json.loads(done.stdout).values())
        used = set()
        for container in self.containers():
            words = container.get("command", []) + container.get("args", []) + \
                container.get("readinessProbe", {}).get("exec", {}).get("command", [])
            used |= set(re.findall(r"/usr/local/[-\w/]+", " ".join(words)))
        expect(len(used), 4, f"programs: {used}")
        expect(used - installed, set(), "programs that are not installed")

    def test_scripts_are_shell(self):
        scripts = [container["command"][2] for container in self.containers()
                   if container.get("command", [])[:1] == ["/bin/sh"]]
        expect(len(scripts), 2, "scripts")
        for script in scripts:
            subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=True)

    def test_pod_finds_its_token(self):
        """By its own script, of the environment that the device plugin's documentation has."""
        script = self.one("Pod")["spec"]["containers"][0]["command"][2]
        token = "3e49019f-412f-4f02-824e-4cd195944205"
        done = subprocess.run(
            ["/bin/sh", "-ec", script.replace("exec dpdk-testpmd", "printf '%s\\n'")], check=True,
            stdout=subprocess.PIPE, text=True, env={
                "PATH": os.environ["PATH"], "PCIDEVICE_INTEL_COM_SLUICE_VFIO": "0000:3b:02.6",
                "PCIDEVICE_INTEL_COM_SLUICE_VFIO_INFO": INFO.format(token)})
        expect(done.stdout.split(), ["-a", "0000:3b:02.6", "--vfio-vf-token", token, "--", "-i"],
               "testpmd's options")

    def test_libvirt(self):
        """What it hands through to QEMU is the option that is told for QEMU alone."""
        with open(f"{self.source}/doc/kubernetes.md", encoding="utf-8") as file:
            text = file.read()
        domain = re.search(r"^```xml\n(.*?)^```", text, re.M | re.S)[1]
        namespace = "{http://libvirt.org/schemas/domain/qemu/1.0}"
        words = [arg.get("value") for arg in
                 ElementTree.fromstring(domain).findall(f"./{namespace}commandline/{namespace}arg")]
        expect(f"`{' '.join(words)}`" in text, True, f"QEMU's option: {words}")

    def policy(self):
        return json.loads(self.port.sluicectl("show", "vf", "0", "--json"))["ports"][0]["vfs"][0][
            "policy"]

    def cni(self, command, conf):
        done = subprocess.run(
            [self.port.path("app/sluice-cni/sluice-cni")], input=json.dumps(conf), text=True,
            check=False, stdout=subprocess.PIPE, env={
                "CNI_COMMAND": command, "CNI_CONTAINERID": "pod", "CNI_NETNS": NETNS,
                "CNI_IFNAME": "net1", "CNI_PATH": PLUGINS,
                **rig.CNI_ANY_NETNS})
        expect(done.returncode, 0, f"{command}: {done.stdout}")

    def test_networks_are_what_the_plugin_takes(self):
        """As Multus hands them on: with the VF, and the pod's MAC for who is capable of it."""
        before = self.policy()
        mac = json.loads(self.one("Pod")["metadata"]["annotations"][NETWORKS])[0]["mac"]
        for name, network in self.networks().items():
            conf = json.loads(network["spec"]["config"])
            expect((conf["name"], conf["type"]), (name, "sluice-cni"), "name and type")
            conf |= {"deviceID": "0000:f0:10.0", "pciBusID": "0000:f0:10.0",
                     "controlSocket": f"{self.port.folder}/control.sock",
                     "stateDir": f"{self.port.folder}/cni"}
            if "ipam" in conf:
                conf["ipam"]["dataDir"] = f"{self.port.folder}/ipam"
            if conf.pop("capabilities", None):
                conf["runtimeConfig"] = {"mac": mac}
            self.cni("ADD", conf)
            policy = self.policy()
            if name == "sluice-vlan-20":
                expect([policy[key] for key in ("mac", "vlan", "qos", "max_tx_rate")],
                       [mac, 20, 3, 500], "policy")
            self.cni("DEL", conf)
            expect(self.policy(), before, "policy after DEL")


def main(source, build):
    with Rig(build, "82599", VFS) as port:
        test = Test(port, source)
        return rig.run([(f"kubernetes: {name[5:]}".replace("_", " "), getattr(test, name))
                        for name in dir(Test) if name.startswith("test_")])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
