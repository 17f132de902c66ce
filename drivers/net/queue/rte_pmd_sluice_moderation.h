/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * How far apart the interrupts of an Rx queue are kept, and what does not wait for that; for ports
 * of net_sluice_pf and net_sluice_vf. A mechanism only: when to use which interval is the caller's
 * to know.
 */
#ifndef RTE_PMD_SLUICE_MODERATION_H
#define RTE_PMD_SLUICE_MODERATION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Interrupt moderation of one Rx queue. Times are in nanoseconds. */
struct rte_pmd_sluice_moderation {
	/** At least this long from one interrupt to the next, as the device keeps it; 0: none. */
	uint32_t interval_ns;
	/** Intervals are multiples of it. Below 1 Gb/s it is ten times as long on 82599 and on. */
	uint32_t granularity_ns;
	uint32_t max_ns;	/**< the longest interval */
	/** MSI-X vector of the queue. Queues with the same one share its interrupt and interval. */
	uint16_t vector;
};

/**
 * The moderation of an Rx queue that is configured.
 *
 * Any thread of the primary process.
 * @return 0; -ENODEV no such port, or of another driver; -EINVAL no such queue; -ENOTSUP the port
 *         was configured without Rx interrupts
 */
__attribute__((visibility("default")))
int rte_pmd_sluice_moderation_get(uint16_t port_id, uint16_t queue_id,
				  struct rte_pmd_sluice_moderation *moderation);

/**
 * Keep interrupts of an Rx queue @p interval_ns apart; rounded down, that is to more interrupts.
 *
 * It costs one register write if the port is started, and takes effect from the next interrupt on.
 * It outlasts stop, start, configuration and reset of the port. Any thread of the primary process;
 * of two at a time one is the last.
 *
 * @param interval_ns  0, or less than the granularity: no moderation
 * @return as rte_pmd_sluice_moderation_get(); -ERANGE longer than max_ns
 */
__attribute__((visibility("default")))
int rte_pmd_sluice_moderation_set(uint16_t port_id, uint16_t queue_id, uint32_t interval_ns);

/**
 * At how many free descriptors an Rx queue interrupts at once, whatever its interval is.
 *
 * The device counts the descriptors that it may still fill; as a frame takes their number down to
 * the threshold, and not again before it was above it, the queue's vector, if it is armed, sends
 * its interrupt without regard to the interval, which begins anew. That limits what a long interval
 * can lose when the load rises: *@p free_descriptors frames may yet come while the interrupt is
 * served. The drivers set it by themselves where Rx interrupts are configured, to half of the ring
 * or the most that the device knows (82576, I350: multiples of 16 to 496; 82599 and on: of 64 to
 * 448). It is for a ring whose buffers the application gives back in time: those that a queue holds
 * back (rx_free_thresh) are not the device's.
 *
 * Any thread of the primary process. Source: SRRCTL.RDMTS in Intel's public data sheets of 82576
 * and 82599; not seen on silicon. QEMU's 82576 has no such interrupt, and cannot be told from one
 * that has.
 *
 * @param[out] free_descriptors  1 to half of the ring
 * @return 0; -ENODEV no such port, or of another driver; -EINVAL no such queue; -ENOTSUP the port
 *         was configured without Rx interrupts, the queue is not set up, or its ring has fewer
 *         descriptors than twice the unit
 */
__attribute__((visibility("default")))
int rte_pmd_sluice_rx_low_threshold_get(uint16_t port_id, uint16_t queue_id,
					uint16_t *free_descriptors);

/**
 * Forget what came before: frames that were polled while the interrupt was masked have left a cause
 * behind, which else interrupts once for nothing. Poll after it, as after any arming.
 */
#define RTE_PMD_SLUICE_ARM_ACKNOWLEDGE UINT32_C(1)
/**
 * The interval counts from now, not from the interrupt before: the ring is empty now. Without an
 * interval it does nothing. It may be shorter, once, by less than 8.192 us.
 */
#define RTE_PMD_SLUICE_ARM_RESTART UINT32_C(2)

/**
 * Arm the interrupt of an Rx queue, as rte_eth_dev_rx_intr_enable() does, with more to it.
 *
 * One register write, and one more for each flag. Queues that share a vector share all of it:
 * then forgetting is not for who cannot poll them all afterwards.
 *
 * Any thread of the primary process. Sources: 82576 sheet, 6.1 and 6.4; 82599 sheet, 6.1, 6.3 and
 * 6.4; how EITR's counter is scaled is derived from its width (doc/registers.md). QEMU's 82576
 * takes no notice of the counter.
 *
 * @param flags  RTE_PMD_SLUICE_ARM_ACKNOWLEDGE, RTE_PMD_SLUICE_ARM_RESTART, both or 0
 * @return 0, and else nothing was written: -ENODEV no such port, or of another driver; -EINVAL no
 *         such queue or flag; -EIO the device is gone; -ENOTSUP the port was configured without Rx
 *         interrupts, or to acknowledge with an 82576, an I350, or a vector of an 82599's or later
 *         PF from 16 on
 */
__attribute__((visibility("default")))
int rte_pmd_sluice_rx_interrupt_arm(uint16_t port_id, uint16_t queue_id, uint32_t flags);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PMD_SLUICE_MODERATION_H */
