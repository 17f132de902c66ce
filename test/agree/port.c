/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include "agree.h"
#include "frame.h"
#include "regs.h"

#define BMCR		0
#define BMCR_RESTART	0x1340	/* autonegotiation, enabled and restarted; 1000 Mb/s */
#define LINK_TRIES	400
#define LINK_TRY_US	10000
#define RESET_US	1000
#define MAX_POOLS	8

void
port_do(struct port_under_test *port, const struct op *op, size_t nb)
{
	for (size_t i = 0; i < nb; i++) {
		if (op[i].write)
			reg_write(port, op[i].fn, op[i].offset, op[i].value);
		else
			observe(port, reg_read(port, op[i].fn, op[i].offset), "%s", op[i].what);
	}
}

void
port_reset(struct port_under_test *port)
{
	reg_write(port, PF, R_CTRL, CTRL_RST);
	rte_delay_us_sleep(RESET_US);
}

bool
port_wait_link(struct port_under_test *port)
{
	reg_write(port, PF, R_CTRL, reg_read(port, PF, R_CTRL) | CTRL_SLU);
	reg_write(port, PF, R_MDIC, MDIC_WRITE(BMCR, BMCR_RESTART));
	for (unsigned int i = 0; i < LINK_TRIES; i++) {
		if (reg_read(port, PF, R_STATUS) & STATUS_LU)
			return true;
		rte_delay_us_sleep(LINK_TRY_US);
	}
	return false;
}

void
port_clear_events(struct port_under_test *port)
{
	reg_read(port, PF, R_ICR);
	reg_write(port, PF, R_EICR, UINT32_MAX);
	reg_write(port, PF, R_MBVFICR, UINT32_MAX);
	reg_write(port, PF, R_VFLRE, UINT32_MAX);
}

/* --- Memory --- */

#define RING_BYTES	(NB_DESCRIPTORS * 16)
#define RX_BYTES	(NB_DESCRIPTORS * RX_BUFFER_BYTES)
#define FUNCTION_BYTES	(2 * RING_BYTES + RX_BYTES + TX_BUFFER_BYTES)

int
port_allocate(struct port_under_test *port)
{
	const struct rte_memzone *zone = rte_memzone_reserve_aligned(
		port->name, NB_FUNCTIONS * FUNCTION_BYTES, SOCKET_ID_ANY, RTE_MEMZONE_IOVA_CONTIG,
		4096);

	if (zone == NULL)
		return -rte_errno;
	for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++) {
		uint8_t *at = (uint8_t *)zone->addr + fn * FUNCTION_BYTES;
		uint64_t iova = zone->iova + fn * FUNCTION_BYTES;

		port->queue[fn] = (struct queue_pair){
			.rx = (void *)at, .rx_iova = iova,
			.tx = (void *)(at + RING_BYTES), .tx_iova = iova + RING_BYTES,
			.rx_buffers = at + 2 * RING_BYTES,
			.rx_buffers_iova = iova + 2 * RING_BYTES,
			.tx_buffers = at + 2 * RING_BYTES + RX_BYTES,
			.tx_buffers_iova = iova + 2 * RING_BYTES + RX_BYTES,
			.rx_base = fn == PF ? RX_BLOCK(PF) : VF_RX_BLOCK,
			.tx_base = fn == PF ? TX_BLOCK(PF) : VF_TX_BLOCK,
		};
	}
	return 0;
}

/* --- Running --- */

static void
write_all(struct port_under_test *port, uint32_t offset, unsigned int nb, unsigned int stride,
	  uint32_t value)
{
	for (unsigned int i = 0; i < nb; i++)
		reg_write(port, PF, offset + i * stride, value);
}

static void
set_filters(struct port_under_test *port)
{
	static const struct { uint32_t offset, nb, stride, value; } all[] = {
		{ R_MTA, 128, 4, 0 }, { R_UTA, 128, 4, 0 }, { R_VFTA, 128, 4, 0 },
		{ R_VLVF, 32, 4, 0 }, { R_RAH, 16, 8, 0 }, { R_VMVIR, MAX_POOLS, 4, 0 },
		{ R_VMOLR, MAX_POOLS, 4, VMOLR_RESET },
	};

	for (unsigned int i = 0; i < RTE_DIM(all); i++)
		write_all(port, all[i].offset, all[i].nb, all[i].stride, all[i].value);
	for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++) {
		const uint8_t *mac = mac_of[fn];

		reg_write(port, PF, R_RAL + 8 * fn, mac[0] | mac[1] << 8 | mac[2] << 16 |
			  (uint32_t)mac[3] << 24);
		reg_write(port, PF, R_RAH + 8 * fn, mac[4] | mac[5] << 8 | RAH_POOL(fn) | RAH_AV);
		reg_write(port, PF, R_VMOLR + 4 * fn, VMOLR_RESET | VMOLR_AUPE | VMOLR_BAM |
			  VMOLR_ROMPE | VMOLR_LPE);
	}
}

void
port_run(struct port_under_test *port)
{
	static const struct op quiet[] = {
		WRITE(PF, R_RCTL, 0), WRITE(PF, R_TCTL, TCTL_PSP),
		WRITE(PF, R_GPIE, GPIE_STANDARD), WRITE(PF, R_IMC, UINT32_MAX),
		WRITE(PF, R_EIMC, UINT32_MAX), WRITE(PF, R_IVAR, 0), WRITE(PF, R_IVAR + 4, 0),
		WRITE(PF, R_IVAR + 8, 0), WRITE(PF, R_IVAR_MISC, 0),
		WRITE(PF, R_CTRL_EXT, CTRL_EXT_PFRSTD), WRITE(PF, R_MRQC, MRQC_VMDQ),
		WRITE(PF, R_VT_CTL, VT_CTL_POOL(PF) | VT_CTL_REPL),
		WRITE(PF, R_DTXSWC, DTXSWC_LOOPBACK), WRITE(PF, R_RPLOLR, BIT(31)),
		WRITE(PF, R_RXCSUM, RXCSUM_RESET), WRITE(PF, R_RFCTL, 0),
		WRITE(PF, R_RLPML, 0x2600), WRITE(PF, R_QDE, 0xffff), WRITE(PF, R_VET, 0x81008100),
		WRITE(PF, R_VFRE, 7), WRITE(PF, R_VFTE, 7),
	};
	static const struct op go[] = {
		WRITE(PF, R_RCTL, RCTL_EN | RCTL_BAM | RCTL_SECRC | RCTL_LPE),
		WRITE(PF, R_TCTL, TCTL_EN | TCTL_PSP),
	};

	if (!(reg_read(port, PF, R_STATUS) & STATUS_LU) && !port_wait_link(port))
		observe(port, reg_read(port, PF, R_STATUS), "%s has no link", port->name);
	port_do(port, quiet, RTE_DIM(quiet));
	reg_write(port, PF, R_CTRL, reg_read(port, PF, R_CTRL) & ~CTRL_VME);
	for (unsigned int q = 0; q < 16; q++) {
		reg_write(port, PF, RX_BLOCK(q) + Q_CONTROL, 0);
		reg_write(port, PF, TX_BLOCK(q) + Q_CONTROL, 0);
	}
	set_filters(port);
	for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++)
		queue_start(port, fn, &(struct queue_setup){ 0 });
	port_do(port, go, RTE_DIM(go));
	port_clear_events(port);
}
