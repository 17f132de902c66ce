/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Who gets a frame: by address, group, VLAN, and from where. */

#include <stdio.h>

#include "agree.h"
#include "frame.h"
#include "regs.h"

#define SOME_TYPE	0x88b5
#define RCTL_RUNNING	(RCTL_EN | RCTL_BAM | RCTL_SECRC | RCTL_LPE)
#define TAGGED		0x1000	/* with a tag, whose VLAN may be 0 */

static struct frame frame;

/** A register written before; all are put back for the next case. */
struct setting {
	uint32_t offset, value;
};

struct frame_case {
	const char *what;
	const uint8_t *dst;
	enum function_id from;
	uint16_t tag;
	struct setting settings[5];
};

static const struct { const char *name; const uint8_t *mac; } destinations[] = {
	{ "VF0", mac_of[VF0] }, { "VF1", mac_of[VF1] }, { "PF", mac_of[PF] },
	{ "nobody", mac_nobody }, { "all", mac_broadcast }, { "a group", mac_group },
};

#define VMOLR_OF(fn) (R_VMOLR + 4 * (fn))
#define OPEN	     (VMOLR_RESET | VMOLR_LPE | VMOLR_AUPE | VMOLR_BAM)
/* Where the addresses' hashes are: bits 47:36 of them (RCTL.MO 0). */
#define HASH_OF(a, b) (((a) >> 4 | (b) << 4) & 0xfff)
#define GROUP_HASH   HASH_OF(0x40, 0x07)
#define NOBODY_HASH  HASH_OF(0xee, 0x33)
#define GROUP_IN_MTA { R_MTA + 4 * (GROUP_HASH >> 5), BIT(GROUP_HASH & 31) }
#define NOBODY_IN_UTA { R_UTA + 4 * (NOBODY_HASH >> 5), BIT(NOBODY_HASH & 31) }
#define VLAN_5	     { R_VFTA, BIT(5) }
#define FILTER	     { R_RCTL, RCTL_RUNNING | RCTL_VFE }
#define POOLS_OF_5(pools) { R_VLVF, VLVF_ENABLE | (uint32_t)(pools) << 12 | 5 }
#define EXACT_GROUP(pools) { R_RAL + 8 * 5, 0x005e0001 }, \
	{ R_RAH + 8 * 5, 0x0740 | (uint32_t)(pools) << 18 | RAH_AV }

static const struct frame_case cases[] = {
	{ "no BAM, VF1: all", mac_broadcast, PF, 0, { { VMOLR_OF(VF1), OPEN & ~VMOLR_BAM } } },
	{ "group in MTA, ROMPE everywhere", mac_group, PF, 0, { GROUP_IN_MTA } },
	{ "group in MTA, not ROMPE: VF1", mac_group, PF, 0,
	  { GROUP_IN_MTA, { VMOLR_OF(VF1), OPEN } } },
	{ "group in MTA, from VF0", mac_group, VF0, 0, { GROUP_IN_MTA } },
	{ "group exact, VF1", mac_group, PF, 0, { EXACT_GROUP(BIT(VF1)) } },
	{ "group exact, both VFs", mac_group, PF, 0, { EXACT_GROUP(BIT(VF0) | BIT(VF1)) } },
	{ "group, MPME: VF1", mac_group, PF, 0, { { VMOLR_OF(VF1), OPEN | VMOLR_MPME } } },
	{ "nobody in UTA, ROPE: VF1", mac_nobody, PF, 0,
	  { NOBODY_IN_UTA, { VMOLR_OF(VF0), OPEN }, { VMOLR_OF(PF), OPEN },
	    { VMOLR_OF(VF1), OPEN | VMOLR_ROPE } } },
	{ "nobody in UTA, ROMPE: VF1", mac_nobody, PF, 0,
	  { NOBODY_IN_UTA, { VMOLR_OF(VF0), OPEN }, { VMOLR_OF(PF), OPEN },
	    { VMOLR_OF(VF1), OPEN | VMOLR_ROMPE } } },
	{ "nobody in UTA, ROPE and ROMPE: VF1", mac_nobody, PF, 0,
	  { NOBODY_IN_UTA, { VMOLR_OF(VF0), OPEN }, { VMOLR_OF(PF), OPEN },
	    { VMOLR_OF(VF1), OPEN | VMOLR_ROPE | VMOLR_ROMPE } } },
	{ "an address of two pools", mac_of[VF1], PF, 0,
	  { { R_RAH + 8 * VF1, 0x11a0 | 3u << 18 | RAH_AV } } },
	{ "an address that is not valid", mac_of[VF1], PF, 0,
	  { { R_RAH + 8 * VF1, 0x11a0 | 2u << 18 } } },
	{ "not AUPE, untagged: VF1", mac_of[VF1], VF0, 0,
	  { FILTER, { VMOLR_OF(VF1), OPEN & ~VMOLR_AUPE } } },
	{ "not AUPE, untagged, no filter: VF1", mac_of[VF1], VF0, 0,
	  { { VMOLR_OF(VF1), OPEN & ~VMOLR_AUPE } } },
	{ "filter off, tagged", mac_of[VF1], VF0, TAGGED | 5, { { 0, 0 } } },
	{ "filter on, tag unknown", mac_of[VF1], VF0, TAGGED | 5, { FILTER } },
	{ "in VFTA, in no pool", mac_of[VF1], VF0, TAGGED | 5, { FILTER, VLAN_5 } },
	{ "VLAN of VF1", mac_of[VF1], VF0, TAGGED | 5, { FILTER, VLAN_5, POOLS_OF_5(BIT(VF1)) } },
	{ "VLAN of VF0 only", mac_of[VF1], VF0, TAGGED | 5,
	  { FILTER, VLAN_5, POOLS_OF_5(BIT(VF0)) } },
	{ "VLVF without VFTA", mac_of[VF1], VF0, TAGGED | 5, { FILTER, POOLS_OF_5(BIT(VF1)) } },
	{ "VLVF not enabled", mac_of[VF1], VF0, TAGGED | 5,
	  { FILTER, VLAN_5, { R_VLVF, BIT(13) | 5 } } },
	{ "all in a VLAN of both VFs", mac_broadcast, PF, TAGGED | 5,
	  { FILTER, VLAN_5, POOLS_OF_5(BIT(VF0) | BIT(VF1)) } },
	{ "all in a VLAN of VF1", mac_broadcast, PF, TAGGED | 5,
	  { FILTER, VLAN_5, POOLS_OF_5(BIT(VF1)) } },
	{ "group in a VLAN of VF1", mac_group, PF, TAGGED | 5,
	  { FILTER, VLAN_5, POOLS_OF_5(BIT(VF1)), GROUP_IN_MTA } },
	{ "nobody in a VLAN of VF1", mac_nobody, PF, TAGGED | 5,
	  { FILTER, VLAN_5, POOLS_OF_5(BIT(VF1)) } },
	{ "VLAN 0", mac_of[VF1], VF0, TAGGED, { FILTER, { R_VFTA, BIT(0) },
	  { R_VLVF, VLVF_ENABLE | BIT(13) } } },
	{ "default pool VF1: nobody", mac_nobody, VF0, 0,
	  { { R_VT_CTL, VT_CTL_POOL(VF1) | VT_CTL_REPL } } },
	{ "no default pool: nobody", mac_nobody, VF0, 0,
	  { { R_VT_CTL, VT_CTL_POOL(PF) | VT_CTL_REPL | VT_CTL_DIS_DEF } } },
	{ "no replication: all", mac_broadcast, PF, 0, { { R_VT_CTL, VT_CTL_POOL(PF) } } },
	{ "VFRE without VF1", mac_of[VF1], PF, 0, { { R_VFRE, 5 } } },
	{ "VFRE without VF1: all", mac_broadcast, PF, 0, { { R_VFRE, 5 } } },
	{ "UPE", mac_nobody, VF0, 0, { { R_RCTL, RCTL_RUNNING | RCTL_UPE } } },
	{ "MPE: a group", mac_group, VF0, 0, { { R_RCTL, RCTL_RUNNING | RCTL_MPE } } },
};

static uint32_t
outside(bool wanted)
{
	return wanted ? RCTL_LBM : 0;
}

static void
send_case(struct port_under_test *port, const struct frame_case *c, bool from_outside)
{
	uint32_t before[RTE_DIM(c->settings)];
	unsigned int nb = 0;

	for (; nb < RTE_DIM(c->settings) && c->settings[nb].offset != 0; nb++) {
		uint32_t offset = c->settings[nb].offset;

		before[nb] = offset >= R_UTA ? 0 : reg_read(port, PF, offset);
		reg_write(port, PF, offset, c->settings[nb].value |
			  (offset == R_RCTL ? outside(from_outside) : 0));
	}
	frame_make(&frame, c->dst, mac_of[c->from], SOME_TYPE, 100);
	if (c->tag & TAGGED)
		frame_tag(&frame, c->tag & ~TAGGED);
	queue_send(port, c->from, &frame, NULL);
	receivers(port, c->what);
	while (nb-- > 0)
		reg_write(port, PF, c->settings[nb].offset, before[nb]);
}

static void
send_everywhere(struct port_under_test *port)
{
	static const char *const name[NB_FUNCTIONS] = { "VF0", "VF1", "PF" };
	char what[48];

	for (enum function_id from = 0; from < NB_FUNCTIONS; from++) {
		for (unsigned int i = 0; i < RTE_DIM(destinations); i++) {
			snprintf(what, sizeof(what), "%s to %s", name[from], destinations[i].name);
			send_case(port, &(struct frame_case){
				.what = what, .dst = destinations[i].mac, .from = from }, false);
		}
	}
}

static void
run_addresses(struct port_under_test *port)
{
	send_everywhere(port);
}

static void
run_no_switching(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	send_everywhere(port);
}

static void
run_addresses_outside(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_RUNNING | RCTL_LBM);
	send_everywhere(port);
}

static void
run_cases(struct port_under_test *port)
{
	for (unsigned int i = 0; i < RTE_DIM(cases); i++)
		send_case(port, &cases[i], false);
}

static void
run_cases_outside(struct port_under_test *port)
{
	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_RUNNING | RCTL_LBM);
	for (unsigned int i = 0; i < RTE_DIM(cases); i++)
		send_case(port, &cases[i], true);
}

/** Without pools: queue 0 gets what the filters let in. */
static void
run_no_pools(struct port_under_test *port)
{
	static const struct frame_case plain[] = {
		{ "its address", mac_of[PF], PF, 0, { { 0, 0 } } },
		{ "nobody", mac_nobody, PF, 0, { { 0, 0 } } },
		{ "nobody, UPE", mac_nobody, PF, 0, { { R_RCTL, RCTL_RUNNING | RCTL_UPE } } },
		{ "all", mac_broadcast, PF, 0, { { 0, 0 } } },
		{ "all, no BAM", mac_broadcast, PF, 0, { { R_RCTL, RCTL_RUNNING & ~RCTL_BAM } } },
		{ "a group", mac_group, PF, 0, { { 0, 0 } } },
		{ "a group, MPE", mac_group, PF, 0, { { R_RCTL, RCTL_RUNNING | RCTL_MPE } } },
		{ "a group, MTA", mac_group, PF, 0, { GROUP_IN_MTA } },
		{ "VLAN unknown", mac_of[PF], PF, TAGGED | 5, { FILTER } },
		{ "VLAN known", mac_of[PF], PF, TAGGED | 5, { FILTER, VLAN_5 } },
		{ "untagged, filter on", mac_of[PF], PF, 0, { FILTER } },
	};

	reg_write(port, PF, R_MRQC, 0);
	reg_write(port, PF, R_DTXSWC, 0);
	reg_write(port, PF, R_RCTL, RCTL_RUNNING | RCTL_LBM);
	for (unsigned int i = 0; i < RTE_DIM(plain); i++)
		send_case(port, &plain[i], true);
}

static const struct scenario scenarios[] = {
	{ .name = "switch: addresses", .state = PORT_RUNNING, .run = run_addresses },
	{ .name = "switch: off", .state = PORT_RUNNING, .run = run_no_switching },
	{ .name = "switch: addresses, from outside", .state = PORT_RUNNING,
	  .run = run_addresses_outside },
	{ .name = "switch: filters", .state = PORT_RUNNING, .run = run_cases },
	{ .name = "switch: filters, from outside", .state = PORT_RUNNING,
	  .run = run_cases_outside },
	{ .name = "no pools", .state = PORT_RUNNING, .run = run_no_pools },
};
const struct scenario_list switch_scenarios = { scenarios, RTE_DIM(scenarios) };
