/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Where QEMU's 82576 and the model are known to differ. Numbers are sections of the 82576 sheet,
 * names are functions of QEMU's hw/net/igb_core.c.
 */

#include "agree.h"

/* Several rows have the same reason. */
#define NO_SELF	   "8.7: no pool gets its own frame back but with LLE; " \
		   "QEMU's igb_receive_assign() does not know who sent it"
#define BY_ROMPE   "8.3: ROPE is for the unicast hash; igb_receive_assign() tests ROMPE for both"
#define NO_MPME	   "8.3: MPME is all groups; not in QEMU"
#define REPLICATES "8.1: without VM_REPL_EN one pool gets it; QEMU always replicates"
#define PF_ONLY	   "6.5: EICR and EIMS of the PF are its own vectors'; in QEMU they are all"
#define VT_WRITTEN "6.6: VTEICR and VTEIMS are views of the PF's registers; storage in QEMU"
#define PORT_LIMIT "5.3: RLPML is the port's; the model has it for frames from the wire only"
#define QUEUE_ICR  "6.2: with MSI-X mode, queues have EICR; igb_start_xmit() and " \
		   "igb_receive_internal() set TXDW and RXDW besides"
#define INTA	   "6.2: ICR.INTA; igb_raise_interrupts() sets it without MSI-X mode only"

#define WHOLE(scenario_, what_, qemu_, model_, why_) \
	{ .scenario = scenario_, .what = what_, .qemu = qemu_, .model = model_, .why = why_ }

const struct known_difference known_differences[] = {
	/* After a reset */
	WHOLE("PF after CTRL.RST", "CTRL", 0x100209, 0x201,
	      "igb_mac_reg_init: LRST and ADVD3WUC, which an NVM may set; 2.1 gives no value"),
	WHOLE("PF after CTRL.RST", "STATUS", 0x800c8481, 0xc8600,
	      "2.3: LAN_INIT_DONE; without link neither speed nor duplex. QEMU: b31, and both"),
	WHOLE("PF after CTRL.RST", "EECD", 0x1110, 0x2300,
	      "2.7: AUTO_RD is set when the NVM was read; never in QEMU, whose NVM is smaller"),
	WHOLE("PF after CTRL.RST", "FCAL", 0, 0xc28001, "2.11: the value of the standard"),
	WHOLE("PF after CTRL.RST", "FCAH", 0, 0x100, "2.11"),
	WHOLE("PF after CTRL.RST", "FCT", 0, 0x8808, "2.11"),
	WHOLE("PF after CTRL.RST", "EEMNGCTL", 0x80000000, 0x803c0000,
	      "2.7: CFG_DONE of all ports; never in QEMU"),
	WHOLE("PF after CTRL.RST", "GCR", 0x6850200, 0x40000,
	      "2.4: CAP_VER2 and no time-out; QEMU has latencies of a real board besides"),
	WHOLE("PF after CTRL.RST", "SW_FW_SYNC", 0, UINT32_MAX,
	      "2.7: a semaphore with the firmware, which a reset does not release; does in QEMU"),
	{ .scenario = "PF after CTRL.RST", .what = "VMBMEM *", .qemu = 0, .model = UINT32_MAX,
	  .times = 128, .why = "7.1: memory; QEMU's igb_reset() clears all that it has" },
	WHOLE("PF after CTRL.RST", "VFRE", 0xff, 0, "8.2: 0 after a reset; igb_mac_reg_init: all"),
	WHOLE("PF after CTRL.RST", "VFTE", 0xff, 0, "8.2: 0 after a reset; igb_mac_reg_init: all"),
	WHOLE("VF after CTRL.RST", "VTSTATUS", 0x800c8481, 0,
	      "2.12: the link; a VF sees all of the PF's STATUS in QEMU"),

	/* Mailbox and interrupts */
	WHOLE("mailbox: locks", "P2V, PF takes the lock away", 4, 0,
	      "7.1: RVFU clears VFU; igb_set_pfmailbox() leaves it in P2VMAILBOX"),
	{ .scenario = "mailbox: messages", .what = "ICR*", .qemu = 0, .model = BIT(31),
	  .bits = BIT(31), .times = 3, .why = INTA },
	{ .scenario = "a VF *", .what = "ICR", .qemu = 0, .model = BIT(31), .bits = BIT(31),
	  .times = 3, .why = INTA },
	{ .scenario = "interrupt causes", .what = "ICR*", .qemu = 0, .model = BIT(31),
	  .bits = BIT(31), .why = INTA },
	WHOLE("mailbox: messages", "VTEICR, PF answers", 0, 2, VT_WRITTEN),
	WHOLE("mailbox: messages", "EICR, PF answers", 0x80000, 0,
	      PF_ONLY ". mailbox_interrupt_to_vf() takes VTIVAR_MISC's vector 1 for a mask"),
	WHOLE("mailbox: messages", "ICR, masked VF asks", 0x100, 0,
	      "6.7: MBVFIMR masks; QEMU keeps it and raises VMMB"),
	WHOLE("interrupt causes", "EIAC, fewer bits", 0xf, 1,
	      "6.1: EIAC keeps what is written; igb_set_eiac() only adds"),
	WHOLE("interrupt causes", "EIAM", 0xfffffff0, 0xf,
	      "6.1: EIAM keeps what is written; igb_set_eiam() inverts it"),
	WHOLE("interrupt causes", "EIMS, VF0 sets two", 0xc00000, 0, PF_ONLY),
	WHOLE("interrupt causes", "VTEIMS after VTEIMC", 3, 2, VT_WRITTEN),
	WHOLE("interrupt causes", "EIMS after VTEIMC", 0x800000, 0, PF_ONLY),
	WHOLE("interrupt causes", "VTEICR by VTEICS", 0, 4, VT_WRITTEN),
	WHOLE("interrupt causes", "EICR by VTEICS", 0x1000000, 0, PF_ONLY),
	WHOLE("causes of queues", "VTEICR, PF to VF1", 0, 2, VT_WRITTEN),
	WHOLE("causes of queues", "EICR, PF to VF1", 0x100008, 8, PF_ONLY),
	WHOLE("causes of queues", "EICR, PF to VF1, without RS", 0x100000, 0, PF_ONLY),
	WHOLE("causes of queues", "ICR, PF to VF1", 0x81, 0, QUEUE_ICR),

	/* PHY and link */
	WHOLE("PHY and semaphore", "1000T control", 0x18290f00, 0x18290300,
	      "2.8: which speeds; igb_phy_reg_init also has a multi-port device"),
	WHOLE("PHY and semaphore", "no such PHY", 0x58240de1, 0x58420000,
	      "2.8: the error of this access; igb_set_mdic() keeps what was there"),
	WHOLE("link", "STATUS", 0x800c8483, 0xc8683, "2.3: LAN_INIT_DONE; QEMU: b31"),
	WHOLE("link", "CTRL", 0x18100249, 0x241,
	      "igb_update_flowctl_status() sets RFCE and TFCE; 2.11 leaves that to software"),

	/* Write-backs */
	{ .scenario = "*", .what = "*status", .qemu = 0, .model = BIT(18), .bits = BIT(18),
	  .times = 77, .why = "4.2: LB marks a frame that another pool sent; never in QEMU" },
	{ .scenario = "*", .what = "*status", .qemu = 0, .model = BIT(3), .bits = BIT(3),
	  .times = 7, .why = "4.2: VP tells of a tag that stays, too; in QEMU of a stripped one" },
	{ .scenario = "packets*", .what = "IPv4, first fragment: VF1 0 hash", .qemu = 0x1234,
	  .model = 0xbbeb1234, .times = 3,
	  .why = "5.1: a fragment's sum beside the id; not in QEMU" },
	{ .scenario = "packets*", .what = "IPv4, later fragment: VF1 0 hash", .qemu = 0x1234,
	  .model = 0xa4d31234, .times = 3,
	  .why = "5.1: a fragment's sum beside the id; not in QEMU" },
	WHOLE("segmentation", "TCP flags of segment 2", 0x10, 0x19,
	      "5.2: FIN and PSH go with the last; net_tx_pkt_tcp_fragment_init() drops them"),

	/* Rings and counters */
	WHOLE("long frames", "ROC", 1, 0,
	      "8.12: the MAC's; what pools send each other does not come by it. In QEMU it does"),
	WHOLE("long frames", "longer than the port takes: VF1 0 type", ABSENT, 0, PORT_LIMIT),
	WHOLE("long frames", "longer than the port takes: VF1 0 hash", ABSENT, 0, PORT_LIMIT),
	WHOLE("long frames", "longer than the port takes: VF1 0 status", ABSENT, 0x40003,
	      PORT_LIMIT),
	WHOLE("long frames", "longer than the port takes: VF1 0 length", ABSENT, 1800, PORT_LIMIT),
	WHOLE("long frames", "longer than the port takes: VF1 0 tag", ABSENT, 0, PORT_LIMIT),
	WHOLE("long frames", "longer than the port takes: VF1 0 content", ABSENT, 0x591d6999,
	      PORT_LIMIT),
	WHOLE("a full ring", "ICR.RXO", 0x40, 0,
	      "3.4: with DROP_EN the ring's frames are dropped, and nothing overruns; QEMU: RXO"),
	WHOLE("a full ring", "RQDPC", 0, 3, "3.1: counts such frames; stays 0 in QEMU"),
	WHOLE("what is switched off", "RCTL is off: frames", 0, 1,
	      "3.8: RCTL.EN is the receiver's; in the model of what comes from the wire"),
	WHOLE("counters, what comes", "PRC64", 0, 3,
	      "8.12: with CRC; e1000x_update_rx_total_stats() has 60 bytes if it is stripped"),

	/* Who gets a frame */
	WHOLE("switch: addresses", "VF0 to VF0", 0x001, 0, NO_SELF),
	WHOLE("switch: addresses", "VF1 to VF1", 0x010, 0, NO_SELF),
	WHOLE("switch: addresses", "PF to PF", 0x100, 0, NO_SELF),
	WHOLE("switch: addresses", "VF0 to all", 0x111, 0x110, NO_SELF),
	WHOLE("switch: addresses", "VF1 to all", 0x111, 0x101, NO_SELF),
	WHOLE("switch: addresses", "PF to all", 0x111, 0x011, NO_SELF),
	WHOLE("switch: filters", "no BAM, VF1: all", 0x101, 0x001, NO_SELF),
	WHOLE("switch: filters", "group in MTA, ROMPE everywhere", 0x111, 0x011, NO_SELF),
	WHOLE("switch: filters", "group in MTA, not ROMPE: VF1", 0x101, 0x001, NO_SELF),
	WHOLE("switch: filters", "group in MTA, from VF0", 0x111, 0x110, NO_SELF),
	WHOLE("switch: filters", "VFRE without VF1: all", 0x101, 0x001, NO_SELF),
	{ .scenario = "switch: filters*", .what = "group, MPME: VF1", .qemu = 0, .model = 0x010,
	  .times = 2, .why = NO_MPME },
	WHOLE("switch: filters", "nobody in UTA, ROPE: VF1", 0, 0x010, BY_ROMPE),
	WHOLE("switch: filters", "nobody in UTA, ROMPE: VF1", 0x010, 0, BY_ROMPE),
	WHOLE("switch: filters, *", "nobody in UTA, ROPE: VF1", 0x100, 0x010, BY_ROMPE),
	WHOLE("switch: filters, *", "nobody in UTA, ROMPE: VF1", 0x010, 0x100, BY_ROMPE),
	WHOLE("switch: filters", "no replication: all", 0x111, 0x001, REPLICATES ". " NO_SELF),
	WHOLE("switch: filters, *", "no replication: all", 0x111, 0x100, REPLICATES),
};
const size_t nb_known_differences = RTE_DIM(known_differences);
_Static_assert(RTE_DIM(known_differences) <= KNOWN_MAX, "record.c counts each");
