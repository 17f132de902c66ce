# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""A port under test: a port of a testpmd, with a wire that leads to this program."""

import dataclasses
import re
import time

import frames
import wires
from testpmd import Died

ARRIVE_SECONDS = 30
AGAIN_SECONDS = 2       # a mark that a port lost which was not ready yet is sent anew
LINK_SECONDS = 60
REST_SECONDS = 20
QUIET_SECONDS = 0.3     # that nothing comes is believed after this


class Failed(Exception):
    """The port did not do what it should."""


@dataclasses.dataclass
class Exchange:
    """What became of the frames that were sent: by serial number."""
    got: dict
    echo: dict
    every: list     # all that came back, with and without a number
    marks: int = 0  # how many more than these arrived, which told when to look

    def of(self, frame):
        """As testpmd printed it, or None."""
        return self.got.get(frame.serial)

    def back(self, frame):
        """The bytes that came back, or None."""
        return self.echo.get(frame.serial)


class Port:
    """What it changes is undone by restore(), if it says how."""

    def __init__(self, testpmd, number, kind, wire):
        self.testpmd, self.number, self.kind, self.wire = testpmd, number, kind, wire
        self.pf = None          # the PF's port, of a VF
        self.other = None       # a neighbour, where the rig has one
        self.rig = None
        self._undo, self._undo_stopped = [], []
        self._forwarding = False
        self._stopped = False
        self.mac = self.info()["MAC address"].lower()

    # --- Commands; {} stands for the port's number ---

    def do(self, command):
        return self.testpmd.do(command.replace("{}", str(self.number)))

    def must(self, command, undo=None):
        """undo: the command that takes it back"""
        answer = self.testpmd.must(command.replace("{}", str(self.number)))
        if undo is not None:
            self._undo.append(undo)
        return answer

    def info(self):
        """The lines of "show port info" by name."""
        return dict(re.findall(r"^([^:\n]+): +(.*?) *$", self.do_info(), re.M))

    def do_info(self):
        return self.testpmd.do(f"show port info {self.number}")

    def stats(self):
        return {name: int(value) for name, value in
                re.findall(r"([RT]X-[a-z]+): +(\d+)", self.do("show port stats {}"))}

    def xstats(self):
        return {name: int(value) for name, value in
                re.findall(r"^(\w+): (\d+)", self.do("show port xstats {}"), re.M)}

    def offloads(self, direction):
        """What the port can do: names such as VLAN_STRIP. direction: rx, tx"""
        answer = self.do(f"show port {{}} {direction}_offload capabilities")
        lines = re.findall(r"Per (?:Queue|Port) *:(.*)", answer)
        return set(" ".join(lines).split())

    # --- Forwarding and restarts ---

    def closed(self, mode="rxonly"):
        """It takes what is addressed to it only, and so does its PF."""
        for port in (self, self.pf):
            if port is not None:
                port.must("set promisc {} off")
                port.must("set allmulti {} off")
        self.forward(mode)

    def forward(self, mode="mac"):
        """Lets the port answer what it receives, or (rxonly) receive only."""
        self.halt()
        self.do(f"set portlist {self.number}")
        self.do(f"set fwd {mode}")
        self.do(f"set eth-peer {self.number} {frames.PEER_MAC}")
        self.do("set verbose 1")
        self.must("start")
        self._forwarding = True

    def halt(self):
        if self._forwarding:
            self.do("stop")
            self._forwarding = False

    def stop(self):
        self.halt()
        self.must("port stop {}")
        self._stopped = True

    def start(self):
        self.must("port start {}")
        self._stopped = False
        self.wait_for_link()

    def reconfigure(self, *commands, undo=()):
        """With the port stopped; undo: commands, run with the port stopped."""
        self.stop()
        self._undo_stopped += undo
        for command in commands:
            self.must(command)
        self.start()

    def wait_for_link(self):
        end = time.monotonic() + LINK_SECONDS
        while self.info().get("Link status") != "up":
            if time.monotonic() > end:
                raise Failed(f"no link within {LINK_SECONDS} s")
            self.testpmd.pump(0.1)

    def restore(self):
        """Undoes what was changed, the last first."""
        self.halt()
        undo, self._undo = self._undo[::-1], []
        stopped, self._undo_stopped = self._undo_stopped[::-1], []
        for command in undo:
            self.do(command)
        if stopped and not self._stopped:
            self.stop()
        for command in stopped:
            self.do(command)
        if self._stopped:
            self.start()

    # --- Frames ---

    def exchange(self, *sent, echo=False, mark=None):
        """Sends a mark, the frames and two marks more; when testpmd has seen these, it has seen
        all.

        The frames are sent when the first mark has arrived: then the way is open, rings have
        room, and a burst that was under way when testpmd was told something is over, which goes
        by what was said before. The last mark is sent when the one before it has arrived:
        whatever queue a frame is in, it has been looked at between the two. echo: waits for the
        last mark's way back too. mark: makes a frame that arrives where broadcasts do not.
        """
        make_mark = mark or (lambda: frames.frame(frames.BROADCAST))
        begin = len(self.testpmd.text)
        wires.flush(self.wire)
        result = Exchange({}, {}, [])
        self._open_way(make_mark, begin, result)
        for frame in sent:
            self.wire.send(frame.data)
        for _ in range(2):
            last = make_mark()
            self.wire.send(last.data)
            if not self._comes(last, begin, result, ARRIVE_SECONDS):
                raise Failed(f"a mark does not arrive within {ARRIVE_SECONDS} s")
        self._note_received(begin, result)
        result.marks = len(set(result.got) - {frame.serial for frame in sent})
        if echo:
            self._listen_for(last, result)
            self._listen_for_rest(sent, result)
        return result

    def _listen_for_rest(self, sent, result):
        """A mark may overtake what goes out by another queue."""
        wanted = {frame.serial for frame in sent} & set(result.got)
        end = time.monotonic() + REST_SECONDS
        while not wanted <= set(result.echo) and time.monotonic() < end:
            self._listen(result, 0.05)
            self.testpmd.pump(0)

    def _open_way(self, make_mark, begin, result):
        end = time.monotonic() + ARRIVE_SECONDS
        while True:
            mark = make_mark()
            self.wire.send(mark.data)
            if self._comes(mark, begin, result, AGAIN_SECONDS):
                return
            if time.monotonic() > end:
                raise Failed(f"none of the marks that are sent for {ARRIVE_SECONDS} s arrives")

    def _comes(self, mark, begin, result, seconds):
        """Whether testpmd tells all of a mark within that time."""
        end = time.monotonic() + seconds
        told = re.compile(rf"src={mark.packet.src.upper()} - .*\n  ol_flags: .*\n")
        while not told.search(self.testpmd.text, begin):
            if time.monotonic() > end:
                return False
            if not self.testpmd.pump():
                raise Died(f"testpmd ended; last lines:\n{self.testpmd.tail()}")
            self._listen(result, 0)
        return True

    def _note_received(self, begin, result):
        for packet in frames.parse_received(self.testpmd.text[begin:]):
            if packet.port == self.number:
                result.got[packet.serial] = packet

    def _listen(self, result, seconds):
        data = self.wire.receive(seconds)
        if data is None:
            return False
        result.every.append(data)
        serial = frames.serial_of_payload(data)
        if serial is not None:
            result.echo[serial] = data
        return True

    def _listen_for(self, mark, result):
        end = time.monotonic() + ARRIVE_SECONDS
        while mark.serial not in result.echo:
            if time.monotonic() > end:
                raise Failed(f"a frame does not come back within {ARRIVE_SECONDS} s")
            self._listen(result, 0.05)
            self.testpmd.pump(0)

    def listen_quietly(self, seconds=QUIET_SECONDS):
        """What comes from the port until it is quiet; no marks."""
        result = Exchange({}, {}, [])
        begin = len(self.testpmd.text)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._listen(result, 0.02):
                end = time.monotonic() + seconds
            self.testpmd.pump(0)
        self._note_received(begin, result)
        return result

    # --- Verdicts ---

    def takes(self, what, *sent):
        """All of the frames arrive."""
        self._arrival(what, sent, True)

    def ignores(self, what, *sent):
        """None of the frames arrives."""
        self._arrival(what, sent, False)

    def _arrival(self, what, sent, expected):
        result = self.exchange(*sent)
        for frame in sent:
            if (result.of(frame) is not None) != expected:
                raise Failed(f"{what}: {frame!r} {'does not arrive' if expected else 'arrives'}")
        return result


def expect(condition, what):
    if not condition:
        raise Failed(what)


def expect_equal(what, expected, actual):
    if expected != actual:
        raise Failed(f"{what}: expected {expected!r}, got {actual!r}")
