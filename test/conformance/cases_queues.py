# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Queues: suites queue_toggle, dynamic_queue_conf, rss, rx_tx_offload."""

import re

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6

from frames import frame
from framework import case
from port import Failed, expect, expect_equal
from testpmd import NotOffered, Refused
from toeplitz import flow_of, toeplitz

FLOWS = 16


def most_queues(port):
    info = port.info()
    return min(int(info["Max possible RX queues"]), int(info["Max possible TX queues"]))


def with_queues(port, number):
    port.reconfigure(f"port config all rxq {number}", f"port config all txq {number}",
                     undo=["port config all rxq 1", "port config all txq 1"])


def nothing_comes(port, what):
    """A frame that is sent does not come back; a port that was stopped says so by silence."""
    sent = frame(port.mac)
    port.wire.send(sent.data)
    expect(port.listen_quietly().back(sent) is None, f"{what}: a frame comes back")


def comes_back(port, what):
    sent = frame(port.mac)
    expect(port.exchange(sent, echo=True).back(sent), f"{what}: a frame does not come back")


def toggle(port, queue):
    """queue: rxq, txq"""
    port.closed("mac")
    comes_back(port, "at first")
    port.halt()
    port.must(f"port {{}} {queue} 0 stop")
    port.forward()
    nothing_comes(port, "queue stopped")
    port.halt()
    port.must(f"port {{}} {queue} 0 start")
    port.forward()
    comes_back(port, "queue started")


@case("queue_toggle", quick=True)
def rx_queue_start_stop(port):
    """An Rx queue that is stopped receives nothing, until it is started"""
    toggle(port, "rxq")


@case("queue_toggle", quick=True)
def tx_queue_start_stop(port):
    """A Tx queue that is stopped sends nothing, until it is started"""
    toggle(port, "txq")


def deferred(port, queue):
    port.reconfigure(f"port {{}} {queue} 0 deferred_start on",
                     undo=[f"port {{}} {queue} 0 deferred_start off"])
    port.closed("mac")
    nothing_comes(port, "deferred")
    port.halt()
    port.must(f"port {{}} {queue} 0 start")
    port.forward()
    comes_back(port, "started")


@case("queue_toggle", quick=True)
def rx_queue_deferred_start(port):
    """An Rx queue with deferred start does not start with its port"""
    deferred(port, "rxq")


@case("queue_toggle", quick=True)
def tx_queue_deferred_start(port):
    """A Tx queue with deferred start does not start with its port"""
    deferred(port, "txq")


def several_queues(port):
    number = min(most_queues(port), 4)
    if number < 2:
        raise NotOffered("one queue only")
    with_queues(port, number)
    return number


def flows(port, number=FLOWS):
    return [frame(port.mac, IP(src=f"10.0.{index}.1", dst="10.1.0.1"),
                  UDP(sport=1000 + 7 * index, dport=2000)) for index in range(number)]


def others_work(port, queue):
    """Flows that are not of the stopped queue arrive, and none of it does."""
    port.closed("rxonly")
    result = port.exchange(*flows(port))
    queues = {packet.queue for packet in result.got.values()}
    expect(queues and queue not in queues, f"with queue {queue} stopped, queues {queues} receive")


@case("dynamic_queue_conf")
def rx_queue_stop(port):
    """With one of several Rx queues stopped the others receive; started, it does too"""
    last = several_queues(port) - 1
    port.must(f"port {{}} rxq {last} stop")
    others_work(port, last)
    port.halt()
    port.must(f"port {{}} rxq {last} start")
    port.forward("rxonly")
    port.takes("all started", *flows(port))


@case("dynamic_queue_conf")
def tx_queue_stop(port):
    """With one of several Tx queues stopped the port runs; started, all is sent"""
    last = several_queues(port) - 1
    port.must(f"port {{}} txq {last} stop")
    port.closed("mac")
    comes_back(port, "one stopped")
    port.halt()
    port.must(f"port {{}} txq {last} start")
    port.forward()
    sent = flows(port)
    result = port.exchange(*sent, echo=True)
    expect(all(result.back(one) for one in sent), "not all flows come back")


def reconfigure_queue(port, queue, unit):
    """Another ring size, while the port runs."""
    if f"RUNTIME_{queue[:2].upper()}_QUEUE_SETUP" not in port.do_info():
        raise NotOffered("no set-up of queues while the port runs")
    last = several_queues(port) - 1
    port.must(f"port {{}} {queue} {last} stop")
    port.must(f"port config {{}} {queue} {last} ring_size 256")
    port.must(f"port {{}} {queue} {last} setup")
    port.must(f"port {{}} {queue} {last} start")
    answer = port.do(f"show {queue} info {{}} {last}")
    port.do(f"port config {{}} {queue} {last} ring_size 512")
    size = re.search(rf"{unit}: (\d+)", answer)
    expect_equal("ring size shown", "256", size and size[1])
    port.closed("mac")
    sent = flows(port)
    result = port.exchange(*sent, echo=True)
    expect(all(result.back(one) for one in sent), "not all flows come back")


@case("dynamic_queue_conf")
def rx_queue_configuration(port):
    """A stopped Rx queue is set up with another ring while the port runs"""
    reconfigure_queue(port, "rxq", "RXDs")


@case("dynamic_queue_conf")
def tx_queue_configuration(port):
    """A stopped Tx queue is set up with another ring while the port runs"""
    reconfigure_queue(port, "txq", "TXDs")


# --- rss ---

KEY_BYTES = 40
RETA_PART = 8      # entries in one of testpmd's commands
KEY = bytes(range(0x11, 0x11 + KEY_BYTES))


def has_rss(port):
    """The number of queues, with RSS over them."""
    if "RSS_HASH" not in port.offloads("rx") and "ipv4" not in port.do_info():
        raise NotOffered("no RSS")
    number = several_queues(port)
    port.must("port config all rss all")
    return number


def reta_size(port):
    match = re.search(r"Redirection table size: (\d+)", port.do_info())
    if not match:
        raise NotOffered("no redirection table")
    return int(match[1])


def reta_of(port, size):
    """By groups of 64, as testpmd takes no word longer than 127 characters."""
    table = {}
    for asked in range(size // 64):
        masks = ",".join("0xffffffffffffffff" if group == asked else "0"
                         for group in range(size // 64))
        answer = port.must(f"show port {{}} rss reta {size} ({masks})")
        table.update((int(index), int(queue)) for index, queue in
                     re.findall(r"hash index=(\d+), queue=(\d+)", answer))
    return table


def set_key(port, key):
    """testpmd leaves IPv4 alone to be hashed when it sets a key: the other types come after."""
    port.must(f"port config {{}} rss-hash-key ipv4 {key.hex()}")
    port.must("port config all rss all")


def hash_flows(port):
    """Flows of all kinds, those over TCP hashed with ports."""
    tcp = [frame(port.mac, IP(src=f"10.0.{index}.1", dst="10.1.0.1"),
                 TCP(sport=1000 + 7 * index, dport=80)) for index in range(6)]
    plain = [frame(port.mac, IP(src=f"10.2.{index}.1", dst="10.3.0.1", proto=253))
             for index in range(5)]
    six = [frame(port.mac, IPv6(src=f"2001:db8::{index + 1:x}", dst="2001:db8::ff"),
                 TCP(sport=900 + index, dport=80)) for index in range(4)]
    return tcp + plain + six


@case("rss")
def key_hash_algorithm(port):
    """The hash is Toeplitz's by the key that was set, and picks the queue from the table"""
    has_rss(port)
    size = reta_size(port)
    set_key(port, KEY)
    table = reta_of(port, size)
    port.closed("rxonly")
    sent = hash_flows(port)
    result = port.exchange(*sent)
    for one in sent:
        got = result.of(one)
        expect(got, f"{one!r} does not arrive")
        expected = toeplitz(KEY, flow_of(one.packet))
        if got.hash is not None:
            expect_equal(f"hash of {one!r}", f"{expected:#x}", f"{got.hash:#x}")
        expect_equal(f"queue of {one!r}", table[expected % size], got.queue)


def refuses(port, command, what):
    try:
        port.must(command)
    except (Refused, NotOffered):
        return
    raise Failed(f"{what} is taken")


@case("rss")
def set_hash_key_short_long(port):
    """Keys that are too short or too long are refused"""
    has_rss(port)
    set_key(port, KEY)
    command = "port config {} rss-hash-key ipv4 "
    refuses(port, command + KEY[:-1].hex(), "a short key")
    refuses(port, command + (KEY + b"\1").hex(), "a long key")
    expect(KEY.hex().upper() in port.must("show port {} rss-hash key").upper(),
           "the former key is not there any more")


@case("rss")
def reported_key_size(port):
    """The key has the size that the port reports"""
    has_rss(port)
    match = re.search(r"Hash key size in bytes: (\d+)", port.do_info())
    expect(match, "no key size is reported")
    expect_equal("key size", KEY_BYTES, int(match[1]))
    set_key(port, KEY)
    key = re.search(r"RSS key:\s*([0-9A-F]+)", port.must("show port {} rss-hash key"))
    expect_equal("key read back", KEY.hex().upper(), key and key[1])


@case("rss")
def reta_queues(port):
    """An entry of the table that is set sends its flows to that queue"""
    number = has_rss(port)
    size = reta_size(port)
    set_key(port, KEY)
    for queue in range(number):
        for first in range(0, size, RETA_PART):
            part = ",".join(f"({index},{queue})" for index in range(first, first + RETA_PART))
            port.must(f"port config {{}} rss reta {part}")
        expect_equal("table read back", {queue}, set(reta_of(port, size).values()))
        port.closed("rxonly")
        sent = hash_flows(port)
        result = port.exchange(*sent)
        expect_equal("queues that receive", {queue},
                     {result.of(one) and result.of(one).queue for one in sent})
        port.halt()


@case("rss")
def reported_reta_size(port):
    """The table has the size that is reported; an entry beyond it is refused"""
    has_rss(port)
    size = reta_size(port)
    expect_equal("entries", size, len(reta_of(port, size)))
    refuses(port, f"port config {{}} rss reta ({size},0)", "an entry beyond the table")


# --- rx_tx_offload ---

def configured(port):
    return port.do("show port {} tx_offload configuration")


@case("rx_tx_offload")
def mbuf_fast_free_per_port(port):
    """MBUF_FAST_FREE can be had or not, per port, and frames go out either way"""
    if "MBUF_FAST_FREE" not in port.offloads("tx"):
        raise NotOffered("no tx offload MBUF_FAST_FREE")
    for state in ("off", "on"):
        port.reconfigure(f"port config {{}} tx_offload mbuf_fast_free {state}",
                         undo=["port config {} tx_offload mbuf_fast_free off"])
        line = re.search(r"^\s*Port :(.*)$", configured(port), re.M)
        expect_equal(f"{state}: shown", state == "on", "MBUF_FAST_FREE" in (line[1] if line
                                                                          else ""))
        port.closed("mac")
        comes_back(port, state)


@case("rx_tx_offload")
def mbuf_fast_free_per_queue(port):
    """MBUF_FAST_FREE can be had or not, per queue, where the driver says so"""
    answer = port.do("show port {} tx_offload capabilities")
    line = re.search(r"Per Queue *:(.*)", answer)
    if not line or "MBUF_FAST_FREE" not in line[1]:
        raise NotOffered("no tx offload MBUF_FAST_FREE per queue")
    port.reconfigure("port {} txq 0 tx_offload mbuf_fast_free on",
                     undo=["port {} txq 0 tx_offload mbuf_fast_free off"])
    line = re.search(r"Queue\[ ?0\] :(.*)", configured(port))
    expect(line and "MBUF_FAST_FREE" in line[1], "it is not shown")
    port.closed("mac")
    comes_back(port, "on")
