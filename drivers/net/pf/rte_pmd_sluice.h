/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * The PF driver's mechanism for a control daemon: VF requests in, replies and pool settings out.
 * Interrupt moderation, which PF and VF ports have, is in rte_pmd_sluice_moderation.h.
 *
 * The driver decides nothing. A PF port serves its VFs from the moment it is started, by the
 * handler set here; or, while nobody has set one, by the plugin's default service (the defaults of
 * Linux's PF drivers), which begins at the port's probe. Stopping the port stops the PF's own
 * queues only; VFs run on until close.
 *
 * All functions: any thread, primary process, safe against each other (one lock per port). They
 * return 0 or -errno: -ENODEV no such port or not a net_sluice_pf port, -EINVAL no such VF or a
 * value out of range, -ENOSPC a table of the hardware is full, -EIO the device is gone.
 */
#ifndef RTE_PMD_SLUICE_H
#define RTE_PMD_SLUICE_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"
#include "pool_info.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What the plugin shows of itself. */
#define RTE_PMD_SLUICE_API __attribute__((visibility("default")))

/**
 * Events of one PF port. Called from the interrupt thread, or from rte_pmd_sluice_poll()'s
 * caller, never from two threads at once for the same port, and with no lock held: a handler may
 * call every function of this file. Members may be NULL.
 */
struct rte_pmd_sluice_handler {
	/** A request was copied out of the mailbox and acknowledged; the answer is
	 *  rte_pmd_sluice_send(). */
	void (*request)(uint16_t port_id, uint16_t vf, const struct mbx_msg *request, void *ctx);
	/** The VF went through FLR or set its reset bit, or the PF port was reset. Its data path
	 *  is off already. */
	void (*vf_reset)(uint16_t port_id, uint16_t vf, void *ctx);
	/** The PF's link changed. */
	void (*link)(uint16_t port_id, bool up, void *ctx);
	/**
	 * The device stopped a queue whose driver gave it what makes no sense. It stays stopped
	 * until the VF resets itself, or rte_pmd_sluice_malicious_release().
	 *
	 * @param queue  as the VF counts its queues
	 * @param cause  as the device tells it, for the log
	 */
	void (*malicious)(uint16_t port_id, uint16_t vf, uint16_t queue, uint32_t cause,
			  void *ctx);
};

/**
 * Take over the VFs of a port; handler NULL: give them back to the default service.
 *
 * Returns after the last call of the previous handler, unless called from within a handler: the
 * caller must not hold a lock that its handler takes.
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_set_handler(uint16_t port_id, const struct rte_pmd_sluice_handler *handler,
			       void *ctx);

/**
 * Look for events without an interrupt: the fallback, about every 100 ms.
 *
 * @return events handled, >= 0; 0 as well when the interrupt thread is at it and will handle them
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_poll(uint16_t port_id);

/** Number of VFs that the port serves, >= 0. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_vf_count(uint16_t port_id);

/**
 * How many VFs there are at the PF, whatever the port serves, and may be at most.
 *
 * The port goes over to another number by rte_eth_dev_reset(), which is to be followed by all that
 * it takes to start a port: the handler stays. VFs that are still there see a PF that went away and
 * came back.
 *
 * @return 0 or -errno
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_vf_limits(uint16_t port_id, uint16_t *enabled, uint16_t *most);

/** What a PCI address takes, as in "0000:01:10.0", and its end. */
#define RTE_PMD_SLUICE_PCI_BYTES 13

/**
 * The VF's PCI address by the PF's SR-IOV capability: also of a PF that sysfs does not know.
 *
 * @return 0; -ENOTSUP without such a capability, or -errno
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_vf_address(uint16_t port_id, uint16_t vf, char pci[RTE_PMD_SLUICE_PCI_BYTES]);

/** What the VFs speak: an enum mbx_dialect, >= 0. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_dialect(uint16_t port_id);

/**
 * Write a message into the VF's mailbox; does not wait for a VF that holds it locked.
 *
 * The answer to a request, written within the handler's call, is then kept and written as soon as
 * the VF lets go; it is dropped when the VF asks anew or is reset, or after a second, when a VF has
 * given up.
 *
 * @return -EBUSY if the VF holds it locked, and this is no answer; -EAGAIN if the VF's next request
 *         is in it already, and will be handed to the handler next
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_send(uint16_t port_id, uint16_t vf, const struct mbx_msg *message);

/** The longest that a VF is held off at a time. */
#define RTE_PMD_SLUICE_HOLD_MS_MAX 3600000

/**
 * Do not look at the VF's mailbox for a while, so that it costs its neighbours nothing.
 *
 * What it asks meanwhile waits; the last of it is handed to the handler afterwards. The reset of
 * its function is told of all the same, and ends this. From any thread, also in a handler.
 *
 * @param ms  0..RTE_PMD_SLUICE_HOLD_MS_MAX from now, instead of what was said before; 0: look again
 * @return 0; -EINVAL; or -errno: no alarm is to be had, and nothing has changed
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_hold_off(uint16_t port_id, uint16_t vf, uint32_t ms);

/** What a pool receives besides its own unicast addresses; or-ed together. */
enum rte_pmd_sluice_accept {
	RTE_PMD_SLUICE_ACCEPT_UNTAGGED = 1 << 0,
	RTE_PMD_SLUICE_ACCEPT_BROADCAST = 1 << 1,
	RTE_PMD_SLUICE_ACCEPT_MULTICAST = 1 << 2,	/**< by the multicast hashes set */
	RTE_PMD_SLUICE_ACCEPT_ALL_MULTICAST = 1 << 3,
	RTE_PMD_SLUICE_ACCEPT_ALL_UNICAST = 1 << 4,
	RTE_PMD_SLUICE_ACCEPT_LARGER = 1 << 5,	/**< frames beyond its own limit; see pool_ops.h */
};

/*
 * The pool of one VF: 0, or -errno; -ENOSPC when a table of the hardware is full. Nothing is
 * half-applied.
 */
/** Queues stopped and their registers zeroed, no filter, no VLAN, defaults of a new VF. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_reset(uint16_t port_id, uint16_t vf);
/** Let the pool's queues receive and send. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_enable(uint16_t port_id, uint16_t vf);
/** Stop them; filters and settings stay. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_disable(uint16_t port_id, uint16_t vf);
/** Receive what is sent to a unicast address too. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_add_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac);
/** No longer; -ENOENT: it is not there. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_remove_mac(uint16_t port_id, uint16_t vf, const struct mac_addr *mac);
/** Replaces the list; 12-bit hash values. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_multicast(uint16_t port_id, uint16_t vf, const uint16_t *hashes,
				      uint16_t nb);
/** @param accept  an or of enum rte_pmd_sluice_accept */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_accept(uint16_t port_id, uint16_t vf, uint32_t accept);
/** Receive what has this VLAN's tag too. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_add_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan);
/** No longer; -ENOENT: it is not there. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_remove_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan);
/** Tag all that the pool sends, strip what it receives; vlan 0: off. Filters untouched. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_port_vlan(uint16_t port_id, uint16_t vf, uint16_t vlan, uint8_t qos);
/** @param bytes  with CRC, without VLAN tag */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_max_frame(uint16_t port_id, uint16_t vf, uint32_t bytes);
/** Drop what the VF sends with a foreign source address or VLAN. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_spoof_check(uint16_t port_id, uint16_t vf, bool on);

/**
 * The fastest that the VF may send, over all of its queues. A pool's reset ends it.
 *
 * The device slows each queue, by a factor of the link's speed: the rate is divided by the queues
 * that the VF has running, and worked out anew when these or the speed change, at the next event or
 * poll. (82576 sheet, 8.9; 82599 sheet, 8.7)
 *
 * @param mbps  Mb/s, frames with CRC; 0: no limit. 82576: from 1, 82599 on: from 11; at most
 *              that of the fastest link, and above that of the link there is, no limit
 * @return -ENOTSUP: the device has no such limit (I350); -ERANGE
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_tx_rate(uint16_t port_id, uint16_t vf, uint32_t mbps);

#define RTE_PMD_SLUICE_MIRROR_NONE 0xffff	/**< nobody looks on */
#define RTE_PMD_SLUICE_MIRROR_PF   0xfffe	/**< the PF's own port does */

/**
 * Copies of what the VF receives, from the wire and from neighbours, go to another VF, or to the
 * PF's own port. A pool's reset ends its mirror; that of the one that looks on does not.
 *
 * What the VF sends is in the mirror of whoever receives it, and not in its own. (82576 sheet,
 * 8.11; 82599 sheet, 8.8)
 *
 * @param to  a VF, or RTE_PMD_SLUICE_MIRROR_*
 * @return -EINVAL: no such VF, or itself; -ENOSPC: a port's VFs may have four to look on, and
 *         another one has none left
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_mirror(uint16_t port_id, uint16_t vf, uint16_t to);

/**
 * While it is on, the PF's own port receives no broadcasts and groups, whatever its modes are: what
 * comes is to its own address, or a mirror's. Off as the port comes up. @return 0, -ENODEV, -EIO
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_only_mirrors(uint16_t port_id, bool on);

/**
 * Whether frames that find no descriptor in the VF's ring are dropped, as they are after a reset of
 * the pool. Off, the VF's own DROP_EN decides, and a ring that does not drop blocks the whole
 * port's receiver, neighbours included, until it has room. (82576 sheet, 3.4; 82599 sheet, 3.3)
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_set_drop(uint16_t port_id, uint16_t vf, bool on);

/**
 * Floor and ceiling of the interval between two interrupts of each of the VF's vectors, that of its
 * mailbox included. A VF that writes another one has it put right at the next event or poll; one
 * that was put right keeps it when the limit ends, until the VF writes its own. (82576 sheet, 6.4)
 *
 * @param min_us  microseconds, up to 8191; 0: none
 * @param max_us  likewise; not below the floor
 * @return -ENOTSUP: 82599 on, where it is not known which of the PF's EITR is a VF's; -ERANGE
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_limit_interrupts(uint16_t port_id, uint16_t vf, uint32_t min_us,
					 uint32_t max_us);

/** The pool as the hardware is set up. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_get_info(uint16_t port_id, uint16_t vf, struct pool_info *info);
/** @return -ENOTSUP where each pool has its own table and key */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_get_rss(uint16_t port_id, uint16_t vf, struct pool_rss *rss);

/** What the hardware counted for one VF since it was enabled. Octets include the CRC. */
struct rte_pmd_sluice_pool_stats {
	uint64_t rx_packets;	/**< received */
	uint64_t rx_bytes;	/**< of these */
	uint64_t tx_packets;	/**< sent */
	uint64_t tx_bytes;	/**< of these */
	uint64_t rx_multicast;	/**< received, of a group */
	uint64_t malicious;	/**< queues stopped as malicious; counted by the driver */
	/**
	 * How many events or polls found that it had spoofed since the one before; the device does
	 * not count a VF's frames, only the port's (port_tx_spoofed_packets). 0 from the 82599 on,
	 * which does not tell whose they were.
	 */
	uint64_t spoofed;
	uint64_t lock_taken;	/**< times the mailbox's lock was taken from the VF */
};

/** Counters since the pool was enabled. */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_stats(uint16_t port_id, uint16_t vf,
			      struct rte_pmd_sluice_pool_stats *stats);

/**
 * As rte_pmd_sluice_pool_stats(), but as last read: no register is read, so that who looks often
 * costs nothing. The driver of a started port reads octets once a second, frames less often.
 *
 * @return 0; -ENODEV, -EINVAL
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_pool_stats_last(uint16_t port_id, uint16_t vf,
				   struct rte_pmd_sluice_pool_stats *stats);

/**
 * Whether frames from one pool to another stay inside the NIC, as they do at first. Off, all frames
 * leave by the wire, and reach a neighbour only if a switch sends them back (VEPA). One switch for
 * the whole port: no hardware of this driver's has one per pool. Kept over resets of the port.
 *
 * @return -ENOTSUP: on, without VFs
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_loopback(uint16_t port_id, bool on);

/**
 * Storm control: broadcast, or multicast, above so much in a tenth of a second reaches no pool
 * until that is over; it still leaves by the wire. One limit for the whole port, from the wire and
 * from VFs. Kept over resets of the port. (82576 sheet, 8.10)
 *
 * @param broadcast_kbps  kbit/s, up to 1000000; 0: no limit
 * @param multicast_kbps  likewise
 * @return -ENOTSUP: the device has none (82599 on), or no VFs; -ERANGE
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_storm_control(uint16_t port_id, uint32_t broadcast_kbps,
				 uint32_t multicast_kbps);

/**
 * Malicious-driver detection of all VFs, off unless the device argument mdd=on says otherwise.
 * Switching it off lets all stopped queues run on.
 *
 * On an X550 it stops DPDK's own VF driver up to 24.11, which never sets CC in its descriptors.
 *
 * @return -ENOTSUP: the device has none
 */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_malicious_detect(uint16_t port_id, bool on);

/** Let the VF's stopped queues run on. @return -ENOTSUP: the device has no such detection */
RTE_PMD_SLUICE_API
int rte_pmd_sluice_malicious_release(uint16_t port_id, uint16_t vf);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PMD_SLUICE_H */
