/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/** @file What the files of ops_test share: ports of two devices, and their registers. */
#ifndef SLUICE_TEST_OPS_H
#define SLUICE_TEST_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

/** ALONE has no VFs, and hears what it sends; PF and its VFs have a wire that leads nowhere. */
enum { ALONE, PF, VF0, VF1, NB_PORTS };

#define OPS_RING 32

/** What is known of a family's registers from its sheet. */
struct ops_family {
	const char *name;
	uint32_t rx_pause, rx_pause_bit;	/**< where PAUSE is switched on */
	uint32_t tx_pause, tx_pause_bit;
	uint32_t led, led_mask, led_on, led_off;
	uint32_t water_unit;
	uint32_t max_frame;			/**< of the port: bits 31:16; 0: of each pool */
	bool counts_unsupported;		/**< PAUSE that is not heeded */
	bool negotiates;			/**< PAUSE, with the model's cable */
	bool shares_frame;			/**< one frame size for all pools */
	bool has_tag_type;			/**< the tag's ethertype can be set */
	uint32_t vxlan_port;			/**< where VXLAN's UDP port is; 0: nowhere */
	bool all_by_hash;			/**< promiscuous VFs use the unicast hash table */
};

struct ops_rig {
	const struct ops_family *family;
	struct rte_mempool *pool;
	uint16_t port[NB_PORTS];
};
extern struct ops_rig rig;

/** Stopped, configured with one queue each way, and started. */
void ops_start(unsigned int which, uint16_t mtu);
void ops_start_as(unsigned int which, const struct rte_eth_conf *conf);
volatile uint32_t *ops_register(unsigned int which, uint32_t offset);
uint64_t ops_xstat(unsigned int which, const char *name);
/** A frame of that many bytes, zeros but for its header. */
struct rte_mbuf *ops_frame(const struct rte_ether_addr *dst, uint16_t etype, uint32_t bytes);
/** From the port's own address. */
void ops_send(unsigned int from, struct rte_mbuf *m);
/** @return NULL: none came within a while; or, with @p patient, for long */
struct rte_mbuf *ops_receive(unsigned int to, bool patient);
/** Throw away what has come. */
void ops_drain(unsigned int which);

/* ops_flow.c */
void flow_control_is_off_at_first(void **state);
void flow_control_is_kept(void **state);
void flow_control_that_makes_no_sense(void **state);
void flow_control_is_agreed_on(void **state);
void pause_is_heeded(void **state);
void pause_is_sent(void **state);

/* ops_tunnel.c */
void tunnel_ports_come_and_go(void **state);
void tunnel_ports_outlast_a_reset(void **state);

/* ops_frames.c */
void mtu_changes_while_vfs_run(void **state);
void a_vf_of_old_gets_no_jumbo_frames(void **state);
void a_vfs_counts_as_last_read_are_free(void **state);

/* ops_hash.c */
void unicast_passes_by_hash(void **state);
void unicast_passes_to_promiscuous_vfs(void **state);
void a_port_alone_has_no_unicast_hash(void **state);
void an_address_gets_another_pool(void **state);

#endif /* SLUICE_TEST_OPS_H */
