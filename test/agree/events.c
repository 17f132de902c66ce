/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Mailbox, resets of VFs, interrupt causes, NVM, PHY and link. */

#include <bus_pci_driver.h>
#include <rte_cycles.h>
#include <rte_pci.h>

#include "agree.h"
#include "frame.h"
#include "regs.h"

#define VTIVAR_MISC	0x1740
#define VF1_WORD(i)	(R_VMBMEM + 0x40 + 4 * (i))

/** The PF is up: VFs have been told, and mailbox causes go to EICR bit 0, of VF1 to its bit 1. */
#define PF_UP \
	WRITE(PF, R_GPIE, GPIE_STANDARD), WRITE(PF, R_IVAR_MISC, 0x8000), \
	WRITE(PF, R_IMS, ICR_VMMB), WRITE(PF, R_CTRL_EXT, CTRL_EXT_PFRSTD), \
	WRITE(VF1, VTIVAR_MISC, 0x81)

static const struct op mailbox_reset[] = {
	READ(VF1, R_V2P, "V2P while the PF resets"),
	WRITE(PF, R_CTRL_EXT, CTRL_EXT_PFRSTD),
	READ(VF1, R_V2P, "V2P when the PF is done"), READ(VF1, R_V2P, "V2P read again"),
	READ(VF0, R_V2P, "V2P of the other VF"),
	WRITE(VF1, R_V2P, V2P_VFU), WRITE(VF1, VF1_WORD(0) - 0x40, 0x77),
	WRITE(PF, R_CTRL, CTRL_RST),
	READ(VF1, R_V2P, "V2P after a reset with the lock taken"),
	READ(PF, R_P2V + 4, "P2V after a reset with the lock taken"),
};

static const struct op mailbox_locks[] = {
	PF_UP, READ(VF1, R_V2P, "V2P at first"),
	WRITE(VF1, R_V2P, V2P_VFU), READ(VF1, R_V2P, "V2P, VF locks"),
	READ(PF, R_P2V + 4, "P2V, VF locks"), READ(PF, R_P2V, "P2V of the other VF"),
	WRITE(PF, R_P2V + 4, P2V_PFU), READ(PF, R_P2V + 4, "P2V, PF wants it too"),
	READ(VF1, R_V2P, "V2P, PF wants it too"),
	WRITE(VF1, R_V2P, 0), READ(PF, R_P2V + 4, "P2V, VF lets go"),
	WRITE(PF, R_P2V + 4, P2V_PFU), READ(PF, R_P2V + 4, "P2V, PF locks"),
	READ(VF1, R_V2P, "V2P, PF locks"),
	WRITE(VF1, R_V2P, V2P_VFU), READ(VF1, R_V2P, "V2P, VF wants it too"),
	READ(PF, R_P2V + 4, "P2V, VF wants it too"),
	WRITE(PF, R_P2V + 4, P2V_ACK | P2V_PFU), READ(PF, R_P2V + 4, "P2V, PF acks and keeps"),
	READ(VF1, R_V2P, "V2P, PF acks and keeps"),
	WRITE(PF, R_P2V + 4, P2V_STS), READ(PF, R_P2V + 4, "P2V, STS drops the lock"),
	READ(VF1, R_V2P, "V2P, STS drops the lock"),
	WRITE(VF1, R_V2P, V2P_VFU | V2P_REQ), READ(PF, R_P2V + 4, "P2V, VF asks and keeps"),
	WRITE(PF, R_P2V + 4, P2V_RVFU), READ(VF1, R_V2P, "V2P, PF takes the lock away"),
	READ(PF, R_P2V + 4, "P2V, PF takes the lock away"),
	READ(PF, R_MBVFICR, "MBVFICR, PF takes the lock away"),
};

static const struct op mailbox_messages[] = {
	PF_UP, READ(PF, R_ICR, "ICR at first"), WRITE(PF, R_EICR, UINT32_MAX),
	READ(VF1, R_V2P, "V2P at first"), WRITE(VF1, R_V2P, V2P_VFU),
	WRITE(VF1, R_VMBMEM, 0x12345678), WRITE(VF1, R_VMBMEM + 60, 0x9abcdef0),
	READ(PF, VF1_WORD(0), "word 0 of VF1"), READ(PF, VF1_WORD(15), "word 15 of VF1"),
	WRITE(VF1, R_V2P, V2P_REQ), READ(PF, R_MBVFICR, "MBVFICR, VF asks"),
	READ(PF, R_P2V + 4, "P2V, VF asks"), READ(PF, R_ICR, "ICR, VF asks"),
	READ(PF, R_EICR, "EICR, VF asks"), READ(PF, R_ICR, "ICR read again"),
	READ(PF, R_MBVFICR, "MBVFICR read again"),
	WRITE(PF, R_MBVFICR, 0), READ(PF, R_MBVFICR, "MBVFICR, 0 written"),
	WRITE(PF, R_MBVFICR, BIT(0)), READ(PF, R_MBVFICR, "MBVFICR, another's bit written"),
	WRITE(PF, R_MBVFICR, BIT(1)), READ(PF, R_MBVFICR, "MBVFICR, its bit written"),
	WRITE(PF, VF1_WORD(0), 0x87654321), WRITE(PF, R_P2V + 4, P2V_STS | P2V_ACK),
	READ(VF1, R_VMBMEM, "word 0 in VF1"),
	READ(VF1, R_EICR, "VTEICR, PF answers"), READ(PF, R_EICR, "EICR, PF answers"),
	READ(VF1, R_V2P, "V2P, PF answers"), READ(VF1, R_V2P, "V2P read again"),
	WRITE(VF1, R_V2P, V2P_ACK), READ(PF, R_MBVFICR, "MBVFICR, VF acks"),
	READ(PF, R_ICR, "ICR, VF acks"),
	WRITE(VF0, R_V2P, V2P_REQ | V2P_ACK), READ(PF, R_MBVFICR, "MBVFICR, both VFs"),
	WRITE(PF, R_MBVFICR, UINT32_MAX), READ(PF, R_MBVFICR, "MBVFICR, all written"),
	READ(PF, R_ICR, "ICR, both VFs"),
	WRITE(PF, R_MBVFIMR, 0), WRITE(VF1, R_V2P, V2P_REQ), READ(PF, R_ICR, "ICR, masked VF asks"),
	READ(PF, R_MBVFICR, "MBVFICR, masked VF asks"),
};

#define VF1_RUNS \
	PF_UP, WRITE(PF, R_VFRE, 7), WRITE(PF, R_VFTE, 7), \
	WRITE(VF1, 0x2800, 0x10000), WRITE(VF1, 0x2804, 1), WRITE(VF1, 0x2808, 0x200), \
	WRITE(VF1, 0x280c, 0x02000002), WRITE(VF1, 0x3800, 0x20000), WRITE(VF1, 0x3808, 0x200), \
	WRITE(VF1, 0x3838, 0x30000), WRITE(VF1, 0x383c, 1), \
	WRITE(VF1, 0x2828, CONTROL_ENABLE), WRITE(VF1, 0x3828, CONTROL_ENABLE), \
	WRITE(VF1, 0x2928, CONTROL_ENABLE), WRITE(VF1, 0x3928, CONTROL_ENABLE), \
	WRITE(VF1, 0x1680, 0x100), WRITE(VF1, 0x1700, 0x8180), WRITE(VF1, R_V2P, V2P_VFU), \
	WRITE(PF, R_VFLRE, UINT32_MAX), READ(PF, R_ICR, "ICR before")

static const struct op vf_running[] = { VF1_RUNS };

static const struct op vf_is_reset[] = {
	READ(PF, R_VFLRE, "VFLRE"), READ(PF, R_ICR, "ICR"), READ(PF, R_VFRE, "VFRE"),
	READ(PF, R_VFTE, "VFTE"), READ(VF1, 0x2800, "RDBAL"), READ(VF1, 0x2804, "RDBAH"),
	READ(VF1, 0x2808, "RDLEN"), READ(VF1, 0x280c, "SRRCTL"), READ(VF1, 0x2828, "RXDCTL"),
	READ(VF1, 0x2928, "RXDCTL 1"), READ(VF1, 0x3800, "TDBAL"), READ(VF1, 0x3808, "TDLEN"),
	READ(VF1, 0x3828, "TXDCTL"), READ(VF1, 0x3928, "TXDCTL 1"), READ(VF1, 0x3838, "TDWBAL"),
	READ(VF1, 0x383c, "TDWBAH"), READ(VF1, 0x1700, "VTIVAR"), READ(VF1, 0x1680, "VTEITR"),
	READ(VF1, R_V2P, "V2P"), READ(PF, R_P2V + 4, "P2V"), READ(PF, R_MBVFICR, "MBVFICR"),
	WRITE(PF, R_VFLRE, BIT(0)), READ(PF, R_VFLRE, "VFLRE, another's bit written"),
	WRITE(PF, R_VFLRE, BIT(1)), READ(PF, R_VFLRE, "VFLRE, its bit written"),
};

static void
run_own_reset(struct port_under_test *port)
{
	reg_write(port, VF1, R_CTRL, CTRL_RST);
	port_do(port, vf_is_reset, RTE_DIM(vf_is_reset));
}

static void
run_reset_by_pf(struct port_under_test *port)
{
	reg_write(port, PF, R_VTCTRL + 0x100, CTRL_RST);
	port_do(port, vf_is_reset, RTE_DIM(vf_is_reset));
}

#define CAP_POINTER	0x34
#define CAP_EXPRESS	0x10
#define CAPS_MAX	48
#define DEVICE_CONTROL	8	/* in that capability */
#define INITIATE_FLR	BIT(15)
#define FLR_US		150000	/* PCIe: 100 ms at most */

static int
find_express(struct rte_pci_device *pci)
{
	uint8_t at, head[2];

	if (rte_pci_read_config(pci, &at, 1, CAP_POINTER) != 1)
		return -1;
	for (unsigned int i = 0; i < CAPS_MAX && at != 0; i++) {
		if (rte_pci_read_config(pci, head, 2, at) != 2)
			return -1;
		if (head[0] == CAP_EXPRESS)
			return at;
		at = head[1];
	}
	return -1;
}

static void
run_flr(struct port_under_test *port)
{
	struct rte_pci_device *pci = port->pci[VF1];
	int at = find_express(pci);
	uint16_t control;

	observe(port, at >= 0, "a PCI Express capability");
	if (at < 0 || rte_pci_read_config(pci, &control, 2, at + DEVICE_CONTROL) != 2)
		return;
	control |= INITIATE_FLR;
	observe(port, rte_pci_write_config(pci, &control, 2, at + DEVICE_CONTROL), "FLR");
	rte_delay_us_sleep(FLR_US);
	rte_pci_set_bus_master(pci, true);
	port_do(port, vf_is_reset, RTE_DIM(vf_is_reset));
}

/* --- Interrupt causes; nothing is enabled in EIMS, so no message goes out --- */

static const struct op causes[] = {
	WRITE(PF, R_GPIE, GPIE_STANDARD), WRITE(PF, R_IVAR_MISC, 0x8100),
	WRITE(PF, R_IMC, UINT32_MAX), READ(PF, R_IMS, "IMS, all masked"),
	WRITE(PF, R_IMS, ICR_LSC | ICR_VMMB), READ(PF, R_IMS, "IMS, two set"),
	WRITE(PF, R_IMC, ICR_LSC), READ(PF, R_IMS, "IMS, one cleared"),
	READ(PF, R_ICR, "ICR at first"),
	WRITE(PF, R_ICS, BIT(4)), READ(PF, R_EICR, "EICR, a masked cause"),
	READ(PF, R_ICR, "ICR, a masked cause"), READ(PF, R_ICR, "ICR read again"),
	WRITE(PF, R_ICS, ICR_VMMB), READ(PF, R_EICR, "EICR, a cause"),
	READ(PF, R_EICR, "EICR read again"),
	WRITE(PF, R_ICR, ICR_VMMB), READ(PF, R_ICR, "ICR, 1 written"),
	WRITE(PF, R_ICS, ICR_LSC | ICR_VMMB), WRITE(PF, R_ICR, ICR_LSC),
	READ(PF, R_ICR, "ICR, one of two written"),
	/* Vectors: of the PF, and VF0's, which are its 22 to 24 */
	WRITE(PF, R_EICR, UINT32_MAX), WRITE(PF, R_EICS, 0x05), READ(PF, R_EICR, "EICR by EICS"),
	WRITE(PF, R_EICS, 0x07), WRITE(PF, R_EICR, 0x02), READ(PF, R_EICR, "EICR, one of three"),
	READ(PF, R_EICR, "EICR, that is read"),
	WRITE(PF, R_EIMS, 0x0f), READ(PF, R_EIMS, "EIMS"), WRITE(PF, R_EIMC, 0x03),
	READ(PF, R_EIMS, "EIMS after EIMC"), WRITE(PF, R_EIMC, UINT32_MAX),
	READ(PF, R_EIMS, "EIMS, all masked"),
	WRITE(PF, R_EIAC, 0x0f), READ(PF, R_EIAC, "EIAC"),
	WRITE(PF, R_EIAC, 0x01), READ(PF, R_EIAC, "EIAC, fewer bits"),
	WRITE(PF, R_EIAM, 0x0f), READ(PF, R_EIAM, "EIAM"),
	WRITE(VF0, R_EIMS, 0x3), READ(PF, R_EIMS, "EIMS, VF0 sets two"),
	READ(VF0, R_EIMS, "VTEIMS"),
	WRITE(VF0, R_EIMC, 0x1), READ(VF0, R_EIMS, "VTEIMS after VTEIMC"),
	READ(PF, R_EIMS, "EIMS after VTEIMC"), WRITE(PF, R_EIMC, UINT32_MAX),
	WRITE(VF0, R_EICS, 0x4), READ(VF0, R_EICR, "VTEICR by VTEICS"),
	WRITE(VF0, R_EICS, 0x4), READ(PF, R_EICR, "EICR by VTEICS"),
	READ(VF0, R_EICS, "VTEICS read"),
	WRITE(PF, R_EITR, 0x00c8), READ(PF, R_EITR, "EITR"),
	WRITE(PF, R_EITR, 0x800000c8), READ(PF, R_EITR, "EITR, counters kept"),
};

/* --- NVM, PHY, link --- */

#define NVM_WORDS 64
#define NVM_TRIES 1000
#define EERD_DONE BIT(1)

static uint32_t
nvm_word(struct port_under_test *port, unsigned int word)
{
	uint32_t value;
	unsigned int tries = 0;

	reg_write(port, PF, R_EERD, word << 2 | 1);
	do
		value = reg_read(port, PF, R_EERD);
	while (!(value & EERD_DONE) && ++tries < NVM_TRIES);
	return value;
}

static void
run_nvm(struct port_under_test *port)
{
	uint16_t sum = 0;

	for (unsigned int i = 0; i < NVM_WORDS; i++)
		sum += nvm_word(port, i) >> 16;
	for (unsigned int i = 0; i < 3; i++)
		observe(port, nvm_word(port, i), "word %u, an address", i);
	observe(port, sum, "sum of all words");
	observe(port, reg_read(port, PF, R_RAL), "RAL 0");
	observe(port, reg_read(port, PF, R_RAH), "RAH 0");
	reg_write(port, PF, R_RAL, 0x11223344);
	reg_write(port, PF, R_RAH, 0);
	port_reset(port);
	observe(port, reg_read(port, PF, R_RAL), "RAL 0 after another reset");
	observe(port, reg_read(port, PF, R_RAH), "RAH 0 after another reset");
}

#define SOME_PHY_REG 4	/* ANAR */
static const struct op phy[] = {
	WRITE(PF, R_MDIC, MDIC_READ(2)), READ(PF, R_MDIC, "id, high"),
	WRITE(PF, R_MDIC, MDIC_READ(3)), READ(PF, R_MDIC, "id, low"),
	WRITE(PF, R_MDIC, MDIC_READ(0)), READ(PF, R_MDIC, "BMCR"),
	WRITE(PF, R_MDIC, MDIC_READ(9)), READ(PF, R_MDIC, "1000T control"),
	WRITE(PF, R_MDIC, MDIC_READ(SOME_PHY_REG)), READ(PF, R_MDIC, "ANAR"),
	WRITE(PF, R_MDIC, MDIC_WRITE(SOME_PHY_REG, 0x0de1)), READ(PF, R_MDIC, "a write"),
	WRITE(PF, R_MDIC, MDIC_READ(SOME_PHY_REG)), READ(PF, R_MDIC, "ANAR as written"),
	WRITE(PF, R_MDIC, BIT(27) | 2 << 21 | 2 << 16), READ(PF, R_MDIC, "no such PHY"),
	WRITE(PF, R_SWSM, 0), READ(PF, R_SWSM, "SMBI free"), READ(PF, R_SWSM, "SMBI taken"),
	WRITE(PF, R_SWSM, 2), READ(PF, R_SWSM, "SWESMBI"), WRITE(PF, R_SWSM, 0),
};

#define AUTO_SPEED (STATUS_LU | 1 | 3u << 6)
static void
run_link(struct port_under_test *port)
{
	observe(port, reg_read(port, PF, R_STATUS) & STATUS_LU, "STATUS.LU after a reset");
	observe(port, reg_read(port, VF1, R_STATUS) & STATUS_LU, "VTSTATUS.LU after a reset");
	reg_write(port, PF, R_GPIE, GPIE_STANDARD);
	reg_read(port, PF, R_ICR);
	observe(port, port_wait_link(port), "a link");
	observe(port, reg_read(port, PF, R_ICR) & ICR_LSC, "ICR.LSC");
	observe(port, reg_read(port, PF, R_STATUS), "STATUS");
	observe(port, reg_read(port, VF1, R_STATUS) & AUTO_SPEED, "VTSTATUS");
	observe(port, reg_read(port, PF, R_CTRL), "CTRL");
	reg_write(port, PF, R_MDIC, MDIC_READ(1));
	reg_read(port, PF, R_MDIC);
	reg_write(port, PF, R_MDIC, MDIC_READ(1));
	observe(port, reg_read(port, PF, R_MDIC), "BMSR");
	reg_write(port, PF, R_MDIC, MDIC_READ(10));
	observe(port, reg_read(port, PF, R_MDIC), "1000T status");
}

static const struct scenario scenarios[] = {
	{ .name = "mailbox: the PF resets", .state = PORT_RESET, OPS(mailbox_reset) },
	{ .name = "mailbox: locks", .state = PORT_RESET, OPS(mailbox_locks) },
	{ .name = "mailbox: messages", .state = PORT_RESET, OPS(mailbox_messages) },
	{ .name = "a VF resets itself", .state = PORT_RESET, OPS(vf_running),
	  .run = run_own_reset },
	{ .name = "a VF is reset by the PF", .state = PORT_RESET, OPS(vf_running),
	  .run = run_reset_by_pf },
	{ .name = "a VF is reset by FLR", .state = PORT_RESET, OPS(vf_running), .run = run_flr },
	{ .name = "interrupt causes", .state = PORT_RESET, OPS(causes) },
	{ .name = "NVM and address", .state = PORT_RESET, .run = run_nvm },
	{ .name = "PHY and semaphore", .state = PORT_RESET, OPS(phy) },
	{ .name = "link", .state = PORT_RESET, .run = run_link },
};
const struct scenario_list event_scenarios = { scenarios, RTE_DIM(scenarios) };
