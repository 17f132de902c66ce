# SPDX-License-Identifier: BSD-3-Clause
"""Writes cpio archives in the "newc" format, the one the kernel unpacks as initramfs.

An Archive starts with the directories of a merged /usr, so that a file may be
added by the path that a program or a loader knows it by: /lib/x/y lands in
/usr/lib/x/y. Owners are root and times are 0: equal input gives equal bytes.
"""

import os
import stat

MERGED = ("bin", "lib", "lib64", "sbin")


class Archive:
    """A cpio archive under construction; close() ends it."""

    def __init__(self, out):
        self._out = out
        self._inode = 0
        self._seen = set()
        for name in MERGED:
            self.add_dir("/usr/" + name)
            self.add_symlink("/" + name, "usr/" + name)

    def _write(self, path, mode, data=b"", device=(0, 0)):
        name = path.lstrip("/").encode() + b"\0"
        self._inode += 1
        fields = (self._inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        self._out.write(head + bytes(-len(head) % 4))
        self._out.write(data)
        self._out.write(bytes(-len(data) % 4))

    def _claim(self, path):
        """The path under the merged /usr, or None when something is there already."""
        first = path.lstrip("/").split("/")[0]
        if first in MERGED and path.lstrip("/") != first:
            path = "/usr/" + path.lstrip("/")
        if path in self._seen:
            return None
        parent = os.path.dirname(path)
        if parent not in ("", "/"):
            self.add_dir(parent)
        self._seen.add(path)
        return path

    def __contains__(self, path):
        first = path.lstrip("/").split("/")[0]
        return (("/usr" + path) if first in MERGED else path) in self._seen

    def add_dir(self, path, mode=0o755):
        path = self._claim(path)
        if path is not None:
            self._write(path, stat.S_IFDIR | mode)

    def add_bytes(self, path, data, mode=0o644):
        path = self._claim(path)
        if path is not None:
            self._write(path, stat.S_IFREG | mode, data)

    def add_file(self, path, source, mode=None):
        with open(source, "rb") as file:
            data = file.read()
            if mode is None:
                mode = 0o755 if os.fstat(file.fileno()).st_mode & 0o111 else 0o644
        self.add_bytes(path, data, mode)

    def add_symlink(self, path, target):
        path = self._claim(path)
        if path is not None:
            self._write(path, stat.S_IFLNK | 0o777, target.encode())

    def add_char_device(self, path, major, minor):
        path = self._claim(path)
        if path is not None:
            self._write(path, stat.S_IFCHR | 0o600, device=(major, minor))

    def close(self):
        self._write("TRAILER!!!", 0)
        # The kernel looks for the next archive at a multiple of 4 bytes.
        self._out.write(bytes(-self._out.tell() % 512))
