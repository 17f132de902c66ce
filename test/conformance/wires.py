# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""The other end of a port's wire: frames in, frames out, as bytes without CRC."""

import os
import select
import socket
import struct
import threading
import time

FRAME_MIN = 14
FRAME_MAX = 16384
HELLO = b"\0"
PEER_SECONDS = 30

# <linux/if_packet.h>
SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
TP_STATUS_VLAN_VALID = 1 << 4
TP_STATUS_VLAN_TPID_VALID = 1 << 6
ETH_P_ALL = 3


class ModelWire:
    """The listening end of the device model's wire "socket:PATH" (test/model/wire/socket.c)."""

    def __init__(self, path):
        self.spec = f"socket:{path}"
        self._peer = None
        self._plugged = threading.Event()
        self._plugged.set()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(path)
        self._listener.listen(4)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        """The model greets nobody: who listens does, and the model then has a carrier."""
        while True:
            try:
                peer, _ = self._listener.accept()
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
                self._plugged.wait()
                peer.send(HELLO)
            except OSError:
                if self._listener.fileno() < 0:
                    return
                continue
            self._peer = peer

    def unplug(self):
        """The model's carrier goes; it calls again, and is not greeted until plug()."""
        self._plugged.clear()
        peer, self._peer = self._peer, None
        if peer is not None:
            peer.close()

    def plug(self):
        self._plugged.set()

    def send(self, frame):
        end = time.monotonic() + PEER_SECONDS
        while (peer := self._peer) is None:
            if time.monotonic() > end:
                raise OSError("nobody is at the other end of the wire")
            time.sleep(0.01)
        peer.send(frame)

    def receive(self, seconds):
        """The next frame, or None."""
        if self._peer is None or not select.select([self._peer], [], [], seconds)[0]:
            return None
        try:
            frame = self._peer.recv(FRAME_MAX)
        except OSError:
            frame = b""
        if frame == b"":
            self._peer = None
        return frame if len(frame) >= FRAME_MIN else None

    def close(self):
        self._listener.close()
        self.plug()


class NetdevWire:
    """A netdev of this kernel, by a packet socket."""

    def __init__(self, netdev):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((netdev, 0))

    def send(self, frame):
        self._socket.send(frame)

    def receive(self, seconds):
        if not select.select([self._socket], [], [], seconds)[0]:
            return None
        frame, extra, _, address = self._socket.recvmsg(FRAME_MAX, 256)
        if address[2] == PACKET_OUTGOING:
            return None
        return with_tag(frame, extra)

    def close(self):
        self._socket.close()


def with_tag(frame, extra):
    """The kernel takes the outer VLAN tag off; it is put back."""
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                if not status & TP_STATUS_VLAN_TPID_VALID:
                    tpid = 0x8100
                return frame[:12] + struct.pack(">HH", tpid, tci) + frame[12:]
    return frame


def flush(wire):
    while wire.receive(0) is not None:
        pass


def remove_socket(path):
    if os.path.exists(path):
        os.unlink(path)
