/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Rings: frames of all sizes, write-backs, queues that are off or full, counters. */

#include <stdio.h>

#include "agree.h"
#include "frame.h"
#include "regs.h"

#define SOME_TYPE	0x88b5	/* for local experiments */
#define RCTL_OUTSIDE	(RCTL_EN | RCTL_BAM | RCTL_SECRC | RCTL_LPE | RCTL_LBM)
#define SRRCTL_1_KB	(SRRCTL_ONE_BUFFER | SRRCTL_DROP_EN | 1)

static struct frame frame;

/** From VF0 to VF1. */
static void
send_bytes(struct port_under_test *port, unsigned int bytes, const struct tx_request *request,
	   const char *what)
{
	frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, bytes);
	queue_send_observed(port, VF0, &frame, request, what);
	queue_receive(port, VF1, what);
}

static void
run_sizes(struct port_under_test *port)
{
	static const unsigned int sizes[] = { 60, 61, 63, 64, 65, 127, 128, 594, 1023, 1024, 1513,
					      1514 };
	char what[32];

	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		snprintf(what, sizeof(what), "%u bytes", sizes[i]);
		send_bytes(port, sizes[i], NULL, what);
	}
	send_bytes(port, 40, NULL, "a short one");
	send_bytes(port, 1514, &(struct tx_request){ .split = 100 }, "from two buffers");
	send_bytes(port, 60, &(struct tx_request){ .legacy = true }, "a legacy descriptor");
	send_bytes(port, 60, &(struct tx_request){ .silent = true }, "without RS");
	observe(port, queue_count(port, VF0), "frames that VF0 got");
	observe(port, queue_count(port, PF), "frames that the PF got");
}

static void
run_directions(struct port_under_test *port)
{
	static const char *const name[NB_FUNCTIONS] = { "VF0", "VF1", "PF" };
	char what[32];

	for (enum function_id from = 0; from < NB_FUNCTIONS; from++) {
		for (enum function_id to = 0; to < NB_FUNCTIONS; to++) {
			if (from == to)
				continue;
			frame_make(&frame, mac_of[to], mac_of[from], SOME_TYPE, 200);
			snprintf(what, sizeof(what), "%s to %s", name[from], name[to]);
			queue_send_observed(port, from, &frame, NULL, what);
			queue_receive(port, to, what);
		}
	}
}

static void
run_buffers(struct port_under_test *port)
{
	queue_start(port, VF1, &(struct queue_setup){ .srrctl = SRRCTL_1_KB });
	send_bytes(port, 1000, NULL, "one buffer");
	send_bytes(port, 1024, NULL, "a full buffer");
	send_bytes(port, 1025, NULL, "a byte more");
	send_bytes(port, 1514, NULL, "two buffers");
	observe(port, reg_read(port, VF1, VF_RX_BLOCK + Q_HEAD), "RDH");
}

static void
send_long(struct port_under_test *port)
{
	static const uint32_t limit = 1522;
	const uint32_t vmolr = VMOLR_RESET & ~0x3fffu;

	reg_write(port, PF, R_VMOLR + 4 * VF1, vmolr | limit | VMOLR_AUPE | VMOLR_LPE);
	send_bytes(port, limit - 4, NULL, "as long as the pool takes");
	send_bytes(port, limit - 3, NULL, "a byte longer");
	observe(port, reg_read(port, PF, 0x40ac), "ROC");
	reg_write(port, PF, R_VMOLR + 4 * VF1, vmolr | 9000 | VMOLR_AUPE);
	send_bytes(port, 1514, NULL, "the longest without LPE");
	send_bytes(port, 1515, NULL, "a byte longer without LPE");
	reg_write(port, PF, R_VMOLR + 4 * VF1, vmolr | 9000 | VMOLR_AUPE | VMOLR_LPE);
	send_bytes(port, 1800, NULL, "with LPE");
	reg_write(port, PF, R_RLPML, 1600);
	send_bytes(port, 1800, NULL, "longer than the port takes");
}

static void
run_long(struct port_under_test *port)
{
	reg_read(port, PF, 0x40ac);
	send_long(port);
}

static void
run_long_outside(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_OUTSIDE);
	reg_read(port, PF, 0x40ac);
	send_long(port);
}

static void
run_full_ring(struct port_under_test *port)
{
	reg_read(port, PF, 0xc070);
	queue_start(port, VF1, &(struct queue_setup){ .nb_buffers = 2 });
	frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, 60);
	for (unsigned int i = 0; i < 5; i++)
		queue_send(port, VF0, &frame, NULL);
	observe(port, reg_read(port, VF1, VF_RX_BLOCK + Q_HEAD), "RDH");
	observe(port, reg_read(port, PF, R_ICR) & BIT(6), "ICR.RXO");
	observe(port, reg_read(port, PF, RX_BLOCK(VF1) + Q_RQDPC), "RQDPC");
	observe(port, reg_read(port, PF, RX_BLOCK(VF1) + Q_RQDPC), "RQDPC read again");
	observe(port, queue_count(port, VF1), "frames");
	queue_send(port, VF0, &frame, NULL);
	observe(port, queue_count(port, VF1), "frames when there is room again");
}

/** Each switch that keeps a queue from working, off and on again. */
static void
run_switched_off(struct port_under_test *port)
{
	static const struct { const char *what; enum function_id fn; uint32_t offset, off, on; }
	switches[] = {
		{ "TXDCTL of the sender", VF0, VF_TX_BLOCK + Q_CONTROL, 0, CONTROL_ENABLE },
		{ "VFTE of the sender", PF, R_VFTE, 6, 7 },
		{ "TCTL", PF, R_TCTL, TCTL_PSP, TCTL_EN | TCTL_PSP },
		{ "VFRE of the receiver", PF, R_VFRE, 5, 7 },
		{ "RXDCTL of the receiver", VF1, VF_RX_BLOCK + Q_CONTROL, 0, CONTROL_ENABLE },
		{ "RCTL", PF, R_RCTL, RCTL_SECRC | RCTL_LPE, RCTL_EN | RCTL_SECRC | RCTL_LPE },
	};

	frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, 60);
	for (unsigned int i = 0; i < RTE_DIM(switches); i++) {
		reg_write(port, switches[i].fn, switches[i].offset, switches[i].off);
		queue_send(port, VF0, &frame, NULL);
		observe(port, reg_read(port, VF0, VF_TX_BLOCK + Q_HEAD), "%s is off: TDH",
			switches[i].what);
		observe(port, queue_count(port, VF1), "%s is off: frames", switches[i].what);
		reg_write(port, switches[i].fn, switches[i].offset, switches[i].on);
		queue_start(port, VF0, &(struct queue_setup){ 0 });
		queue_start(port, VF1, &(struct queue_setup){ 0 });
		queue_send(port, VF0, &frame, NULL);
		observe(port, queue_count(port, VF1), "%s is on: frames", switches[i].what);
	}
}

static void
run_head(struct port_under_test *port)
{
	struct queue_pair *q = &port->queue[VF0];
	/* Behind what is sent from. */
	volatile uint32_t *head = (uint32_t *)(q->tx_buffers + TX_BUFFER_BYTES - 64);

	*head = 0xffffffff;
	queue_start(port, VF0, &(struct queue_setup){
		.head_at = q->tx_buffers_iova + TX_BUFFER_BYTES - 64 });
	frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, 60);
	queue_send(port, VF0, &frame, NULL);
	observe(port, *head, "head after one");
	observe(port, q->tx[0][3] & 1, "DD");
	queue_send(port, VF0, &frame, &(struct tx_request){ .split = 20 });
	observe(port, *head, "head after one of two descriptors");
}

static void
run_ring_wraps(struct port_under_test *port)
{
	unsigned int nb = 0;

	frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, 60);
	for (unsigned int i = 0; i < 3 * NB_DESCRIPTORS - 5; i++) {
		queue_send(port, VF0, &frame, NULL);
		nb += queue_count(port, VF1);
	}
	observe(port, nb, "frames");
	observe(port, reg_read(port, VF0, VF_TX_BLOCK + Q_HEAD), "TDH");
	observe(port, reg_read(port, VF1, VF_RX_BLOCK + Q_HEAD), "RDH");
}

static void
run_causes(struct port_under_test *port)
{
	/* The PF's queue 2: Rx to bit 2, Tx to bit 3. VF1's queue: both to its vector 1. */
	reg_write(port, PF, R_IVAR + 8, 0x00008382);
	reg_write(port, VF1, R_IVAR, 0x8181);
	frame_make(&frame, mac_of[VF1], mac_of[PF], SOME_TYPE, 60);
	queue_send(port, PF, &frame, NULL);
	observe(port, reg_read(port, VF1, R_EICR), "VTEICR, PF to VF1");
	observe(port, reg_read(port, PF, R_EICR), "EICR, PF to VF1");
	observe(port, reg_read(port, PF, R_ICR), "ICR, PF to VF1");
	queue_send(port, PF, &frame, &(struct tx_request){ .silent = true });
	observe(port, reg_read(port, PF, R_EICR), "EICR, PF to VF1, without RS");
	frame_make(&frame, mac_of[PF], mac_of[VF0], SOME_TYPE, 60);
	queue_send(port, VF0, &frame, NULL);
	observe(port, reg_read(port, PF, R_EICR), "EICR, VF0 to PF");
}

/* --- Counters --- */

static const struct { const char *name; uint32_t offset; } counters[] = {
	{ "PRC64", 0x405c }, { "PRC127", 0x4060 }, { "PRC255", 0x4064 }, { "PRC511", 0x4068 },
	{ "PRC1023", 0x406c }, { "PRC1522", 0x4070 }, { "GPRC", 0x4074 }, { "BPRC", 0x4078 },
	{ "MPRC", 0x407c }, { "GPTC", 0x4080 }, { "GORCL", 0x4088 }, { "GORCH", 0x408c },
	{ "GOTCL", 0x4090 }, { "GOTCH", 0x4094 }, { "RNBC", 0x40a0 }, { "RUC", 0x40a4 },
	{ "ROC", 0x40ac }, { "TORL", 0x40c0 }, { "TORH", 0x40c4 }, { "TOTL", 0x40c8 },
	{ "TOTH", 0x40cc }, { "TPR", 0x40d0 }, { "TPT", 0x40d4 }, { "PTC64", 0x40d8 },
	{ "PTC127", 0x40dc }, { "PTC255", 0x40e0 }, { "PTC511", 0x40e4 }, { "PTC1023", 0x40e8 },
	{ "PTC1522", 0x40ec }, { "MPTC", 0x40f0 }, { "BPTC", 0x40f4 }, { "MPC", 0x4010 },
	{ "RQDPC", RX_BLOCK(VF1) + Q_RQDPC },
};

static const struct { const char *name; uint32_t offset; } vf_counters[] = {
	{ "VFGPRC", 0x0f10 }, { "VFGPTC", 0x0f14 }, { "VFGORC", 0x0f18 }, { "VFGOTC", 0x0f34 },
	{ "VFMPRC", 0x0f3c },
};

static void
send_all_kinds(struct port_under_test *port)
{
	static const unsigned int sizes[] = { 60, 100, 200, 500, 1000, 1514 };

	for (unsigned int i = 0; i < RTE_DIM(sizes); i++) {
		frame_make(&frame, mac_of[VF1], mac_of[VF0], SOME_TYPE, sizes[i]);
		queue_send(port, VF0, &frame, NULL);
	}
	frame_make(&frame, mac_broadcast, mac_of[VF0], SOME_TYPE, 60);
	queue_send(port, VF0, &frame, NULL);
	frame_make(&frame, mac_group, mac_of[VF0], SOME_TYPE, 60);
	queue_send(port, VF0, &frame, NULL);
}

static void
observe_counters(struct port_under_test *port, const char *when)
{
	for (unsigned int i = 0; i < RTE_DIM(counters); i++)
		observe(port, reg_read(port, PF, counters[i].offset), "%s%s", counters[i].name,
			when);
}

static void
clear_counters(struct port_under_test *port)
{
	for (unsigned int i = 0; i < RTE_DIM(counters); i++)
		reg_read(port, PF, counters[i].offset);
}

/** Frames leave, and none comes. */
static void
run_tx_counters(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	clear_counters(port);
	send_all_kinds(port);
	observe_counters(port, "");
	observe_counters(port, " read again");
}

static void
observe_vf_counters(struct port_under_test *port, enum function_id fn, const uint32_t *before)
{
	for (unsigned int i = 0; i < RTE_DIM(vf_counters); i++)
		observe(port, reg_read(port, fn, vf_counters[i].offset) - before[i], "%s of VF%u",
			vf_counters[i].name, fn);
}

/** All that leaves comes in again by the wire's end; VF1 is the only one that wants groups. */
static void
run_rx_counters(struct port_under_test *port)
{
	uint32_t before[NB_VFS][RTE_DIM(vf_counters)];

	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_OUTSIDE);
	reg_write(port, PF, R_VMOLR + 4 * VF0, VMOLR_RESET | VMOLR_AUPE);
	reg_write(port, PF, R_VMOLR + 4 * PF, VMOLR_RESET | VMOLR_AUPE);
	for (unsigned int i = 0; i < 128; i++)
		reg_write(port, PF, R_MTA + 4 * i, UINT32_MAX);
	clear_counters(port);
	for (enum function_id fn = 0; fn < NB_VFS; fn++)
		for (unsigned int i = 0; i < RTE_DIM(vf_counters); i++)
			before[fn][i] = reg_read(port, fn, vf_counters[i].offset);
	send_all_kinds(port);
	observe(port, queue_count(port, VF1), "frames");
	observe_counters(port, "");
	observe_counters(port, " read again");
	for (enum function_id fn = 0; fn < NB_VFS; fn++)
		observe_vf_counters(port, fn, before[fn]);
}

static const struct scenario scenarios[] = {
	{ .name = "frames of all sizes", .state = PORT_RUNNING, .run = run_sizes },
	{ .name = "all directions", .state = PORT_RUNNING, .run = run_directions },
	{ .name = "several buffers a frame", .state = PORT_RUNNING, .run = run_buffers },
	{ .name = "long frames", .state = PORT_RUNNING, .run = run_long },
	{ .name = "long frames, from outside", .state = PORT_RUNNING, .run = run_long_outside },
	{ .name = "a full ring", .state = PORT_RUNNING, .run = run_full_ring },
	{ .name = "what is switched off", .state = PORT_RUNNING, .run = run_switched_off },
	{ .name = "head write-back", .state = PORT_RUNNING, .run = run_head },
	{ .name = "rings wrap", .state = PORT_RUNNING, .run = run_ring_wraps },
	{ .name = "causes of queues", .state = PORT_RUNNING, .run = run_causes },
	{ .name = "counters, what leaves", .state = PORT_RUNNING, .run = run_tx_counters },
	{ .name = "counters, what comes", .state = PORT_RUNNING, .run = run_rx_counters },
};
const struct scenario_list frame_scenarios = { scenarios, RTE_DIM(scenarios) };
