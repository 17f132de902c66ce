# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Where the cases run: on the device model, in this machine, and on QEMU's 82576, in the guest.

A rig starts a testpmd with the port under test, a PF or a VF under its PF.
"""

import glob
import os
import shutil
import tempfile
import time

import wires
from port import Port
from testpmd import Testpmd

PLUGIN = "librte_net_sluice.so"
MODEL_PLUGIN = "librte_bus_sluicemodel.so"
TESTPMD_OPTIONS = ["-i", "--total-num-mbufs=4096", "--burst=16", "--nb-cores=1"]
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
    """PF and VF are ports of the same testpmd."""
    place = "model"

    def __init__(self, family, pmd, build):
        super().__init__(family, pmd)
        self._build = build
        self.wire = wires.ModelWire(os.path.join(self.folder, "wire"))

    def plugins(self):
        names = [f"test/model/attach/{MODEL_PLUGIN}"]
        if self.pmd == "sluice":
            names.append(f"drivers/net/{PLUGIN}")
        return [word for name in names for word in ("-d", os.path.join(self._build, name))]

    def start(self, kind, *arguments, vfs=1):
        vdev = f"sluicemodel0,family={self.family},wire={self.wire.spec}"
        if kind == "vf":
            vdev += f",vfs={vfs}"
        testpmd = self._testpmd(
            ["--no-huge", "--no-pci", "--no-shconf", "--no-telemetry", "-m", "256",
             *self.plugins(), "--vdev", vdev], arguments)
        pf = self._port(testpmd, 0, "pf", self.wire)
        if kind == "pf":
            return pf
        vf = self._port(testpmd, 1, "vf", self.wire)
        vf.pf = pf
        return vf

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
        self._pf_bdf = os.environ["PF0"]
        self._dir = f"/sys/bus/pci/devices/{self._pf_bdf}"
        self._write("sriov_drivers_autoprobe", "0")
        self.wire = wires.NetdevWire("wire0")

    def _write(self, name, text):
        with open(f"{self._dir}/{name}", "w", encoding="ascii") as file:
            file.write(text)

    def plugins(self):
        names = [f"/guest/pmds/librte_{name}.so" for name in self.PMDS]
        names.append(f"/host/{PLUGIN}" if self.pmd == "sluice"
                     else "/guest/pmds/librte_net_e1000.so")
        return [word for name in names for word in ("-d", name)]

    def make_vfs(self, number):
        """Their addresses on the bus."""
        self._write("sriov_numvfs", "0")
        if number:
            self._write("sriov_numvfs", str(number))
        end = time.monotonic() + 10
        while len(glob.glob(f"{self._dir}/virtfn*")) != number and time.monotonic() < end:
            time.sleep(0.05)
        return [os.path.basename(os.readlink(f"{self._dir}/virtfn{index}"))
                for index in range(number)]

    def testpmd_on(self, select, name, *arguments):
        """select: EAL's options that pick the devices"""
        return self._testpmd(
            ["--no-telemetry", "-m", "64", "--vfio-vf-token", self.TOKEN, "--file-prefix", name,
             *self.plugins(), *select], arguments)

    def start(self, kind, *arguments, vfs=1):
        bdfs = self.make_vfs(vfs if kind == "vf" else 0)
        if kind == "pf":
            pf_arguments, name = arguments, "nic"
        else:
            pf_arguments, name = (), "pf"
        pf = self._port(self.testpmd_on(["-a", self._pf_bdf], name, *pf_arguments), 0, "pf",
                        self.wire)
        if kind == "pf":
            return pf
        vf = self._port(self.testpmd_on(["-a", bdfs[0]], "nic", *arguments), 0, "vf", self.wire)
        vf.pf = pf
        return vf

    def close(self):
        super().close()
        self.wire.close()
