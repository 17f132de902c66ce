# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Where the cases run: on the device model, in this machine, and on QEMU's 82576, in the guest.

A rig starts a testpmd with the port under test, a PF or a VF under its PF.
"""

import glob
import os
import shutil
import subprocess
import tempfile
import time

import wires
from port import Port
from testpmd import Testpmd

PLUGIN = "librte_net_sluice.so"
MODEL_PLUGIN = "librte_bus_sluicemodel.so"
TESTPMD_OPTIONS = ["-i", "--total-num-mbufs=8192", "--burst=16", "--nb-cores=1"]
MODEL_SECONDS = 30
LOG_LEVEL = "--log-level=lib.eal:warning"


def lcores():
    """The lcores float, so that EAL's interrupt thread may run wherever there is time."""
    return f"(0,1)@(0-{len(os.sched_getaffinity(0)) - 1})"


class Rig:
    """Base of both. kind: pf, vf; pmd: sluice, in-tree"""
    place = None

    def __init__(self, family, pmd):
        self.family, self.pmd = family, pmd
        self.folder = tempfile.mkdtemp(prefix="sluice-conf.")
        self._running = []

    def start(self, kind, *arguments, vfs=1):
        """The port, in a testpmd with more arguments."""
        raise NotImplementedError

    def stop(self):
        """Ends all that was started; whether each ended well."""
        statuses = [testpmd.quit() for testpmd in reversed(self._running)]
        self._running = []
        return all(status == 0 for status in statuses)

    @staticmethod
    def for_both(arguments):
        """Those of a VF's testpmd that its PF's gets too: an 82599 has one limit for both."""
        return [one for one in arguments if one.startswith("--max-pkt-len")]

    def stop_one(self, testpmd):
        self._running.remove(testpmd)
        testpmd.quit()

    def restart(self, kind, *arguments, vfs=1):
        """A port in place of the one that start() gave."""
        self.stop()
        return self.start(kind, *arguments, vfs=vfs)

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _testpmd(self, eal, arguments, environment=None):
        command = ["dpdk-testpmd", LOG_LEVEL, "--lcores", lcores(), *eal, "--",
                   *TESTPMD_OPTIONS, *arguments]
        testpmd = Testpmd(command, environment)
        self._running.append(testpmd)
        return testpmd

    def _port(self, testpmd, number, kind, wire):
        port = Port(testpmd, number, kind, wire)
        port.rig = self
        return port


class ModelRig(Rig):
    """The NIC is a process, sluice-model; a VF's PF has a testpmd of its own."""
    place = "model"

    def __init__(self, family, pmd, build):
        super().__init__(family, pmd)
        self._build = build
        self._model = None
        self._path = os.path.join(self.folder, "nic")
        self.wire = wires.ModelWire(os.path.join(self.folder, "wire"))

    def plugins(self):
        names = [f"test/model/attach/{MODEL_PLUGIN}"]
        if self.pmd == "sluice":
            names.append(f"drivers/net/{PLUGIN}")
        return [word for name in names for word in ("-d", os.path.join(self._build, name))]

    def _eal(self, device):
        return ["--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "256",
                *self.plugins(), "--vdev", f"sluicemodel0,{device}"]

    def eal_on(self, function):
        """EAL's options for another program, on a function of the NIC that runs."""
        return [LOG_LEVEL, "--lcores", lcores(),
                *self._eal(f"connect={self._path},function={function}")]

    def _testpmd_on(self, device, arguments):
        return self._testpmd(self._eal(device), arguments)

    def _start_model(self, vfs):
        """The path of its socket."""
        path = self._path
        wires.remove_socket(path)
        self._model = subprocess.Popen(
            [os.path.join(self._build, "test/model/server/sluice-model"), "--listen", path,
             "--family", self.family, "--vfs", str(vfs), "--wire", self.wire.spec],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + MODEL_SECONDS
        while not os.path.exists(path):
            if self._model.poll() is not None or time.monotonic() > end:
                raise OSError("sluice-model does not start")
            time.sleep(0.01)
        return path

    def start(self, kind, *arguments, vfs=1):
        if kind == "pf":
            device = f"family={self.family},wire={self.wire.spec}"
            return self._port(self._testpmd_on(device, arguments), 0, "pf", self.wire)
        pf_arguments = self.for_both(arguments)
        path = self._start_model(vfs)
        pf = self._port(self._testpmd_on(f"connect={path},function=pf", pf_arguments), 0, "pf",
                        self.wire)
        vf = self._port(self._testpmd_on(f"connect={path},function=vf0", arguments), 0, "vf",
                        self.wire)
        vf.pf = pf
        return vf

    def stop(self):
        good = super().stop()
        if self._model is not None:
            self._model.terminate()
            self._model.wait()
            self._model = None
        return good

    def close(self):
        super().close()
        self.wire.close()


class GuestRig(Rig):
    """The PF has a testpmd of its own, which its VFs' does not see."""
    place = "guest"
    PMDS = ("bus_pci", "bus_vdev", "mempool_ring")
    TOKEN = "14d63f20-8445-11ea-8900-1f9ce7d5650d"

    def __init__(self, pmd):
        super().__init__("82576", pmd)
        self.pf_bdf = os.environ["PF0"]
        self._dir = f"/sys/bus/pci/devices/{self.pf_bdf}"
        self.vf_bdfs = []
        self._write("sriov_drivers_autoprobe", "0")
        self.wire = wires.NetdevWire("wire0")

    def _write(self, name, text):
        with open(f"{self._dir}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    def plugin_paths(self):
        names = [f"/guest/pmds/librte_{name}.so" for name in self.PMDS]
        return names + [f"/host/{PLUGIN}" if self.pmd == "sluice"
                        else "/guest/pmds/librte_net_e1000.so"]

    def plugins(self):
        return [word for name in self.plugin_paths() for word in ("-d", name)]

    def make_vfs(self, number):
        """Puts their addresses on the bus in vf_bdfs."""
        self._write("sriov_numvfs", "0")
        if number:
            self._write("sriov_numvfs", str(number))
        end = time.monotonic() + 10
        while len(glob.glob(f"{self._dir}/virtfn*")) != number and time.monotonic() < end:
            time.sleep(0.05)
        self.vf_bdfs = [os.path.basename(os.readlink(f"{self._dir}/virtfn{index}"))
                        for index in range(number)]

    def testpmd_on(self, select, name, *arguments):
        """select: EAL's options that pick the devices"""
        return self._testpmd(
            ["--no-telemetry", "-m", "64", "--vfio-vf-token", self.TOKEN, "--file-prefix", name,
             *self.plugins(), *select], arguments)

    def start(self, kind, *arguments, vfs=1):
        self.make_vfs(vfs if kind == "vf" else 0)
        if kind == "pf":
            pf_arguments, name = arguments, "nic"
        else:
            pf_arguments, name = self.for_both(arguments), "pf"
        pf = self._port(self.testpmd_on(["-a", self.pf_bdf], name, *pf_arguments), 0, "pf",
                        self.wire)
        if kind == "pf":
            return pf
        vf = self._port(self.testpmd_on(["-a", self.vf_bdfs[0]], "nic", *arguments), 0, "vf",
                        self.wire)
        vf.pf = pf
        return vf

    def close(self):
        super().close()
        self.wire.close()
