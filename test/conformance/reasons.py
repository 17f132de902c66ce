# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026, the Sluice authors
"""Why a case cannot pass on some hardware, whatever the driver.

A case that is listed here is run all the same; when it passes, the list is wrong, and that
is a failure.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Reason:
    suite: str
    names: tuple        # of cases; empty: all
    why: str
    kinds: tuple = ("pf", "vf")
    places: tuple = ("model", "sluiced", "policy", "guest")
    families: tuple = ("82576", "i350", "82599", "x540", "x550")


# Before the X550.
EARLIER = ("82576", "i350", "82599", "x540")

GBE = ("82576", "i350")
STRIP_IS_THE_PFS = "whether a pool's tags are stripped is in the PF's registers (VMOLR), and no " \
                   "message of the mailbox asks for it"

REASONS = (
    Reason("unified_packet", ("gre_tunnel_packet_detect",),
           "the receive descriptor has no type for GRE"),
    Reason("unified_packet", ("vxlan_tunnel_packet_detect",),
           "the receive descriptor has no type for VXLAN", families=EARLIER),
    Reason("vxlan", (), "it has no checksums of tunnels", families=EARLIER),
    Reason("unified_packet", ("nsh_packet_detect",),
           "the receive descriptor has no type for NSH"),
    Reason("unified_packet", ("l3_tunnel_packet_detect",),
           "QEMU's 82576 does not look into tunnels", places=("guest",)),
    Reason("rx_tx_offload", ("tso_flags",),
           "QEMU's 82576 takes PSH and FIN from the last segment too", places=("guest",)),
    Reason("vlan", ("receipt_stripping",), STRIP_IS_THE_PFS, kinds=("vf",), families=GBE),
    Reason("dual_vlan", ("all_vlan_functions",), STRIP_IS_THE_PFS, kinds=("vf",), families=GBE),
    Reason("rss", (), "hash key and table are the PF's: a VF has no registers for its own",
           kinds=("vf",), families=EARLIER),
    Reason("dynamic_queue_conf", (), "an I350's VF has one queue", kinds=("vf",),
           families=("i350",)),
    Reason("vf_interrupt_pmd", ("nic_multi_queues_interrupt",), "an I350's VF has one queue",
           kinds=("vf",), families=("i350",)),
    Reason("vf_interrupt_pmd", ("nic_multi_queues_interrupt",),
           "l3fwd-power wants RSS of UDP only; what is hashed is the PF's to say, and UDP is not "
           "unless its application wants it", kinds=("vf",), families=("82599", "x540")),
    Reason("vf_interrupt_pmd", ("nic_multi_queues_interrupt",),
           "QEMU's 82576 has RSS without VFs only", kinds=("vf",), places=("guest",)),
    Reason("vf_jumboframe", ("mtu_of_the_vf_alone",),
           "an 82599 has one maximum frame size for all its pools", families=("82599",)),
)


def find(case, kind, rig):
    for reason in REASONS:
        if (case.suite == reason.suite and (not reason.names or case.name in reason.names) and
                kind in reason.kinds and rig.place in reason.places and
                rig.family in reason.families):
            return reason.why
    return None
