/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file Frames, and queue pairs that send and receive them. */
#ifndef SLUICE_TEST_AGREE_FRAME_H
#define SLUICE_TEST_AGREE_FRAME_H

#include "agree.h"

#define NB_DESCRIPTORS	 32
#define RX_BUFFER_BYTES	 2048
#define TX_BUFFER_BYTES	 16384
#define FRAME_MAX	 9216

/** Of each function; the switch knows them. */
extern const uint8_t mac_of[NB_FUNCTIONS][6];
extern const uint8_t mac_nobody[6], mac_broadcast[6], mac_group[6];

struct frame {
	uint8_t data[FRAME_MAX];
	unsigned int bytes;
};

struct queue_setup {
	unsigned int nb_buffers;	/**< 0: as many as fit */
	uint32_t srrctl;		/**< 0: one buffer of 2 KB, drop if there is none */
	uint64_t head_at;		/**< where the Tx head is written; 0: nowhere */
};

/** Stops the pair first. */
void queue_start(struct port_under_test *port, enum function_id fn,
		 const struct queue_setup *setup);

/** What Tx descriptors say beside the frame. */
struct tx_request {
	uint32_t dcmd;		/**< further bits of DW2 of the data descriptor: VLE, TSE */
	uint32_t popts;		/**< IXSM, TXSM */
	bool context;		/**< a context descriptor goes before */
	uint32_t context_dw[4];
	uint16_t payload;	/**< PAYLEN, if not the frame's length */
	bool legacy;
	bool silent;		/**< without RS */
	unsigned int split;	/**< bytes of a first descriptor; 0: all in one */
};
#define DCMD_VLE BIT(30)
#define DCMD_TSE BIT(31)
#define POPTS_IXSM BIT(8)
#define POPTS_TXSM BIT(9)

/** Send now; what is written back is not looked at. */
void queue_send(struct port_under_test *port, enum function_id fn, const struct frame *frame,
		const struct tx_request *request);
/** The same; the last descriptor is observed as written back. */
void queue_send_observed(struct port_under_test *port, enum function_id fn,
			 const struct frame *frame, const struct tx_request *request,
			 const char *what);
/** Observe all that has arrived at a function: write-backs and a sum of the bytes. */
void queue_receive(struct port_under_test *port, enum function_id fn, const char *what);
/** Bytes of the frame in the function's @p number th descriptor from now; NULL: there is none. */
const uint8_t *queue_peek(const struct port_under_test *port, enum function_id fn,
			  unsigned int number);
/** How many descriptors have come back; they are not observed. */
unsigned int queue_count(struct port_under_test *port, enum function_id fn);
/** Observe how many frames each function has, a hexadecimal digit each, VF0's the last. */
void receivers(struct port_under_test *port, const char *what);

/* --- frame_make.c --- */

void frame_make(struct frame *frame, const uint8_t *dst, const uint8_t *src, uint16_t type,
		unsigned int bytes);
void frame_tag(struct frame *frame, uint16_t tci);

enum l4 { L4_NONE, L4_UDP, L4_TCP, L4_SCTP };
enum sum { SUM_GOOD, SUM_BAD, SUM_ZERO, SUM_PSEUDO, SUM_PSEUDO_NO_LENGTH };
struct packet {
	bool ipv6;
	enum l4 l4;
	enum sum l3_sum, l4_sum;
	uint16_t fragment;	/**< flags and offset, IPv4 */
	unsigned int payload;	/**< bytes behind L4's header */
	uint16_t source_port;
	bool tso;		/**< lengths that the device fills in are 0 */
	uint8_t tcp_flags;	/**< besides ACK */
};
void frame_packet(struct frame *frame, const uint8_t *dst, const uint8_t *src,
		  const struct packet *packet);

#endif /* SLUICE_TEST_AGREE_FRAME_H */
