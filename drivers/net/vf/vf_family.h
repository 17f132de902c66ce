/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What differs between the VFs of the hardware families, besides their queues: as data.
 */
#ifndef SLUICE_VF_FAMILY_H
#define SLUICE_VF_FAMILY_H

#include <stdint.h>

#include "family.h"
#include "queue_rss.h"
#include "reg_dump.h"

struct vf_dialect;

/** A hardware counter: 32 bits, wraps, is not cleared by reading. */
struct vf_counter {
	const char *name;	/**< as an extended statistic */
	struct reg reg;
};

struct vf_family {
	const struct family *queues;
	const struct vf_dialect *dialect;	/**< what its PF understands (vf.h) */

	struct reg control;
	uint32_t control_reset;

	struct reg status;		/**< never all ones on a device that is there */
	bool status_may_be_0;		/**< 0 is not the sign of a device that is gone */
	unsigned int reset_us;		/**< what its own reset takes */
	struct reg link;		/**< where the link is reported */
	uint32_t link_up;
	uint32_t link_full_duplex;	/**< 0: there is no other */
	uint32_t link_speed;		/**< field mask */
	uint32_t speeds[4];		/**< Mb/s, by the field's value */
	uint32_t link_other_speed;	/**< bit: the next table holds; 0: there is none */
	uint32_t other_speeds[4];
	uint32_t speed_capa;		/**< RTE_ETH_LINK_SPEED_* */

	struct reg mailbox;		/**< V2PMAILBOX */
	struct reg mailbox_memory;	/**< first word of the buffer */

	struct reg header_split;	/**< 0: no header split */
	uint32_t spread;		/**< field there: log2 of the Rx queues in use; 0: none */
	const struct rss_regs *rss;	/**< without entries: the port's; NULL: there is none */
	uint16_t port_rss_entries;	/**< of a table that the PF may tell; 0: it cannot */
	bool tells_queues;		/**< the PF spreads once it hears of the second queue */

	/* Vectors: a bit each. */
	struct reg vector_cause, vector_auto_clear, vector_auto_mask;
	struct reg mailbox_vector;
	uint32_t mailbox_vector_valid;	/**< or-ed to the vector's number */

	const struct vf_counter *counters;
	uint8_t nb_counters;

	uint16_t max_mac_addrs;		/**< own address included */
	struct reg_ranges dump;		/**< registers beside those of the queues */
};

#define VF_COUNTERS_MAX 16

extern const struct vf_family vf_family_82576;
extern const struct vf_family vf_family_i350;
extern const struct vf_family vf_family_82599;
extern const struct vf_family vf_family_x540;
extern const struct vf_family vf_family_x550;
extern const struct vf_family vf_family_x550em_a;

#endif /* SLUICE_VF_FAMILY_H */
