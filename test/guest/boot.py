#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Boots the guest, runs a script as root in it, and exits with the script's status.

`./run guest` does the set-up and then calls this; `./run guest --help` tells the options.
QEMU runs with three socket pairs to this process (the script's output, a line protocol
spoken by init.sh, QMP) and with two files (the serial console, the tar of /out).
"""

import argparse
import dataclasses
import fcntl
import json
import os
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import termios
import time
import tty

import accelerator
import initramfs
import with_systemd

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, "build")
GUEST_DIR = os.path.join(BUILD, "guest")
FAILURE_DIR = os.path.join(BUILD, "log", "guest-failure")

EX_USAGE = 64
EX_UNAVAILABLE = 69
EX_TEMPFAIL = 75
OVERTIME = 124

# Above this, QEMU 10.0's firmware places the VFs' BARs above 4 GB, where the device model
# cuts their addresses to 32 bits: no VF register is then reachable.
MAX_MEMORY_MB = 2750
MAX_PORTS = 12
FIRST_WIRE_SLOT = 0x03
FIRST_ROOT_PORT_SLOT = 0x10

BOOT_LIMIT_S = 150          # from QEMU's start to the script's
END_LIMIT_S = 60            # from the script's time limit, or its end, to the guest's end
DEFAULT_FREEZE_S = 60       # without a heartbeat; init.sh sends one every 2 s

# maxcpus=1: init.sh starts the other processors once the devices are set up. While they
# wait, the BARs that the kernel moves cannot hurt them; see late_free.c.
KERNEL_ARGS = (
    "console=ttyS0 quiet maxcpus=1 panic=-1 unknown_nmi_panic=1 panic_print=0xc0 "
    "intel_iommu=on iommu=strict mitigations=off nokaslr random.trust_cpu=on "
    "rcupdate.rcu_expedited=1 rcupdate.rcu_cpu_stall_suppress=1 init_on_alloc=0 audit=0 "
    "lsm= nmi_watchdog=0 cryptomgr.notests=1 no_timer_check"
)


def say(text):
    print(f"guest: {text}", file=sys.stderr, flush=True)


class InfrastructureFailure(Exception):
    """The guest, not the script, went wrong."""


def port_args(index, wire):
    """One 82576 behind its own root port, and the other end of its wire."""
    args = ["-device", f"pcie-root-port,id=rp{index},bus=pcie.0,chassis={index + 1},"
            f"slot={index + 1},addr={FIRST_ROOT_PORT_SLOT + index:#x}",
            "-netdev", f"hubport,hubid={index},id=port{index}",
            "-device", f"igb,bus=rp{index},netdev=port{index},mac=02:00:00:00:{index:02x}:01,"
            "romfile="]
    if wire == "tap":
        args += ["-netdev", f"hubport,hubid={index},id=wire{index}",
                 "-device", f"virtio-net-pci,netdev=wire{index},disable-legacy=on,romfile=,"
                 f"addr={FIRST_WIRE_SLOT + index:#x},mac=02:00:00:00:{index:02x}:fe"]
    return args


def qemu_command(options, kernel, initrd, fds, files):
    """fds: numbers of the inherited sockets by name; files: paths by name"""
    command = [
        "qemu-system-x86_64", "-M", "q35,kernel-irqchip=split", *accelerator.options(),
        "-smp", str(options.cpus), "-m", str(options.memory),
        "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot",
        "-action", "watchdog=inject-nmi",
        "-kernel", kernel, "-initrd", initrd,
        "-append", f"{KERNEL_ARGS} {accelerator.delay_args()}hugepages={options.hugepages} "
                   f"{options.append}",
        "-chardev", f"file,id=console,path={files['console.log']}", "-serial", "chardev:console",
        "-chardev", f"socket,id=qmp,fd={fds['qmp']}", "-mon", "chardev=qmp,mode=control",
        "-device", "intel-iommu,intremap=on,eim=on,device-iotlb=on",
        "-device", "i6300esb,addr=0x1",
        "-device", "virtio-serial-pci,addr=0x2,disable-legacy=on",
        "-chardev", f"socket,id=script,fd={fds['script']}",
        "-device", "virtconsole,chardev=script" if options.shell else
                   "virtserialport,chardev=script,name=script",
        "-chardev", f"socket,id=control,fd={fds['control']}",
        "-device", "virtserialport,chardev=control,name=control",
        "-chardev", f"file,id=out,path={files['out']}",
        "-device", "virtserialport,chardev=out,name=out",
    ]
    for index in range(options.ports):
        command += port_args(index, options.wire)
    for extra in options.qemu:
        command += shlex.split(extra)
    return command


def guest_settings(options):
    size = shutil.get_terminal_size()
    values = {
        "GUEST_PORTS": options.ports,
        "GUEST_WIRE": options.wire,
        "GUEST_SHELL": int(options.shell),
        "GUEST_SYSTEMD": int(options.systemd is not None),
        "GUEST_SCRIPT": "/guest/script/" + os.path.basename(options.script)
                        if options.script else "",
        "TIME_LIMIT": options.timeout,
        "WATCHDOG_S": options.freeze // 2,
        "FIRST_WIRE_SLOT": FIRST_WIRE_SLOT,
        "FIRST_ROOT_PORT_SLOT": FIRST_ROOT_PORT_SLOT,
        "ROWS": size.lines,
        "COLS": size.columns,
        "SHELL_TERM": os.environ.get("TERM", "linux"),
    }
    values.update(pair.split("=", 1) for pair in options.env)
    return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())


def take_turn():
    """Waits until few enough guests run on this machine; returns what holds the place until
    the program ends. Two guests on two processors are slower than one after the other, and
    far less reliable."""
    places = max(1, (os.cpu_count() or 1) // 2)
    told = False
    while True:
        for place in range(places):
            lock = open(os.path.join(GUEST_DIR, f".turn{place}"), "w", encoding="utf-8")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            except BlockingIOError:
                lock.close()
        if not told:
            say("waiting for another guest to end")
            told = True
        time.sleep(0.5)


def die_with_parent():
    """Run in QEMU's process before QEMU: a runner that is killed takes QEMU along."""
    import ctypes
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


@dataclasses.dataclass
class Progress:
    """What init.sh has told so far, and when."""
    begin: float
    last_sign: float
    started: float = None
    overtime: bool = False
    status: int = None
    ended: bool = False
    watchdog: bool = False


class Run:
    """One boot of the guest, in a scratch directory that holds its files."""

    def __init__(self, options, scratch, kernel, initrd):
        self.options = options
        self._files = {name: os.path.join(scratch, name)
                       for name in ("console.log", "out", "output.log", "qemu.log")}
        self._kernel, self._initrd = kernel, initrd
        self._ours = {}
        self._control_rest = b""
        self._qemu = None
        now = time.monotonic()
        self.progress = Progress(now, now)

    def start(self):
        theirs = {}
        for name in ("script", "control", "qmp"):
            self._ours[name], theirs[name] = socket.socketpair()
        fds = {name: end.fileno() for name, end in theirs.items()}
        command = qemu_command(self.options, self._kernel, self._initrd, fds, self._files)
        with open(self._files["qemu.log"], "w", encoding="utf-8") as log:
            log.write(shlex.join(command) + "\n\n")
            log.flush()
            self._qemu = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=accelerator.environment(GUEST_DIR), pass_fds=fds.values(),
                start_new_session=True, preexec_fn=die_with_parent)
        for end in theirs.values():
            end.close()
        if self.options.keep_log:
            os.makedirs(self.options.keep_log, exist_ok=True)
            with open(f"{self.options.keep_log}/qemu.pid", "w", encoding="utf-8") as file:
                file.write(f"{self._qemu.pid}\n")
        self._qmp_send("qmp_capabilities")

    def stop(self):
        if self._qemu is not None and self._qemu.poll() is None:
            self._qemu.kill()
        if self._qemu is not None:
            self._qemu.wait()

    def _qmp_send(self, command, /, **arguments):
        line = json.dumps({"execute": command, "arguments": arguments})
        try:
            self._ours["qmp"].sendall(line.encode() + b"\n")
        except OSError:
            pass        # QEMU is gone, which is noticed elsewhere

    def _on_control(self, data):
        *lines, self._control_rest = (self._control_rest + data).split(b"\n")
        for line in lines:
            word, _, value = line.decode(errors="replace").partition(" ")
            what, _, state = value.partition(" ")
            self.progress.last_sign = time.monotonic()
            if word == "started":
                self.progress.started = self.progress.last_sign
            elif word == "overtime":
                self.progress.overtime = True
            elif word == "link":
                self._qmp_send("set_link", name=f"port{what}", up=state == "up")
            elif word == "trace":
                self._qmp_send("trace-event-set-state", name=what, enable=state == "on")
            elif word == "status":
                self.progress.status = int(value)
            elif word == "end":
                self.progress.ended = True

    def follow(self):
        """Relays the script's output until the guest has ended; raises
        InfrastructureFailure if it ends in any other way than by its own word."""
        with selectors.DefaultSelector() as selector, \
                open(self._files["output.log"], "wb") as output:
            for name, end in self._ours.items():
                selector.register(end, selectors.EVENT_READ, name)
            shell = Terminal(self._ours["script"]) if self.options.shell else None
            if shell:
                selector.register(sys.stdin, selectors.EVENT_READ, "stdin")
            try:
                while not self.progress.ended and self._qemu.poll() is None:
                    for key, _ in selector.select(timeout=0.5):
                        self._relay(key, selector, output, shell)
                    self._check_time()
                self._drain(output)
            finally:
                if shell:
                    shell.restore()
        if not self.progress.ended:
            raise InfrastructureFailure(self._how_qemu_ended())

    def _relay(self, key, selector, output, shell):
        if key.data == "stdin":
            if not shell.relay_input():
                selector.unregister(key.fileobj)
            return
        try:
            data = key.fileobj.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            selector.unregister(key.fileobj)
        elif key.data == "control":
            self._on_control(data)
        elif key.data == "script":
            self._put(data, output)
        elif b'"WATCHDOG"' in data:
            self.progress.watchdog = True

    def _put(self, data, output):
        output.write(data)
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _drain(self, output):
        """QEMU has written what the script sent before `end`: read it to the last byte."""
        self.stop()
        for name, take in (("script", lambda data: self._put(data, output)),
                           ("control", self._on_control)):
            end = self._ours[name]
            end.setblocking(False)
            try:
                while data := end.recv(65536):
                    take(data)
            except OSError:
                pass

    def _check_time(self):
        now, progress = time.monotonic(), self.progress
        if progress.started is None:
            if now - progress.begin > BOOT_LIMIT_S:
                raise InfrastructureFailure(f"the guest has not booted in {BOOT_LIMIT_S} s")
            return
        if now - progress.last_sign > self.options.freeze:
            self._qmp_send("inject-nmi")        # makes the kernel tell where it is
            time.sleep(2)
            raise InfrastructureFailure(f"no sign of life for {self.options.freeze} s")
        limit = self.options.timeout
        if limit and now - progress.started > limit + END_LIMIT_S:
            raise InfrastructureFailure("the guest goes on after the script's time limit")

    def _how_qemu_ended(self):
        code = self._qemu.returncode
        if self.progress.watchdog:
            return "the guest's watchdog fired"
        if code < 0:
            return f"QEMU was ended by {signal.Signals(-code).name}"
        if code > 0:
            return f"QEMU exited with status {code}"
        return "the guest went down before the script had ended"

    def unpack_out(self, to):
        """Brings the files of the guest's /out to the directory `to`."""
        os.makedirs(to, exist_ok=True)
        if os.path.getsize(self._files["out"]) == 0:
            return
        try:
            with tarfile.open(self._files["out"]) as archive:
                archive.extractall(to, **TAR_FILTER)
        except (tarfile.TarError, EOFError) as error:
            raise InfrastructureFailure(f"/out did not arrive whole: {error}") from error

    def keep_logs(self, to):
        os.makedirs(to, exist_ok=True)
        for name in ("console.log", "output.log", "qemu.log"):
            if os.path.exists(self._files[name]):
                shutil.copyfile(self._files[name], os.path.join(to, name))

    def show_logs(self):
        for name in ("qemu.log", "console.log"):
            with open(self._files[name], errors="replace", encoding="utf-8") as file:
                lines = file.read().splitlines()[-25:]
            print(f"--- the end of {name}:", *lines, sep="\n", file=sys.stderr)
        print("---", file=sys.stderr, flush=True)


# Python 3.12 asks for a filter and 3.11.2 does not know it.
TAR_FILTER = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


class Terminal:
    """The user's terminal, raw while the guest's shell has it."""

    def __init__(self, guest):
        self._guest = guest
        self._saved = None
        if sys.stdin.isatty():
            self._saved = termios.tcgetattr(sys.stdin)
            tty.setraw(sys.stdin)

    def relay_input(self):
        """Sends what was typed; at its end an end-of-file, and returns False."""
        data = os.read(sys.stdin.fileno(), 4096)
        self._guest.sendall(data or b"\x04")
        return bool(data)

    def restore(self):
        if self._saved is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)


def attempt(options, scratch, kernel, initrd):
    """Runs the guest once; returns the script's status."""
    run = Run(options, scratch, kernel, initrd)
    try:
        run.start()
        run.follow()
        if options.out:
            run.unpack_out(options.out)
    except InfrastructureFailure as failure:
        run.stop()
        say(f"infrastructure failure: {failure}")
        run.show_logs()
        run.keep_logs(FAILURE_DIR)
        say(f"all of it is in {os.path.relpath(FAILURE_DIR)}")
        raise
    finally:
        run.stop()
        if options.keep_log:
            run.keep_logs(options.keep_log)
    boot_s = run.progress.started - run.progress.begin
    if options.verbose:
        say(f"script started {boot_s:.1f} s after QEMU, "
            f"ended {time.monotonic() - run.progress.begin:.1f} s after it")
    if run.progress.overtime:
        say(f"script ran over {options.timeout} s")
        return OVERTIME
    return run.progress.status


def find_kernel():
    """(kernel image, directory of its unpacked package)"""
    root = os.path.join(GUEST_DIR, "kernel")
    image = os.path.join(root, "image")
    if not os.path.exists(image):
        raise initramfs.MissingFile("the guest's kernel; ./run guest fetches it")
    return image, root


def make_initrd(options, scratch, base):
    path = os.path.join(scratch, "initrd")
    run_part = os.path.join(scratch, "run.cpio")
    installed = options.systemd
    if installed == with_systemd.OF_BUILD:
        installed = with_systemd.install(f"{BUILD}/{options.build}", f"{scratch}/installed")
    initramfs.make_run(run_part, base, options.script, guest_settings(options), options.args,
                       options.carry, options.python, installed)
    with open(path, "wb") as out:
        for part in (base.path, run_part):
            with open(part, "rb") as file:
                shutil.copyfileobj(file, out, 1 << 20)
    os.remove(run_part)
    return path


def run_guest(options):
    kernel, kernel_dir = find_kernel()
    base = initramfs.Base(kernel_dir, GUEST_DIR)
    turn = None if options.shell else take_turn()
    base.make(say)
    for tries_left in (1, 0):
        with tempfile.TemporaryDirectory(prefix="run.", dir=GUEST_DIR) as scratch:
            try:
                return attempt(options, scratch, kernel, make_initrd(options, scratch, base))
            except InfrastructureFailure:
                if tries_left and not options.shell:
                    say("trying once more")
    del turn
    return EX_TEMPFAIL


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        say(message)
        sys.exit(EX_USAGE)


def number(low, high):
    def parse(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {low} to {high}")
        return value
    return parse


def assignment(text):
    name, equals, _ = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return text


def header_options(script):
    """The options in a script's header: lines "# guest: OPTIONS", where --with is relative to
    the repository, and "# with: FILES", relative to the build directory."""
    options, files = [], []
    with open(script, errors="replace", encoding="utf-8") as file:
        for line in file:
            if line.startswith("# guest: "):
                options += shlex.split(line.removeprefix("# guest: "))
            elif line.startswith("# with: "):
                files += line.removeprefix("# with: ").split()
            elif not line.startswith("#"):
                break
    for index, word in enumerate(options[:-1]):
        if word == "--with":
            options[index + 1] = os.path.join(ROOT, options[index + 1])
    for name in files:
        options += ["--with", os.path.join("{build}", name)]
    return options


def make_parser():
    parser = Parser(
        prog="./run guest", usage="./run guest [options] SCRIPT [ARGS...] | --shell",
        description="Boot a guest with 82576 ports (SR-IOV, IOMMU), run SCRIPT in it as root, "
                    "and exit with its status. SCRIPT's header may have options too, in lines "
                    "that start with '# guest:', and files of the build in lines that start "
                    "with '# with:'.",
        epilog="Exit status: SCRIPT's own; 124: SCRIPT ran over its time; 75: the guest failed "
               "twice, whatever SCRIPT did; 69: something to run it with is missing; 64: bad "
               "usage.")
    add = parser.add_argument
    add("--ports", type=number(0, MAX_PORTS), default=1, metavar="N",
        help="82576 ports (default 1)")
    add("--wire", choices=("tap", "none"), default="tap",
        help="what is at each port's other end: a netdev of the guest, wire0, wire1 ... "
             "(tap, the default), or nothing")
    add("--with", dest="carry", action="append", default=[], metavar="FILE",
        help="carry FILE, with the libraries it needs, or a directory, to /host in the guest")
    add("--build", default="gcc", metavar="NAME",
        help="the build that '# with:' means, build/NAME (default gcc)")
    add("--env", type=assignment, action="append", default=[], metavar="NAME=VALUE",
        help="set NAME in SCRIPT's environment")
    add("--out", metavar="DIR", help="bring what SCRIPT leaves in /out to DIR")
    add("--python", action="store_true", help="have python3 in the guest")
    add("--systemd", nargs="?", const=with_systemd.OF_BUILD, metavar="ROOT",
        help="systemd is process 1; what lies below ROOT is in place, or what meson install does")
    add("--timeout", type=number(1, 86400), default=600, metavar="S",
        help="seconds that SCRIPT may take (default 600)")
    add("--freeze", type=number(5, 3600), default=DEFAULT_FREEZE_S, metavar="S",
        help=f"seconds without a sign of life (default {DEFAULT_FREEZE_S})")
    add("--memory", type=number(512, MAX_MEMORY_MB), default=2048, metavar="MB",
        help=f"the guest's memory (default 2048, at most {MAX_MEMORY_MB})")
    add("--cpus", type=number(1, 16), default=3, metavar="N", help="processors (default 3)")
    add("--hugepages", type=number(0, 1200), default=200, metavar="N",
        help="2 MB pages (default 200)")
    add("--append", default="", metavar="ARGS", help="more kernel arguments")
    add("--qemu", action="append", default=[], metavar="ARGS",
        help="more arguments for QEMU, such as --qemu='-device e1000e'")
    add("--keep-log", metavar="DIR", help="leave console.log, output.log and qemu.log in DIR")
    add("--verbose", action="store_true", help="say how long booting took")
    add("--shell", action="store_true", help="an interactive shell in place of SCRIPT")
    add("script", nargs="?", metavar="SCRIPT", help="an executable, or a .sh for bash")
    add("args", nargs=argparse.REMAINDER, metavar="ARGS", help="SCRIPT's arguments")
    return parser


def parse_options(argv):
    parser = make_parser()
    options = parser.parse_args(argv)
    if options.shell == (options.script is not None):
        parser.error("give either a SCRIPT or --shell")
    if options.script is None:
        options.timeout = 0
        return options
    if not os.path.isfile(options.script):
        parser.error(f"no such script: {options.script}")
    options = parser.parse_args(header_options(options.script) + argv)
    build = os.path.join(BUILD, options.build)
    options.carry = [path.replace("{build}", build) for path in options.carry]
    return options


def exit_on_signal(number_, _frame):
    sys.exit(128 + number_)


def main(argv):
    options = parse_options(argv)
    for number_ in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number_, exit_on_signal)
    try:
        return run_guest(options)
    except initramfs.MissingFile as missing:
        say(f"not found: {missing}")
        return EX_UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
