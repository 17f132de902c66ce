# SPDX-License-Identifier: BSD-3-Clause
"""Makes the guest's root file system out of the host's own programs.

It is two cpio archives, one behind the other. The base (programs, DPDK with its
drivers, kernel modules) is kept in build/guest/ and made anew only when one of
the files in it has changed. The second is made for each run: the guest's init,
the script with its arguments, and what --with names. Wherever a program goes,
the libraries it is linked with go along.
"""

import glob
import hashlib
import json
import lzma
import os
import re
import shutil
import subprocess
import tempfile

import with_systemd
from cpio import Archive

# Found on the host's PATH. Busybox provides whatever else a script calls.
PROGRAMS = (
    "bash", "bridge", "curl", "date", "dpdk-testpmd", "ethtool", "grep", "ip", "sed", "setpci",
    "ss", "stdbuf", "tc", "tcpdump", "timeout",
)
SEARCH_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
BUSYBOX = "/usr/bin/busybox"

# DPDK drivers: in /guest/pmds, for -d. Not where DPDK would load them unasked, since
# net_e1000 and the drivers under test claim the same devices.
PMDS = (
    "bus_pci", "bus_vdev", "mempool_ring", "net_af_packet", "net_e1000", "net_null", "net_pcap",
    "net_ring", "net_tap", "net_vhost", "net_virtio", "net_vmxnet3",
)

# Kernel modules; those that they depend on come along.
MODULES = (
    "8021q", "act_mirred", "bridge", "cls_flower", "dummy", "e1000e", "i6300esb", "igb", "igbvf",
    "kvm-amd", "macvlan", "sch_ingress", "sch_netem", "tap", "tun", "veth", "vfio-pci",
    "vfio_iommu_type1", "vhost_net", "virtio_net", "vmxnet3",
)

# Libraries that are opened by name at run time, so that no program's closure has them.
# glibc needs libgcc_s for pthread_cancel and pthread_exit.
EXTRA_LIBRARIES = ("libgcc_s.so.1",)

TERMINFO = ("d/dumb", "l/linux", "s/screen", "s/screen-256color", "t/tmux-256color", "v/vt100",
            "x/xterm", "x/xterm-256color")

CONFIG_FILES = {
    "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\ntcpdump:x:100:100::/:/bin/false\n",
    "/etc/group": "root:x:0:\ntcpdump:x:100:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/modprobe.d/guest.conf": "options vfio-pci enable_sriov=1\n",
}

# What the standard library can do without; it is 60 % of its size.
PYTHON_LEAVES_OUT = {"__pycache__", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test",
                     "tests", "tkinter", "turtledemo"}

HERE = os.path.dirname(os.path.abspath(__file__))


class MissingFile(Exception):
    """Something that has to go into the guest is not there."""


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def libraries_of(paths):
    """All libraries, and the loader, that the programs and libraries in `paths` need."""
    if not paths:
        return set()
    done = subprocess.run(["ldd", *paths], capture_output=True, text=True, check=False)
    missing = re.search(r"^\s*(\S+) => not found", done.stdout, re.M)
    if missing:
        raise MissingFile(f"{missing[1]}, needed by {' or '.join(map(os.path.basename, paths))}")
    return set(re.findall(r"^\s+(?:\S+ => )?(/\S+) \(0x", done.stdout, re.M))


def carry_libraries(archive, paths, skip=()):
    """Adds the libraries of `paths` that are not in `skip`: those of the system under their
    own paths, others in /host, where LD_LIBRARY_PATH finds them. Returns the host's paths.

    DPDK's plugin directory must not exist in the guest, or every DPDK program would load
    what is in it: drivers from there go to the directory of the other libraries.
    """
    carried = sorted(libraries_of(paths) - set(skip))
    for path in carried:
        of_system = path.startswith(("/lib", "/usr/lib"))
        folder = os.path.dirname(path).split("/dpdk/pmds-")[0] if of_system else "/host"
        archive.add_file(f"{folder}/{os.path.basename(path)}", path, 0o755)
    return carried


class Base:
    """The archive that all runs share, with the list of the host files in it."""

    def __init__(self, kernel_dir, out_dir):
        self.path = os.path.join(out_dir, "base.cpio")
        self._list_path = os.path.join(out_dir, "base.json")
        self._kernel_dir = kernel_dir
        self.guest_paths = set()

    def _stamp(self, path):
        info = os.stat(path)
        return [info.st_mtime_ns, info.st_size]

    def _recipe(self):
        digest = hashlib.sha256(self._kernel_dir.encode())
        for name in ("initramfs.py", "cpio.py"):
            with open(os.path.join(HERE, name), "rb") as file:
                digest.update(file.read())
        return digest.hexdigest()

    def _is_current(self):
        try:
            with open(self._list_path, encoding="utf-8") as file:
                known = json.load(file)
            self.guest_paths = set(known["files"])
            return (known["recipe"] == self._recipe() and os.path.exists(self.path) and
                    all(self._stamp(path) == stamp for path, stamp in known["files"].items()))
        except (OSError, ValueError, KeyError):
            return False

    def make(self, say):
        if self._is_current():
            return
        say("making the guest's base file system")
        with open(self.path + ".new", "wb") as out:
            archive = Archive(out)
            files = self._fill(archive)
            archive.close()
        self.guest_paths = set(files)
        os.rename(self.path + ".new", self.path)
        with open(self._list_path, "w", encoding="utf-8") as file:
            json.dump({"recipe": self._recipe(),
                       "files": {path: self._stamp(path) for path in files}}, file)

    def _fill(self, archive):
        add_skeleton(archive)
        carried = add_programs(archive)
        carried += add_modules(archive, self._kernel_dir)
        add_busybox(archive)
        return carried


def add_skeleton(archive):
    for path in ("/dev/shm", "/guest", "/host", "/out", "/proc", "/root", "/run", "/sys", "/tmp",
                 "/var"):
        archive.add_dir(path)
    archive.add_symlink("/var/run", "/run")
    archive.add_symlink("/etc/mtab", "/proc/self/mounts")
    archive.add_char_device("/dev/console", 5, 1)
    archive.add_char_device("/dev/null", 1, 3)
    for path, text in CONFIG_FILES.items():
        archive.add_bytes(path, text.encode())
    for name in TERMINFO:
        if os.path.exists("/lib/terminfo/" + name):
            archive.add_file("/lib/terminfo/" + name, "/lib/terminfo/" + name)


def find_program(name):
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise MissingFile(f"the program {name}")
    return path


def library_dir():
    """Where the distribution keeps DPDK's libraries."""
    done = subprocess.run(["pkg-config", "--variable=libdir", "libdpdk"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MissingFile("DPDK (pkg-config does not know libdpdk)")
    return done.stdout.strip()


def find_pmd(name, lib_dir):
    found = glob.glob(f"{lib_dir}/librte_{name}.so.*[0-9]")
    if not found:
        raise MissingFile(f"DPDK's driver {name}")
    return min(found, key=len)      # librte_x.so.23, not librte_x.so.23.0


def add_programs(archive):
    """Adds programs, DPDK drivers and all their libraries; returns the host's paths."""
    lib_dir = library_dir()
    programs = [find_program(name) for name in PROGRAMS]
    pmds = {name: find_pmd(name, lib_dir) for name in PMDS}
    extra = [os.path.join(lib_dir, name) for name in EXTRA_LIBRARIES]
    stdbuf = glob.glob("/usr/libexec/coreutils/libstdbuf.so")
    files = programs + list(pmds.values()) + extra + stdbuf
    for path in files:
        archive.add_file(path, path)
    for name, path in pmds.items():
        archive.add_symlink(f"/guest/pmds/librte_{name}.so", path)
    return files + carry_libraries(archive, files)


def add_busybox(archive):
    archive.add_file(BUSYBOX, BUSYBOX)
    applets = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True)
    for name in applets.stdout.split():
        if f"/usr/bin/{name}" not in archive and f"/usr/sbin/{name}" not in archive:
            archive.add_symlink(f"/usr/bin/{name}", "busybox")
    archive.add_symlink("/usr/sbin/modprobe", BUSYBOX)      # where the kernel looks


def module_name(path):
    return os.path.basename(path).split(".")[0].replace("-", "_")


def modinfo(data, key):
    return [value.decode() for value in re.findall(rb"\0" + key + rb"=([^\0]*)(?=\0)", data)]


def read_module(path):
    with open(path, "rb") as file:
        data = file.read()
    return lzma.decompress(data) if path.endswith(".xz") else data


def modules_with_needs(root, names):
    """{name: (its file, its contents)} of the modules and of those that they depend on."""
    by_name = {module_name(path): path
               for path in glob.glob(f"{root}/kernel/**/*.ko*", recursive=True)}
    wanted = [name.replace("-", "_") for name in names]
    found = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        if name not in by_name:
            raise MissingFile(f"the kernel module {name}")
        found[name] = by_name[name], read_module(by_name[name])
        wanted += re.findall(r"[^,]+", ",".join(modinfo(found[name][1], b"depends"))
                             .replace("-", "_"))
    return found


def add_modules(archive, kernel_dir):
    """Adds the modules, with what depmod says of them; returns the host's paths."""
    root, = glob.glob(f"{kernel_dir}/lib/modules/*")
    to = "/lib/modules/" + os.path.basename(root)
    modules = modules_with_needs(root, MODULES)
    with tempfile.TemporaryDirectory() as scratch:
        os.makedirs(scratch + to)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            shutil.copy(f"{root}/{name}", scratch + to)
        for name, (_, data) in modules.items():
            with open(f"{scratch}{to}/{name}.ko", "wb") as file:
                file.write(data)
        subprocess.run([find_program("depmod"), "-b", scratch, os.path.basename(root)], check=True)
        for path in sorted(glob.glob(f"{scratch}{to}/*")):
            archive.add_file(path.removeprefix(scratch), path, 0o644)
    return [path for path, _ in modules.values()]


def with_files(sources):
    """(path in the guest, path on the host) of each file that --with brings."""
    for source in sources:
        name = os.path.basename(os.path.abspath(source))
        if not os.path.exists(source):
            raise MissingFile(f"{source}, named by --with")
        if not os.path.isdir(source):
            yield f"/host/{name}", os.path.abspath(source)
            continue
        for folder, _, files in os.walk(source):
            inside = os.path.normpath(os.path.join(name, os.path.relpath(folder, source)))
            for file in files:
                yield f"/host/{inside}/{file}", os.path.abspath(os.path.join(folder, file))


def python_files():
    """(path in the guest, path on the host) of the host's python3 and standard library."""
    program = os.path.realpath(find_program("python3"))
    yield "/usr/bin/python3", program
    root, = glob.glob("/usr/lib/" + os.path.basename(program))
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders
                      if name not in PYTHON_LEAVES_OUT and not name.startswith("config-")]
        for file in files:
            yield f"{folder}/{file}", f"{folder}/{file}"


def make_run(path, base, script, settings, args, sources, python=False, installed=None):
    """Writes the archive of one run to `path`.

    settings: contents of /guest/settings, shell assignments that init reads
    installed: what `meson install` has laid out, for a guest with systemd
    """
    carried = list(with_files(sources)) + (list(python_files()) if python else [])
    if installed:
        carried += [*with_systemd.files(), *with_systemd.installed_files(installed)]
    with open(path, "wb") as out:
        archive = Archive(out)
        archive.add_file("/init", os.path.join(HERE, "init.sh"), 0o755)
        archive.add_file("/guest/lib.sh", os.path.join(HERE, "lib.sh"))
        archive.add_bytes("/guest/settings", settings.encode())
        if installed:
            with_systemd.add_links(archive)
        archive.add_bytes("/guest/args", b"".join(arg.encode() + b"\0" for arg in args))
        if script is not None:
            carried.append(("/guest/script/" + os.path.basename(script), script))
        for to, source in carried:
            if to in archive:
                raise MissingFile(f"two files to carry are called {os.path.basename(to)}")
            archive.add_file(to, source)
        carry_libraries(archive, [source for _, source in carried if is_elf(source)],
                        skip=base.guest_paths)
        archive.close()
