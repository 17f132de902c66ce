# SPDX-License-Identifier: BSD-3-Clause
"""What runs the guest's processors: KVM if it works here, else TCG."""
import functools
import os
import subprocess
import tempfile

KVM = ["-accel", "kvm", "-cpu", "host"]
TCG = ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max,la57=off"]
PROBE_S = 20
ROM_BYTES, RESET_VECTOR = 65536, 16    # the vector from the end


@functools.lru_cache(maxsize=None)
def kvm_works():
    """Whether QEMU can run code by /dev/kvm: where that is itself emulated, a virtual machine that
    can be made need not run. Its first instructions end it with a status that nothing else has."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    # mov dx, 0x501; mov al, 0x10; out dx, al
    code = bytes.fromhex("ba0105" "b010" "ee")
    with tempfile.NamedTemporaryFile() as rom:
        rom.write(bytes(ROM_BYTES - RESET_VECTOR) + code.ljust(RESET_VECTOR, b"\0"))
        rom.flush()
        try:
            done = subprocess.run(
                ["qemu-system-x86_64", "-M", "q35", *KVM, "-m", "16", "-display", "none",
                 "-nodefaults", "-no-user-config", "-no-reboot", "-bios", rom.name,
                 "-device", "isa-debug-exit"], timeout=PROBE_S, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0x10 << 1 | 1


def options():
    """@return QEMU's"""
    return KVM if kvm_works() else TCG


def delay_args():
    """The kernel's argument for its delay loop. Under TCG the guest counts the host's cycles;
    measuring them anew takes each processor that is started late a second."""
    guest_hz = 250
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            bogomips = next(float(line.split(":")[1]) for line in file
                            if line.startswith("bogomips"))
    except (OSError, StopIteration):
        return ""
    return "" if kvm_works() else f"lpj={int(bogomips * 500000 / guest_hz)} "


def environment(folder):
    """QEMU's, with the remedy for a use after free in TCG if the set-up has built it there."""
    library = os.path.join(folder, "late_free.so")
    preload = {"LD_PRELOAD": library} if os.path.exists(library) and not kvm_works() else {}
    return {**os.environ, **preload}
