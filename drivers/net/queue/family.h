/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * What differs between hardware families, as data; for queues and vectors, seen from PF or VF.
 *
 * A family is a row: family_82576.c holds the constants of the 82576 and names the section of its
 * data sheet. Nothing outside family_*.c may ask which family it is.
 */
#ifndef SLUICE_FAMILY_H
#define SLUICE_FAMILY_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "reg.h"

/** Queue registers: a block per queue, in two banks where the index splits. */
struct queue_bank {
	uint32_t base;		/**< byte offset of queue 0 */
	uint32_t high_base;	/**< byte offset of queue `split` */
	uint16_t split;		/**< first queue of the high bank; == count where there is none */
	uint16_t count;
	uint16_t stride;	/**< bytes from one block to the next */
};

/* Offsets inside a block, the same in all families, PF and VF. */
enum rxq_reg {
	RXQ_RDBAL = 0x00,
	RXQ_RDBAH = 0x04,
	RXQ_RDLEN = 0x08,
	RXQ_RDH = 0x10,
	RXQ_RDT = 0x18,
	RXQ_RXDCTL = 0x28,
};

enum txq_reg {
	TXQ_TDBAL = 0x00,
	TXQ_TDBAH = 0x04,
	TXQ_TDLEN = 0x08,
	TXQ_TDH = 0x10,
	TXQ_TDT = 0x18,
	TXQ_TXDCTL = 0x28,
	TXQ_TDWBAL = 0x38,
	TXQ_TDWBAH = 0x3c,
};

#define QUEUE_ENABLE BIT(25)	/* RXDCTL, TXDCTL: both families */

/** Frames whose L4 checksum error may be a false alarm. */
struct false_alarm {
	uint32_t types;		/**< of one of these packet types (RXD_TYPE_*); 0: none */
	uint16_t bytes;		/**< and of this length; 0: of any */
};

/** What a frame to be cut into segments (TSO) must keep to. */
struct tso_limits {
	uint32_t max_bytes;	/**< in all */
	uint16_t max_header;	/**< L2, L3 and L4 headers together */
	uint16_t min_segment, max_segment;	/**< payload bytes of a segment */
};

/** The thresholds of RXDCTL or TXDCTL that an application may choose. */
struct ring_thresholds {
	uint32_t prefetch, host;	/**< field masks; 0: there is none */
	uint8_t prefetch_max, host_min;
};

/** MSI-X vectors: 0 is the mailbox's and the link's, the others are for Rx queues. */
struct vectors {
	uint16_t count;		/**< entries of the function's table */
	/* Where PF and VFs share EICR: its bits, and how many a VF takes of them; else 0. */
	uint16_t cause_bits, vf_cause_bits;
	uint32_t enable, disable;	/**< EIMS and EIMC: a bit each, 32 to a register */
	/**
	 * IVAR, of which each register has two queues, a byte for Rx and for Tx each: q and q + 1;
	 * or q and q + ivar_apart.
	 */
	uint32_t ivar;
	uint16_t ivar_apart;
	struct queue_bank throttle;	/**< EITR */
	uint32_t slow_tick_ns;	/**< EITR's unit below 1 Gb/s */
	uint32_t keep_counter;	/**< in EITR: an interval that has begun ends as it would have */
	uint32_t counter;	/**< field mask there: what is left of it, without keep_counter; */
	uint32_t counter_ticks;	/**< in as many units of the interval */
	/** EICR: a 1 forgets the cause of one of the first vectors, and does nothing else. */
	uint32_t acknowledge;
	uint16_t nb_acknowledge;	/**< how many; 0: of none, it would mask others too */
};

#define IVAR_VALID 0x80

/** How many queues a port has. */
struct queue_numbers {
	uint16_t rx, tx;
};

/** The queues and vectors of one function (PF or VF) of one family. */
struct family {
	const char *name;
	struct queue_bank rxq, txq;
	uint8_t rxq_srrctl;		/**< SRRCTL's offset inside an Rx block */
	uint8_t rxq_dropped;		/**< drop counter's offset there; read clears; 0: none */
	uint32_t rxq_dropped_count;	/**< field mask */
	uint32_t srrctl_drop_en;	/**< drop instead of stalling the port */
	uint32_t srrctl_buffer_kb;	/**< field mask: packet buffer size in KB */
	uint32_t srrctl_one_buffer;	/**< value: advanced descriptor, one buffer */
	uint32_t srrctl_low_threshold;	/**< field mask: few free descriptors (RDMTS) */
	uint16_t low_threshold_unit;	/**< of it, in descriptors */
	uint16_t buffer_kb_max;		/**< largest useful packet buffer: holds any frame */
	bool rx_always_drop;		/**< a queue must not stall other functions of the port */
	uint32_t rxd_errors;		/**< Rx write-back, DW2: bits that make a frame worthless */
	uint32_t rxd_sum_errors;	/**< there, two bits: wrong L4 sum, wrong IPv4 sum */
	uint32_t rxd_sums_void;		/**< there: no checksum was looked at; 0: no such bit */
	uint32_t rxd_vlan_swapped;	/**< there: the tag's bytes are swapped; 0: never */
	uint32_t rxd_type_void;		/**< DW0: with one of these, types mean other things */
	uint32_t rxd_type_tunnel;	/**< with this one, of a frame in a tunnel; 0: never */
	uint32_t rxd_outer_wrong;	/**< DW2: all of these: its outer IPv4 sum is wrong */
	struct false_alarm rxd_false_alarm;
	uint32_t rxdctl_thresholds;	/**< default value written beside QUEUE_ENABLE */
	uint32_t txdctl_thresholds;
	struct ring_thresholds rxdctl_choice, txdctl_choice;
	/* RTE_ETH_RX_OFFLOAD_*, RTE_ETH_TX_OFFLOAD_*: of each queue, */
	uint64_t rx_queue_offloads, tx_queue_offloads;
	uint64_t rx_alone_offloads;	/**< and of a PF without VFs: they would share it */
	bool insert_needs_strip;	/**< such a port inserts tags only if it also strips them */
	struct tso_limits tso;
	/* A queue's own frame limit: field mask and switch; 0: the pool or the port has it. */
	uint32_t rxdctl_max_frame, rxdctl_max_frame_enable;
	uint32_t rxdctl_strip_vlan;	/**< take tags off; 0: the pool's matter */
	/* DCA control's offset inside a block, and its bits that let writes overtake; 0: none. */
	uint8_t rxq_dca, txq_dca;
	uint32_t rxq_relaxed, txq_relaxed;
	/** The context descriptor that frames without offloads refer to; word 2 is 0: none. */
	uint32_t txd_default_context[4];
	uint32_t txd_status;		/**< in word 3 of every Tx data descriptor */
	/* In word 2: insert the sum of a tunnel's outer IPv4 header too; the tunnel is NVGRE. */
	uint32_t txd_outer_sum, txd_nvgre;
	uint16_t max_queues;		/**< Rx = Tx pairs this function may use */
	struct queue_numbers alone;	/**< a PF without VFs: block 0 and up */
	uint16_t queue_step;		/**< from a port's queue i to i + 1, in register blocks */
	uint16_t nb_desc_min, nb_desc_max, nb_desc_align;
	uint32_t max_frame_bytes;	/**< with CRC and VLAN tag */
	uint16_t min_tx_bytes;		/**< shortest frame, without CRC, that the MAC pads */
	uint16_t max_tx_segments;	/**< mbufs of one frame */
	uint16_t max_tx_buffer;		/**< bytes of one mbuf */
	uint16_t max_rs_thresh;		/**< descriptors until one must report; 0: any number */
	struct vectors vectors;
	uint32_t eitr_interval;		/**< field mask */
	uint32_t eitr_tick_ns;
};

/** A register of queue @p q's block. */
static inline struct reg
queue_reg(const struct queue_bank *bank, uint16_t q, uint32_t reg_in_block)
{
	uint32_t block = q < bank->split ?
			bank->base + (uint32_t)q * bank->stride :
			bank->high_base + (uint32_t)(q - bank->split) * bank->stride;

	assert(q < bank->count);
	return (struct reg){ block + reg_in_block };
}

extern const struct family family_82576_pf;
extern const struct family family_82576_vf;
extern const struct family family_i350_pf;
extern const struct family family_i350_vf;
extern const struct family family_82599_pf;
extern const struct family family_82599_vf;
extern const struct family family_x540_pf;
extern const struct family family_x540_vf;
extern const struct family family_x550_pf;
extern const struct family family_x550_vf;
extern const struct family family_x550em_a_vf;

#endif /* SLUICE_FAMILY_H */
