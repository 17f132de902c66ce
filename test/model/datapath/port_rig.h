/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A port without registers for tests and the benchmark: a family of made-up numbers, its state set
 * by hand, rings in this process's memory, and a wire that keeps what it is given.
 */
#ifndef MODEL_PORT_RIG_H
#define MODEL_PORT_RIG_H

#include "datapath.h"
#include "wire.h"

#define RIG_QUEUES_PER_POOL 2
#define RIG_FRAME_BYTES	    16384
/* From one buffer to the next: not a power of two, which would share few sets of the caches. */
#define RIG_RX_STRIDE	    2304
#define RIG_TX_STRIDE	    (RIG_FRAME_BYTES + 192)
#define RIG_KEPT	    256
#define RIG_ERROR_L4	    (1u << 30)
#define RIG_ERROR_IP	    (1u << 31)
#define RIG_ERROR_RXE	    (1u << 29)
#define RIG_LOOPBACK	    (1u << 18)
#define RIG_IP_ID	    (1u << 9)

/* Of data descriptors. */
#define TXD_DATA (3u << 20 | 1u << 29)
#define TXD_EOP	 (1u << 24)
#define TXD_RS	 (1u << 27)
#define TXD_DEXT (1u << 29)
#define TXD_VLE	 (1u << 30)
#define TXD_TSE	 (1u << 31)
#define TXD_IC	 (1u << 26)
#define STA_CC	 (1u << 7)
#define STA_IXSM (1u << 8)
#define STA_TXSM (1u << 9)
/* Of write-backs. */
#define RXD_DD	  (1u << 0)
#define RXD_EOP	  (1u << 1)
#define RXD_VP	  (1u << 3)
#define RXD_UDPCS (1u << 4)
#define RXD_L4CS  (1u << 5)
#define RXD_IPCS  (1u << 6)
#define RXD_PIF	  (1u << 7)

struct kept_frame {
	uint32_t len;
	uint8_t data[RIG_FRAME_BYTES];
};

/** Keeps what is sent; hands out what is put in. */
struct rig_wire {
	struct wire wire;
	struct kept_frame sent[RIG_KEPT], in[RIG_KEPT];
	unsigned int nb_sent, nb_in, next_in;
	/** What a sender does while its frames are on their way; NULL: nothing. */
	void (*meanwhile)(void);
};

struct rx_ring {
	struct rx_queue *q;
	uint64_t *desc;
	uint8_t *buffers;
	uint32_t next;		/**< to be looked at */
};

struct tx_ring {
	struct tx_queue *q;
	uint64_t *desc;
	uint8_t *buffers;
	uint32_t next;		/**< to be filled */
};

struct rig {
	struct nic *nic;
	struct nic_family family;
	struct rig_wire *wire;
	struct rx_ring rx[NIC_QUEUES_MAX];
	struct tx_ring tx[NIC_QUEUES_MAX];
};

/** What the family was told. */
struct rig_causes {
	unsigned int rx[NIC_QUEUES_MAX], tx[NIC_QUEUES_MAX], missed, mdd_rx, mdd_tx;
	unsigned int rx_low[NIC_QUEUES_MAX];	/**< of rx */
};
extern struct rig_causes rig_causes;

/** A frame out of a ring. */
struct received {
	uint8_t data[RIG_FRAME_BYTES];
	uint32_t len, descriptors;
	uint32_t info, hash, status;	/**< of the last descriptor */
	uint16_t vlan;
};

/** @param wire  NULL: one that keeps */
struct rig *rig_create(struct wire *wire);
void rig_free(struct rig *rig);

/** For cmocka: a rig whose wire keeps is the test's state; and the end of any rig that is. */
int rig_setup(void **state);
int rig_teardown(void **state);
#define RIG_TEST(test, setup) cmocka_unit_test_setup_teardown(test, setup, rig_teardown)

/** Pool @p p is on; with queue 2p, untagged frames and broadcast. */
struct pool *rig_pool(struct rig *rig, unsigned int p);
/** Row @p i: that address belongs to these pools. */
void rig_address(struct rig *rig, unsigned int i, const uint8_t mac[MAC_LEN], uint64_t pools);
void rig_vlan(struct rig *rig, unsigned int i, uint16_t vid, uint64_t pools);
/** Several pools, switch on, address i of rig_mac() to pool i, untagged. */
void rig_virtualise(struct rig *rig, unsigned int nb_pools);
const uint8_t *rig_mac(unsigned int p);

struct rx_ring *rig_rx(struct rig *rig, unsigned int q, struct function *owner, uint32_t nb_desc);
struct tx_ring *rig_tx(struct rig *rig, unsigned int q, struct function *owner, uint32_t nb_desc);

/** Give the hardware @p nb more descriptors. */
void rx_give(struct rx_ring *ring, uint32_t nb);
/** @return false: there is no complete frame */
bool rx_take(struct rx_ring *ring, struct received *received);

void tx_put(struct tx_ring *ring, const void *data, uint32_t bytes, uint32_t cmd, uint32_t sta);
void tx_put_raw(struct tx_ring *ring, uint64_t low, uint64_t high);
void tx_put_context(struct tx_ring *ring, const struct tx_context *context, unsigned int index);
/** One frame, one descriptor, RS. */
void tx_frame(struct tx_ring *ring, const void *data, uint32_t bytes);
/** Ring the bell. */
void tx_bell(struct tx_ring *ring);
bool tx_done(const struct tx_ring *ring, uint32_t index);

/** From the wire at the next poll. */
void rig_arrives(struct rig *rig, const void *data, uint32_t len);
void rig_poll(struct rig *rig);
void rig_poll_budget(struct rig *rig, unsigned int budget);

#endif /* MODEL_PORT_RIG_H */
