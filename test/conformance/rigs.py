# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Where the cases run: on the device model, in this machine, and on QEMU's 82576, in the guest.

A rig starts a testpmd with the port under test, a PF or a VF under its PF.
"""

import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import wires
from port import Port
from testpmd import Refused, Testpmd

PLUGIN = "librte_net_sluice.so"
MODEL_PLUGIN = "librte_bus_sluicemodel.so"
TESTPMD_OPTIONS = ["-i", "--total-num-mbufs=8192", "--burst=16", "--nb-cores=1"]
HEAD_AND_CRC = 18
LOG_LINES = 20
LOG_LEVEL = "--log-level=lib.eal:warning"


def lcores():
    """The lcores float, so that EAL's interrupt thread may run wherever there is time."""
    return f"(0,1)@(0-{len(os.sched_getaffinity(0)) - 1})"


def write_file(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def wait_for(is_so, complaint, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise OSError(complaint)
        time.sleep(0.05)


class Rig:
    """Base of all. kind: pf, vf; pmd: sluice, in-tree"""
    place = None
    KINDS = ("pf", "vf")
    PORT = "nic"            # file prefix of the testpmd with the port under test

    def __init__(self, family, pmd):
        self.family, self.pmd = family, pmd
        self.folder = tempfile.mkdtemp(prefix="sluice-conf.")
        self.environment = {}
        self._running = []

    def start(self, kind, *arguments, vfs=1):
        """The port, in a testpmd with more arguments."""
        raise NotImplementedError

    def stop(self):
        """Ends all that was started; whether each ended well."""
        statuses = [testpmd.quit() for testpmd in reversed(self._running)]
        self._running = []
        return all(status == 0 for status in statuses)

    def begin_evidence(self):
        """What the programs print from here on is evidence() of."""
        for testpmd in self._running:
            testpmd.begin_evidence()

    def evidence(self):
        """Why a case failed: what each testpmd printed, and the logs of the others."""
        parts = [(f"testpmd {testpmd.name}", testpmd.evidence()) for testpmd in self._running]
        for path in sorted(glob.glob(os.path.join(self.folder, "*.log"))):
            with open(path, encoding="utf-8", errors="replace") as log:
                parts.append((os.path.basename(path), "".join(log.readlines()[-LOG_LINES:])))
        return "\n".join(f"--- {name}:\n{text.rstrip()}" for name, text in parts if text.strip())

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

    def reset_pf(self, port):
        """The PF goes, as far as a VF's port sees, and comes back."""
        port.pf.halt()
        port.pf.must("port stop {}")
        port.pf.must("port reset {}")
        port.pf.must("port start {}")
        port.pf.wait_for_link()

    def restart_pf(self, port):
        port.pf.reconfigure()

    def eal_of(self, kind, name, vfs=(0,)):
        """EAL's options for another program in place of the port's testpmd; vfs: of a VF's PF"""
        raise NotImplementedError

    def close(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _testpmd(self, eal, arguments):
        command = ["dpdk-testpmd", LOG_LEVEL, "--lcores", lcores(), *eal, "--",
                   *TESTPMD_OPTIONS, *arguments]
        testpmd = Testpmd(command, self.environment)
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
        # Where telemetry's sockets are.
        self.environment["RUNTIME_DIRECTORY"] = self.folder
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
        return ["--no-huge", "--no-pci", "--no-shconf", "-m", "256",
                *self.plugins(), "--vdev", f"sluicemodel0,{device}"]

    def _device(self, kind, function):
        """A PF's NIC goes with its process; that of a VF is one of its own."""
        if kind == "pf":
            return f"family={self.family},wire={self.wire.spec}"
        return f"connect={self._path},function={function}"

    def eal_of(self, kind, name, vfs=(0,)):
        function = f"vf{vfs[0]}" if len(vfs) == 1 else f"vf{vfs[0]}-{vfs[-1]}"
        return ["--file-prefix", name, "--no-telemetry", LOG_LEVEL, "--lcores", lcores(),
                *self._eal(self._device(kind, function))]

    def _testpmd_on(self, device, name, arguments):
        return self._testpmd(["--file-prefix", name, *self._eal(device)], arguments)

    def _start_model(self, vfs):
        """The path of its socket."""
        self._model = self._start_server(
            "sluice-model", self._path, "--listen", self._path, "--family", self.family, "--vfs",
            str(vfs), "--wire", self.wire.spec)
        return self._path

    def _start_server(self, name, listens, *arguments):
        """A program beside the model; listens: the socket that it has when it is ready"""
        wires.remove_socket(listens)
        with open(self._log_of(name), "ab") as log:
            server = subprocess.Popen(
                [os.path.join(self._build, "test/model/server", name), *arguments],
                stdout=log, stderr=log)
        wait_for(lambda: os.path.exists(listens) or server.poll() is not None,
                 f"{name} does not start")
        if server.poll() is not None:
            raise OSError(f"{name} ends")
        return server

    def _log_of(self, name):
        return os.path.join(self.folder, f"{name}.log")

    def _start_port(self, kind, arguments, function="vf0"):
        testpmd = self._testpmd_on(self._device(kind, function), self.PORT, arguments)
        return self._port(testpmd, 0, kind, self.wire)

    def start(self, kind, *arguments, vfs=1):
        if kind == "pf":
            return self._start_port("pf", arguments)
        pf_arguments = self.for_both(arguments)
        path = self._start_model(vfs)
        pf = self._port(self._testpmd_on(f"connect={path},function=pf", "pf", pf_arguments), 0,
                        "pf", self.wire)
        vf = self._start_port("vf", arguments)
        vf.pf = pf
        return vf

    def stop(self):
        good = super().stop()
        self.wire.plug()
        if self._model is not None:
            self._model.terminate()
            self._model.wait()
            self._model = None
        return good

    def close(self):
        super().close()
        self.wire.close()


def mtu_in(arguments):
    """Of a PF that is to let testpmd's frames through."""
    lengths = [int(argument.split("=")[1]) for argument in arguments
               if argument.startswith("--max-pkt-len=")]
    return max([1500, *(length - HEAD_AND_CRC for length in lengths)])


class SluicedRig(ModelRig):
    """The PF is sluiced's, which trusts the VFs. VF 1 is in a VLAN of its own, so that nothing that
    it sends comes to VF 0, though both take what is addressed to others."""
    place = "sluiced"
    KINDS = ("vf",)
    PF = "0000:f0:00.0"
    VLAN = 20

    def __init__(self, family, pmd, build):
        super().__init__(family, pmd, build)
        self._daemon = None
        self._more = {}         # keys of the PF's entry in the configuration
        self._vfs = self._mtu = None
        self._control = os.path.join(self.folder, "control.sock")

    def _vf(self, vf):
        """Its entry in the configuration."""
        return {"vf": vf, "trust": True, "spoofchk": False, "query_rss": True,
                "vlan": self.VLAN if vf == 1 else 0}

    def _configure(self, vfs, mtu):
        self._vfs, self._mtu = vfs, mtu
        config = {
            "control_socket": self._control,
            "state_dir": os.path.join(self.folder, "state"),
            "hugepages_mb": 32,
            "eal": ["--no-huge", "--no-pci",
                    f"--vdev=sluicemodel0,connect={self._path},function=pf"],
            "ports": [{"pci": self.PF, "num_vfs": vfs, "mtu": mtu, "external": True,
                       "vfs": [self._vf(vf) for vf in range(vfs)], **self._more}],
        }
        write_file(os.path.join(self.folder, "sluiced.json"), json.dumps(config))

    def _start_daemon(self):
        self._daemon = self._start_server("sluiced-on-model", self._control, "-c",
                                          os.path.join(self.folder, "sluiced.json"))

    def _stop_daemon(self):
        """Whether it ended well."""
        daemon, self._daemon = self._daemon, None
        if daemon is None:
            return True
        daemon.terminate()
        return daemon.wait() == 0

    def start(self, kind, *arguments, vfs=2):
        self._start_model(vfs)
        self._configure(vfs, mtu_in(arguments))
        self._start_daemon()
        return self._start_port(kind, arguments)

    def reset_pf(self, port):
        if not self._stop_daemon():
            raise OSError("sluiced ends with an error")
        self._start_daemon()

    restart_pf = reset_pf

    def stop(self):
        good = Rig.stop(self)
        good = self._stop_daemon() and good
        return super().stop() and good


class PolicyRig(SluicedRig):
    """The PF is sluiced's, which trusts nobody; VF 1 is there too, in a testpmd of its own."""
    place = "policy"

    def _vf(self, vf):
        return {"vf": vf, "mac": f"02:00:00:00:55:{vf:02x}"}

    def start(self, kind, *arguments, vfs=2):
        port = super().start(kind, *arguments, vfs=vfs)
        other = self._testpmd_on(self._device("vf", "vf1"), "other", arguments)
        port.other = self._port(other, 0, "vf", self.wire)
        port.other.wait_for_link()
        return port

    def sluicectl(self, *words):
        """(status, what it says)"""
        done = subprocess.run(
            [os.path.join(self._build, "app/sluicectl/sluicectl"), "--socket", self._control,
             *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    @staticmethod
    def set_words(vf, keys):
        return ["set", "vf", str(vf),
                *(str(word) for item in keys.items() for word in item)]

    def set_policy(self, vf, **keys):
        status, text = self.sluicectl(*self.set_words(vf, keys))
        if status != 0:
            raise Refused(f"sluicectl: {text.strip()}")

    @contextlib.contextmanager
    def port_keys(self, **keys):
        """The PF's entry of the configuration says more, for as long."""
        self._more = keys
        self._reload()
        try:
            yield
        finally:
            self._more = {}
            self._reload()

    def _reload(self):
        """The daemon reads its configuration again; the policies are the file's then."""
        def times_read():
            with open(self._log_of("sluiced-on-model"), encoding="utf-8") as log:
                return log.read().count("read again")

        before = times_read()
        self._configure(self._vfs, self._mtu)
        self._daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: times_read() > before, "sluiced does not take its new configuration")

    def show(self, vf):
        """What sluicectl shows of a VF."""
        _, text = self.sluicectl("show", "vf", str(vf), "--json")
        return json.loads(text)["ports"][0]["vfs"][0]

    def policy_of(self, vf):
        """As sluicectl takes it back."""
        words = {True: "on", False: "off"}
        return {key: words.get(value, value) if isinstance(value, bool) else value
                for key, value in self.show(vf)["policy"].items()}


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
        write_file(f"{self._dir}/{name}", text)

    @staticmethod
    def _bind(bdf, driver):
        """As lib.sh does it."""
        folder = f"/sys/bus/pci/devices/{bdf}"
        subprocess.run(["modprobe", driver], check=True)
        if os.path.exists(f"{folder}/driver"):
            write_file(f"{folder}/driver/unbind", bdf)
        write_file(f"{folder}/driver_override", driver)
        write_file("/sys/bus/pci/drivers_probe", bdf)
        wait_for(lambda: os.path.exists(f"/sys/bus/pci/drivers/{driver}/{bdf}"),
                 f"{bdf} is not bound to {driver}")

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
        wait_for(lambda: len(glob.glob(f"{self._dir}/virtfn*")) == number,
                 f"{number} VFs do not come")
        self.vf_bdfs = [os.path.basename(os.readlink(f"{self._dir}/virtfn{index}"))
                        for index in range(number)]

    def testpmd_on(self, select, name, *arguments):
        """select: EAL's options that pick the devices"""
        return self._testpmd(
            ["-m", "64", "--file-prefix", name, *self._token(), *self.plugins(), *select],
            arguments)

    def _token(self):
        return ["--vfio-vf-token", self.TOKEN]

    def _devices(self, kind, vfs=(0,)):
        """EAL's options that pick the port's, or some VFs"""
        bdfs = [self.pf_bdf] if kind == "pf" else [self.vf_bdfs[vf] for vf in vfs]
        return [word for bdf in bdfs for word in ("-a", bdf)]

    def eal_of(self, kind, name, vfs=(0,)):
        return ["-m", "64", "--file-prefix", name, "--no-telemetry", LOG_LEVEL, "--lcores",
                lcores(), *self._token(), *self.plugins(), *self._devices(kind, vfs)]

    def secondary(self, kind):
        """EAL's options for a second process on the port."""
        return ["--file-prefix", self.PORT, LOG_LEVEL, *self._token(), *self.plugins(),
                *self._devices(kind)]

    def start(self, kind, *arguments, vfs=1):
        self.make_vfs(vfs if kind == "vf" else 0)
        if kind == "pf":
            pf_arguments, name = arguments, self.PORT
        else:
            pf_arguments, name = self.for_both(arguments), "pf"
        pf = self._port(self.testpmd_on(self._devices("pf"), name, *pf_arguments), 0, "pf",
                        self.wire)
        if kind == "pf":
            return pf
        vf = self._port(self.testpmd_on(self._devices("vf"), self.PORT, *arguments), 0, "vf",
                        self.wire)
        vf.pf = pf
        return vf

    @contextlib.contextmanager
    def under_linux(self, number):
        """A VF's port, whose PF is Linux's: no token is asked for then."""
        self.stop()
        self.make_vfs(0)
        self._bind(self.pf_bdf, "igb")
        try:
            netdev, = os.listdir(f"{self._dir}/net")
            subprocess.run(["ip", "link", "set", netdev, "up"], check=True)
            self.make_vfs(number)
            self._bind(self.vf_bdfs[0], "vfio-pci")
            yield self._port(self.testpmd_on(self._devices("vf"), self.PORT), 0, "vf", self.wire)
        finally:
            self.stop()
            self.make_vfs(0)
            self._bind(self.pf_bdf, "vfio-pci")

    def close(self):
        super().close()
        self.wire.close()
