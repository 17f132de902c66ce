#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Writes the seeds of the fuzz targets, test/fuzz/corpus: programs in the targets' own encoding.

usage: seeds.py [--check]

Each seed is a mistake that a PF driver, ours or another, has made or could make; its name says
which. --check writes nothing and fails if the files differ. Other files of the corpus (inputs that
once broke something) are left alone.
"""
import os
import struct
import sys

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

SERVE = 0x80	# or-ed to a step: the PF has its turn afterwards

# mailbox_fuzz.c: steps, by their index in its table.
(RESET, SET_MAC, MULTICAST, VLAN, SHORT, WORDS, MOVE, AMBUSH, STORM, POLICY, FAIL, VFS, NOTICES,
 WAIT, TURN, EXTRA_MAC, MORE_POLICY) = range(17)
# world.h: enum vf_act.
(WRITE_WORD, REQUEST, ACKNOWLEDGE, LOCK, UNLOCK, READ_CONTROL, WRITE_CONTROL, FLR, HOG, KEEP_ASKING,
 VANISH) = range(11)
MAC_OWN, MAC_CLEAR, MAC_ADD = range(3)
PF_MAC = 0
BYSTANDERS_MAC = 5
MAC_ZERO = 0xff
MAC_GROUP = 0xf0
VLAN_ADD = 0x8000
SECOND = struct.pack("<H", 10000)	# WAIT's unit is 100 us
TRUST, SPOOFCHK, PIN, PORT_VLAN = 1, 2, 4, 8
DISABLE, NO_MULTICAST, TRUNK = 2, 0x10, 0x1000
LACKS_ALL = 0xf8	# of the first byte: each option of the hardware


def step(number, *arguments):
    """The step, and the PF's turn after it."""
    return bytes([number | SERVE]) + b"".join(
        bytes([a]) if isinstance(a, int) else a for a in arguments)


def quiet(number, *arguments):
    """The step, while the PF does not look."""
    return bytes([number]) + step(number, *arguments)[1:]


def word(value):
    return struct.pack("<I", value & 0xffffffff)


def half(value):
    return struct.pack("<H", value & 0xffff)


def words(vf, *values, rude=False):
    return step(WORDS, vf, len(values) | (0x80 if rude else 0), *map(word, values))


def short(vf, opcode, info=0, value=0):
    return step(SHORT, vf, opcode, info, word(value))


def add_vlan(vf, vlan):
    return step(VLAN, vf, half(vlan | VLAN_ADD))


def remove_vlan(vf, vlan):
    return step(VLAN, vf, half(vlan))


def ambush(vf, after, act, *arguments):
    return quiet(AMBUSH, vf, after, act, *arguments)


def negotiate(vf, api):
    """The version as it crosses the mailbox: 2 is 1.1, 3 is 1.2, 4 is 1.3."""
    return short(vf, 8, 0, api)


BOTH_RESET = step(RESET, 0) + step(RESET, 1)
MAILBOX_82576 = {
    "cve-2022-48949-reset-without-mac":
        words(0, *range(0x11111111, 0x11111111 + 16), rude=True) + step(RESET, 0),
    "cve-2025-40104-negotiate-any-version":
        step(RESET, 0) + b"".join(short(0, 8, 0, version) for version in range(9)) +
        short(0, 8, 0, 0x20) + short(0, 8, 0, 0xffffffff) + add_vlan(0, 5),
    "gsd-2022-1004525-no-vfs-during-a-message":
        step(RESET, 0) + quiet(VLAN, 0, half(VLAN_ADD | 5)) + step(VFS, 0) + step(TURN) +
        step(VFS, 4) + step(RESET, 0),
    "disabled-and-reset-and-enabled":
        step(RESET, 0) + step(MORE_POLICY, 0, SPOOFCHK, half(DISABLE)) +
        add_vlan(0, 5) + step(RESET, 0) + add_vlan(0, 5) + step(MOVE, 0, FLR) + step(RESET, 0) +
        step(MORE_POLICY, 0, SPOOFCHK, half(0)) + step(RESET, 0),
    "trunk-takes-a-vlan-away":
        step(RESET, 0) + add_vlan(0, 5) + add_vlan(0, 6) +
        step(MORE_POLICY, 0, SPOOFCHK, half(TRUNK), half(4)) + add_vlan(0, 6) +
        add_vlan(0, 5),
    "groups-of-who-may-have-none":
        step(RESET, 0) + step(MULTICAST, 0, 3, 1, 2, 3) +
        step(MORE_POLICY, 0, SPOOFCHK | TRUST, half(NO_MULTICAST)) +
        step(MULTICAST, 0, 3, 1, 2, 3) + short(0, 6, 3),
    "ixgbe-600a507ddcb9-policy-of-no-vf":
        step(VFS, 2) + step(POLICY, 4, SPOOFCHK) + step(POLICY, 3, TRUST) + step(RESET, 1),
    "cve-2025-39968-own-mac-in-a-loop":
        step(RESET, 0) + step(SET_MAC, 0, MAC_OWN, 9) + step(SET_MAC, 0, MAC_ADD, 9) * 40,
    "cve-2025-39968-all-macs-there-are":
        BOTH_RESET + b"".join(step(SET_MAC, 0, MAC_ADD, n) for n in range(32)) +
        step(SET_MAC, 1, MAC_OWN, 31),
    "cve-2024-42291-vlans-until-none-is-left":
        BOTH_RESET + b"".join(add_vlan(0, n) for n in range(20)) + add_vlan(1, 30),
    "cve-2025-39969-requests-before-reset":
        b"".join(short(0, opcode, 0, 64) for opcode in range(10)),
    "cve-2025-39969-requests-after-a-policy-took-the-mac":
        step(RESET, 0) + step(SET_MAC, 0, MAC_OWN, 9) + step(POLICY, 0, PIN | SPOOFCHK, 12) +
        b"".join(short(0, opcode, 0, 64) for opcode in range(1, 7)) + step(RESET, 0),
    "cve-2025-39970-bounds-of-each-field":
        step(RESET, 0) + short(0, 2, 3) + short(0, 4, 1, 4094) + short(0, 4, 1, 4095) +
        short(0, 4, 1, 4096) + short(0, 4, 2, 5) + short(0, 6, 3) + short(0, 6, 4) +
        short(0, 1, 1),
    "cve-2025-39971-queues-and-classes-we-do-not-have":
        step(RESET, 0) + short(0, 9, 0, 0) + short(0, 9, 255, 8) + short(0, 10) + short(0, 11),
    "cve-2025-39973-max-frame-extremes":
        step(RESET, 0) + b"".join(short(0, 5, 0, n) for n in (0, 63, 64, 9728, 9729, 1 << 31, -1)),
    "cve-2026-68128-hashes-out-of-range":
        step(RESET, 0) + words(0, 3 | 2 << 16, 0x10000fff) + words(0, 3 | 31 << 16) +
        words(0, 3 | 0x60 << 16, -1) + words(0, 3 | 30 << 16, *[0x0fff0fff] * 15),
    "cve-2022-48941-flr-while-the-reply-is-written":
        step(RESET, 0) + b"".join(
            ambush(0, after, FLR) + add_vlan(0, after) + step(RESET, 0)
            for after in range(0, 50, 5)),
    "cve-2025-21883-pool-fails-in-reset":
        b"".join(quiet(FAIL, nth, 0) + step(RESET, 0) for nth in range(1, 12)) +
        quiet(FAIL, 0, 0) + step(RESET, 0),
    "cve-2023-54070-vfs-come-and-go":
        b"".join(step(VFS, n % 5) + step(RESET, 0) for n in range(12)),
    "cve-2024-36020-reset-all-in-a-reset":
        step(RESET, 0) + quiet(RESET, 0) + quiet(RESET, 1) + quiet(MOVE, 0, FLR) +
        quiet(MOVE, 1, FLR) + quiet(RESET, 0) + step(RESET, 1),
    "ixgbe-7b5add9af567-clear-macs-of-a-fresh-vf":
        step(RESET, 0) + step(SET_MAC, 0, MAC_CLEAR, MAC_ZERO) * 2,
    "hinic-c8c29ec3c5fa-opcodes-and-lengths":
        step(RESET, 0) + b"".join(words(0, *[n + 1] * (n + 1)) for n in range(16)),
    "ice-mailbox-overflow-one-vf-floods":
        step(RESET, 0) + step(STORM, 0, 63, 4) + step(STORM, 0, 63, 7) +
        quiet(MOVE, 0, KEEP_ASKING),
    "igb-nack-pace-before-reset":
        step(STORM, 0, 20, 4) + quiet(WAIT, SECOND) * 2 + step(STORM, 0, 20, 4),
    "dpdk-8260929205-promiscuous-on-and-off":
        step(RESET, 0) + step(POLICY, 0, TRUST) + short(0, 6, 3) + short(0, 6, 0) +
        step(POLICY, 0, 0) + short(0, 6, 3),
    "dpdk-15ce76460a-promiscuous-behind-a-port-vlan":
        step(POLICY, 0, TRUST | PORT_VLAN, half(33)) + step(RESET, 0) + short(0, 6, 3) +
        add_vlan(0, 34) + step(POLICY, 0, SPOOFCHK),
    "defect-multicast-lists-are-apart":
        BOTH_RESET + step(MULTICAST, 0, 30, bytes(range(30))) + step(MULTICAST, 1, 2, b"\1\2") +
        step(MULTICAST, 0, 0) + step(MULTICAST, 1, 0x80 | 30, bytes(range(30))),
    "defect-two-vfs-one-mac":
        BOTH_RESET + step(SET_MAC, 0, MAC_OWN, 9) + step(SET_MAC, 1, MAC_OWN, 9) +
        step(SET_MAC, 1, MAC_ADD, 9) + step(SET_MAC, 1, MAC_OWN, PF_MAC) +
        step(SET_MAC, 1, MAC_OWN, BYSTANDERS_MAC),
    "defect-one-vlan-two-vfs":
        BOTH_RESET + add_vlan(0, 9) + add_vlan(1, 9) + remove_vlan(0, 9) + remove_vlan(1, 8),
    "defect-no-mac-and-group-mac":
        step(RESET, 0) + step(SET_MAC, 0, MAC_OWN, MAC_ZERO) +
        step(SET_MAC, 0, MAC_OWN, MAC_GROUP) + step(SET_MAC, 0, MAC_ADD, MAC_ZERO),
    "flags-of-a-reply-in-a-request":
        step(RESET, 0) + b"".join(words(0, flag << 29 | 4, 5) for flag in range(8)),
    "reserved-bits-in-a-request":
        step(RESET, 0) + b"".join(words(0, 1 << bit | 4, 5) for bit in range(24, 29)),
    "rewritten-while-the-pf-reads":
        step(RESET, 0) + b"".join(
            ambush(0, 2 + n, WRITE_WORD, n, word(-1)) + ambush(0, 3 + n, REQUEST) +
            add_vlan(0, 7) for n in range(0, 16, 3)),
    "locked-for-ever":
        step(RESET, 0) + quiet(MOVE, 0, HOG) + quiet(MOVE, 0, LOCK) + add_vlan(0, 5) * 3,
    "locked-just-before-the-pf-does":
        step(RESET, 0) + ambush(0, 0, LOCK) + ambush(0, 3, UNLOCK) + add_vlan(0, 5),
    "asks-again-before-the-reply":
        step(RESET, 0) + ambush(0, 20, REQUEST) + add_vlan(0, 5) + ambush(0, 21, REQUEST) +
        add_vlan(0, 6),
    "resets-without-end":
        step(STORM, 0, 63, 1) + quiet(MOVE, 0, KEEP_ASKING),
    "reset-in-the-middle-of-a-reply":
        step(RESET, 0) + ambush(0, 25, WRITE_WORD, 0, word(1)) + ambush(0, 26, REQUEST) +
        add_vlan(0, 5) + step(TURN),
    "vanishes-while-the-pf-reads":
        step(RESET, 0) + b"".join(
            ambush(0, after, VANISH) + add_vlan(0, 5) + quiet(MOVE, 0, VANISH) + step(RESET, 0)
            for after in (0, 1, 2, 8, 17, 19, 30)),
    "controls-of-any-kind":
        step(RESET, 0) + b"".join(
            step(MOVE, 0, WRITE_CONTROL, word(1 << bit | 1)) for bit in range(8)),
    "told-to-reset-again-and-again":
        step(RESET, 0) + step(POLICY, 0, PIN, 12) + (
            quiet(WAIT, SECOND) + quiet(NOTICES, 1)) * 6 + step(RESET, 0) + quiet(WAIT, SECOND) +
        quiet(NOTICES, 0),
    "pinned-away-from-its-neighbour":
        BOTH_RESET + step(SET_MAC, 0, MAC_OWN, 9) + step(SET_MAC, 0, MAC_ADD, 10) +
        step(POLICY, 1, PIN, 9) + step(POLICY, 1, PIN, 10) + BOTH_RESET,
    "pool-fails-on-the-way-back":
        step(RESET, 0) + add_vlan(0, 5) + quiet(FAIL, 1, 2) + add_vlan(0, 6) +
        quiet(FAIL, 2, 7) + step(POLICY, 0, PIN | PORT_VLAN, 12, half(40)) + step(RESET, 0),
}

OWN_FRAMES, USUAL_FRAMES, JUMBO_FRAMES = 1, 3, 5	# first byte, of the 82599's dialect
MAILBOX_82599 = {
    "cve-2025-40104-82599-negotiate-any-version":
        step(RESET, 0) + b"".join(
            negotiate(0, api) + short(0, 9) + short(0, 0x10) for api in (*range(9), 0x20, -1)),
    "82599-queues-before-negotiate":
        b"".join(short(0, opcode) for opcode in range(7, 0x12)) + step(RESET, 0) +
        b"".join(short(0, opcode) for opcode in range(7, 0x12)),
    "82599-receive-modes-of-each-version":
        step(RESET, 0) + b"".join(
            negotiate(0, api) + b"".join(short(0, 12, 0, mode) for mode in (0, 1, 2, 3, 4, -1))
            for api in (0, 2, 3, 4)) + step(POLICY, 0, TRUST) + short(0, 12, 0, 3),
    "82599-rss-with-and-without-trust":
        step(RESET, 0) + negotiate(0, 4) + short(0, 10) + short(0, 11) + step(POLICY, 0, TRUST) +
        short(0, 10) + short(0, 11) + step(RESET, 0) + short(0, 10),
    "82599-extra-addresses-round-their-index":
        step(RESET, 0) + b"".join(
            step(EXTRA_MAC, 0, index, n)
            for n, index in enumerate((0, 1, 2, 3, 17, 18, 254, 255))) +
        step(EXTRA_MAC, 0, 0, MAC_ZERO) + step(EXTRA_MAC, 0, 1, MAC_ZERO),
    "82599-extra-addresses-without-end":
        step(RESET, 0) + b"".join(step(EXTRA_MAC, 0, 2, n) for n in range(32)) +
        step(EXTRA_MAC, 1, 2, 3),
    "82599-pool-that-says-nothing":
        step(RESET, 0) + negotiate(0, 3) + quiet(FAIL, 15, 0) + step(RESET, 0) + short(0, 9) +
        short(0, 5, 0, 1600),
    "82599-messages-of-the-82576":
        step(RESET, 0) + step(SET_MAC, 0, MAC_ADD, 9) + step(SET_MAC, 0, MAC_CLEAR, 9) +
        step(MULTICAST, 0, 0x80 | 3, b"\1\2\3"),
    "82599-ipsec-and-later":
        step(RESET, 0) + negotiate(0, 5) + b"".join(short(0, n) for n in range(0xd, 0x14)),
}
FRAMES_82599 = step(RESET, 0) + b"".join(
    short(0, 5, 0, n) for n in (1518, 1522, 1600, 9500, 9501)) + negotiate(0, 2) + b"".join(
    short(0, 5, 0, n) for n in (1518, 9500, 9501, 9728))
# Rate, loopback, mirror to the PF, drop, intervals: each by itself, set, and kept over RESET.
OPTIONS = step(RESET, 0) + b"".join(
    step(MORE_POLICY, 0, SPOOFCHK, half(option), *value) + step(RESET, 0)
    for option, value in ((0x200, [half(100)]), (0x80, []), (0x400, [1]), (0x100, []),
                          (0x6000, []), (0, [])))
MAILBOX = {
    **{name: bytes([0]) + program for name, program in MAILBOX_82576.items()},
    **{name: bytes([OWN_FRAMES]) + program for name, program in MAILBOX_82599.items()},
    "options": bytes([0]) + OPTIONS,
    "options-of-hardware-that-has-none": bytes([LACKS_ALL]) + OPTIONS,
    "82599-frames-of-its-own": bytes([OWN_FRAMES]) + FRAMES_82599,
    "82599-frames-shared": bytes([USUAL_FRAMES]) + FRAMES_82599,
    "82599-jumbo-frames-shared": bytes([JUMBO_FRAMES]) + FRAMES_82599,
    "82599-rewritten-while-the-pf-reads":
        bytes([OWN_FRAMES]) + MAILBOX_82576["rewritten-while-the-pf-reads"],
    "82599-vfs-come-and-go":
        bytes([JUMBO_FRAMES]) + MAILBOX_82576["cve-2023-54070-vfs-come-and-go"],
}

# rx_fuzz.c
(DELIVER, RECEIVE, WRITE_BACK, FLIP_DONE, RELEASE, HOARD, TRANSMIT, REPORT, SEND_ALL,
 REQUEST) = range(10)
SCATTER, FULL, FAMILY_82599, KEEP_CRC = 0x80, 0x40, 0x20, 0x10
RING = bytes([0, 15, 31, 31])	# 32 slots, the usual thresholds
RING_SCATTER = bytes([SCATTER, 15, 31, 31])
RING_FULL = bytes([FULL, 15, 31, 31])
RING_FULL_82599 = bytes([FULL | FAMILY_82599, 15, 31, 31])
RING_CRC = bytes([SCATTER | FULL | KEEP_CRC, 15, 31, 31])
NO_EOP, ERROR, LONG = 1, 2, 4


def plain(number, *arguments):
    return bytes([number]) + b"".join(
        bytes([a]) if isinstance(a, int) else a for a in arguments)


def deliver(*kinds):
    """Kinds, and the lengths of those that are LONG behind them."""
    return plain(DELIVER, sum(isinstance(kind, int) for kind in kinds), *kinds)


# Bits of RTE_MBUF_F_TX_*, of which the lowest that fits here is 42.
UDP_SEG, TCP_SEG, IP_SUM, IPV4, IPV6, TAG = (1 << bit - 42 for bit in (42, 50, 54, 55, 56, 57))
TCP_SUM, SCTP_SUM, UDP_SUM = (kind << 52 - 42 for kind in (1, 2, 3))
REQUESTS = (TAG, IP_SUM | IPV4, TCP_SUM | IPV4, UDP_SUM | IPV6, SCTP_SUM | IPV4, TCP_SEG | IPV4,
            TCP_SEG | IPV6 | TAG, UDP_SEG | IPV4, TCP_SUM, IP_SUM | TCP_SUM | IPV4 | TAG)


def request(prepare, flags, l2=14, l3=20, l4=20, mss=1448):
    """A frame of three segments of 1000 bytes."""
    return plain(REQUEST, 0, prepare, 2, half(1000), half(flags), l2, half(l3), l4, half(mss),
                 half(7))


def write_back(slot, length, status):
    return plain(WRITE_BACK, slot, word(-1), word(-1), half(length), half(0), word(status))


RX = {
    "frames-of-all-kinds": RING + (deliver(*[0] * 20) + plain(RECEIVE, 32)) * 4,
    "errors-of-all-kinds": RING + b"".join(
        deliver(ERROR | bit << 2 & 0x18, 0) + plain(RECEIVE, 32) for bit in range(8)),
    "frame-that-never-ends": RING_SCATTER + (deliver(*[NO_EOP] * 31) + plain(RECEIVE, 32)) * 8 +
        deliver(0) + plain(RECEIVE, 32),
    "frame-that-never-ends-without-scatter":
        RING + (deliver(*[NO_EOP] * 31) + plain(RECEIVE, 32)) * 8 + deliver(0) + plain(RECEIVE, 32),
    "scattered": RING_SCATTER + (
        deliver(NO_EOP, NO_EOP, 0, NO_EOP, ERROR) + plain(RECEIVE, 3)) * 9,
    "done-where-no-buffer-is": RING + write_back(31, 60, 3) + write_back(30, 60, 3) +
        plain(RECEIVE, 32) * 3,
    "done-comes-and-goes": RING + deliver(0, 0, 0) + plain(FLIP_DONE, 1) + plain(RECEIVE, 32) +
        plain(FLIP_DONE, 0) + plain(RECEIVE, 32) * 2,
    "length-nothing-and-all": RING + write_back(0, 0, 3) + write_back(1, 2176, 3) +
        plain(RECEIVE, 32),
    "dry-pool": RING + plain(HOARD, half(1000)) + deliver(*[0] * 31) + plain(RECEIVE, 32) * 2 +
        plain(RELEASE, 64) + plain(HOARD, half(0)) + plain(RECEIVE, 32) + deliver(0) +
        plain(RECEIVE, 1),
    "sent-before-it-was-asked": RING + plain(REPORT, 0, 255) +
        (plain(TRANSMIT, 20, *[0, half(60)] * 6) + plain(SEND_ALL)) * 5,
    "never-sent": RING + plain(TRANSMIT, 31, *[3, half(60)] * 8) * 6,
    "sums-and-tags": RING_FULL + b"".join(request(1, flags) for flags in REQUESTS) +
        plain(SEND_ALL),
    "sums-and-tags-82599": RING_FULL_82599 +
        b"".join(request(0, flags) for flags in REQUESTS) + plain(SEND_ALL),
    "segmentation-of-no-shape": RING_FULL + b"".join(
        request(0, TCP_SEG | IPV4, *shape) for shape in (
            (0, 0, 0, 0), (14, 20, 20, 0), (14, 20, 20, 1), (14, 20, 255, 1448), (127, 511, 20, 64),
            (14, 20, 20, 65535), (14, 3, 20, 1448), (0, 20, 20, 1448))),
    "crc-behind-all-else": RING_CRC + deliver(NO_EOP, LONG, half(2)) + plain(RECEIVE, 32) +
        deliver(LONG, half(1)) + deliver(LONG, half(4)) + deliver(NO_EOP | LONG, half(2048)) +
        deliver(LONG, half(4)) + plain(RECEIVE, 32),
    "frames-of-no-shape": RING + plain(TRANSMIT, 0, 79, half(60)) + plain(TRANSMIT, 0, 2, half(0)) +
        plain(TRANSMIT, 0, 0, half(2048), word(60)) + plain(TRANSMIT, 0, 0, half(2048), word(-1)) +
        plain(SEND_ALL),
}

# vf_reply_fuzz.c
ASK_MAC, ASK_ADD, ASK_CLEAR, ASK_GROUPS, ASK_VLAN, ASK_FRAME, ASK_PROMISC, ASK_ALLMULTI = range(8)
ASK_RESET = 9
IS_RESET = 0x80		# or-ed: afterwards the VF has reset itself
AS_ASKED, ANYTHING, SILENCE, NOT_READ, LOCKED, GONE = range(6)
ACK_CTS, NACK_CTS, NACK = 0xa0, 0x60, 0x40


def reply(flags, *rest):
    return plain(AS_ASKED, flags, *rest) + word(0) * 2


VF_REPLY_82576 = {
    "granted": b"".join(bytes([what]) + (half(5) if what in (4, 5) else b"") + reply(ACK_CTS)
                        for what in (0, 1, 2, 4, 5, 6, 7)),
    "refused": b"".join(bytes([what]) + (half(5) if what in (4, 5) else b"") + reply(NACK_CTS) * 2
                        for what in (0, 1, 2, 4, 5, 6, 7)),
    "forgotten": plain(ASK_MAC | IS_RESET) + reply(NACK) + plain(ASK_RESET) + reply(NACK),
    "address-of-a-group": plain(ASK_RESET, AS_ASKED, 0x80, word(0x01005e01), word(1)),
    "address-of-nobody": plain(ASK_RESET, AS_ASKED, 0x80, word(0), word(0)),
    "both-verdicts": plain(ASK_MAC | IS_RESET) + reply(0xe0) + plain(ASK_MAC) + reply(0),
    "silence": plain(ASK_MAC | IS_RESET, SILENCE) + bytes(60) + plain(ASK_MAC, NOT_READ),
    "locked": plain(ASK_MAC | IS_RESET, LOCKED) + bytes(20) + plain(ASK_PROMISC, LOCKED),
    "gone": plain(ASK_MAC | IS_RESET, GONE) + plain(ASK_GROUPS, 48, GONE),
    "other-messages-first":
        plain(ASK_VLAN, half(5), ANYTHING, word(0x100), word(0), word(0), 0x30) +
        (bytes([0xe4]) + word(0x20000100)) * 6 + bytes([0xe4]) + word(0xa0000004),
    "groups-that-do-not-fit": plain(ASK_GROUPS, 48) + reply(ACK_CTS) * 2 + plain(ASK_GROUPS, 3) +
        reply(NACK_CTS),
}

RESET_REPLY = plain(AS_ASKED, 0x80, word(0x33221102), word(0x5544))
VF_REPLY_82599 = {
    "82599-introduction":
        plain(ASK_RESET) + RESET_REPLY + reply(NACK_CTS) + reply(ACK_CTS) +
        plain(AS_ASKED, ACK_CTS, word(4), word(4)) + plain(AS_ASKED, ACK_CTS, word(0), word(0)),
    "82599-queues-without-number":
        plain(ASK_RESET) + RESET_REPLY + reply(ACK_CTS) +
        plain(AS_ASKED, ACK_CTS, word(0), word(-1)) + reply(ACK_CTS),
    "82599-knows-no-version": plain(ASK_RESET) + RESET_REPLY + reply(NACK_CTS) * 3,
    "82599-less-than-asked":
        plain(ASK_RESET) + RESET_REPLY + reply(ACK_CTS) * 3 + plain(ASK_PROMISC) +
        plain(AS_ASKED, ACK_CTS, word(1), word(0)) + reply(ACK_CTS),
}
VF_REPLY = {
    **{name: bytes([0]) + program for name, program in VF_REPLY_82576.items()},
    **{name: bytes([1]) + program for name, program in VF_REPLY_82599.items()},
}

REQUEST_KIND, TYPED_KIND, REPLY_KIND, SERVER_KIND = range(4)
CONNECT, SEND, READ_SOME, READ_ALL, HANG_UP, TIME = (3 * n for n in range(6))


def send(client, text):
    """A piece for each 127 bytes."""
    data = text.encode()
    return b"".join(bytes([SEND + client, len(data[at:at + 0x7f])]) + data[at:at + 0x7f]
                    for at in range(0, len(data), 0x7f))


COUNTERS = ",".join(f'"{name}":1' for name in (
    "requests", "acked", "nacked", "malformed", "resets", "flrs", "rx_packets", "rx_bytes",
    "tx_packets", "tx_bytes", "rx_multicast", "malicious"))
STATE = ('{"ok":true,"ports":[{"pci":"0000:01:00.0","link":{"up":true,"mbps":1000},"vfs":[{"vf":0,'
         '"pci":"0000:01:10.0","driver":"vfio-pci","state":"ready","mac":"02:00:00:00:00:01",'
         '"policy":{"mac":"00:00:00:00:00:00","vlan":0,"qos":0,"proto":"802.1Q","trust":false,'
         '"spoofchk":true,"state":"auto","trunk":"10,20-29","untagged":true,"max_tx_rate":0,'
         '"min_tx_rate":0,"query_rss":false,"broadcast":true,"multicast":true,'
         '"unknown_unicast":false,"loopback":true,"mirror":"vf 2","max_macs":18,"max_vlans":16,'
         '"max_multicasts":30,"drop":true,"min_interrupt_us":0,"max_interrupt_us":0},'
         '"macs":1,"vlans":2,"multicasts":3,"max_frame":1518,"promiscuous":false,'
         '"all_multicast":true,"counters":{%s}}]}]}' % COUNTERS)
CONTROL = {
    "show": plain(REQUEST_KIND) + b'{"cmd":"show"}',
    "token": plain(REQUEST_KIND) + b'{"cmd":"token"}',
    "set": plain(REQUEST_KIND) + b'{"cmd":"set","port":"0000:01:00.0","vf":0,"vlan":10,"qos":3,'
        b'"mac":"02:00:00:00:00:01","trust":true,"spoofchk":"off"}',
    "ixgbe-600a507ddcb9-vf-that-is-not": plain(REQUEST_KIND) + b'{"cmd":"set","vf":64,"vlan":1}',
    "vf-below-none": plain(REQUEST_KIND) + b'{"cmd":"set","vf":-1,"vlan":1}',
    "vlan-too-large": plain(REQUEST_KIND) + b'{"cmd":"set","vf":0,"vlan":4095}',
    "key-with-an-end-of-line": plain(REQUEST_KIND) + b'{"cmd":"show","\\nsluiced: all is well":1}',
    "nested": plain(REQUEST_KIND) + b'[' * 1500,
    "typed": plain(TYPED_KIND) + b"vlan\x0010\0qos\x003\0trust\0on\0mac\x0002:00:00:00:00:01\0",
    "set-more": plain(REQUEST_KIND) + b'{"cmd":"set","vf":0,"state":"disable","trunk":"10,20-29",'
        b'"untagged":"off","max_tx_rate":100,"mirror":"vf 2","max_macs":1,"drop":false,'
        b'"min_interrupt_us":9,"max_interrupt_us":10}',
    "trunk-and-vlan": plain(REQUEST_KIND) + b'{"cmd":"set","vf":0,"vlan":5,"trunk":"1-4094"}',
    "typed-trunk": plain(TYPED_KIND) + b"trunk\x0010,20-29,4094\0mirror\x00vf 1\0state\0auto\0",
    "typed-twice": plain(TYPED_KIND) + b"vlan\x0010\0vlan\x0011\0",
    "typed-end-of-line": plain(TYPED_KIND) + b"\n\0\xc7\xc7\0",
    "error-reply": plain(REPLY_KIND) + b'{"ok":false,"code":64,"error":"no"}',
    "state-reply": plain(REPLY_KIND) + STATE.encode(),
    "lines-in-pieces": plain(SERVER_KIND, CONNECT, CONNECT + 1) + send(0, '{"cmd":') +
        send(1, '{"cmd":"show"}\nq') + send(0, '"show"}\n') + plain(READ_ALL, READ_ALL + 1) +
        send(1, "\n"),
    "line-too-long": plain(SERVER_KIND, CONNECT, SEND, 0x80 + 64, ord("a"), SEND, 0x80 + 64,
                           ord("\n"), READ_SOME, READ_ALL, READ_ALL),
    "reply-not-read": plain(SERVER_KIND, CONNECT) + send(0, "long\nlong\nlong\n") +
        plain(READ_SOME, CONNECT + 1) + send(1, "x\n") +
        plain(TIME, 99, READ_ALL, TIME, 2, CONNECT),
    "hangs-up-early": plain(SERVER_KIND, CONNECT) + send(0, "long\n") + plain(HANG_UP, CONNECT) +
        send(0, "\n\n\n\n"),
}

PORT = '"pci": "0000:01:00.0", "num_vfs": 2'
CONFIG = {
    "least": '{"ports":[{%s}]}' % PORT,
    "everything": '{"control_socket": "/run/s", "control_group": "g", "state_dir": "/var/s",'
        '"hugepages_mb": 32, "lcore": 3, "log_level": "debug", "ports": [{%s, "restore": false,'
        '"vfs": [{"vf": 0, "mac": "02:00:00:00:00:01", "vlan": 10, "qos": 3, "trust": "on",'
        '"spoofchk": false, "driver": "igbvf"}, {"vf": 1}]}]}' % PORT,
    "ixgbe-600a507ddcb9-vf-that-is-not": '{"ports":[{%s, "vfs":[{"vf": 2}]}]}' % PORT,
    "vf-listed-twice": '{"ports":[{%s, "vfs":[{"vf": 1}, {"vf": 1}]}]}' % PORT,
    "one-mac-two-vfs": '{"ports":[{%s, "vfs":[{"vf": 0, "mac": "02:00:00:00:00:01"},'
        '{"vf": 1, "mac": "02:00:00:00:00:01"}]}]}' % PORT,
    "group-mac": '{"ports":[{%s, "vfs":[{"vf": 0, "mac": "01:00:5e:00:00:01"}]}]}' % PORT,
    "vlan-too-large": '{"ports":[{%s, "vfs":[{"vf": 0, "vlan": 4095}]}]}' % PORT,
    "priority-without-vlan": '{"ports":[{%s, "vfs":[{"vf": 0, "qos": 1}]}]}' % PORT,
    "everything-of-a-vf": '{"ports":[{%s, "vfs":[{"vf": 0, "state": "disable", "untagged": "off",'
        '"trunk": "1,3-5,4094", "max_tx_rate": 100, "min_tx_rate": 0, "query_rss": true,'
        '"broadcast": false, "multicast": false, "unknown_unicast": true, "loopback": false,'
        '"mirror": "vf 1", "max_macs": 0, "max_vlans": 64, "max_multicasts": 30, "drop": false,'
        '"min_interrupt_us": 10, "max_interrupt_us": 10000, "proto": "802.1q"}]}]}' % PORT,
    "trunk-of-nothing": '{"ports":[{%s, "vfs":[{"vf": 0, "trunk": ""}]}]}' % PORT,
    "trunk-backwards": '{"ports":[{%s, "vfs":[{"vf": 0, "trunk": "20-10"}]}]}' % PORT,
    "trunk-beyond": '{"ports":[{%s, "vfs":[{"vf": 0, "trunk": "4095,99999"}]}]}' % PORT,
    "trunk-and-vlan": '{"ports":[{%s, "vfs":[{"vf": 0, "vlan": 1, "trunk": 2}]}]}' % PORT,
    "mirror-to-itself": '{"ports":[{%s, "vfs":[{"vf": 1, "mirror": 1}]}]}' % PORT,
    "no-vfs": '{"ports":[{"pci": "0000:01:00.0", "num_vfs": 0}]}',
    "too-many-vfs": '{"ports":[{"pci": "0000:01:00.0", "num_vfs": 64}]}',
    "number-beyond-64-bits": '{"ports":[{"pci": "0000:01:00.0", "num_vfs": 1e400}]}',
    "key-with-an-end-of-line": '{"\\nports": 1}',
    "bytes-that-are-no-text": b'{"ports"\x01\x00a\xe0:1}',
    "port-listed-twice": '{"ports":[{%s}, {%s}]}' % (PORT, PORT),
    "key-given-twice": '{"ports":[], "ports":[]}',
    "nothing": '{}',
    "not-an-object": '[]',
}

SEEDS = {"mailbox": MAILBOX, "rx": RX, "vf_reply": VF_REPLY, "control": CONTROL, "config": CONFIG}


def as_bytes(content):
    return content.encode() if isinstance(content, str) else content


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def main(arguments):
    check, differ = "--check" in arguments, 0
    for target, seeds in SEEDS.items():
        os.makedirs(os.path.join(CORPUS, target), exist_ok=True)
        for name, content in seeds.items():
            path = os.path.join(CORPUS, target, name)
            if read(path) == as_bytes(content):
                continue
            if check:
                print(f"{os.path.relpath(path)} differs", file=sys.stderr)
                differ += 1
            else:
                with open(path, "wb") as file:
                    file.write(as_bytes(content))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
