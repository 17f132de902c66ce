# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A model port with its processes: sluice-model, sluiced on it, programs that have VFs, a wire.

Used by the tests beside it. Everything runs as whoever starts it, without huge pages.
"""
import collections
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

PF = "0000:f0:00.0"
WAIT_S = 60
# CNI plugins as new as 1.9 refuse their own network namespace without it.
CNI_ANY_NETNS = {"CNI_NETNS_OVERRIDE": "1"}
FRAME_BYTES = 60
HEADER_BYTES = 14
# Of server/message.h.
MESSAGE_VFS, MESSAGE_BYTES = 7, 88
ETHERTYPE = 0x88B5


# The leak sanitizer stops its process from another one, which shares our filter of system calls
# and never answers.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


class Failed(Exception):
    """Something is not as the test wants it."""


def expect(found, wanted, what):
    if found != wanted:
        raise Failed(f"{what}: {found}, not {wanted}")


def until(condition, what, seconds=WAIT_S):
    """Waits for a condition, which is looked at often."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {seconds} s")
        time.sleep(0.02)


def mac_of(vf):
    return f"02:00:00:00:01:{vf:02x}"


class Program:
    """A process whose output is kept, and shown when a test fails."""

    def __init__(self, rig, name, command, **more):
        self.name = name
        self.log = open(os.path.join(rig.folder, f"{name}-{len(rig.programs)}.log"), "w+b")
        self.process = subprocess.Popen(command, stderr=self.log, **more)
        rig.programs.append(self)

    def output(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """@return its exit status"""
        if self.running():
            self.process.terminate()
        return self.process.wait(WAIT_S)

    def kill(self):
        self.process.kill()
        self.process.wait(WAIT_S)


class Tenant(Program):
    """tenant.c with some VFs: .mac and .port by the VF's number."""

    def __init__(self, rig, function, extra=(), **more):
        super().__init__(rig, f"tenant-{function}",
                         [rig.path("test/model/server/tenant"), *rig.eal(function, **more), *extra],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.port, self.mac, self.unread = {}, {}, b""

    def line(self, seconds=WAIT_S):
        end = time.monotonic() + seconds
        while b"\n" not in self.unread:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise Failed(f"{self.name}: silent for {seconds} s")
            part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                raise Failed(f"{self.name}: ended ({self.process.wait(WAIT_S)})")
            self.unread += part
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()

    def wait_ready(self):
        """Of ports "0000:f0:10.3" is VF 3."""
        while (words := self.line().split()) != ["ready"]:
            if words[:1] != ["port"]:
                continue
            place = words[2].rsplit(":", 1)[1].split(".")
            vf = (int(place[0], 16) - 0x10) * 8 + int(place[1])
            self.port[vf], self.mac[vf] = int(words[1]), words[3].lower()
        return self

    def say(self, text):
        self.process.stdin.write((text + "\n").encode())

    def send(self, vf, dst, count=1, src=None, number=None):
        number = vf if number is None else number
        self.say(f"send {self.port[vf]} {dst} {src or self.mac[vf]} {number} {count}")

    def flood(self, vf, dst, count):
        """@return frames in a second"""
        self.say(f"flood {self.port[vf]} {dst} {vf} {count}")
        words = self.line().split()
        return int(words[2]) * 1e9 / int(words[3])

    def foreign(self, vf):
        self.say(f"foreign {self.port[vf]}")

    def scribble(self, count):
        self.say(f"scribble {count}")
        expect(self.line(), "scribbled", "answer")

    def vanish(self):
        self.say("vanish")
        expect(self.line(), "vanished", "answer")

    def link(self, vf):
        self.say(f"link {self.port[vf]}")
        return self.line().split()[2]

    def tally(self):
        """Counter of (vf, number, dst), how many bad frames, and which VFs are to reset."""
        vf_of = {port: vf for vf, port in self.port.items()}
        got, bad, resets = collections.Counter(), 0, set()
        self.say("tally")
        while (words := self.line().split()) != ["end"]:
            if words[0] == "got":
                got[vf_of[int(words[1])], int(words[2]), words[3].lower()] += int(words[4])
            elif words[0] == "bad":
                bad += int(words[2])
            else:
                resets.add(vf_of[int(words[1])])
        return got, bad, resets

    def finish(self):
        self.process.stdin.close()
        return self.process.wait(WAIT_S)


class Wire:
    """The other end of a model port's socket wire."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(path)
        self.socket.settimeout(WAIT_S)
        self.socket.recv(1)
        self.socket.settimeout(0)

    def send(self, dst, src, number, vlan=None):
        tag = b"" if vlan is None else b"\x81\x00" + vlan.to_bytes(2, "big")
        self.socket.send(bytes.fromhex((dst + src).replace(":", "")) + tag +
                         ETHERTYPE.to_bytes(2, "big") + payload(number))

    def frames(self):
        """What has come since: (dst, src, vlan or None, number); other programs' are left out."""
        found = []
        while True:
            try:
                data = self.socket.recv(16384)
            except BlockingIOError:
                return found
            vlan = None
            macs, rest = data[:12].hex(":"), data[12:]
            if rest[:2] == b"\x81\x00":
                vlan, rest = int.from_bytes(rest[2:4], "big") & 0xFFF, rest[4:]
            number = int.from_bytes(rest[2:6], "big")
            if rest[:2] == ETHERTYPE.to_bytes(2, "big") and rest[2:].startswith(payload(number)):
                found.append((macs[:17], macs[18:], vlan, number))

    def echo(self, done):
        """Sends back what comes, addresses swapped, until done()."""
        while not done():
            if not select.select([self.socket], [], [], 0.05)[0]:
                continue
            data = self.socket.recv(16384)
            # A port that is slow to take them leaves no room for more.
            select.select([], [self.socket], [], WAIT_S)
            self.socket.send(data[6:12] + data[:6] + data[12:])


def payload(number):
    """As tenant.c's."""
    fill = bytes((number * 31 + i) & 0xFF for i in range(FRAME_BYTES - HEADER_BYTES - 4))
    return number.to_bytes(4, "big") + fill


class Rig:
    """A port, and a folder for the sockets and logs of all its processes."""

    def __init__(self, build, family, vfs, wire="null", model=()):
        self.build, self.family, self.vfs = build, family, vfs
        self.folder = tempfile.mkdtemp(prefix="sluice-")
        self.programs, self.daemon = [], None
        self.nic = f"{self.folder}/nic.sock"
        if wire == "socket":
            wire = f"socket:{self.folder}/wire.sock"
        self.model = Program(self, "sluice-model", [
            self.path("test/model/server/sluice-model"), "--listen", self.nic, "--family", family,
            "--vfs", str(vfs), "--wire", wire, *model], stdout=subprocess.DEVNULL)
        until(lambda: os.path.exists(self.nic) or not self.model.running(), "the model's socket")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for program in reversed(self.programs):
            if program.running():
                program.process.send_signal(
                    signal.SIGTERM if program in (self.daemon, self.model) else signal.SIGKILL)
                try:
                    program.process.wait(10)
                except subprocess.TimeoutExpired:
                    program.kill()
        if kind is not None:
            for program in self.programs:
                for line in program.output().splitlines()[-20:]:
                    print(f"# {program.name}: {line}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.build, name)

    def set_vfs(self, number):
        """As if so many VFs were written to the PF's SR-IOV capability (message.h)."""
        message = struct.pack("=IiI", MESSAGE_VFS, 0, number).ljust(MESSAGE_BYTES, b"\0")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            connection.settimeout(WAIT_S)
            connection.connect(self.nic)
            connection.send(message)
            expect(struct.unpack("=Ii", connection.recv(MESSAGE_BYTES)[:8]), (MESSAGE_VFS, 0),
                   f"{number} VFs")

    def doorbells(self):
        """How many doorbells of each function the model was asked for, as VF 0 ... and PF."""
        said = self.model.output().count("that is all")
        self.model.process.send_signal(signal.SIGUSR1)
        until(lambda: self.model.output().count("that is all") > said, "the model's counters")
        return {name: int(number) for name, number in re.findall(
            r"(PF|VF \d+): .* (\d+) of them doorbells", self.model.output())}

    def eal(self, function, memory="64", doorbell="poll"):
        return ["--no-huge", "-m", memory, "--no-pci", "--no-shconf", "--no-telemetry",
                "--log-level=lib.eal:warning", "--lcores=0@(0-%d)" % (os.cpu_count() - 1),
                "-d", self.path("test/model/attach/librte_bus_sluicemodel.so"),
                "-d", self.path("drivers/net/librte_net_sluice.so"),
                f"--vdev=sluicemodel0,connect={self.nic},function={function},doorbell={doorbell}"]

    def wire(self):
        return Wire(f"{self.folder}/wire.sock")

    def start_daemon(self, vfs=(), keeper=()):
        """sluiced, each VF with an address of its own; @p vfs: more of its policy, by VF;
        @p keeper: the words of a command that starts it."""
        more = dict(vfs)
        config = {
            "control_socket": f"{self.folder}/control.sock",
            "state_dir": f"{self.folder}/state",
            "audit_log": f"{self.folder}/audit.json",
            "hugepages_mb": 32,
            "log_level": "warning",
            "eal": ["--no-huge", "--no-pci",
                    f"--vdev=sluicemodel0,connect={self.nic},function=pf"],
            "ports": [{"pci": PF, "num_vfs": self.vfs, "external": True, "vfs": [
                {"vf": vf, "mac": mac_of(vf), **more.get(vf, {})} for vf in range(self.vfs)]}],
        }
        self.config = config
        file = self.write_config()
        # DPDK's own directory is in the rig's folder too.
        self.daemon = Program(self, "sluiced", [
            *keeper, self.path("test/model/server/sluiced-on-model"), "-c", file],
            env={**os.environ, "RUNTIME_DIRECTORY": self.folder})
        until(lambda: os.path.exists(config["control_socket"]) or not self.daemon.running(),
              "sluiced's socket")
        if not self.daemon.running():
            raise Failed("sluiced ended")

    def write_config(self):
        file = f"{self.folder}/sluiced.json"
        with open(file, "w", encoding="utf-8") as stream:
            json.dump(self.config, stream)
        return file

    def watch(self, **rules):
        """The daemon watches by other rules, soon."""
        self.config["ports"][0]["watch"] = rules
        self.reload()

    def reload(self):
        """The daemon reads its file again, soon."""
        self.write_config()
        self.daemon.process.send_signal(signal.SIGHUP)

    def audit(self):
        """All lines of the audit log."""
        with open(self.config["audit_log"], encoding="utf-8") as stream:
            return [json.loads(line) for line in stream]

    def sluicectl(self, *args, stderr=None):
        return subprocess.run(
            [self.path("app/sluicectl/sluicectl"), "--socket", f"{self.folder}/control.sock",
             *args], check=True, stdout=subprocess.PIPE, stderr=stderr, text=True).stdout

    def tenants(self, functions, **more):
        """Starts them all, then waits for them all."""
        started = [Tenant(self, function, **more) for function in functions]
        return [tenant.wait_ready() for tenant in started]


def run(tests):
    """A TAP line for each test: (what, function). @return the exit status"""
    failed = 0
    print(f"1..{len(tests)}")
    for number, (what, test) in enumerate(tests, 1):
        begin = time.monotonic()
        try:
            test()
            verdict = "ok"
        except (Failed, OSError, subprocess.SubprocessError) as error:
            print(f"# {type(error).__name__}: {error}")
            verdict = "not ok"
            failed += 1
        print(f"{verdict} {number} - {what} ({time.monotonic() - begin:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit("rig.py is for the tests beside it")
