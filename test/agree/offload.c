/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Packet types, checksums, segmentation, VLAN tags and RSS. */

#include <stdio.h>

#include "agree.h"
#include "frame.h"
#include "regs.h"

#define L2_BYTES   14
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define CONTEXT	   (2u << 20 | BIT(29))	/* DTYP, DEXT */
#define TUCMD_IPV4 BIT(10)
#define TUCMD_TCP  BIT(11)
#define VLAN_1	   0x123
#define VLAN_2	   0x042
#define VLAN_TCI   (0x6000 | VLAN_1)
#define DEFAULT_TCI (0x2000 | VLAN_2)
#define TYPE_ARP   0x0806
#define RCTL_OUTSIDE (RCTL_EN | RCTL_BAM | RCTL_SECRC | RCTL_LPE | RCTL_LBM)

static struct frame frame;

/** What is sent leaves, and comes in as if another had sent it. */
static void
send_outside(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_OUTSIDE);
}

static void
pass(struct port_under_test *port, const struct tx_request *request, const char *what)
{
	queue_send_observed(port, VF0, &frame, request, what);
	queue_receive(port, VF1, what);
}

/* --- What the receiver says of a packet --- */

static const struct { const char *what; struct packet packet; } packets[] = {
	{ "IPv4", { .payload = 40 } },
	{ "IPv4, wrong sum", { .l3_sum = SUM_BAD, .payload = 40 } },
	{ "IPv4 UDP", { .l4 = L4_UDP, .payload = 40 } },
	{ "IPv4 UDP, odd length", { .l4 = L4_UDP, .payload = 41 } },
	{ "IPv4 UDP, wrong sum", { .l4 = L4_UDP, .l4_sum = SUM_BAD, .payload = 40 } },
	{ "IPv4 UDP, no sum", { .l4 = L4_UDP, .l4_sum = SUM_ZERO, .payload = 40 } },
	{ "IPv4 UDP, both wrong", { .l4 = L4_UDP, .l3_sum = SUM_BAD, .l4_sum = SUM_BAD,
				    .payload = 40 } },
	{ "IPv4 UDP, padded", { .l4 = L4_UDP, .payload = 3 } },
	{ "IPv4 TCP", { .l4 = L4_TCP, .payload = 40 } },
	{ "IPv4 TCP, wrong sum", { .l4 = L4_TCP, .l4_sum = SUM_BAD, .payload = 40 } },
	{ "IPv4 TCP, padded", { .l4 = L4_TCP } },
	{ "IPv4, first fragment", { .l4 = L4_UDP, .fragment = 0x2000, .payload = 40 } },
	{ "IPv4, later fragment", { .l4 = L4_UDP, .fragment = 0x0006, .payload = 40 } },
	{ "IPv6", { .ipv6 = true, .payload = 40 } },
	{ "IPv6 UDP", { .ipv6 = true, .l4 = L4_UDP, .payload = 40 } },
	{ "IPv6 UDP, wrong sum", { .ipv6 = true, .l4 = L4_UDP, .l4_sum = SUM_BAD,
				   .payload = 40 } },
	{ "IPv6 TCP", { .ipv6 = true, .l4 = L4_TCP, .payload = 40 } },
	{ "IPv6 TCP, wrong sum", { .ipv6 = true, .l4 = L4_TCP, .l4_sum = SUM_BAD,
				   .payload = 40 } },
	{ "IPv4 SCTP, wrong sum", { .l4 = L4_SCTP, .payload = 40 } },
};

/** All functions are in both VLANs that are used, and others are filtered. */
static void
join_vlans(struct port_under_test *port)
{
	const uint32_t all = VLVF_ENABLE | VLVF_POOL(VF0) | VLVF_POOL(VF1) | VLVF_POOL(PF);

	reg_write(port, PF, R_RCTL, reg_read(port, PF, R_RCTL) | RCTL_VFE);
	reg_write(port, PF, R_VFTA + 4 * (VLAN_1 >> 5), BIT(VLAN_1 & 31));
	reg_write(port, PF, R_VFTA + 4 * (VLAN_2 >> 5), BIT(VLAN_2 & 31));
	reg_write(port, PF, R_VLVF, all | VLAN_1);
	reg_write(port, PF, R_VLVF + 4, all | VLAN_2);
}

static void
send_packets(struct port_under_test *port)
{
	for (unsigned int i = 0; i < RTE_DIM(packets); i++) {
		frame_packet(&frame, mac_of[VF1], mac_of[VF0], &packets[i].packet);
		pass(port, NULL, packets[i].what);
	}
	frame_make(&frame, mac_of[VF1], mac_of[VF0], TYPE_ARP, 60);
	pass(port, NULL, "ARP");
	frame_make(&frame, mac_of[VF1], mac_of[VF0], 50, 64);
	pass(port, NULL, "802.3");
	join_vlans(port);
	frame_packet(&frame, mac_of[VF1], mac_of[VF0], &packets[2].packet);
	frame_tag(&frame, VLAN_TCI);
	pass(port, NULL, "tagged IPv4 UDP");
}

static void
run_packets_inside(struct port_under_test *port)
{
	send_packets(port);
}

static void
run_packets_outside(struct port_under_test *port)
{
	send_outside(port);
	send_packets(port);
}

static void
run_sums_off(struct port_under_test *port)
{
	send_outside(port);
	reg_write(port, PF, R_RXCSUM, 0);
	send_packets(port);
}

static void
run_no_fragment_sums(struct port_under_test *port)
{
	send_outside(port);
	reg_write(port, PF, R_RXCSUM, RXCSUM_RESET | RXCSUM_PCSD);
	send_packets(port);
}

/* --- What the sender fills in --- */

static struct tx_request
offload(const struct packet *packet, uint16_t mss, uint32_t popts)
{
	const uint32_t l3 = packet->ipv6 ? IPV6_BYTES : IPV4_BYTES;
	const uint32_t l4 = packet->l4 == L4_TCP ? 20 : 8;

	return (struct tx_request){
		.context = true,
		.context_dw = {
			l3 | L2_BYTES << 9, 0,
			CONTEXT | (packet->ipv6 ? 0 : TUCMD_IPV4) |
				(packet->l4 == L4_TCP ? TUCMD_TCP : 0),
			(uint32_t)mss << 16 | l4 << 8,
		},
		.popts = popts,
	};
}

static const struct { const char *what; uint32_t popts; struct packet packet; } sums[] = {
	{ "IPv4's sum", POPTS_IXSM, { .l3_sum = SUM_ZERO, .payload = 40 } },
	{ "UDP's sum", POPTS_TXSM, { .l4 = L4_UDP, .l4_sum = SUM_PSEUDO, .payload = 41 } },
	{ "TCP's sum", POPTS_TXSM, { .l4 = L4_TCP, .l4_sum = SUM_PSEUDO, .payload = 41 } },
	{ "both sums", POPTS_IXSM | POPTS_TXSM,
	  { .l4 = L4_TCP, .l3_sum = SUM_ZERO, .l4_sum = SUM_PSEUDO, .payload = 40 } },
	{ "UDP's sum, IPv6", POPTS_TXSM,
	  { .ipv6 = true, .l4 = L4_UDP, .l4_sum = SUM_PSEUDO, .payload = 40 } },
	{ "TCP's sum, IPv6", POPTS_TXSM,
	  { .ipv6 = true, .l4 = L4_TCP, .l4_sum = SUM_PSEUDO, .payload = 40 } },
};

static void
run_tx_sums(struct port_under_test *port)
{
	for (unsigned int i = 0; i < RTE_DIM(sums); i++) {
		const struct tx_request request = offload(&sums[i].packet, 0, sums[i].popts);

		frame_packet(&frame, mac_of[VF1], mac_of[VF0], &sums[i].packet);
		pass(port, &request, sums[i].what);
	}
}

#define TCP_FIN	   0x01
#define TCP_PSH	   0x08
#define TCP_CWR	   0x80
#define FLAGS_AT   (L2_BYTES + IPV4_BYTES + 13)

static const struct { const char *what; uint16_t mss; struct packet packet; } segmented[] = {
	{ "TCP in three", 1000, { .payload = 3000 } },
	{ "TCP in four, the last a byte", 1000, { .payload = 3001 } },
	{ "TCP in one", 1400, { .payload = 700 } },
	{ "TCP over IPv6 in three", 1000, { .ipv6 = true, .payload = 2500 } },
};

static struct tx_request
segment(struct packet *packet, uint16_t mss)
{
	struct tx_request request = offload(packet, mss,
					    POPTS_TXSM | (packet->ipv6 ? 0 : POPTS_IXSM));

	packet->l3_sum = SUM_ZERO;
	packet->l4_sum = SUM_PSEUDO_NO_LENGTH;
	packet->tso = true;
	frame_packet(&frame, mac_of[VF1], mac_of[VF0], packet);
	request.dcmd = DCMD_TSE;
	request.payload = packet->payload;
	return request;
}

static void
run_tso(struct port_under_test *port)
{
	struct packet packet = { .l4 = L4_TCP, .payload = 2100,
				 .tcp_flags = TCP_FIN | TCP_PSH | TCP_CWR };
	struct tx_request request;
	const uint8_t *data;

	for (unsigned int i = 0; i < RTE_DIM(segmented); i++) {
		struct packet one = segmented[i].packet;

		one.l4 = L4_TCP;
		request = segment(&one, segmented[i].mss);
		pass(port, &request, segmented[i].what);
	}
	request = segment(&packet, 1000);
	queue_send(port, VF0, &frame, &request);
	for (unsigned int i = 0; (data = queue_peek(port, VF1, i)) != NULL; i++)
		observe(port, data[FLAGS_AT], "TCP flags of segment %u", i);
	observe(port, queue_count(port, VF1), "segments");
}

/* --- VLAN tags --- */

static void
pass_plain(struct port_under_test *port, const struct tx_request *request, const char *what)
{
	frame_make(&frame, mac_of[VF1], mac_of[VF0], TYPE_ARP, 100);
	pass(port, request, what);
}

static void
pass_tagged(struct port_under_test *port, const struct tx_request *request, const char *what)
{
	frame_make(&frame, mac_of[VF1], mac_of[VF0], TYPE_ARP, 100);
	frame_tag(&frame, VLAN_TCI);
	pass(port, request, what);
}

static void
run_vlan(struct port_under_test *port)
{
	const uint32_t vmolr = reg_read(port, PF, R_VMOLR + 4 * VF1);
	const struct tx_request insert = {
		.dcmd = DCMD_VLE,
		.context = true,
		.context_dw = { (uint32_t)VLAN_TCI << 16 | L2_BYTES << 9, 0, CONTEXT, 0 },
	};

	join_vlans(port);
	reg_write(port, PF, R_CTRL, reg_read(port, PF, R_CTRL) | CTRL_VME);
	pass_tagged(port, NULL, "tag kept");
	pass_plain(port, &insert, "tag inserted");
	reg_write(port, PF, R_VMOLR + 4 * VF1, vmolr | VMOLR_STRVLAN);
	pass_tagged(port, NULL, "tag stripped");
	pass_plain(port, &insert, "tag inserted, stripped");
	pass_plain(port, NULL, "no tag to strip");
	reg_write(port, PF, R_VMVIR + 4 * VF0, BIT(30) | DEFAULT_TCI);
	pass_plain(port, NULL, "default tag");
	pass_plain(port, &insert, "default tag before the sender's");
	reg_write(port, PF, R_VMOLR + 4 * VF1, vmolr);
	pass_plain(port, NULL, "default tag kept");
	reg_write(port, PF, R_VMVIR + 4 * VF0, BIT(31));
	pass_plain(port, &insert, "never a tag");
	reg_write(port, PF, R_VMVIR + 4 * VF0, 0);
	reg_write(port, PF, R_CTRL, reg_read(port, PF, R_CTRL) & ~CTRL_VME);
}

/* --- RSS, without pools: hash and queue --- */

static void
run_rss(struct port_under_test *port)
{
	/* The key of Microsoft's examples. */
	static const uint32_t key[10] = {
		0xda565a6d, 0xc20e5b25, 0x3d256741, 0xb08fa343, 0xcb2bcad0,
		0xb4307bae, 0xa32dcb77, 0x0cf23080, 0x3bb7426a, 0xfa01acbe,
	};
	char what[48];

	reg_write(port, PF, R_MRQC, MRQC_RSS | 0x37u << 16);
	for (unsigned int i = 0; i < RTE_DIM(key); i++)
		reg_write(port, PF, R_RSSRK + 4 * i, key[i]);
	for (unsigned int i = 0; i < 32; i++)
		reg_write(port, PF, R_RETA + 4 * i, i % 2 ? 0x02010002 : 0x00010201);
	reg_write(port, PF, R_RXCSUM, RXCSUM_RESET | RXCSUM_PCSD);
	reg_write(port, PF, R_RCTL, RCTL_OUTSIDE | RCTL_UPE);
	for (unsigned int i = 0; i < RTE_DIM(packets); i++) {
		for (unsigned int source = 0; source < 2; source++) {
			struct packet packet = packets[i].packet;

			packet.source_port = source;
			snprintf(what, sizeof(what), "%s %u", packets[i].what, source);
			frame_packet(&frame, mac_of[VF1], mac_of[VF0], &packet);
			queue_send(port, VF0, &frame, NULL);
			for (enum function_id fn = 0; fn < NB_FUNCTIONS; fn++)
				queue_receive(port, fn, what);
		}
	}
}

static const struct scenario scenarios[] = {
	{ .name = "packets between VFs", .state = PORT_RUNNING, .run = run_packets_inside },
	{ .name = "packets from outside", .state = PORT_RUNNING, .run = run_packets_outside },
	{ .name = "packets, no sums", .state = PORT_RUNNING, .run = run_sums_off },
	{ .name = "packets, PCSD", .state = PORT_RUNNING, .run = run_no_fragment_sums },
	{ .name = "sums of the sender", .state = PORT_RUNNING, .run = run_tx_sums },
	{ .name = "segmentation", .state = PORT_RUNNING, .run = run_tso },
	{ .name = "VLAN tags", .state = PORT_RUNNING, .run = run_vlan },
	{ .name = "RSS", .state = PORT_RUNNING, .run = run_rss },
};
const struct scenario_list offload_scenarios = { scenarios, RTE_DIM(scenarios) };
